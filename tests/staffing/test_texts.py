import datetime as dt
import re
import string
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import staffing.scenario
from staffing import texts
from staffing.targets import Scope
from staffing.texts import Note


def placeholders(words):
    return sorted(name for _, name, _, _ in string.Formatter().parse(words) if name)


@pytest.mark.parametrize("lang", texts.LANGS)
def test_every_language_has_the_same_keys_and_placeholders(lang):
    english, other = texts.of("en").words, texts.of(lang).words
    assert list(other) == list(english)
    for key, words in other.items():
        assert words.strip()
        assert placeholders(words) == placeholders(english[key]), key


def test_there_is_a_file_for_every_language_and_no_other():
    folder = Path(texts.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == set(texts.LANGS)


@pytest.mark.parametrize("lang", texts.LANGS)
def test_weekdays_are_seven(lang):
    assert len({texts.of(lang).weekday(day) for day in range(7)}) == 7


def test_months_are_named():
    months = [f"2026-{month:02}" for month in range(1, 13)]
    assert texts.of("en").month("2026-12") == "December 2026"
    assert texts.of("it").month("2026-12") == "dicembre 2026"
    for lang in texts.LANGS:
        assert len({texts.of(lang).month(month) for month in months}) == 12


def test_every_note_of_a_scenario_has_words_and_no_words_are_left():
    folder = Path(staffing.scenario.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = {*re.findall(r'Note(?:\.of)?\(\s*"(\w+)"', code), *get_args(Scope)}
    keys = {key[5:] for key in texts.of("en").words if key.startswith("note.")}
    assert keys == named


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "1.5 new agents of A: 10 working days of training, 1,234 paid hours, then "
            "from 2026-12-14 on the phone with handle times × 1.5, 1.25 by week; they "
            "are 7 % of its people. The curve is assumed, not measured.",
        ),
        (
            "it",
            "Nuovi operatori di A: 1,5. Giorni lavorativi di formazione: 10, ore "
            "pagate: 1.234; poi, dal 14/12/2026, al telefono con durate × 1,5; 1,25 di "
            "settimana in settimana. Sono il 7 % delle sue persone. La curva è "
            "un'ipotesi, non una misura.",
        ),
    ],
)
def test_a_note_has_numbers_and_dates_as_the_language_does(lang, said):
    curve = (Decimal("1.50"), Decimal("1.25"))
    phone = dt.date(2026, 12, 14)
    counts = {"people": Decimal("1.5"), "days": 10, "hours": 1234.4, "percent": 6.6}
    note = Note.of("training", pool="A", phone=phone, curve=curve, **counts)
    assert texts.of(lang).note(note) == said


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("en", ["1,234.5", "−1,234.6", "+12", "0.0", "–", "∞", "95.3\xa0%"]),
        ("it", ["1.234,5", "−1.234,6", "+12", "0,0", "–", "∞", "95,3\xa0%"]),
    ],
)
def test_numbers_are_written_as_the_language_does(lang, written):
    own = texts.of(lang)
    assert written == [
        own.number(1234.5, 1),
        own.number(-1234.56, 1),
        own.number(12.4, signed=True),
        own.number(-0.01, 1, signed=True),
        own.number(float("nan"), 1),
        own.number(float("inf")),
        own.percent(0.953),
    ]


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_italian_is_english_with_the_marks_exchanged(value, decimals):
    exchange = str.maketrans(",.", ".,")
    english = texts.of("en").number(value, decimals, signed=True)
    assert texts.of("it").number(value, decimals, signed=True) == english.translate(
        exchange
    )
