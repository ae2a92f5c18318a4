import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import ConfigError
from staffing.scenario.changes import (
    Scenario,
    parse_change,
    read_scenarios,
    scenarios_toml,
)
from staffing.scenario.levers import LEVERS
from staffing.scenario.values import Amount
from staffing.scenario.where import Where


@pytest.mark.parametrize("lever", LEVERS.values(), ids=LEVERS)
def test_each_levers_example_is_read_and_written_again(lever):
    change = parse_change(lever.example)
    assert change.name == lever.name
    assert parse_change(change.text) == change


@pytest.mark.parametrize(
    ("text", "how", "number"),
    [
        ("aht_s=+30s", "add", "30"),
        ("aht_s=-30", "add", "-30"),
        ("aht_s=+0:30", "add", "30"),
        ("aht_s=4:40", "set", "280"),
        ("aht_s=+10%", "by", "0.1"),
        ("volume=48000", "set", "48000"),
        ("shrinkage=33%", "set", "0.33"),
        ("shrinkage=+0.03", "add", "0.03"),
        ("shrinkage=+3%", "by", "0.03"),
    ],
)
def test_what_a_number_means(text, how, number):
    amount = parse_change(text).value
    assert (amount.how, amount.number) == (how, Decimal(number))


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=["C"]),
    min_size=1,
).filter(lambda name: name == name.strip())
clocks = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(
    lambda window: window[0] != window[1]
)
dates = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
places = st.builds(
    Where,
    st.lists(names, min_size=1).map(tuple),
    st.lists(st.tuples(dates, dates).map(sorted).map(tuple)).map(tuple),
    st.lists(st.sampled_from(["mon", "mon-fri", "sat-sun"])).map(tuple),
    st.lists(clocks).map(tuple),
)
numbers = st.decimals(0, 10_000, allow_nan=False, places=3)


@given(places, st.sampled_from(["set", "add", "by"]), numbers)
def test_every_change_is_read_as_it_was_written(where, how, number):
    amount = Amount(how, number / 100 if how == "by" else number, "s")
    change = parse_change(f"aht_s={amount}{where}")
    assert (change.value, change.where) == (amount, where)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "volum=+10%",
            "'volum=+10%': there is no lever 'volum'; there are "
            f"{', '.join(LEVERS)}. See staffcast whatif --levers.",
        ),
        (
            "volume=10%",
            "'volume=10%': volume must be +10%, -500 or 48000 contacts in all, but is "
            "'10%'. Write for example volume=+10%@Energia.",
        ),
        (
            "volume=48.000",
            "'volume=48.000': volume must be +10%, -500 or 48000 contacts in all, but "
            "is '48.000': it could be 48 or 48,000: write 48 or 48000. Write for "
            "example volume=+10%@Energia.",
        ),
        (
            "asa_s=+1,5%",
            "'asa_s=+1,5%': asa_s must be 50, +10s, +10% or none, but is '+1,5%': "
            "write a decimal point, not a comma, and no thousands. Write for example "
            "asa_s=30.",
        ),
        (
            "asa_s=−10 %",
            "'asa_s=−10 %': asa_s must be 50, +10s, +10% or none, but is '−10 %': "
            "write a plain minus, -, and no spaces. Write for example asa_s=30.",
        ),
        (
            "event=100@2026-03-10",
            "'event=100@2026-03-10': event must be an event's name or a size, +25%, "
            "but is '100'. Write for example event=bollette Energia@2026-12-16.",
        ),
        (
            "shrinkage.=0.1",
            "'shrinkage.=0.1': shrinkage. needs a name of its own after a dot. Write "
            "for example shrinkage.sickness=+0.02.",
        ),
        (
            'volume=+1%@a"b',
            "'volume=+1%@a\"b': 'a\"b' has quotes that do not belong together: write a "
            'name with quotes as "the ""best"" queue". Write for example '
            "volume=+10%@Energia.",
        ),
        (
            "asa_s=30@Energia",
            "'asa_s=30@Energia': asa_s cannot differ by queue. Write for example "
            "asa_s=30.",
        ),
        (
            "event=bills",
            "'event=bills': event needs @ and a date. Write for example "
            "event=bollette Energia@2026-12-16.",
        ),
        (
            "volume=+1%@2026-02-30",
            "'volume=+1%@2026-02-30': '2026-02-30' is not a date: write 2026-12-03. "
            "Write for example volume=+10%@Energia.",
        ),
        (
            "hours=closed",
            "'hours=closed': hours needs a name of its own after a dot. Write for "
            "example hours.sat=08:00-18:00.",
        ),
        (
            "volume",
            "'volume': a change is LEVER=VALUE. Write for example volume=+10%@Energia.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_is_known(text, fault):
    with pytest.raises(ConfigError) as caught:
        parse_change(text)
    assert str(caught.value) == fault


def test_only_agents_of_a_file_name_one():
    texts = ["agents=base", "agents=+2", "agents=today.csv", "model=erlang_a"]
    named = [parse_change(text).names_a_file for text in texts]
    assert named == [False, False, True, False]


def test_every_fault_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        Scenario.of(["x=1", "volume=+10%", "y=2"])
    assert [line[:5] for line in str(caught.value).split("\n")] == ["'x=1'", "'y=2'"]


def test_scenarios_are_read_as_they_were_written(tmp_path):
    scenarios = {
        name: Scenario.of(texts, name)
        for name, texts in {
            "più chiamate": ["volume=+10%@Energia", 'aht_s=+30s@"a \\ b, c"'],
            'a "quoted" one': [],
        }.items()
    }
    path = tmp_path / "scenarios.toml"
    path.write_text(scenarios_toml(scenarios), encoding="utf-8")
    assert read_scenarios(path) == scenarios


def test_every_fault_of_a_file_is_told_with_its_scenario(tmp_path):
    path = tmp_path / "scenarios.toml"
    path.write_text('[a]\nset = ["x=1"]\n[b]\nset = "volume=+1%"\n[c]\nsets = []\n')
    with pytest.raises(ConfigError) as caught:
        read_scenarios(path)
    first, *others = str(caught.value).split("\n")
    assert first.startswith("scenarios.toml, [a]: 'x=1': there is no lever 'x'; ")
    assert others == [
        f"scenarios.toml, [{name}]: a scenario must have one key, a list of changes: "
        'set = ["volume=+10%"].'
        for name in "bc"
    ]


def test_one_scenario_after_another_is_their_changes_in_order():
    first, then = Scenario.of(["volume=+10%"], "a"), Scenario.of(["asa_s=30"])
    assert first.then(then).texts == ("volume=+10%", "asa_s=30s")
    assert first.then(then).name == "a"
