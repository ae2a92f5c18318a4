"""Europe/Rome, 2020 to 2035: every day is whole, and every sum is kept."""

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from reference.tables import forecast_of

from forecast.acd.generic import read_history_csv
from forecast.history import complete_history
from forecast.intervals import Calendar, OpeningHours
from forecast.tables import Form, csv_bytes
from forecast.totals import totals_by
from staffing.kpi import kpis_by, sums_of
from staffing.requirement import Rules, monthly_for, requirement_for
from staffing.shrinkage import Component, Shrinkage

ROME = ZoneInfo("Europe/Rome")
FIRST, LAST = dt.date(2020, 1, 1), dt.date(2035, 12, 31)
DATES = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
CHANGES = {3: -1, 10: 1}
"""Hours that the clock change of a month adds to its Sunday."""


def hour_added(date):
    """On the last Sunday of March and October, by the EU's Directive 2000/84/EC."""
    weeks = calendar.monthcalendar(date.year, date.month)
    last_sunday = max(week[calendar.SUNDAY] for week in weeks)
    return CHANGES.get(date.month, 0) if date.day == last_sunday else 0


def rome(hours, interval_s=1800):
    return Calendar(ROME, interval_s, OpeningHours.parse({"mon-sun": hours}))


def intervals_of_days(starts):
    """How many start on each local date."""
    days = starts.tz_localize(None).floor("D")
    counts = pd.Series(1, index=days).groupby(level=0).sum()
    assert [day.date() for day in counts.index] == DATES
    return counts.tolist()


@pytest.mark.parametrize("interval_s", [900, 1800, 3600])
def test_a_day_has_46_or_50_half_hours_on_two_sundays_a_year_and_else_48(interval_s):
    in_hour = 3600 // interval_s
    starts = rome("00:00-24:00", interval_s).open_intervals("A", FIRST, LAST)
    assert intervals_of_days(starts) == [
        in_hour * (24 + hour_added(date)) for date in DATES
    ]
    steps = np.diff(starts.as_unit("s").asi8)
    assert (steps == interval_s).all()
    assert len(DATES) == 5844


@pytest.mark.parametrize("interval_s", [900, 1800, 3600])
def test_a_night_over_a_clock_change_is_an_hour_shorter_or_longer(interval_s):
    in_hour = 3600 // interval_s
    starts = rome("22:00-06:00", interval_s).open_intervals("A", FIRST, LAST)
    assert intervals_of_days(starts) == [
        in_hour * (8 + hour_added(date)) for date in DATES
    ]


def history_of(first, last):
    """Calls at every half-hour of whole days, and how many half-hours each day has."""
    starts = rome("00:00-24:00").open_intervals("A", first, last)
    chance = np.random.default_rng(5)
    offered = chance.poisson(12.0, len(starts)).astype(float)
    lost = np.minimum(chance.poisson(1.0, len(starts)), offered)
    rows = pd.DataFrame(
        {
            "queue": "A",
            "interval_start": starts,
            "offered": offered,
            "handled": offered - lost,
            "abandoned": lost,
            "aht_s": chance.uniform(150.0, 300.0, len(starts)),
            "asa_s": chance.uniform(0.0, 90.0, len(starts)),
        }
    ).astype({"queue": "str"})
    dates = [date for date in DATES if first <= date <= last]
    lengths = [2 * (24 + hour_added(date)) for date in dates]
    assert sum(lengths) == len(rows)
    return rows, dates, lengths


def sums(values, lengths, keys):
    """Sums of consecutive days by key: no clock and no table has a part in them."""
    ends = np.cumsum(lengths)
    found = {}
    for key, end, length in zip(keys, ends, lengths, strict=True):
        found[key] = found.get(key, 0.0) + values[end - length : end].sum()
    return found


def check_sums(rows, dates, lengths):
    """Totals of days, months and years, of the KPIs and of the plan."""
    starts = rows["interval_start"]
    offered = rows["offered"].to_numpy()
    handle_s = (rows["aht_s"] * rows["handled"]).to_numpy()
    of_kpis = sums_of(rows, 1800.0)
    months = [f"{date:%Y-%m}" for date in dates]
    grains = (
        (starts.dt.date, dates),
        (starts.dt.strftime("%Y-%m"), months),
        (starts.dt.year, [date.year for date in dates]),
    )
    for codes, keys in grains:
        expected = sums(offered, lengths, keys)
        total = totals_by(pd.Index(codes), offered, offered[None, :], "period")
        assert dict(zip(total["period"], total["offered"], strict=True)) == expected
        assert total["offered_p90"].to_numpy() == pytest.approx([*expected.values()])
        kpis = kpis_by(of_kpis, codes.to_numpy(), sl_rule="offered")
        assert dict(zip(kpis.index, kpis["offered"], strict=True)) == expected
        seconds = sums(handle_s, lengths, keys)
        answered = sums(rows["handled"].to_numpy(), lengths, keys)
        aht_s = [seconds[key] / answered[key] for key in expected]
        assert kpis["aht_s"].tolist() == pytest.approx(aht_s, rel=1e-9)
    agents = (2 + np.arange(len(rows)) % 7).astype(float)
    plan = rows.assign(agents=agents, scheduled=agents / 0.7, interval_s=1800)
    nothing = ["offered", "offered_p10", "offered_p90", "last_year"]
    nothing += ["offered_forecast", "offered_given"]
    bands = pd.DataFrame({"queue": "A", "month": [*dict.fromkeys(months)]})
    table = monthly_for(
        plan,
        bands.assign(**dict.fromkeys(nothing, 1.0)),
        Shrinkage({"all": Component(0.3)}),
        full_time_h=40.0,
    )
    for name, values in (("offered", offered), ("agent_hours", agents / 2)):
        expected = [*sums(values, lengths, months).values()]
        assert table[name].tolist() == pytest.approx(expected, rel=1e-9), name
    hours = 24.0 * len(dates) + sum(map(hour_added, dates))
    assert table["paid_hours"].sum() == pytest.approx(agents.mean() * hours / 0.7)


def check_written_and_read(rows, folder, zones):
    """What is written is read as it was, in local time and in others; none is odd."""
    whole = complete_history(
        rows, rome("00:00-24:00"), absent_rows="missing", where="history.csv"
    )
    assert whole.warnings == ()
    pd.testing.assert_frame_equal(whole.frame, rows)
    path = folder / "history.csv"
    for zone in zones:
        there = rows["interval_start"].dt.tz_convert(zone or ROME)
        if zone is None:  # clock times without an offset, told apart by their order
            text = there.dt.strftime("%Y-%m-%dT%H:%M").astype("str")
            path.write_bytes(csv_bytes(rows.assign(interval_start=text)))
        else:
            path.write_bytes(csv_bytes(rows.assign(interval_start=there)))
        reading = read_history_csv(path, Form(), zone=ROME, interval_s=1800)
        assert reading.warnings == ()
        again = reading.frame.reset_index(drop=True)
        pd.testing.assert_frame_equal(again, rows, check_exact=True)


def test_sums_of_two_years_are_kept(tmp_path):
    rows, *days = history_of(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
    check_sums(rows, *days)
    changes = rows[rows["interval_start"].dt.month.isin([3, 10])]
    year = changes[changes["interval_start"].dt.year == 2026]
    march = year[year["interval_start"].dt.month == 3].reset_index(drop=True)
    october = year[year["interval_start"].dt.month == 10].reset_index(drop=True)
    for month in (march, october):
        check_written_and_read(month, tmp_path, ["Europe/Rome", None, "UTC"])


@pytest.mark.soak
def test_sums_of_every_day_of_16_years_are_kept(tmp_path):
    rows, *days = history_of(FIRST, LAST)
    check_sums(rows, *days)
    check_written_and_read(rows, tmp_path, ["Europe/Rome", None, "UTC", "Asia/Kabul"])


@pytest.mark.parametrize("month", ["2027-03", "2027-10"])
def test_a_plan_of_a_month_with_a_clock_change_has_its_hours(month):
    """Agents there all the time are paid for the hour more or less."""
    days = [date for date in DATES if f"{date:%Y-%m}" == month]
    hours = sum(24 + hour_added(date) for date in days)
    forecast = forecast_of([20.0] * 2 * hours, start=f"{month}-01 00:00")
    table = requirement_for(forecast, Rules(seats=lambda _: (5, 5)))
    assert len(table) == 2 * hours
    assert table["interval_start"].iloc[-1].strftime("%H:%M") == "23:30"
    assert table["agents"].sum() * 0.5 == 5.0 * hours
