"""Each profile's sample, by the columns that its vendor documents, and its twin."""

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
                'of the profile "amazon-connect".',
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
                "row 2 ('2026-03-02 09:30'). Another order of day and month must be "
                'declared, such as [format] time = "%d/%m/%Y %H:%M".'
            ],
        ),
        (
            "italian",
            ITALIAN.replace("00:03:40", "3:40").encode("cp1252"),
            [
                "aht_s must be a number (decimal sign ',', thousands sign '.') or "
                "h:mm:ss, but is not: row 2 ('3:40'). Declare other signs under "
                "[format]; leave a cell empty where nothing is known."
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
