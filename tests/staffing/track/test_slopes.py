import pytest
from reference.sloping import sloping_history

from staffing.track.slopes import slope_variance


def test_slopes_are_recovered():
    found = slope_variance(sloping_history(0.03), "Sales", 0.0025)
    assert found == pytest.approx(0.03**2, rel=0.35)  # se of 130 squares: 12 %


def test_chance_alone_is_no_slope():
    found = slope_variance(sloping_history(0.0), "Sales", 0.0025)
    assert found < 0.005**2  # 3 % in six hours


def test_too_few_days_say_nothing():
    assert slope_variance(sloping_history(0.1, days=18), "Sales", 0.0025) == 0.0
