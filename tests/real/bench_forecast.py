"""
Scores forecasts of real centres' past, and writes the tables into the README.

``make bench-forecast`` runs it. The data may be measured with, not passed on: they are
not in this repository, and without them the README stays as it is.
"""

import datetime as dt
import os
import platform
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from forecast.backtest import BASELINES, Days, backtest
from forecast.blocks import BLOCK, MONTH
from forecast.engine import ONE_THREAD
from forecast.models import DEFAULT, MODELS
from forecast.scores import KEY, accuracy_by, by_cuts, summary_table, sums_by
from staffing.config import read_config
from staffing.inputs import on_grid, read_rows

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
PACKAGES = ("staffcast", "numpy", "pandas", "prophet", "statsmodels")
OVER = (*(model.name for model in BASELINES), "prophet")
FORTNIGHT = pd.DateOffset(days=14)


@dataclass(frozen=True)
class Bench:
    """A centre's history, and the cutoffs and days on which forecasts are scored."""

    config: str
    title: str
    first: dt.date
    step: pd.DateOffset = FORTNIGHT
    block: pd.DateOffset = BLOCK
    blocks: int = 1
    days: Days = "all"

    @property
    def history(self) -> Path:
        """Where the data are looked for."""
        path = HERE / self.config
        return path.parent / read_config(path).history


BANK = "Israeli bank (Anonymous Bank, Technion), all arrivals by half-hour, 1999: "
BENCHES = (
    Bench(
        "us_bank.toml",
        "North American bank (fpp3 bank_calls), half-hours, 2003: 28 days ahead",
        dt.date(2003, 5, 12),
    ),
    Bench(
        "anonymous_bank_counts.toml",
        BANK + "28 days ahead, days that are no holiday, eve or festival",
        dt.date(1999, 3, 21),
        days="regular",
    ),
    Bench(
        "anonymous_bank_counts.toml",
        BANK + "28 days ahead, all days",
        dt.date(1999, 3, 21),
    ),
    Bench(
        "vancouver_311.toml",
        "Vancouver 3-1-1, days, 2012 to 2021: calendar months 1, 2 and 3 ahead",
        dt.date(2012, 1, 1),
        step=pd.DateOffset(months=3),
        block=MONTH,
        blocks=3,
    ),
)


def main() -> None:
    """Score every bench and write the README anew; say so where data are missing."""
    absent = sorted(
        {str(b.history.resolve()) for b in BENCHES if not b.history.exists()}
    )
    if absent:
        sys.exit(f"README.md stays as it is: there is no {', no '.join(absent)}.")
    os.environ.update(ONE_THREAD)  # for the processes that are begun
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        scored = list(pool.map(scored_points, BENCHES))
    parts = [versions(dt.date.today())]
    for bench, points in zip(BENCHES, scored, strict=True):
        parts += [f"**{bench.title}**", *tables(points, DEFAULT)]
    text = with_results(README.read_text(encoding="utf-8"), "\n\n".join(parts))
    README.write_text(text, encoding="utf-8")
    print("\n\n".join(parts))


def scored_points(bench: Bench) -> pd.DataFrame:
    """The points of all models; of a daily series, days and months."""
    config = read_config(HERE / bench.config)
    rows = read_rows(config, bench.history)
    end = rows.frame["interval_start"].max().date()
    points = backtest(
        on_grid(config, rows, end, bench.history.name),
        MODELS.values(),
        first=bench.first,
        step=bench.step,
        block=bench.block,
        blocks=bench.blocks,
        days=bench.days,
        seed=config.seed,
    )
    daily = config.interval_s == 86_400
    return points[points["grain"] != "interval"] if daily else points


def versions(today: dt.date) -> str:
    """When it was measured, and with what."""
    known = [f"Python {platform.python_version()}"]
    known += [f"{name} {version(name)}" for name in PACKAGES]
    return f"Measured on {today}: {', '.join(known)}."


def tables(points: pd.DataFrame, main: str) -> list[str]:
    """Measures of all models; gains and coverage by volume of the main one."""
    summary = summary_table(sums_by(points, KEY), OVER, seed=1)
    return [_measures(summary), _gains(summary, main), _quarters(points, main)]


def _measures(summary: pd.DataFrame) -> str:
    head = (
        "grain", "months ahead", "model", "cutoffs", "WAPE", "bias", "MASE", "pinball",
        "in P10–P90", "in P2.5–P97.5", "noise floor", "WAPE, days known",
    )  # fmt: skip
    rows = [
        (
            row["grain"],
            str(row["horizon"]),
            row["model"],
            str(row["cutoffs"]),
            _percent(row["wape"]),
            _percent(row["bias"], "+.1f"),
            f"{row['mase']:.2f}",
            f"{row['pinball']:,.1f}",
            _percent(row["interval_coverage"]),
            _percent(row["interval_coverage_95"]),
            _percent(row["noise_floor"]),
            _percent(row["wape_day_known"]),
        )
        for row in summary.to_dict("records")
    ]
    return markdown(head, rows)


def _gains(summary: pd.DataFrame, main: str) -> str:
    """Gains with the limits of the block bootstrap."""
    rows = []
    for row in summary[summary["model"] == main].to_dict("records"):
        gains = [
            f"{_percent(row[f'gain_over_{name}'])} "
            f"({_percent(row[f'gain_over_{name}_low'])} to "
            f"{_percent(row[f'gain_over_{name}_high'])})"
            for name in OVER
        ]
        rows.append((row["grain"], str(row["horizon"]), *gains))
    head = ("grain", "months ahead", *(f"gain of {main} over {name}" for name in OVER))
    return markdown(head, rows)


def _quarters(points: pd.DataFrame, main: str) -> str:
    """Share inside P10 to P90 by quarter of the forecasts, the quietest first."""
    mine = points[(points["model"] == main) & (points["grain"] != "month")]
    table = accuracy_by(by_cuts(mine), ["grain", "quarter"])
    rows = []
    for grain, part in table.groupby("grain", sort=False):
        shares = part.set_index("quarter")["interval_coverage"].reindex(range(1, 5))
        rows.append((str(grain), *(_percent(share) for share in shares)))
    words = ("least", "second", "third", "most")
    head = ("grain", *(f"in P10–P90, {name} volume" for name in words))
    return markdown(head, rows)


def _percent(share: float, form: str = ".1f") -> str:
    return "–" if pd.isna(share) else f"{format(100 * share, form)} %"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_results(text: str, results: str) -> str:
    """The text with the results between their markers, and nothing else changed."""
    pattern = r"(?<=<!-- results -->\n).*?(?=\n?<!-- /results -->)"
    made, count = re.subn(pattern, lambda _: results, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"the markers of the results must be there once, not {count}")
    return made


if __name__ == "__main__":
    main()
