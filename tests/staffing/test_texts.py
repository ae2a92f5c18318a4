import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import texts


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
