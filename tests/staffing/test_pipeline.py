import datetime as dt
import warnings
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from forecast.errors import ConfigError, TableError
from forecast.tables import csv_bytes
from staffing.pipeline import plan_month
from staffing.report.page import report_page


def starts_of(plan, queue="Sales"):
    rows = plan.requirement[plan.requirement["queue"] == queue]
    rows = rows[rows["open"]]
    return [start.isoformat() for start in rows["interval_start"]]


def spans(*texts, zone="Europe/Rome", step_s=1800):
    """Starts from each first time up to each last one, counted in UTC."""
    starts = []
    for text in texts:
        begin, end = (
            dt.datetime.fromisoformat(part)
            .replace(tzinfo=ZoneInfo(zone))
            .astimezone(dt.UTC)
            for part in text.split(" to ")
        )
        while begin < end:
            starts.append(begin.astimezone(ZoneInfo(zone)).isoformat())
            begin += dt.timedelta(seconds=step_s)
    return starts


def config(hours='mon-fri = "09:00-11:00"', top='month = "2026-03"', more=""):
    return (
        f'history = "history.csv"\ntimezone = "Europe/Rome"\n{top}\n'
        f"[hours]\n{hours}\n{more}\n"
    )


def test_the_month_is_the_one_after_the_history_where_none_is_named(centre):
    assert plan_month(centre(config(top=""))).month == "2026-03"
    mid_month = centre(config(top=""), first="2025-09-01", last="2025-12-16")
    assert plan_month(mid_month).month == "2026-01"


def test_a_history_that_ends_at_midnight_ends_in_its_own_month(centre):
    path = centre(config('mon-sun = "22:00-24:00"', top=""), opening=("22:00", "24:00"))
    assert plan_month(path).month == "2026-03"


def test_the_asked_month_goes_before_the_configs(centre):
    plan = plan_month(centre(), "2026-05")
    assert plan.month == "2026-05"
    assert {start[:7] for start in starts_of(plan)} == {"2026-05"}


def test_a_plan_that_begins_long_after_the_history_says_how_long(centre):
    """Past errors are measured for three months ahead: March, April and May."""
    sentence = (
        "history: it ends on 2026-02-27, 93 days (3 months) before the plan begins on "
        "2026-06-01; errors are measured up to 3 months ahead, and bands do not widen "
        "beyond. Correct the month, or add newer rows."
    )
    assert sentence in map(str, plan_month(centre(), "2026-06").warnings)
    near = map(str, plan_month(centre(), "2026-05").warnings)
    assert not [text for text in near if "ends on" in text]


@pytest.mark.parametrize("month", ["2026-13", "26-12", "", "2026-12-01", "2026-1٢"])
def test_an_asked_month_must_be_a_month(month, centre):
    with pytest.raises(ConfigError) as caught:
        plan_month(centre(), month)
    assert str(caught.value) == f'--month: {month!r} is not a month: write "2026-12".'


@pytest.mark.parametrize("absent_rows", ["zero", "missing"])
def test_an_earlier_month_is_planned_as_if_the_file_ended_before_it(
    absent_rows, centre
):
    text = config(more=f'[rows]\nabsent_rows = "{absent_rows}"')
    whole = centre(text, calls={"Sales": 30.0, "Help": 9.0}, folder="whole")
    cut = centre(
        text, calls={"Sales": 30.0, "Help": 9.0}, last="2026-01-31", folder="cut"
    )
    for path in (whole, cut):  # a day that is a hole only beside busy later days
        history = path.parent / "history.csv"
        lines = history.read_text().splitlines()
        quiet = [
            ",".join([*line.split(",")[:2], "1", "200.0"])
            if "2026-01" in line
            else line
            for line in lines
            if "2026-01-14" not in line
        ]
        history.write_text("\n".join(quiet) + "\n")
    plans = [plan_month(path, "2026-02") for path in (whole, cut)]
    for name in ("forecast", "requirement", "monthly"):
        tables = [csv_bytes(getattr(plan, name)) for plan in plans]
        assert tables[0] == tables[1]
    assert plans[0].warnings == plans[1].warnings


def test_a_month_before_the_history_says_so(centre):
    with pytest.raises(TableError) as caught:
        plan_month(centre(), "2025-12")
    assert str(caught.value) == (
        "history.csv: there are no rows before 2025-12-01, when the plan begins. "
        "Plan a later month."
    )


def test_a_history_that_is_too_short_for_every_queue_says_how_much_it_needs(centre):
    with pytest.raises(TableError) as caught:
        plan_month(centre(first="2026-02-16", calls={"A": 9.0, "B": 9.0}))
    assert str(caught.value) == "\n".join(
        f"history: {queue} needs at least 28 days of history before the month to plan, "
        "but has 12 (2026-02-16 to 2026-02-27). Add earlier rows."
        for queue in "AB"
    )


def test_several_months_are_planned_together(centre):
    plan = plan_month(centre(config(top='month = "2026-03"\nmonths = 3')))
    assert plan.monthly["month"].tolist() == ["2026-03", "2026-04", "2026-05"]
    sums = plan.requirement.groupby(
        plan.requirement["interval_start"].dt.strftime("%Y-%m")
    )["offered"].sum()
    assert plan.monthly["offered"].tolist() == pytest.approx(sums.tolist())


def test_a_queue_that_is_too_short_fails_alone(centre):
    path = centre(calls={"Old": 20.0})
    history = path.parent / "history.csv"
    new = ["New,2026-02-27T09:00:00+01:00,5,200.0\n"]
    history.write_text(history.read_text() + "".join(new))
    plan = plan_month(path)
    assert list(plan.failed) == ["New"]
    assert plan.failed["New"].startswith(
        "history: New needs at least 28 days of history before the month to plan"
    )
    assert set(plan.requirement["queue"]) == {"Old"}
    assert plan.exit_code == 1


def test_a_queue_without_handle_times_and_default_fails_with_the_remedy(centre):
    with pytest.raises(TableError) as caught:
        plan_month(centre(aht_s=None))
    assert str(caught.value) == (
        "history: Sales has no handle times (aht_s) in its history. "
        "Set [aht] default_s."
    )
    plan = plan_month(centre(config(more="[aht]\ndefault_s = 240"), aht_s=None))
    assert set(plan.requirement["aht_s"]) == {240.0}


def test_queues_that_the_file_lacks_are_named(centre):
    more = '[queues.North]\nmin_agents = 1\n[[events]]\nname = "x"\ndates = []\n'
    with pytest.raises(ConfigError) as caught:
        plan_month(centre(config(more=more + 'queues = ["Nord", "SALE", "Sales"]')))
    assert str(caught.value) == (
        "the config names queues that history.csv does not have: Nord, North, SALE "
        "(did you mean Sales?); it has Sales. Correct the names; a queue without "
        'history needs like = "…".'
    )


def test_seats_that_do_not_suffice_are_planned_and_told(centre):
    plan = plan_month(centre(config(more="[staffing]\nmin_agents = 0\nmax_agents = 2")))
    assert plan.exit_code == 1
    assert len(plan.unmet) == plan.requirement["open"].sum() == 88
    assert set(plan.requirement["agents"]) == {2}
    at_work = plan.requirement[plan.requirement["open"]]
    assert at_work["asa_s"].between(100.0, 1e7).all()


@pytest.fixture
def no_sunday(monkeypatch):
    """Make every Sunday from a date on a public holiday."""

    def close_from(date):
        def sundays(country, site, years):
            days = (
                dt.date(year, 1, 1) + dt.timedelta(days=n)
                for year in years
                for n in range(365)
            )
            return {day: "x" for day in days if day.weekday() == 6 and day >= date}

        monkeypatch.setattr("staffing.config.whole.holidays_for", sundays)

    return close_from


SUNDAY = '[holidays]\ncountry = "IT"\n[queues.Sunday.hours]\nsun = "09:00-11:00"'


def test_a_queue_that_was_never_open_fails_alone(centre, no_sunday):
    no_sunday(dt.date(2000, 1, 1))
    calls = {"Sales": 30.0, "Sunday": 30.0}
    plan = plan_month(centre(config(more=SUNDAY), calls=calls, days=range(7)))
    assert list(plan.failed) == ["Sunday"]
    assert set(plan.requirement["queue"]) == {"Sales"}
    assert plan.exit_code == 1


def test_a_queue_that_is_closed_all_month_needs_nobody(
    centre, no_sunday, quick_pictures
):
    no_sunday(dt.date(2026, 3, 1))
    calls = {"Sales": 30.0, "Sunday": 30.0}
    plan = plan_month(centre(config(more=SUNDAY), calls=calls, days=range(7)))
    assert set(plan.requirement["queue"]) == set(plan.monthly["queue"]) == {"Sales"}
    assert plan.exit_code == 0
    assert "<h2>Sunday</h2>\n<p>Never open in this plan.</p>" in report_page(plan)


def test_a_plan_without_an_open_interval_is_refused(centre, no_sunday):
    no_sunday(dt.date(2026, 3, 1))
    with pytest.raises(ConfigError) as caught:
        plan_month(centre(config(more=SUNDAY), calls={"Sunday": 30.0}, days=range(7)))
    assert str(caught.value) == (
        "no queue is open from 2026-03-01 to 2026-03-31. Correct [hours] or [holidays]."
    )


def test_a_queue_without_calls_is_planned_at_its_minimum(centre):
    plan = plan_month(centre(calls={"Silent": 0.0}))
    assert set(plan.requirement["offered"]) == {0.0}
    assert set(plan.requirement["agents"]) == {1}
    assert set(plan.requirement["binding"]) == {"min_agents"}
    assert plan.exit_code == 0


def test_the_day_on_which_clocks_go_forward_has_46_half_hours(centre):
    path = centre(
        config('mon-sun = "00:00-24:00"'), opening=("00:00", "24:00"), days=range(7)
    )
    starts = starts_of(plan_month(path))
    assert starts == spans("2026-03-01 00:00 to 2026-04-01 00:00")
    assert sum(start.startswith("2026-03-29") for start in starts) == 46


def test_the_day_on_which_clocks_go_back_has_50_half_hours(centre):
    path = centre(
        config('mon-sun = "00:00-24:00"', top='month = "2026-10"'),
        opening=("00:00", "24:00"),
        days=range(7),
        first="2026-08-01",
        last="2026-09-30",
    )
    plan = plan_month(path)
    starts = starts_of(plan)
    assert starts == spans("2026-10-01 00:00 to 2026-11-01 00:00")
    assert sum(start.startswith("2026-10-25") for start in starts) == 50
    hours = plan.requirement["agents"].sum() / 2
    assert plan.monthly["agent_hours"].tolist() == [hours]


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(centre):
    path = centre(
        config('fri = "22:00-02:00"', top='month = "2026-02"'),
        opening=("22:00", "02:00"),
        days=[4],
        first="2025-11-01",
        last="2026-01-31",
    )
    assert starts_of(plan_month(path)) == spans(
        "2026-02-06 22:00 to 2026-02-07 02:00",
        "2026-02-13 22:00 to 2026-02-14 02:00",
        "2026-02-20 22:00 to 2026-02-21 02:00",
        "2026-02-27 22:00 to 2026-02-28 02:00",
    )


def test_the_night_into_the_month_is_planned_from_midnight_on(centre):
    path = centre(
        config('mon-sun = "22:00-06:00"', top='month = "2026-02"'),
        opening=("22:00", "06:00"),
        days=range(7),
        last="2026-01-31",
    )
    starts = starts_of(plan_month(path))
    assert starts[:13] == spans(
        "2026-02-01 00:00 to 2026-02-01 06:00", "2026-02-01 22:00 to 2026-02-01 22:30"
    )
    assert starts[-1] == "2026-02-28T23:30:00+01:00"


def test_a_lunch_break_is_closed_and_quarter_hours_are_a_grid(centre):
    path = centre(
        config(
            'mon = ["09:00-10:00", "10:30-11:00"]', 'interval_s = 900\nmonth="2026-03"'
        ),
        interval_s=900,
        days=[0],
    )
    plan = plan_month(path)
    monday = [start for start in starts_of(plan) if start.startswith("2026-03-02")]
    assert monday == spans(
        "2026-03-02 09:00 to 2026-03-02 10:00",
        "2026-03-02 10:30 to 2026-03-02 11:00",
        step_s=900,
    )
    assert any("outside the declared opening hours" in str(w) for w in plan.warnings)


def test_a_far_month_is_planned_without_a_complaint(centre):
    plan = plan_month(centre(config(more='[holidays]\ncountry = "IT"')), "2099-12")
    assert {start[:7] for start in starts_of(plan)} == {"2099-12"}


def test_the_same_config_gives_the_same_plan_and_another_seed_another_band(centre):
    plans = [
        plan_month(centre(config(top=f'month = "2026-03"\nseed = {seed}')))
        for seed in (1, 1, 2)
    ]
    first, second, third = (plan.forecast["offered_p90"] for plan in plans)
    pd.testing.assert_series_equal(first, second)
    assert not first.equals(third)
    assert plans[0].forecast["offered"].equals(plans[2].forecast["offered"])


def test_progress_is_told_of_each_queue(centre):
    told = []
    path = centre(calls={"B": 5.0, "A": 5.0})
    plan_month(path, progress=lambda *args: told.append(args))
    assert told == [("forecast A", 0, 2), ("forecast B", 1, 2)]


def test_no_step_warns(centre):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plan_month(centre(calls={"A": 0.2, "B": 300.0})).exit_code == 0


def test_patience_plans_by_erlang_a_and_the_report_says_so(centre):
    more = (
        '[staffing]\nmodel = "erlang_a"\npatience_s = 180\n'
        '[targets]\nservice_level = 0.95\nsl_rule = "answer_rate"'
    )
    patient = plan_month(centre(config(more=more)))
    strict = plan_month(centre(config()))
    assert patient.exit_code == 0
    assert (patient.requirement["service_level"] >= 0.95).all()
    assert (patient.requirement["abandon_rate"] > 0).all()
    hours = [plan.monthly["agent_hours"].sum() for plan in (patient, strict)]
    assert hours[0] <= hours[1]
    assert "Erlang A: callers have 180 s of patience" in report_page(patient)
    assert "Erlang C: nobody hangs up" in report_page(strict)


def test_queues_of_a_group_are_planned_together(centre):
    calls = {"Bills": 30.0, "Care": 20.0, "Sales": 10.0}
    groups = '[groups]\nFront = ["Care", "Sales"]'
    plan = plan_month(centre(config(more=groups), calls=calls))
    assert plan.monthly["queue"].tolist() == ["Bills", "Front"]
    assert set(plan.forecast["queue"]) == set(calls)
    front = plan.requirement[plan.requirement["queue"] == "Front"]
    offered = plan.forecast[plan.forecast["queue"] != "Bills"]["offered"].sum()
    assert front["offered"].sum() == pytest.approx(offered)
    assert plan.members["queue"].tolist() == ["Care", "Sales"]
    hours = plan.alternatives.set_index("rules")["agent_hours"]
    assert hours["this plan"] < hours["every queue by itself, without groups"]
    page = report_page(plan)
    assert "by its own calls each queue meets" in page
    assert 'alt="agents of Front"' in page
    assert 'alt="agents of Sales"' not in page


def test_a_group_fails_with_any_of_its_queues(centre):
    path = centre(config(more='[groups]\nFront = ["Old", "New"]'), calls={"Old": 20.0})
    history = path.parent / "history.csv"
    extra = (
        "New,2026-02-27T09:00:00+01:00,5,200.0\nThird,2026-02-27T09:00:00+01:00,5,9\n"
    )
    history.write_text(history.read_text() + extra)
    with pytest.raises(TableError, match="New needs at least 28 days"):
        plan_month(path)


def test_a_group_does_not_hide_a_failed_queue(centre):
    members = ["Alt", "Else", "Old", "Vert"]
    path = centre(
        config(more=f"[groups]\nFront = {['New', *members]}"),
        calls=dict.fromkeys([*members, "Third"], 20.0),
    )
    history = path.parent / "history.csv"
    row = "New,2026-02-27T09:00:00+01:00,5,200.0\n"
    history.write_text(history.read_text() + row)
    plan = plan_month(path)
    assert set(plan.requirement["queue"]) == {"Third"}
    assert [*plan.failed] == ["New", *members]  # in one order, as all that is written
    assert plan.failed["Old"] == (
        "plan.toml: it is answered in the group Front with New, which failed."
    )
    assert plan.exit_code == 1


def test_a_groups_name_must_not_be_a_queues(centre):
    path = centre(
        config(more='[groups]\nThird = ["Old", "New"]'),
        calls={"Old": 20.0, "New": 9.0, "Third": 9.0},
    )
    with pytest.raises(ConfigError) as caught:
        plan_month(path)
    assert str(caught.value) == (
        "[groups]: Third is a queue of history.csv as well. Give it another name."
    )


def test_redials_need_to_know_who_hung_up(centre):
    with pytest.raises(TableError, match="how many calls of Sales are abandoned"):
        plan_month(centre(config(more="[staffing]\nredial = 0.3")))


def test_a_queue_whose_losses_are_not_known_fails_alone_where_callers_redial(centre):
    path = centre(
        config(more="[staffing]\nredial = 0.5"), calls={"Care": 30.0, "Sales": 20.0}
    )
    history = pd.read_csv(path.parent / "history.csv")
    lost = (history["offered"] // 5).where(history["queue"] == "Care")
    history["abandoned"] = lost.astype("Int64")
    history.to_csv(path.parent / "history.csv", index=False)
    plan = plan_month(path)
    assert plan.monthly["queue"].tolist() == ["Care"]
    assert list(plan.failed) == ["Sales"]
    assert plan.exit_code == 1


def test_callers_who_return_are_taken_out_and_added_back(centre):
    """The history lost a fifth of its calls; the plan loses none."""
    path = centre(config(more="[staffing]\nredial = 0.5"))
    history = pd.read_csv(path.parent / "history.csv")
    history["abandoned"] = history["offered"] // 5
    history.to_csv(path.parent / "history.csv", index=False)
    plan = plan_month(path)
    lost = history["abandoned"].tail(8 * 20).sum() / history["offered"].tail(160).sum()
    ratio = plan.monthly["offered"][0] / plan.forecast["offered"].sum()
    assert ratio == pytest.approx(1 - 0.5 * lost, rel=0.02)  # Erlang C loses nobody
    assert plan.exit_code == 0
    last_year = plan_month(path, "2026-02")
    assert last_year.monthly["last_year"].isna().all()


def test_a_plan_for_a_chance_says_how_often_it_holds(centre, monkeypatch):
    monkeypatch.setattr("staffing.requirement.chance.PATHS", {"day": 60})
    risk = '[staffing]\nrisk = { chance = 0.9, scope = "day" }'
    path = centre(config(more=risk), calls={"Sales": 60.0})
    plan = plan_month(path)
    found = plan.chances.intervals
    assert found["agents"].tolist() == plan.requirement["agents"].tolist()
    assert found["agents_90"].tolist() == found["agents"].tolist()
    assert (found["agents_50"] <= found["agents_80"]).all()
    assert (found["agents_80"] <= found["agents_90"]).all()
    row = plan.chances.pools.loc[0]
    assert row["holds"] > 0.85
    assert row["hours_mean"] < row["agent_hours"]
    assert row["mean_holds"] < row["holds"]
    assert 0.9 < row["expected_service_level"] < 1
    assert set(plan.requirement["binding"]) <= {"chance", "service_level"}
    again = plan_month(path)
    assert again.chances.intervals.equals(found)
    assert "Chance" in report_page(plan)


def test_what_must_be_said_of_a_profile_is_said(centre):
    more = (
        '[targets]\nprofile = "arera-energy"\n[staffing]\nmodel = "erlang_a"\n'
        "patience_s = 200"
    )
    plan = plan_month(centre(config(more=more)))
    said = [str(warning) for warning in plan.warnings]
    assert any("arera-energy: to be confirmed by you" in words for words in said)
    assert set(plan.requirement["binding"]) <= {"month", "min_agents", "service_level"}
    sums = plan.requirement[plan.requirement["open"]]
    answered = sums["offered"] * (1 - sums["abandon_rate"])
    assert answered.sum() / sums["offered"].sum() >= 0.85
