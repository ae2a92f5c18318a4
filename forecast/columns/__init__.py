"""Every column of every table, by its name in capitals."""

from forecast.columns.calls import *  # noqa: F403 - every column has its name here
from forecast.columns.column import Column
from forecast.columns.roster import *  # noqa: F403 - as above
from forecast.columns.staffing import *  # noqa: F403 - as above

ALL = tuple(value for value in vars().values() if isinstance(value, Column))


def glossary() -> str:
    """Every column as a Markdown table, for the README."""
    rows = [f"| `{c.name}` | {c.unit} | {c.meaning} |" for c in ALL]
    return "\n".join(["| column | unit | meaning |", "|---|---|---|", *rows])
