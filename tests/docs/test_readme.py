import re

import pytest
from docs.readme import README, rendered

from staffing.config.parts import Part

NUMBER = re.compile(r"\d[\d,]*\.?\d*(?:e-?\d+)?")


def words_and_numbers(text):
    """The text without its numbers, and these: their last digits depend on machines."""
    numbers = [float(found.replace(",", "")) for found in NUMBER.findall(text)]
    return re.sub(" +", " ", NUMBER.sub("#", text)), numbers


def test_commands_print_what_the_readme_shows_and_the_glossary_is_current():
    text = README.read_text()
    words, numbers = words_and_numbers(rendered(text))
    expected_words, expected = words_and_numbers(text)
    assert words == expected_words
    assert numbers == pytest.approx(expected, rel=1e-3)


def test_a_number_that_differs_is_seen():
    words, numbers = words_and_numbers("A  1,234.5 of 3e-05 at 2026-12-01")
    assert words == "A # of # at #-#-#"
    assert numbers == [1234.5, 3e-05, 2026, 12, 1]


def test_every_key_of_plan_toml_is_in_the_reference():
    reference = README.read_text().partition("## plan.toml")[2]
    keys = {name for part in _parts() for name in part.model_fields}
    missing = [key for key in sorted(keys) if not re.search(rf"\b{key}\b", reference)]
    assert missing == []


def _parts(parent=Part):
    for part in parent.__subclasses__():
        yield part
        yield from _parts(part)
