"""
Exports in every form: read exactly by the form declared, refused by any other.

A file that reads the same in two forms is no fault. Each spans more than twelve days,
as a history does: so a swap of day and month shows.
"""

import datetime as dt
import random
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from forecast.acd.profiles import read_export
from forecast.errors import TableError
from forecast.tables import Form

ROME = ZoneInfo("Europe/Rome")
SEPARATORS = (",", ";", "\t", "|")
SIGNS = ((".", ""), (",", ""), (".", ","), (",", "."))
ENCODINGS = ("utf-8", "cp1252")
TIMES = (None, "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y%m%d %H:%M", "%d-%m-%y %H.%M")
QUEUES = ("Sales", "Qualità; à la carte", 'the "gold", queue', "Città|Œuvre")


def random_form(random):
    decimal, thousands = random.choice(SIGNS)
    return Form(
        separator=random.choice(SEPARATORS),
        encoding=random.choice(ENCODINGS),
        decimal=decimal,
        thousands=thousands,
        time=random.choice(TIMES),
    )


def random_history(random):
    """A month's part from any day on, with calls by the thousand and wide AHTs."""
    first = dt.date(2024, 1, 1) + dt.timedelta(days=random.randrange(1000))
    rows = []
    for queue in random.sample(QUEUES, 2):
        for day in range(13):
            start = dt.datetime.combine(first + dt.timedelta(days=day), dt.time(9))
            offered = random.choice((0, 7, 999, 1000, 1234, 12_345))
            aht_s = random.choice((None, 180.0, random.randrange(600, 36_000) / 10))
            rows.append((queue, start, offered, aht_s))
    random.shuffle(rows)
    return rows


def written(rows, form, random):
    """The rows as a system of this form writes them."""

    def quoted(cell):
        special = form.separator in cell or '"' in cell
        return '"' + cell.replace('"', '""') + '"' if special else cell

    def number(value, digits):
        plain = f"{value:,.{digits}f}" if form.thousands else f"{value:.{digits}f}"
        signs = {",": form.thousands, ".": form.decimal}
        return "".join(signs.get(sign, sign) for sign in plain)

    def duration(seconds):
        whole = int(seconds)
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"

    as_clock = random.random() < 0.3
    lines = [("queue", "interval_start", "offered", "aht_s")]
    for queue, start, offered, aht_s in rows:
        time = start.strftime(form.time) if form.time else start.isoformat()
        of_clock = as_clock and aht_s is not None and aht_s == int(aht_s)
        told = "" if aht_s is None else number(aht_s, 1)
        told = duration(aht_s) if of_clock else told
        lines.append((queue, time, number(offered, 0), told))
    end = random.choice(("\n", "\r\n"))
    text = "".join(form.separator.join(map(quoted, line)) + end for line in lines)
    mark = "\ufeff" if form.encoding == "utf-8" and random.random() < 0.3 else ""
    return (mark + text).encode(form.encoding)


def as_known(rows):
    frame = pd.DataFrame(rows, columns=["queue", "interval_start", "offered", "aht_s"])
    starts = pd.DatetimeIndex(frame["interval_start"]).tz_localize(ROME).as_unit("s")
    types = {"queue": "str", "offered": "float64", "aht_s": "float64"}
    return frame.assign(interval_start=starts).astype(types)


def exact_or_refused(seed, path):
    """A file by its own form, exactly; by another, the same or not at all."""
    random_ = random.Random(seed)  # noqa: S311 (a test's)
    rows, form = random_history(random_), random_form(random_)
    path.write_bytes(written(rows, form, random_))
    known = as_known(rows)

    def read(declared):
        reading = read_export(path, declared, zone=ROME, interval_s=1800)
        assert reading.warnings == ()
        return reading.frame.reset_index(drop=True)

    pd.testing.assert_frame_equal(read(form), known)
    other = random_form(random_)
    if random_.random() < 0.5:  # wrong in one thing only
        part = random_.choice(("separator", "encoding", "time", "signs"))
        names = ("decimal", "thousands") if part == "signs" else (part,)
        other = replace(form, **{name: getattr(other, name) for name in names})
    try:
        found = read(other)
    except TableError as error:
        assert error.findings  # noqa: PT017 (either way is right)
        return False
    pd.testing.assert_frame_equal(found, known)
    return True


def test_a_generated_file_reads_exactly_or_not_at_all(tmp_path):
    agreed = [exact_or_refused(seed, tmp_path / "export.csv") for seed in range(100)]
    assert 5 < sum(agreed) < 60  # both ends are seen


@pytest.mark.soak
def test_five_thousand_generated_files_read_exactly_or_not_at_all(tmp_path):
    for seed in range(100, 5100):
        exact_or_refused(seed, tmp_path / "export.csv")
