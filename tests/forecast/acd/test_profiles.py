"""Each profile's sample, by the columns that its vendor documents, and its twin."""

import datetime as dt
import io

import pandas as pd
import pytest
from openpyxl import Workbook

from forecast.acd.profiles import PROFILES

GENESYS = """\
Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,\
Interactions Handled,Total Handle Time
2026-03-02T08:00:00Z,Energia,Voice,bollette|||reclami,Italian,16,12,2400
2026-03-02T08:00:00Z,Energia,Voice,bollette,German,4,3,900
2026-03-02T08:00:00Z,Energia,Chat,bollette,Italian,9,9,999
2026-03-02T08:30:00.000Z,Energia,Voice,,,0,0,0
2026-03-02T08:00:00Z,Acqua,voice,,,7,7,1750
"""
AMAZON = """\
QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,\
AverageHandleTime,ContactsHandled
Energia,0f1a,VOICE,2026-03-02T08:00:00Z,30mins,20,220.0,15
Energia,0f1a,CHAT,2026-03-02T08:00:00Z,30mins,5,400.0,5
Energia,0f1a,VOICE,2026-03-02T09:30:00+01:00,30mins,0,,0
Acqua,77b2,VOICE,2026-03-02T08:00:00Z,30mins,7,250,7
"""
CALABRIO = """\
30;20260302;09:00;12;Energia;18;2;4;0;15;150;80;3000;300;40;35;0;13;900;1;2
30;20260302;09:30;12;Energia;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0
30;20260302;09:00;13;Acqua;7;0;0;0;7;14;0;1400;350;5;0;0;7;60;0;0
"""
ITALIAN = """\
queue;interval_start;offered;handled;abandoned;aht_s
Qualità;02/03/2026 09:00;1.016;1.012;4;00:03:40
Qualità;02/03/2026 09:30;0;0;0;
Acqua;02/03/2026 09:00;7;7;0;250,5
"""
CALL_ROWS = """\
queue,arrival,answer,end,outcome,after_call_s
Energia,2026-03-02T09:00:00,2026-03-02T09:00:10,2026-03-02T09:03:10,answered,20
Energia,2026-03-02T09:29:59.500,2026-03-02T09:30:29.5,2026-03-02T09:35:29.5,,0:01:40
Energia,2026-03-02T09:05:00,,2026-03-02T09:05:15,abandoned,
Energia,2026-03-02T09:06:00,,2026-03-02T09:07:05,,
Energia,2026-03-02T09:08:00,,2026-03-02T09:18:00,left,
Acqua,2026-03-02T09:30:00,2026-03-02T09:30:00,2026-03-02T09:32:00,Answered,0
"""
EPOCH = 1772438400  # 2026-03-02T09:00 in Rome
EVENTS = (
    (0, "a1", "Energia", "NONE", "ENTERQUEUE||0612|1"),
    (4, "a1", "Energia", "SIP/8", "RINGNOANSWER|4000"),
    (10, "a1", "Energia", "SIP/9", "CONNECT|10|b.1|3"),
    (210, "a1", "Energia", "SIP/9", "COMPLETEAGENT|10|200|1"),
    (300, "a2", "Energia", "NONE", "ENTERQUEUE||0613|1"),
    (315, "a2", "Energia", "NONE", "ABANDON|1|1|15"),
    (360, "a3", "Energia", "NONE", "ENTERQUEUE||0614|1"),
    (425, "a3", "Energia", "NONE", "ABANDON|1|1|65"),
    (480, "a4", "Energia", "NONE", "ENTERQUEUE||0615|1"),
    (1080, "a4", "Energia", "NONE", "EXITWITHTIMEOUT|1|1|600"),
    (1799, "a5", "Energia", "NONE", "ENTERQUEUE||0616|1"),
    (1800, "a6", "Acqua", "NONE", "ENTERQUEUE||0617|1"),
    (1800, "a6", "Acqua", "SIP/9", "CONNECT|0|b.2|0"),
    (1829, "a5", "Energia", "SIP/8", "CONNECT|30|b.3|9"),
    (1920, "a6", "Acqua", "SIP/9", "COMPLETECALLER|0|120|1"),
    (2229, "a5", "Energia", "SIP/8", "BLINDTRANSFER|200|internal|30|400|1"),
)
QUEUE_LOG = "".join(
    f"{EPOCH + second}|{'|'.join(parts)}\n" for second, *parts in EVENTS
)
MEANS = "queue,interval_start,offered,handled,aht_s\n"
COUNTED = """\
queue,interval_start,offered,handled,abandoned,short_abandoned,answered_within,aht_s,\
asa_s,abandon_wait_s
Acqua,2026-03-02T09:30,1,1,0,0,1,120,0,
Energia,2026-03-02T09:00,5,2,2,1,1,300,20,40
"""
SAMPLES = {
    "generic": (MEANS + "Acqua,2026-03-02T09:00,7,7,250\n",) * 2,
    "italian": (
        ITALIAN.encode("cp1252"),
        "queue,interval_start,offered,handled,abandoned,aht_s\n"
        "Qualità,2026-03-02T09:00,1016,1012,4,220\n"
        "Qualità,2026-03-02T09:30,0,0,0,\n"
        "Acqua,2026-03-02T09:00,7,7,0,250.5\n",
    ),
    "genesys-cloud": (
        GENESYS,
        MEANS + "Energia,2026-03-02T09:00,20,15,220\n"
        "Energia,2026-03-02T09:30,0,0,\nAcqua,2026-03-02T09:00,7,7,250\n",
    ),
    "amazon-connect": (
        AMAZON,
        MEANS + "Energia,2026-03-02T09:00,20,15,220\n"
        "Energia,2026-03-02T09:30,0,0,\nAcqua,2026-03-02T09:00,7,7,250\n",
    ),
    "calabrio": (
        CALABRIO,
        "queue,interval_start,offered,handled,abandoned,short_abandoned,"
        "answered_within,aht_s,asa_s,abandon_wait_s\n"
        "Energia,2026-03-02T09:00,20,15,4,1,13,220,10,20\n"
        "Energia,2026-03-02T09:30,0,0,0,0,0,,,\n"
        "Acqua,2026-03-02T09:00,7,7,0,0,7,250,2,\n",
    ),
    "queue-log": (QUEUE_LOG, COUNTED),
    "calls": (CALL_ROWS, COUNTED),
}


def test_every_profile_has_a_sample():
    assert set(SAMPLES) == set(PROFILES)


@pytest.mark.parametrize("profile", SAMPLES)
def test_a_sample_reads_as_its_canonical_twin(profile, imported):
    sample, twin = SAMPLES[profile]
    read = imported(sample, profile, threshold_s=20).frame
    known = imported(twin).frame
    pd.testing.assert_frame_equal(
        read.reset_index(drop=True), known.reset_index(drop=True), check_like=True
    )


def test_a_workbook_reads_as_the_text_that_it_would_be(imported):
    for profile in ("generic", "genesys-cloud", "calls"):
        text, _ = SAMPLES[profile]
        book = Workbook()
        for line in text.splitlines():
            book.active.append(line.split(","))
        data = io.BytesIO()
        book.save(data)
        read = imported(data.getvalue(), profile, name="export.xlsx").frame
        pd.testing.assert_frame_equal(read, imported(text, profile).frame)


WITH_PARTS = {
    "columns": {
        "queue": "Coda",
        "interval_start": ("Data", "Ora"),
        "offered": "Chiamate",
        "handled": "Gestite",
        "aht_s": ("Conversazione", "Post"),
    },
    "totals": ("aht_s",),
}


@pytest.mark.parametrize(
    ("profile", "time"),
    [
        ("generic", None),
        ("italian", "%d/%m/%Y %H:%M"),
        ("italian", "%m/%d/%y %I.%M %p"),
    ],
)
def test_a_workbook_with_cells_of_dates_and_clock_times_reads(profile, time, imported):
    """Real cells, whatever they show; a day's worth of talk is no clock time."""
    book = Workbook()
    book.active.append(
        ["Coda", "Data", "Ora", "Chiamate", "Gestite", "Conversazione", "Post"]
    )
    talks = (
        dt.time(0, 4),
        dt.timedelta(hours=26, seconds=1.5),
        dt.time(0, 3, 40, 500000),
    )
    for n, talk in enumerate(talks):
        day, clock = dt.date(2026, 3, 12), dt.time(14 + n // 2, 30 * (n % 2))
        book.active.append(["Qualità", day, clock, 2, 2, talk, 10])
    book.active["F3"].number_format = "hh:mm:ss"  # by which 26 hours show as 2
    data = io.BytesIO()
    book.save(data)
    form = {**WITH_PARTS, "time": time}
    frame = imported(data.getvalue(), profile, name="e.xlsx", form=form).frame
    assert [f"{start:%d.%m. %H:%M}" for start in frame["interval_start"]] == [
        "12.03. 14:00",
        "12.03. 14:30",
        "12.03. 15:00",
    ]
    assert frame["aht_s"].tolist() == [250 / 2, (26 * 3600 + 11.5) / 2, 230.5 / 2]


def test_the_same_cells_as_text_read_the_same(imported):
    text = (
        "sep=;\nCoda;Data;Ora;Chiamate;Gestite;Conversazione;Post\n"
        "Qualità;12/03/2026;14:00;2;2;00:04:00;10\n"
        "Qualità;12/03/2026;14:30;2;2;26:00:01,5;10\n"
    )
    read = imported(text.encode("cp1252"), "italian", form=WITH_PARTS).frame
    assert [f"{start:%d.%m. %H:%M}" for start in read["interval_start"]] == [
        "12.03. 14:00",
        "12.03. 14:30",
    ]
    assert read["aht_s"].tolist() == [250 / 2, (26 * 3600 + 11.5) / 2]


def test_the_separator_that_a_file_names_is_used_or_refused(imported, refused):
    text = "sep=|\nqueue|interval_start|offered\nA;1|2026-03-02T09:00|5\n"
    frame = imported(text).frame
    assert (frame["queue"].tolist(), frame.index.tolist()) == (["A;1"], [3])
    assert refused(text, "italian") == [
        "the separator must be ';', but row 1 says 'sep=|'. Declare it: [format] "
        'separator = "|".'
    ]


def test_a_clock_of_twelve_hours_is_read_as_declared(imported):
    text = (
        "queue,interval_start,offered\nA,03/02/2026 9:00 AM,5\nA,3/2/2026 1:30 PM,6\n"
    )
    frame = imported(text, form={"time": "%m/%d/%Y %I:%M %p"}).frame
    assert [f"{start:%d.%m. %H:%M}" for start in frame["interval_start"]] == [
        "02.03. 09:00",
        "02.03. 13:30",
    ]


def test_the_other_sign_of_fractions_makes_no_duration(refused):
    text = ITALIAN.replace("00:03:40", "00:00:01.667").encode("cp1252")
    assert refused(text, "italian") == [
        "aht_s must be a number (decimal sign ',', thousands sign '.') or h:mm:ss, but "
        "is not: row 2 ('00:00:01.667'). Declare other signs under [format]; leave a "
        "cell empty where nothing is known."
    ]


def test_what_a_profile_leaves_out_is_told(imported):
    (warning,) = imported(GENESYS, "genesys-cloud").warnings
    assert str(warning) == (
        "export.csv: rows count only where Media Type is voice; left out: "
        "Chat (1 rows)."
    )
    (warning,) = imported(
        GENESYS.replace("0,0,0\n", "0,0,90\n").replace("Chat", "VOICE"), "genesys-cloud"
    ).warnings
    assert str(warning) == (
        "export.csv: a total for aht_s must have handled beside it, but these rows "
        "have 0, so it counts nowhere: row 5 (90)."
    )


def test_calabrio_s_other_separator_and_length_read_the_same(imported):
    quarters = CALABRIO.replace(";", ",").replace("30,2026", "15,2026")
    read = imported(quarters, "calabrio", interval_s=900).frame
    pd.testing.assert_frame_equal(read, imported(CALABRIO, "calabrio").frame)


def test_the_other_name_of_a_column_is_known(imported):
    other = GENESYS.replace("Total Handle Time", "Total Handle Time (Seconds)")
    pd.testing.assert_frame_equal(
        imported(other, "genesys-cloud").frame, imported(GENESYS, "genesys-cloud").frame
    )


@pytest.mark.parametrize(
    ("profile", "content", "faults"),
    [
        (
            "genesys-cloud",
            GENESYS.replace("08:30:00.000Z", "08:30:00"),
            [
                "all times or none must have an offset (+01:00), but these have none: "
                "row 5 ('2026-03-02T08:30:00'). Export all of them with an offset.",
                'interval_start must have an offset (Z) under the profile "genesys-'
                "cloud\", but has none: row 5 ('2026-03-02T08:30:00'). Export it as "
                "the profile says, or declare the form without the profile.",
            ],
        ),
        (
            "genesys-cloud",
            GENESYS.replace("German", "Italian").replace("|||reclami", ""),
            [
                "each queue, interval_start, Media Type, Skill Set, Language must "
                "appear once, but 2 of 4 rows repeat one: rows 2, 3 (Energia at "
                "2026-03-02 09:00 CET at Voice at bollette at Italian). Add the rows "
                "up, or drop the copies, before reading the file again."
            ],
        ),
        (
            "amazon-connect",
            AMAZON.replace("30mins,7", "15mins,7").replace("ContactsHandled", "Done"),
            [
                "[columns] must name columns of the file (QueueName, QueueId, "
                "ChannelType, TimeStamp, IntervalDuration, IncomingContactVolume, "
                "AverageHandleTime, Done), but names: ContactsHandled. They are those "
                'of the profile "amazon-connect": choose the one of the system that '
                "wrote the file, or name the file's own.",
                "IntervalDuration must be 30mins, as interval_s is 1800, but is not: "
                "row 5 ('15mins'). Declare interval_s as the file has it; export "
                "mixed lengths apart.",
            ],
        ),
        (
            "calabrio",
            CALABRIO.replace(";13;900;1;2", ";13;900;1"),
            [
                "every row must have the header's 21 cells, but these do not: row 1 "
                "(20 cells). The separator used is ';'; quote the cells that hold it."
            ],
        ),
        (
            "calabrio",
            CALABRIO.replace("20260302;09:30", "2026-03-02;09:30"),
            [
                "interval_start must be a time written as %Y%m%d %H:%M, but is not: "
                "row 2 ('2026-03-02 09:30'). Declare how it is written, such as "
                '[format] time = "%d/%m/%Y %H:%M" (with seconds %H:%M:%S, with AM and '
                "PM %I:%M %p)."
            ],
        ),
        (
            "italian",
            ITALIAN.replace("00:03:40", "3:40").encode("cp1252"),
            [
                "aht_s must be a number (decimal sign ',', thousands sign '.') or "
                "h:mm:ss, but is not: row 2 ('3:40'). Write h:mm:ss: 3:40 may be "
                "minutes or hours; leave a cell empty where nothing is known."
            ],
        ),
        (
            "italian",
            ITALIAN.encode(),
            [
                "the file must be cp1252, but is UTF-8. Declare it: [format] encoding "
                '= "utf-8".'
            ],
        ),
    ],
)
def test_what_a_profile_does_not_say_is_refused(profile, content, faults, refused):
    assert refused(content, profile) == faults


def test_the_wrong_profile_is_told_once(refused):
    assert refused("Skill,Start,Calls\nA,2026-03-02T09:00,5\n", "genesys-cloud") == [
        "[columns] must name columns of the file (Skill, Start, Calls), but names: "
        "Queue; Interval Start UTC Date; Offered; Interactions Handled; Total Handle "
        'Time; Media Type. They are those of the profile "genesys-cloud": choose the '
        "one of the system that wrote the file, or name the file's own."
    ]


def test_what_cannot_be_added_up_is_refused(refused):
    content = GENESYS.replace(",Offered", ",Agents,Offered")
    content = content.replace(",16,", ",2,16,").replace(",4,3", ",1,4,3")
    content = content.replace(",9,9", ",1,9,9").replace(",0,0,0", ",1,0,0,0")
    form = {"columns": {**PROFILES["genesys-cloud"].columns, "agents": "Agents"}}
    content = content.replace(",7,7,1750", ",3,7,7,1750")
    assert refused(content, "genesys-cloud", form=form) == [
        "rows that differ in Media Type, Skill Set, Language are added up, which these "
        "columns cannot be: agents. Leave them out."
    ]


def test_a_file_of_another_kind_alone_has_no_rows(refused):
    chats = "\n".join(GENESYS.splitlines()[:1] + GENESYS.splitlines()[3:4])
    assert refused(chats, "genesys-cloud") == [
        "rows count only where Media Type is voice; left out: Chat (1 rows).",
        "the file has no rows to use. Export it again.",
    ]


def test_a_total_that_is_not_declared_is_told(refused):
    assert refused(
        ITALIAN.replace("0:03:40", "26:03:40").encode("cp1252"), "italian"
    ) == [
        "aht_s must be between 0 and 86,400, but is not: row 2 (93820). Correct it; "
        "where it is the sum over all calls, say so: [columns] totals = "
        '["aht_s"].',
    ]


def test_a_total_needs_its_count(refused):
    content = "queue,interval_start,offered,aht_s\nA,2026-03-02T09:00,3,90\n"
    assert refused(content, form={"totals": ("aht_s",)}) == [
        "totals must be in the file (queue, interval_start, offered, aht_s), with "
        "their counts, but are not: aht_s (over handled). Name both under [columns]."
    ]


def test_many_columns_give_one(imported):
    content = (
        "queue;day;clock;offered;handled;talk;wrap\n"
        "A;02/03/2026;09:00;3;3;26:10:00;120\n"
        "A;02/03/2026;09:30;3;3;;120\n"
    )
    form = {
        "time": "%d/%m/%Y %H:%M",
        "columns": {"interval_start": ["day", "clock"], "aht_s": ["talk", "wrap"]},
        "totals": ("aht_s",),
    }
    frame = imported(content, form=form).frame
    assert [f"{start:%d.%m. %H:%M}" for start in frame["interval_start"]] == [
        "02.03. 09:00",
        "02.03. 09:30",
    ]
    assert frame["aht_s"].tolist()[0] == (26 * 3600 + 10 * 60 + 120) / 3
    assert frame["aht_s"].isna().tolist() == [False, True]
