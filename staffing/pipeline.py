"""The steps in their order: history → forecast → requirement → Plan."""

from __future__ import annotations

from pathlib import Path

from forecast.engine import Engine, Serial
from staffing.audit import short_audit
from staffing.config import read_staffed_config
from staffing.inputs import unchanged
from staffing.month import Clock, read_known, staff_month
from staffing.plan import Plan, fingerprint
from staffing.progress import Progress
from staffing.requirement.alternatives import alternatives_for
from staffing.resume import Resumed


def plan_month(
    config_path: Path,
    month: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    *,
    resume: bool = False,
) -> Plan:
    """
    Turn a plan.toml into a plan.

    Parameters
    ----------
    config_path : Path
        The plan.toml; its paths are relative to it.
    month : str, optional
        First month to plan, YYYY-MM, instead of the config's. Only the history
        before it is used.
    progress : callable, optional
        Told of each queue's steps as they are begun.
    engine : Engine, optional
        Where queues are forecast: by default here, one after the other.
    resume : bool
        Take the queues that a broken-off run of the same inputs had forecast.

    Raises
    ------
    ConfigError
        The configuration is wrong, names queues that the history lacks, or leaves
        every queue closed.
    TableError
        The history is wrong, changes while it is read, or is too short for every
        queue.
    """
    clock = Clock()
    with unchanged(read_staffed_config(config_path), config_path) as sources:
        config, known = read_known(
            config_path, month, progress=progress, engine=engine, clock=clock
        )
    run = fingerprint(known.month, sources)
    keeping = Resumed(engine or Serial(), run, config.timezone, again=resume)
    staffed = staff_month(config, known, progress=progress, engine=keeping, clock=clock)
    requirement, rules = staffed.requirement, staffed.rules
    full_time_h = config.staffing.full_time_h
    monthly = staffed.monthly(full_time_h)
    alternatives = alternatives_for(
        requirement,
        staffed.forecast,
        staffed.bands,
        rules,
        patience_s=config.patience_s(staffed.patience),
        full_time_h=full_time_h,
    )
    clock.stop("alternatives")
    verdict = short_audit(
        requirement,
        staffed.forecast,
        rules.pools,
        targets=rules.targets,
        patience_s=rules.patience_of_pools_s,
        known_patience_s=config.patience_s(staffed.patience),
        seed=config.seed,
    )
    clock.stop("audit")
    rostered = None
    if config.roster is not None:
        from staffing.roster.month import Days, roster_days  # loads the solver

        rostered = roster_days(
            config,
            config_path.parent,
            requirement,
            staffed.forecast,
            rules,
            Days(*config.span(known.month)),
            patience_s=config.patience_s(staffed.patience),
            progress=progress,
        )
        clock.stop("roster")
    return Plan(
        month=known.month,
        forecasts=staffed.forecasts,
        failed=staffed.failed,
        forecast=staffed.forecast,
        requirement=requirement,
        monthly=monthly,
        rules=rules,
        patience=staffed.patience,
        known_patience_s=config.patience_s(staffed.patience),
        chances=staffed.chances,
        alternatives=alternatives,
        audit=verdict,
        warnings=staffed.warnings,
        sources=sources,
        parameters=config.model_dump(mode="json", by_alias=True),
        timings_s=clock.seconds,
        rostered=rostered,
    )
