import numpy as np
import pandas as pd
import pytest

from forecast.errors import TableError
from forecast.schema import FORECAST, HISTORY, check_table, describe_key


def history(**changes):
    table = {
        "offered": [3.0, np.nan],
        "queue": ["A", "A"],
        "interval_start": pd.date_range(
            "2026-10-25 01:30", periods=2, freq="h", tz="Europe/Rome"
        ),
    }
    table |= changes
    return pd.DataFrame(
        {name: values for name, values in table.items() if values is not None},
        index=[2, 3],
    )


def refusal(table, of=HISTORY):
    with pytest.raises(TableError) as caught:
        check_table(table, of, "x.csv")
    return str(caught.value)


def test_a_sound_table_is_returned_in_the_order_of_its_columns():
    table = history(aht_s=[300.0, np.nan], note="x")
    before = table.copy()
    checked = check_table(table, HISTORY, "x.csv")
    assert list(checked) == ["queue", "interval_start", "offered", "aht_s"]
    pd.testing.assert_frame_equal(table, before)


def test_missing_columns_are_told():
    assert refusal(history(offered=None, queue=None)) == (
        "x.csv: the history table must have the columns queue, interval_start, "
        "offered, but lacks: queue; offered."
    )


def test_every_broken_rule_is_told_at_once():
    table = history(
        offered=[-1.0, 2.5],
        aht_s=[np.inf, 86400.0],
        queue=pd.Series(["A", None], dtype="str", index=[2, 3]),
    )
    assert refusal(table).split("\n") == [
        "x.csv: queue must not be empty, but is: row 3. Fill it in, or drop the rows.",
        "x.csv: offered must be between 0 and 1,000,000,000, but is not: row 2 (-1). "
        "Correct it, or leave the cell empty where nothing is known.",
        "x.csv: aht_s must be between 0 and 86,400, but is not: row 2 (inf). Correct "
        "it, or leave the cell empty where nothing is known.",
        "x.csv: offered counts contacts: it must be whole, but is not: row 3 (2.5). If "
        'the point separates thousands, say so: [format] thousands = ".", decimal = '
        '","',
    ]


def test_rows_that_repeat_a_key_are_told_with_the_offset_of_their_time():
    starts = pd.DatetimeIndex(
        ["2026-10-25 00:30", "2026-10-25 00:30"], tz="UTC"
    ).tz_convert("Europe/Rome")
    assert refusal(history(interval_start=starts)) == (
        "x.csv: each queue, interval_start must appear once, but 2 of 2 rows repeat "
        "one: rows 2, 3 (A at 2026-10-25 02:30 CEST). Add the rows up, or drop the "
        "copies, before reading the file again."
    )


def test_the_two_passes_of_a_repeated_hour_are_two_keys():
    starts = pd.DatetimeIndex(
        ["2026-10-25 00:30", "2026-10-25 01:30"], tz="UTC"
    ).tz_convert("Europe/Rome")
    assert len(check_table(history(interval_start=starts), HISTORY, "x.csv")) == 2


def test_many_repetitions_are_shown_in_part_and_counted():
    starts = pd.date_range("2026-10-01", periods=30, freq="h", tz="UTC").repeat(2)
    table = pd.DataFrame({"queue": "A", "interval_start": starts, "offered": 1.0})
    with pytest.raises(TableError) as caught:
        check_table(table, HISTORY, "x.csv")
    (finding,) = caught.value.findings
    assert (len(finding.cases), finding.count) == (30, 30)
    assert str(finding).count(" at 2026-") == 20
    assert "60 of 60 rows repeat one" in finding.rule


def test_a_forecast_may_have_parts_of_contacts_but_none_below_zero():
    table = pd.DataFrame(
        {
            "queue": ["A"],
            "interval_start": pd.DatetimeIndex(["2026-12-01"], tz="UTC"),
            "model": ["sma8"],
            "interval_s": [1800],
            "offered": [2.5],
            "offered_p10": [0.0],
            "offered_p90": [5.0],
            "aht_s": [300.0],
        }
    )
    assert check_table(table, FORECAST, "forecast").equals(table)
    assert "offered_p10 must be 0 or more" in refusal(
        table.assign(offered_p10=-1.0), FORECAST
    )
    assert "interval_s must be 1 or more" in refusal(
        table.assign(interval_s=0), FORECAST
    )


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (("A", pd.Timestamp("2026-10-25 00:30Z")), "A at 2026-10-25 00:30 UTC"),
        (pd.Timestamp("2026-07-01", tz="Europe/Rome"), "2026-07-01 00:00 CEST"),
        ("A", "A"),
    ],
)
def test_keys_are_described_in_words(key, text):
    assert describe_key(key) == text
