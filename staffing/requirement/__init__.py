"""From the forecast to the agents that each interval needs."""

from staffing.requirement.intervals import requirement_for
from staffing.requirement.monthly import monthly_for

__all__ = ["monthly_for", "requirement_for"]
