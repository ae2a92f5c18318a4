"""Does a roster keep every rule? Checked by itself: no solver, and absolute times."""

from staffing.roster.verify.found import Violation
from staffing.roster.verify.whole import verify_roster

__all__ = ["Violation", "verify_roster"]
