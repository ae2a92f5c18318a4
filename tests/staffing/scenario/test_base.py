import pytest

from forecast.errors import ConfigError, TableError
from forecast.tables import csv_bytes
from staffing.pipeline import plan_month
from staffing.scenario import base as module
from staffing.scenario.base import read_base
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of

PLANS = {
    "two queues": ((), ""),
    "a group": ((), '[groups]\nCare = ["Sales", "Help"]\n'),
    "who calls again": (
        (("patience_s = 120", 'patience_s = 120\nmodel = "erlang_a"'),),
        "redial = 0.4\nrepeat = 0.1\n",
    ),
    "a chance": ((("patience_s = 120", "risk = { chance = 0.8 }"),), ""),
    "volumes and quantiles": (
        (('model = "sma8"', 'model = "sma8", quantiles = [0.05, 0.975]'),),
        '[volumes]\n"Help" = { "2026-03" = 3000 }\n',
    ),
    "months": ((('month = "2026-03"', 'month = "2026-03"\nmonths = 2'),), ""),
}


@pytest.fixture(params=PLANS)
def path(request, small_centre):
    changes, more = PLANS[request.param]
    if more.startswith("redial"):
        changes = (*changes, ("full_time_h = 10", f"full_time_h = 10\n{more}"))
        more = ""
    return small_centre(*changes, more=more)


def test_a_base_without_changes_is_the_plan_to_the_last_byte(path, monkeypatch):
    for beside in ("alternatives_for", "short_audit"):  # what its tables do not need
        monkeypatch.setattr(f"staffing.pipeline.{beside}", lambda *args, **more: None)
    plan, outcome = plan_month(path), outcome_of(read_base(path), simulated=False)
    for name in ("forecast", "requirement", "monthly"):
        assert csv_bytes(getattr(outcome, name)) == csv_bytes(getattr(plan, name))
    assert outcome.base.month == plan.month
    assert outcome.base.sources == plan.sources
    assert outcome.rules.targets == plan.rules.targets
    again = read_base(path)  # from what is kept
    assert again.need.requirement.equals(plan.requirement)


def test_a_base_is_kept_until_a_file_changes(small_centre, monkeypatch):
    path = small_centre()
    first = read_base(path)
    monkeypatch.setattr(module, "read_known", None)
    assert read_base(path).forecasts[0].intervals.equals(first.forecasts[0].intervals)
    history = path.parent / "history.csv"
    history.write_text(history.read_text() + "Help,2026-02-28T09:00+01:00,1,0,300\n")
    with pytest.raises(TypeError):  # read_known is asked again
        read_base(path)


def test_each_queue_that_knows_who_hangs_up_has_its_usual_abandonment(base):
    assert base.usual == {
        "Help": pytest.approx(0.028, abs=0.03),
        "Sales": base.usual["Sales"],
    }
    rows = (base.folder / "history.csv").read_text().splitlines()[1:]
    cells = [row.split(",") for row in rows]
    recent = [c for c in cells if c[0] == "Sales" and c[1] >= "2026-01-03"]
    lost, offered = (sum(int(c[i]) for c in recent) for i in (3, 2))
    assert base.usual["Sales"] == pytest.approx(lost / offered)


def test_a_queue_that_fails_is_said_and_the_others_have_a_base(small_centre):
    path = small_centre()
    history = path.parent / "history.csv"
    history.write_text(history.read_text() + "New,2026-02-27T09:00+01:00,5,0,200\n")
    base = read_base(path)
    assert base.failed == plan_month(path).failed
    assert outcome_of(base, simulated=False).exit_code == 1
    with pytest.raises(ConfigError) as caught:
        outcome_of(base, Scenario.of(["volume=+10%@New"]))
    assert str(caught.value) == (
        "'volume=+10%@New': the plan has no 'New'; it has Help, Sales. "
        + base.failed["New"]
    )


@pytest.mark.parametrize("month", [None, "2026-3"])
def test_a_wrong_month_and_a_missing_history_are_told_as_by_a_plan(month, small_centre):
    path = small_centre()
    if month is None:
        (path.parent / "history.csv").unlink()
    faults = []
    for step in (plan_month, read_base):
        with pytest.raises((ConfigError, TableError)) as caught:
            step(path, month)
        faults.append(str(caught.value))
    assert faults[0] == faults[1]
