"""Names, links and files that lead elsewhere, or nowhere."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ConfigError, OutputError, TableError
from forecast.tables import Form, read_text_table
from staffing.config import read_config
from staffing.inputs import month_planned
from staffing.report.claim import LOCK, NEW, OLD
from staffing.report.folder import write_files
from staffing.report.names import file_names

PLAIN = re.compile(r"[A-Za-z0-9-]+\.ics")
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])\..*", re.IGNORECASE)
HARMFUL = [
    *("../../etc/x", "/abs", "C:\\x", "con", "COM1", "a/b", "..\\x", ".", "..", ""),
    *("a" * 300, "a\0b", "a\nb", "~", "~root", "-rf", ".ssh", "CON.txt", "x.ics/../y"),
]
NAMES = st.text(max_size=80) | st.sampled_from(HARMFUL)


def check_file_names(names):
    found = file_names(names, "{}.ics", "agent")
    assert list(found.values()) == names
    assert all(PLAIN.fullmatch(name) and len(name) < 100 for name in found)
    assert not [name for name in found if DEVICES.fullmatch(name)]
    assert len({name.lower() for name in found}) == len(names)


@given(st.lists(NAMES, max_size=50, unique=True))
@settings(max_examples=30)
def test_a_name_of_the_data_becomes_one_plain_file_name(names):
    check_file_names(names)


@pytest.mark.soak
@given(st.lists(NAMES, min_size=20, max_size=20, unique=True))
@settings(max_examples=500)
def test_each_of_10000_names_becomes_one_plain_file_name(names):
    check_file_names(names)


FILES = {"a.csv": b"a", "ics/x.ics": b"x", "run.json": b"{}"}
LOOPS = "Too many levels of symbolic links"
LINKS = {
    LOCK: ("victim", f"{LOCK} could not be written ({LOOPS})"),
    "a.csv": ("victim", None),
    "run.json": ("victim", None),
    f".a.csv{NEW}": ("victim", None),
    f".a.csv{OLD}": ("victim", None),
    "ics": (".", "ics/x.ics could not be written (its folder is a link to another)"),
    "sub": (".", None),
}


@pytest.mark.parametrize("link", LINKS)
def test_no_link_in_the_folder_leads_out_of_it(link, tmp_path):
    """Neither what is written, nor what is swept, nor what is stale."""
    away, out = tmp_path / "away", tmp_path / "out"
    away.mkdir()
    out.mkdir()
    for name in ("victim", f".x{NEW}", f".x{OLD}"):
        (away / name).write_text("theirs")
    (out / "run.json").write_text('{"outputs": {"sub/victim": "", "../away/x": ""}}')
    (out / link).unlink(missing_ok=True)
    target, fault = LINKS[link]
    (out / link).symlink_to(away / target)
    if fault is None:
        write_files(out, FILES)
        assert {name: (out / name).read_bytes() for name in FILES} == FILES
    else:
        with pytest.raises(OutputError) as caught:
            write_files(out, FILES)
        assert str(caught.value) == (
            f"{out}/{fault}. Free space or choose another folder with --out."
        )
    assert {path.name: path.read_text() for path in away.iterdir()} == dict.fromkeys(
        ["victim", f".x{NEW}", f".x{OLD}"], "theirs"
    )


def test_a_folder_that_is_a_link_is_written_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write_files(tmp_path / "out", FILES)
    assert (tmp_path / "real" / "ics" / "x.ics").read_bytes() == b"x"


ENDLESS = "It is no file but a pipe or a device"


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", ["h.csv", "h.xlsx"])
def test_a_table_that_never_ends_is_refused(name, kind, tmp_path):
    with pytest.raises(TableError) as caught:
        read_text_table(endless(tmp_path / name, kind), Form())
    assert str(caught.value) == (
        f"{name}: the file cannot be read ({ENDLESS}). Looked for it at "
        f"{tmp_path / name}."
    )


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_configuration_that_never_ends_is_refused(kind, tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_config(endless(tmp_path / "plan.toml", kind))
    assert str(caught.value) == f"{tmp_path / 'plan.toml'} cannot be read ({ENDLESS})."


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_file_of_the_team_that_never_ends_is_refused(kind, centre, tmp_path):
    config = centre()
    text = config.read_text() + '[roster]\nagents = "a.csv"\ncontracts = "a.csv"\n'
    config.write_text(text)
    endless(tmp_path / "a.csv", kind)
    with pytest.raises(TableError, match=ENDLESS):
        month_planned(config)


def endless(path, kind):
    """A pipe that nobody writes to, or a link to a device that gives for ever."""
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    return path
