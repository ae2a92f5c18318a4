import datetime as dt

import pytest

from forecast.aht import AhtChange
from forecast.errors import ConfigError
from staffing.config import read_config

TOP = """\
history = "history.csv"
timezone = "Europe/Rome"
hours = { mon-fri = "08:00-20:00" }
"""
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def config(tmp_path):
    def config(more):
        path = tmp_path / "plan.toml"
        path.write_text(TOP + more, encoding="utf-8")
        return read_config(path)

    return config


def test_volumes_of_queues_go_to_their_forecast(config):
    found = config("[volumes]\nA = { 2026-12 = 48000, 2027-01 = 0 }\n")
    assert found.volumes.given == {"A": {"2026-12": 48000.0, "2027-01": 0.0}}
    assert found.wanted("A", DAY, DAY).volumes == found.volumes.given["A"]
    assert found.wanted("B", DAY, DAY).volumes == {}
    assert config("").volumes.given == {}


def test_volumes_of_a_file_take_the_place_of_its_name(config):
    given = {"A": {"2026-12": 5.0}}
    found = config("[volumes]\nfile = 'v.csv'\n").volumes
    assert (found.file, found.given) == ("v.csv", {})
    assert found.with_file(given).given == given
    assert found.with_file(given).model_dump() == {"file": "v.csv", **given}


def test_changes_of_handle_times_are_common_or_a_queue_s_own(config):
    found = config(
        "[aht]\ndefault_s = 200\nchanges = [\n"
        "  { from = 2026-12-01, effect = 0.95 },\n"
        "  { from = '2026-01-01', effect = 1.1, until = 2026-01-31 },\n]\n"
        "[queues.A.aht]\nchanges = []\n[queues.B.aht]\ndefault_s = 300\n"
    )
    common = (
        AhtChange(dt.date(2026, 12, 1), 0.95),
        AhtChange(dt.date(2026, 1, 1), 1.1, dt.date(2026, 1, 31)),
    )
    wanted = {queue: found.wanted(queue, DAY, DAY) for queue in "ABC"}
    assert [wanted[queue].aht_changes for queue in "ABC"] == [(), common, common]
    assert [wanted[queue].default_aht_s for queue in "ABC"] == [200, 300, 200]


def test_the_model_is_the_median_unless_another_is_named(config):
    assert config("").wanted("A", DAY, DAY).model.name == "median"
    named = config("[forecast]\nmodel = 'sma4'\n")
    assert named.wanted("A", DAY, DAY).model.name == "sma4"
    with pytest.raises(ConfigError) as caught:
        config("[forecast]\nmodel = 'best'\n")
    assert str(caught.value).endswith(
        "line 5: forecast.model: 'best' is not a model: there are seasonal_naive, "
        "sma4, sma8, sma_all, calendar, harmonic, sma26, prophet, last_year, median."
    )


def test_queues_may_be_like_others(config):
    found = config(
        "[queues.New]\nlike = 'A'\nscale = 0.4\n[queues.Twin]\nlike = 'A'\n"
        "[queues.A]\nmin_agents = 2\n"
    )
    assert found.like() == {"New": ("A", 0.4), "Twin": ("A", 1.0)}


def test_other_quantiles_may_be_asked_for(config):
    found = config("[forecast]\nquantiles = [0.05, 0.975]\n")
    assert found.wanted("A", DAY, DAY).quantiles == (0.05, 0.975)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            "[volumes]\nA = { 2026-13 = 5 }",
            "line 5: volumes.A.2026-13: '2026-13' is not a month: write \"2026-12\".",
        ),
        (
            "[volumes]\nA = { 2026-12 = -5 }",
            "line 5: volumes.A.2026-12 must be greater than or equal to 0, but is -5.",
        ),
        (
            "[volumes]\nA = 5",
            "line 5: volumes.A must be a table, but is 5.",
        ),
        (
            "[volumes]\nfile = 'v.csv'\nA = { 2026-12 = 5 }",
            "line 5: volumes.file: write the figures here or into the file, not some "
            "in each.",
        ),
        (
            "[aht]\nchanges = [{ from = 2026-12-01, effect = 0 }]",
            "line 5: aht.changes.0.effect must be greater than 0, but is 0.",
        ),
        (
            "[aht]\nchanges = [{ effect = 1.1 }]",
            "line 5: aht.changes.0.from must be given.",
        ),
        (
            "[aht]\nchanges = [{ from = 2026-12-01, effect = 1.1, to = 2027-01-01 }]",
            "line 5: aht.changes.0.to: no such key; known here: from, effect, until.",
        ),
        (
            "[aht]\nchanges = [{ from = 2026-12-01, effect = 2, until = 2026-11-30 }]",
            "line 5: aht.changes.0.until: 2026-11-30 is before from, 2026-12-01.",
        ),
        (
            "[queues.New]\nlike = 'A'\nscale = 0",
            "line 6: queues.New.scale must be greater than 0, but is 0.",
        ),
        (
            "[queues.New]\nscale = 0.4",
            "line 5: queues.New.scale: needs like beside it.",
        ),
        (
            "[queues.New]\nlike = 'New'",
            "line 5: queues.New.like: names the queue itself.",
        ),
        (
            "[queues.A]\nlike = 'B'\n[queues.New]\nlike = 'A'",
            "line 7: queues.New.like: 'A' is like 'B' itself; name a queue with a "
            "history of its own.",
        ),
        (
            "[forecast]\nquantiles = [5]",
            "line 5: forecast.quantiles.0 must be less than 1, but is 5. Shares are "
            "written 0 to 1: 0.05 for 5 %.",
        ),
    ],
)
def test_a_wrong_key_is_named_with_its_line(config, more, fault):
    with pytest.raises(ConfigError) as caught:
        config(more)
    assert str(caught.value) == f"plan.toml, {fault}"


def test_closures_close_every_queue(config, tmp_path):
    path = tmp_path / "closed.toml"
    path.write_text(f'closures = ["2026-12-24", 2026-12-24]\n{TOP}', encoding="utf-8")
    found = read_config(path).calendar(range(2026, 2027))
    assert found.closures == (dt.date(2026, 12, 24),)
    assert config("").calendar(range(2026, 2027)).closures == ()
