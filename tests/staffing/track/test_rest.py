from reference.rest_of_day import scored_rests, summary
from reference.sloping import sloping_history

from forecast.models import MODELS


def test_the_update_beats_the_plan_and_naive_scaling():
    """A month of days cut off at ten; the bench does so at more hours and centres."""
    history = sloping_history(0.0)
    scores = scored_rests(history, "Sales", "2026-06", MODELS["sma8"], [10])
    told = summary(scores, "hour").loc[10]
    for kind in ("error", "rest"):
        assert told[f"{kind}_update"] < told[f"{kind}_plan"]
        assert told[f"{kind}_update"] < told[f"{kind}_naive"]
    assert 0.6 <= told["coverage"] <= 0.95
