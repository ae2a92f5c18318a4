"""The options of commands that forecast many queues."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.errors import ConfigError

if TYPE_CHECKING:
    from forecast.engine import Engine


class EngineName(StrEnum):
    """Where queues are forecast."""

    serial = "serial"
    processes = "processes"
    dask = "dask"


MOST_WORKERS = 1_024
"""No machine has more CPUs, and each process takes 200 MB or so."""

EngineOption = Annotated[
    EngineName,
    typer.Option(
        help="Queues one after the other, in processes, or on a Dask cluster: the "
        "same result."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=MOST_WORKERS, help="Processes of this machine; default: its CPUs."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        help="Of a Dask cluster, tcp://host:port; default: processes of this machine."
    ),
]


def engine_for(name: EngineName, workers: int | None, scheduler: str | None) -> Engine:
    """
    The engine that the options name: a context.

    Raises
    ------
    ConfigError
        An option that the engine does not have, or Dask is not installed.
    """
    from forecast.engine import Dask, Processes, Serial

    if scheduler is not None and (name is not EngineName.dask or workers is not None):
        raise ConfigError("--scheduler: needs --engine dask, and no --workers.")
    if name is EngineName.serial:
        if workers is not None:
            raise ConfigError("--workers: needs --engine processes or dask.")
        return Serial()
    if name is EngineName.processes:
        return Processes(workers)
    return Dask(workers, scheduler=scheduler)
