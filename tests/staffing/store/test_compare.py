import math

import pytest

from forecast.errors import ConfigError, TableError
from staffing.store.compare import compare_plans, differences

HEAD = b"queue,month,offered,last_year,agent_hours,paid_hours,fte\n"


@pytest.fixture
def plan(made_run):
    def make(*rows, **facts):
        lines = "".join(f"{row}\n" for row in rows).encode()
        return made_run({"forecast.csv": b"", "monthly.csv": HEAD + lines}, **facts)

    return make


def test_queues_are_compared_over_their_months(plan):
    first = plan(
        "NA,2026-12,100,,10,15,2", "NA,2027-01,300,5,30,45,4", "B,2026-12,50,,5,6,1"
    )
    second = plan("NA,2026-12,500,,20,30,1.5")
    found = compare_plans(first, second)
    assert list(found) == ["queue", "figure", "first", "second", "difference", "change"]
    assert list(found["queue"].unique()) == ["B", "NA", "all"]
    assert list(found["figure"][:4]) == ["offered", "agent_hours", "paid_hours", "fte"]
    rows = {
        (row.queue, row.figure): tuple(row[2:]) for row in found.itertuples(index=False)
    }
    assert rows["NA", "offered"] == (400, 500, 100, 0.25)
    assert rows["NA", "agent_hours"] == (40, 20, -20, -0.5)
    assert rows["NA", "paid_hours"] == (60, 30, -30, -0.5)
    assert rows["NA", "fte"] == (3, 1.5, -1.5, -0.5)
    assert rows["all", "offered"] == (450, 500, 50, pytest.approx(1 / 9))
    assert rows["all", "fte"] == (4, 1.5, -2.5, -0.625)
    assert rows["B", "offered"][0] == 50
    assert all(math.isnan(value) for value in rows["B", "offered"][1:])


def test_a_plan_does_not_differ_from_itself(plan):
    same = plan("A,2026-12,100,,10,15,2")
    found = compare_plans(same, same)
    assert (found["difference"] == 0).all()
    assert differences(same, same) == []


def test_what_is_no_plan_cannot_be_compared(plan, made_run):
    with pytest.raises(ConfigError) as caught:
        compare_plans(plan(), made_run({"roster.csv": b""}))
    assert str(caught.value) == (
        "only plans and scenarios can be compared, by their monthly.csv, which this "
        "roster does not have. staffcast plans list shows what is which."
    )


def test_what_they_were_made_of_is_compared_by_its_keys(plan):
    first = plan(
        parameters={"seed": 1, "targets": {"asa_s": 50, "scope": "day"}},
        sources={"history.csv": "a" * 64},
        versions={"numpy": "2.3"},
    )
    second = plan(
        parameters={"seed": 1, "targets": {"asa_s": 30, "scope": "day"}, "queue": "A"},
        sources={"history.csv": "b" * 64},
        versions={"numpy": "2.4"},
        scenario={"name": "more", "set": ["volume=+10%"]},
    )
    assert differences(first, second) == [
        "parameters.targets.asa_s: 50 → 30",
        "sources.history.csv: aaaaaaaaaaaa → bbbbbbbbbbbb",
        "versions.numpy: 2.3 → 2.4",
        "scenario.name: – → more",
        "scenario.set: – → ['volume=+10%']",
        "parameters.queue: – → A",
    ]


def test_months_asked_for_beside_the_config_differ(plan):
    """With --month the parameters, those of the file, are the same."""
    first, second = (
        plan(month=month, parameters={"month": None})
        for month in ("2026-11", "2026-12")
    )
    assert differences(first, second) == ["month: 2026-11 → 2026-12"]


@pytest.mark.parametrize("months", [b"", b"queue\n", b"\xff", HEAD + b"A,x,y,,1,1,1\n"])
def test_months_that_are_none_are_refused(months, plan, made_run):
    with pytest.raises(TableError) as caught:
        compare_plans(plan(), made_run({"monthly.csv": months}))
    assert str(caught.value) == (
        "monthly.csv: queue and the numbers offered, agent_hours, paid_hours, fte must "
        "be there, but are not. Plan it again."
    )
