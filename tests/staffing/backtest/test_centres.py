"""Whole months of generated centres: do plans hold as often as they promise?"""

import datetime as dt
import importlib.util
from pathlib import Path

import pytest

from staffing.backtest import backtest_plans

ROOT = Path(__file__).parents[3]
SMALL = ("Acqua", "Ambiente")


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make", ROOT / "data" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.FIRST = dt.date(2026, 7, 1)  # the days before it are dear
    return module


@pytest.fixture(scope="module", params=[1, 2])
def centre(request, make, tmp_path_factory):
    """Two queues of a draw of the sample's centre, November 2026."""
    folder = tmp_path_factory.mktemp(f"centre{request.param}")
    queues = tuple(queue for queue in make.QUEUES if queue.name in SMALL)
    history, _ = make.make_centre(request.param, queues)
    history.to_csv(folder / "history.csv", index=False)
    text = (ROOT / "data" / "plan.toml").read_text(encoding="utf-8")
    bills = (
        text.index("[[events]]                     # bills"),
        text.index("[[events]]\nname"),
    )
    text = text[: bills[0]] + text[bills[1] :]  # Energia's
    text += '\n[forecast]\nmodel = "sma8"\n'
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return backtest_plans(folder / "plan.toml", first="2026-11")


def test_days_hold_about_as_often_as_promised(centre):
    days = centre.promises[centre.promises["grain"] == "day"]
    assert len(days) == 2 * 25
    assert abs(days["held"].mean() - days["promised"].mean()) < 0.12


def test_hours_at_equal_service_are_near_those_of_one_who_knew_it_all(centre):
    hours = centre.costs.groupby("plan")["equal_hours"].sum()
    assert 1.0 < hours["plan"] / hours["clairvoyant"] < 1.14
    assert hours["plan"] < hours["seasonal_naive"]


def test_what_the_simulation_does_not_explain_is_small(centre):
    causes = centre.causes
    months = causes[(causes["queue"] == "all") & (causes["kpi"] == "service_level")]
    months = months[months["period"].str.len() == 7]
    gap = (months["realised"] - months["planned"]).iloc[0]
    rest = months.loc[months["cause"] == "remainder", "effect"]
    assert gap < -0.05  # the sample's agents are too few by far
    assert (rest.abs() < 0.1 * abs(gap)).all()
