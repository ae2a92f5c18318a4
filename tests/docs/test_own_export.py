"""The README's recipe for one's own export, followed to the letter."""

import re
import textwrap

import numpy as np
import pandas as pd
import pytest
from docs.readme import README

from staffing.pipeline import plan_month

HOURS = """
[hours]
mon-fri = "08:00-18:00"
"""


@pytest.fixture
def folder(tmp_path):
    """The recipe's plan.toml, and ten weeks of an Italian export as it says."""
    block = re.search(r"   ```toml\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "plan.toml").write_text(textwrap.dedent(block[1]) + HOURS)
    starts = pd.date_range("2026-08-03", "2026-10-09 17:30", freq="30min")
    starts = starts[(starts.day_of_week < 5) & (starts.hour >= 8) & (starts.hour < 18)]
    rng = np.random.default_rng(1)
    lines = ["Coda;Inizio;Offerte;Gestite;TMC;Supervisore"]
    for queue, mean in (("Attività", 1500), ("Reclami", 0.7)):
        for start in starts:
            offered = rng.poisson(mean)
            if offered:
                shown = f"{offered:,}".replace(",", ".")
                lines.append(
                    f"{queue};{start:%d/%m/%Y %H:%M};{shown};{shown};240,5;Rossi"
                )
    lines.append(f"TOTALE;{starts[-1]:%d/%m/%Y %H:%M};999.999;1;1;")
    (tmp_path / "export.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    return tmp_path


def test_the_recipe_reads_thousands_days_before_months_and_absent_rows(folder):
    plan = plan_month(folder / "plan.toml")
    assert plan.month == "2026-11"
    monthly = plan.monthly.set_index("queue")
    assert list(monthly.index) == ["Attività", "Reclami"]
    intervals = 21 * 20  # weekdays of November 2026 × half-hours
    assert monthly.loc["Attività", "offered"] == pytest.approx(
        1500 * intervals, rel=0.01
    )
    assert monthly.loc["Reclami", "offered"] == pytest.approx(0.7 * intervals, rel=0.15)
    assert monthly["aht_s"].tolist() == pytest.approx([240.5, 240.5])
