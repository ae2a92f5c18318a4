"""A model that knows nothing, and calls to hold it against."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecast.models import Series


@dataclass
class Ten:
    """A model that forecasts 10, and writes down what it is shown and asked."""

    name: str = "ten"
    min_days: int = 28
    seen: list[Series] = field(default_factory=list)
    asked: list[pd.DatetimeIndex] = field(default_factory=list)
    effects: tuple = ()

    def fit(self, series):
        """Learn nothing."""
        self.seen.append(series)
        return self

    def predict(self, starts):
        """Ten, always."""
        self.asked.append(starts)
        return np.full(len(starts), 10.0)


def busy(starts, seed=0):
    """Poisson calls about a weekly curve, the days shocked by some 15 %."""
    rng = np.random.default_rng(seed)
    day = pd.factorize(starts.date)[0]
    shock = rng.gamma(40, 1 / 40, day.max() + 1)[day]
    mean = 20 + 4 * starts.day_of_week + 10 * np.sin(np.asarray(starts.hour) / 4)
    return rng.poisson(mean * shock).astype(float)
