"""Exports as their systems write them."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from forecast.acd.generic import Reading
from forecast.acd.profiles import PROFILES, read_export
from forecast.errors import TableError

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(scope="session")
def imported(tmp_path_factory):
    """Read text or bytes as an export of a profile, or a part of its form changed."""
    folder = tmp_path_factory.mktemp("exports")

    def imported(
        content, profile="generic", *, name="export.csv", zone=ROME, form=None, **how
    ) -> Reading:
        path = folder / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        declared = replace(PROFILES[profile], **(form or {}))
        return read_export(path, declared, zone=zone, **{"interval_s": 1800} | how)

    return imported


@pytest.fixture(scope="session")
def refused(imported):
    """The faults of an export, each as its text without the file's name."""

    def refused(content, profile="generic", **options) -> list[str]:
        with pytest.raises(TableError) as caught:
            imported(content, profile, **options)
        name = options.get("name", "export.csv")
        texts = [str(finding) for finding in caught.value.findings]
        assert all(text.startswith(f"{name}: ") for text in texts)
        return [text.removeprefix(f"{name}: ") for text in texts]

    return refused
