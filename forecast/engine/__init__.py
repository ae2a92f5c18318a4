"""One function over many tasks: here, in processes, or on a Dask cluster."""

from forecast.engine.base import ONE_THREAD, Engine, Serial, Task, TaskError
from forecast.engine.dask import Dask
from forecast.engine.processes import Processes

__all__ = ["ONE_THREAD", "Dask", "Engine", "Processes", "Serial", "Task", "TaskError"]
