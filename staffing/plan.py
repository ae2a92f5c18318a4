"""A plan: the tables of one run, what they were made from and what went wrong."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import forecast
from forecast.cache import code_of
from forecast.errors import Finding, unreadable
from forecast.files import regular
from forecast.run import QueueForecast
from staffing.config.profiles import rules_file
from staffing.patience import OfPools, Patience
from staffing.requirement import Rules
from staffing.requirement.chance import Chances
from staffing.requirement.pools import member_kpis

if TYPE_CHECKING:
    from staffing.roster.month import Rostered

PACKAGES = (
    *("staffcast", "numpy", "scipy", "pandas", "numba", "holidays", "tzdata"),
    *("matplotlib", "ortools", "icalendar", "xlsxwriter"),
)


def versions() -> dict[str, str]:
    """What a run was made with: Python and the packages that matter."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in PACKAGES
    }


def peak_memory_mb() -> float | None:
    """Most memory of the process or one that it started; None on Windows. [MB]"""
    if platform.system() == "Windows":
        return None
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

    most = max(getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return round(most / (1e6 if platform.system() == "Darwin" else 1e3), 1)


def cost(timings_s: Mapping[str, float]) -> dict[str, Any]:
    """What a run took, for its manifest: all that the same run again may change."""
    return {
        "timings_s": {step: round(took, 3) for step, took in timings_s.items()},
        "peak_memory_mb": peak_memory_mb(),
    }


def hashes(outputs: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file of a run."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in outputs.items()}


@dataclass(frozen=True)
class Source:
    """A file that a plan was made from: its name and the hash of its bytes."""

    name: str
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Source:
        """Name and hash of these bytes."""
        return cls(name, hashlib.sha256(data).hexdigest())

    @classmethod
    def read(cls, path: Path) -> Source:
        """
        A file as it is now.

        Raises
        ------
        TableError
            It cannot be read.
        """
        try:
            return cls.of(path.name, regular(path).read_bytes())
        except OSError as error:
            raise unreadable(path, error) from error


def our_rules() -> tuple[Source, ...]:
    """The files of targets and of rules of work that come with staffcast."""
    paths = sorted(rules_file("targets.toml").parent.glob("*.toml"))
    return tuple(Source.read(path) for path in paths)


def fingerprint(asked: str, sources: Iterable[Source]) -> str:
    """
    Of what is asked, its inputs, our rules and our code: the same one, the same files.

    ``asked`` is a plan's month, or what else a command was given.
    """
    package = Path(__file__).parent
    parts = [
        code_of(folder).hex() for folder in (package, Path(forecast.__file__).parent)
    ]
    parts += [f"{name} {number}" for name, number in versions().items()]
    parts += [f"{source.name} {source.sha256}" for source in (*sources, *our_rules())]
    whole = "\n".join([asked, *parts]).encode(errors="surrogateescape")
    return hashlib.sha256(whole).hexdigest()


@dataclass(frozen=True)
class Plan:
    """
    One run's tables and their fingerprint.

    ``failed`` gives the reason for each queue that could not be planned.
    ``patience`` has the estimates, by pool, where the configuration asks for them;
    ``known_patience_s`` is the callers', whichever the model of the plan.
    ``chances`` is there where the plan is for a chance, not the mean; ``rostered``
    where a team is to be rostered.
    ``parameters`` is the whole configuration, defaults included; ``alternatives`` is
    what other rules would need, ``audit`` the verdict of a short simulation.
    """

    month: str
    forecasts: tuple[QueueForecast, ...]
    failed: Mapping[str, str]
    forecast: pd.DataFrame
    requirement: pd.DataFrame
    monthly: pd.DataFrame
    rules: Rules
    patience: Mapping[str, Patience]
    known_patience_s: OfPools
    chances: Chances | None
    alternatives: pd.DataFrame
    audit: str
    warnings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]
    timings_s: Mapping[str, float]
    rostered: Rostered | None = None

    @property
    def unmet(self) -> pd.DataFrame:
        """Open requirement rows whose seats do not suffice for the targets."""
        rows = self.requirement[self.requirement["open"]]
        return rows[rows["binding"] == "max_agents"]

    @property
    def members(self) -> pd.DataFrame:
        """Each queue's own KPIs in its group."""
        return member_kpis(self.forecast, self.requirement, self.rules.pools)

    @property
    def exit_code(self) -> int:
        """0, or 1 where a queue failed, or a target or a rule cannot be met."""
        lawful = self.rostered is None or not self.rostered.exit_code
        return int(bool(self.failed) or not self.unmet.empty or not lawful)

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        return {
            "fingerprint": fingerprint(self.month, self.sources),
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "month": self.month,
            "parameters": dict(self.parameters),
            "targets": asdict(self.rules.targets),
            "patience": {pool: of._asdict() for pool, of in self.patience.items()},
            "queues": {
                forecast.queue: {
                    "status": "done",
                    "accuracy": dict(forecast.accuracy),
                    "shocks": vars(forecast.shocks),
                    "effects": [vars(effect) for effect in forecast.effects],
                }
                for forecast in self.forecasts
            }
            | {
                queue: {"status": "failed", "reason": reason}
                for queue, reason in self.failed.items()
            },
            "groups": {
                group: {
                    row.pop("queue"): row
                    for row in rows.drop(columns="group").to_dict("records")
                }
                for group, rows in self.members.groupby("group")
            },
            "chances": (
                None if self.chances is None else self.chances.pools.to_dict("records")
            ),
            "alternatives": self.alternatives.to_dict("records"),
            "audit": self.audit,
            "unmet_intervals": len(self.unmet),
            "roster": None if self.rostered is None else self.rostered.facts(),
            "warnings": [str(warning) for warning in self.warnings],
            **cost(self.timings_s),
            "exit_code": self.exit_code,
            "outputs": hashes(outputs),
        }
