import pytest

from forecast.errors import ConfigError
from staffing.scenario.ranges import parse_range


@pytest.mark.parametrize(
    ("text", "column", "changes", "numbers"),
    [
        (
            "volume=-10%..+10%/10%",
            "set_volume",
            ["volume=-10%", "volume=+0%", "volume=+10%"],
            (-0.1, 0.0, 0.1),
        ),
        (
            "aht_s=0..+30/20@Sales,10:00-11:00",
            "set_aht_s@Sales,10:00-11:00",
            ["aht_s=+0s@Sales,10:00-11:00", "aht_s=+20s@Sales,10:00-11:00"],
            (0.0, 20.0),
        ),
        (
            " service_level = 0.7..0.9/0.1 ",
            "set_service_level",
            ["service_level=0.7", "service_level=0.8", "service_level=0.9"],
            (0.7, 0.8, 0.9),
        ),
        (
            "deflect=0%..10%/5%",
            "set_deflect",
            ["deflect=0", "deflect=0.05", "deflect=0.1"],
            (0.0, 0.05, 0.1),
        ),
    ],
)
def test_a_range_is_its_changes(text, column, changes, numbers):
    found = parse_range(text)
    assert found.column == column
    assert [change.text for change in found.changes] == changes
    assert found.numbers == numbers


REMEDY = "Write for example --sweep volume=-20%..+20%/5%."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "volume",
            "--sweep 'volume': must be LEVER=FROM..TO/STEP, all three numbers. "
            + REMEDY,
        ),
        (
            "volume=a..b/c",
            "--sweep 'volume=a..b/c': must be LEVER=FROM..TO/STEP, all three numbers. "
            + REMEDY,
        ),
        (
            "volume=-1%..+2/1%",
            "--sweep 'volume=-1%..+2/1%': FROM, TO and STEP must have one unit. "
            + REMEDY,
        ),
        (
            "volume=+2%..+1%/1%",
            "--sweep 'volume=+2%..+1%/1%': FROM must be below TO, and STEP above 0. "
            + REMEDY,
        ),
        (
            "volume=0%..+500%/1%",
            "--sweep 'volume=0%..+500%/1%': must have at most 201 values, but has "
            f"501. {REMEDY}",
        ),
        (
            "training=1..2/1",
            "--sweep 'training=1..2/1': training does not take plain numbers. "
            + REMEDY,
        ),
    ],
)
def test_what_is_no_range_is_refused(text, said):
    with pytest.raises(ConfigError) as error:
        parse_range(text)
    assert str(error.value) == said
