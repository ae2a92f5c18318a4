from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from forecast.errors import ConfigError, TableError
from forecast.schema import TRACK
from staffing.inputs import read_past
from staffing.known import known_before
from staffing.month import staff_month
from staffing.track import track_day

CONFIG = """\
history = "history.csv"
timezone = "Europe/Rome"
[hours]
wed = "09:00-13:00"
[holidays]
country = "IT"
"""
WEDNESDAYS = {"opening": ("09:00", "13:00"), "days": [2]}
GROUP = CONFIG + '[groups]\nCare = ["Billing", "Sales"]\n'


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    """As many as tell more from fewer."""
    monkeypatch.setattr("staffing.track.ahead.PATHS", 20)


def today(folder, rows, name="today.csv"):
    """Write (queue, time, offered, aht_s, agents) as today's file; its path."""
    table = pd.DataFrame(
        rows, columns=["queue", "interval_start", "offered", "aht_s", "agents"]
    )
    table["interval_start"] = [
        pd.Timestamp(t).tz_localize("Europe/Rome").isoformat() if len(t) == 16 else t
        for t in table["interval_start"]
    ]
    path = folder / name
    table.to_csv(path, index=False)
    return path


def day(queue, calls, *, date="2026-03-04", aht_s=200.0, first=9.0, agents=None):
    """Half-hours of a queue from 09:00 on with these calls."""
    clock = [first + i / 2 for i in range(len(calls))]
    return [
        (queue, f"{date} {int(h):02d}:{int(h % 1 * 60):02d}", n, aht_s, agents)
        for h, n in zip(clock, calls, strict=True)
    ]


@pytest.fixture
def config(centre):
    return centre(CONFIG, **WEDNESDAYS)


def test_a_day_that_goes_as_planned_needs_those_planned(config, tmp_path):
    read = read_past(config)
    plan = staff_month(
        read.config, known_before(read.config, read.reading, "2026-03", "history.csv")
    )
    rows = plan.forecast[plan.forecast["interval_start"].dt.day == 4]
    calls = rows["offered"].round().tolist()[:4]
    table = track_day(config, today(tmp_path, day("Sales", calls))).table
    assert list(table.columns) == [column.name for column in TRACK.columns]
    ahead = table.iloc[4:]
    assert table["offered"].tolist()[:4] == calls
    assert ahead["offered"].isna().all()
    assert ahead["expected_offered"].to_numpy() == pytest.approx(
        ahead["planned_offered"].to_numpy(), rel=0.03
    )
    assert (ahead["net"].abs() <= 1).all()
    assert (ahead["net"] == ahead["agents"] - ahead["needed_agents"]).all()
    of_day = plan.requirement[plan.requirement["interval_start"].dt.day == 4]
    assert table["planned_agents"].tolist() == of_day["agents"].tolist()


def test_a_busy_day_lacks_agents_and_they_mend_it(config, tmp_path):
    tracked = track_day(config, today(tmp_path, day("Sales", [60, 61, 58, 62])))
    ahead = tracked.table.iloc[4:]
    assert (ahead["net"].iloc[:4] < 0).all()
    row = tracked.outlook.iloc[0]
    assert 1.2 < row["rest_expected"] / row["rest_planned"] < 2.1
    assert row["rest_planned"] < row["rest_p10"] < row["rest_p90"]
    assert row["more_than_planned"] > 0.99
    kpis = tracked.kpis.set_index("state")
    assert list(kpis.index) == ["planned", "so far", "expected", "corrected"]
    assert kpis["offered"]["so far"] == 241
    level = kpis["service_level"]
    assert level["expected"] + 0.05 < level["corrected"]
    assert level["planned"] >= 0.95


def test_nothing_yet_is_the_plan(config, tmp_path):
    """A file that only says who is to be there: two in each half-hour."""
    rows = day("Sales", [None] * 8, aht_s=None, agents=2)
    tracked = track_day(config, today(tmp_path, rows))
    table = tracked.table
    assert (f"{tracked.today.at:%H:%M}", tracked.kpis["state"].tolist()) == (
        "09:00",
        ["planned", "expected", "corrected"],
    )
    assert table["expected_offered"].to_numpy() == pytest.approx(
        table["planned_offered"].to_numpy()
    )
    assert (table["needed_agents"] == table["planned_agents"]).all()
    assert (table["agents"].iloc[:8] == 2).all()


def test_a_day_that_has_ended_has_no_rest(centre, tmp_path):
    """Nor a service level, where the targets do not say which."""
    config = centre(CONFIG + "[targets]\nasa_s = 20\n", **WEDNESDAYS)
    tracked = track_day(config, today(tmp_path, day("Sales", [30] * 8)))
    came = tracked.table.iloc[:8]
    assert (came["expected_offered"] == 30).all()
    assert (came["offered_p90"] == 30).all()
    assert tracked.outlook.iloc[0][["rest_planned", "rest_p90"]].tolist() == [0, 0]
    assert tracked.table.filter(like="service_level").isna().all(axis=None)
    kpis = tracked.kpis.set_index("state")
    assert kpis["offered"]["expected"] == 240
    assert kpis["asa_s"]["expected"] > 0


def test_neither_what_ended_later_nor_the_month_itself_is_looked_at(centre, tmp_path):
    early, late = (
        centre(CONFIG, **WEDNESDAYS, last=last, folder=last)
        for last in ("2026-02-28", "2026-03-20")
    )
    rows = day("Sales", [30, 31, 29, 30, 90, 90, 90, 90], agents=5)
    cut = rows[:4] + day("Sales", [None] * 4, aht_s=None, first=11.0, agents=5)
    blind = track_day(early, today(tmp_path, cut, "cut.csv"))
    whole = track_day(late, today(tmp_path, rows), "11:15")
    pd.testing.assert_frame_equal(whole.table, blind.table)
    pd.testing.assert_frame_equal(whole.kpis, blind.kpis)


def test_a_group_has_agents_and_its_queues_have_calls(centre, tmp_path):
    calls = {"Sales": 30.0, "Billing": 12.0}
    config = centre(GROUP, **WEDNESDAYS, calls=calls)
    rows = day("Sales", [45] * 4, agents=4) + day("Billing", [12] * 4, agents=2)
    tracked = track_day(config, today(tmp_path, rows))
    table = tracked.table.set_index(["queue", "interval_start"])
    care, sales, billing = (table.loc[q] for q in ("Care", "Sales", "Billing"))
    for name in ("planned_offered", "expected_offered", "offered"):
        total = sales[name] + billing[name]
        assert care[name].to_numpy() == pytest.approx(total.to_numpy(), nan_ok=True)
    assert (care["agents"].iloc[:4] == 6).all()
    assert sales["agents"].isna().all()
    assert set(tracked.kpis["queue"]) == {"Care"}
    assert tracked.outlook["queue"].tolist() == ["Care", "Billing", "Sales"]
    assert (care["expected_service_level"].dropna() <= 1.0).all()


def test_a_day_on_which_clocks_go_back(centre, tmp_path):
    config = centre(
        CONFIG.replace('wed = "09:00-13:00"', 'mon-sun = "00:00-24:00"'),
        opening=("00:00", "24:00"),
        days=range(7),
        calls={"Sales": 4.0},
        first="2025-08-01",
        last="2025-09-30",
    )
    zone = ZoneInfo("Europe/Rome")
    grid = pd.date_range("2025-10-26", periods=50, freq="30min", tz=zone)
    rows = [("Sales", t.isoformat(), 5, 200.0, None) for t in grid[:10]]
    table = track_day(config, today(tmp_path, rows)).table
    assert table["interval_start"].tolist() == grid.tolist()
    assert table["offered"].notna().sum() == 10
    assert table["expected_service_level"].notna().all()


def test_a_plan_for_a_chance_needs_agents_for_that_chance(
    centre, tmp_path, monkeypatch
):
    monkeypatch.setattr("staffing.requirement.chance.PATHS", {"day": 10})
    monkeypatch.setattr("staffing.requirement.chance.FRESH_PATHS", 5)
    chance = CONFIG + "[staffing]\nrisk = { chance = 0.9, scope = 'day' }\n"
    mean, sure = (
        centre(text, **WEDNESDAYS, folder=name)
        for name, text in (("mean", CONFIG), ("chance", chance))
    )
    file = today(tmp_path, day("Sales", [30, 30]))
    need = [track_day(c, file).table["needed_agents"].sum() for c in (mean, sure)]
    assert need[0] < need[1]


def test_before_anything_came_the_plan_is_what_is_expected(config, tmp_path):
    rows = day("Sales", [None] * 8, aht_s=None)
    kpis = track_day(config, today(tmp_path, rows)).kpis.set_index("state")
    pd.testing.assert_series_equal(
        kpis.loc["planned"], kpis.loc["expected"], check_names=False
    )


def with_columns(config, **columns):
    """The history beside a plan.toml, with these columns too."""
    path = config.parent / "history.csv"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def test_callers_hang_up_as_they_did_whatever_the_model_of_the_plan(config, tmp_path):
    file = today(tmp_path, day("Sales", [60, 61, 58, 62]))
    waits = {"asa_s": 20.0, "abandon_wait_s": 20.0}
    lost = []
    for abandoned in (0.0, 3.0):
        with_columns(config, abandoned=abandoned, **waits)
        kpis = track_day(config, file).kpis.set_index("state")
        lost.append(kpis["abandon_rate"]["expected"])
    assert lost[0] + 0.02 < lost[1]


def test_today_needs_no_measures_nor_columns_that_may_be_missing(centre, tmp_path):
    text = CONFIG + (
        '[columns]\noffered = "calls"\nagents = "there"\n'
        '[kpis.fcr]\ncolumn = "solved"\nunit = "1"\nweight = "surveys"\n'
        'better = "higher"\n'
    )
    plain, config = (
        centre(t, **WEDNESDAYS, folder=f) for t, f in ((CONFIG, "plain"), (text, "own"))
    )
    with_columns(config, there=5, solved=0.7, surveys=3)
    history = config.parent / "history.csv"
    history.write_text(history.read_text().replace("offered", "calls", 1))
    file = today(tmp_path, day("Sales", [40, 41]))
    want = track_day(plain, file).table
    bare = pd.read_csv(file).drop(columns="agents").rename(columns={"offered": "calls"})
    for number, more in enumerate(({}, {"solved": "n/a"})):
        path = tmp_path / f"{number}.csv"
        bare.assign(**more).to_csv(path, index=False)
        pd.testing.assert_frame_equal(track_day(config, path).table, want)


def test_a_queue_of_which_nothing_is_known_is_told(centre, tmp_path):
    config = centre(CONFIG, **WEDNESDAYS, calls={"Sales": 30.0, "Billing": 12.0})
    tracked = track_day(config, today(tmp_path, day("Sales", [30] * 3)), "23:00")
    assert list(map(str, tracked.warnings))[:2] == [
        "today.csv: the file has no rows of Billing before 23:00: taken as planned. "
        "Export the day again, or give an earlier --at.",
        "today.csv: the file has no rows of Sales from 10:30 to 23:00: taken as "
        "expected now. Export the day again, or give an earlier --at.",
    ]
    outlook = tracked.outlook.set_index("queue")
    assert outlook[["known", "unknown"]].to_numpy().tolist() == [[0, 8], [3, 5]]
    assert (outlook[["rest_planned", "rest_expected", "rest_p90"]] == 0).all(axis=None)


def test_rows_to_come_that_hold_zeros_are_told(config, tmp_path):
    file = today(tmp_path, day("Sales", [30, 0, 31, 0, 0, 0, 0, 0]))
    said = (
        "today.csv: no queue has a call in the rows from 10:30 on, which are taken as "
        "over. If they are yet to come, give --at 10:30."
    )
    assert said in map(str, track_day(config, file).warnings)
    assert said not in map(str, track_day(config, file, "10:30").warnings)


def test_what_is_odd_in_the_history_is_told(config, tmp_path):
    history = config.parent / "history.csv"
    rows = history.read_text().splitlines(keepends=True)
    history.write_text("".join(rows[:20] + rows[21:]))
    told = [
        str(w) for w in track_day(config, today(tmp_path, day("Sales", [30]))).warnings
    ]
    odd = [
        text for text in told if text.startswith("history.csv: open intervals without")
    ]
    assert len(odd) == 1
    assert len(set(told)) == len(told)


def test_both_files_of_one_name_are_sources(config, tmp_path):
    (tmp_path / "today").mkdir()
    file = today(tmp_path / "today", day("Sales", [30]), "history.csv")
    sources = {source.name: source.sha256 for source in track_day(config, file).sources}
    assert list(sources) == ["plan.toml", "history.csv", "actual"]
    assert len(set(sources.values())) == 3


def faults(config, rows, folder):
    with pytest.raises(TableError) as raised:
        track_day(config, today(folder, rows))
    return str(raised.value)


def test_every_fault_is_told_with_its_row(config, tmp_path):
    rows = [
        *day("Sales", [30, 30]),
        *day("Sale", [30], date="2026-03-04"),
        *day("Sales", [30], date="2026-03-05"),
    ]
    assert faults(config, rows, tmp_path) == (
        "today.csv: queue must be one that the plan knows (Sales), but is not: row 4 "
        "('Sale'). Correct the rows, or leave them out with [rows] exclude.\n"
        "today.csv: all rows must be of one day, as most are of 2026-03-04, but are "
        "not: row 5 ('2026-03-05 09:00'). Export the running day alone."
    )


def test_a_closed_day_is_refused(config, tmp_path):
    assert faults(config, day("Sales", [3], date="2026-03-08"), tmp_path) == (
        "today.csv: the day must be one on which a queue is open, but 2026-03-08 is "
        "closed. Correct [hours], [holidays] or closures, or the rows."
    )


def test_a_month_that_cannot_be_planned_is_refused(config, tmp_path):
    assert faults(config, day("Sales", [3], date="2025-11-05"), tmp_path) == (
        "history.csv: there are no rows before 2025-11-01, when the plan begins. Plan "
        "a later month."
    )


@pytest.mark.parametrize("at", ["25:00", "2026-03-04T12:00"])
def test_a_time_that_is_none(at, config, tmp_path):
    with pytest.raises(ConfigError) as raised:
        track_day(config, today(tmp_path, day("Sales", [30])), at)
    assert str(raised.value) == f"--at: must be a local time HH:MM, but is {at!r}."
