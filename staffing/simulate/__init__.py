"""
Event simulation of one pool of agents: oracle of the formulas, replay of a day.

Every agent answers every queue, first come first served over all of them. A call is
answered at the first moment when fewer calls are in progress than agents are on duty:
who goes home at an interval's end finishes the call. The agents of the last interval
stay until the queue is empty; where it has none, its end ends all waiting.
"""

from staffing.simulate.measures import Estimate, Kpis, kpis, level_of
from staffing.simulate.replay import Calls, Replay
from staffing.simulate.serve import Result, simulate

__all__ = [
    "Calls",
    "Estimate",
    "Kpis",
    "Replay",
    "Result",
    "kpis",
    "level_of",
    "simulate",
]
