"""Tasks for the engines, found by their names in every process."""

import os
import signal
import time
from pathlib import Path

from forecast.engine import Engine, Task
from forecast.errors import Finding, OutputError, TableError


def squared(number, *, seconds=0.0):
    """The square, after a while."""
    time.sleep(seconds)
    return number * number


def first_is_last(number):
    """The square; the first task ends after the others."""
    return squared(number, seconds=0.0 if number else 0.5)


def odd_fails(number):
    """The square of an even number."""
    if number % 2:
        raise TableError([Finding("history", f"{number} is odd", (), 1)])
    return number * number


def divided(number):
    """One over the number: a bug at 0."""
    return 1 / number


def without_room(number):
    """A disk that is full."""
    raise OutputError("no room")


def threads():
    """What the process was told of threads before it loaded anything."""
    return {name: os.environ.get(name) for name in os.environ if "_THREADS" in name}


def killed(flag, number):
    """The square; at 1 its process is killed, each time until the flag is there."""
    if number == 1 and not Path(flag).exists():
        if Path(flag).parent.exists():
            Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def dies_once(flag, function, *arguments):
    """The function's result; its process is killed until the flag is there."""
    if flag and not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return function(*arguments)


def dask_setting(name):
    """What Dask is told where the task is done."""
    import dask

    return dask.config.get(name)


class Dying(Engine):
    """Another engine; the second task of some functions kills its worker, once."""

    def __init__(self, engine, folder, functions):
        self.engine, self.folder, self.functions = engine, folder, functions

    def map(self, function, tasks):
        """The same as the other's."""
        dies = function.__name__ in self.functions
        flag = str(self.folder / function.__name__) if dies else ""
        return self.engine.map(
            dies_once,
            (
                Task(
                    task.name, (flag if number == 1 else "", function, *task.arguments)
                )
                for number, task in enumerate(tasks)
            ),
        )

    def _finished(self, function, tasks):
        return self.engine._finished(function, tasks)

    def close(self):
        """Stop the other."""
        self.engine.close()
