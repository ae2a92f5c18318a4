"""The steps in their order: history → forecast → requirement → Plan."""

from __future__ import annotations

from pathlib import Path

from forecast.engine import Engine
from forecast.errors import ConfigError
from staffing.audit import short_audit
from staffing.config import read_staffed_config
from staffing.config.values import check_month
from staffing.inputs import month_after, read_rows, sources_of, with_volumes
from staffing.month import Clock, known_before, staff_month
from staffing.plan import Plan
from staffing.progress import Progress
from staffing.requirement import monthly_for
from staffing.requirement.alternatives import alternatives_for
from staffing.requirement.pools import pooled
from staffing.requirement.returning import with_own_returns


def plan_month(
    config_path: Path,
    month: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
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

    Raises
    ------
    ConfigError
        The configuration is wrong, names queues that the history lacks, or leaves
        every queue closed.
    TableError
        The history is wrong, or too short for every queue.
    """
    clock = Clock()
    config = read_staffed_config(config_path)
    if month is not None:
        try:
            check_month(month)
        except ValueError as error:
            raise ConfigError(f"--month: {error}.") from error
    clock.stop("config")
    history_path = config_path.parent / config.history
    reading = read_rows(config, history_path)
    config = with_volumes(config, config_path.parent, reading)
    month = month or config.month or month_after(reading.frame)
    known = known_before(config, reading, month, history_path.name)
    clock.stop("history")
    staffed = staff_month(config, known, progress=progress, engine=engine, clock=clock)
    requirement, rules = staffed.requirement, staffed.rules
    full_time_h = config.staffing.full_time_h
    of_pools = pooled(staffed.bands, rules.pools)
    monthly = monthly_for(
        requirement, of_pools, rules.shrinkage, full_time_h=full_time_h
    )
    if rules.returning:
        monthly = with_own_returns(monthly, of_pools)
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
            Days(*config.span(month)),
            patience_s=config.patience_s(staffed.patience),
            progress=progress,
        )
        clock.stop("roster")
    return Plan(
        month=month,
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
        sources=sources_of(config, config_path),
        parameters=config.model_dump(mode="json", by_alias=True),
        timings_s=clock.seconds,
        rostered=rostered,
    )
