import math

import pytest

from staffing.check import check_history

TEXT = """\
queue,interval_start,offered,handled,aht_s
B,2026-03-02T09:00:00+01:00,10,8,100
B,2026-03-02T09:30:00+01:00,20,,400
B,2026-03-02T10:00:00+01:00,30,30,
B,2026-03-02T10:30:00+01:00,,,
A,2026-03-02T09:00:00+01:00,0,0,
"""


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text(TEXT)
    return path


def test_handle_time_is_weighted_by_the_handled_or_by_the_offered(history):
    checked = check_history(history, None, timezone="Europe/Rome", interval_s=1800)
    a, b = checked.queues.to_dict("records")
    assert (b["intervals"], b["missing"], b["offered"]) == (4, 1, 60.0)
    assert b["aht_s"] == pytest.approx((8 * 100 + 20 * 400) / 28)
    assert (b["first"], b["last"]) == ("2026-03-02 09:00", "2026-03-02 10:30")
    assert (a["queue"], a["offered"]) == ("A", 0.0)
    assert math.isnan(a["aht_s"])


def test_a_config_adds_the_open_intervals_that_the_file_lacks(history, tmp_path):
    config = tmp_path / "plan.toml"
    config.write_text(
        'history = "other.csv"\ntimezone = "Europe/Rome"\nhours.mon = "09:00-11:00"\n'
    )
    checked = check_history(history, config, timezone=None, interval_s=1800)
    assert checked.queues["intervals"].tolist() == [4, 4]
    assert checked.queues["missing"].tolist() == [3, 1]
    assert [str(warning) for warning in checked.warnings][-2:] == [
        f"history: {queue} needs at least 28 days of history before the month to plan, "
        "but has 1 (2026-03-02 to 2026-03-02). Add earlier rows."
        for queue in "AB"
    ]
