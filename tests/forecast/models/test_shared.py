import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.models.shared import ALIKE_DAYS, OtherQueues, Seen

DAY = dt.date(2026, 3, 10)
logs = st.floats(-1.0, 1.0)


def others(queues: int, days: float, log: float) -> OtherQueues:
    return OtherQueues(
        tuple(Seen("e", DAY, days, days * log, 1.0) for _ in range(queues))
    )


def test_without_other_queues_the_pull_is_to_no_effect():
    assert OtherQueues().pull("e", 0.5) == (0.0, 0.5)
    assert others(3, 2.0, 0.4).pull("other", 0.3) == (0.0, 0.3)


def test_many_queues_pull_to_their_mean_as_if_it_were_known():
    log, weight = others(100_000, 50.0, 0.4).pull("e", 0.5)
    assert log == pytest.approx(0.4, rel=1e-3)
    assert weight == pytest.approx(ALIKE_DAYS, rel=1e-3)


@given(st.integers(1, 50), st.floats(0.1, 50), logs, st.floats(0.1, 1.0))
def test_the_pull_lies_between_no_effect_and_the_others_mean(queues, days, log, alone):
    """And grows with what they saw."""
    expected, weight = others(queues, days, log).pull("e", alone)
    assert 0 <= expected * math.copysign(1, log) <= abs(log) + 1e-12
    assert alone <= weight + 1e-12 < ALIKE_DAYS + 1e-9
    more, heavier = others(queues + 1, days, log).pull("e", alone)
    assert abs(more) >= abs(expected) - 1e-12
    assert heavier >= weight - 1e-12


def test_one_queue_with_many_days_says_less_than_many_queues():
    """As if drawn by hand: prior variance 2 - 1/4, of one queue's mean 1/4 + 1/12."""
    log, weight = others(1, 12.0, 0.4).pull("e", 0.5)
    between, known = 2.0 - 1.0 / ALIKE_DAYS, 1.0 / ALIKE_DAYS + 1.0 / 12.0
    assert log == pytest.approx(0.4 * between / (between + known))
    left = between * known / (between + known)
    assert weight == pytest.approx(1.0 / (1.0 / ALIKE_DAYS + left))
    assert others(6, 2.0, 0.4).pull("e", 0.5)[1] > weight
