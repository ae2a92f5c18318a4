"""Two kept plans side by side: calls, hours and people, and what they were made of."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from forecast.errors import ConfigError, Finding, TableError
from staffing.store.run import Run

MONTHLY = "monthly.csv"
FIGURES = {"offered": "sum", "agent_hours": "sum", "paid_hours": "sum", "fte": "mean"}
"""What is compared, and how a plan's months go together."""


def compare_plans(first: Run, second: Run) -> pd.DataFrame:
    """
    One row for each queue and figure of two plans, and for all queues together.

    ``difference`` is second − first, ``change`` its share of first; both are NaN where
    one of the plans lacks the queue.

    Raises
    ------
    ConfigError
        One of them is no plan.
    TableError
        Its months are not those of a plan.
    """
    before, after = _by_queue(first), _by_queue(second)
    queues = sorted({*before.index, *after.index})
    both = pd.concat(
        [
            pd.concat([table.reindex(queues), table.sum().to_frame("all").T])
            .rename_axis("queue")
            .reset_index()
            .melt("queue", var_name="figure", value_name=name, ignore_index=False)
            .set_index(["queue", "figure"], append=True)
            for name, table in (("first", before), ("second", after))
        ],
        axis=1,
    )
    both = both.sort_index(level=0, kind="stable", sort_remaining=False)
    both["difference"] = both["second"] - both["first"]
    both["change"] = both["difference"] / both["first"]
    return both.droplevel(0).reset_index()


def _by_queue(run: Run) -> pd.DataFrame:
    if MONTHLY not in run.files:
        raise ConfigError(
            f"only plans and scenarios can be compared, by their {MONTHLY}, which "
            f"this {run.kind} does not have. staffcast plans list shows what is which."
        )
    try:
        monthly = pd.read_csv(
            io.BytesIO(run.files[MONTHLY]),
            usecols=["queue", *FIGURES],
            dtype={"queue": "str", **dict.fromkeys(FIGURES, "float64")},
            keep_default_na=False,
            na_values={figure: [""] for figure in FIGURES},
        )
    except ValueError as error:
        rule = f"queue and the numbers {', '.join(FIGURES)} must be there, but are not"
        raise TableError([Finding(MONTHLY, rule, (), 0, "Plan it again.")]) from error
    return monthly.groupby("queue").agg(FIGURES)


def differences(first: Run, second: Run) -> list[str]:
    """What differs in what two runs were made of, each as key: first → second."""
    before, after = (
        {
            key: value
            for part in ("month", "scenario", "parameters", "sources", "versions")
            for key, value in _leaves(run.facts.get(part, {}), part)
        }
        for run in (first, second)
    )
    return [
        f"{key}: {_shown(before.get(key))} → {_shown(after.get(key))}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """The values of nested tables by their keys, joined with points."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{key}.{name}")
    else:
        yield key, value


def _shown(value: Any) -> str:
    """A value as text, of a hash its beginning."""
    text = "–" if value is None else str(value)
    return text[:12] if len(text) == 64 else text
