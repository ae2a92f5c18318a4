import csv

import pandas as pd
from sqlalchemy import Column, Integer, MetaData, Numeric, Table, Text

from staffing.database import database, read_url
from staffing.inputs import read_past, sources_of
from staffing.known import known_before


def in_a_table(plan_toml):
    """The same plan.toml, its history in a table of a database beside it."""
    calls = Table(
        "calls",
        MetaData(),
        Column("queue", Text),
        Column("interval_start", Text),
        Column("offered", Integer),
        Column("aht_s", Numeric(9, 3)),
    )
    with (plan_toml.parent / "history.csv").open(newline="") as file:
        rows = [
            {**row, "offered": int(row["offered"]), "aht_s": float(row["aht_s"])}
            for row in csv.DictReader(file)
        ]
    with database(read_url("sqlite:///acd.db"), plan_toml.parent).begin() as connection:
        calls.create(connection)
        connection.execute(calls.insert(), rows[::-1])
    other = plan_toml.with_name("table.toml")
    place = 'url = "sqlite:///acd.db"\ntable = "calls"'
    text = plan_toml.read_text().replace('history = "history.csv"', place)
    other.write_text(text)
    return other


def test_a_plan_knows_the_same_from_a_table_as_from_a_file(centre):
    as_file = centre(calls={"Sales": 30.0, "Care": 10.0})
    as_table = in_a_table(as_file)
    first, second = read_past(as_file), read_past(as_table)
    assert (first.where, second.where) == ("history.csv", "table calls")
    known = [
        known_before(past.config, past.reading, "2026-03", past.where).history.frame
        for past in (first, second)
    ]
    pd.testing.assert_frame_equal(*known)
    assert [source.name for source in second.sources] == ["table.toml", "table calls"]


def test_all_that_a_process_reads_or_hashes_is_the_same_rows(centre):
    config = in_a_table(centre())
    past = read_past(config)
    with database(read_url("sqlite:///acd.db"), config.parent).begin() as connection:
        connection.exec_driver_sql("DELETE FROM calls")
    assert sources_of(past.config, config) == past.sources
    pd.testing.assert_frame_equal(read_past(config).reading.frame, past.reading.frame)


def test_a_table_s_faults_are_those_of_a_file(centre, staffcast_here):
    config = in_a_table(centre())
    with database(read_url("sqlite:///acd.db"), config.parent).begin() as connection:
        connection.exec_driver_sql("UPDATE calls SET offered = -1 WHERE rowid = 1")
    run = staffcast_here("plan", config, "--out", config.parent / "out")
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("error: table calls: offered must be ")
    assert "-1" in run.err
