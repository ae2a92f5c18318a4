import datetime as dt

import pytest

from forecast.errors import ConfigError
from staffing.texts import of


def test_new_agents_are_trained_then_slow_then_like_the_others(base, outcome):
    plan = outcome().kpis.set_index("queue")
    fte = plan.loc["Sales", "fte"]
    new = outcome("training=1:5d:1.5/1.2@Sales,2026-03-02")
    table = new.forecast[new.forecast["queue"] == "Sales"]
    day = table["interval_start"].dt.date
    share = 1.0 / fte

    def mixed(f):
        """AHT of a team of which a share of the time goes at 1/f of the speed."""
        calls_a_second = (1 - share) / 200 + share / (200 * f)
        return 1 / calls_a_second

    for first, aht_s in (
        (dt.date(2026, 3, 2), 200),
        (dt.date(2026, 3, 9), mixed(1.5)),
        (dt.date(2026, 3, 16), mixed(1.2)),
        (dt.date(2026, 3, 23), 200),
    ):
        week = [first + dt.timedelta(days=n) for n in range(5)]
        assert table.loc[day.isin(week), "aht_s"].tolist() == pytest.approx(
            [aht_s] * 30
        )
    paid = new.kpis.set_index("queue").loc["all", "paid_hours"]
    by_month = new.monthly["paid_hours"].sum()
    assert paid == pytest.approx(by_month + 5 * 10 / 5)  # 5 days of 2 hours: 10 a week
    (note,) = new.notes
    assert of("en").note(note) == (
        "1 new agents of Sales: 5 working days of training, 10 paid hours, then from "
        "2026-03-09 on the phone with handle times × 1.5, 1.2 by week; they are "
        f"{100 * share:.0f} % of its people. The curve is assumed, not measured."
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "training=1",
            "'training=1:10d:1.5/1.3/1.15/1.05': must name one of Help, Sales, and the "
            "day on which they begin at most. Write for example "
            "training=6@Help,2026-03-01.",
        ),
        (
            "training=99@Help",
            "'training=99:10d:1.5/1.3/1.15/1.05@Help': must be at most the people of "
            "Help, ",
        ),
    ],
)
def test_new_agents_of_nobody_or_too_many_are_refused(text, fault, outcome):
    with pytest.raises(ConfigError) as caught:
        outcome(text)
    assert str(caught.value).startswith(fault)
