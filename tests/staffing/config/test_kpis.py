import pytest

from forecast.errors import ConfigError
from forecast.tables import Measure
from staffing.config import read_config
from staffing.kpi import Declared

TOP = """\
history = "history.csv"
timezone = "Europe/Rome"
hours = { mon-fri = "08:00-20:00" }
"""
FCR = """\
[kpis."fcr"]
column = "fcr_share"
unit = "1"
weight = "handled"
better = "higher"
target = 0.80
"""


@pytest.fixture
def config(tmp_path):
    def config(more):
        path = tmp_path / "plan.toml"
        path.write_text(TOP + more, encoding="utf-8")
        return read_config(path)

    return config


@pytest.fixture
def fault(config):
    def fault(more):
        with pytest.raises(ConfigError) as caught:
            config(more)
        return str(caught.value).removeprefix("plan.toml, line ")

    return fault


def test_a_declared_kpi_is_read_from_the_history_and_from_no_other_file(config):
    found = config(FCR)
    fcr = Declared("fcr", "fcr_share", "1", "handled", "higher", 0.8)
    assert found.declared() == (fcr,)
    assert found.form().measures == (Measure("fcr", "fcr_share", "handled"),)
    assert found.volumes_form().measures == ()
    assert config("").declared() == ()


def test_a_weight_may_be_a_count_of_the_file_and_a_target_absent(config):
    csat = 'column = "c"\nunit = "points"\nweight = "surveys"\nbetter = "higher"\n'
    (found,) = config(f"[kpis.csat]\n{csat}").declared()
    assert (found.weight, found.target) == ("surveys", None)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            FCR.replace('weight = "handled"\n', ""),
            "4: kpis.fcr.weight must be given.",
        ),
        (
            FCR.replace("higher", "up"),
            "8: kpis.fcr.better must be 'higher' or 'lower', but is 'up'.",
        ),
        (
            FCR.replace("0.80", "inf"),
            "9: kpis.fcr.target must be a finite number, but is inf.",
        ),
        (
            FCR.replace('"fcr"', "asa_s"),
            "4: kpis.asa_s: is a name of ours: choose another.",
        ),
        (
            FCR.replace('"fcr"', "adherence"),
            "4: kpis.adherence: is a name of ours: choose another.",
        ),
        (
            FCR.replace('"handled"', '"fcr"'),
            "4: kpis.fcr: is the name of a weight: choose another.",
        ),
        (
            FCR.replace('"handled"', '"aht_s"'),
            "7: kpis.fcr.weight: must be one of offered, handled, abandoned, "
            "short_abandoned, answered_within, or a count under another name in the "
            "file, but is 'aht_s'.",
        ),
    ],
)
def test_a_wrong_kpi_is_refused_where_it_stands(fault, more, message):
    assert fault(more) == message


def test_clients_have_queues_of_their_own(config):
    found = config('[clients]\n"Comune di Asti" = ["A", "B"]\nMilano = ["C"]\n')
    assert found.clients == {"Comune di Asti": ["A", "B"], "Milano": ["C"]}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("[clients]\nX = []", "5: clients.X: must name one queue or more."),
        (
            "[clients]\nX = ['A']\nY = ['B', 'A']",
            "6: clients.Y: 'A' is of 'X' already: a queue belongs to one client.",
        ),
        (
            "[clients]\nA = ['B', 'A']",
            "5: clients.A: is the name of a queue too.",
        ),
        (
            "[clients]\nall = ['A']",
            "5: clients.all: is the name of all queues together too.",
        ),
        (
            "[groups]\nCare = ['A', 'B']\n[clients]\nCare = ['A']",
            "7: clients.Care: is the name of a group too.",
        ),
    ],
)
def test_a_wrong_client_is_refused_where_it_stands(fault, more, message):
    assert fault(more) == message


def test_a_profile_says_how_many_months_must_be_met(config):
    own = "[profiles.own]\nasa_s = 9\nmonths_met = 10\n[targets]\nprofile = 'own'\n"
    assert config(own).to_targets().months_met == 10
    assert config("").to_targets().months_met is None
