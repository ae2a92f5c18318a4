import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import TableError
from staffing.store import read_run
from staffing.store.run import checked_run


@pytest.fixture
def folder(tmp_path, made_run):
    """The folder of a run with a calendar in its sub-folder."""
    for name, content in made_run(
        {"forecast.csv": b"a", "ics/A.ics": b"b"}
    ).files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def fault_of(folder):
    with pytest.raises(TableError) as caught:
        read_run(folder)
    start, rest = str(folder), str(caught.value)
    assert rest.startswith(f"{start}: ")
    assert rest.endswith(". Run it again; only whole runs are kept.")
    return rest.removeprefix(f"{start}: ").removesuffix(
        ". Run it again; only whole runs are kept."
    )


def test_a_folder_is_read_by_its_manifest(folder, made_run):
    (folder / "notes.txt").write_text("not of the run")
    assert read_run(folder) == made_run({"forecast.csv": b"a", "ics/A.ics": b"b"})


def test_a_folder_that_is_not_whole_is_refused(folder):
    (folder / "forecast.csv").write_bytes(b"edited")
    assert fault_of(folder) == (
        "files must be as run.json has them, but these are not: forecast.csv"
    )
    (folder / "forecast.csv").unlink()
    assert fault_of(folder) == (
        "forecast.csv cannot be read (No such file or directory)"
    )
    (folder / "run.json").unlink()
    assert fault_of(folder) == "run.json cannot be read (No such file or directory)"


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"outputs": 1}',
        b'{"outputs": {"a.csv": 1}}',
        b"[" * 100_000,
        *(
            json.dumps({"outputs": {name: "0"}}).encode()
            for name in ("../secret", "/etc/hostname", "a/b/c", "a/../b", "", ".", "..")
        ),
        *(
            json.dumps({"outputs": {name: "0"}}).encode()
            for name in ("ics/..", "./a", "a//b", "..\\secret", "run.json")
        ),
    ],
)
def test_a_manifest_that_is_none_or_leads_out_of_its_folder_is_refused(
    folder, manifest
):
    (folder / "run.json").write_bytes(manifest)
    assert fault_of(folder) == "run.json is not that of a run"


@pytest.mark.parametrize(
    ("name", "facts", "kind", "period"),
    [
        ("whatif.csv", {"month": "2026-12"}, "scenario", "2026-12"),
        ("forecast.csv", {"month": "2026-12"}, "plan", "2026-12"),
        ("roster.csv", {"month": "2026-12"}, "roster", "2026-12"),
        (
            "plan_backtest.csv",
            {"months": ["2026-01", "2026-02", "2026-03"]},
            "backtest",
            "2026-01 to 2026-03",
        ),
        ("accuracy.csv", {"months": ["2026-01"]}, "forecast backtest", "2026-01"),
        ("track.csv", {"at": "2026-12-10T12:00:00+01:00"}, "track", "2026-12-10"),
        ("against.html", {}, "audit", ""),
        ("other.txt", {}, "run", ""),
    ],
)
def test_a_run_says_what_it_is_and_of_when(name, facts, kind, period):
    run = run_of({name: b""}, **facts)
    assert (run.kind, run.period) == (kind, period)


def run_of(files, **facts):
    from hashlib import sha256

    outputs = {name: sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({**facts, "outputs": outputs}).encode()
    return checked_run({**files, "run.json": manifest}, "here")


@given(
    st.sampled_from(["fingerprint", "versions", "sources", "parameters", "scenario"]),
    st.dictionaries(st.sampled_from("abc"), st.integers()),
    st.dictionaries(st.sampled_from("abc"), st.integers()),
)
def test_runs_are_the_same_where_all_but_their_times_is(key, first, second):
    prints = [run_of({}, **{key: each}).fingerprint for each in (first, second)]
    assert (prints[0] == prints[1]) == (first == second)
    slower = {"timings_s": {"forecast": 9.0}, "peak_memory_mb": 7.0}
    assert run_of({}, **{key: first, **slower}).fingerprint == prints[0]
    assert run_of({"a.csv": b""}, **{key: first}).fingerprint != prints[0]


ODD = [
    {"month": ["a"]},
    {"months": [1, 2]},
    {"months": {"a": 1}},
    {"month": "\udcff"},
    {"exit_code": "x"},
    {"exit_code": [1]},
    {"exit_code": 10**30},
    {"outputs": {"a\0b": ""}},
    {"outputs": {"a\x1b[2J": ""}},
    {"outputs": {"\udcff": ""}},
]


@pytest.mark.parametrize("facts", ODD)
def test_a_manifest_that_nobody_has_written_so_is_refused(facts, folder):
    """What the store keeps of it is text that can be kept and shown, and a code."""
    found = json.loads((folder / "run.json").read_bytes())
    (folder / "run.json").write_text(json.dumps(found | facts))
    assert fault_of(folder) == "run.json is not that of a run"


@pytest.mark.parametrize("name", ["run.json", "forecast.csv"])
def test_a_folder_with_a_pipe_is_not_waited_for(name, folder):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert fault_of(folder) == (
        f"{name} cannot be read (It is no file but a pipe or a device)"
    )
