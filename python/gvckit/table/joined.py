"""A table with its regions in economies: processing zones joined, or groups of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.table.data import Matrix, Table
from gvckit.table.labels import find_region
from gvckit.table.names import PROCESSING
from gvckit.table.solve import Solver, inverse_of_coefficients


@dataclass(frozen=True, eq=False)
class Joined:
    """Arrays of a table with its regions in economies, rows of an economy together.

    Attributes
    ----------
    z : (n, n)
    y : (n, G)
        By consuming economy.
    x, v : (n,)
    starts : list of int
        First row of each economy, and n.
    names : list of str
        Economies.
    sectors : ndarray of int
        Sector of each row.
    table : Table or None
        The table itself where every region is an economy: then its factors and its inverse serve.
    """

    z: Matrix
    y: Matrix
    x: Matrix
    v: Matrix
    starts: list[int]
    names: list[str]
    sectors: np.ndarray
    table: Table | None

    @cached_property
    def inverse(self) -> Matrix:
        """Global Leontief inverse, rows as here."""
        return self.table.inverse if self.table is not None else inverse_of_coefficients(self.z, self.x)

    def solver(self, columns: int) -> Solver:
        """What solves for a number of right-hand sides, rows as here."""
        return self.table.solver(columns) if self.table is not None else _core.factor(self.z, self.x)

    @cached_property
    def economy(self) -> np.ndarray:
        """Economy of each row."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.starts))

    def by_region(self, values: Matrix) -> Matrix:
        """Sum rows by economy."""
        sums: Matrix = np.add.reduceat(values, self.starts[:-1], axis=0)
        return sums

    def by_sector(self, values: Matrix) -> Matrix:
        """Sum rows of an economy that are of the same sector: G N rows."""
        if self.table is not None:
            return values
        count = int(self.sectors.max()) + 1
        out = np.zeros((len(self.names) * count, *values.shape[1:]))
        np.add.at(out, self.economy * count + self.sectors, values)
        return out

    def own(self, values: Matrix) -> Matrix:
        """Of a rows x economies matrix, each row's own economy."""
        own: Matrix = values[np.arange(len(values)), self.economy]
        return own

    def rows(self, sectors: list[str]) -> pd.MultiIndex:
        """Index of economies and sectors."""
        if self.table is not None:
            return self.table.labels.rows
        return pd.MultiIndex.from_product([self.names, sectors], names=["region", "sector"])


def joined(t: Table, groups: Mapping[str, str] | None) -> Joined:
    """Put a table's regions into economies; without a mapping, processing zones join theirs.

    A table whose regions are all economies is not copied; otherwise Z is (one n x n array more).
    """
    if groups is None:
        groups = {r: PROCESSING[r] for r in t.regions if r in PROCESSING}
    groups = {find_region(t.regions, region): group for region, group in groups.items()}
    target = [str(groups.get(region, region)) for region in t.regions]
    names = list(dict.fromkeys(target))
    arrays = t.arrays
    n = arrays.sectors
    v = t.per_unit.copy()
    if t.given.va is None:
        # A sector without output and inputs: its sales cancel out, and what it sells is all its own. So v'B = 1'
        # there too, and the terms add up for each of its sales.
        v[(arrays.x == 0) & (arrays.va == 0)] = 1.0
    sectors = np.tile(np.arange(n), len(t.regions))
    if names == t.regions:
        return Joined(arrays.z, arrays.y, arrays.x, v, list(range(0, len(v) + 1, n)), names, sectors, t)
    place = np.array([names.index(name) for name in target])
    order = np.argsort(place, kind="stable")
    rows = (order[:, None] * n + np.arange(n)).ravel()
    y = np.zeros((len(v), len(names)))
    np.add.at(y.T, place, arrays.y[rows].T)
    starts = [0, *np.cumsum(np.bincount(place) * n).tolist()]
    return Joined(arrays.z[np.ix_(rows, rows)], y, arrays.x[rows], v[rows], starts, names, sectors[rows], None)
