import pytest

from staffing.erlang.limits import Limits
from staffing.targets import Targets


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (Targets(), "95% answered within 50 s, ASA at most 50 s"),
        (
            Targets(12.5, 0.955, 20, 0.875),
            "95.5% answered within 20 s, ASA at most 12.5 s, occupancy at most 87.5%",
        ),
        (Targets(None, 0.29, 0), "29% answered within 0 s"),
        (Targets(None, None, None, 1.0), "occupancy at most 100%"),
        (Targets(30.0, None, None), "ASA at most 30 s"),
        (
            Targets(None, 0.8, 20, scope="month"),
            "80% answered within 20 s, over each month",
        ),
        (
            Targets(
                None,
                0.8,
                None,
                sl_rule="answer_rate",
                mean_wait_s=240,
                scope="day",
                floor_service_level=0.6,
            ),
            "80% answered, mean wait of all at most 240 s, over each day, "
            "at least 60% answered in every interval",
        ),
    ],
)
def test_targets_in_words_are_not_rounded(targets, words):
    assert str(targets) == words


def test_the_solver_is_told_what_it_knows():
    targets = Targets(
        1.0, 0.2, 3.0, 0.4, "handled", 5.0, 0.6, "month", 0.1, ("to be confirmed",)
    )
    limits = targets.limits(7.0)
    assert limits == {
        "asa_s": 1.0,
        "service_level": 0.2,
        "threshold_s": 3.0,
        "max_occupancy": 0.4,
        "sl_rule": "handled",
        "mean_wait_s": 5.0,
        "max_abandon_rate": 0.6,
        "patience_s": 7.0,
    }
    assert limits.keys() <= Limits.__annotations__.keys()
