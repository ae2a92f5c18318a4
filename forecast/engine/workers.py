"""What passes between this process and its workers, and what they start with."""

from __future__ import annotations

import os
import pickle
import signal
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from forecast.engine.base import ONE_THREAD, Task, outcome_of


def packed(function: Callable[..., Any], task: Task) -> bytes:
    """A call as bytes: half-hourly counts shrink to a quarter."""
    return zlib.compress(pickle.dumps((function, task.arguments)), level=1)


def answer(name: str, call: bytes) -> bytes:
    """Make a packed call, in a worker; its outcome as bytes."""
    outcome = outcome_of(_called, Task(name, (call,)))
    return outcome if isinstance(outcome, bytes) else pickle.dumps(outcome)


def _called(call: bytes) -> bytes:
    function, arguments = pickle.loads(zlib.decompress(call))  # noqa: S301 - our own
    return pickle.dumps(function(*arguments))


@contextmanager
def as_workers_start() -> Iterator[None]:
    """What processes that are started here inherit: one thread, and no Ctrl-C."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    if blockable := hasattr(signal, "pthread_sigmask"):  # not on Windows
        resource_tracker.ensure_running()  # its start would end the block
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if blockable:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
