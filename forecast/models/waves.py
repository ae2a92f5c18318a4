"""Sines and cosines of the time of day, week, month or year."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def waves(phase: ArrayLike, harmonics: int) -> NDArray[np.float64]:
    """Sines, then cosines of a phase, 1 a turn: shape of phase × 2·harmonics."""
    turns = np.multiply.outer(np.asarray(phase), np.arange(1, harmonics + 1))
    return np.concatenate([np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)], -1)


def month_phase(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    """How much of its month is past at the beginning of each day. [1], in [0, 1)"""
    return np.asarray((times.day - 1) / times.days_in_month, dtype=np.float64)


def year_phase(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    """How much of the year is past on each day. [1], in (0, 1]"""
    return np.asarray(times.day_of_year / 365.25, dtype=np.float64)
