import numpy as np
import pandas as pd
import pytest

from forecast import schema
from staffing.kpi import ALL, Declared, kpi_table, kpis_by

UNITS = {"Care": ["A", "B"], "Client of A": ["A"]}
GRAINS = ("interval", "day", "week", "month")


def compared(planned, realised, **options):
    return kpi_table(planned, realised, **{"sl_rule": "offered"} | options)


def value(table, queue, period, kpi):
    rows = table.set_index(["queue", "period", "kpi"])
    return rows.loc[(queue, period, kpi)]


def test_the_table_is_the_declared_one_in_the_order_of_units_and_time(sums):
    table = compared(sums(seed=1), sums(seed=2), grains=GRAINS, units=UNITS)
    pd.testing.assert_frame_equal(
        schema.check_table(table, schema.KPI, "kpis"), table, check_exact=True
    )
    assert [*dict.fromkeys(table["queue"])] == ["A", "B", "Care", "Client of A", ALL]
    assert [*dict.fromkeys(table["period"])][-4:] == [
        "2026-03-03",
        "2026-03-04",
        "2026-W10",
        "2026-03",
    ]
    assert table["period"].iloc[0] == "2026-03-02T08:00:00+01:00"
    assert [*dict.fromkeys(table["kpi"])][:2] == ["offered", "handled"]


def test_every_unit_and_period_is_the_kpi_of_its_rows(sums):
    planned, realised = sums(seed=1), sums(seed=2)
    table = compared(planned, realised, grains=GRAINS, units=UNITS)
    for side, rows in (("planned", planned), ("realised", realised)):
        whole = kpis_by(rows, np.zeros(len(rows)), sl_rule="offered").iloc[0]
        for unit in ("Care", ALL):
            for kpi in whole.index:
                found = value(table, unit, "2026-03", kpi)[side]
                assert found == pytest.approx(whole[kpi]), kpi
        day = rows[(rows["queue"] == "A") & (rows["interval_start"].dt.day == 3)]
        one = kpis_by(day, np.zeros(len(day)), sl_rule="offered").iloc[0]
        for unit in ("A", "Client of A"):
            found = value(table, unit, "2026-03-03", "asa_s")[side]
            assert found == pytest.approx(one["asa_s"])
    gap = table["realised"] - table["planned"]
    np.testing.assert_array_equal(table["gap"], gap)


def test_only_intervals_known_on_both_sides_are_compared(sums):
    planned, realised = sums(seed=1), sums(seed=2)
    realised.loc[0, "offered"] = np.nan
    table = compared(planned, realised.drop(index=1), grains=["month"])
    offered = value(table, "A", "2026-03", "offered")
    assert offered["planned"] == planned.loc[2:8, "offered"].sum()
    assert offered["realised"] == realised.loc[2:8, "offered"].sum()


def test_adherence_is_the_agents_there_over_those_planned(sums):
    planned, realised = sums(agents=5.0), sums(agents=4.0)
    realised.loc[:8, "agent_s"] = np.nan  # of A nothing is known
    table = compared(planned, realised, grains=["month"])
    found = value(table, "B", "2026-03", "adherence")
    assert found.tolist() == [1.0, 0.8, pytest.approx(-0.2)]
    assert value(table, ALL, "2026-03", "adherence")["realised"] == 0.8
    assert table[(table["queue"] == "A") & (table["kpi"] == "adherence")].empty


def test_declared_kpis_are_realised_and_never_planned(sums):
    fcr = Declared("fcr", "fcr_share", "1", "handled", "higher")
    share = np.linspace(0.5, 0.9, 18)
    realised = sums(seed=2, declared=[fcr], fcr=share)
    table = compared(sums(seed=1), realised, grains=["month"], declared=[fcr])
    found = value(table, ALL, "2026-03", "fcr")
    weights = realised["handled"] / realised["handled"].sum()
    assert found["realised"] == pytest.approx((share * weights).sum())
    assert np.isnan(found["planned"])


def test_without_a_plan_the_realised_side_stands_alone(sums):
    realised = sums()
    table = compared(None, realised, grains=["month"])
    beside = compared(sums(seed=5), realised, grains=["month"])
    assert table["planned"].isna().all()
    assert set(beside["kpi"]) - set(table["kpi"]) == {"adherence"}
    pd.testing.assert_series_equal(
        table["realised"],
        beside.loc[beside["kpi"] != "adherence", "realised"],
        check_index=False,
    )


def test_an_iso_week_belongs_to_the_year_of_its_thursday(sums):
    table = sums(count=1)
    new_year = pd.Timestamp("2027-01-01 09:00", tz="Europe/Rome")
    table["interval_start"] = new_year
    found = compared(None, table, grains=["week", "month"])
    assert set(found["period"]) == {"2026-W53", "2027-01"}


def test_both_passes_of_the_repeated_hour_are_intervals_of_one_day(sums):
    table = sums(count=2)
    utc = pd.DatetimeIndex(["2026-10-25T00:30Z", "2026-10-25T01:30Z"])
    table["interval_start"] = utc.append(utc).tz_convert("Europe/Rome")
    found = compared(None, table, grains=["interval", "day"])
    assert [*dict.fromkeys(found["period"])] == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25",
    ]


def test_planned_contacts_are_those_expected_and_add_up(sums):
    planned = sums(seed=1)
    planned["expected"] = planned["offered"] * 1.05
    table = compared(planned, sums(seed=2), grains=["month"])
    counts = [
        value(table, ALL, "2026-03", name)["planned"]
        for name in ("offered", "handled", "abandoned")
    ]
    assert counts[0] == pytest.approx(planned["expected"].sum())
    assert counts[0] == pytest.approx(counts[1] + counts[2])
