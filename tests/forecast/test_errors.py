import pickle
import re

import pytest

from forecast import errors
from forecast.errors import KEPT, Finding, TableError


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("f.csv", "the file is empty", (), 0), "f.csv: the file is empty."),
        (
            Finding("f.csv", "the file is empty", (), 0, "Export it again."),
            "f.csv: the file is empty. Export it again.",
        ),
        (
            Finding.of("f.csv", "must be odd, but is not", ["row 2 (4)", "row 3 (6)"]),
            "f.csv: must be odd, but is not: row 2 (4); row 3 (6).",
        ),
        (
            Finding.of("f.csv", "must be odd", ["row 2"], "Add one.", count=7),
            "f.csv: must be odd: row 2; and 6 more. Add one.",
        ),
    ],
)
def test_a_finding_says_where_what_the_cases_and_what_to_do(finding, text):
    assert str(finding) == text


def test_a_finding_shows_the_first_cases_and_counts_them_all():
    finding = Finding.of("f.csv", "rule", (f"row {n}" for n in range(100)))
    assert finding.cases == tuple(f"row {n}" for n in range(100))
    assert finding.count == 100
    assert str(finding).endswith("row 19; and 80 more.")


def test_a_finding_does_not_keep_cases_without_end():
    finding = Finding.of("f.csv", "rule", ["row 2"] * (KEPT + 1))
    assert (len(finding.cases), finding.count) == (KEPT, KEPT + 1)


def test_a_table_error_carries_every_finding():
    findings = [Finding("a", "b", (), 1), Finding("c", "d", (), 1, "E.")]
    error = TableError(findings)
    assert str(error) == "a: b.\nc: d. E."
    assert error.findings == tuple(findings)


def test_a_table_error_comes_whole_from_another_process():
    error = TableError([Finding.of("a", "b", ["c", "d"], "E.", count=3)])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(again) is TableError
    assert (str(again), again.findings) == (str(error), error.findings)


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    drawn = dict(re.findall(r"[├└]── (\w+) +(\d+)", errors.__doc__))
    defined = {
        name: str(kind.exit_code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
    assert defined.pop("StaffcastError") == "70"
    assert drawn == defined
