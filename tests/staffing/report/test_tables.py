import pytest

from staffing.pipeline import plan_month
from staffing.report.tables import summary_table

CONFIG = """\
history = "history.csv"
month = "2026-03"
months = 2
timezone = "Europe/Rome"
[hours]
mon-fri = "09:00-11:00"
[targets]
"""


def test_the_summary_adds_hours_and_averages_the_fte_of_months(centre):
    path = centre(CONFIG + "asa_s = 20", calls={"B": 9.0, "A": 40.0})
    plan = plan_month(path)
    table = summary_table(plan).set_index("queue")
    assert table.index.tolist() == ["A", "B", "all"]
    monthly = plan.monthly.groupby("queue")
    for name, of_months in (
        ("offered", monthly["offered"].sum()),
        ("agent_hours", monthly["agent_hours"].sum()),
        ("paid_hours", monthly["paid_hours"].sum()),
        ("fte", monthly["fte"].mean()),
    ):
        assert table[name][["A", "B"]].tolist() == pytest.approx(of_months.tolist())
        assert table[name]["all"] == pytest.approx(of_months.sum())
    peaks = plan.requirement.groupby("queue")["agents"].max()
    assert table["peak_agents"][["A", "B"]].tolist() == peaks.tolist()


@pytest.mark.parametrize(
    "targets", ["asa_s = 20", "threshold_s = 9\nservice_level = 0.8"]
)
def test_the_worst_interval_is_of_the_longest_wait_or_the_lowest_level(targets, centre):
    plan = plan_month(centre(CONFIG + targets))
    rows = plan.requirement
    worst = (
        rows.sort_values("service_level", kind="stable")
        if "level" in targets
        else rows.sort_values("asa_s", ascending=False, kind="stable")
    ).iloc[0]
    summary = summary_table(plan).iloc[0]
    assert summary["worst_at"] == f"{worst['interval_start']:%Y-%m-%d %H:%M}"
    assert summary["worst_asa_s"] == rows["asa_s"].max()
