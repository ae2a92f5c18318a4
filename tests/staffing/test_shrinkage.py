from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.shrinkage import Component, Shrinkage

shares = st.dictionaries(
    st.text(max_size=3),
    st.builds(Component, st.floats(0, 0.2), st.booleans()),
    max_size=4,
)


def test_components_add_and_rostered_ones_are_paid_but_not_scheduled_twice():
    shrinkage = Shrinkage(
        {"leave": Component(0.11, rostered=True), "sickness": Component(0.05)}
    )
    assert shrinkage.total == pytest.approx(0.16, abs=1e-16)
    assert shrinkage.not_rostered == 0.05
    assert shrinkage.scheduled_per_agent == 1 / 0.95
    assert shrinkage.paid_per_agent == pytest.approx(1 / 0.84, rel=1e-15)


def test_without_components_nobody_is_away():
    assert Shrinkage().scheduled_per_agent == Shrinkage().paid_per_agent == 1.0


@given(shares)
def test_paid_are_never_fewer_than_scheduled_nor_scheduled_than_agents(
    components,
):
    shrinkage = Shrinkage(components)
    assert 1.0 <= shrinkage.scheduled_per_agent <= shrinkage.paid_per_agent


@given(shares)
def test_the_total_is_the_exact_sum_rounded_once(
    components,
):
    exact = sum(Fraction(component.share) for component in components.values())
    assert Shrinkage(components).total == float(exact)
