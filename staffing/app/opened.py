"""The plan that the page is about: solved once, while the page is on its way."""

from __future__ import annotations

from concurrent.futures import Future
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from staffing.app import first

if TYPE_CHECKING:
    from staffing.scenario.outcome import Outcome

_served: Future[Outcome] = Future()


def read(config_path: Path, month: str | None) -> Future[Outcome]:
    """Begin to read and solve the plan to serve, and to import what that needs."""

    def run() -> None:
        try:
            plan = _solved(config_path, month)
        except Exception as error:
            _served.set_exception(error)
            return
        _served.set_result(plan)
        first.keep(config_path, month, lambda: _drawn(plan))

    _served.set_running_or_notify_cancel()
    Thread(target=run, daemon=True).start()
    return _served


def plan(config_path: Path) -> Outcome:
    """The plan that is served, not simulated; without a server, a configuration's."""
    is_served = _served.running() or _served.done()
    return _served.result() if is_served else _solved(config_path, None)


@cache
def simulated(config_path: Path) -> Outcome:
    """The same with the KPIs of its callers, which takes longer."""
    from staffing.scenario.outcome import outcome_of

    return outcome_of(plan(config_path).base)


def _solved(config_path: Path, month: str | None) -> Outcome:
    from staffing.scenario.base import read_base
    from staffing.scenario.outcome import outcome_of

    return outcome_of(read_base(config_path, month), simulated=False)


def _drawn(plan: Outcome) -> str:
    from staffing import texts
    from staffing.app import page

    return page.first(plan, texts.of(plan.base.config.lang))
