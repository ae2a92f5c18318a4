import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.distribution import PRIOR, Shocks, sample_paths
from forecast.errors import TableError
from forecast.tables import Form
from forecast.volumes import at_volumes, read_volumes, volume_findings

OCTOBER = (dt.date(2026, 10, 1), dt.date(2026, 10, 31))  # the clocks go back
volumes = st.floats(1e-3, 1e6)
variances = st.floats(0.0, 0.5)


@pytest.fixture(scope="module")
def month(calendar):
    """Weekdays of 24 half-hours, Saturdays of 12: starts, and a mean for each."""
    starts = calendar({"mon-fri": "08:00-20:00", "sat": "00:00-24:00"}).open_intervals(
        "A", *OCTOBER
    )
    mean = 20.0 + 15.0 * np.sin(np.asarray(starts.hour) / 4) ** 2
    mean[starts.day_of_week == 5] *= 0.1
    mean[starts.date == dt.date(2026, 10, 7)] *= 3.0
    return starts, mean


@given(volume=volumes, m=variances, d=variances, i=variances)
def test_intervals_add_up_to_the_volume_and_keep_the_shape_of_their_day(
    month, volume, m, d, i
):
    starts, mean = month
    result = at_volumes(mean, starts, Shocks(m, d, i), {"2026-10": volume})
    assert result.sum() == pytest.approx(volume, rel=1e-12)
    assert (result >= 0).all()
    factor = pd.Series(result / mean).groupby(starts.date)
    assert (factor.max() / factor.min()).to_numpy() == pytest.approx(1.0, rel=1e-9)


def test_our_own_total_changes_nothing_nor_does_another_month(month):
    starts, mean = month
    for given_volume in ({"2026-10": mean.sum()}, {"2026-11": 5.0}, {}):
        result = at_volumes(mean, starts, PRIOR, given_volume)
        np.testing.assert_allclose(result, mean, rtol=1e-12)


def test_of_two_months_each_has_its_own(calendar):
    starts = calendar().open_intervals("A", OCTOBER[0], dt.date(2026, 11, 30))
    result = at_volumes(
        np.full(len(starts), 3.0), starts, PRIOR, {"2026-10": 900.0, "2026-11": 70.0}
    )
    sums = pd.Series(result).groupby(starts.strftime("%Y-%m")).sum()
    assert sums.to_dict() == pytest.approx({"2026-10": 900.0, "2026-11": 70.0})


def test_days_move_as_the_possible_months_say(month):
    """The regression of each day on the month, over 20,000 drawn months."""
    starts, mean = month
    shocks = Shocks(0.03**2, 0.1**2, 0.1**2, special=0.2**2)
    regular = starts.date != dt.date(2026, 10, 14)
    paths = sample_paths(
        mean, starts, shocks, seed=1, queue="A", paths=20_000, regular=regular
    )
    day, dates = pd.factorize(starts.date)
    sums = np.zeros((len(paths), len(dates)))
    np.add.at(sums.T, day, paths.T)
    total = sums.sum(axis=1)
    cov = (sums * (total - total.mean())[:, None]).mean(axis=0)
    more = mean.sum() * 1e-4
    volumes = {"2026-10": mean.sum() + more}
    result = at_volumes(mean, starts, shocks, volumes, regular=regular)
    moved = np.bincount(day, result - mean) / more
    error = 4 * (sums.std(axis=0) / total.std()) / np.sqrt(len(paths))
    assert np.all(np.abs(moved - cov / total.var()) < error + 1e-4)
    usual = moved[list(dates).index(dt.date(2026, 10, 8))]
    assert moved[list(dates).index(dt.date(2026, 10, 7))] > 1.3 * 3 * usual  # 3 × it
    assert moved[list(dates).index(dt.date(2026, 10, 14))] > 1.5 * usual  # not regular


def test_where_all_days_err_together_they_keep_their_shares(month):
    starts, mean = month
    mean = mean * 1e6  # Poisson's part is nothing
    result = at_volumes(
        mean, starts, Shocks(0.1, 0.0, 0.0), {"2026-10": 3 * mean.sum()}
    )
    np.testing.assert_allclose(result / mean, 3.0, rtol=1e-4)


def test_no_contacts_given_are_none(month):
    starts, mean = month
    assert not at_volumes(mean, starts, PRIOR, {"2026-10": 0.0}).any()
    none = at_volumes(0 * mean, starts, PRIOR, {"2026-10": 0.0})
    assert not none.any()


def test_a_month_without_shape_cannot_have_a_volume(month):
    starts, mean = month
    with pytest.raises(TableError) as caught:
        at_volumes(0 * mean, starts, PRIOR, {"2026-10": 4800.0})
    assert str(caught.value) == (
        "volumes: 4,800 contacts are given for 2026-10, but our own forecast has none "
        "then, and so no days and hours to spread them over. Name a queue that has "
        'them: like = "…" under [queues].'
    )


def test_a_volume_outside_our_band_is_worth_a_word():
    own = pd.DataFrame(
        {
            "month": ["2026-11", "2026-12", "2027-01"],
            "offered": [100.0, 2000.0, 300.0],
            "last_year": [90.0, 1900.0, np.nan],
        }
    )
    paths = np.linspace(0.9, 1.1, 401)[:, None] * own["offered"].to_numpy()
    low, high = 2000 * 0.905, 2000 * 1.095  # of a uniform spread of ±10 %
    for volume, outside in ((low - 1, True), (low + 1, False), (high + 1, True)):
        found = volume_findings(own, paths, {"2026-12": volume}, "A")
        assert bool(found) == outside
    found = volume_findings(own, paths, {"2026-12": 4e3, "2027-01": 310.0}, "A")
    assert [str(finding) for finding in found] == [
        "forecast of A: the volume given is planned for, though our own forecast says "
        "otherwise: "
        "2026-12 (4,000 given, 2,000 forecast, 95 % band 1,810 to 2,190, last year "
        "1,900). Ask what is to happen; a month's volume is that of the calendar month."
    ]
    (unknown,) = volume_findings(own, paths, {"2027-01": 400.0}, "A")
    assert "last year unknown" in unknown.cases[0]


LONG = "queue;month;offered\nA;2026-12;48.000,5\nA;2027-01;\nB;2026-12;7\n"
WIDE = "queue;2026-12;2027-01\nA;48.000,5;\nB;7;\n"
SIGNS = {"decimal": ",", "thousands": "."}


@pytest.fixture
def read(tmp_path):
    def read(text, **form):
        path = tmp_path / "volumes.csv"
        path.write_text(text, encoding="utf-8")
        return read_volumes(path, Form(**form), "AB")

    return read


@pytest.mark.parametrize("text", [LONG, WIDE])
def test_a_long_and_a_wide_table_say_the_same(read, text):
    assert read(text, **SIGNS) == {"A": {"2026-12": 48000.5}, "B": {"2026-12": 7.0}}


HEADER = (
    "the columns must be queue, month and offered, or queue and months such as "
    "2026-12, but are"
)
NUMBERS = "volumes must be numbers (decimal sign '.', thousands sign none), but are not"
REMEDY = (
    "Declare other signs under [format]; leave a cell empty where nothing is given."
)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("queue,Dec\nA,4\n", [f"{HEADER}: queue; Dec."]),
        ("month,offered\n2026-12,4\n", [f"{HEADER}: month; offered."]),
        (
            "queue,2026-12\nC,4\n",
            ["queue must be one of the history's (A, B), but is not: row 2 ('C')."],
        ),
        (
            "queue,month,offered\nA,12/2026,4\n",
            ["month must be written like \"2026-12\", but is not: row 2 ('12/2026')."],
        ),
        ("queue,2026-12\nA,4\nB,many\n", [f"{NUMBERS}: row 3 ('many'). {REMEDY}"]),
        (
            "queue,2026-12\nA,48.000\n",
            [
                "volumes must be clear, but .000 may be decimals or thousands: row 2 "
                "('48.000'). Declare the signs: [format] thousands and decimal."
            ],
        ),
        (
            "queue,2026-12\nA,-4\n,5\n",
            [
                "queue must not be empty, but is: row 3. Fill it in, or drop the rows.",
                "offered must be between 0 and 1,000,000,000, but is not: row 2 (-4). "
                "Correct it, or leave the cell empty where nothing is known.",
            ],
        ),
        (
            "queue,month,offered\nA,2026-12,4\nB,2026-12,4\nA,2026-12,5\n",
            [
                "each queue, month must appear once, but 2 of 3 rows repeat one: rows "
                "2, 4 (A at 2026-12). Add the rows up, or drop the copies, before "
                "reading the file again."
            ],
        ),
    ],
)
def test_every_fault_is_named_with_its_row(read, text, faults):
    with pytest.raises(TableError) as caught:
        read(text)
    assert str(caught.value) == "\n".join(f"volumes.csv: {fault}" for fault in faults)
