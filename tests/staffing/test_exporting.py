"""A plan's forecast as other tools import it."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from forecast.acd.profiles import PROFILES, read_export
from forecast.errors import ConfigError, TableError
from staffing.exporting import (
    amazon_connect,
    calabrio,
    export_forecast,
    genesys_cloud,
)

HEAD = "queue,interval_start,model,interval_s,offered,offered_p10,offered_p90,aht_s\n"
ROWS = (
    "Energia,2026-12-01T08:00:00+01:00,median,1800,12.4,8.0,17.0,240.5\n"
    "Energia,2026-12-01T08:30:00+01:00,median,1800,12.4,8.0,17.0,241.0\n"
    '"Acqua, SpA",2026-12-01T08:00:00+01:00,median,1800,0.0,0.0,0.0,\n'
)


@pytest.fixture
def plan(tmp_path):
    def plan(rows=ROWS):
        (tmp_path / "forecast.csv").write_text(HEAD + rows)
        return tmp_path

    return plan


def lines(folder, to):
    return export_forecast(folder, to).data.decode().splitlines()


def test_genesys_cloud_has_utc_planning_groups_and_quarters_of_an_hour(plan):
    assert lines(plan(ROWS.replace("241.0", "241.128")), "genesys-cloud") == [
        "Interval Start UTC Date,Planning Group,Offered,Average Handle Time",
        '2026-12-01T07:00:00Z,"Acqua, SpA",0.0,0.0',
        '2026-12-01T07:15:00Z,"Acqua, SpA",0.0,0.0',
        "2026-12-01T07:00:00Z,Energia,6.2,240.5",
        "2026-12-01T07:15:00Z,Energia,6.2,240.5",
        "2026-12-01T07:30:00Z,Energia,6.2,241.13",
        "2026-12-01T07:45:00Z,Energia,6.2,241.13",
    ]
    with pytest.raises(ConfigError) as caught:
        export_forecast(plan(ROWS.replace("1800", "86400")), "genesys-cloud")
    assert str(caught.value) == (
        "Genesys Cloud takes quarters of an hour, and the plan has days. Plan with "
        "interval_s = 900, 1800 or 3600."
    )


def test_amazon_connect_has_whole_volumes_and_asks_for_its_own_ids(plan):
    assert lines(plan(), "amazon-connect") == [
        "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,"
        "IncomingContactVolume,AverageHandleTime",
        '"Acqua, SpA",,VOICE,2026-12-01T07:00:00Z,30mins,0,0.0',
        "Energia,,VOICE,2026-12-01T07:00:00Z,30mins,12,240.5",
        "Energia,,VOICE,2026-12-01T07:30:00Z,30mins,13,241.0",
    ]
    (warning,) = export_forecast(plan(), "amazon-connect").warnings
    assert str(warning) == (
        "amazon-connect: QueueId is blank: Amazon Connect asks for its own of each "
        "queue: Acqua, SpA; Energia. It is the end of the queue's address there; fill "
        "it in."
    )
    with pytest.raises(ConfigError) as caught:
        export_forecast(plan(ROWS.replace("1800", "3600")), "amazon-connect")
    assert str(caught.value) == (
        "Amazon Connect takes intervals of 15 or 30 minutes, and the plan has others. "
        "Plan with interval_s = 900 or 1800."
    )


def test_an_override_reads_back_as_the_history_that_it_would_be(plan, tmp_path):
    data = export_forecast(plan(), "amazon-connect").data.decode()
    path = tmp_path / "back.csv"
    head, *rows = data.splitlines()
    path.write_text("\n".join([f"{head},ContactsHandled", *(f"{r},1" for r in rows)]))
    back = read_export(path, PROFILES["amazon-connect"], zone=None, interval_s=1800)
    assert back.frame["offered"].tolist() == [0.0, 12.0, 13.0]
    assert back.frame["queue"].tolist() == ["Acqua, SpA", "Energia", "Energia"]


@settings(max_examples=20)
@given(
    volumes=st.lists(st.floats(0, 50), min_size=2, max_size=96),
    interval_s=st.sampled_from([900, 1800]),
)
@pytest.mark.parametrize(
    ("write", "columns", "digits"),
    [
        (genesys_cloud, ("Planning Group", "Offered"), 2),
        (amazon_connect, ("QueueName", "IncomingContactVolume"), 0),
        (calabrio, (0, 3), 2),
    ],
)
def test_the_whole_is_half_of_the_last_digit_off_and_any_part_one(
    write, columns, digits, volumes, interval_s
):
    first = pd.Timestamp("2026-10-24T22:00", tz="Europe/Rome")
    starts = pd.date_range(first, periods=len(volumes), freq=f"{interval_s}s")
    forecast = pd.DataFrame(
        {
            "queue": "Q",
            "interval_start": starts.tz_convert("UTC"),
            "local": starts.tz_localize(None),
            "interval_s": interval_s,
            "offered": volumes,
            "aht_s": 200.0,
        }
    )
    header = None if write is calabrio else 0
    data = io.BytesIO(write(forecast).data)
    table = pd.read_csv(data, header=header)[list(columns)].set_axis(["q", "n"], axis=1)
    parts = len(table) // len(forecast)
    assert (table["n"] * 10**digits % 1).round(6).isin([0, 1]).all()
    written = table["n"].groupby(table.index // parts).sum()
    off = (written - forecast["offered"]).cumsum() * 10**digits
    assert abs(off.iloc[-1]) <= 0.5 + 1e-6
    assert max(off.max(), 0) - min(off.min(), 0) <= 1 + 1e-6


def test_calabrio_has_local_times_no_header_and_skills_in_order(plan):
    assert lines(plan(), "calabrio") == [
        '"Acqua, SpA",20261201 08:00,20261201 08:30,0.0,0.0,0',
        "Energia,20261201 08:00,20261201 08:30,12.4,240.5,0",
        "Energia,20261201 08:30,20261201 09:00,12.4,241.0,0",
    ]


def test_calabrio_is_told_of_times_that_the_clock_shows_twice(plan):
    night = (
        "Q,2026-10-25T02:30:00+02:00,median,1800,3.0,0,9,200\n"
        "Q,2026-10-25T02:30:00+01:00,median,1800,2.0,0,9,200\n"
    )
    result = export_forecast(plan(night), "calabrio")
    assert result.data.decode().splitlines() == [
        "Q,20261025 02:30,20261025 03:00,3.0,200.0,0",
        "Q,20261025 02:30,20261025 03:00,2.0,200.0,0",
    ]
    assert [str(warning) for warning in result.warnings] == [
        "calabrio: a clock that is put back shows these times twice, and the file has "
        "them so: Q at 20261025 02:30."
    ]


def test_a_workbook_has_numbers_local_times_and_no_formula(plan):
    data = export_forecast(plan(ROWS.replace("Energia", "=1+1")), "xlsx").data
    sheet = load_workbook(io.BytesIO(data))["forecast"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0][:3] == ["queue", "interval_start", "interval_s"]
    assert cells[1][0] == "=1+1"
    assert f"{cells[1][1]:%Y-%m-%d %H:%M}" == "2026-12-01 08:00"
    assert cells[1][3:] == [12.4, 8, 17, 240.5]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["General", "yyyy-mm-dd hh:mm", "General", *["0.00"] * 4]
    assert cells[3][0] == "Acqua, SpA"
    assert cells[3][6] is None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= set("sdn")
    assert export_forecast(plan(ROWS.replace("Energia", "=1+1")), "xlsx").data == data


def test_what_is_no_plan_is_refused(plan, tmp_path):
    with pytest.raises(ConfigError) as caught:
        export_forecast(tmp_path, "nice")
    assert str(caught.value) == (
        "--to must be one of genesys-cloud, amazon-connect, calabrio, xlsx, not 'nice'."
    )
    with pytest.raises(TableError, match=r"^forecast.csv: the file cannot be read"):
        export_forecast(tmp_path / "no", "xlsx")
    with pytest.raises(TableError) as caught:
        export_forecast(
            plan(ROWS.replace("12.4", "many", 1).replace("12.4", "")), "xlsx"
        )
    assert str(caught.value) == (
        "forecast.csv: offered must be a number (decimal sign '.', thousands sign "
        "none), but is not: row 2 ('many'). Declare other signs under [format]; leave "
        "a cell empty where nothing is known.\n"
        "forecast.csv: offered must not be empty, but is: row 3."
    )
    with pytest.raises(TableError) as caught:
        export_forecast(plan(ROWS.replace("+01:00", "")), "xlsx")
    assert str(caught.value) == (
        "forecast.csv: interval_start must be a time with an offset, but is not "
        "everywhere. Plan it again."
    )


def test_the_command_writes_the_file(plan, staffcast_here, tmp_path):
    out = tmp_path / "exports" / "forecast.txt"
    run = staffcast_here("export", plan(), "--to", "calabrio", "--out", out)
    assert (run.code, run.out) == (0, "")
    assert run.err == f"Written to {out.parent}: forecast.txt\n"
    assert out.read_bytes() == export_forecast(plan(), "calabrio").data
