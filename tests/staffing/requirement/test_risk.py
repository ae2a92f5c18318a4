from dataclasses import replace

import numpy as np
import pytest

from staffing.erlang.solve import agents_for
from staffing.requirement.risk import FACTORS, Paths, agents_at_chances, met
from staffing.simulate import kpis

AHT_S = 300.0
ERLANG_C = {"service_level": 0.95, "threshold_s": 50.0, "asa_s": 50.0}
ERLANG_A = {"service_level": 0.95, "sl_rule": "answer_rate", "patience_s": 180.0}
HUMP = 0.55 - 0.45 * np.cos(2 * np.pi * (np.arange(24) + 0.5) / 24)


def gamma(rng, cv, shape):
    return rng.gamma(cv**-2, cv**2, shape)


def lognormal(rng, cv, shape):
    sigma2 = np.log1p(cv**2)
    return rng.lognormal(-sigma2 / 2, sigma2**0.5, shape)


def hump(peak, days=1):
    """Load of days of 24 half-hours. [erlang]"""
    return np.tile(peak * HUMP, days)


def possible(load, paths, seed, *, days=1, law=gamma, cv=0.1, **settings):
    """Months of days that stray from the load, each by a factor of its own."""
    shocks = law(np.random.default_rng([seed, 99]), cv, (paths, days))
    offered = load * 1800.0 / AHT_S * np.repeat(shocks, len(load) // days, axis=1)
    return Paths(
        **{
            "offered": offered[..., None],
            "aht_s": np.full((*offered.shape, 1), AHT_S),
            "runs": np.repeat(np.arange(days), len(load) // days),
            "interval_s": 1800.0,
            "patience_s": np.inf,
            "seed": seed,
            **settings,
        }
    )


def solved(load, paths, unit, alike, chances, limits, **ends):
    return agents_at_chances(
        load,
        paths,
        aht_s=np.full(len(load), AHT_S),
        unit=unit,
        alike=alike,
        chances=chances,
        **({"low": 1, "high": np.inf} | ends),
        **limits,
    )


def fresh_share(peak, limits, law, learnt, judged):
    """Share of fresh days on which the plan for 9 days in 10 holds."""
    load, day = hump(peak), np.zeros(24, dtype=np.int64)
    patience = {"law": law, "patience_s": limits.get("patience_s", np.inf)}
    paths = possible(load, learnt, 1, **patience)
    (agents,) = solved(load, paths, day, day, (0.9,), limits)
    fresh = possible(load, judged, 2, **patience)
    return met(agents, fresh, unit=day, **limits).mean()


@pytest.mark.parametrize(
    ("peak", "limits", "law"),
    [(5, ERLANG_C, lognormal), (5, ERLANG_A, gamma), (20, ERLANG_C, gamma)],
)
def test_a_plan_for_9_days_in_10_holds_on_them(peak, limits, law):
    """Standard error of what is learnt and judged: √(0.9·0.1·(1/600 + 1/600))."""
    share = fresh_share(peak, limits, law, 600, 600)
    assert 0.9 - 3 * 0.0173 <= share <= 0.9 + 3 * 0.0173 + 0.02 * (peak < 20)


@pytest.mark.bench
@pytest.mark.parametrize("law", [gamma, lognormal])
@pytest.mark.parametrize("limits", [ERLANG_C, ERLANG_A])
@pytest.mark.parametrize("peak", [5, 20, 60, 200])
def test_10_000_days(peak, limits, law):
    """Standard error: √(0.9·0.1·(1/2000 + 1/10 000)) = 0.0073."""
    share = fresh_share(peak, limits, law, 2000, 10_000)
    print(f"{peak} erlangs, {law.__name__}, {limits}: {share:.4f}")
    assert 0.87 <= share <= (0.93 if peak >= 20 else 1.0)


WEEKS = 4
DAYS = np.repeat(np.arange(WEEKS), 24)
CLOCK = np.tile(np.arange(24), WEEKS)
SCOPES = {
    "interval": (np.arange(len(DAYS)), CLOCK, 50),
    "day": (DAYS, 0 * DAYS, 100),
    "month": (0 * DAYS, 0 * DAYS, 200),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_scopes_hold_with_their_chance_on_fresh_months(scope):
    """
    Four Mondays, n units alike: standard error √(0.9·0.1·2/n).

    Of intervals, n = 200 for each of 24 clock times; few agents make it ask for more.
    """
    unit, alike, paths = SCOPES[scope]
    load = hump(10, WEEKS)
    learnt, fresh = (possible(load, paths, seed, days=WEEKS) for seed in (3, 4))
    plans = solved(load, learnt, unit, alike, (0.5, 0.9), ERLANG_C)
    half, nine = (met(plan, fresh, unit=unit, **ERLANG_C).mean() for plan in plans)
    error = (2 * 0.9 * 0.1 / (paths * len(np.unique(unit[alike == alike[0]])))) ** 0.5
    more = 0.1 if scope == "interval" else 0.0
    assert 0.5 - 5 * error <= half <= 0.5 + 5 * error + more
    assert 0.9 - 3 * error <= nine <= 0.9 + 3 * error


def test_a_month_whose_days_balance_needs_fewer_agents_than_each_day():
    load = hump(10, WEEKS)
    paths = possible(load, 30, 5, days=WEEKS)
    month, day = (
        solved(load, paths, *SCOPES[scope][:2], (0.9,), ERLANG_C)
        for scope in ("month", "day")
    )
    assert (month <= day).all()
    assert month.sum() < day.sum()


@pytest.mark.parametrize("limits", [ERLANG_C, ERLANG_A])
def test_the_answer_is_enough_and_one_step_fewer_is_not(limits):
    load, day = hump(6), np.zeros(24, dtype=np.int64)
    patience_s = limits.get("patience_s", np.inf)
    paths = possible(load, 200, 6, patience_s=patience_s)
    chances = (0.8, 0.5, 0.9)  # in any order
    plans = solved(load, paths, day, day, chances, limits)
    family = [
        np.maximum(agents_for(load * m, aht_s=AHT_S, **limits), 1) for m in FACTORS
    ]
    for chance, plan in zip(chances, plans, strict=True):
        step = next(j for j, agents in enumerate(family) if (agents == plan).all())
        assert met(plan, paths, unit=day, **limits).mean() >= chance
        assert met(family[step - 1], paths, unit=day, **limits).mean() < chance
    assert (plans[1] <= plans[0]).all()
    assert (plans[0] <= plans[2]).all()


def test_the_same_seed_gives_the_same_agents_and_hardly_more_from_another():
    load, day = hump(8), np.zeros(24, dtype=np.int64)

    def agents(seed):
        paths = possible(load, 200, seed)
        return solved(load, paths, day, day, (0.9,), ERLANG_C)

    np.testing.assert_array_equal(agents(1), agents(1))
    assert agents(1).sum() == pytest.approx(agents(2).sum(), rel=0.05)


def test_without_seats_the_answer_keeps_to_them():
    """The morning's 6 agents would be 12: no factor helps; low holds at night."""
    load, day = hump(10), np.zeros(24, dtype=np.int64)
    paths = possible(load, 60, 7)
    agents = solved(load, paths, day, day, (0.5, 0.9), ERLANG_C, low=3, high=6)
    assert agents.min() >= 3
    assert agents.max() == 6
    assert (agents[0] <= agents[1]).all()
    assert met(agents[1], paths, unit=day, **ERLANG_C).mean() < 0.5


def test_nothing_to_do_needs_the_fewest_agents():
    nothing = np.zeros(3)
    paths = possible(nothing, 5, 8)
    row = np.arange(3)
    agents = solved(nothing, paths, row, row, (0.9,), ERLANG_C, low=2)
    assert agents.tolist() == [[2, 2, 2]]
    assert met(agents[0] * 0, paths, unit=row, **ERLANG_C).all()


@pytest.mark.parametrize(
    ("limits", "name", "better"),
    [
        ({"service_level": 0.9, "threshold_s": 30.0}, "service_level", 1),
        ({"asa_s": 20.0}, "asa_s", -1),
        ({"mean_wait_s": 20.0}, "mean_wait_s", -1),
        ({"max_abandon_rate": 0.02, "patience_s": 100.0}, "abandon_rate", -1),
        (
            {
                "service_level": 0.9,
                "threshold_s": 30.0,
                "short_abandon_s": 5.0,
                "patience_s": 100.0,
                "sl_rule": "less_short_abandons",
            },
            "service_level",
            1,
        ),
    ],
)
def test_a_unit_meets_its_targets_as_its_kpis_say(limits, name, better):
    """Two days of two queues: the KPIs of each path alone, by staffing.simulate."""
    load = hump(6, 2)
    paths = possible(load, 40, 9, days=2, patience_s=[limits.get("patience_s", 1e9)])
    two = replace(
        paths,
        offered=np.repeat(paths.offered / 2, 2, axis=2),
        aht_s=np.repeat(paths.aht_s, 2, axis=2),
    )
    agents = np.ceil(load * 1.15 + 1).astype(np.int64)
    unit = np.repeat([4, 2], 24)  # labels in any order
    found = met(agents, two, unit=unit, **limits)
    whole = two.simulate(agents, limits)
    target = next(limits[key] for key in limits if name in key)
    for path in range(40):
        one = whole._replace(
            **{
                field: getattr(whole, field)[[path]]
                for field in whole._fields
                if field != "agent_s"
            }
        )
        rule = limits.get("sl_rule", "offered")
        (value, _) = getattr(kpis(one, groups=unit[:, None], sl_rule=rule), name)
        assert found[path].tolist() == (better * value >= better * target).tolist()
    assert 0 < found.mean() < 1


def test_calls_of_whom_none_is_answered_miss_every_target():
    paths = possible(np.full(3, 20.0), 4, 10)
    row = np.arange(3)
    limits = {"service_level": 0.5, "threshold_s": 20.0, "sl_rule": "handled"}
    assert not met(0 * row, paths, unit=row, **limits).any()


def test_runs_start_empty_and_draw_for_themselves():
    """Two days of the same rates: the first one's backlog is not the second's."""
    load = np.full(48, 5.0)
    apart = possible(load, 300, 11, days=2, cv=1e-6)
    agents = np.repeat([2, 8], 24)
    result = apart.simulate(agents, ERLANG_C)
    calls = result.offered.sum(axis=3 - 1)
    assert abs(np.corrcoef(calls[:, 0], calls[:, 24])[0, 1]) < 4 / 300**0.5
    alone = possible(load[24:], 300, 12, cv=1e-6).simulate(agents[24:], ERLANG_C)
    second, (reference, _) = (
        kpis(run, groups=groups).service_level
        for run, groups in ((result, (np.arange(48) // 24 - 1)[:, None]), (alone, 0))
    )
    assert second.value == pytest.approx(reference, abs=4 * 2**0.5 * second.se[0])
    together = replace(apart, runs=np.zeros(48, dtype=np.int64))
    late = together.simulate(agents, ERLANG_C).handled_wait_s[:, 24].mean()
    assert late > 100 * result.handled_wait_s[:, 24].mean()
