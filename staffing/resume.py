"""Queues that an interrupted run had forecast: taken up by the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, cast

from forecast.cache import kept
from forecast.engine import Engine, Task
from forecast.errors import TableError
from staffing.packing import packed_forecast, unpacked_forecast

Result = TypeVar("Result")


class Resumed(Engine):
    """
    An engine of forecasts that keeps each as it is done; ``again``: it takes kept ones.

    ``run`` is the fingerprint of what is forecast, ``zone`` the clock of its times.
    What is kept, and where, is as in :mod:`forecast.cache`.
    """

    def __init__(self, engine: Engine, run: str, zone: str, *, again: bool) -> None:
        self.engine, self.run, self.zone, self.again = engine, run, zone, again

    def map(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[Result | TableError]:
        """The same as the engine's own."""
        how = self.run, self.zone, self.again, function
        keeping = (Task(task.name, (*how, *task)) for task in tasks)
        return cast(
            "Iterator[Result | TableError]", self.engine.map(_forecast, keeping)
        )

    def _finished(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Exception]]:
        return self.engine._finished(function, tasks)

    def close(self) -> None:
        """Stop what the engine started."""
        self.engine.close()


def _forecast(
    run: str,
    zone: str,
    again: bool,
    function: Callable[..., Any],
    queue: str,
    arguments: tuple[Any, ...],
) -> Any:
    inputs = f"{run} {queue}".encode()
    found = kept(inputs, lambda: packed_forecast(function(*arguments)), fresh=not again)
    return unpacked_forecast(found, zone)
