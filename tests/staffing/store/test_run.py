import json

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
    st.dictionaries(st.sampled_from("abc"), st.integers()),
    st.dictionaries(st.sampled_from("abc"), st.integers()),
)
def test_runs_are_the_same_where_inputs_and_outputs_are(first, second):
    prints = [run_of({}, parameters=each).fingerprint for each in (first, second)]
    assert (prints[0] == prints[1]) == (first == second)
    assert run_of({}, versions={"python": "9"}).fingerprint == run_of({}).fingerprint
