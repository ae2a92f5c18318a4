"""patience_s: a number, or to be estimated."""

import pytest

from forecast.errors import ConfigError
from staffing.config import read_config
from staffing.patience import Patience

CONFIG = """\
history = "history.csv"
timezone = "Europe/Rome"
[hours]
mon-fri = "09:00-11:00"
[groups]
Care = ["Energia", "Acqua"]
[staffing]
model = "erlang_a"
patience_s = {}
"""
ESTIMATES = {
    "Care": Patience(200.0, 150.0, 250.0, 100.0, 20_000.0),
    "Sales": Patience(90.0, 70.0, 120.0, 100.0, 9_000.0),
}


@pytest.fixture
def config(tmp_path):
    def read(value):
        path = tmp_path / "plan.toml"
        path.write_text(CONFIG.format(value), encoding="utf-8")
        return read_config(path)

    return read


def test_a_number_is_the_patience_of_all(config):
    rules = config("180").rules({}, {})
    assert rules.patience_of_pools_s == 180.0
    assert rules.for_pool("Care").patience_s == 180.0


def test_each_pool_and_its_queues_have_the_estimate(config):
    read = config('"estimate"')
    assert read.pools(["Acqua", "Energia", "Sales"]) == {
        "Sales": ("Sales",),
        "Care": ("Energia", "Acqua"),
    }
    rules = read.rules({}, ESTIMATES)
    found = {
        name: rules.for_pool(name).patience_s for name in ("Sales", "Care", "Acqua")
    }
    assert found == {"Sales": 90.0, "Care": 200.0, "Acqua": 200.0}


def test_erlang_c_knows_the_estimate_beside_its_rules(config):
    read = config('"estimate"')
    part = read.staffing.model_copy(update={"model": "erlang_c"})
    by_c = read.model_copy(update={"staffing": part})
    assert by_c.rules({}, ESTIMATES).patience_of_pools_s is None
    assert by_c.patience_s(ESTIMATES)["Care"] == 200.0


@pytest.mark.parametrize("value", ["0", "-5", "86401", "true", '"estimated"', "nan"])
def test_anything_else_is_refused(config, value):
    with pytest.raises(ConfigError) as refused:
        config(value)
    shown = {"true": "True", '"estimated"': "'estimated'"}.get(value, value)
    assert str(refused.value) == (
        "plan.toml, line 9: staffing.patience_s: must be a number of seconds above 0 "
        f'and at most 86400, or "estimate", but is {shown}.'
    )
