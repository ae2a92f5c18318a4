"""
What an engine offers, and the simplest one: here, one task after the other.

Results come in the order of the tasks. They are the same bytes on every engine where
every process computes with one thread (``ONE_THREAD``, set before numpy is loaded):
the sum of a matrix product depends on how many share it. Workers always do; the
command ``staffcast`` does.
"""

from __future__ import annotations

import os
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Self, TypeVar

from forecast.errors import StaffcastError, TableError, WorkerError

Result = TypeVar("Result")

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
}


class Task(NamedTuple):
    """What a function is called with, under a name for errors (of the queue)."""

    name: str
    arguments: tuple[Any, ...]


class TaskError(RuntimeError):
    """A bug met in a task: its name and what was raised; a note says where."""


class Engine(ABC):
    """
    Where tasks are computed.

    A context: on leaving, what it started is stopped, done or not. Nothing is started
    before the first task.
    """

    def map(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[Result | TableError]:
        """
        The function's result for each task, in their order.

        Parameters
        ----------
        function : callable
            Found by its name in its module; its results can be pickled.
        tasks : iterable of Task
            Taken as workers become free, so that few are held at once.

        Yields
        ------
        object
            What the function returned, or the TableError that it raised: one task's
            faults stop no other.

        Raises
        ------
        StaffcastError
            The function raised another than TableError.
        TaskError
            It raised anything else.
        WorkerError
            The process of a task died twice.
        """
        early: dict[int, Result | Exception] = {}
        turn = 0
        for number, outcome in self._finished(function, tasks):
            early[number] = outcome
            while turn in early:
                due = early.pop(turn)
                turn += 1
                if isinstance(due, Exception) and not isinstance(due, TableError):
                    raise due
                yield due

    @abstractmethod
    def _finished(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Exception]]:
        """Each task's number from 0 and outcome, first finished first."""

    @abstractmethod
    def close(self) -> None:
        """Stop what was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Serial(Engine):
    """One task after the other, in this process."""

    def _finished(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Exception]]:
        for number, task in enumerate(tasks):
            yield number, outcome_of(function, task)

    def close(self) -> None:
        """Nothing was started."""


def outcome_of(function: Callable[..., Result], task: Task) -> Result | Exception:
    """What a task comes to; a failure is a value."""
    try:
        return function(*task.arguments)
    except StaffcastError as error:
        return error
    except Exception as error:
        bug = TaskError(f"{task.name}: {type(error).__name__}: {error}")
        bug.add_note(traceback.format_exc())
        return bug


def death_of(name: str) -> WorkerError:
    """Why a task has no result: whoever works on it dies."""
    return WorkerError(
        f"{name}: the process that worked on it died, and so did the next. If memory "
        "is short, run with fewer --workers."
    )


def cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
