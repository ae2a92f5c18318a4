"""[costs] of plan.toml: what people and missed targets cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from staffing.config.parts import Part


class CostsPart(Part):
    """
    Money, in one currency.

    ``per_hour`` is for a paid hour of a person; ``penalty`` for each day that misses
    its targets, or month, where they hold over months.
    """

    per_hour: Annotated[float, Field(gt=0, le=100_000)] | None = None
    penalty: Annotated[float, Field(ge=0, le=1e9)] | None = None
    currency: Annotated[str, Field(min_length=1, max_length=10)] = "EUR"
