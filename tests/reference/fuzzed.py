"""
Parameters that nobody would give: a finite result, or a named error.

python fuzzed.py KIND FIRST LAST tries these cases of a kind, each within LIMIT_S of
CPU and MEMORY, and prints how many were accepted; a case that fails is printed whole.
"""

import datetime as dt
import json
import math
import os
import random
import resource
import signal
import sys
import tempfile
from pathlib import Path
from types import NoneType
from typing import get_args

import numpy as np
import pandas as pd

from forecast.errors import StaffcastError
from staffing.config import read_staffed_config
from staffing.config.parts import Part
from staffing.config.whole import Config
from staffing.patience import Patience
from staffing.requirement import requirement_for
from staffing.scenario.changes import Scenario
from staffing.scenario.levers import LEVERS

if __name__ == "__main__":  # a script does not have what pytest puts on the path
    sys.path.insert(0, str(Path(__file__).parents[1]))
from reference.tables import forecast_of

LIMIT_S = 60
"""CPU that a case may take; a kernel that never ends is killed by the system. [s]"""
MEMORY = 4 * 2**30
"""Of the address space, for all cases. [bytes]"""
QUEUES = ("Sales", "Help")
CONFIG = {
    "history": "history.csv",
    "timezone": "Europe/Rome",
    "hours": {"mon-fri": "09:00-12:00"},
}
ODD = (
    *(0, -1, 1, 2, 7, 13, 900, 3600, 86400, 10**6, 10**7, 10**30, -(10**30)),
    *(0.0, -0.0, 0.001, 0.5, 0.9, 0.999999, 1e-9, 5e-324, 1e9, 1e300, -1e-9),
    *(math.nan, math.inf, -math.inf, True, False),
    *("", " ", "0", "1.5", "nan", "Sales", "Città", "A\u202eB", "\x00", "'; DROP", "é"),
    *("A" * 5000, "../../x", "2026-12", "2026-13", "2026-12-03", "24:00-25:00", "mon"),
    *("estimate", "mean", "day", "month", "interval", "erlang_a", "answer_rate", "IT"),
    *(dt.date(2026, 12, 3), [], [1], [""], ["Sales"], ["Sales", "Help"], [[]], {}),
    *({"a": 1}, {"": ""}, {"share": 0.5}, [{}], {"2026-12": 1e9}, {"Sales": ["Help"]}),
)
FITTING = {
    "model": ("erlang_c", "erlang_a", "sma8", "median"),
    "sl_rule": ("offered", "handled", "less_short_abandons", "answer_rate"),
    "scope": ("interval", "day", "month"),
    "profile": ("default", "80-20", "answer-rate", "generic", "italian", "calls"),
    "load": ("mol", "sipp"),
    "risk": ("mean", {"chance": 0.9, "scope": "day"}, {"chance": 1e-9}),
    "hours": (
        {"mon-sun": "00:00-24:00"},
        {"mon-fri": "22:00-06:00", "sat": []},
        {"mon": ["09:00-10:00", "11:00-12:00"]},
        {"sun": "00:07-00:08"},
    ),
    "interval_s": (900, 1800, 3600),
    "groups": ({"Care": ["Sales", "Help"]}, {"Care": ["Sales"]}),
    "queues": ({"Sales": {"min_agents": 9, "max_agents": 3}}, {"Care": {}}),
    "shrinkage": (0.3, {"leave": {"share": 0.3, "rostered": True}, "sick": 0.699999}),
    "events": ([{"name": "bills", "dates": ["2026-03-04"], "effect": 100.0}],),
    "at": ({"mon 12:00-13:00": 0.999}, {"mon-sun 00:00-24:00": 0.5}),
    "seats": (1, 40),
}
FITTING |= dict.fromkeys(("min_agents", "max_agents"), (0, 1, 5, 40, 1_000_000))
FITTING |= dict.fromkeys(
    ("asa_s", "mean_wait_s", "threshold_s", "patience_s"),
    (1e-9, 0.001, 1.0, 50.0, 3600.0, 86_400.0),
)
FITTING |= dict.fromkeys(
    (
        *("service_level", "max_abandon_rate", "max_occupancy", "floor_service_level"),
        *("redial", "repeat", "chance", "share"),
    ),
    (1e-9, 0.01, 0.05, 0.5, 0.8, 0.95, 0.999, 0.999999999),
)


def keys_of(part, path=()):
    """The paths of every key of a table of plan.toml, by its declaration."""
    for name, field in part.model_fields.items():
        own = (*path, field.alias or name)
        yield own
        yield from _below(field.annotation, own)


def _below(kind, path):
    if isinstance(kind, type) and issubclass(kind, Part):
        yield from keys_of(kind, path)
        return
    inner = [each for each in get_args(kind) if each is not NoneType]
    if getattr(kind, "__origin__", None) is dict:
        for name in ("Sales", "Care"):
            yield (*path, name)
            yield from _below(inner[-1], (*path, name))
    elif inner and not isinstance(inner[0], str):
        is_list = getattr(kind, "__origin__", None) is list
        for each in inner:
            yield from _below(each, (*path, FIRST) if is_list else path)


FIRST = ""
"""In a path: the first of a list of tables."""
KEYS = sorted(set(keys_of(Config)))
SANE = [key for key in KEYS if key[0] in ("targets", "staffing") and key[-1] in FITTING]


def put(table, path, value):
    """Set a key below a table."""
    name, *rest = path
    if not rest:
        table[name] = value
    elif rest[0] == FIRST:
        if not isinstance(table.get(name), list) or table[name][:1] != [{}]:
            table[name] = [{}]
        put(table[name][0], rest[1:], value)
    else:
        if not isinstance(table.get(name), dict):
            table[name] = {}
        put(table[name], rest, value)


def toml(value):
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=True)
    if isinstance(value, dict):
        inside = ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)


def config_text(chance):
    """A plan.toml of which some keys have any value at all."""
    table = json.loads(json.dumps(CONFIG))
    is_sane = chance.random() < 0.6  # so that what is odd together is reached too
    if chance.random() < 0.5:
        table["staffing"] = {"model": "erlang_a", "patience_s": 120}
    if is_sane:
        table["targets"] = {"service_level": 0.8, "threshold_s": 20}
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        path = chance.choice(SANE if is_sane else KEYS)
        fits = is_sane or chance.random() < 0.5
        put(table, path, chance.choice((fits and FITTING.get(path[-1])) or ODD))
    if not is_sane and chance.random() < 0.03:
        table.pop(chance.choice([*table]))
    return "".join(
        f"{toml(str(key))} = {toml(value)}\n" for key, value in table.items()
    )


def try_config(seed, folder):
    """A configuration read and, where it is accepted, tiny forecasts staffed by it."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    text = config_text(chance)
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    try:
        config = read_staffed_config(path)
        check_used(config, chance)
    except StaffcastError as error:
        check_named(error, text)
        return False
    except BaseException:
        print(text, flush=True)
        raise
    return True


def check_named(error, given):
    """An error that a user can mend says more than that it is one."""
    assert error.exit_code in (2, 3), given
    assert len(str(error)) > 20, given


def is_read(text, path):
    """Whether a plan.toml of this text is taken, of the queues and month there are."""
    path.write_text(text, encoding="utf-8")
    try:
        config = read_staffed_config(path)
    except StaffcastError:
        return False
    return config.month is None and config.url is None


def check_used(config, chance):
    """Everything that a plan makes of a configuration; its agents are agents."""
    calendar = config.calendar(range(2025, 2028))
    for queue in QUEUES:
        starts = calendar.open_intervals(
            queue, dt.date(2026, 2, 26), dt.date(2026, 3, 31)
        )
        assert np.isfinite(calendar.declared_factors(queue, starts)).all()
        config.wanted(queue, *config.span("2026-03"))
    config.form(), config.volumes_form(), config.declared(), config.like()
    queues = sorted(
        {*QUEUES, *(q for members in config.groups.values() for q in members)}
    )
    estimates = {
        pool: Patience(chance.choice([1.0, 60.0, 9e4]), 1.0, 9e5, 100.0, 6e3)
        for pool in config.pools(queues)
    }
    rules = config.rules(dict.fromkeys(queues, 0.05), estimates)
    calls = [[0.0, 1e-9, 20.0, 3.0], [0.0] * 4, [400.0, 0.1, 400.0, 7.5], [1e9] * 4]
    table = [
        forecast_of(
            chance.choice(calls[:3] if chance.random() < 0.97 else calls),
            queue=queue,
            aht_s=chance.choice([0.001, 1.0, 180.0, 180.0, 3600.0, 86_400.0]),
            start="2026-03-31 09:00",
            interval_s=config.interval_s,
        )
        for queue in queues
    ]
    forecast = pd.concat(table, ignore_index=True)
    check_requirement(requirement_for(forecast, rules), rules.targets)


def check_requirement(table, targets):
    """
    Nothing is unknown or endless that a plan knows.

    Seats that leave a backlog are simulated: without a simulated caller there is no
    service level, and without an agent no mean wait of the answered.
    """
    for name in ("offered", "aht_s", "load_erlang", "scheduled", "occupancy"):
        assert np.isfinite(table[name]).all(), name
        assert (table[name] >= 0).all(), name
    assert (table["agents"] >= 0).all()
    assert (table["agents"] % 1 == 0).all()
    assert table["agents"].max() < 1e9
    assert (table["scheduled"] >= table["agents"] * (1 - 1e-12)).all()
    assert table["occupancy"].between(0, 1).all()
    timed = targets.threshold_s is not None or targets.sl_rule == "answer_rate"
    known = table[(table["binding"] != "max_agents") | (table["offered"] >= 1)]
    assert not timed or known["service_level"].between(0, 1).all()
    assert known["abandon_rate"].between(0, 1).all()
    assert np.isfinite(known.loc[known["agents"] > 0, "asa_s"]).all()
    assert not (table["asa_s"] < 0).any()


NUMBERS = ("0", "-1", "1", "0.5", "0.95", "0.999999999", "1e-9", "1e9", "1e300", "nan")
NUMBERS += ("inf", "-inf", "", "x", "12", "100", "1e6", "1e5", "0.01", "-0", "1e-300")
OPTIONS = ("--aht-s", "--calls", "--interval-s", "--load", "--service-level")
OPTIONS += ("--threshold-s", "--asa-s", "--max-occupancy", "--mean-wait-s")
OPTIONS += ("--max-abandon-rate", "--patience-s")


def erlang_arguments(seed):
    """Options of the calculator, some of them with any value at all."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    given = {"--aht-s": "180", chance.choice(["--calls", "--load"]): "100"}
    for option in chance.sample(OPTIONS, chance.choice([1, 2, 3, 5])):
        given[option] = chance.choice(NUMBERS)
    if chance.random() < 0.3:
        given["--agents"] = chance.choice(
            ["0", "1", "-1", "14", "1000000", str(10**30)]
        )
    if chance.random() < 0.3:
        given["--sl-rule"] = chance.choice([*FITTING["sl_rule"], "x", ""])
    return ["erlang", *(f"{k}={v}" for k, v in given.items()), "--format", "json"]


PIECES = ("+", "-", "", "−", "10", "%", "s", "0", "1e9", "9" * 40, "0.5", "4:30", ":")
PIECES += (
    "@",
    "Sales",
    ",",
    "mon",
    "2026-03-11",
    "..",
    "09:00-10:00",
    ">",
    "none",
    " ",
)
PIECES += (
    "=",
    "nan",
    "inf",
    "base",
    "mean",
    "0.9/day",
    "6:10d:1.5",
    "x.csv",
    "é",
    "\0",
)


OURS = {"bollette Energia": "bills", "Energia": "Sales", "Acqua": "Help"}
OURS |= {"Ambiente": "Help", "2026-12": "2026-03"}


def change_text(chance):
    """A change, well written or made of pieces."""
    lever = chance.choice([*LEVERS.values()])
    text = lever.example
    for theirs, ours in OURS.items():
        text = text.replace(theirs, ours)
    if chance.random() < 0.3:
        name = lever.name + chance.choice(["", ".", ".x", ".sat", ".leave"])
        many = chance.choice([1, 1, 2, 3, 5])
        return name + "=" + "".join(chance.choices(PIECES, k=many))
    if chance.random() < 0.5:
        name, _, rest = text.partition("=")
        _, at, place = rest.partition("@")
        numbers = ("0", "-100%", "+1e3", "99999999999999999999999999999999", "-50", "1")
        numbers += ("+99900%", "0.999999", "0.000000001", "1000000", "100%", "-1s", "7")
        text = f"{name}={chance.choice(numbers)}{at}{place}"
    place = chance.choice(["@Sales", "@Help,mon", "@2026-03-11", "@10:00-11:00", ""])
    return text.partition("@")[0] + place if chance.random() < 0.3 else text


def try_change(seed, folder):
    """Changes read, and written as they are read again."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    texts = [change_text(chance) for _ in range(chance.choice([1, 2, 3]))]
    try:
        scenario = Scenario.of(texts)
        assert Scenario.of(scenario.texts).texts == scenario.texts
    except StaffcastError as error:
        check_named(error, texts)
        return False
    except BaseException:
        print(texts, flush=True)
        raise
    return True


TRIED = {"configs": try_config, "changes": try_change}


def main(kind, first, last):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, whatever it does
    accepted, failed = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
            print(seed, flush=True, file=sys.stderr)
            try:
                accepted += TRIED[kind](seed, Path(folder))
            except Exception as error:
                failed.append(f"{seed}: {type(error).__name__}: {error}")
    print(json.dumps({"accepted": accepted, "failed": failed}))


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(sys.argv[1], *map(int, sys.argv[2:]))
