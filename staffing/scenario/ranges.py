"""A range of one lever: "volume=-20%..+20%/5%", from, to and step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from forecast.errors import ConfigError
from staffing.scenario.changes import Change, parse_change
from staffing.scenario.values import NUMBER, Amount

MOST = 201
"""Values of a range."""
FORM = re.compile(
    r"(?P<lever>[^=@]+)=(?P<low>[^@]+?)\.\.(?P<high>[^@]+?)/(?P<step>[^@]+?)"
    r"(?P<where>@.+)?"
)


@dataclass(frozen=True)
class Range:
    """The values of one lever, each a change; ``name`` says where it is pulled too."""

    name: str
    changes: tuple[Change, ...]
    amounts: tuple[Amount, ...]

    @property
    def column(self) -> str:
        """Where a table has the numbers: not to be confused with a KPI's column."""
        return f"set_{self.name}"

    @property
    def numbers(self) -> tuple[float, ...]:
        """The amounts as numbers; shares where they are written in percent."""
        return tuple(float(amount.number) for amount in self.amounts)


def parse_range(text: str) -> Range:
    """
    Read LEVER=FROM..TO/STEP, and where: ``volume=-20%..+20%/5%@Energia``.

    FROM, TO and STEP have one unit; where FROM or TO has a sign, all values are
    differences. TO is a value where a step ends on it.

    Raises
    ------
    ConfigError
        It cannot be read, or the lever does not take one of the values.
    """
    found = FORM.fullmatch(text.strip())
    ends = [
        NUMBER.fullmatch(part.strip())
        for part in (found.group("low", "high", "step") if found else ())
    ]
    if found is None or not all(ends):
        raise _fault(text, "must be LEVER=FROM..TO/STEP, all three numbers")
    low, high, step = (Decimal(end["sign"] + end["size"]) for end in ends if end)
    units = {end["unit"] for end in ends if end}
    if len(units) > 1:
        raise _fault(text, "FROM, TO and STEP must have one unit")
    (unit,) = units
    if step <= 0 or low >= high:
        raise _fault(text, "FROM must be below TO, and STEP above 0")
    count = int((high - low) / step) + 1
    if count > MOST:
        raise _fault(text, f"must have at most {MOST} values, but has {count}")
    lever, where = found["lever"].strip(), (found["where"] or "").strip()
    sign = "+" if any(end and end["sign"] for end in ends) else ""
    changes = tuple(
        parse_change(f"{lever}={low + step * number:{sign}f}{unit}{where}")
        for number in range(count)
    )
    amounts = tuple(
        change.value for change in changes if isinstance(change.value, Amount)
    )
    if len(amounts) < count:
        raise _fault(text, f"{lever} does not take plain numbers")
    return Range(f"{lever}{where}", changes, amounts)


def _fault(text: str, rule: str) -> ConfigError:
    return ConfigError(
        f"--sweep {text!r}: {rule}. Write for example --sweep volume=-20%..+20%/5%."
    )
