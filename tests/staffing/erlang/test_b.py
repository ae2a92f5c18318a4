import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher
from numba.np.ufunc.dufunc import DUFunc
from numba.np.ufunc.gufunc import GUFunc
from reference.erlang import exact_blocking, inverse_blocking, precise

from staffing.erlang import a_kernels, b, c
from staffing.erlang.b import blocking_probability, checked_agents

loads = st.floats(0.001, 2000.0)
numbers_of_agents = st.integers(0, 3000) | st.floats(0.0, 3000.0)


@pytest.mark.parametrize("load", [0.1, 0.5, 1.0, 2.7, 10.0, 33.3, 99.9])
def test_equals_exact_rationals(load):
    agents = [0, 1, 2, 3, 5, 10, 20, 40, 80, 120, 160]
    exact = [float(exact_blocking(Fraction(load), n)) for n in agents]
    np.testing.assert_allclose(
        blocking_probability(load, agents), exact, rtol=1e-13, atol=1e-300
    )


@pytest.mark.parametrize("load", [500.0, 3000.7, 20_000.0, 50_000.0])
def test_equals_50_digits_at_large_loads(load):
    agents = [int(load) + 1 + int(x * load**0.5) for x in (0, 0.5, 1, 2, 5, 10)]
    reference = [float(queue.blocking) for queue in precise(load, agents)]
    np.testing.assert_allclose(
        blocking_probability(load, agents), reference, rtol=1e-11
    )


@pytest.mark.parametrize(
    "load", [0.1, 0.7, 0.99, 1.0, 1.3, 3.0, 17.0, 99.9, 600.0, 3000.7, 20_000.0]
)
def test_equals_50_digits_between_whole_numbers_of_agents(load):
    root = load**0.5
    agents = [
        0.001,
        0.3,
        0.999,
        1.5,
        load / 2,
        load,
        *(load + x * root for x in (1, 5)),
    ]
    reference = [float(1 / inverse_blocking(load, n)) for n in agents]
    np.testing.assert_allclose(
        blocking_probability(load, agents), reference, rtol=1e-13
    )


@pytest.mark.parametrize(("load", "agents"), [(4.461, 10), (37.90, 50), (84.06, 100)])
def test_published_loads_at_1_percent_blocking(load, agents):
    """Erlang B tables: the load, to four digits, that blocks 1 % of calls."""
    assert blocking_probability(load, agents) == pytest.approx(0.01, rel=2e-3)


@given(load=loads, agents=numbers_of_agents)
def test_more_agents_never_block_more(load, agents):
    fewer, more = blocking_probability(load, [agents, agents + 1])
    assert 0 <= more <= fewer <= 1


@given(load=loads, agents=numbers_of_agents, part=st.floats(0.0, 1.0))
def test_part_of_an_agent_never_blocks_more(load, agents, part):
    fewer, more = blocking_probability(load, [agents, agents + part])
    assert more <= fewer * (1 + 1e-13)


@given(load=loads, agents=numbers_of_agents, growth=st.floats(1.0, 10.0))
def test_more_load_never_blocks_less(load, agents, growth):
    less, more = blocking_probability([load, load * growth], agents)
    assert more >= less * (1 - 1e-12)


@given(st.lists(st.tuples(loads, numbers_of_agents), min_size=1, max_size=20))
def test_array_equals_its_scalars_one_by_one(pairs):
    load, agents = np.array(pairs).T
    one_by_one = [blocking_probability(*pair) for pair in pairs]
    np.testing.assert_array_equal(blocking_probability(load, agents), one_by_one)


def test_shapes_broadcast():
    assert blocking_probability([[1.0], [2.0]], [1, 2, 3]).shape == (2, 3)


def test_no_load_is_blocked_only_where_there_are_no_agents():
    np.testing.assert_array_equal(blocking_probability(0.0, [0, 1, 50]), [1, 0, 0])


def test_no_agents_block_every_call():
    np.testing.assert_array_equal(blocking_probability([0.1, 50_000.0], 0), [1, 1])


def test_far_more_agents_than_load_block_nobody():
    np.testing.assert_array_equal(blocking_probability([1e-9, 10.0], 5000), [0, 0])


@pytest.mark.parametrize(
    ("load", "agents", "message"),
    [
        (
            -1.0,
            5,
            "load: must be a number of erlangs from 0 to 1e+09, but is -1.0.",
        ),
        (
            [1.0, np.nan, np.inf],
            5,
            "load: must be a number of erlangs from 0 to 1e+09, but 2 of 3 values "
            "are not; first: nan at index 1.",
        ),
        (
            1.0,
            [[1, 2], [-2.5, 3]],
            "agents: must be a number from 0 to 1e+15, but 1 of 4 values are not; "
            "first: -2.5 at index (1, 0).",
        ),
        (1.0, -1, "agents: must be a number from 0 to 1e+15, but is -1.0."),
        (1.0, np.inf, "agents: must be a number from 0 to 1e+15, but is inf."),
    ],
)
def test_wrong_input_is_named(load, agents, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the message is compared whole
        blocking_probability(load, agents)
    assert str(error.value) == message


def test_whole_agents_can_be_asked_for():
    with pytest.raises(ValueError) as error:  # noqa: PT011 the message is compared whole
        checked_agents([1, 2.5])
    assert str(error.value) == (
        "agents: must be a whole number from 0 to 1e+15, but 1 of 2 values are not; "
        "first: 2.5 at index 1."
    )


def test_the_package_alone_does_not_import_numba():
    code = "import sys, staffing.erlang; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_kernel_calls_a_kernel_of_another_file():
    """Its cached machine code would outlive a change there."""
    compiled = (Dispatcher, DUFunc, GUFunc)
    for module in (a_kernels, b, c):
        for kernel in vars(module).values():
            if isinstance(kernel, compiled):
                assert kernel.__module__ == module.__name__
