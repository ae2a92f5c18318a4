import re

from docs.readme import README, rendered

from staffing.config.parts import Part


def test_commands_print_what_the_readme_shows_and_the_glossary_is_current():
    text = README.read_text()
    assert rendered(text) == text


def test_every_key_of_plan_toml_is_in_the_reference():
    reference = README.read_text().partition("## plan.toml")[2]
    keys = {name for part in _parts() for name in part.model_fields}
    missing = [key for key in sorted(keys) if not re.search(rf"\b{key}\b", reference)]
    assert missing == []


def _parts(parent=Part):
    for part in parent.__subclasses__():
        yield part
        yield from _parts(part)
