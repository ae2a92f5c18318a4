import pytest

from forecast.errors import TableError
from staffing.roster.staffing_file import read_staffing
from staffing.shrinkage import Component, Shrinkage

SICK = Shrinkage({"sickness": Component(0.2), "leave": Component(0.1, rostered=True)})


def read(tmp_path, text):
    path = tmp_path / "staffing.csv"
    path.write_text(text, encoding="utf-8")
    return read_staffing(path, timezone="Europe/Rome", interval_s=1800, shrinkage=SICK)


def test_queue_time_and_agents_are_enough(tmp_path):
    rows = read(tmp_path, "queue,interval_start,agents,seat\nA,2026-12-01T08:00,8,x\n")
    assert rows.columns.tolist() == [
        *("queue", "interval_start", "agents", "open", "scheduled", "interval_s"),
    ]
    (row,) = rows.to_dict("records")
    assert row["open"] is True
    assert row["scheduled"] == pytest.approx(10.0)
    assert row["interval_start"].isoformat() == "2026-12-01T08:00:00+01:00"


def test_scheduled_follows_from_the_teams_shrinkage_whatever_the_file_has(tmp_path):
    """A plan whose shrinkage holds the breaks would have them placed twice."""
    header = "queue,interval_start,interval_s,open,offered,aht_s,agents,scheduled\n"
    rows = read(
        tmp_path,
        header
        + "A,2026-12-01T08:00:00+01:00,1800,true,20,300,8,12\n"
        + "A,2026-12-01T08:30:00+01:00,1800,false,0,,1,1.5\n",
    )
    assert rows["scheduled"].tolist() == pytest.approx([10.0, 1.25])
    assert rows["open"].tolist() == [True, False]
    assert rows["aht_s"].isna().tolist() == [False, True]


def test_every_fault_is_told_with_its_row(tmp_path):
    with pytest.raises(TableError) as error:
        read(
            tmp_path,
            "queue,interval_start,open,agents\n"
            "A,2026-12-01T08:00,true,8\n"
            "A,2026-12-01T08:30,yes,\n"
            "A,2026-03-29T02:30,true,-1\n",
        )
    assert str(error.value) == (
        "staffing.csv: interval_start must be a time, such as 2026-12-01T08:00, that "
        "the clock of Europe/Rome shows once, but is not: row 4 ('2026-03-29T02:30').\n"
        "staffing.csv: agents must be a number, but is not: row 3 ('').\n"
        "staffing.csv: open must be true or false, but is not: row 3 ('yes')."
    )


def test_a_row_that_comes_twice_and_less_than_nobody_are_refused(tmp_path):
    with pytest.raises(TableError) as error:
        read(
            tmp_path,
            "queue,interval_start,agents\nA,2026-12-01T08:00,-1\nA,2026-12-01T08:00,2\n",
        )
    first, second = str(error.value).split("\n")
    assert first.startswith("staffing.csv: agents must be ")
    assert "each queue, interval_start must appear once" in second


SET = "Set interval_s in the configuration."


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            ["interval_s", "T08:00,3600", "T09:00,3600"],
            "interval_s must be 1800, as in the configuration, but is not: row 2 "
            f"(3600); row 3 (3600). {SET}",
        ),
        (
            ["seats", "T08:00,", "T08:15,", "T08:30,"],
            "intervals must start at whole 1800 s of the clock, but do not: row 3 "
            f"('2026-12-01 08:15:00+01:00'). {SET}",
        ),
        (
            ["seats", "T08:00,", "T09:00,", "T11:00,"],
            "intervals must follow each other after 1800 s, but none is less than "
            f"3600 s after another. {SET}",
        ),
        (["seats"], "it must have rows, but has none."),
    ],
)
def test_intervals_that_are_not_the_configuration_s_are_refused(tmp_path, rows, fault):
    """They would count twice, or half."""
    header, *cells = rows
    lines = [f"A,8,2026-12-01{cell}" for cell in cells]
    text = "\n".join([f"queue,agents,interval_start,{header}", *lines])
    with pytest.raises(TableError) as error:
        read(tmp_path, f"{text}\n")
    assert str(error.value) == f"staffing.csv: {fault}"


def test_calls_that_are_not_known_are_refused(tmp_path):
    with pytest.raises(TableError) as error:
        read(
            tmp_path,
            "queue,interval_start,agents,offered,aht_s\n"
            "A,2026-12-01T08:00,8,,300\nA,2026-12-01T08:30,8,20,300\n",
        )
    assert str(error.value) == (
        "staffing.csv: offered must be a number, but is not: row 2 ('')."
    )
    with pytest.raises(TableError) as error:
        read(
            tmp_path,
            "queue,interval_start,agents,offered,aht_s\n"
            "A,2026-12-01T08:00,8,20,\nA,2026-12-01T08:30,8,0,\n",
        )
    assert str(error.value) == (
        "staffing.csv: aht_s must be known where calls are offered, but is not: row 2. "
        "Fill it in, or leave the column out."
    )


def test_a_table_that_lacks_the_agents_is_refused(tmp_path):
    with pytest.raises(TableError, match="but lacks: agents"):
        read(tmp_path, "queue,interval_start\nA,2026-12-01T08:00\n")


def test_leave_that_the_roster_places_is_not_in_the_need_as_well(tmp_path):
    """Moved from shrinkage to absences, it is taken out once: by who is there."""
    text = "queue,interval_start,agents\nA,2026-12-01T08:00,7\n"
    needs = []
    for rostered in (False, True):
        leave = Component(0.1, rostered=rostered)
        shrinkage = Shrinkage({"sickness": Component(0.2), "leave": leave})
        path = tmp_path / "staffing.csv"
        path.write_text(text, encoding="utf-8")
        rows = read_staffing(
            path, timezone="Europe/Rome", interval_s=1800, shrinkage=shrinkage
        )
        needs.append(rows["scheduled"].item())
    assert needs == pytest.approx([7 / 0.7, 7 / 0.8])
