import datetime as dt
import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from forecast.errors import OutputError
from staffing.audit import audit_requirement
from staffing.audit.steady import Agreement, Deviation
from staffing.report.audit import audit_page, plot_audit_day, pool_table, write_audit
from staffing.requirement import requirement_for
from staffing.requirement.rules import Rules

HOSTILE = "<script>alert('1')</script>"


def forecast_of(queue, offered):
    start = pd.date_range("2026-03-02 09:00", periods=6, freq="30min", unit="s")
    offered = np.full(6, float(offered))
    return pd.DataFrame(
        {
            "queue": queue,
            "interval_start": start.tz_localize("Europe/Rome"),
            "model": "sma",
            "interval_s": 1800,
            "offered": offered,
            "offered_p10": 0.8 * offered,
            "offered_p90": 1.2 * offered,
            "aht_s": 200.0,
        }
    )


@pytest.fixture(scope="module")
def audit():
    rules = Rules()
    forecast = pd.concat([forecast_of("Sales", 60), forecast_of(HOSTILE, 0)])
    return audit_requirement(
        requirement_for(forecast.reset_index(drop=True), rules),
        forecast,
        targets=rules.targets,
        patience_s=None,
        seed=1,
        replications=20,
    )


def test_the_pools_sum_up_the_intervals(audit):
    pools = pool_table(audit).set_index("queue")
    assert pools.index.tolist() == [HOSTILE, "Sales", "all"]
    sales = audit.table[audit.table["queue"] == "Sales"]
    row = pools.loc["Sales"]
    assert row["intervals"] == len(sales)
    assert row["agent_hours"] == sales["agents"].sum() / 2
    for other in ("erlang_c", "pyworkforce"):
        assert row[f"{other}_hours"] == sales[f"agents_{other}"].sum() / 2
    assert np.isnan(row["erlang_a_hours"])
    assert row["service_level"] == pytest.approx(
        np.average(sales["service_level"], weights=sales["offered"])
    )
    assert row["worst_service_level"] == sales["day_service_level"].min()
    assert pd.isna(pools.loc[HOSTILE, "worst_at"])


@pytest.mark.parametrize(
    ("kpi", "y"), [("service_level", "service level [%]"), ("asa_s", "ASA [s]")]
)
def test_the_picture_shows_planned_and_both_simulations(audit, kpi, y):
    rows = audit.table[audit.table["queue"] == "Sales"]
    figure = Figure(figsize=(10, 3.4))
    ax = figure.add_subplot()
    assert plot_audit_day(ax, rows, kpi) is ax
    figure.savefig(io.BytesIO(), format="svg")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("local time [h]", y)
    assert ax.get_title(loc="left") == "Sales, Mon 02/03, ± 1.96 standard errors"
    assert [text.get_text() for text in ax.get_legend().texts] == [
        "planned",
        "simulated: the interval by itself",
        "simulated: in its day",
    ]
    steady, day = (bars.lines[0] for bars in ax.containers if hasattr(bars, "has_yerr"))
    for bars, name in ((steady, "steady"), (day, "day")):
        shown = np.asarray(bars.get_ydata(), dtype=float)
        np.testing.assert_array_equal(shown, rows[f"{name}_{kpi}"])
    assert steady.get_marker() != day.get_marker()  # reads in grey


def test_the_page_says_the_verdict_and_names_stay_text(audit, quick_pictures):
    page = audit_page(audit, "2026-03")
    assert audit.verdict in page
    assert "<h1>Audit of the plan 2026-03</h1>" in page
    assert "<script" not in page
    assert page.count("<img") == 1  # nobody calls the other pool
    assert "No calls are expected." in page
    heads = re.findall("<th>(.*?)</th>", page)
    assert {"standard error of the ASA [s]", "agents by Erlang A"} <= {*heads}
    assert not [head for head in heads if re.search(r"\bse?\b(?!\])", head)]
    assert not re.search(r"(?:href|src)=\"(?!data:)", page)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower()
    assert page == audit_page(audit, "2026-03")
    assert 'class="warn"><strong>' not in page


def test_the_page_warns_where_they_disagree(audit, quick_pictures):
    far = Deviation("Sales 2026-03-02 09:00", "asa_s", 1.0, 9.0, 0.1)
    wrong = replace(audit, agreement=Agreement(6, 14, far))
    assert 'class="warn"><strong>' in audit_page(wrong, "2026-03")
    assert wrong.exit_code == 1


def test_both_files_are_written_and_read_back(audit, quick_pictures, tmp_path):
    folder = tmp_path / "new" / "audit"
    files = write_audit(audit, "2026-03", folder)
    assert [path.name for path in files] == ["audit.csv", "audit.html"]
    assert sorted(folder.iterdir()) == files
    table = pd.read_csv(files[0])
    assert table["day_service_level"].tolist() == pytest.approx(
        audit.table["day_service_level"].tolist(), nan_ok=True
    )
    first = dt.datetime.fromisoformat(table["interval_start"][0])
    assert first == audit.table["interval_start"][0]


def test_a_folder_that_cannot_be_made_is_said(audit, quick_pictures, tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(OutputError) as caught:
        write_audit(audit, "2026-03", place)
    assert str(caught.value) == (
        f"{place} could not be written (File exists). Free space or choose another "
        "folder with --out."
    )
