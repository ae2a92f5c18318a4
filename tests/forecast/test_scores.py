import math

import numpy as np
import pandas as pd
import pytest

from forecast import scores
from forecast.accuracy import (
    bias,
    interval_coverage,
    mase,
    noise_floor,
    pinball,
    wape,
)
from forecast.backtest import QUANTILES
from forecast.schema import ACCURACY
from forecast.scores import CUTS, KEY, Gain, accuracy_by, by_cuts, sums_by


def accuracy_table(points):
    return scores.accuracy_table(sums_by(points, KEY))


def summary_table(points, over, *, seed):
    return scores.summary_table(sums_by(points, KEY), over, seed=seed)


def gain(points, model, over, **options):
    return scores.gain(sums_by(points, KEY), model, over, **options)


def made(errors, *, step_days=28, model="a", grain="interval", queue="Sales"):
    """Points of 28 days from each cutoff; offered 100, forecast that much too high."""
    first = pd.Timestamp("2026-03-02", tz="UTC")
    parts = []
    for number, error in enumerate(errors):
        cutoff = first + pd.Timedelta(days=step_days * number)
        forecast = np.full(28, 100.0 + error)
        part = pd.DataFrame(
            {
                "queue": queue,
                "cutoff": cutoff,
                "model": model,
                "grain": grain,
                "horizon": 1,
                "start": pd.date_range(cutoff, periods=28),
                "offered": 100.0,
                "forecast": forecast,
                **{f"q{name}": forecast for name in ("025", "10", "50", "90", "975")},
                "scale": 4.0,
                "day_known": 101.0,
            }
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_each_row_has_the_measures_of_its_points():
    table = accuracy_table(pd.concat([made([8.0, 0.0]), made([-2.0], model="b")]))
    assert list(table.columns) == [column.name for column in ACCURACY.columns]
    assert list(table["model"]) == ["a", "b", "a"]  # sorted by the key
    first = table.iloc[0]
    assert first["points"] == 28
    assert first["offered"] == 2800.0
    assert (first["wape"], first["bias"], first["mase"]) == (0.08, 0.08, 2.0)
    # Too high by 8: at levels p it costs (1 − p)·8, and the levels' mean is one half.
    assert first["pinball"] == pytest.approx(4.0)
    assert first["noise_floor"] == noise_floor(np.array([108.0]))
    assert first["wape_day_known"] == pytest.approx(0.01)
    assert list(table["interval_coverage"]) == [0.0, 0.0, 1.0]
    assert list(table["interval_coverage_95"]) == [0.0, 0.0, 1.0]


def test_bands_of_coverage_are_told_apart():
    part = made([0.0]).assign(q025=90.0, q10=101.0, q90=110.0)
    row = accuracy_table(part.assign(q975=120.0)).iloc[0]
    assert (row["interval_coverage"], row["interval_coverage_95"]) == (0.0, 1.0)


def test_measures_over_all_cutoffs_are_those_of_all_points():
    pooled = accuracy_by(sums_by(made([8.0, 0.0, 1.0]), KEY), ["model"])
    assert pooled.loc[0, "model"] == "a"
    assert pooled.loc[0, "points"] == 84
    assert pooled.loc[0, "wape"] == pytest.approx(0.03)


def odd_points(seed):
    """Points of two queues whose counts, bands and scales are drawn by chance."""
    rng = np.random.default_rng(seed)
    points = pd.concat([made([0.0] * 3, queue=queue) for queue in ("a", "b")])
    points = points.reset_index(drop=True)
    n = len(points)
    mean = rng.gamma(2.0, 4.0, n) * (rng.random(n) > 0.1)
    return points.assign(
        offered=rng.poisson(mean).astype(float),
        forecast=mean,
        q10=0.6 * mean,
        q90=1.4 * mean,
        q025=0.3 * mean,
        q975=2.0 * mean,
        scale=rng.gamma(4.0, 1.0, n),
        day_known=rng.gamma(2.0, 4.0, n),
    )


@pytest.mark.parametrize("by", [KEY, CUTS])
@pytest.mark.parametrize("seed", [1, 2])
def test_measures_of_sums_are_those_of_the_points(seed, by):
    points = odd_points(seed)
    sums = by_cuts(points) if by is CUTS else sums_by(points, by)
    for queue, row in accuracy_by(sums, ["queue"]).set_index("queue").iterrows():
        p = points[points["queue"] == queue].to_dict("series")
        p = {name: column.to_numpy() for name, column in p.items()}
        actual, forecast = p["offered"], p["forecast"]
        losses = [pinball(actual, p[name], level) for name, level in QUANTILES.items()]
        expected = {
            "points": len(actual),
            "offered": actual.sum(),
            "wape": wape(actual, forecast),
            "bias": bias(actual, forecast),
            "mase": mase(actual, forecast, p["scale"]),
            "pinball": np.mean(losses),
            "interval_coverage": interval_coverage(actual, p["q10"], p["q90"]),
            "interval_coverage_95": interval_coverage(actual, p["q025"], p["q975"]),
            "noise_floor": noise_floor(forecast),
            "wape_day_known": wape(actual, p["day_known"]),
        }
        assert row.to_dict() == pytest.approx(expected, rel=1e-12)


def test_sums_of_queues_are_the_same_bytes_by_themselves_and_together():
    points = odd_points(3)
    for sums_of in (by_cuts, lambda some: sums_by(some, KEY)):
        alone = [sums_of(points[points["queue"] == queue]) for queue in ("a", "b")]
        pd.testing.assert_frame_equal(
            pd.concat(alone, ignore_index=True), sums_of(points), check_exact=True
        )


def test_a_point_without_a_scale_leaves_no_scaled_error():
    points = made([8.0])
    for scale in (0.0, np.nan):
        points.loc[0, "scale"] = scale
        row = accuracy_table(points).iloc[0]
        assert math.isnan(row["mase"])
        assert row["wape"] == 0.08


def test_points_can_be_cut_by_any_column():
    scored = made([8.0])
    weekday = scored["start"].dt.day_of_week
    by = accuracy_by(sums_by(scored.assign(weekday=weekday), ["weekday"]), ["weekday"])
    assert list(by["weekday"]) == list(range(7))
    assert set(by["points"]) == {4}


def pair(a, b, **options):
    return pd.concat([made(a, **options), made(b, model="b", **options)])


def test_a_gain_counted_by_hand_with_the_best_and_worst_cutoff_as_limits():
    """Of two cutoffs, a resample is one of them twice in half of all cases."""
    found = gain(pair([6.0, -2.0], [8.0, 8.0]), "a", "b", grain="interval", seed=1)
    assert found == Gain(0.5, 0.25, 0.75, origins=2, run=1)


def test_a_model_gains_nothing_over_its_equal():
    equal = pair([1.0, 5.0, 3.0], [-1.0, 5.0, 3.0])
    assert gain(equal, "a", "b", grain="interval", seed=1) == Gain(0.0, 0.0, 0.0, 3, 1)


def test_cutoffs_that_share_days_are_drawn_in_runs():
    """Two a fortnight apart: pairs of neighbours, in a circle, of four cutoffs."""
    scored = pair([8.0, 8.0, 0.0, 0.0], [8.0] * 4, step_days=14)
    found = gain(scored, "a", "b", grain="interval", seed=1)
    assert found == Gain(0.5, 0.0, 1.0, origins=4, run=2)
    few = gain(
        scored[scored["cutoff"] < "2026-04-01"], "a", "b", grain="interval", seed=1
    )
    assert (few.point, few.origins, few.run) == (pytest.approx(1 / 3), 3, 2)
    assert math.isnan(few.low)
    assert math.isnan(few.high)


def test_months_reach_as_far_as_their_intervals():
    scored = pair([8.0, 8.0, 0.0, 0.0], [8.0] * 4, step_days=14)
    months = scored[scored["start"] == scored["cutoff"]].assign(grain="month")
    both = pd.concat([scored, months])
    assert gain(both, "a", "b", grain="month", seed=1).run == 2


def test_only_what_both_forecast_is_compared():
    scored = pair([2.0, 2.0, 2.0], [4.0, 4.0, 4.0])
    first = scored["cutoff"] == scored["cutoff"].min()
    later = scored[~(first & (scored["model"] == "b"))]
    assert gain(later, "a", "b", grain="interval", seed=1) == Gain(0.5, 0.5, 0.5, 2, 1)
    none = scored[first == (scored["model"] == "b")]
    assert gain(none, "a", "b", grain="interval", seed=1).origins == 0


def test_a_gain_over_no_error_is_unknown():
    found = gain(pair([0.0, 0.0], [0.0, 0.0]), "a", "b", grain="interval", seed=1)
    assert math.isnan(found.point)
    assert math.isnan(found.low)


def test_the_limits_hold_the_true_gain_about_as_often_as_they_say():
    """Forty cutoffs of independent errors, 100 times: 95 %, less a little bias."""
    rng = np.random.default_rng(8)
    scored = pair([0.0] * 40, [0.0] * 40).query("start == cutoff")
    held = 0
    for seed in range(100):
        error = np.concatenate([rng.gamma(4, 0.8, 40), rng.gamma(4, 1.0, 40)])
        found = gain(
            scored.assign(forecast=100.0 + error), "a", "b", grain="interval", seed=seed
        )
        held += found.low <= 0.2 <= found.high
    assert 0.88 <= held / 100 <= 0.99


def test_the_summary_has_all_measures_and_gains_the_finest_grain_and_best_first():
    both = pair([6.0, -2.0], [8.0, 8.0])
    later = both.assign(horizon=2, forecast=both["forecast"] + 1.0)
    scored = pd.concat([both, later])
    scored = pd.concat([scored.assign(grain="day"), scored])
    table = summary_table(scored, ["b"], seed=1)
    assert table["grain"].tolist() == ["interval"] * 4 + ["day"] * 4
    assert table["horizon"].tolist() == [1, 1, 2, 2] * 2
    assert table["model"].tolist() == ["a", "b"] * 4
    assert (table["cutoffs"] == 2).all()
    assert (table["points"] == 56).all()
    assert table["wape"].tolist() == pytest.approx([0.04, 0.08, 0.04, 0.09] * 2)
    first, own, *_ = table[[name for name in table if "gain" in name]].to_numpy()
    assert list(first) == [0.5, 0.25, 0.75]
    assert np.isnan(own).all()  # over itself
    absent = summary_table(both, ["c"], seed=1)
    assert absent["gain_over_c"].isna().all()
