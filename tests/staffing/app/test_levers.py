from hypothesis import given
from hypothesis import strategies as st

from staffing.app.levers import Control
from staffing.scenario.changes import parse_change

CONTROLS = (
    Control("volume", "by", -50, 100, 1, scale="0.01"),
    Control("aht_s", "add", -120, 120, 5, unit="s"),
    Control("shrinkage", "set", 0, 70, 0.5, 30.0, "share", "0.01"),
    Control("asa_s", "set", 5, 180, 5, 50.0, "s"),
    Control("cost_per_hour", "set", 0, 100, 0.5),
)


@given(st.sampled_from(CONTROLS), st.data())
def test_a_lever_comes_back_from_the_change_that_it_stands_for(control, data):
    steps = round((control.high - control.low) / control.step)
    value = control.low + control.step * data.draw(st.integers(0, steps))
    text = control.written(value)
    if value == control.start:
        assert text is None
    else:
        assert parse_change(text).text == text
        assert control.read(parse_change(text)) == value


def test_changes_that_no_lever_stands_for_are_left_to_others():
    volume = CONTROLS[0]
    assert volume.read(parse_change("volume=+10%")) == 10
    for text in ("volume=+10%@Energia", "volume=+500", "volume=+300%", "aht_s=+10%"):
        assert volume.read(parse_change(text)) is None
