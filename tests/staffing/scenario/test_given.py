import numpy as np
import pytest

from forecast.errors import ConfigError, TableError
from forecast.tables import csv_bytes
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.texts import Note


def all_of(outcome):
    return outcome.kpis.set_index("queue").loc["all"]


def test_the_plans_people_meet_more_calls_with_less_service(base, outcome):
    plan = outcome_of(base, paths=3)
    given = outcome_of(base, Scenario.of(["volume=+30%", "agents=base"]), paths=3)
    assert (given.agents == plan.agents).all()
    assert (given.duty["net"] <= 0).all()
    before, after = all_of(plan), all_of(given)
    for kpi in ("peak_agents", "agent_hours", "paid_hours", "fte"):
        assert after[kpi] == before[kpi]
    assert after["service_level"] < before["service_level"]
    assert after["missed"] > before["missed"]
    lacking = (given.requirement["agents"] - plan.agents).clip(lower=0).sum() / 2
    assert after["short_hours"] == lacking > 0
    assert given.notes[0] == Note("erlang_c")


def test_agents_are_given_by_number_difference_and_share(outcome):
    needed = outcome().agents
    is_open = outcome().requirement["open"]
    assert (outcome("agents=+2").agents == needed + 2 * is_open).all()
    assert (outcome("agents=9").agents == needed.mask(is_open, 9)).all()
    nine = outcome("agents=9@Help,10:00-11:00")
    there = (nine.requirement["queue"] == "Help") & (
        nine.requirement["interval_start"].dt.hour == 10
    )
    assert nine.agents.tolist() == needed.where(~there, 9).tolist()
    fewer = outcome("agents=-10%")
    for _, rows in fewer.requirement.groupby("queue"):
        exact = 0.9 * needed[rows.index].cumsum()
        assert np.abs(fewer.agents[rows.index].cumsum() - exact).max() <= 0.5 + 1e-9


def test_pools_that_are_not_named_have_whom_they_need_in_any_order(outcome):
    changes = ["volume=+20%", "agents=+2@Help", "headcount=3@Sales"]
    first, other = outcome(*changes), outcome(*changes[::-1])
    assert first.agents.tolist() == other.agents.tolist()
    plan = outcome()
    for pool, change in (("Help", changes[1]), ("Sales", changes[2])):
        alone = outcome(changes[0], change)
        mine = alone.requirement["queue"] == pool
        assert (alone.duty["net"][~mine] == 0).all()
        assert (alone.agents[mine] == first.agents[mine]).all()
    there = (plan.requirement["queue"] == "Help") & plan.requirement["open"]
    assert (first.agents[there] == plan.agents[there] + 2).all()


def test_people_given_twice_are_more_of_those_given_before(outcome):
    found = outcome("headcount=4@Help", "headcount=+25%@Help").kpis
    assert found.set_index("queue").loc["Help", "fte"] == pytest.approx(5, rel=0.01)


def test_nobody_is_nobody_after_closing_either(outcome):
    assert not outcome("agents=0").agents.any()


def test_month_totals_are_of_the_agents_on_duty(outcome):
    given = outcome("agents=-20%")
    months = given.monthly.set_index("queue")
    kpis = given.kpis.set_index("queue")
    for kpi in ("agent_hours", "paid_hours", "fte"):
        assert months[kpi].tolist() == kpis.loc[months.index, kpi].tolist()
    assert kpis.loc["all", "agent_hours"] < outcome().kpis["agent_hours"].max()


def test_people_given_by_their_number_are_so_many(outcome):
    for text, queue in (("headcount=6", "all"), ("headcount=2@Help", "Help")):
        kpis = outcome(text).kpis.set_index("queue")
        assert kpis.loc[queue, "fte"] == pytest.approx(float(text[10]), rel=0.01)
    plan, fewer = outcome(), outcome("headcount=-10%", "shrinkage=0.3")
    assert all_of(fewer)["fte"] == pytest.approx(0.9 * all_of(plan)["fte"], rel=0.01)
    assert all_of(fewer)["agent_hours"] < 0.8 * all_of(plan)["agent_hours"]
    few = outcome("headcount=2@Sales")
    sales = (few.requirement["queue"] == "Sales") & few.requirement["open"]
    assert few.agents[sales].min() >= 1


def test_a_staffing_csv_is_who_is_there(base, outcome):
    fewer = base.need.requirement.assign(agents=lambda t: t["agents"] - 1)
    only_help = fewer[fewer["queue"] == "Help"]
    path = base.folder / "help.csv"
    path.write_bytes(csv_bytes(only_help))
    given = outcome("agents=help.csv")
    needed = base.need.requirement
    there = needed["queue"] == "Help"
    assert given.agents.tolist() == (needed["agents"] - there).tolist()


def test_a_roster_csv_counts_who_is_on_a_shift_less_breaks_and_sickness(base, outcome):
    head = "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
    rows = [
        f"A{number:02d},2026-03-02T09:00,2026-03-02,2026-03-02T12:00,{pause},180,FT,"
        "Sales,contacts\n"
        for number, pause in enumerate(["10:00-10:30"] * 10 + [""] * 10)
    ]
    (base.folder / "roster.csv").write_text(head + "".join(rows))
    given = outcome("agents=roster.csv")
    sales = given.duty[given.duty["queue"] == "Sales"]["agents"].tolist()
    exact = 0.95 * np.array([20, 20, 10, 20, 20, 20])
    whole = np.diff(np.rint(np.cumsum(exact).round(9)), prepend=0)
    assert sales[:6] == whole.tolist()
    assert set(sales[6:]) == {0}
    help_ = given.duty[given.duty["queue"] == "Help"]
    assert (help_["net"] == 0).all()


def test_nobody_of_the_plan_is_there_in_new_hours(outcome):
    given = outcome("hours.mon-fri=09:00-13:00", "agents=base")
    clock = given.requirement["interval_start"].dt.strftime("%H:%M")
    assert (given.agents[clock == "12:30"] == 0).all()
    assert given.notes[1] == Note("nobody")


def test_the_people_of_a_group_are_joined_but_not_split(base_of, outcome):
    joined = outcome("groups.Care=Sales+Help", "agents=base")
    plan = outcome()
    times = plan.agents.groupby(plan.requirement["interval_start"]).sum()
    assert joined.agents.tolist() == times.tolist()
    grouped = base_of(more='[groups]\nCare = ["Sales", "Help"]\n')
    with pytest.raises(ConfigError) as caught:
        outcome_of(grouped, Scenario.of(["groups.Care=", "agents=base"]))
    assert str(caught.value) == (
        "'agents=base': the people of Care are not split between Help and Sales. Give "
        "these their agents by a number or a file."
    )
    changes = Scenario.of(["groups.Care=", "agents=9@Help"])
    apart = outcome_of(grouped, changes, simulated=False)
    assert (apart.duty["net"][apart.requirement["queue"] == "Sales"] == 0).all()


@pytest.mark.parametrize(
    ("text", "kind", "fault"),
    [
        (
            "agents=-99",
            ConfigError,
            "'agents=-99': leaves fewer than no agents, on 2026-03-02 09:00. Take "
            "fewer.",
        ),
        (
            "agents=2.5",
            ConfigError,
            "'agents=2.5': agents are whole. Write a number without decimals.",
        ),
        (
            "agents=9@sat",
            ConfigError,
            "'agents=9@sat': nobody is planned there. Name dates and hours at which "
            "one of Help, Sales is open.",
        ),
        (
            "headcount=3@Care",
            ConfigError,
            "'headcount=3@Care': the plan has no 'Care'; it has Help, Sales.",
        ),
        (
            "agents=other.csv",
            TableError,
            "other.csv: must have one of Help, Sales, but has Else.",
        ),
    ],
)
def test_agents_that_cannot_be_are_refused(text, kind, fault, base, outcome):
    (base.folder / "other.csv").write_text(
        "queue,interval_start,interval_s,agents\nElse,2026-03-02T09:00,1800,3\n"
    )
    with pytest.raises(kind) as caught:
        outcome(text)
    assert str(caught.value) == fault
