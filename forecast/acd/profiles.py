"""
The exports that are known by name, and the one way to read them all.

Columns of Genesys Cloud are from "Prepare the historical data import .csv file",
of Amazon Connect from "Import historical data for forecasting", of Calabrio (formerly
Teleopti) from "Queue data file format"; the names of the latter's fields are those of
its database, as its file has none. Meanings of the fields are from RingCentral's
"Queue Statistics Report", which writes the same file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from forecast.acd.call_level import read_calls
from forecast.acd.generic import Reading, read_history_csv
from forecast.acd.queue_log import read_queue_log
from forecast.columns.column import DAY_S
from forecast.tables import Form

GENERIC = "generic"
CALLS = "calls"
QUEUE_LOG = "queue-log"
OF_CALLS = (CALLS, QUEUE_LOG)
"""Profiles of single calls, which the reader counts."""

_FORMS: Mapping[str, Form] = {
    GENERIC: Form(),
    "italian": Form(
        separator=";",
        encoding="cp1252",
        decimal=",",
        thousands=".",
        time="%d/%m/%Y %H:%M",
    ),
    "genesys-cloud": Form(
        separator=",",
        absolute=True,
        aliases={"Total Handle Time (Seconds)": "Total Handle Time"},
        columns={
            "queue": "Queue",
            "interval_start": "Interval Start UTC Date",
            "offered": "Offered",
            "handled": "Interactions Handled",
            "aht_s": "Total Handle Time",
        },
        totals=("aht_s",),
        only=("Media Type", "voice"),
        parts=("Media Type", "Skill Set", "Language"),
        ignore=("*",),
    ),
    "amazon-connect": Form(
        separator=",",
        absolute=True,
        columns={
            "queue": "QueueName",
            "interval_start": "TimeStamp",
            "offered": "IncomingContactVolume",
            "handled": "ContactsHandled",
            "aht_s": "AverageHandleTime",
        },
        only=("ChannelType", "voice"),
        length=(
            "IntervalDuration",
            {"15mins": 900, "30mins": 1800, "daily": int(DAY_S)},
        ),
        ignore=("*",),
    ),
    "calabrio": Form(
        time="%Y%m%d %H:%M",
        header=(
            "interval",
            "date_from",
            "time",
            "queue",
            "queue_name",
            "offd_direct_call_cnt",
            "overflow_in_call_cnt",
            "aband_call_cnt",
            "overflow_out_call_cnt",
            "answ_call_cnt",
            "queued_and_answ_call_dur",
            "queued_and_aband_call_dur",
            "talking_call_dur",
            "wrap_up_dur",
            "queued_answ_longest_que_dur",
            "queued_aband_longest_que_dur",
            "avg_avail_member_cnt",
            "ans_servicelevel_cnt",
            "wait_dur",
            "aband_short_call_cnt",
            "aband_within_sl_cnt",
        ),
        columns={
            "queue": "queue_name",
            "interval_start": ("date_from", "time"),
            "offered": ("offd_direct_call_cnt", "overflow_in_call_cnt"),
            "handled": "answ_call_cnt",
            "abandoned": "aband_call_cnt",
            "short_abandoned": "aband_short_call_cnt",
            "answered_within": "ans_servicelevel_cnt",
            "aht_s": ("talking_call_dur", "wrap_up_dur"),
            "asa_s": "queued_and_answ_call_dur",
            "abandon_wait_s": "queued_and_aband_call_dur",
        },
        totals=("aht_s", "asa_s", "abandon_wait_s"),
        length=("interval", {"15": 900, "30": 1800, "60": 3600}),
        ignore=("*",),
    ),
    QUEUE_LOG: Form(),
    CALLS: Form(),
}
PROFILES: Mapping[str, Form] = {
    name: replace(form, profile=name) for name, form in _FORMS.items()
}


def read_export(
    path: Path,
    form: Form,
    *,
    zone: ZoneInfo | None,
    interval_s: int,
    queue: str | None = None,
    threshold_s: float | None = None,
) -> Reading:
    """
    Read an export of the form's profile, or of none, as a history table.

    ``threshold_s`` is for files of single calls: who was answered, or hung up, within
    it is counted. The others are as :func:`forecast.acd.generic.read_history_csv` has
    them.

    Raises
    ------
    TableError
        With a finding for each rule that is broken, its rows and their count.
    """
    if form.profile == QUEUE_LOG:
        return read_queue_log(
            path, form, zone=zone, interval_s=interval_s, threshold_s=threshold_s
        )
    if form.profile == CALLS:
        return read_calls(
            path,
            form,
            zone=zone,
            interval_s=interval_s,
            queue=queue,
            threshold_s=threshold_s,
        )
    return read_history_csv(path, form, zone=zone, interval_s=interval_s, queue=queue)
