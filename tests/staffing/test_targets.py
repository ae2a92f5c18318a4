import pytest

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
    ],
)
def test_targets_in_words_are_not_rounded(targets, words):
    assert str(targets) == words
