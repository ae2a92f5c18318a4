import datetime as dt
import os
import pickle
import subprocess
import sys
from itertools import count, islice

import numpy as np
import pytest
from reference.tasks import (
    dask_setting,
    divided,
    first_is_last,
    killed,
    odd_fails,
    squared,
    threads,
    without_room,
)

from forecast.engine import ONE_THREAD, Dask, Processes, Serial, Task, TaskError
from forecast.errors import (
    ConfigError,
    Finding,
    OutputError,
    TableError,
    WorkerError,
)
from forecast.history import complete_history
from forecast.models import SeasonalMovingAverage
from forecast.run import Wanted, forecast_queue
from forecast.tables import csv_bytes

MAKE = {
    "serial": Serial,
    "processes": lambda: Processes(2),
    "dask": lambda: Dask(2),
}


@pytest.fixture(scope="module", params=MAKE)
def engine(request):
    with MAKE[request.param]() as engine:
        yield engine


def tasks(numbers, *more):
    return (Task(f"queue {n}", (*more, n)) for n in numbers)


def test_results_come_in_the_order_of_the_tasks(engine):
    assert list(engine.map(first_is_last, tasks(range(6)))) == [0, 1, 4, 9, 16, 25]


def test_no_tasks_have_no_results(engine):
    assert list(engine.map(squared, [])) == []


def test_a_task_that_fails_is_a_value_and_stops_no_other(engine):
    results = list(engine.map(odd_fails, tasks(range(4))))
    assert [results[0], results[2]] == [0, 4]
    for number in (1, 3):
        assert type(results[number]) is TableError
        fault = Finding("history", f"{number} is odd", (), 1)
        assert results[number].findings == (fault,)


def test_a_bug_is_raised_in_its_turn_with_the_tasks_name_and_place(engine):
    results = engine.map(divided, tasks([2, 4, 0, 5]))
    assert [next(results), next(results)] == [0.5, 0.25]
    with pytest.raises(TaskError) as caught:
        next(results)
    assert str(caught.value) == "queue 0: ZeroDivisionError: division by zero"
    assert "return 1 / number" in caught.value.__notes__[0]


def test_what_a_user_can_mend_is_raised_as_it_is(engine):
    with pytest.raises(OutputError, match=r"^no room$"):
        list(engine.map(without_room, tasks([1])))


def test_tasks_are_taken_as_needed_and_the_rest_may_be_left(engine):
    assert list(islice(engine.map(squared, tasks(count())), 3)) == [0, 1, 4]
    assert list(engine.map(squared, tasks(range(3)))) == [0, 1, 4]


def test_workers_compute_with_one_thread_and_the_rest_is_as_before(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before = dict(os.environ)
    with Processes(1) as engine:
        (told,) = engine.map(threads, [Task("any", ())])
    assert told | ONE_THREAD == told
    assert dict(os.environ) == before


@pytest.fixture(scope="module")
def history(calendar, rows):
    """Three queues, ten weeks; B has hours, an event and few rows of its own."""
    chance = np.random.default_rng(1)
    week = {"mon-fri": "09:00-12:00"}
    centre = calendar(week, queue_hours={"B": {"mon": "09:00-11:00"}})
    first, last = dt.date(2026, 1, 5), dt.date(2026, 3, 15)
    cases = [
        (queue, str(start.tz_localize(None)), chance.poisson(30.0))
        for queue in "ABC"
        for start in centre.open_intervals(queue, first, last)
        if queue != "C" or start.day > 20
    ]
    extra = {name: np.full(len(cases), 200.0) for name in ("aht_s", "asa_s")}
    return complete_history(
        rows(cases, **extra), centre, absent_rows="missing", where="history.csv"
    )


def made(forecast):
    """Everything in a forecast, as bytes."""
    frames = (forecast.intervals, forecast.days, forecast.months)
    rest = (forecast.queue, forecast.shocks, forecast.accuracy, forecast.warnings)
    return b"".join(map(csv_bytes, frames)) + repr(rest).encode()


def test_forecasts_are_the_same_bytes_from_the_history_of_the_queue_alone(
    engine, history
):
    wanted = Wanted(
        SeasonalMovingAverage(weeks=4), dt.date(2026, 4, 1), dt.date(2026, 4, 30), 7
    )
    asked = [Task(q, (history.only(q), q, wanted)) for q in history.queues]
    whole = [forecast_queue(history, queue, wanted) for queue in history.queues]
    results = list(engine.map(forecast_queue, asked))
    assert [made(result) for result in results] == [made(one) for one in whole]


def test_the_history_of_a_queue_alone_is_small(history):
    alone = history.only("B")
    assert alone.queues == ["B"]
    assert set(alone.calendar.queue_hours) == {"B"}
    assert "asa_s" in history.frame
    assert "asa_s" not in alone.frame
    numbers = 8 * 3 * len(alone.frame)
    assert len(pickle.dumps(alone)) < 3 * numbers + 5000


@pytest.mark.parametrize("make", MAKE.values())
def test_results_that_nobody_takes_are_let_go_after_the_end(make):
    with make() as engine:
        results = engine.map(squared, tasks(range(4)))
        assert next(results) == 0
    results.close()  # as an error does, with the frame that held them


@pytest.mark.parametrize("make", [MAKE["processes"], MAKE["dask"]])
def test_a_task_whose_process_dies_is_done_by_another_or_named(make, tmp_path):
    flag, nowhere = tmp_path / "died once", tmp_path / "missing" / "flag"
    with make() as engine:
        assert list(engine.map(killed, tasks(range(4), str(flag)))) == [0, 1, 4, 9]
        assert flag.exists()
        results = engine.map(killed, tasks(range(4), str(nowhere)))
        assert next(results) == 0
        with pytest.raises(WorkerError) as caught:
            next(results)
    assert str(caught.value) == (
        "queue 1: the process that worked on it died, and so did the next. If memory "
        "is short, run with fewer --workers."
    )


UNGUARDED = """\
from reference.tasks import squared
from forecast.engine import Processes, Task

with Processes(1) as engine:
    print(*engine.map(squared, [Task("a", (3,))]))
"""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_script_needs_a_guard_and_does_not_hang_without(tmp_path, guarded):
    script = tmp_path / "script.py"
    lines = UNGUARDED.splitlines()
    if guarded:
        lines[3:] = ['if __name__ == "__main__":', *(f"    {x}" for x in lines[3:])]
    script.write_text("\n".join(lines))
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if guarded:
        assert (done.returncode, done.stdout, done.stderr) == (0, "9\n", "")
    else:
        assert done.returncode == 1
        assert "WorkerError: a: the process that worked on it died" in done.stderr


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("forecast.engine.dask.CONNECT_S", 0.2)
    with (
        pytest.raises(ConfigError) as caught,
        Dask(scheduler="tcp://127.0.0.1:9") as engine,
    ):
        list(engine.map(squared, tasks([1])))
    assert str(caught.value) == (
        "--scheduler: no Dask scheduler answers at tcp://127.0.0.1:9. Start one with: "
        "dask scheduler."
    )


def test_a_worker_of_ours_keeps_no_profile_of_the_tasks_it_has_done():
    task = Task("A", ("distributed.worker.profile.enabled",))
    with Dask(1) as engine:
        assert [*engine.map(dask_setting, [task])] == [False]
