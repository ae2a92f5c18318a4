"""A row a call: counted where it came, refused where it contradicts itself."""

import pytest

HEAD = "queue,arrival,answer,end,outcome\n"


@pytest.fixture(scope="module")
def rows(imported):
    """The rows of a file of calls, of what they are counted into."""

    def rows(content, *names, **options):
        frame = imported(content, "calls", **options).frame
        starts = [f"{start:%d %H:%M %Z}" for start in frame["interval_start"]]
        return list(zip(starts, *(frame[name].tolist() for name in names), strict=True))

    return rows


def test_a_call_over_midnight_and_over_the_clock_put_forward(rows):
    content = HEAD + (
        "Q,2026-03-28T23:59:30,2026-03-29T00:00:10,2026-03-29T00:05:10,\n"
        "Q,2026-03-29T01:59:00,2026-03-29T03:01:00,2026-03-29T03:05:00,\n"
    )
    assert rows(content, "offered", "asa_s", "aht_s") == [
        ("28 23:30 CET", 1.0, 40.0, 300.0),
        ("29 01:30 CET", 1.0, 120.0, 240.0),
    ]


def test_with_offsets_both_passes_of_a_repeated_hour_are_told_apart(rows):
    content = HEAD + (
        "Q,2026-10-25T02:10:00+02:00,,2026-10-25T02:10:30+02:00,\n"
        "Q,2026-10-25T02:10:00+01:00,2026-10-25T02:11:00+01:00,,answered\n"
    )
    assert rows(content, "handled", "abandoned") == [
        ("25 02:00 CEST", 0.0, 1.0),
        ("25 02:00 CET", 1.0, 0.0),
    ]


def test_without_offsets_nothing_is_known_of_the_intervals_of_a_repeated_hour(imported):
    content = HEAD + (
        "Q,2026-10-25T01:10:00,,2026-10-25T01:10:30,\n"
        "Q,2026-10-25T01:59:50,2026-10-25T02:00:20,2026-10-25T03:04:00,\n"
        "Q,2026-10-25T02:10:00,,2026-10-25T02:10:30,\n"
        "Q,2026-10-25T03:10:00,,2026-10-25T03:10:30,\n"
    )
    reading = imported(content, "calls")
    frame = reading.frame
    known = frame["offered"].notna()
    starts = frame["interval_start"].map(lambda start: f"{start:%H:%M %Z}")
    assert starts[known].tolist() == ["01:00 CEST", "03:00 CET"]
    assert starts[~known].tolist() == ["01:30 CEST", "02:00 CEST", "02:00 CET"]
    assert (
        frame.loc[~known]
        .drop(columns=["queue", "interval_start"])
        .isna()
        .all(axis=None)
    )
    assert [str(warning) for warning in reading.warnings] == [
        "export.csv: the clock shows these times twice, so nothing is known of the "
        "intervals in which the calls may have come: row 3 ('2026-10-25T01:59:50'); "
        "row 4 ('2026-10-25T02:10:00'). Export absolute times, with an offset."
    ]


def test_unfinished_calls_are_offered_and_told(imported):
    content = HEAD + (
        "Q,2026-03-02T09:00:00,2026-03-02T09:00:30,,\n"
        "Q,2026-03-02T09:01:00,,,\n"
        "Q,2026-03-02T09:02:00,,2026-03-02T09:02:40,\n"
    )
    reading = imported(content, "calls")
    (row,) = reading.frame.to_dict("records")
    assert (row["offered"], row["handled"], row["abandoned"]) == (3.0, 1.0, 1.0)
    assert (row["asa_s"], row["abandon_wait_s"]) == (30.0, 40.0)
    assert row["aht_s"] != row["aht_s"]
    assert [str(warning) for warning in reading.warnings] == [
        "export.csv: calls have no end: they count as offered, and as handled if "
        "answered: row 2 ('2026-03-02T09:00:00'); row 3 ('2026-03-02T09:01:00')."
    ]


def test_an_italian_export_of_one_queue_by_other_names(rows):
    content = (
        "Ingresso;Risposta;Chiusura;Post\n"
        "02/03/2026 09:00:00;02/03/2026 09:00:20;02/03/2026 09:03:20;0:00:30\n"
    )
    form = {
        "time": "%d/%m/%Y %H:%M:%S",
        "columns": {
            "arrival": "Ingresso",
            "answer": "Risposta",
            "end": "Chiusura",
            "after_call_s": "Post",
        },
    }
    assert rows(content, "queue", "asa_s", "aht_s", form=form, queue="Uno") == [
        ("02 09:00 CET", "Uno", 20.0, 210.0)
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "Q,2026-03-02T09:00:00,2026-03-02T08:59:59,2026-03-02T09:01:00,",
            "answer must not be before arrival, but is: row 2 ('2026-03-02T08:59:59'). "
            "Correct the rows, or map the columns otherwise under [columns].",
        ),
        (
            "Q,2026-03-02T09:00:00,2026-03-02T09:02:00,2026-03-02T09:01:00,",
            "end must not be before answer, but is: row 2 ('2026-03-02T09:01:00'). "
            "Correct the rows, or map the columns otherwise under [columns].",
        ),
        (
            "Q,2026-03-29T02:30:00,,,",
            "arrival must exist in Europe/Rome, but clocks were put forward over: row "
            "2 ('2026-03-29T02:30:00'). Export absolute times (with an offset), or "
            "correct the rows.",
        ),
        (
            "Q,02/03/2026 09:00,,,",
            "arrival must be a time written as YYYY-MM-DDTHH:MM, ISO 8601, but is not: "
            "row 2 ('02/03/2026 09:00'). Declare how it is written, such as [format] "
            'time = "%d/%m/%Y %H:%M" (with seconds %H:%M:%S, with AM and PM %I:%M %p).',
        ),
        (
            "Q,2026-03-02T09:00:00,,,transferred",
            "outcome must be answered, abandoned, left or blank, but is not: row 2 "
            "('transferred'). Correct the rows; or [columns] ignore = [\"outcome\"]: "
            "then times tell it.",
        ),
        (
            "Q,2026-03-02T09:00:00,,2026-03-02T09:01:00,answered",
            "an answered call must have an answer, but has none: row 2 ('answered'). "
            'Correct the rows; or [columns] ignore = ["outcome"]: then times tell it.',
        ),
        (
            "Q,2026-03-02T09:00:00,2026-03-02T09:01:00,,abandoned",
            "a call with an answer must be answered, but is not: row 2 ('abandoned'). "
            'Correct the rows; or [columns] ignore = ["outcome"]: then times tell it.',
        ),
        (
            ",2026-03-02T09:00:00,,,",
            "queue must not be empty, but is: row 2. Fill it in, or drop the rows.",
        ),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_its_row(row, fault, refused):
    good = "Q,2026-03-02T09:00:00,,2026-03-02T09:01:00,abandoned\n"
    assert refused(f"{HEAD}{row}\n{good}", "calls") == [fault]


def test_a_negative_time_after_a_call_is_refused(refused):
    content = "queue,arrival,after_call_s\nQ,2026-03-02T09:00:00,-4\n"
    assert refused(content, "calls") == [
        "after_call_s must be between 0 and 86,400, but is not: row 2 (-4). Correct "
        "it, or leave the cell empty where nothing is known."
    ]


def test_a_file_without_calls_or_without_their_times_is_refused(refused):
    assert refused(HEAD, "calls") == ["the file has no rows to use. Export it again."]
    assert refused("queue,offered\nQ,1\n", "calls") == [
        "the calls table must have the columns queue, arrival, but lacks: arrival. "
        "The file has queue, offered. Name them under [columns], such as arrival = "
        '"…"; for a file of one queue: queue = "NAME", at the top.',
        "every column must be one of ours, named under [columns] or ignored; unknown "
        'here: offered. If they are not needed: [columns] ignore = ["offered"]',
    ]
