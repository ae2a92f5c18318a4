"""A plan from a table is, byte for byte, that from a file of the same rows."""

import csv
import datetime as dt

import pytest
from sqlalchemy import Column, DateTime, Double, Integer, MetaData, Table, Text

from staffing.database import database, read_url

FILES = ("forecast.csv", "staffing.csv", "monthly.csv", "report.html")


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """No picture is rendered here."""


def test_a_plan_is_the_same_from_a_table_as_from_a_file(
    url, centre, staffcast_here, tmp_path
):
    path = centre(calls={"Sales": 30.0, "Über, 'x'": 9.0})
    with path.with_name("history.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    del rows[40:46]  # three hours that are missing, which is told
    with path.with_name("history.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    first = staffcast_here("plan", path, "--out", tmp_path / "file")

    is_sqlite = url.startswith("sqlite")
    calls = Table(
        "calls",
        MetaData(),
        Column("queue", Text),
        Column("interval_start", Text if is_sqlite else DateTime(timezone=True)),
        Column("offered", Integer),
        Column("aht_s", Double),
    )
    with database(read_url(url)).begin() as connection:
        calls.create(connection)
        values = [
            (queue, start if is_sqlite else dt.datetime.fromisoformat(start), n, aht_s)
            for queue, start, n, aht_s in reversed(rows)
        ]
        connection.execute(calls.insert().values(values))
    text = path.read_text(encoding="utf-8")
    table = f'url = "{url}"\ntable = "calls"'
    path.write_text(text.replace('history = "history.csv"', table), encoding="utf-8")
    second = staffcast_here("plan", path, "--out", tmp_path / "table")

    assert (first.code, first.out) == (0, second.out)
    assert "history.csv: open intervals without a row (6 in all) " in first.err
    told = first.err.replace("history.csv: ", "table calls: ")
    assert second.err == told.replace(str(tmp_path / "file"), str(tmp_path / "table"))
    for name in FILES:
        of_file = (tmp_path / "file" / name).read_bytes()
        of_table = (tmp_path / "table" / name).read_bytes()
        assert of_table == of_file.replace(b"history.csv: ", b"table calls: "), name
