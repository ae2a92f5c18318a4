import resource
from functools import partial
from importlib.metadata import version
from time import process_time

import numpy as np
import pytest
from pyworkforce import queuing
from pyworkforce.queuing import ErlangC

from staffing.erlang.a import metrics as patient_metrics
from staffing.erlang.c import metrics
from staffing.erlang.solve import agents_for

ROUNDS = 4
INTERVAL_S = 1800
YEAR_OF_100_QUEUES = 1_752_000  # 365 days of 48 half-hours
STRICT = {"service_level": 0.95, "threshold_s": 20.0}
LOOSE = {"service_level": 0.2, "threshold_s": 20.0}
JOINT = STRICT | {"asa_s": 50.0, "max_occupancy": 0.85}


def peer_agents(
    calls, aht_s, *, service_level, threshold_s, asa_s=None, max_occupancy=1.0
):
    """pyworkforce, which calls the threshold ``asa`` and knows no target for asa_s."""
    return [
        ErlangC(
            transactions=n, aht=h, asa=threshold_s, interval=INTERVAL_S
        ).required_positions(service_level, max_occupancy)["raw_positions"]
        for n, h in zip(calls.tolist(), aht_s.tolist(), strict=True)
    ]


def best_cpu_s(*jobs):
    """CPU seconds of each job: the best of interleaved rounds, of 50 ms or one run."""
    best = [np.inf] * len(jobs)
    for _ in range(ROUNDS):
        for i, job in enumerate(jobs):
            start, runs, cpu_s = process_time(), 0, 0.0
            while cpu_s < 0.05:
                job()
                runs, cpu_s = runs + 1, process_time() - start
            best[i] = min(best[i], cpu_s / runs)
    return best


def assert_fewest(load, agents, *, aht_s, threshold_s, **targets):
    """Enough, and one fewer is not."""

    def is_enough(n):
        kpi = metrics(load, n, aht_s=aht_s, threshold_s=threshold_s)
        return (
            (kpi.service_level >= targets["service_level"])
            & (kpi.asa_s <= targets.get("asa_s", np.inf))
            & (load <= n * targets.get("max_occupancy", 1.0))
        )

    assert is_enough(agents).all()
    assert not is_enough(agents - 1).any()


@pytest.mark.bench
def test_agents_for_against_pyworkforce():
    rng = np.random.default_rng(20261201)
    calls = rng.integers(1, 601, size=1000)
    aht_s = rng.uniform(180.0, 600.0, size=1000)
    load = calls * aht_s / INTERVAL_S
    year = rng.integers(0, 1000, size=YEAR_OF_100_QUEUES)
    agents_for(load, aht_s=aht_s, **JOINT)  # compiled, or read from the cache

    print(f"\nThe peer: pyworkforce {version('pyworkforce')}")
    print(f"{'intervals per CPU-second':52}{'agents_for':>10}{'peer':>8}{'×':>6}")
    for name, targets in (
        ("SL .95 in 20 s", STRICT),
        ("SL .95 in 20 s, ASA 50 s, occupancy .85", JOINT),
        ("SL .20 in 20 s", LOOSE),
    ):
        ours_s, peer_s, year_s = best_cpu_s(
            partial(agents_for, load, aht_s=aht_s, **targets),
            partial(peer_agents, calls, aht_s, **targets),
            partial(agents_for, load[year], aht_s=aht_s[year], **targets),
        )
        for count, cpu_s in ((len(load), ours_s), (len(year), year_s)):
            print(
                f"{f'{name}, {count:,}':52}{count / cpu_s:10,.0f}"
                f"{len(load) / peer_s:8,.0f}{peer_s / len(load) * count / cpu_s:6,.0f}"
            )
        ours = agents_for(load, aht_s=aht_s, **targets)
        peer = np.array(peer_agents(calls, aht_s, **targets))
        print(f"  the peer asks for one more in {(peer > ours).sum()} of {len(load)}")
        assert_fewest(load, ours, aht_s=aht_s, **targets)
        # It starts its search at round(load + 1), which may be one too many. That
        # it cannot be asked for an ASA changes nothing here: the ASA never binds.
        assert ((peer == ours) | (peer == ours + 1)).all()


ANSWERED = {"service_level": 0.95, "asa_s": 50.0, "sl_rule": "answer_rate"}
PATIENCE_S = 180.0


def assert_fewest_where_callers_hang_up(load, agents, *, aht_s, sl_rule, **targets):
    """Enough, and one fewer is not."""
    who = {"aht_s": aht_s, "patience_s": PATIENCE_S, "sl_rule": sl_rule}
    threshold_s = targets.get("threshold_s", 0.0)

    def is_enough(n):
        kpi = patient_metrics(load, n, **who, threshold_s=threshold_s)
        in_time = kpi.asa_s <= targets.get("asa_s", np.inf)
        return (kpi.service_level >= targets["service_level"]) & in_time

    assert is_enough(agents).all()
    assert not is_enough(agents - 1).any()


@pytest.mark.bench
def test_a_year_of_100_queues_with_callers_who_hang_up():
    rng = np.random.default_rng(20261201)
    aht_s = rng.uniform(180.0, 600.0, size=YEAR_OF_100_QUEUES)
    load = rng.integers(1, 601, size=YEAR_OF_100_QUEUES) * aht_s / INTERVAL_S
    print(f"\n{'Erlang A, 1,752,000 intervals':52}{'seconds':>10}{'a second':>12}")
    for name, targets in (
        ("95 % answered, ASA 50 s", ANSWERED),
        ("SL .95 in 50 s", STRICT | {"threshold_s": 50.0, "sl_rule": "offered"}),
        ("SL .95 in 20 s", STRICT | {"sl_rule": "offered"}),
    ):
        solve = partial(agents_for, aht_s=aht_s, patience_s=PATIENCE_S, **targets)
        solve(load[:1], aht_s=aht_s[:1])  # compiled, or read from the cache
        start = process_time()
        agents = solve(load)
        cpu_s = process_time() - start
        print(f"{name:52}{cpu_s:10.1f}{len(load) / cpu_s:12,.0f}")
        some = slice(0, 100_000)
        assert_fewest_where_callers_hang_up(
            load[some], agents[some], aht_s=aht_s[some], **targets
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory of the process, MB':52}{peak:10,.0f}")


def peer_agents_where_callers_hang_up(calls, aht_s):
    return [
        queuing.ErlangA(
            transactions=n,
            aht=h,
            asa=STRICT["threshold_s"],
            interval=INTERVAL_S,
            patience=PATIENCE_S,
        ).required_positions(STRICT["service_level"])["raw_positions"]
        for n, h in zip(calls.tolist(), aht_s.tolist(), strict=True)
    ]


@pytest.mark.bench
@pytest.mark.skipif(
    not hasattr(queuing, "ErlangA"),
    reason="pyworkforce has Erlang A from 0.5.4 on, which needs Python >= 3.12",
)
def test_agents_for_with_callers_who_hang_up_against_pyworkforce():
    rng = np.random.default_rng(20261202)
    calls, aht_s = rng.integers(1, 601, size=1000), rng.uniform(180.0, 600.0, size=1000)
    load, few = calls * aht_s / INTERVAL_S, slice(0, 10)
    year = rng.integers(0, 1000, size=YEAR_OF_100_QUEUES)

    def solve(rows):
        who = {"aht_s": aht_s[rows], "patience_s": PATIENCE_S}
        return agents_for(load[rows], **who, **STRICT)

    solve(few)  # compiled, or read from the cache
    start = process_time()
    peer = peer_agents_where_callers_hang_up(calls[few], aht_s[few])
    peer_s = (process_time() - start) / len(peer)
    print(f"\nThe peer: pyworkforce {version('pyworkforce')}, {len(peer)} intervals")
    print(f"{'Erlang A, intervals per CPU-second':52}{'ours':>10}{'peer':>8}{'×':>10}")
    every = np.arange(len(load))
    times_s = best_cpu_s(partial(solve, every), partial(solve, year))
    for rows, cpu_s in zip((every, year), times_s, strict=True):
        print(
            f"{f'SL .95 in 20 s, {len(rows):,}':52}{len(rows) / cpu_s:10,.0f}"
            f"{1 / peer_s:8,.2f}{peer_s * len(rows) / cpu_s:10,.0f}"
        )
    np.testing.assert_array_equal(solve(few), peer)
