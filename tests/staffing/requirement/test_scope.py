import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import erlang, erlang_a

from staffing.erlang import a, c
from staffing.erlang.solve import agents_for
from staffing.requirement.scope import agents_over, period_kpis

RULES = (None, *a.SL_RULES)  # None: Erlang C
few = settings(max_examples=30)


@st.composite
def months(draw, most=12):
    """Intervals in up to three days: load, offered, day and aht_s."""
    row = st.tuples(
        st.floats(0.05, 60.0),
        st.floats(0.5, 1.5),
        st.integers(0, 2),
        st.floats(60, 900),
    )
    rows = draw(st.lists(row, min_size=1, max_size=most))
    load, ratio, day, aht_s = (np.array(values) for values in zip(*rows, strict=True))
    return {"load": load, "offered": load * ratio, "period": day, "aht_s": aht_s}


@st.composite
def callers(draw, rules=RULES):
    rule = draw(st.sampled_from(rules))
    who = {"threshold_s": draw(st.floats(0.0, 90.0))}
    if rule is not None:
        who |= {"sl_rule": rule, "patience_s": draw(st.floats(20.0, 1800.0))}
    return who


levels = st.fixed_dictionaries({"service_level": st.floats(0.3, 0.99)})
mixes = st.fixed_dictionaries(
    {"service_level": st.floats(0.3, 0.99)},
    optional={
        "asa_s": st.floats(1.0, 120.0),
        "mean_wait_s": st.floats(1.0, 120.0),
        "max_occupancy": st.floats(0.5, 1.0),
    },
)
floors = st.one_of(st.none(), st.floats(0.05, 0.9))


def metrics(load, agents, who):
    """Shares of the offered: in time, counted, handled; and both waits, of the call."""
    if "patience_s" not in who:
        kpis = c.metrics(
            load, agents, aht_s=who["aht_s"], threshold_s=who["threshold_s"]
        )
        one = np.ones(kpis.asa_s.shape)
        return kpis.service_level, one, one, kpis.asa_s, kpis.asa_s
    kpis = a.metrics(load, agents, **who | {"sl_rule": "offered"})
    handled = 1.0 - kpis.abandon_rate
    in_time, counted = kpis.service_level, np.ones(handled.shape)
    if who["sl_rule"] == "answer_rate":
        in_time = handled
    elif who["sl_rule"] != "offered":
        counted = in_time / a.metrics(load, agents, **who).service_level
    return in_time, counted, handled, handled * kpis.asa_s, kpis.mean_wait_s


def missing(rows, agents, who, goals):
    """By how much each target is missed, times calls: a row a target."""
    load, offered, aht_s = (
        rows[name].reshape(-1, *[1] * (agents.ndim - 1))
        for name in ("load", "offered", "aht_s")
    )
    in_time, counted, handled, asa_s, mean_wait_s = metrics(
        load, agents, who | {"aht_s": aht_s}
    )
    by_target = {
        "service_level": lambda level: level * counted - in_time,
        "asa_s": lambda goal_s: asa_s - goal_s * handled,
        "mean_wait_s": lambda goal_s: mean_wait_s - goal_s,
        "max_abandon_rate": lambda rate: 1.0 - handled - rate,
    }
    return np.array(
        [offered * by_target[k](v) for k, v in goals.items() if k in by_target]
    )


def least_of(rows, who, goals, floor):
    """What holds in each interval: load, floor and occupancy."""
    least = np.ceil(rows["load"])
    if "patience_s" not in who:
        least = np.floor(rows["load"]) + 1
    each = {"max_occupancy": goals.get("max_occupancy", 1.0), "service_level": floor}
    each = agents_for(rows["load"], aht_s=rows["aht_s"], **who, **each)
    return np.maximum(least, each).astype(np.int64)


def cut(rows, keep):
    return {name: values[keep] for name, values in rows.items()}


def missed(rows, agents, who, goals):
    """Days whose targets do not hold, by the KPIs of the period."""
    kpis = period_kpis(**rows, agents=agents, **who, **goals)
    never = np.inf
    wrong = ~(kpis.service_level >= goals["service_level"])
    wrong |= ~(kpis.asa_s <= goals.get("asa_s", never))
    wrong |= ~(kpis.mean_wait_s <= goals.get("mean_wait_s", never))
    wrong |= ~(kpis.abandon_rate <= goals.get("max_abandon_rate", never))
    return kpis.period[wrong]


@few
@given(rows=months(), who=callers(), goals=mixes, floor=floors)
def test_every_period_holds_and_no_interval_falls_below_its_floor(
    rows, who, goals, floor
):
    agents = agents_over(**rows, **who, **goals, floor_service_level=floor)
    assert len(missed(rows, agents, who, goals)) == 0
    assert (agents >= least_of(rows, who, goals, floor)).all()


@few
@given(rows=months(6), who=callers(), goals=mixes, floor=floors)
def test_no_agent_above_the_floor_can_go(rows, who, goals, floor):
    agents = agents_over(**rows, **who, **goals, floor_service_level=floor)
    for i in np.flatnonzero(agents > least_of(rows, who, goals, floor)):
        fewer = agents - (np.arange(len(agents)) == i)
        here = cut(rows, rows["period"] == rows["period"][i])
        left = missing(here, fewer[rows["period"] == rows["period"][i]], who, goals)
        assert left.sum(axis=1).max() > -1e-9 * here["offered"].sum()


def fewest_by_dynamic_programming(rows, who, goals, least, hair):
    """The exact optimum for one target: what n agents leave missing at the least."""
    table = missing(rows, least[:, None] + np.arange(60), who, goals)[0]
    best = np.zeros(1)
    for calls in table:
        sums = best[:, None] + calls
        best = np.full(len(best) + 59, np.inf)
        for n in range(60):
            part = best[n : n + len(sums)]
            np.minimum(part, sums[:, n], out=part)
    enough = best <= -hair * rows["offered"].sum()
    return least.sum() + np.flatnonzero(enough)[0]


@few
@given(rows=months(), who=callers(), goals=levels, floor=floors)
def test_for_one_target_no_fewer_agents_suffice(rows, who, goals, floor):
    rows["period"] = np.zeros(len(rows["load"]))
    agents = agents_over(**rows, **who, **goals, floor_service_level=floor)
    least = least_of(rows, who, goals, floor)
    fewest = [
        fewest_by_dynamic_programming(rows, who, goals, least, hair)
        for hair in (0.0, 1e-9)
    ]
    assert fewest[0] <= agents.sum() <= fewest[1]


def dual_bound(table):
    """No solution has fewer agents beyond the least: weak duality, any prices do."""
    nth = np.arange(table.shape[2])

    def fewest(prices):
        return (nth + np.tensordot(prices, table, 1)).min(axis=1).sum()

    def best(fixed):
        """Over the price that follows: ternary search, as the bound is concave."""
        if len(fixed) == len(table):
            return fewest(10.0 ** np.array(fixed))
        low, high = -9.0, 6.0
        for _ in range(28):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            if best((*fixed, left)) < best((*fixed, right)):
                low = left
            else:
                high = right
        return best((*fixed, (low + high) / 2))

    return best(())


@settings(max_examples=15)
@given(
    rows=months(30),
    who=callers(),
    level=st.floats(0.6, 0.98),
    share=st.floats(0.8, 1.2),
)
def test_for_two_targets_at_most_one_more_than_a_bound(rows, who, level, share):
    """The mean wait is set near what the service level brings, so that both bind."""
    rows["period"] = np.zeros(len(rows["load"]))
    goals = {"service_level": level}
    kpis = period_kpis(**rows, agents=agents_over(**rows, **who, **goals), **who)
    goals["asa_s"] = float(kpis.asa_s[0]) * share + 1e-3
    agents = agents_over(**rows, **who, **goals)
    least = least_of(rows, who, goals, None)
    table = missing(rows, least[:, None] + np.arange(60), who, goals)
    bound = least.sum() + np.ceil(dual_bound(table) - 1e-6)
    assert bound <= agents.sum() <= bound + 1


@pytest.mark.parametrize(
    ("load", "offered", "aht_s", "goal_s"),
    [
        ([2.3, 8.3, 14.8, 33.3], [8, 31, 35, 115], [480, 350, 450, 370], 7),
        ([1.4, 6.4, 40.0, 2.8], [2, 25, 143, 12], [710, 310, 740, 160], 15),
        ([4.3, 18.4, 17.4, 15.1], [13, 33, 48, 53], [370, 100, 180, 610], 19),
        ([3.5, 6.9, 1.0, 7.0], [7, 11, 2, 26], [240, 200, 580, 170], 22),
    ],
)
def test_two_targets_that_first_prices_or_no_second_look_would_overstaff(
    load, offered, aht_s, goal_s
):
    columns = {"load": load, "offered": offered, "aht_s": aht_s, "period": [0] * 4}
    rows = {name: np.array(values, dtype=float) for name, values in columns.items()}
    goals, who = {"service_level": 0.8, "asa_s": goal_s}, {"threshold_s": 10.0}
    least = least_of(rows, who, goals, None)
    table = missing(rows, least[:, None] + np.arange(60), who, goals)
    agents = agents_over(**rows, **who, **goals)
    assert agents.sum() == least.sum() + np.ceil(dual_bound(table) - 1e-6)


@few
@given(rows=months(), who=callers(), goals=mixes, floor=floors)
def test_never_more_than_each_interval_by_itself(rows, who, goals, floor):
    agents = agents_over(**rows, **who, **goals, floor_service_level=floor)
    alone = agents_for(rows["load"], aht_s=rows["aht_s"], **who, **goals)
    assert agents.sum() <= np.maximum(alone, least_of(rows, who, goals, floor)).sum()


@few
@given(rows=months(), who=callers(), goals=mixes, floor=floors)
def test_a_period_of_one_interval_is_that_interval_by_itself(rows, who, goals, floor):
    rows["period"] = np.arange(len(rows["load"]))
    agents = agents_over(**rows, **who, **goals, floor_service_level=floor)
    alone = agents_for(rows["load"], aht_s=rows["aht_s"], **who, **goals)
    least = least_of(rows, who, goals, floor)
    np.testing.assert_array_equal(agents, np.maximum(alone, least))


@few
@given(rows=months(), who=callers(), goals=levels, floor=floors)
def test_a_month_takes_no_more_than_its_days(rows, who, goals, floor):
    days = agents_over(**rows, **who, **goals, floor_service_level=floor)
    rows["period"] = np.zeros(len(days))
    month = agents_over(**rows, **who, **goals, floor_service_level=floor)
    assert month.sum() <= days.sum()


@few
@given(rows=months(), who=callers(), goals=levels, stricter=st.floats(0.01, 0.9))
def test_a_stricter_target_never_takes_fewer(rows, who, goals, stricter):
    agents = agents_over(**rows, **who, **goals)
    goals["service_level"] += stricter * (0.995 - goals["service_level"])
    assert agents_over(**rows, **who, **goals).sum() >= agents.sum()


@few
@given(rows=months(), who=callers(), goals=mixes, random=st.randoms())
def test_days_are_apart_and_the_order_of_intervals_does_not_matter(
    rows, who, goals, random
):
    agents = agents_over(**rows, **who, **goals)
    for day in np.unique(rows["period"]):
        here = rows["period"] == day
        alone = agents_over(**cut(rows, here), **who, **goals)
        np.testing.assert_array_equal(agents[here], alone)
    order = np.arange(len(agents))
    random.shuffle(order)
    shuffled = agents_over(**cut(rows, order), **who, **goals)
    assert shuffled.sum() == agents.sum()


@pytest.mark.parametrize("rule", RULES)
def test_kpis_are_ratios_of_sums_in_50_digits(rule):
    rows = [(20.0, 22, 300.0, 120.0), (3.0, 5, 240.0, 30.0)]  # last: calls
    load, agents, aht_s, offered = (np.array(x) for x in zip(*rows, strict=True))
    who = {"threshold_s": 30.0}
    if rule is None:
        each = [(erlang.precise(x, [n])[0], h, calls) for x, n, h, calls in rows]
        waits = sum(q.asa_s(h) * calls for q, h, calls in each) / 150
        in_time = sum(q.service_level(h, 30.0) * calls for q, h, calls in each)
        expected = (in_time / 150, waits, waits, 0.0)
    else:
        who |= {"patience_s": 180.0, "sl_rule": rule, "short_abandon_s": 30.0}
        each = [
            (erlang_a.precise(x, n, h, 180.0, 30.0), calls) for x, n, h, calls in rows
        ]

        def total(share):
            return sum(share(queue) * calls for queue, calls in each)

        handled = total(lambda q: 1 - q.abandon_rate)
        in_time = total(lambda q: q.answered_within)
        level = {
            "offered": in_time / 150,
            "handled": in_time / handled,
            "less_short_abandons": in_time / total(lambda q: 1 - q.abandoned_within),
            "answer_rate": handled / 150,
        }[rule]
        asa_s = total(lambda q: (1 - q.abandon_rate) * q.asa_s) / handled
        wait_s = total(lambda q: q.mean_wait_s) / 150
        expected = (level, asa_s, wait_s, 1 - handled / 150)
    kpis = period_kpis(load, offered, agents, np.zeros(2), aht_s=aht_s, **who)
    assert kpis.period.tolist() == [0.0]
    np.testing.assert_allclose(
        np.ravel(kpis[1:]), [float(x) for x in expected], rtol=1e-10, atol=0
    )


def test_an_endless_queue_makes_its_own_period_unknown():
    load, offered = np.array([10.0, 10.0, 10.0]), np.array([60.0, 60.0, 60.0])
    day = np.array(["Mon", "Mon", "Tue"])
    kpis = period_kpis(
        load, offered, np.array([10, 20, 14]), day, aht_s=180.0, threshold_s=20.0
    )
    assert kpis.period.tolist() == ["Mon", "Tue"]
    assert all(np.isnan(values[0]) for values in kpis[1:])
    alone = c.metrics(10.0, 14, aht_s=180.0, threshold_s=20.0)
    tuesday = [values[1] for values in kpis[1:]]
    expected = [alone.service_level, alone.asa_s, alone.asa_s, 0.0]
    np.testing.assert_allclose(tuesday, expected, rtol=1e-14)


def test_no_calls_need_the_fewest_and_have_no_kpis():
    nothing, goals = np.zeros(2), {"service_level": 0.9, "threshold_s": 20.0}
    rows = {"load": nothing, "offered": nothing, "period": nothing, "aht_s": 180.0}
    agents = agents_over(**rows, **goals, low=1)
    assert agents.tolist() == [1, 1]
    assert np.isnan(period_kpis(**rows, agents=agents, **goals)[1:]).all()
    rows |= dict.fromkeys(("load", "offered", "period"), np.zeros(0))
    assert agents_over(**rows, **goals).tolist() == []


DAY = {
    "load": np.array([10.0, 30.0, 10.0]),
    "offered": np.array([60.0, 180.0, 60.0]),
    "period": np.array([0, 0, 1]),
    "aht_s": 300.0,
}
GOALS = {"service_level": 0.8, "threshold_s": 20.0}


def test_few_seats_at_the_peak_are_made_up_for_at_other_times():
    agents = agents_over(**DAY, **GOALS)
    seats = agents_over(**DAY, **GOALS, high=[np.inf, agents[1] - 1, np.inf])
    assert seats[1] == agents[1] - 1
    assert seats[0] > agents[0]
    assert (period_kpis(**DAY, agents=seats, **GOALS).service_level >= 0.8).all()


@pytest.mark.parametrize(
    ("seats", "patience_s"),
    [(31, None), (25, None), (25, 120.0)],  # 25: below the load of the peak
)
def test_a_target_out_of_reach_leaves_each_interval_to_itself(seats, patience_s):
    goals = GOALS | {"patience_s": patience_s}
    agents = agents_over(**DAY, **goals, high=seats)
    alone = agents_for(DAY["load"], aht_s=300.0, **goals)
    assert agents.tolist() == [alone[0], seats, alone[2]]
    level = period_kpis(**DAY, agents=agents, **goals).service_level
    assert not level[0] >= 0.8
    assert level[1] >= 0.8


def test_a_first_agent_who_ends_a_nearly_endless_wait_swallows_no_digits():
    rows = DAY | {"load": np.array([10.0, np.nextafter(30.0, 0.0), 50.0])}
    rows |= {"offered": 6.0 * rows["load"], "period": np.zeros(3)}
    assert agents_over(**rows, asa_s=20.0).tolist() == [13, 35, 56]


def test_a_target_that_a_plan_meets_to_the_last_digit_is_within_reach():
    load = np.array([3.5, 16.8, 3.3, 19.4])
    rows = {"load": load, "offered": np.round(6.0 * load), "period": np.zeros(4)}
    rows["aht_s"] = np.full(4, 300.0)
    goals, who = {"service_level": 0.703592157586246}, {"threshold_s": 20.0}
    agents = agents_over(**rows, **who, **goals)
    least = least_of(rows, who, goals, None)
    fewest = fewest_by_dynamic_programming(rows, who, goals, least, 1e-9)
    assert agents.sum() == fewest


def test_occupancy_alone_holds_in_each_interval():
    agents = agents_over(**DAY, max_occupancy=0.8)
    assert agents.tolist() == [13, 38, 13]


def test_a_floor_needs_the_threshold_that_a_service_level_needs():
    with pytest.raises(ValueError) as raised:  # noqa: PT011 # compared whole below
        agents_over(**DAY, asa_s=20.0, floor_service_level=0.5)
    assert str(raised.value) == (
        "service_level needs threshold_s: the seconds within which that share "
        "is answered."
    )
