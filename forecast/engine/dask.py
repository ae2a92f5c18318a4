"""A Dask cluster: of many machines, or of this one's processes."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast.engine.base import Engine, Result, Task, cpus, death_of
from forecast.engine.workers import answer, as_workers_start, packed
from forecast.errors import ConfigError, WorkerError

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_S = 30.0
"""How long to wait for a scheduler, and for its first worker. [s]"""
OF_OURS = {"distributed.worker.profile.enabled": False}
"""It keeps a MB for each queue."""
NO_LIMIT = {"distributed.admin.large-graph-warning-threshold": "1 TB"}
"""A call has a whole file in it, where that is the task."""


class Dask(Engine):
    """
    On the workers of a Dask cluster: one at an address, or processes of this machine.

    Workers elsewhere need the same staffcast and libraries, and one thread each; where
    all of them are lost, tasks wait for new ones.

    Raises
    ------
    ConfigError
        Dask is not installed, or no cluster is at the address.
    """

    def __init__(
        self, workers: int | None = None, *, scheduler: str | None = None
    ) -> None:
        try:
            import distributed  # noqa: F401 - so that its want is said at once
        except ImportError as error:
            raise ConfigError(
                "the engine dask is not installed. Install it: "
                "pip install 'staffcast[dask]'."
            ) from error
        self.workers = workers or cpus()
        self.scheduler = scheduler

    def close(self) -> None:
        """Leave the cluster; one of our own is stopped."""
        if "_client" in vars(self):
            self._client.shutdown() if self.scheduler is None else self._client.close()
            del self._client

    @cached_property
    def _client(self) -> Client:
        import dask
        from distributed import Client, LocalCluster

        if self.scheduler is None:
            with (
                as_workers_start(),
                dask.config.set(OF_OURS),
            ):
                cluster = LocalCluster(
                    n_workers=self.workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # any port, this machine only
                    silence_logs=logging.CRITICAL,  # what matters is raised
                )
                return Client(cluster)
        try:
            client = Client(self.scheduler, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"--scheduler: no Dask scheduler answers at {self.scheduler}. Start "
                "one with: dask scheduler."
            ) from error
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            client.close()
            raise ConfigError(
                f"--scheduler: {self.scheduler} has no workers. Start some with: "
                f"dask worker {self.scheduler} --nthreads 1 --nworkers auto."
            ) from error
        return client

    def _finished(
        self, function: Callable[..., Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Exception]]:
        from distributed import KilledWorker, wait

        client, waiting = self._client, enumerate(tasks)
        running: dict[Future, Call] = {}
        try:
            while True:
                threads = max(sum(client.nthreads().values()), 1)
                for number, task in islice(waiting, max(threads - len(running), 0)):
                    call = Call(number, task.name, packed(function, task))
                    running[_sent(client, call)] = call
                if not running:
                    return
                for future in wait(list(running), return_when="FIRST_COMPLETED").done:
                    call = running.pop(future)
                    try:
                        yield call.number, _fetched(future, call.name)
                    except KilledWorker:
                        if call.again:
                            yield call.number, death_of(call.name)
                        else:
                            call = call._replace(again=True)
                            running[_sent(client, call)] = call
        finally:
            if client.status == "running":  # else all has ended
                client.cancel(list(running))


class Call(NamedTuple):
    """
    A task on the cluster.

    ``again``: it is there once more, as its workers died. Where many die at once, the
    scheduler may have handed it from one dead worker to the next.
    """

    number: int
    name: str
    data: bytes
    again: bool = False


def _sent(client: Client, call: Call) -> Future:
    import dask

    with dask.config.set(NO_LIMIT):
        return client.submit(answer, call.name, call.data, pure=False)


def _fetched(future: Future, name: str) -> Any:
    """What a worker answered; KilledWorker, where each that tried has died."""
    from distributed import KilledWorker

    try:
        return pickle.loads(future.result())  # noqa: S301 - our own answer
    except KilledWorker:
        raise
    except Exception as error:
        return WorkerError(
            f"{name}: the Dask cluster failed ({type(error).__name__}: {error}). Look "
            "at the logs of its scheduler and workers."
        )
