"""The profile of an export in plan.toml: what it declares, and what may differ."""

import pytest

from forecast.acd.profiles import PROFILES
from forecast.errors import ConfigError
from forecast.tables import Form
from staffing.config import read_config

LINES = """\
history = "h.csv"
timezone = "Europe/Rome"
{}
[hours]
mon-fri = "09:00-11:00"
"""


@pytest.fixture
def form(tmp_path):
    def form(lines):
        path = tmp_path / "plan.toml"
        path.write_text(LINES.format(lines))
        return read_config(path)

    return form


def test_without_a_profile_the_form_is_the_plain_one(form):
    assert form("").form() == PROFILES["generic"]


def test_what_is_given_goes_before_the_profile(form):
    config = form(
        'profile = "italian"\n[format]\nthousands = ""\nsheet = "Dati"\n'
        '[columns]\noffered = ["a", "b"]\ntotals = ["asa_s"]'
    )
    assert config.form() == Form(
        separator=";",
        encoding="cp1252",
        decimal=",",
        time="%d/%m/%Y %H:%M",
        sheet="Dati",
        columns={"offered": ["a", "b"]},
        totals=("asa_s",),
        profile="italian",
    )
    assert config.volumes_form() == Form(";", "cp1252", ",", "", "%d/%m/%Y %H:%M")


def test_a_clock_of_twelve_hours_may_be_declared(form):
    time = "%m/%d/%Y %I:%M %p"
    assert form(f'[format]\ntime = "{time}"').form().time == time


def test_columns_of_a_profile_may_be_named_otherwise(form):
    config = form('profile = "genesys-cloud"\n[columns]\nqueue = "Coda"')
    assert config.form().columns == {
        **PROFILES["genesys-cloud"].columns,
        "queue": "Coda",
    }


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (
            'profile = "nice"',
            "plan.toml, line 3: profile: 'nice' is not a profile: generic, italian, "
            "genesys-cloud, amazon-connect, calabrio, queue-log, calls.",
        ),
        (
            'profile = "italian"\n[format]\ndecimal = "."',
            "plan.toml, line 5: format.decimal: '.' is the thousands sign too.",
        ),
        (
            'profile = "calls"\n[columns]\noffered = "x"',
            "plan.toml, line 5: columns.offered: not one of our columns: queue, "
            "arrival, answer, end, outcome, after_call_s.",
        ),
        (
            'profile = "queue-log"\n[columns]\nqueue = "Coda"',
            "plan.toml, line 4: columns: must be left out: queue-log has no columns.",
        ),
        (
            'profile = "queue-log"\n[rows]\ninclude = { queue = ["Sales"] }',
            "plan.toml, line 5: rows.include: must be left out: queue-log has no "
            "columns.",
        ),
        (
            "[format]\ntime = '%d/%m/%Y %I:%M'",
            "plan.toml, line 4: format.time: '%d/%m/%Y %I:%M' lacks %H.",
        ),
        (
            "[columns]\noffered = []",
            "plan.toml, line 4: columns.offered: must be a column of the file, but is "
            "[].",
        ),
        (
            'profile = "calls"\n[kpis.quality]\ncolumn = "q"\nweight = "handled"\n'
            'unit = "1"\nbetter = "higher"',
            "plan.toml, line 4: kpis: must be left out: calls has calls, not KPIs of "
            "intervals.",
        ),
    ],
)
def test_what_contradicts_the_profile_is_refused(lines, fault, form):
    with pytest.raises(ConfigError) as caught:
        form(lines)
    assert str(caught.value) == fault
