"""Real callers: their patience, and what the models make of a real centre."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from staffing.audit.against import against_history
from staffing.audit.models import Setup
from staffing.config import read_config
from staffing.inputs import read_past
from staffing.kpi import sums_of
from staffing.patience import patience_by

HERE = Path(__file__).parent
TOTAL = HERE / "anonymous_bank_total.toml"
SETUP = Setup(
    threshold_s=50.0,
    sl_rule="offered",
    load="mol",
    seed=7,
    patience_s=None,
    handle_cv=1.3,
    replications=2,
)

pytestmark = pytest.mark.skipif(
    not (HERE / read_config(TOTAL).history).exists(),
    reason="the real data are not on this machine",
)


def test_patience_by_call_type():
    rows = read_past(HERE / "anonymous_bank.toml").reading.frame
    found = patience_by(sums_of(rows, 1800), rows["queue"])
    print(found.round(1))
    file = pd.read_csv(HERE / read_config(TOTAL).history)
    waits_s = file["wait_sum_s"] + file["abandoned"] * file[
        "abandon_wait_mean_s"
    ].fillna(0)
    sums = pd.DataFrame({"waits_s": waits_s, "lost": file["abandoned"]})
    sums = sums.groupby(file["call_type"]).sum().loc[found.index]
    assert found["patience_s"].to_numpy() == pytest.approx(
        (sums["waits_s"] / sums["lost"]).to_numpy(), rel=2e-3
    )


def test_months_of_all_calls_with_the_proxy_and_one_agent_fewer():
    past = read_past(TOTAL)
    lost = {}
    for more in (-1, 0):
        frame = past.history.frame
        agents = (frame["agents"] + more).clip(lower=0)
        history = replace(past.history, frame=frame.assign(agents=agents))
        found = against_history(history, {"TOTAL": ("TOTAL",)}, SETUP, where="kpi.csv")
        errors = found.errors[
            (found.errors["by"] == "month") & (found.errors["over"] == "all")
        ]
        shown = errors.set_index(["group", "model"])[["abandon_rate", "asa_s"]]
        print(f"agents {more:+d}\n{shown.round(4)}")
        lost[more] = shown["abandon_rate"]
    for model in ("erlang_a", "simulated"):
        for month in ("1999-01", "1999-02"):
            real = lost[0][month, "realised"]
            # the proxy cannot tell a pause from an idle agent, so it says too many
            assert lost[0][month, model] < real
            assert real < lost[-1][month, model]
