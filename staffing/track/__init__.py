"""The running day against its plan: what came, what is to come, who is missing."""

from staffing.track.day import Tracked, track_day

__all__ = ["Tracked", "track_day"]
