import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from forecast.acd.clock import grid_findings
from forecast.history import complete_history

HEAD = "queue,interval_start,offered\n"
DAY = [f"{n // 2:02}:{n % 2 * 30:02}" for n in range(48)]
AUTUMN = DAY[:6] + DAY[4:6] + DAY[6:]  # 2:00 to 3:00 comes twice
SPRING = DAY[:4] + DAY[6:]  # and never
UNSURE = (
    "a repeated clock hour cannot be told apart here (a queue has it once, or its rows "
    "are not in order of time), so its intervals count as missing"
)


def file(*days, queue="Sales"):
    """One call in the first interval, two in the second, and so on."""
    lines = [
        f"{queue},{date}T{clock},{n}"
        for date, clocks in days
        for n, clock in enumerate(clocks, 1)
    ]
    return HEAD + "\n".join(lines)


def test_the_long_day_has_fifty_half_hours_in_order(read):
    reading = read(file(("2026-10-25", AUTUMN)))
    assert reading.warnings == ()
    starts = reading.frame["interval_start"]
    grid = pd.date_range("2026-10-24T22:00Z", periods=50, freq="30min")
    assert starts.tolist() == grid.tolist()
    assert reading.frame["offered"].tolist() == list(range(1, 51))


def test_the_short_day_has_forty_six(read):
    starts = read(file(("2026-03-29", SPRING))).frame["interval_start"]
    grid = pd.date_range("2026-03-28T23:00Z", periods=46, freq="30min")
    assert starts.tolist() == grid.tolist()


def test_each_queue_tells_the_repeated_hour_apart_by_itself(read):
    both = file(("2026-10-25", AUTUMN)) + "\n"
    both += file(("2026-10-25", AUTUMN), queue="Care").removeprefix(HEAD)
    reading = read(both)
    assert reading.warnings == ()
    for _, rows in reading.frame.groupby("queue"):
        assert rows["interval_start"].is_monotonic_increasing
        assert len(rows) == 50


def test_queues_may_take_turns_within_the_repeated_hour(read):
    lines = [
        f"{queue},2026-10-25T{clock},1" for clock in AUTUMN for queue in ("A", "B")
    ]
    assert read(HEAD + "\n".join(lines)).warnings == ()


def test_the_repeated_hour_is_told_apart_by_offsets_in_any_order(read):
    times = ["02:30+01:00", "02:30+02:00", "02:00+02:00", "02:00+01:00"]
    content = HEAD + "".join(f"A,2026-10-25T{t},{n}\n" for n, t in enumerate(times))
    reading = read(content)
    assert reading.warnings == ()
    utc = reading.frame["interval_start"].dt.tz_convert("UTC").dt.strftime("%H:%M")
    assert utc.tolist() == ["01:30", "00:30", "00:00", "01:00"]


def test_a_repeated_hour_that_is_there_once_counts_as_missing_twice(read):
    reading = read(file(("2026-10-25", DAY)))
    assert [str(finding) for finding in reading.warnings] == [
        f"history.csv: {UNSURE}: row 6 ('2026-10-25T02:00'); row 7 "
        "('2026-10-25T02:30'). Export absolute times, with an offset."
    ]
    frame = reading.frame.sort_values("interval_start")
    grid = pd.date_range("2026-10-24T22:00Z", periods=50, freq="30min")
    assert frame["interval_start"].tolist() == grid.tolist()
    assert frame["offered"].isna().tolist() == [4 <= n < 8 for n in range(50)]


@pytest.mark.parametrize(
    "clocks",
    [
        AUTUMN[::-1],
        sorted(AUTUMN),
        [*AUTUMN[1:], AUTUMN[0]],
    ],
)
def test_a_repeated_hour_in_another_order_counts_as_missing(read, clocks):
    reading = read(file(("2026-10-25", clocks)))
    (warning,) = reading.warnings
    assert warning.rule == UNSURE
    assert warning.count == 4
    unknown = reading.frame.loc[reading.frame["offered"].isna(), "interval_start"]
    assert sorted(unknown) == list(
        pd.date_range("2026-10-25T00:00Z", periods=4, freq="30min")
    )


def test_a_queue_that_is_unsure_leaves_the_others_alone(read):
    both = file(("2026-10-25", AUTUMN)) + "\n"
    both += file(("2026-10-25", DAY), queue="Care").removeprefix(HEAD)
    frame = read(both).frame
    assert frame.groupby("queue").size().to_dict() == {"Care": 50, "Sales": 50}
    assert frame[frame["offered"].isna()]["queue"].tolist() == ["Care"] * 4


def test_half_of_the_repeated_hour_may_be_unsure(read):
    """2:30 is there twice and in order, 2:00 only once."""
    reading = read(file(("2026-10-25", ["01:30", "02:00", "02:30", "02:30", "03:00"])))
    assert reading.warnings[0].cases == ("row 3 ('2026-10-25T02:00')",)
    frame = reading.frame.sort_values("interval_start")
    assert frame["offered"].isna().tolist() == [
        False, True, False, True, False, False
    ]  # fmt: skip


def test_unsure_hours_of_several_years_are_all_found(read):
    days = [(f"{2020 + n}-10-{day}", ["02:00"]) for n, day in enumerate([25, 31, 30])]
    reading = read(file(*days))
    assert reading.warnings[0].count == 3
    assert len(reading.frame) == 6
    assert reading.frame["offered"].isna().all()


def test_unsure_hours_stay_missing_where_absent_rows_are_zero(read, calendar):
    everything = calendar({"mon-sun": "00:00-24:00"})
    reading = read(file(("2026-10-24", DAY), ("2026-10-25", DAY)))
    history = complete_history(
        reading.frame, everything, absent_rows="zero", where="history.csv"
    )
    assert len(history.frame) == 98
    missing = history.frame[history.frame["offered"].isna()]["interval_start"]
    assert missing.dt.hour.tolist() == [2, 2, 2, 2]
    assert history.frame["interval_start"].is_monotonic_increasing


def test_a_third_row_of_the_repeated_hour_is_a_repetition(faults):
    clocks = [*AUTUMN[:8], "02:30", *AUTUMN[8:]]
    (fault,) = faults(file(("2026-10-25", clocks)))
    assert (
        "2 of 51 rows repeat one: rows 9, 10 (Sales at 2026-10-25 02:30 CET)" in fault
    )


def test_a_clock_time_that_spring_leaves_out_is_a_fault_and_no_repetition(faults):
    assert faults(file(("2026-03-29", DAY))) == [
        "interval_start must exist in Europe/Rome, but clocks were put forward over: "
        "row 6 ('2026-03-29T02:00'); row 7 ('2026-03-29T02:30'). Export absolute "
        "times (with an offset), or correct the rows."
    ]


def test_the_same_clock_times_exist_elsewhere(read):
    reading = read(file(("2026-03-29", DAY)), zone=ZoneInfo("America/New_York"))
    assert len(reading.frame) == 48


def test_a_fault_of_one_row_does_not_blind_the_others(faults):
    content = file(("2026-03-29", ["02:30"]), ("2026-10-25", DAY)) + "\nSales,x,1\n"
    assert [fault[:43] for fault in faults(content)] == [
        "interval_start must be a time written as YY",
        "interval_start must exist in Europe/Rome, b",
    ]


def test_times_off_the_grid_are_told(faults):
    times = ["08:00", "08:10", "08:30:01"]
    assert faults(file(("2026-10-01", times))) == [
        "intervals must start on the grid of 1800 s from midnight, but do not: row 3 "
        "('2026-10-01 08:10:00'); row 4 ('2026-10-01 08:30:01'). Declare interval_s as "
        "the file has it, or correct the rows."
    ]


@pytest.mark.parametrize(("interval_s", "there_s"), [(1800, 3600), (900, 1800)])
def test_intervals_longer_than_declared_are_told(faults, interval_s, there_s):
    step = there_s // 1800
    days = [("2026-10-01", DAY[16:32:step]), ("2026-10-02", DAY[16:34:step])]
    assert faults(file(*days), interval_s=interval_s) == [
        f"all intervals must be {interval_s} s long (interval_s), but on 2 of 2 days "
        f"of a queue they are not: Sales on 2026-10-01 ({there_s} s apart); Sales on "
        f"2026-10-02 ({there_s} s apart). Declare interval_s as the file has it; "
        "export mixed lengths apart."
    ]


def test_intervals_shorter_than_declared_are_off_the_grid(faults):
    found = faults(file(("2026-10-01", DAY[16:40])), interval_s=3600)
    assert [fault.split(",")[0] for fault in found] == [
        "intervals must start on the grid of 3600 s from midnight",
        "all intervals must be 3600 s long (interval_s)",
    ]
    assert found[0].count("row ") == 12


def test_a_day_whose_length_changes_is_told_where_it_is_sure(faults):
    days = [("2026-10-01", DAY[16:40]), ("2026-10-02", DAY[16:40:2])]
    (fault,) = faults(file(*days))
    assert "but on 1 of 2 days of a queue they are not: Sales on 2026-10-02" in fault


@pytest.mark.parametrize(
    ("interval_s", "clocks"),
    [
        (900, ["08:15", "08:45"]),
        (1800, DAY),
        (3600, ["08:00", "09:00"]),
        (1800, DAY[16:24:3]),  # holes
        (1800, DAY[16:23:2]),  # too few to be sure that they are hours
    ],
)
def test_intervals_on_their_grid_are_no_fault(read, interval_s, clocks):
    assert len(read(file(("2026-10-01", clocks)), interval_s=interval_s).frame)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Asia/Kolkata", "Asia/Jerusalem"])
def test_the_grid_is_the_one_of_the_local_clock(read, zone):
    assert len(read(file(("2026-10-01", DAY)), zone=ZoneInfo(zone)).frame) == 48


def test_no_time_at_all_has_no_findings():
    starts = pd.Series(pd.DatetimeIndex([], tz="UTC"))
    assert grid_findings(starts, pd.Series([], dtype="str"), 1800, "x") == []


PRINT = """
import sys
from pathlib import Path
from zoneinfo import ZoneInfo
from forecast.acd.generic import read_history_csv
from forecast.tables import Form, csv_bytes
form = Form(time="%d %b %Y %H:%M") if sys.argv[2] == "names" else Form()
zone = ZoneInfo("Europe/Rome")
reading = read_history_csv(Path(sys.argv[1]), form, zone=zone, interval_s=1800)
sys.stdout.buffer.write(csv_bytes(reading.frame))
print(*reading.warnings)
"""


@pytest.mark.parametrize("form", ["iso", "names"])
def test_the_machine_s_zone_and_language_change_nothing(tmp_path, form):
    content = file(("2026-03-29", SPRING), ("2026-10-25", DAY))
    if form == "names":
        content = content.replace("2026-03-29T", "29 Mar 2026 ")
        content = content.replace("2026-10-25T", "25 Oct 2026 ")
    path = tmp_path / "history.csv"
    path.write_text(content)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT, str(path), form],
            env=os.environ | {"TZ": zone, "LANG": language, "LC_ALL": language},
            check=True,
            capture_output=True,
        ).stdout
        for zone, language in [
            ("UTC", "C"),
            ("America/New_York", "it_IT.UTF-8"),
        ]
    }
    assert len(outputs) == 1
    assert b"2026-10-25T03:00:00+01:00" in outputs.pop()
