"""Totals of a file: checked against the sums of what they are totals of, and left out; output is kept to compare."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gvckit.errors import GvcWarning
from gvckit.readers.labelled import Kinds, Labelled, Pair
from gvckit.readers.words import is_total
from gvckit.table.data import Matrix

#: A line that is named as a total is one if it is off from a sum by at most this share.
_NEAR = 1e-2


@dataclass
class Sides:
    """Numbers of rows and columns that are named as totals or discrepancies, in the order of the industries."""

    rows: Matrix
    columns: Matrix
    discrepancies: Matrix


def checked(
    found: Labelled, kinds: Kinds, names: list[str], z: Matrix, y: Matrix, sides: Sides, trusted: bool
) -> tuple[Matrix | None, list[str]]:
    """The file's output, if it has one, and what was dropped.

    ``trusted`` totals, which the caller has named, are left out whatever they are.
    """
    sums = _Sums(kinds, names, z, y)
    x, dropped = None, []
    for k, place in enumerate(kinds.total_columns):
        pair = found.columns[place]
        of, gap = sums.nearest_column(pair, sides.columns[:, k])
        if of == "output" and x is None and (gap <= _NEAR or not sums.is_partial(pair)):
            x = sides.columns[:, k].copy()
        elif gap > _NEAR and not trusted:
            _refuse(found, "column", pair, sums, gap)
        dropped.append(f"column {found.name(pair)}")
    for k, place in enumerate(kinds.total_rows):
        pair = found.rows[place]
        gap = sums.nearest_row(pair, sides.rows[k])
        if gap > _NEAR and not trusted:
            _refuse(found, "row", pair, sums, gap)
        dropped.append(f"row {found.name(pair)}")
    for k, place in enumerate(kinds.discrepancies):
        dropped.append(f"column {found.name(found.columns[place])} (sums to {sides.discrepancies[:, k].sum():.6g})")
    return x, dropped


def _refuse(found: Labelled, what: str, pair: Pair, sums: _Sums, gap: float) -> None:
    """A part's total that is no sum is refused; one of everything may hold what the table doesn't show."""
    told = f"the {what} {found.name(pair)} is named as a total, and is off from every sum by {gap:.1%} or more"
    if sums.is_partial(pair):
        raise found.error(
            f"{told}: if it is a sector or final demand, say totals=() in gk.read_table; if it is to be left out, "
            f"totals=[{next(filter(is_total, pair), pair[1] or pair[0])!r}]"
        )
    warnings.warn(f"{found.cells.path}: {told}; it is left out", GvcWarning, stacklevel=4)


class _Sums:
    """Sums that a line of totals may be."""

    def __init__(self, kinds: Kinds, names: list[str], z: Matrix, y: Matrix) -> None:
        self.regions, self.codes, self.names = kinds.regions, kinds.codes, names
        self.z, self.y = z, y
        self.inputs, self.demand = z.sum(axis=1), y.sum(axis=1)
        self.output = self.inputs + self.demand

    def is_partial(self, pair: Pair) -> bool:
        """Whether a total is of one region, sector or category."""
        return pair[0] in self.regions or pair[1] in (*self.codes, *self.names)

    def nearest_column(self, pair: Pair, values: Matrix) -> tuple[str, float]:
        """Which sum a column is nearest to, and by what share it is off."""
        region, code = pair
        n, f = len(self.codes), len(self.names)
        sums = {"output": self.output, "inputs": self.inputs, "final demand": self.demand}
        if region in self.regions:
            r = self.regions.index(region)
            bought, used = self.z[:, r * n : (r + 1) * n].sum(axis=1), self.y[:, r * f : (r + 1) * f].sum(axis=1)
            sums |= {"inputs of the region": bought, "demand of the region": used, "uses of the region": bought + used}
        elif code in self.codes:
            sums = {"inputs of the sector": self.z[:, self.codes.index(code) :: n].sum(axis=1)}
        elif code in self.names:
            sums = {"demand of the category": self.y[:, self.names.index(code) :: f].sum(axis=1)}
        gaps = {name: _gap(values, wanted) for name, wanted in sums.items()}
        if not self.is_partial(pair) and min(gaps.values()) > _NEAR:
            return "output", gaps["output"]
        nearest = min(gaps, key=gaps.__getitem__)
        return nearest, gaps[nearest]

    def nearest_row(self, pair: Pair, values: Matrix) -> float:
        """By what share a row is off from the sum that it is nearest to."""
        region, code = pair
        n = len(self.codes)
        sums = [self.z.sum(axis=0), self.output]
        if region in self.regions:
            r = self.regions.index(region)
            sums.append(self.z[r * n : (r + 1) * n].sum(axis=0))
        elif code in self.codes:
            sums = [self.z[self.codes.index(code) :: n].sum(axis=0)]
        return min(_gap(values, wanted) for wanted in sums)


def _gap(values: Matrix, wanted: Matrix) -> float:
    size = np.abs(wanted).sum()
    gap = float(np.abs(values - wanted).sum())
    return gap / float(size) if size else gap
