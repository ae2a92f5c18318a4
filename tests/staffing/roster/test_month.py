"""The days of a roster."""

import pandas as pd
import pytest

from staffing.roster.month import Days


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        (("2026-12-07 08:00", "2026-12-20 19:30"), "2026-12-07", "2026-12-20"),
        (("2026-12-04 08:00", "2026-12-28 19:30"), "2026-12-01", "2026-12-31"),
        (("2026-12-05 08:00", "2026-12-27 19:30"), "2026-12-05", "2026-12-27"),
        (("2026-12-01 00:00", "2027-01-31 23:30"), "2026-12-01", "2027-01-31"),
    ],
)
def test_days_are_those_of_the_file_and_few_closed_ones_at_a_months_ends(
    given, first, last
):
    times = pd.Series(pd.to_datetime(list(given))).dt.tz_localize("Europe/Rome")
    days = Days.of(times)
    assert (str(days.first), str(days.last)) == (first, last)
