"""The kept picture: shown only where all that it follows from is as it was."""

import pytest

from staffing.app import first


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("STAFFCAST_CACHE", str(tmp_path / "kept"))
    (tmp_path / "calls.csv").write_text("queue\n")
    path = tmp_path / "plan.toml"
    path.write_text('history = "calls.csv"\n')
    return path


def test_it_is_found_until_a_file_that_the_plan_names_changes(config):
    assert first.found(config, None) == ""
    first.keep(config, None, lambda: "<h1>plan</h1>")
    assert '<template id="first"><h1>plan</h1></template>' in first.found(config, None)
    first.keep(config, None, lambda: pytest.fail("drawn again"))
    assert first.found(config, "2026-04") == ""
    config.with_name("calls.csv").write_text("queue\nSales\n")
    assert first.found(config, None) == ""


def test_of_a_history_that_is_elsewhere_nothing_is_kept(config):
    config.write_text('url = "postgresql://server/calls"\n')
    first.keep(config, None, lambda: pytest.fail("drawn"))
    assert first.found(config, None) == ""


def test_a_plan_that_cannot_be_read_has_none(config):
    config.write_text("history = ")
    assert first.found(config, None) == ""
    assert first.found(config.with_name("none.toml"), None) == ""
