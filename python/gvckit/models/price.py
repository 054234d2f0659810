"""Leontief's price model: what tariffs, factor prices and added costs do to prices when all of it is passed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.models.costs import COST, POSITIVE, TARIFF, Pairs, Places, by_pair, by_place
from gvckit.table.data import Matrix, Table, expect_table, per_output
from gvckit.table.labels import named
from gvckit.table.shares import share
from gvckit.table.solve import Solver

#: What moves producers' prices, in the order of the parts.
_CAUSES = ("tariffs_on_inputs", "factor_prices", "costs")


def price_effect(
    t: Table, tariffs: Pairs | None = None, factor_prices: Places | None = None, costs: Places | None = None
) -> PriceEffect:
    """Prices after tariffs, dearer factors or added costs, all passed on; quantities stay as they are.

    Parameters
    ----------
    t : Mrio
    tariffs : frame, Series or mapping, optional
        Rates (0.25) on what an importer buys: a frame exporter x importer, or a Series or mapping by (exporter,
        importer) or (exporter, importer, sector of the good), ``"*"`` for all.
    factor_prices : number, Series, mapping or frame, optional
        Factors on what a unit of primary inputs costs (1.1: ten per cent more), by region or (region, sector).
    costs : number, Series, mapping or frame, optional
        Added cost per unit of output, by region or (region, sector). A carbon price is ``price * emissions / t.x``.

    Returns
    -------
    PriceEffect
        ``producer`` by (region, sector) and ``consumer`` by region, relative changes; ``consumer_parts``,
        ``producer_parts`` and ``by_importer`` say what they come from.

    Raises
    ------
    OptionError
        A rate or factor that can't be meant, an unknown pair (also `LabelError`), a tariff of a region on itself.
    NotProductiveError
        Tariffs on inputs so high that no price covers them.

    Notes
    -----
    ``p = (I - (A o (1 + T))')^-1 (v o w + costs) - 1``, Leontief's price model (Miller and Blair 2009, section 2.6)
    with a tariff on each cell of A that crosses its border: what crosses several is taxed at each. v is ``x - 1'Z`` per
    unit of output, whatever `va` is. Nobody changes supplier or buys less: an upper bound of what is passed on, at
    fixed wages. For substitution and incomes see `counterfactual`. Holds one n x n array beside the table where there
    are tariffs, and the factors of another.
    """
    expect_table(t)
    z, y, x, _, sectors = t.arrays
    n, regions = y.shape
    rates = by_pair(t, "tariffs", tariffs, TARIFF)
    dearer = by_place(t, "factor_prices", factor_prices, POSITIVE) - 1
    added = by_place(t, "costs", costs, COST)
    primary = t.per_unit if t.given.va is None else per_output(x - z.sum(axis=0), x)
    cells = z.reshape(n, regions, sectors)
    solver: Solver = t.solver()
    if rates.any():
        taxed = (cells * (1 + rates)[:, :, None]).reshape(n, n)
        with t.labels.naming():
            solver = _core.factor(taxed, x)
    bill = per_output(np.einsum("njs,nj->js", cells, rates).ravel(), x)
    causes = np.column_stack([bill, primary * dearer, np.where(x != 0, added, 0.0)])
    return PriceEffect(t, solver, rates, bill, solver.solve_transposed(causes))


@dataclass(frozen=True, repr=False)
class PriceEffect:
    """Relative changes of prices, made by `gvckit.price_effect`.

    Attributes
    ----------
    producer : Series
        By (region, sector): change of the price of a unit of output, before any tariff on it; NaN without output.
    consumer : Series
        By region: change of the price of its final demand, tariffs on it included.
    producer_parts, consumer_parts : DataFrame
        What they are the sum of.
    by_importer : DataFrame
        Tariffs on inputs by the sector that pays them first and the region whose consumers pay them in the end.
    """

    _table: Table
    _solver: Solver
    _rates: Matrix
    _bill: Matrix
    _parts: Matrix

    @property
    def producer(self) -> pd.Series:
        """Change of producers' prices by (region, sector); NaN without output."""
        return self._table.series(self._with_output(self._prices), "producer", measure="price_effect", unit=_UNIT)

    @property
    def consumer(self) -> pd.Series:
        """Change of consumers' prices by region."""
        series = self.consumer_parts.sum(axis=1, skipna=False).rename("consumer")
        series.attrs.update(self.consumer_parts.attrs)
        return series

    @property
    def producer_parts(self) -> pd.DataFrame:
        """Change of producers' prices by cause: tariffs on inputs at any stage, factor prices, costs."""
        values = self._with_output(self._parts)
        return self._table.frame(values, self._table.labels.rows, named(_CAUSES), measure="price_effect", unit=_UNIT)

    @cached_property
    def consumer_parts(self) -> pd.DataFrame:
        """Change of consumers' prices by cause: tariffs on the final goods they import, and what producers pass on."""
        demand = self._demand
        final = (demand * self._rates).sum(axis=0)
        passed = (demand * (1 + self._rates)).T @ self._parts
        columns = named(("tariffs_on_final_goods", *_CAUSES))
        values = np.column_stack([final, passed])
        return self._table.frame(values, self._table.labels.region, columns, measure="price_effect", unit=_UNIT)

    @cached_property
    def by_importer(self) -> pd.DataFrame:
        """Tariffs on inputs in consumers' prices: rows the (region, sector) that imports, columns the consuming region.

        Its columns add up to ``consumer_parts["tariffs_on_inputs"]``. By G right-hand sides.
        """
        reached = self._solver.solve(np.ascontiguousarray(np.nan_to_num(self._demand) * (1 + self._rates)))
        values = self._bill[:, None] * reached
        values[:, np.isnan(self._demand).all(axis=0)] = np.nan
        labels = self._table.labels
        return self._table.frame(values, labels.rows, labels.partner, measure="price_effect", unit=_UNIT)

    @property
    def _prices(self) -> Matrix:
        prices: Matrix = self._parts.sum(axis=1)
        return prices

    @property
    def _demand(self) -> Matrix:
        """Final demand by row as shares of each region's (n, G)."""
        y = self._table.arrays.y
        return share(y, np.broadcast_to(y.sum(axis=0), y.shape))

    def _with_output(self, values: Matrix) -> Matrix:
        idle = self._table.arrays.x == 0
        return np.where(idle if values.ndim == 1 else idle[:, None], np.nan, values)

    def __repr__(self) -> str:
        parts = self.consumer_parts.assign(consumer=self.consumer)
        return f"PriceEffect, consumers' prices of {self._table.title}\n{parts!r}"


_UNIT = "share of the base"
