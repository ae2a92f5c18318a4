"""From the forecast to the agents that each interval needs."""

from staffing.requirement.intervals import requirement_for
from staffing.requirement.monthly import monthly_for
from staffing.requirement.rules import Rules

__all__ = ["Rules", "monthly_for", "requirement_for"]
