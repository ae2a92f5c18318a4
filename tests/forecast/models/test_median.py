from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from forecast.models import Effect, Series
from forecast.models.median import Median


@dataclass(frozen=True)
class Constant:
    """Foresees the same for every interval."""

    value: float
    min_days: int
    effects: tuple[Effect, ...] = ()
    name: str = "constant"

    def fit(self, series):
        """Learn nothing."""
        return self

    def predict(self, starts):
        """The value."""
        return np.full(len(starts), self.value)


MEMBERS = tuple(
    Constant(value, days, name=str(value))
    for value, days in ((9.0, 28), (1.0, 28), (4.0, 28), (5.0, 60))
)


@pytest.mark.parametrize(("days", "value"), [(20, 4.0), (59, 4.0), (60, 4.5)])
def test_the_median_of_the_members_with_history_enough(calendar, series, days, value):
    centre = calendar({"mon-sun": "08:00-09:00"})
    first = pd.Timestamp("2026-11-30") - pd.Timedelta(days=days - 1)
    past = series(centre, str(first.date()), "2026-11-30", 1.0)
    mean = Median(MEMBERS).fit(past).predict(past.starts)
    assert (mean == value).all()
    assert Median(MEMBERS).min_days == 28


def test_leading_days_without_data_are_no_history(calendar, series):
    centre = calendar({"mon-sun": "08:00-09:00"})
    past = series(
        centre,
        "2026-09-01",
        "2026-11-30",
        lambda starts: np.where(starts < "2026-10-15", np.nan, 1.0),
    )
    assert len(Median(MEMBERS).fit(past).members) == 3


def test_an_effect_is_the_median_of_those_who_learnt_it_and_none(calendar):
    def knowing(name, *factors):
        effects = tuple(Effect(kind, factor, 3) for kind, factor in factors)
        return Constant(1.0, 28, effects, name)

    members = (
        knowing("one", ("a", 2.0)),
        knowing("two", ("a", 3.0), ("b", 5.0)),
        knowing("none"),
    )
    nothing = Series(
        "Sales", pd.DatetimeIndex([], tz="Europe/Rome"), np.array([]), calendar()
    )
    effects = Median(members).fit(nothing).effects
    assert effects == (Effect("a", 2.0, 3), Effect("b", 1.0, 3))
    heard = Median(members).fit(nothing).without({"one", "none"}).effects
    assert heard == (Effect("a", 3.0, 3), Effect("b", 5.0, 3))
