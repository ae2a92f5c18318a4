"""Processes of this machine."""

from __future__ import annotations

import pickle
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING, NamedTuple, cast

from forecast.engine.base import Engine, Result, Task, cpus, death_of
from forecast.engine.workers import answer, as_workers_start, packed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SPAWN = get_context("spawn")
STOP_S = 5.0
"""How long a process may take to clean up before it is killed. [s]"""


class Processes(Engine):
    """
    In processes of this machine, each with one task at a time.

    They are spawned, and so import the main script: one that opens this engine must
    do so under ``if __name__ == "__main__":``. They do not hear Ctrl-C; if this
    process is killed, they end with the task at hand.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cpus()
        self._started: list[_Worker] = []
        self._idle: list[_Worker] = []

    def close(self) -> None:
        """Stop the processes."""
        for worker in self._started:
            worker.process.terminate()
        for worker in self._started:
            worker.process.join(STOP_S)
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._started, self._idle = [], []

    def _finished(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Exception]]:
        waiting = enumerate(tasks)
        busy: dict[Connection, _Job] = {}

        def begin(job: _Job) -> None:
            busy[job.worker.pipe] = job
            with suppress(ConnectionError):  # found dead when it should answer
                job.worker.pipe.send((job.name, job.call))

        try:
            while True:
                jobs = [  # all processes start before the first is waited for
                    _Job(number, task.name, packed(function, task), self._worker())
                    for number, task in islice(waiting, self.workers - len(busy))
                ]
                for job in jobs:
                    begin(job)
                if not busy:
                    return
                for pipe in connection.wait(list(busy)):
                    job = busy.pop(cast("Connection", pipe))
                    try:
                        answered = job.worker.pipe.recv_bytes()
                    except (EOFError, ConnectionError):
                        if job.again:
                            yield job.number, death_of(job.name)
                        else:
                            begin(job._replace(worker=self._worker(), again=True))
                    else:
                        self._idle.append(job.worker)
                        yield job.number, pickle.loads(answered)  # noqa: S301 - ours
        finally:
            if busy:  # left before the end
                self.close()

    def _worker(self) -> _Worker:
        if self._idle:
            return self._idle.pop()
        worker = _Worker()
        self._started.append(worker)
        return worker


class _Worker:
    """A process, and our end of the pipe to it."""

    def __init__(self) -> None:
        self.pipe, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        with as_workers_start():
            self.process.start()
        theirs.close()


class _Job(NamedTuple):
    """A task that a worker has, and whether one has died of it."""

    number: int
    name: str
    call: bytes
    worker: _Worker
    again: bool = False


def _serve(pipe: Connection) -> None:
    """Answer tasks until the other end is closed; what a worker does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # cleans up on its way
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send_bytes(answer(*pipe.recv()))
