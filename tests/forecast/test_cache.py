import json
import os
import time

import pytest

from forecast.cache import _tidy, code_of, kept


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STAFFCAST_CACHE", str(tmp_path / "cache"))
    _tidy.cache_clear()
    return tmp_path / "cache"


def counted(answer=1.5):
    """An answer, and how often it was computed."""
    asked = []

    def compute():
        asked.append(1)
        return {"answer": answer, "pair": (1, 2)}

    return compute, asked


def test_the_same_inputs_are_computed_once(folder):
    compute, asked = counted()
    first, again = kept(b"one", compute), kept(b"one", compute)
    assert first == again == {"answer": 1.5, "pair": [1, 2]}
    assert len(asked) == 1
    kept(b"other", compute)
    assert len(asked) == 2
    assert len(list(folder.iterdir())) == 2


def test_floats_come_back_to_the_last_bit(folder):
    third = 1 / 3
    assert kept(b"x", lambda: {"a": third}) == kept(b"x", dict) == {"a": third}


def test_changed_code_computes_again(folder, monkeypatch):
    compute, asked = counted()
    kept(b"one", compute)
    monkeypatch.setattr(
        "forecast.cache.code_of", lambda folder: b"other" + code_of(folder)
    )
    kept(b"one", compute)
    assert len(asked) == 2


def test_without_a_folder_nothing_is_kept(monkeypatch, tmp_path):
    compute, asked = counted()
    monkeypatch.setenv("STAFFCAST_CACHE", "")
    monkeypatch.chdir(tmp_path)
    assert kept(b"one", compute) == kept(b"one", compute)
    assert len(asked) == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_costs_the_time_and_nothing_else(
    tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STAFFCAST_CACHE", str(tmp_path / "file" / "cache"))
    compute, asked = counted()
    assert kept(b"one", compute) == kept(b"one", compute)
    assert len(asked) == 2


@pytest.mark.parametrize("broken", ["", "{", "[1]", "null"])
def test_a_broken_answer_is_computed_again(folder, broken):
    compute, asked = counted()
    kept(b"one", compute)
    (file,) = folder.iterdir()
    file.write_text(broken)
    assert kept(b"one", compute)["answer"] == 1.5
    assert len(asked) == 2
    assert json.loads(file.read_text())["answer"] == 1.5


def test_the_folder_follows_the_system_s_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("STAFFCAST_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept(b"one", counted()[0])
    assert len(list((tmp_path / "staffcast").iterdir())) == 1


def test_what_nobody_asked_for_in_three_months_goes(folder):
    compute, asked = counted()
    kept(b"one", compute)
    kept(b"two", compute)
    old = time.time() - 100 * 86_400
    for file in folder.iterdir():
        os.utime(file, (old, old))
    kept(b"one", compute)  # asked for today
    _tidy.cache_clear()
    kept(b"three", compute)
    assert len(list(folder.iterdir())) == 2
    kept(b"one", compute)
    assert len(asked) == 3


def test_files_of_others_stay(folder):
    kept(b"one", counted()[0])
    other = folder / "budget.xlsx"
    other.write_text("mine")
    os.utime(other, (0, 0))
    _tidy.cache_clear()
    kept(b"two", counted()[0])
    assert other.exists()
