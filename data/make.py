"""
The sample centre: a seeded generator whose true rates are known.

``python data/make.py [--out DIR]`` writes history.csv and truth.csv and prints the
months' KPIs. README.md beside this file says in words what is computed here.

Every random number comes from a stream of its own day and queue, so a difference in
the last bit of exp() between two machines can change one queue-day, never the rest.
"""

import argparse
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import holidays
import numba
import numpy as np
import pandas as pd

SEED = 2026
FIRST = dt.date(2024, 10, 1)
LAST_HISTORY = dt.date(2026, 11, 30)
LAST_TRUTH = dt.date(2026, 12, 31)
GROWTH_FROM = dt.date(2025, 1, 1)  # growth and drift are 1 on this day

INTERVAL_S = 1800
THRESHOLD_S = 50.0  # answered_within counts waits up to this
OPENS_H = 8  # local clock
CLOSES_H = (20, 20, 20, 20, 20, 14, None)  # Monday … Sunday; None is closed
RUN_LIFT = (1.25, 1.15, 1.08)  # calls on a billing run's day and 2 working days after
AFTER_HOLIDAY = 1.15  # calls on the first open day after a holiday [× normal]

DAY_SD_COMMON = 0.04  # day shock of all queues together [sd of the logarithm]
DAY_SD_OWN = 0.05  # day shock of one queue [sd of the logarithm]
DAY_AR = 0.3  # correlation of a shock with the open day before [1]
INTERVAL_SD = 0.05  # gamma factor of one half-hour [1]
HANDLE_CV = 1.0  # sd / mean of one handle time, log-normal [1]

PLAN_SD_MONTH = 0.015  # planning error shared by a month [1]
PLAN_SD_DAY = 0.02  # planning error of a day [1]
ABSENT_BETA = (2.4, 27.6)  # share of agents absent on a day: mean 0.08, sd 0.05

COMMON, SHOCK, CALLS, PLAN_MONTH, PLAN_DAY = range(5)  # what a stream is for


@dataclass(frozen=True)
class Queue:
    """One queue; shapes are bumps (height, centre [h], width [h]) over a floor of 1."""

    name: str
    index: int  # of its random streams
    peak: float  # calls in the busiest half-hour of an average weekday [contacts]
    growth: float  # calls [1/year]
    season: tuple[float, int, int]  # log amplitude, peaks a year, day of year of one
    weekdays: tuple[float, ...]  # Monday … Saturday, calls at the day's peak [× peak]
    weekday_shape: tuple[tuple[float, float, float], ...]
    saturday_shape: tuple[tuple[float, float, float], ...]
    aht_s: float  # mean handle time [s]
    aht_drift: float  # [1/year]
    aht_swing: float  # longer handling towards the evening, shorter in the morning [1]
    patience_s: float  # mean of the exponential patience [s]
    grade: float  # planned agents above the load, in square roots of the load
    run_months: tuple[int, ...] = ()  # months with a billing run
    run_working_day: int = 0  # of the month, counted from 1: Monday–Friday, no holiday
    shift: tuple[dt.date, float] = (dt.date.max, 1.0)  # from this day on, calls [×]


QUEUES = (
    Queue(
        name="Energia",
        index=1,
        peak=122.0,
        growth=0.03,
        season=(0.13, 1, 20),
        weekdays=(1.10, 1.03, 0.98, 0.97, 0.92, 0.50),
        weekday_shape=((2.4, 10.2, 1.3), (1.5, 15.3, 1.6)),
        saturday_shape=((1.6, 10.6, 1.4),),
        aht_s=300.0,
        aht_drift=0.012,
        aht_swing=0.03,
        patience_s=180.0,
        grade=0.5,
        run_months=tuple(range(1, 13)),
        run_working_day=3,
    ),
    Queue(
        name="Acqua",
        index=2,
        peak=35.0,
        growth=0.02,
        season=(0.10, 1, 200),
        weekdays=(1.07, 1.02, 0.99, 0.98, 0.94, 0.55),
        weekday_shape=((1.9, 9.7, 1.2), (1.4, 15.8, 1.9)),
        saturday_shape=((1.2, 10.0, 1.6),),
        aht_s=260.0,
        aht_drift=-0.01,
        aht_swing=0.04,
        patience_s=200.0,
        grade=0.85,
        run_months=(3, 6, 9, 12),
        run_working_day=10,
        shift=(dt.date(2025, 9, 1), 1.18),
    ),
    Queue(
        name="Ambiente",
        index=3,
        peak=5.2,
        growth=0.04,
        season=(0.14, 2, 110),
        weekdays=(1.12, 1.02, 0.97, 0.95, 0.94, 0.60),
        weekday_shape=((2.0, 9.3, 1.1), (1.0, 14.9, 1.8)),
        saturday_shape=((1.5, 11.0, 1.5),),
        aht_s=220.0,
        aht_drift=0.005,
        aht_swing=0.02,
        patience_s=150.0,
        grade=1.95,
    ),
)


def closing_days(first: dt.date, last: dt.date) -> set[dt.date]:
    """National holidays and Milan's patron saint in the years from first to last."""
    years = range(first.year, last.year + 1)
    return set(holidays.country_holidays("IT", subdiv="MI", years=years))


def working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Monday–Friday without holidays, from first to last, both included."""
    closed = closing_days(first, last)
    days = [day.date() for day in pd.bdate_range(first, last)]
    return [day for day in days if day not in closed]


def billing_runs(queue: Queue, first: dt.date, last: dt.date) -> list[dt.date]:
    """Days of the queue's billing runs from first to last, both included."""
    months = [
        working_days(month.start_time.date(), month.end_time.date())
        for month in pd.period_range(first, last, freq="M")
        if month.month in queue.run_months
    ]
    runs = [days[queue.run_working_day - 1] for days in months]
    return [day for day in runs if first <= day <= last]


def billing_lifts(queue: Queue, first: dt.date, last: dt.date) -> dict[dt.date, float]:
    """Factor on the calls of each day that a billing run of these days lifts."""
    days = working_days(first, last)
    lifts: dict[dt.date, float] = {}
    for run in billing_runs(queue, first, last):
        lifts |= zip(days[days.index(run) :], RUN_LIFT, strict=False)
    return lifts


def open_grid(first: dt.date, last: dt.date) -> pd.DataFrame:
    """One row an open half-hour: day, start, hour of its middle, after_holiday."""
    closed = closing_days(first, last)
    rows, after_holiday = [], False
    for midnight in pd.date_range(first, last):
        day, closes_h = midnight.date(), CLOSES_H[midnight.weekday()]
        if closes_h is None:
            continue
        if day in closed:
            after_holiday = True
            continue
        for start_s in range(OPENS_H * 3600, closes_h * 3600, INTERVAL_S):
            start = midnight + pd.Timedelta(seconds=start_s)
            rows.append((day, start, (start_s + INTERVAL_S / 2) / 3600, after_holiday))
        after_holiday = False
    return pd.DataFrame(rows, columns=["day", "start", "hour", "after_holiday"])


def intraday(
    hour: np.ndarray, bumps: tuple[tuple[float, float, float], ...]
) -> np.ndarray:
    """Shape of a day, 1 + Σ bumps, scaled to 1 in its busiest half-hour."""
    raw = 1 + sum(h * np.exp(-(((hour - c) / w) ** 2) / 2) for h, c, w in bumps)
    return raw / raw.max()


def expected(queue: Queue, grid: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Mean calls of each half-hour before any shock, and their true mean AHT [s]."""
    day, hour = pd.to_datetime(grid["day"]), grid["hour"].to_numpy()
    years = (day - pd.Timestamp(GROWTH_FROM)).dt.days.to_numpy() / 365.25
    amplitude, peaks, peak_day = queue.season
    turn = (day.dt.day_of_year.to_numpy() - peak_day) / 365.25
    calls = queue.peak * (1 + queue.growth) ** years
    calls *= np.exp(amplitude * np.cos(2 * np.pi * peaks * turn))

    weekday = day.dt.day_of_week.to_numpy()
    calls *= np.asarray(queue.weekdays)[weekday]
    for rows, bumps in (
        (weekday < 5, queue.weekday_shape),
        (weekday == 5, queue.saturday_shape),
    ):
        calls[rows] *= intraday(hour[rows], bumps)

    lifts = billing_lifts(queue, grid["day"].min(), grid["day"].max())
    shift_day, shift = queue.shift
    calls *= grid["day"].map(lambda d: lifts.get(d, 1.0)).to_numpy()
    calls *= np.where(grid["after_holiday"], AFTER_HOLIDAY, 1.0)
    calls *= np.where(grid["day"] >= shift_day, shift, 1.0)
    swing = 1 + queue.aht_swing * np.sin(2 * np.pi * (hour - 14) / 24)
    return calls, queue.aht_s * (1 + queue.aht_drift) ** years * swing


def stream(
    seed: int, day: dt.date, queue_index: int, purpose: int
) -> np.random.Generator:
    """The random numbers of one day, queue (0: all together) and purpose."""
    return np.random.default_rng([seed, day.toordinal(), queue_index, purpose])


def ar_path(normals: np.ndarray, sd: float) -> np.ndarray:
    """Stationary AR(1) path with the given sd, from independent standard normals."""
    path = sd * normals
    for n in range(1, len(path)):
        path[n] = DAY_AR * path[n - 1] + np.sqrt(1 - DAY_AR**2) * path[n]
    return path


def day_shocks(seed: int, queue: Queue, days: list[dt.date]) -> np.ndarray:
    """Log-normal factor of mean 1 on each day's calls: common × own."""
    common = np.array([stream(seed, d, 0, COMMON).normal() for d in days])
    own = np.array([stream(seed, d, queue.index, SHOCK).normal() for d in days])
    path = ar_path(common, DAY_SD_COMMON) + ar_path(own, DAY_SD_OWN)
    return np.exp(path - (DAY_SD_COMMON**2 + DAY_SD_OWN**2) / 2)


def agents_on_duty(
    seed: int, queue: Queue, day: dt.date, load_erlang: np.ndarray
) -> np.ndarray:
    """What a square-root plan, its errors and the day's absences leave: at least 1."""
    month = stream(seed, day.replace(day=1), queue.index, PLAN_MONTH)
    today = stream(seed, day, queue.index, PLAN_DAY)
    error = PLAN_SD_MONTH * month.normal() + PLAN_SD_DAY * today.normal()
    present = 1 - today.beta(*ABSENT_BETA)
    expected_present = 1 - ABSENT_BETA[0] / sum(ABSENT_BETA)
    planned = (load_erlang + queue.grade * np.sqrt(load_erlang)) * (1 + error)
    return np.maximum(1, np.rint(planned * present / expected_present)).astype(int)


@numba.njit
def simulate(arrival_s, service_s, patience_s, agents, interval_s):
    """
    Waits of one day's calls: first come first served, agents changing by interval.

    Parameters
    ----------
    arrival_s, service_s, patience_s : float arrays, one value a call
        Arrivals from opening, in order; handle times; longest waits. [s], ≥ 0
    agents : int array, one value an interval
        On duty; the last value holds after closing too, and must be ≥ 1. [agents]
    interval_s : float
        Length of an interval. [s], > 0

    Returns
    -------
    wait_s : float array
        Until answered or, for who abandons, until hanging up. [s]
    answered : bool array

    Notes
    -----
    A call is answered at the first moment when fewer calls are in progress than agents
    are on duty. So where agents go home, the first to be free go, calls are finished.
    """
    wait_s = patience_s.copy()
    answered = np.zeros(len(arrival_s), dtype=np.bool_)
    ends = np.empty(agents.max())  # of the calls in progress: ends[:busy], no order
    busy = 0
    now = 0.0  # until here no agent was free for who waits
    for call in range(len(arrival_s)):
        now = max(now, arrival_s[call])
        while now <= arrival_s[call] + patience_s[call]:
            interval = int(now / interval_s)
            event = (
                np.inf if interval >= len(agents) - 1 else (interval + 1) * interval_s
            )
            slot = 0
            while slot < busy:
                if ends[slot] <= now:
                    busy -= 1
                    ends[slot] = ends[busy]
                else:
                    event = min(event, ends[slot])
                    slot += 1
            if busy < agents[min(interval, len(agents) - 1)]:
                ends[busy] = now + service_s[call]
                busy += 1
                wait_s[call] = now - arrival_s[call]
                answered[call] = True
                break
            now = event
    return wait_s, answered


def run_day(
    rng: np.random.Generator,
    offered: np.ndarray,
    aht_s: np.ndarray,
    patience_s: float,
    agents: np.ndarray,
) -> pd.DataFrame:
    """Simulate one queue's day and count it by interval of arrival."""
    slots = len(offered)
    slot = np.repeat(np.arange(slots), offered)
    arrival_s = np.sort((slot + rng.random(len(slot))) * INTERVAL_S)
    sigma2 = np.log(1 + HANDLE_CV**2)
    service_s = aht_s[slot] * rng.lognormal(-sigma2 / 2, np.sqrt(sigma2), len(slot))
    patience = rng.exponential(patience_s, len(slot))
    wait_s, answered = simulate(arrival_s, service_s, patience, agents, INTERVAL_S)

    def count(weights: np.ndarray) -> np.ndarray:
        return np.bincount(slot, weights, minlength=slots)

    handled, abandoned = count(answered), count(~answered)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the empty cell that is wanted
        return pd.DataFrame(
            {
                "offered": offered,
                "handled": handled.astype(int),
                "abandoned": abandoned.astype(int),
                "answered_within": count(answered & (wait_s <= THRESHOLD_S)).astype(
                    int
                ),
                "aht_s": (count(answered * service_s) / handled).round(1),
                "asa_s": (count(answered * wait_s) / handled).round(1),
                "abandon_wait_s": (count(~answered * wait_s) / abandoned).round(1),
                "agents": agents,
            }
        )


def make_queue(
    seed: int, queue: Queue, grid: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """History and truth of one queue, on the open half-hours of the grid."""
    mean, aht_s = expected(queue, grid)
    past = {
        d: rows for d, rows in grid.groupby("day").indices.items() if d <= LAST_HISTORY
    }
    rate = np.full(len(grid), np.nan)
    parts = []
    shocks = day_shocks(seed, queue, list(past))
    for (day, rows), shock in zip(past.items(), shocks, strict=True):
        rng = stream(seed, day, queue.index, CALLS)
        gamma = rng.gamma(INTERVAL_SD**-2, INTERVAL_SD**2, len(rows))
        rate[rows] = mean[rows] * shock * gamma
        load_erlang = mean[rows] * aht_s[rows] / INTERVAL_S
        agents = agents_on_duty(seed, queue, day, load_erlang)
        offered = rng.poisson(rate[rows])
        parts.append(run_day(rng, offered, aht_s[rows], queue.patience_s, agents))

    keys = pd.DataFrame(
        {
            "queue": queue.name,
            "interval_start": pd.to_datetime(grid["start"]).dt.strftime(
                "%Y-%m-%dT%H:%M"
            ),
        }
    )
    realised = pd.concat(parts, ignore_index=True)
    history = pd.concat([keys.iloc[: len(realised)], realised], axis=1)
    truth = keys.assign(
        offered_mean=mean.round(4), offered_rate=rate.round(4), aht_s=aht_s.round(2)
    )
    return history, truth


def make_centre(
    seed: int = SEED, queues: tuple[Queue, ...] = QUEUES
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    History and truth of a whole centre, as README.md describes their columns.

    Another seed is another draw of shocks, calls and staffing of the same centre.
    """
    grid = open_grid(FIRST, LAST_TRUTH)
    ordered = sorted(queues, key=lambda queue: queue.name)
    made = [make_queue(seed, queue, grid) for queue in ordered]
    history, truth = zip(*made, strict=True)
    return pd.concat(history, ignore_index=True), pd.concat(truth, ignore_index=True)


def monthly_kpis(history: pd.DataFrame) -> pd.DataFrame:
    """Offered, service level, ASA [s] and abandonment of each queue and month."""
    waited_s = history["asa_s"].fillna(0.0) * history["handled"]
    month = history["interval_start"].str[:7].rename("month")
    counts = history[["offered", "handled", "abandoned", "answered_within"]]
    sums = counts.assign(waited_s=waited_s).groupby([history["queue"], month]).sum()
    return pd.DataFrame(
        {
            "offered": sums["offered"],
            "service_level": sums["answered_within"] / sums["offered"],
            "asa_s": sums["waited_s"] / sums["handled"],
            "abandon_rate": sums["abandoned"] / sums["offered"],
        }
    )


def main() -> None:
    """Write both files and print the months' KPIs."""
    parser = argparse.ArgumentParser(description="Write the sample centre's data.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, metavar="DIR"
    )
    out = parser.parse_args().out
    history, truth = make_centre()
    out.mkdir(parents=True, exist_ok=True)
    for name, table in (("history.csv", history), ("truth.csv", truth)):
        table.to_csv(out / name, index=False, lineterminator="\n")
    print(monthly_kpis(history).round(3).to_string())


if __name__ == "__main__":
    main()
