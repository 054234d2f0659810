"""The economy that a counterfactual starts from: a table whose flows and incomes are not negative, with its tariffs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gvckit.errors import EquilibriumError, OptionError
from gvckit.table.data import Matrix, Table

#: Value added below this share of output is rounding.
_ROUNDING = 1e-12
#: Deficits below this share of the world's output are rounding.
_NO_DEFICIT = 1e-9
_HOW = "clean=True mends it and says so"


@dataclass(frozen=True)
class Base:
    """An economy before a shock. Flows are what producers receive.

    Attributes
    ----------
    table : Table
        Where it comes from, with the labels.
    inputs, finals : float64 (n, n), (n, G)
    initial : float64 (n, G)
        Tariffs by row and importer, rates.
    goods : float64 (N, n + G)
        Spending on each good by input column and by region's final use, tariffs included.
    output, labour : float64 (n,)
        Output, and what it pays for labour: output less spending on inputs.
    pooled : bool
        Whether all uses of a good in a country have the same origins.
    notes : tuple of str
        What was mended.
    """

    table: Table
    inputs: Matrix
    finals: Matrix
    initial: Matrix
    goods: Matrix
    output: Matrix
    labour: Matrix
    pooled: bool
    notes: tuple[str, ...] = ()

    @property
    def wages(self) -> Matrix:
        """Income of labour by region (G,)."""
        return self.table.labels.by_region(self.labour)

    @property
    def final(self) -> Matrix:
        """Final spending by region (G,)."""
        spending: Matrix = self.goods[:, len(self.output) :].sum(axis=0)
        return spending

    @property
    def trade(self) -> Matrix:
        """What each row receives from each importer, inputs and final goods (n, G)."""
        return traded(self.inputs, self.finals)

    @property
    def revenue(self) -> Matrix:
        """Tariff revenue by region (G,)."""
        found: Matrix = (self.trade * self.initial).sum(axis=0)
        return found

    @property
    def deficit(self) -> Matrix:
        """Final spending beyond income, by region (G,)."""
        return self.final - self.wages - self.revenue


def base_of(t: Table, initial: Matrix, pooled: bool, clean: bool) -> Base:
    """Economy of a table: final demand below 0 is set to 0; what else is below 0 is an error by name, or mended.

    Raises
    ------
    OptionError
        A flow between sectors, or value added less tariffs on inputs, below 0, without `clean`; a region without final
        demand.
    """
    notes: list[str] = []
    z, y = t.arrays.z, t.arrays.y
    if y.min() < 0:
        notes.append(_said(t, "final demand", y))
        y = np.maximum(y, 0.0)
    if z.min() < 0:
        if not clean:
            at = np.unravel_index(int(z.argmin()), z.shape)
            place = f"row {t.labels.row_name(int(at[0]))}, column {t.labels.row_name(int(at[1]))}"
            raise OptionError(f"Z holds {z.min():.6g} at {place}: flows below 0 have no shares; {_HOW}")
        notes.append(_said(t, "flows between sectors", z))
        z = np.maximum(z, 0.0)
    found = _with_incomes(t, z, y, initial, pooled)
    if (found.labour < 0).any():
        found = _mended(found, clean)
    empty = np.flatnonzero(found.final == 0)
    if len(empty):
        region = t.regions[empty[0]]
        raise OptionError(f"{region} has no final demand, so nobody's welfare: aggregate it with another region")
    return replace(found, notes=(*notes, *found.notes))


def _said(t: Table, what: str, cells: Matrix) -> str:
    below: np.ndarray = np.less(cells, 0)
    unit = f" {t.unit}" if t.unit else ""
    return f"{int(below.sum())} cells of {what} below 0, in sum {cells[below].sum():,.6g}{unit}, are set to 0"


def _with_incomes(t: Table, z: Matrix, y: Matrix, initial: Matrix, pooled: bool) -> Base:
    regions, sectors = len(t.regions), len(t.sectors)
    n = regions * sectors
    factors = (1 + initial).reshape(regions, sectors, regions)
    if initial.any():
        by_use = np.einsum("irjs,irj->rjs", z.reshape(regions, sectors, regions, sectors), factors, optimize=True)
    else:
        by_use = z.reshape(regions, sectors, n).sum(axis=0)
    final = (y.reshape(factors.shape) * factors).sum(axis=0)
    goods = np.ascontiguousarray(np.hstack([by_use.reshape(sectors, n), final]))
    output = z.sum(axis=1) + y.sum(axis=1)
    labour = output - goods[:, :n].sum(axis=0)
    labour[np.abs(labour) <= _ROUNDING * output] = 0.0
    return Base(t, z, y, initial, goods, output, labour, pooled)


def _mended(base: Base, clean: bool) -> Base:
    """Columns that spend more than they make buy what they make; the region's final demand buys the rest."""
    t, below = base.table, np.flatnonzero(base.labour < 0)
    worst = int(below[base.labour[below].argmin()])
    size = f"{len(below)} columns, the lowest {t.labels.row_name(worst)} with {base.labour[worst]:,.6g}"
    if not clean:
        raise OptionError(f"value added (less tariffs on inputs) is below 0 in {size}: labour can't be paid; {_HOW}")
    z, y = base.inputs.copy(), base.finals.copy()
    spent = base.output[below] - base.labour[below]
    kept = base.output[below] / spent
    moved = z[:, below] * (1 - kept)
    z[:, below] *= kept
    np.add.at(y.T, below // len(t.sectors), moved.T)
    note = (
        f"value added is below 0 in {size}: inputs of {moved.sum():,.6g} in sum beyond what these sectors make are "
        "taken as their region's final demand"
    )
    again = _with_incomes(t, z, y, base.initial, base.pooled)
    labour = again.labour.copy()
    labour[below] = 0.0
    return replace(again, labour=labour, notes=(note,))


def traded(inputs: Matrix, finals: Matrix) -> Matrix:
    """Inputs summed by importer, and final goods (n, G)."""
    n, regions = finals.shape
    found: Matrix = inputs.reshape(n, regions, -1).sum(axis=2) + finals
    return found


def check_links(base: Base, weights: Matrix, deficit: Matrix) -> None:
    """Refuse regions that a shock cuts off, with a deficit that nobody can finance any more.

    Raises
    ------
    EquilibriumError
        Regions that trade with no other, with a sum of deficits that is not 0; a region that can only buy, or sell.
    """
    labels = base.table.labels
    links = labels.by_region(base.trade * (weights > 0))
    np.fill_diagonal(links, 0.0)
    least = _NO_DEFICIT * base.output.sum()
    # The smaller side of what is cut is named.
    for members in sorted(_connected(links > 0), key=len):
        owed = deficit[members].sum()
        if abs(owed) > least:
            names = ", ".join(labels.regions[k] for k in members[:5]) + (", ..." if len(members) > 5 else "")
            raise EquilibriumError(
                f"{names} can't trade with the others any more, and {'has' if len(members) == 1 else 'have'} a deficit "
                f'of {owed:,.6g} in sum that nobody finances: deficits="closed" takes deficits out, before and after'
            )
    buys, sells = (np.asarray(links.any(axis=axis)) for axis in (0, 1))
    for region in np.flatnonzero(buys != sells):
        if (deficit[region] <= least) if buys[region] else (deficit[region] >= -least):
            way, other = ("buy", "sell") if buys[region] else ("sell", "buy")
            raise EquilibriumError(
                f"{labels.regions[region]} can {way} abroad and not {other} any more: trade can't balance"
            )


def _connected(links: np.ndarray) -> list[np.ndarray]:
    """Regions in groups that trade with one another, directly or through others."""
    either, left, groups = links | links.T, np.ones(len(links), dtype=bool), []
    while left.any():
        group = np.zeros(len(links), dtype=bool)
        group[np.flatnonzero(left)[0]] = True
        while (wider := group | either[group].any(axis=0)).sum() > group.sum():
            group = wider
        groups.append(np.flatnonzero(group))
        left &= ~group
    return groups
