from dataclasses import replace

import numpy as np
import pytest

from staffing.patience import Patience
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.scenario.tornado import tornado


def fte(base, *texts):
    kpis = outcome_of(base, Scenario.of(texts), simulated=False).kpis
    return kpis.set_index("queue")["fte"]["all"]


def test_each_end_is_the_scenario_with_that_change(base):
    table = tornado(base, Scenario.of(["volume=+10%"]))
    assert sorted(table["lever"]) == ["aht_s", "shrinkage", "volume"]
    for row in table.to_dict("records"):
        assert row["fte"] == pytest.approx(fte(base, "volume=+10%"))
        for end in ("low", "high"):
            changed = fte(base, "volume=+10%", row[end])
            assert row[f"fte_{end}"] == pytest.approx(changed)
    swing = (table["fte_high"] - table["fte_low"]).abs()
    assert swing.is_monotonic_decreasing


def test_the_ends_of_calls_are_the_forecasts_band_of_independent_queues(base):
    row = tornado(base, Scenario()).set_index("lever").loc["volume"]
    months = [item.months.iloc[0] for item in base.forecasts]
    total = sum(month["offered"] for month in months)
    below = np.hypot(*(month["offered"] - month["offered_p10"] for month in months))
    above = np.hypot(*(month["offered_p90"] - month["offered"] for month in months))
    assert row["low"] == f"volume={-100 * below / total:+.1f}%"
    assert row["high"] == f"volume={100 * above / total:+.1f}%"
    assert row["source"] == "forecast"


def test_the_ends_of_handle_times_are_percentiles_of_simulated_months(base):
    row = tornado(base, Scenario()).set_index("lever").loc["aht_s"]
    work, calls = 0.0, 0.0
    for item in base.forecasts:
        _, aht_s = item.possible(4000)
        weight = item.intervals["offered"].to_numpy()
        work = work + aht_s @ weight
        calls = calls + weight.sum()
    months = work / calls
    low, high = np.quantile(months, [0.1, 0.9]) / months.mean() - 1.0
    for name, share in (("low", low), ("high", high)):
        found = float(row[name].partition("=")[2].rstrip("%")) / 100.0
        assert found == pytest.approx(share, abs=0.0015)


def test_what_nobody_measured_is_said_to_be_assumed(base):
    by_a = tornado(base, Scenario.of(["model=erlang_a"])).set_index("lever")
    assumed = by_a[by_a["source"] == "assumed"]
    assert assumed.loc["patience_s", ["low", "high"]].tolist() == [
        "patience_s=-20%",
        "patience_s=+20%",
    ]
    assert sorted(assumed.index) == ["patience_s", "shrinkage"]
    again = tornado(base, Scenario.of(["repeat=0.1"])).set_index("lever")
    assert again.loc["repeat", "source"] == "assumed"


def test_an_estimated_patience_is_as_sure_as_its_abandonments_make_it(base):
    staffing = base.config.staffing.model_copy(
        update={"model": "erlang_a", "patience_s": "estimate"}
    )
    pools = ("Help", "Sales")
    known = replace(
        base,
        config=base.config.model_copy(update={"staffing": staffing}),
        patience=dict.fromkeys(pools, Patience(120.0, 109.0, 133.0, 400.0, 48_000.0)),
    )
    row = tornado(known, Scenario()).set_index("lever").loc["patience_s"]
    shares = np.exp(np.array([-1, 1]) * 1.2816 / np.sqrt(800.0)) - 1.0
    assert row["source"] == "history"
    for end, share in zip(("low", "high"), shares, strict=True):
        text = f"{100 * share:+.1f}%"
        assert row[end] == f"patience_s={text}"
        number = 120.0 * (1.0 + float(text.rstrip("%")) / 100.0)
        expected = fte(base, "model=erlang_a", f"patience_s={number:.4f}")
        assert row[f"fte_{end}"] == pytest.approx(expected)


def test_given_agents_do_not_hide_how_many_are_needed(base):
    given = tornado(base, Scenario.of(["agents=base", "volume=+10%"]))
    needed = tornado(base, Scenario.of(["volume=+10%"]))
    assert given.equals(needed)
