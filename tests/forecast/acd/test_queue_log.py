"""Asterisk's queue_log: every call once, in the interval in which it came."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

ROME = ZoneInfo("Europe/Rome")
TALK = (
    "aht_s is talk alone: the log knows of no work after the call. Where agents work "
    "on after calls, tell how much longer it makes them: [[aht.changes]] effect."
)


def log(*events):
    """A log of (local time or epoch, call, queue, event)."""

    def epoch(time):
        if not isinstance(time, str):
            return time
        return dt.datetime.fromisoformat(time).replace(tzinfo=ROME).timestamp()

    return "".join(
        f"{epoch(time):.10g}|{call}|{queue}|NONE|{event}\n"
        for time, call, queue, event in events
    )


@pytest.fixture(scope="module")
def counted(imported):
    """The rows of a log as tuples, and its warnings but the one on talk."""

    def counted(content, *names, **options):
        reading = imported(content, "queue-log", name="queue_log", **options)
        talk, *others = [str(warning) for warning in reading.warnings]
        assert talk == f"queue_log: {TALK}"
        frame = reading.frame
        starts = [f"{start:%d %H:%M %Z}" for start in frame["interval_start"]]
        rows = zip(starts, *(frame[name].tolist() for name in names), strict=True)
        return list(rows), [text.removeprefix("queue_log: ") for text in others]

    return counted


def test_the_book_s_own_log_is_read(counted):
    # Bryant, Madsen, Van Meggelen: Asterisk, The Definitive Guide, 3rd ed., ch. 13.
    content = (
        "1292281046|psy1-1292281041.87|7100|NONE|ENTERQUEUE||4165551212|1\n"
        "1292281046|psy1-1292281041.87|7100|Local/9996@MemberConnector|RINGNOANSWER|0\n"
        "1292281048|psy1-1292281041.87|7100|Local/9990@MemberConnector|CONNECT|2"
        "|psy1-1292281046.90|0\n"
        "1292284121|psy1-1292281041.87|7100|Local/9990@MemberConnector|COMPLETECALLER"
        "|2|3073|1\n"
        "1292284222|MANAGER|7100|Local/9990@MemberConnector|REMOVEMEMBER|\n"
    )
    rows, warnings = counted(content, "offered", "handled", "asa_s", "aht_s")
    assert rows == [("13 23:30 CET", 1.0, 1.0, 2.0, 3073.0)]
    assert warnings == []


def test_a_call_over_midnight_counts_in_the_day_in_which_it_came(counted):
    content = log(
        ("2026-03-02T23:59:50", "a", "Q", "ENTERQUEUE||1|1"),
        ("2026-03-03T00:00:20", "a", "Q", "CONNECT|30|b|2"),
        ("2026-03-03T00:03:20", "a", "Q", "COMPLETEAGENT|30|180|1"),
    )
    rows, _ = counted(content, "offered", "asa_s", "aht_s")
    assert rows == [("02 23:30 CET", 1.0, 30.0, 180.0)]


def test_both_passes_of_a_repeated_hour_and_the_clock_put_forward(counted):
    autumn = int(dt.datetime(2026, 10, 25, 0, 10, tzinfo=dt.UTC).timestamp())
    spring = int(dt.datetime(2026, 3, 29, 0, 59, tzinfo=dt.UTC).timestamp())
    content = log(
        (autumn, "a", "Q", "ENTERQUEUE||1|1"),
        (autumn + 3600, "b", "Q", "ENTERQUEUE||1|1"),
        (autumn + 3610, "b", "Q", "ABANDON|1|1|10"),
        (autumn + 3620, "a", "Q", "ABANDON|1|1|3620"),
        (spring, "c", "Q", "ENTERQUEUE||1|1"),
        (spring + 120, "c", "Q", "ABANDON|1|1|120"),
    )
    rows, _ = counted(content, "abandoned", "abandon_wait_s")
    assert rows == [
        ("29 01:30 CET", 1.0, 120.0),
        ("25 02:00 CEST", 1.0, 3620.0),
        ("25 02:00 CET", 1.0, 10.0),
    ]


def test_a_transferred_call_is_offered_in_each_queue_that_it_enters(counted):
    content = log(
        ("2026-03-02T09:00:00", "a", "Sales", "ENTERQUEUE||1|1"),
        ("2026-03-02T09:00:05", "a", "Sales", "CONNECT|5|b|2"),
        ("2026-03-02T09:01:05", "a", "Sales", "ATTENDEDTRANSFER|BRIDGE|x|5|60|1"),
        ("2026-03-02T09:01:05", "a", "Care", "ENTERQUEUE||1|1"),
        ("2026-03-02T09:01:45", "a", "Care", "EXITWITHKEY|1|1|1|40"),
        ("2026-03-02T09:02:00", "a", "Sales", "ENTERQUEUE||1|1"),
        ("2026-03-02T09:02:20", "a", "Sales", "CONNECT|20|b|2"),
        ("2026-03-02T09:05:20", "a", "Sales", "COMPLETECALLER|20|180|1"),
    )
    rows, warnings = counted(content, "queue", "offered", "handled", "abandoned")
    assert rows == [
        ("02 09:00 CET", "Care", 1.0, 0.0, 0.0),
        ("02 09:00 CET", "Sales", 2.0, 2.0, 0.0),
    ]
    assert warnings == []


def test_calls_that_the_log_cuts_off_are_told(counted):
    content = log(
        ("2026-03-02T09:00:00", "old", "Q", "CONNECT|70|b|2"),
        ("2026-03-02T09:00:10", "old", "Q", "COMPLETECALLER|70|10|1"),
        ("2026-03-02T09:10:00", "a", "Q", "ENTERQUEUE||1|1"),
        ("2026-03-02T09:11:00", "b", "Q", "ENTERQUEUE||1|2"),
        ("2026-03-02T09:11:30", "b", "Q", "CONNECT|30|c|2"),
    )
    rows, warnings = counted(content, "offered", "handled", "abandoned", "asa_s")
    assert rows == [("02 09:00 CET", 2.0, 1.0, 0.0, 30.0)]
    assert warnings == [
        "calls had entered before the log begins, and are left out: row 1.",
        "calls have no end in the log: they count as offered, and as handled if an "
        "agent answered: row 3; row 4.",
    ]


def test_a_last_line_that_is_being_written_is_left_out_and_told(counted):
    whole = log(
        ("2026-03-02 09:00", "1", "Sales", "ENTERQUEUE"),
        ("2026-03-02 09:01", "1", "Sales", "ABANDON"),
    )
    rows, warnings = counted(whole + "17724456")
    assert rows == counted(whole)[0]
    assert warnings == [
        "the last line is cut off, as if the log was being written; it is left out: "
        "row 3."
    ]


def test_lines_of_another_file_are_refused_with_their_rows(refused):
    content = "1366720340|a|Q|NONE|ENTERQUEUE||1|1\n\nqueue;calls\n1366|x\n"
    assert refused(content, "queue-log", name="queue_log") == [
        "lines must be epoch|call|queue|agent|EVENT|…, but these are not: row 3 "
        "('queue;calls'); row 4 ('1366|x'). Export the log as it is."
    ]
    assert refused("1366720340|a|Q|NONE|PAUSE|\n", "queue-log", name="queue_log") == [
        "there must be calls that enter a queue (ENTERQUEUE), but there are none. "
        "Export a longer time."
    ]


def test_a_log_of_many_calls_adds_up_in_any_order_of_its_parts(imported):
    """Counted one by one beside the reader, as a person would with a pencil."""
    random = np.random.default_rng(8)
    lines, known = [], {}
    for call in range(400):
        came = 1772438400 + int(random.integers(6 * 3600))
        wait_s, talk_s = map(int, random.integers([0, 1], [90, 900]))
        start = came - came % 1800
        row = known.setdefault(
            start, {"offered": 0, "within": 0, "talk": [], "hung": []}
        )
        row["offered"] += 1
        lines.append((came, f"{call}", "Q", "ENTERQUEUE||1|1"))
        if random.random() < 0.3:
            lines.append((came + wait_s, f"{call}", "Q", f"ABANDON|1|1|{wait_s}"))
            row["hung"].append(wait_s)
        else:
            lines.append((came + wait_s, f"{call}", "Q", f"CONNECT|{wait_s}|x|1"))
            ended = came + wait_s + talk_s
            lines.append((ended, f"{call}", "Q", f"COMPLETEAGENT|{wait_s}|{talk_s}|1"))
            row["within"] += wait_s <= 20
            row["talk"].append(talk_s)
    lines.sort(key=lambda line: line[0])
    halves = log(*lines[600:]) + log(*lines[:600])
    frame = imported(halves, "queue-log", threshold_s=20).frame
    assert len(frame) == len(known) == 12
    for start, row in known.items():
        read = frame[frame["interval_start"] == pd.Timestamp(start, unit="s", tz="UTC")]
        (read,) = read.to_dict("records")
        assert read["offered"] == row["offered"]
        assert read["handled"] == len(row["talk"])
        assert read["abandoned"] == len(row["hung"])
        assert read["short_abandoned"] == sum(wait_s <= 20 for wait_s in row["hung"])
        assert read["answered_within"] == row["within"]
        assert read["aht_s"] == pytest.approx(sum(row["talk"]) / len(row["talk"]))
        assert read["abandon_wait_s"] == pytest.approx(
            sum(row["hung"]) / len(row["hung"])
        )
