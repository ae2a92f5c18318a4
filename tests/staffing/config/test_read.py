import datetime as dt
from pathlib import Path

import holidays
import pandas as pd
import pytest

from forecast.errors import ConfigError
from forecast.intervals import holidays_for
from staffing.config import read_config, read_staffed_config
from staffing.config.parts import QueuePart
from staffing.config.read import _part_at
from staffing.config.whole import Config
from staffing.shrinkage import Component, Shrinkage
from staffing.targets import Targets

ROOT = Path(__file__).parents[3]
NOON = pd.DatetimeIndex(["2026-03-02 12:00"], tz="Europe/Rome")
LINES = """\
history = "history.csv"
timezone = "Europe/Rome"
{}

[hours]
mon-fri = "08:00-20:00"
{}
"""


def fault_of(tmp_path, text):
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    return str(caught.value)


def config_of(tmp_path, top="", more=""):
    path = tmp_path / "plan.toml"
    path.write_text(LINES.format(top, more), encoding="utf-8")
    return read_config(path)


def test_the_sample_config_says_what_its_text_says():
    config = read_config(ROOT / "data" / "plan.toml")
    assert (config.month, config.months, config.timezone) == (
        "2026-12",
        1,
        "Europe/Rome",
    )
    assert config.to_targets() == Targets(50.0, 0.95, 50.0, 0.9)
    shrinkage = config.staffing.to_shrinkage()
    assert shrinkage.week == pytest.approx(0.30, abs=1e-15)
    assert shrinkage.scheduled_per_agent(NOON) == pytest.approx(1 / 0.84, rel=1e-15)
    assert config.seats("Energia") == (1, None)
    assert config.events[0].dates[-1] == dt.date(2026, 12, 3)
    assert config.span("2026-12") == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))


TABLES = (
    "url, table, history, queue, month, months, timezone, interval_s, seed, lang, "
    "profile, format, columns, rows, hours, closures, holidays, events, forecast, "
    "volumes, aht, targets, profiles, staffing, groups, queues, kpis, clients, roster, "
    "costs"
)
GOALS = "asa_s, service_level, threshold_s, mean_wait_s, sl_rule, max_occupancy, "
GOALS += "max_abandon_rate, scope, floor_service_level"
OURS = "queue, interval_start, offered, handled, abandoned, short_abandoned, "
OURS += "answered_within, aht_s, asa_s, abandon_wait_s, agents"
PROVINCES = ", ".join(holidays.list_supported_countries()["IT"])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("colour = 1", f"colour: no such key; known here: {TABLES}."),
        ("month = '2026-13'", "month: '2026-13' is not a month: write \"2026-12\"."),
        ("month = '2026-1٢'", "month: '2026-1٢' is not a month: write \"2026-12\"."),
        ("month = 2026-12-01", "month must be a valid string, but is 2026-12-01."),
        ("months = 0", "months must be greater than or equal to 1, but is 0."),
        ("months = 2.0", "months must be a valid integer, but is 2.0."),
        ("months = 30", "months must be less than or equal to 24, but is 30."),
        (
            "interval_s = 600",
            "interval_s must be 900, 1800, 3600 or 86400, but is 600.",
        ),
        ("seed = true", "seed must be a valid integer, but is True."),
        ("queues = 5", "queues must be a table, but is 5."),
        ("holidays = true", "holidays must be a table, but is True."),
    ],
)
def test_a_wrong_line_at_the_top_is_named(line, fault, tmp_path):
    text = LINES.format(line, "")
    assert fault_of(tmp_path, text) == f"plan.toml, line 3: {fault}"


@pytest.mark.parametrize(
    ("lines", "number", "fault"),
    [
        # targets
        (
            "[targets]\nservice_level = 95\nthreshold_s = 20",
            8,
            "targets.service_level must be less than 1, but is 95. "
            "Shares are written 0 to 1: 0.95 for 95 %.",
        ),
        (
            "[targets]\nmax_occupancy = 90",
            8,
            "targets.max_occupancy must be less than or equal to 1, but is 90. "
            "Shares are written 0 to 1: 0.9 for 90 %.",
        ),
        (
            "[targets]\nservice_level = 1.0\nthreshold_s = 20",
            8,
            "targets.service_level must be less than 1, but is 1.0.",
        ),
        (
            "[targets]\nthreshold_s = 9\nservice_level = nan",
            9,
            "targets.service_level must be less than 1, but is nan.",
        ),
        (
            "[targets]\nasa_s = 9\nservice_level = 0.8",
            9,
            "targets.service_level: needs threshold_s beside it.",
        ),
        (
            "[targets]\nthreshold_s = 20",
            7,
            "targets: name at least one of asa_s, service_level, mean_wait_s, "
            "max_occupancy, max_abandon_rate.",
        ),
        (
            "[targets]\nasa_s = inf",
            8,
            "targets.asa_s must be less than or equal to 86400, but is inf.",
        ),
        (
            "[targets]\nasa_s = 0",
            8,
            "targets.asa_s must be greater than 0, but is 0.",
        ),
        (
            "[targets]\nasa_s = '50'",
            8,
            "targets.asa_s must be a valid number, but is '50'.",
        ),
        (
            "[targets]\nasa_s = 9\nthreshold_s = -1",
            9,
            "targets.threshold_s must be greater than or equal to 0, but is -1.",
        ),
        (
            "[targets]\nasa_s = 50\nsl_rule = 'answer_rate'",
            9,
            "targets.sl_rule: 'answer_rate' has no meaning in Erlang C, where nobody "
            "hangs up; write "
            '[staffing] model = "erlang_a" and patience_s.',
        ),
        (
            "[targets]\nmax_abandon_rate = 0.05",
            8,
            "targets.max_abandon_rate: 0.05 has no meaning in Erlang C, where nobody "
            'hangs up; write [staffing] model = "erlang_a" and patience_s.',
        ),
        (
            "[staffing]\nmodel = 'erlang_a'",
            8,
            'staffing.model: "erlang_a" needs patience_s, the mean time that a caller '
            "would wait.",
        ),
        (
            "[staffing]\nmodel = 'erlang_a'\npatience_s = 60\n[targets]\nasa_s = 50",
            10,
            "targets: a mean wait alone means nothing where callers hang up: the fewer "
            "are answered, the shorter is the queue (60 erlangs with 60 s of patience: "
            "24 agents keep an ASA of 50 s while 60 % hang up). Give service_level or "
            "max_abandon_rate beside it.",
        ),
        (
            "[targets]\nasa = 50",
            8,
            f"targets.asa: no such key; known here: {GOALS}, profile.",
        ),
        # groups
        (
            "[groups]\nCare = ['A', 'B']\nBills = ['B', 'C']",
            9,
            "groups.Bills: 'B' is in 'Care' already: a queue belongs to one group, "
            "whose people all answer all of its queues; partly overlapping skills "
            "cannot be planned yet.",
        ),
        (
            "[groups]\nCare = ['A']",
            8,
            "groups.Care: must name two queues or more.",
        ),
        (
            "[groups]\nCare = ['A', 'B']\nB = ['C', 'D']",
            9,
            "groups.B: is the name of a queue as well.",
        ),
        (
            "[groups]\nCare = ['A', 'B']\n[queues.Care.aht]\ndefault_s = 9",
            9,
            "queues.Care: is a group: it has min_agents and max_agents; hours, like "
            "and aht are those of its queues.",
        ),
        (
            "[groups]\nCare = ['A', 'B']\n[queues.A]\nmax_agents = 9",
            9,
            "queues.A: is in the group 'Care': give min_agents and max_agents to the "
            "group.",
        ),
        # staffing
        (
            "[staffing]\nrisk = 'high'",
            8,
            'staffing.risk: must be "mean" or { chance = 0.9, scope = "day" }.',
        ),
        (
            "[staffing]\nrisk = { chance = 90 }",
            8,
            "staffing.risk.chance must be less than 1, but is 90. Shares are written "
            "0 to 1: 0.9 for 90 %.",
        ),
        (
            "[staffing]\nrisk = { chance = 0.9 }\n[targets]\nasa_s = 9\nscope = 'day'",
            8,
            "staffing.risk: has a scope of its own; leave out scope under [targets].",
        ),
        (
            "[staffing]\nredial = 1",
            8,
            "staffing.redial must be less than 1, but is 1.",
        ),
        (
            "[staffing]\nshrinkage = 30",
            8,
            "staffing.shrinkage.all.share must be less than 1, but is 30. "
            "Shares are written 0 to 1: 0.3 for 30 %.",
        ),
        (
            "[staffing]\nshrinkage = 1.0",
            8,
            "staffing.shrinkage.all.share must be less than 1, but is 1.0.",
        ),
        (
            "[staffing.shrinkage]\nleave = 0.7\nsickness = 0.4",
            7,
            "staffing.shrinkage: components must add up to less than 1 at any time, "
            "not 1.1 (first on mon 00:00).",
        ),
        (  # 0.7 + 0.2 + 0.1 < 1 where floats are added one by one
            "[staffing.shrinkage]\na = 0.7\nb = 0.2\nc = 0.1",
            7,
            "staffing.shrinkage: components must add up to less than 1 at any time, "
            "not 1 (first on mon 00:00).",
        ),
        (
            "[staffing.shrinkage]\nleave = 0.5\n"
            "sick = { share = 0.1, at = { 'sat' = 0.2, 'tue,sat 12:00-13:00' = 0.6 } }",
            7,
            "staffing.shrinkage: components must add up to less than 1 at any time, "
            "not 1.1 (first on tue 12:00).",
        ),
        (
            "[staffing.shrinkage.sick]\nshare = 0.1\n[staffing.shrinkage.sick.at]\n"
            "mon = 0.2\ntue = 7",
            11,
            "staffing.shrinkage.sick.at.tue must be less than 1, but is 7. "
            "Shares are written 0 to 1: 0.07 for 7 %.",
        ),
        (
            "[staffing.shrinkage.sick]\nshare = 0.1\n[staffing.shrinkage.sick.at]\n"
            "mon = 0.2\n'12:00-14:00' = 0.3",
            11,
            "staffing.shrinkage.sick.at.12:00-14:00: '12:00-14:00' is not a day: "
            'write "mon", "mon-fri" or "mon,wed" (mon, tue, wed, thu, fri, sat, sun).',
        ),
        (
            "[staffing.shrinkage.sick]\nshare = 0.1\n[staffing.shrinkage.sick.at]\n"
            "'mon-fri 12-14' = 0.2",
            10,
            "staffing.shrinkage.sick.at.mon-fri 12-14: '12-14' is not a span of hours: "
            'write "08:00-20:00".',
        ),
        (
            "[staffing.shrinkage.sick]\nshare = 0.1\n[staffing.shrinkage.sick.at]\n"
            "mon-fri = 0.2\nwed = 0.3",
            9,
            "staffing.shrinkage.sick.at: wed 00:00 is given twice.",
        ),
        (
            "[staffing.shrinkage.sick]\nshare = 0.1\n[staffing.shrinkage.sick.at]\n"
            "mon = 0.2\n'mon 12:00-13:15' = 0.3",
            11,
            "staffing.shrinkage.sick.at.mon 12:00-13:15: 13:15 is not on the grid of "
            "interval_s = 1800.",
        ),
        (
            "[staffing.shrinkage]\na = 0.1\nleave = { part = 0.1, share = 0.1 }",
            9,
            "staffing.shrinkage.leave.part: no such key; known here: share, rostered, "
            "planned, at.",
        ),
        (
            "[staffing]\nmin_agents = 5\nmax_agents = 3",
            9,
            "staffing.max_agents: 3 is below min_agents, which is 5.",
        ),
        (
            "[staffing]\nmin_agents = 1.5",
            8,
            "staffing.min_agents must be a valid integer, but is 1.5.",
        ),
        (
            "[staffing]\nmodel = 'erlang_x'",
            8,
            "staffing.model must be 'erlang_c' or 'erlang_a', but is 'erlang_x'.",
        ),
        (
            "[staffing]\nfull_time_h = 200",
            8,
            "staffing.full_time_h must be less than or equal to 168, but is 200.",
        ),
        # hours
        (
            "sat = '8-14'",
            7,
            "hours.sat: '8-14' is not a span of hours: write \"08:00-20:00\".",
        ),
        (
            "sat = []\nsunday = '08:00-09:00'",
            8,
            'hours.sunday: \'sunday\' is not a day: write "mon", "mon-fri" or '
            '"mon,wed" (mon, tue, wed, thu, fri, sat, sun).',
        ),
        ("fri = '08:00-09:00'", 5, "hours: fri is given twice."),
        (
            "sat = '08:10-12:00'",
            7,
            "hours.sat: 08:10 is not on the grid of interval_s = 1800.",
        ),
        # queues
        (
            '[queues."A.b".hours]\nsat = []\nmon = "08:15-09:00"',
            9,
            "queues.A.b.hours.mon: 08:15 is not on the grid of interval_s = 1800.",
        ),
        (
            '[queues.N.hours]\nmon = "8"',
            8,
            "queues.N.hours.mon: '8' is not a span of hours: write \"08:00-20:00\".",
        ),
        (
            "[queues.N]\nmin_agents = 2\nmax_agents = 1",
            9,
            "queues.N.max_agents: 1 is below min_agents, which is 2.",
        ),
        (
            "[queues.M]\n[queues.N]\nmax_agents = 0",
            9,
            "queues.N.max_agents: 0 is below min_agents, which is 1.",
        ),
        (
            "[staffing]\nmax_agents = 4\n[queues.N]\nmin_agents = 5",
            9,
            "queues.N.max_agents: 4 is below min_agents, which is 5.",
        ),
        (
            "[queues.hours]\nmin_agent = 2",
            8,
            "queues.hours.min_agent: no such key; known here: hours, like, scale, "
            "aht, min_agents, max_agents.",
        ),
        (
            "[queues.aht.aht]\ndefault = 5\ndefault_s = 5",
            8,
            "queues.aht.aht.default: no such key; known here: default_s, changes.",
        ),
        # holidays
        (
            "[holidays]\ncountry = 'Atlantis'",
            8,
            "holidays.country: 'Atlantis' is not a known country: write its ISO code, "
            "such as IT.",
        ),
        (
            "[holidays]\ncountry = 'IT'\nsite = 'XX'",
            9,
            f"holidays.site: IT has no site 'XX'; it has {PROVINCES}.",
        ),
        ("[holidays]\nsite = 'MI'", 7, "holidays.country must be given."),
        # events
        ("[[events]]\nname = 'x'", 7, "events.0.dates must be given."),
        (
            "[[events]]\nname = 'x'\ndates = [\n2026-12-03,\n'03/12/2026']",
            9,
            "events.0.dates.1: '03/12/2026' is not a date: write \"2026-12-03\".",
        ),
        (
            "[[events]]\nname = 'x'\ndates = [20261203]",
            9,
            "events.0.dates.0 must be a valid date, but is 20261203.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = [9999-12-31]",
            9,
            "events.0.dates.0 must be less than or equal to 2199-12-31, but is "
            "9999-12-31.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = []\n[[events]]\nname = 'y'\ndates = []\n"
            "day = 3",
            13,
            "events.1.day: no such key; known here: name, dates, days, queues, effect.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = []\ndays = 40",
            10,
            "events.0.days must be less than or equal to 31, but is 40.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = []\neffect = 0",
            10,
            "events.0.effect.0 must be greater than 0, but is 0.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = []\neffect = 130",
            10,
            "events.0.effect.0 must be less than or equal to 100, but is 130.",
        ),
        (
            "[[events]]\nname = 'x'\ndates = []\ndays = 3\neffect = [1.2, 1.1]",
            11,
            "events.0.effect: must be one number, or one for each of the 3 days, but "
            "has 2.",
        ),
        (
            "[events]\nname = 'x'",
            7,
            "events must be a valid list, but is {'name': 'x'}. Its header has two "
            "brackets: [[events]].",
        ),
        (
            "[[events]]\nname = ''\ndates = []",
            8,
            "events.0.name must have at least 1 character, but is ''.",
        ),
        # the form of the file
        (
            "[format]\nencoding = 'latin-9'",
            8,
            "format.encoding must be 'utf-8' or 'cp1252', but is 'latin-9'.",
        ),
        (
            "[format]\nseparator = ';;'",
            8,
            "format.separator must be ',', ';', '\\t' or '|', but is ';;'.",
        ),
        (
            "[format]\ndecimal = ','\nthousands = ','",
            8,
            "format.decimal: ',' is the thousands sign too.",
        ),
        ("[format]\ntime = '%d/%m/%Y'", 8, "format.time: '%d/%m/%Y' lacks %H."),
        ("[format]\ntime = '%d/%H:%M'", 8, "format.time: '%d/%H:%M' lacks %Y."),
        (
            "[format]\ntime = '%Y-%m-%d %H:%M %Z'",
            8,
            "format.time: %Z reads names of zones that vary; write %z.",
        ),
        (
            "[columns]\ncalls = 'x'",
            8,
            f"columns.calls: not one of our columns: {OURS}.",
        ),
        (
            "[columns]\noffered = 5",
            8,
            "columns.offered: must be a column of the file, but is 5.",
        ),
        (
            "[rows]\nabsent_rows = 'none'",
            8,
            "rows.absent_rows must be 'zero' or 'missing', but is 'none'.",
        ),
        (
            "[rows]\nexclude = { call_type = 'TOTAL' }",
            8,
            "rows.exclude.call_type must be a valid list, but is 'TOTAL'.",
        ),
    ],
)
def test_a_wrong_table_is_named_with_its_line_and_key(lines, number, fault, tmp_path):
    text = LINES.format("", lines)
    assert fault_of(tmp_path, text) == f"plan.toml, line {number}: {fault}"


EVERY_KEY = """\
history = "history.csv"
queue = "Q"
month = "2026-12"
months = 1
timezone = "Europe/Rome"
interval_s = 1800
seed = 7
format.separator = ";"
format.encoding = "utf-8"
format.decimal = ","
format.thousands = "."
format.time = "%d/%m/%Y %H:%M"
columns.offered = "calls"
columns.ignore = ["*"]
rows.include = { a = ["b"] }
rows.exclude = { a = ["c"] }
rows.absent_rows = "zero"
hours.mon-fri = "08:00-20:00"
holidays.country = "IT"
holidays.site = "MI"
holidays.open = false
aht.default_s = 240
targets.asa_s = 50
targets.service_level = 0.95
targets.threshold_s = 50
targets.sl_rule = "offered"
targets.max_occupancy = 0.9
targets.scope = "month"
targets.floor_service_level = 0.5
targets.profile = "80-20"
profiles.own.service_level = 0.9
profiles.own.threshold_s = 30
profiles.own.months_met = 10
profiles.own.line_accessibility = 0.9
profiles.own.confirm = "figures"
profiles.own.meaning = "ours"
staffing.model = "erlang_c"
staffing.load = "mol"
staffing.risk = "mean"
staffing.redial = 0.2
staffing.repeat = 0.1
staffing.patience_s = 180
staffing.min_agents = 1
staffing.max_agents = 9
staffing.full_time_h = 40
staffing.shrinkage.sick.share = 0.05
staffing.shrinkage.sick.planned = false
staffing.shrinkage.sick.at."mon-fri 12:00-14:00" = 0.1
groups.Care = ["A", "B"]
queues.Q.min_agents = 1
queues.Q.max_agents = 9
queues.Q.hours.sat = "08:00-12:00"
queues.Q.aht.default_s = 5
[[events]]
name = "x"
dates = [2026-12-03]
days = 2
queues = ["Q"]
"""
WRONG = ['"x"', '""', "-1", "nan", "1e99", "95", "true", "[1]", "{ x = 1 }"]


@pytest.mark.parametrize("wrong", WRONG)
def test_any_value_of_any_key_is_taken_or_refused_on_its_line(wrong, tmp_path):
    path, lines = tmp_path / "plan.toml", EVERY_KEY.splitlines()
    for number, line in enumerate(lines, 1):
        key, equals, _ = line.partition(" = ")
        if not equals:
            continue
        changed = [*lines[: number - 1], f"{key} = {wrong}", *lines[number:]]
        path.write_text("\n".join(changed))
        try:
            read_config(path).calendar(range(2026, 2027))
        except ConfigError as error:
            seats = key.endswith("min_agents")  # told where max_agents stands
            where = f"plan.toml, line {number + seats}: "
            faults = str(error).splitlines()
            assert all(
                fault.startswith((where, f"plan.toml, line {number}: "))
                for fault in faults
            )


def test_a_daily_series_is_read_but_not_staffed(tmp_path):
    path = tmp_path / "plan.toml"
    hours = '[hours]\nmon-sun = "00:00-24:00"\n'
    rest = 'history = "days.csv"\ntimezone = "Europe/Rome"\n'
    path.write_text(f'{rest}interval_s = 86400\n{hours}[format]\ntime = "%d/%m/%Y"\n')
    assert read_config(path).interval_s == 86400
    with pytest.raises(ConfigError) as caught:
        read_staffed_config(path)
    assert str(caught.value) == (
        "plan.toml, line 3: interval_s: 86400 is a daily series, which can be forecast "
        "(staffcast backtest --forecast-only) but not staffed: agents need "
        "interval_s = 900, 1800 or 3600, and a history by such intervals."
    )


def test_required_keys_that_are_missing_are_all_named(tmp_path):
    assert fault_of(tmp_path, "# nothing\n") == (
        "plan.toml: history: must be given, or url and table of a database.\n"
        "plan.toml: timezone must be given.\n"
        "plan.toml: hours must be given."
    )


def test_several_faults_are_named_at_once(tmp_path):
    text = 'timezone = "Mars"\nhours = "x"\nfoo = 1\n[targets]\nasa_s = -1\nasa = 1\n'
    assert fault_of(tmp_path, text) == (
        "plan.toml: history: must be given, or url and table of a database.\n"
        "plan.toml, line 1: timezone: 'Mars' is not a time zone: write its IANA name, "
        'such as "Europe/Rome".\n'
        "plan.toml, line 2: hours must be a table, but is 'x'.\n"
        "plan.toml, line 5: targets.asa_s must be greater than 0, but is -1.\n"
        f"plan.toml, line 6: targets.asa: no such key; known here: {GOALS}, profile.\n"
        f"plan.toml, line 3: foo: no such key; known here: {TABLES}."
    )


@pytest.mark.parametrize("zone", ["", "Europe", "../../etc/passwd"])
def test_a_zone_is_an_iana_name(zone, tmp_path):
    text = LINES.replace("Europe/Rome", zone).format("", "")
    said = fault_of(tmp_path, text)
    assert said.startswith("plan.toml, line 2: timezone: ")
    assert said.endswith(
        ' is not a time zone: write its IANA name, such as "Europe/Rome".'
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a = 1\na = 2\n", "Cannot overwrite a value (at line 2, column 6)"),
        ("\nmonth 3", "Expected '=' after a key in a key/value pair (at line 2, "),
        ("a = " + "[" * 5000, "maximum recursion depth exceeded"),
    ],
)
def test_what_is_not_toml_is_said_with_its_line(text, fault, tmp_path):
    start = f"plan.toml is not readable as TOML: {fault}"
    assert fault_of(tmp_path, text).startswith(start)


def test_what_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes("# città\n".encode("cp1252"))
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value) == f"{path} must be UTF-8 text. Save it as UTF-8."


def test_a_config_that_is_not_there_or_is_a_folder_is_refused(tmp_path):
    for path, reason in (
        (tmp_path / "no.toml", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(ConfigError) as caught:
            read_config(path)
        assert str(caught.value) == f"{path} cannot be read ({reason})."


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "plan.toml"
    text = LINES.format("months = 3", "").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_config(path).months == 3


def test_dates_may_be_native_or_text(tmp_path):
    lines = '[[events]]\nname = "x"\ndates = [2026-12-03, "2026-12-04"]'
    dates = config_of(tmp_path, more=lines).events[0].dates
    assert dates == [dt.date(2026, 12, 3), dt.date(2026, 12, 4)]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("", ()),
        ("effect = 1.3", (1.3, 1.3, 1.3)),
        ("effect = 2", (2.0, 2.0, 2.0)),
        ("effect = [1.25, 1.15, 1.08]", (1.25, 1.15, 1.08)),
    ],
)
def test_an_effect_is_one_number_or_one_for_each_day(tmp_path, effect, expected):
    more = f'[[events]]\nname = "x"\ndates = [2026-12-03]\ndays = 3\n{effect}'
    (event,) = config_of(tmp_path, more=more).calendar(range(2026, 2027)).events
    assert event.effect == expected


def test_an_empty_list_of_hours_is_a_closed_day(tmp_path):
    config = config_of(tmp_path, more='sat = []\nsun = ["22:00-02:00"]')
    spans = config.calendar(range(2026, 2027)).hours.spans
    assert spans[5] == ()
    assert spans[6] == ((22 * 60, 26 * 60),)


def test_shrinkage_may_be_a_share_or_components(tmp_path):
    one = config_of(tmp_path, more="[staffing]\nshrinkage = 0.25")
    assert one.staffing.to_shrinkage() == Shrinkage({"all": Component(0.25)})
    lines = (
        "[staffing.shrinkage]\nleave = {share = 0.1, rostered = true}\n"
        "meetings = {share = 0.02, planned = true}\n"
        "off = {share = 0.01, rostered = true, planned = false}\n"
        "sick = {share = 0.05, at = {mon = 0.07, 'mon-fri 12:00-14:00' = 0.1}}"
    )
    some = config_of(tmp_path, more=lines).staffing.to_shrinkage()
    assert some.components == {
        "leave": Component(0.1, rostered=True, planned=True),
        "meetings": Component(0.02, planned=True),
        "off": Component(0.01, rostered=True),
        "sick": Component(0.05, at={"mon": 0.07, "mon-fri 12:00-14:00": 0.1}),
    }


def test_a_queue_takes_its_own_seats_and_handle_time_before_the_common_ones(
    tmp_path,
):
    config = config_of(
        tmp_path,
        more="[aht]\ndefault_s = 200\n[staffing]\nmin_agents = 2\nmax_agents = 9\n"
        "[queues.A]\nmin_agents = 0\n[queues.B]\nmax_agents = 2\n"
        "[queues.B.aht]\ndefault_s = 300",
    )
    assert [config.seats(queue) for queue in "ABC"] == [(0, 9), (2, 2), (2, 9)]
    day = dt.date(2026, 3, 1)
    wanted = [config.wanted(queue, day, day).default_aht_s for queue in "ABC"]
    assert wanted == [200, 300, 200]
    assert config_of(tmp_path).wanted("A", day, day).default_aht_s is None


def test_targets_are_the_strict_default_only_where_none_are_given(
    tmp_path,
):
    assert config_of(tmp_path).to_targets() == Targets(50.0, 0.95, 50.0, None)
    one = config_of(tmp_path, more="[targets]\nmax_occupancy = 0.8").to_targets()
    assert one == Targets(None, None, None, 0.8)


def test_the_calendar_knows_the_site_and_the_queues_own_hours(tmp_path):
    config = config_of(
        tmp_path,
        more="[holidays]\ncountry = 'IT'\nsite = 'MI'\n"
        "[queues.Night.hours]\nsun = '20:00-24:00'",
    )
    calendar = config.calendar(range(2026, 2027))
    assert calendar.holidays == holidays_for("IT", "MI", [2026])
    assert dt.date(2026, 12, 7) in calendar.holidays
    open_starts = calendar.open_intervals(
        "Night", dt.date(2026, 12, 5), dt.date(2026, 12, 7)
    )
    assert [f"{start:%a %H:%M}" for start in open_starts] == [
        f"Sun {hour}:{minute}" for hour in (20, 21, 22, 23) for minute in ("00", "30")
    ]


def _keys_of(part):
    return set(part.model_fields)


def test_every_table_is_found_by_its_keys():
    assert _part_at([], Config) is Config
    assert _part_at(["queues", "queues"], Config) is QueuePart
    assert _keys_of(_part_at(["queues", "x", "aht"], Config)) == {
        "default_s",
        "changes",
    }
    components = _keys_of(_part_at(["staffing", "shrinkage", "x"], Config))
    assert components == {"share", "rostered", "planned", "at"}
    assert "months_met" in _keys_of(_part_at(["profiles", "x"], Config))
    assert "days" in _keys_of(_part_at(["events", 3], Config))
