"""An engine that counts what its tasks cost, and a clock of CPU seconds."""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from forecast.engine import Engine, Task
from forecast.errors import TableError


def now_mb():
    """Memory that this process has now, on Linux. [MB]"""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb():
    """The most that it had, on Linux: ru_maxrss would begin with its parent's. [MB]"""
    lines = Path("/proc/self/status").read_text().splitlines()
    high = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(high) * 1024 / 1e6


def cpu_s():
    """CPU of this process and of programs that it ran, which Prophet does. [s]"""
    return sum(os.times()[:4])


@dataclass
class Step:
    """Tasks of one function: how many, their CPU [s], and the largest worker [MB]."""

    tasks: int = 0
    cpu_s: float = 0.0
    worker_mb: float = 0.0


@dataclass
class Measured(Engine):
    """Another engine, whose tasks are measured where they are computed."""

    engine: Engine
    steps: dict[str, Step] = field(default_factory=lambda: defaultdict(Step))

    def map(self, function, tasks):
        """The same as the other's, and what it cost."""
        step = self.steps[function.__name__]
        asked = (Task(task.name, (function, *task.arguments)) for task in tasks)
        for found in self.engine.map(measured, asked):
            if isinstance(found, TableError):
                yield found
                continue
            result, cpu_s, worker_mb = found
            step.tasks += 1
            step.cpu_s += cpu_s
            step.worker_mb = max(step.worker_mb, worker_mb)
            yield result

    def _finished(self, function, tasks):
        return self.engine._finished(function, tasks)

    def close(self):
        """Stop the other."""
        self.engine.close()


def measured(function, *arguments):
    """A result, its CPU [s] and the peak of the process [MB]; called in a worker."""
    begin = cpu_s()
    result = function(*arguments)
    return result, cpu_s() - begin, peak_mb()
