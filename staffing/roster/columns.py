"""What each shift of a day gives to the cover, by cell and group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, identity, vstack

from staffing.roster.cells import Cell
from staffing.roster.problem import Ints, Need, Problem, Shift
from staffing.roster.shifts import shifts_for

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """
    Shifts that differ in their cover, for each cell and each of its groups.

    ``cell``, ``group`` and ``kind`` have shape (C,), sorted by cell and kind; ``units``
    is (C, G·I): slots at work in each interval of each group.
    """

    shifts: tuple[Shift, ...]
    cell: Ints
    group: Ints
    kind: Ints
    units: csr_array


def columns_of(problem: Problem, cells: tuple[Cell, ...], day: int) -> Columns:
    """The columns of a day; of shifts with the same cover the first one stands."""
    need = problem.need
    blocks: list[csr_array] = []
    shifts: list[Shift] = []
    cell_of: list[int] = []
    group_of: list[int] = []
    known: dict[object, tuple[tuple[Shift, ...], csr_array]] = {}
    for number, cell in enumerate(cells):
        key = (cell.contract, cell.bands)
        if key not in known:
            known[key] = _distinct(
                need, shifts_for(problem, cell.contract, cell.bands, day)
            )
        found, units = known[key]
        for group in cell.groups:
            shifts.extend(found)
            cell_of.extend([number] * len(found))
            group_of.extend([group] * len(found))
            blocks.append(_placed(units, group, len(need.groups)))
    cell_at = np.array(cell_of, dtype=np.int64)
    kind_at = np.array([shift.kind for shift in shifts], dtype=np.int64)
    order = np.lexsort((kind_at, cell_at))
    nothing = csr_array((0, need.units.size), dtype=np.int64)
    return Columns(
        tuple(shifts[place] for place in order),
        cell_at[order],
        np.array(group_of, dtype=np.int64)[order],
        kind_at[order],
        vstack([nothing, *blocks], format="csr")[order],
    )


def slack_of(need: Need, places: Ints) -> tuple[csr_array, Floats, Floats]:
    """
    Missing units by step, then spare ones, as variables of a linear programme.

    ``places`` are those of the flattened (G, I) that are looked at. Returned are what
    the variables add to the units there, what they cost, and how many there can be.
    """
    one = identity(len(places), format="csr", dtype=np.float64)
    matrix = hstack([*[one] * len(need.steps), -one], format="csr")
    cost = [step.cost.ravel()[places] for step in need.steps]
    most = [step.units.ravel()[places] for step in need.steps[:-1]]
    endless = np.full(2 * len(places), np.inf)
    return (
        matrix,
        np.concatenate([*cost, np.full(len(places), need.over)]).astype(np.float64),
        np.concatenate([*most, endless]),
    )


def _placed(units: csr_array, group: int, groups: int) -> csr_array:
    """The units of one group among those of all groups."""
    rows, intervals = units.shape
    moved = (units.data, units.indices + group * intervals, units.indptr)
    return csr_array(moved, shape=(rows, groups * intervals))


def _distinct(
    need: Need, shifts: tuple[Shift, ...]
) -> tuple[tuple[Shift, ...], csr_array]:
    """Shifts of each kind that differ in their units, and the units; (C, I)."""
    first: dict[tuple[int, bytes], int] = {}
    rows, places, values = [], [], []
    for number, shift in enumerate(shifts):
        covered, units = _units(need, shift)
        key = (shift.kind, covered.tobytes() + units.tobytes())
        if key in first:
            continue
        rows.append(np.full(len(covered), len(first)))
        first[key] = number
        places.append(covered)
        values.append(units)
    shape = (len(first), len(need.starts))
    if not first:
        return (), csr_array(shape, dtype=np.int64)
    flat = (np.concatenate(rows), np.concatenate(places))
    matrix = csr_array((np.concatenate(values), flat), shape=shape, dtype=np.int64)
    return tuple(shifts[number] for number in first.values()), matrix


def _units(need: Need, shift: Shift) -> tuple[Ints, Ints]:
    """The intervals in which a shift is at work, and its slots of work in each."""
    work = np.ones(shift.end - shift.start, dtype=bool)
    for start, end, _ in shift.breaks:
        work[start - shift.start : end - shift.start] = False
    slots = shift.start + np.flatnonzero(work)
    place = np.searchsorted(need.starts, slots, side="right") - 1
    inside = (place >= 0) & (slots < need.starts[np.maximum(place, 0)] + need.slots)
    covered, units = np.unique(place[inside], return_counts=True)
    return covered, units.astype(np.int64)
