"""What the planner and the client say of the month, in the whole plan."""

import pytest

from forecast.errors import ConfigError, TableError
from staffing.pipeline import plan_month

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-11:00"
"""
LIKE = "[queues.New]\nlike = 'Sales'\nscale = 0.5\n"
CARE = "[groups]\nCare = ['Sales', 'New']\n"


@pytest.mark.parametrize("group", ["", CARE])
def test_months_say_what_is_ours_and_what_the_client_s(centre, group):
    path = centre(CONFIG + "[volumes]\nfile = 'v.csv'\n" + group + LIKE)
    (path.parent / "v.csv").write_text("queue,2026-03,2026-04\nSales,5000,1\nNew,,9\n")
    plan = plan_month(path)
    monthly = plan.monthly.set_index("queue")
    assert list(plan.monthly)[5:9] == [
        "last_year",
        "growth",
        "offered_forecast",
        "offered_given",
    ]
    if group:
        (care,) = plan.monthly.to_dict("records")
        assert care["offered_forecast"] == pytest.approx(1.5 * 88 * 30, rel=0.05)
        assert care["offered"] == pytest.approx(5000 + 0.5 * 88 * 30, rel=0.02)
        assert monthly["offered_given"].isna().all()
    else:
        assert monthly["offered"]["Sales"] == pytest.approx(5000.0, rel=1e-12)
        assert monthly["offered_given"].fillna(0.0).to_dict() == {
            "New": 0.0,
            "Sales": 5000.0,
        }
        ours = monthly["offered_forecast"]
        assert ours.to_dict() == pytest.approx(
            {"New": 0.5 * 88 * 30, "Sales": 88 * 30}, rel=0.05
        )
        assert monthly["offered"]["New"] == ours["New"]
    assert monthly["growth"].isna().all()
    texts = [str(warning) for warning in plan.warnings]
    assert any("the volume given is planned for" in text for text in texts)
    assert "New has the history of Sales × 0.5" in " ".join(texts)
    assert [source.name for source in plan.sources] == [
        "plan.toml",
        "history.csv",
        "v.csv",
    ]
    assert plan.parameters["volumes"]["Sales"] == {"2026-03": 5000.0, "2026-04": 1.0}


def test_growth_is_over_last_year(centre):
    path = centre(CONFIG, first="2025-03-01")
    month = plan_month(path).monthly.iloc[0]
    assert month["last_year"] > 0
    assert month["growth"] == month["offered"] / month["last_year"] - 1


def test_volumes_of_other_months_only_are_remarked(centre):
    path = centre(CONFIG + "[volumes]\nSales = { 2026-05 = 7 }\n")
    texts = [str(warning) for warning in plan_month(path).warnings]
    assert (
        "volumes: no volume is given for a month of the plan (2026-03 to 2026-03) of "
        "these queues: Sales."
    ) in texts


def test_a_volume_of_a_queue_that_nobody_knows_is_refused(centre):
    path = centre(CONFIG + "[volumes]\nNobody = { 2026-03 = 7 }\n")
    with pytest.raises(ConfigError) as caught:
        plan_month(path)
    assert str(caught.value) == (
        "the config names queues that history.csv does not have: Nobody; it has Sales. "
        'Correct the names; a queue without history needs like = "…".'
    )
    path = centre(CONFIG + "[volumes]\nfile = 'v.csv'\n")
    (path.parent / "v.csv").write_text("queue,2026-03\nNobody,5\n")
    with pytest.raises(TableError) as caught:
        plan_month(path)
    assert str(caught.value) == (
        "v.csv: queue must be one of the history's (Sales), but is not: row 2 "
        "('Nobody')."
    )


def test_a_new_queue_can_only_be_like_one_that_there_is(centre):
    path = centre(CONFIG + "[queues.New]\nlike = 'Nobody'\n")
    with pytest.raises(ConfigError) as caught:
        plan_month(path)
    assert str(caught.value) == (
        "the config names queues that history.csv does not have: Nobody; it has Sales. "
        'Correct the names; a queue without history needs like = "…".'
    )


def test_a_known_change_of_handle_times_is_planned_with(centre):
    change = "[aht]\nchanges = [{ from = 2026-03-16, effect = 0.5 }]\n"
    forecast = plan_month(centre(CONFIG + change)).forecast
    late = forecast["interval_start"].dt.day >= 16
    assert forecast.loc[late, "aht_s"].to_numpy() == pytest.approx(100.0)
    assert forecast.loc[~late, "aht_s"].to_numpy() == pytest.approx(200.0)


def test_quantiles_on_request_are_columns_of_the_forecast(centre):
    plan = plan_month(centre(CONFIG + "[forecast]\nquantiles = [0.05, 0.975]\n"))
    assert list(plan.forecast)[-2:] == ["offered_p05", "offered_p97_5"]
    assert not set(plan.requirement) & {"offered_p05", "offered_p97_5"}
