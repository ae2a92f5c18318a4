"""The files of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from forecast.tables import csv_bytes
from staffing.plan import cost, fingerprint, hashes, versions
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import json_text
from staffing.scenario.comparison import compared
from staffing.scenario.outcome import Outcome
from staffing.texts import of


def write_outcome(
    base: Outcome, outcome: Outcome, folder: Path, timings_s: Mapping[str, float]
) -> list[Path]:
    """
    Write forecast.csv, staffing.csv, monthly.csv, duty.csv, whatif.csv and run.json.

    duty.csv has who is needed and who is there. The first three are as a plan's;
    monthly.csv is of the agents on duty, staffing.csv of those needed.

    Raises as :func:`staffing.report.folder.write_files`.
    """
    outputs = {
        "forecast.csv": csv_bytes(outcome.forecast),
        "staffing.csv": csv_bytes(outcome.requirement),
        "monthly.csv": csv_bytes(outcome.monthly),
        "duty.csv": csv_bytes(outcome.duty),
        "whatif.csv": csv_bytes(compared(base, outcome)),
    }
    facts, scenario = outcome.base, outcome.scenario
    asked = repr((facts.month, scenario.name, scenario.texts))
    manifest = {
        "fingerprint": fingerprint(asked, facts.sources),
        "versions": versions(),
        "sources": {source.name: source.sha256 for source in facts.sources},
        "month": facts.month,
        "scenario": {"name": scenario.name, "set": scenario.texts},
        "parameters": outcome.config.model_dump(mode="json", by_alias=True),
        "failed": dict(facts.failed),
        "notes": [*map(of(outcome.config.lang).note, outcome.notes)],
        "unmet_intervals": len(outcome.unmet),
        **cost(timings_s),
        "exit_code": outcome.exit_code,
        "outputs": hashes(outputs),
    }
    return write_files(folder, {**outputs, MANIFEST: json_text(manifest).encode()})
