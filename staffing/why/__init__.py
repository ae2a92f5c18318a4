"""Why the KPIs are not as planned, and what would have helped."""

from staffing.why.causes import (
    KPIS,
    PLANNED,
    REALISED,
    REPLAYED,
    World,
    causes_of,
    variants,
)
from staffing.why.levers import Lever, lever_sentence, levers_of

__all__ = [
    "KPIS",
    "PLANNED",
    "REALISED",
    "REPLAYED",
    "Lever",
    "World",
    "causes_of",
    "lever_sentence",
    "levers_of",
    "variants",
]
