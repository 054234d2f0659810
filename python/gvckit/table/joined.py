"""A table with its regions in economies: processing zones joined, or groups of one's own.

Wherever an economy is a unit (what is domestic, who is a partner), measures take the table by way of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.options import Level
from gvckit.table.aggregate import groups_of
from gvckit.table.data import Matrix, Table, stored
from gvckit.table.find import find_region
from gvckit.table.labels import product_index
from gvckit.table.names import PROCESSING
from gvckit.table.solve import Solver, inverse_of_coefficients


@dataclass(frozen=True, eq=False)
class Joined:
    """Arrays of a table with its regions in economies, rows of an economy together.

    Attributes
    ----------
    table : Table
    names : list of str
        Economies, G.
    rows : ndarray of int or None
        Rows of the table in the order of economies; None where every region is an economy, and nothing is copied.
    starts : list of int
        First row of each economy, and n.
    """

    table: Table
    names: list[str]
    rows: np.ndarray | None
    starts: list[int]

    # ---- what the core takes ----------------------------------------------------------------------------------

    @cached_property
    def arrays(self) -> tuple[Matrix, Matrix, Matrix, Matrix, int | list[int]]:
        """The core's tuple: z in the precision that it is stored in, y by economy, x, va, and N or the first rows."""
        z, y, x, va, sectors = stored(self.table)
        if self.rows is None:
            return z, y, x, va, sectors
        by_economy = np.zeros((len(x), len(self.names)))
        np.add.at(by_economy.T, self.place, y[self.rows].T)
        return z[np.ix_(self.rows, self.rows)], by_economy, x[self.rows], va[self.rows], self.starts

    @property
    def y(self) -> Matrix:
        """Final demand by consuming economy (n, G)."""
        return self.arrays[1]

    @property
    def x(self) -> Matrix:
        """Gross output (n,)."""
        return self.arrays[2]

    @property
    def va(self) -> Matrix:
        """Value added (n,)."""
        return self.arrays[3]

    @cached_property
    def v(self) -> Matrix:
        """Value added per unit of output (n,)."""
        return self.ordered(self.table.per_unit)

    @cached_property
    def made(self) -> Matrix | None:
        """``B y`` (n,) where idle sectors buy, None where it is output."""
        made = self.table.made
        return None if made is None else self.ordered(made)

    def ordered(self, values: Matrix) -> Matrix:
        """Values of the table's rows in the order of economies."""
        return values if self.rows is None else values[self.rows]

    # ---- what solves ------------------------------------------------------------------------------------------

    def solver(self, columns: int) -> Solver:
        """What solves for a number of right-hand sides, rows as here."""
        return self.table.solver(columns) if self.rows is None else self._lu

    @cached_property
    def _lu(self) -> _core.Factor:
        return _core.factor(self.arrays[0], self.x)

    @cached_property
    def inverse(self) -> Matrix:
        """Global Leontief inverse, rows as here: one n x n array."""
        return self.table.inverse if self.rows is None else inverse_of_coefficients(self.arrays[0], self.x)

    def embodied(self, per_unit: Matrix) -> Matrix | None:
        """What a unit of each final good embodies of a row in the table's order; None where it is 1."""
        found = self.table.embodied(per_unit)
        return None if found is None else self.ordered(found)

    # ---- sums and labels --------------------------------------------------------------------------------------

    @cached_property
    def place(self) -> np.ndarray:
        """Economy of each region of the table."""
        if self.rows is None:
            return np.arange(len(self.names))
        economy = np.empty(len(self.rows), dtype=np.intp)
        economy[self.rows] = self.economy
        return economy[:: len(self.table.labels.sectors)]

    @cached_property
    def economy(self) -> np.ndarray:
        """Economy of each row."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.starts))

    @cached_property
    def sectors(self) -> np.ndarray:
        """Sector of each row."""
        count = len(self.table.labels.sectors)
        rows = np.arange(self.starts[-1])
        return (rows if self.rows is None else self.rows) % count

    def by_region(self, values: Matrix) -> Matrix:
        """Sum rows by economy."""
        if self.rows is None:
            return self.table.labels.by_region(values)
        sums: Matrix = np.add.reduceat(values, self.starts[:-1], axis=0)
        return sums

    def by_sector(self, values: Matrix) -> Matrix:
        """Sum rows of an economy that are of the same sector: G N rows."""
        if self.rows is None:
            return values
        count = len(self.table.labels.sectors)
        out = np.zeros((len(self.names) * count, *values.shape[1:]))
        np.add.at(out, self.economy * count + self.sectors, values)
        return out

    def own(self, values: Matrix) -> Matrix:
        """Of a rows x economies matrix, each row's own economy."""
        own: Matrix = values[np.arange(len(values)), self.economy]
        return own

    def spread(self, values: Matrix) -> Matrix:
        """Values of rows as a rows x economies matrix, zero outside the row's own economy."""
        out = np.zeros((len(values), len(self.names)))
        out[np.arange(len(values)), self.economy] = values
        return out

    @cached_property
    def region(self) -> pd.Index[str]:
        """Index of economies."""
        return self.table.labels.region if self.rows is None else pd.Index(self.names, name="region")

    @cached_property
    def partner(self) -> pd.Index[str]:
        """Index of economies as partners."""
        return self.region.rename("partner")

    @cached_property
    def labels(self) -> pd.MultiIndex:
        """Index of economies and sectors."""
        if self.rows is None:
            return self.table.labels.rows
        return product_index(self.names, self.table.sectors, ["region", "sector"])

    def at_level(self, values: Matrix, level: Level) -> tuple[Matrix, pd.Index]:
        """Rows (n, k) summed to sectors, economies or the world, with the index that they then have."""
        if level == "sector":
            return self.by_sector(values), self.labels
        if level == "region":
            return self.by_region(values), self.region
        return values.sum(axis=0, keepdims=True), self.table.labels.world

    def find(self, names: Sequence[str]) -> list[int]:
        """Places of economies by label or name."""
        return [self.names.index(find_region(self.names, name)) for name in names]


def joined(t: Table, groups: Mapping[str, Any] | None = None) -> Joined:
    """Put a table's regions into economies; without a mapping, processing zones join theirs.

    A table whose regions are all economies is not copied; otherwise Z is (one n x n array more).
    """
    if groups is None:
        groups = {region: PROCESSING[region] for region in t.labels.regions if region in PROCESSING}
    count, own = len(t.labels.sectors), list(t.labels.regions)
    names, place = groups_of("region", own, groups) if len(groups) else (own, np.arange(len(own)))
    if names == own:
        return Joined(t, names, None, list(range(0, len(names) * count + 1, count)))
    order = np.argsort(place, kind="stable")
    rows = (order[:, None] * count + np.arange(count)).ravel()
    return Joined(t, names, rows, [0, *np.cumsum(np.bincount(place) * count).tolist()])
