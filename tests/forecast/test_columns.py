import re
from dataclasses import replace

import pytest

from forecast import columns, schema
from forecast.columns import ALL, glossary

UNITS_OF_ENDINGS = {
    "_s": "s",
    "_h": "h",
    "_min": "min",
    "_hours": "h",
    "_erlang": "erlang",
    "fte": "FTE",
    "agents": "agents",
}
RATIOS = {"wape", "bias", "mase", "noise_floor", "wape_day_known", "growth"}
"""Not shares: they may be above 1, or below 0."""
TABLES = [table for table in vars(schema).values() if isinstance(table, schema.Table)]


def test_every_column_is_declared_once():
    names = [column.name for column in ALL]
    assert len(names) == len(set(names))
    assert all(getattr(columns, column.name.upper()) is column for column in ALL)


@pytest.mark.parametrize("column", ALL, ids=lambda column: column.name)
def test_a_column_s_name_carries_its_unit(column):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
    assert column.meaning
    for ending, unit in UNITS_OF_ENDINGS.items():
        if column.name.endswith(ending):
            assert column.unit == unit
    if column.unit == "1" and column.name not in RATIOS:
        assert (column.low, column.high) == (0, 1)
    if column.kind in ("float64", "int64"):
        assert column.low is not None


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_are_made_of_declared_columns_perhaps_within_narrower_bounds(table):
    declared = {column.name: column for column in ALL}
    for column in table.columns:
        known = declared[column.name]
        assert replace(column, low=known.low, high=known.high) == known
        assert (known.low or 0) <= (column.low or 0)
        assert known.high is None or column.high <= known.high
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.counts) <= set(table.columns)


def test_the_glossary_has_a_line_for_each_column():
    lines = glossary().split("\n")
    assert lines[:2] == ["| column | unit | meaning |", "|---|---|---|"]
    assert len(lines) == 2 + len(ALL)
    assert "| `offered` | contacts | arrived in the interval |" in lines
    assert all(line.count("|") == 4 for line in lines)
