"""Dependence of one region on another: at face value, looked through the table, and what is hidden between the two."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.errors import LabelError, OptionError
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.shares import share

#: Measures of a pair that `dependence_matrix` takes, in the order of `dependence`.
MATRIX_MEASURES = (
    "supply_share_face",
    "supply_share",
    "supply_share_hidden",
    "demand_share",
    "input_reliance_face",
    "input_reliance",
    "input_reliance_hidden",
    "market_reliance_face",
    "market_reliance",
    "market_reliance_hidden",
    "trade_to_gdp",
    "trade_share",
    "salience",
    "symmetry",
    "interdependence",
)
#: Measures of a pair that have a value for each sector of the dependent region.
SECTOR_MEASURES = tuple(name for name in MATRIX_MEASURES if "reliance" in name)
#: Measures of a region alone, with the reliance whose concentration over foreign partners each is.
CONCENTRATION = {
    "supplier_hhi_face": "input_reliance_face",
    "supplier_hhi": "input_reliance",
    "market_hhi_face": "market_reliance_face",
    "market_hhi": "market_reliance",
}
#: Net asymmetries with the measure that each is of: own value less the other side's.
ASYMMETRIES = {
    "supply_asymmetry": "supply_share",
    "demand_asymmetry": "demand_share",
    "trade_asymmetry": "trade_to_gdp",
}
#: Label of rows that are of the whole economy.
ALL = "all"


def dependence(t: Table, a: str, b: str, factor: str | pd.Series | None = None) -> pd.DataFrame:
    """Who depends more: both sides of a pair, at face value and looked through the table.

    Parameters
    ----------
    t : Mrio
    a, b : str
        Two regions, by label or name.
    factor : str or Series, optional
        An item of ``t.extensions`` (CO2, employment, a component of value added), or amounts by (region, sector), in
        place of value added.
        Supply and demand shares are then of that factor; reliance and trade don't depend on it.

    Returns
    -------
    DataFrame
        Indexed (measure, sector), a float column for each side, named by the region: the dependence of that region on
        the other one. The sector ``all`` is the whole economy. Fractions of one; ``gvckit.describe("dependence")`` says
        of what.

    Raises
    ------
    LabelError
        A region that is not known, or the same region twice.

    Notes
    -----
    Face value is what is bought or sold directly (Z and Y); look-through counts all stages, by the global Leontief
    inverse; hidden is look-through less face value (Baldwin, Freeman and Theodorakopoulos 2022, NBER working paper
    30525; their normalisation could not be checked, so ours is said in ``describe``). Concentration: Hirschman (1945).
    Share, salience, symmetry and interdependence: Barbieri (1996), Journal of Peace Research 33(1): 29-49. GDP is the
    table's value added. 2 G right-hand sides (`Mrio.solver`), no inverse.
    """
    expect_table(t)
    a, b = t.find(a), t.find(b)
    if a == b:
        raise LabelError(f"dependence of {a} on itself: two different regions are needed")
    look = LookThrough(t, factor)
    places = [t.regions.index(name) for name in (a, b)]
    labels, sides = _pair(look, *places)
    values = np.array(sides)
    index = pd.MultiIndex.from_tuples(labels, names=["measure", "sector"])
    return t.frame(values, index, pd.Index([a, b]), measure="dependence", unit="share")


def _pair(look: LookThrough, a: int, b: int) -> tuple[list[tuple[str, str]], list[tuple[float, float]]]:
    """Labels of all measures of a pair, and both sides of each."""
    labels: list[tuple[str, str]] = []
    sides: list[tuple[float, float]] = []
    whole: dict[str, tuple[float, float]] = {}
    sectors = look.t.sectors
    for name in MATRIX_MEASURES:
        matrix = look.matrix(name)
        whole[name] = matrix[a, b], matrix[b, a]
        labels.append((name, ALL))
        sides.append(whole[name])
        if name in SECTOR_MEASURES:
            by_sector = look.by_sector(name).reshape(len(look.t.regions), len(sectors), -1)
            labels += [(name, sector) for sector in sectors]
            sides += list(zip(by_sector[a, :, b], by_sector[b, :, a], strict=True))
    for name in CONCENTRATION:
        found = look.concentration(name)
        labels.append((name, ALL))
        sides.append((found[a], found[b]))
    for name, of in ASYMMETRIES.items():
        gap = whole[of][0] - whole[of][1]
        labels.append((name, ALL))
        sides.append((gap, -gap))
    return labels, sides


def dependence_matrix(t: Table, measure: str = "supply_share", factor: str | pd.Series | None = None) -> pd.DataFrame:
    """One measure of dependence for all pairs.

    Parameters
    ----------
    t : Mrio
    measure : str
        One of the measures of a pair of `dependence`: ``supply_share``, ``demand_share``, ``input_reliance``,
        ``market_reliance``, ``trade_to_gdp``, ``trade_share``, ``salience``, ``symmetry``, ``interdependence``, or the
        ``_face`` and ``_hidden`` forms of supply share and the two reliances.
    factor : str or Series, optional
        As in `dependence`.

    Returns
    -------
    DataFrame
        Region x partner: the dependence of the row on the column, a fraction of one. The diagonal is the region's own
        share, except for measures of trade, where it is NaN.

    Raises
    ------
    OptionError
        A measure that is not known.

    Notes
    -----
    As in `dependence`. G right-hand sides of the table's LU, no inverse.
    """
    expect_table(t)
    if measure not in MATRIX_MEASURES:
        raise OptionError.of("measure", measure, MATRIX_MEASURES)
    values = LookThrough(t, factor).matrix(measure)
    return t.frame(values, t.labels.region, t.labels.partner, measure="dependence_matrix", of=measure, unit="share")


class LookThrough:
    """All pairs of a table at face value and looked through; what they are made of is computed once, when asked for."""

    def __init__(self, t: Table, factor: str | pd.Series | None = None) -> None:
        self.t = t
        self.row = traced(t, factor)

    def matrix(self, measure: str) -> Matrix:
        """Dependence of the row on the column, G x G."""
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.matrix(name) - self.matrix(f"{name}_face")
        if measure in SECTOR_MEASURES:
            return _of_row(self.t.labels.by_region(self._levels(measure)))
        found: Matrix = getattr(self, measure)()
        return found

    def by_sector(self, measure: str) -> Matrix:
        """Reliance of each sector on each region: n x G."""
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.by_sector(name) - self.by_sector(f"{name}_face")
        return _of_row(self._levels(measure))

    def concentration(self, name: str) -> Matrix:
        """Hirschman's index of each region over its foreign partners: the sum of squared shares, 1 / partners to 1."""
        sums = self.t.labels.by_region(self._levels(CONCENTRATION[name]))
        np.fill_diagonal(sums, 0.0)
        squares: Matrix = (_of_row(sums) ** 2).sum(axis=1)
        return squares

    # ---- shares of final demand and GDP -----------------------------------------------------------------------

    def supply_share(self) -> Matrix:
        """Share of the partner's value added in the region's final demand."""
        return _of_row(self._absorbed.T)

    def supply_share_face(self) -> Matrix:
        """Share of the region's final goods that it buys from the partner."""
        return _of_row(self.t.labels.by_region(self.t.arrays.y).T)

    def demand_share(self) -> Matrix:
        """Share of the region's value added that the partner absorbs."""
        return _of_row(self._absorbed)

    # ---- gross trade ------------------------------------------------------------------------------------------

    def trade_to_gdp(self) -> Matrix:
        """Exports to and imports from the partner, over the region's value added; NaN with itself."""
        return share(self._trade, self.t.labels.by_region(self.t.arrays.va))

    def trade_share(self) -> Matrix:
        """Share of the partner in the region's exports and imports (Barbieri 1996)."""
        return share(self._trade, np.nansum(self._trade, axis=1))

    def salience(self) -> Matrix:
        """Root of the product of both trade shares (Barbieri 1996)."""
        shares = self.trade_share()
        found: Matrix = (shares * shares.T) ** 0.5
        return found

    def symmetry(self) -> Matrix:
        """1 less the difference of the two trade shares (Barbieri 1996)."""
        shares = self.trade_share()
        found: Matrix = 1 - np.abs(shares - shares.T)
        return found

    def interdependence(self) -> Matrix:
        """Salience times symmetry (Barbieri 1996)."""
        return self.salience() * self.symmetry()

    # ---- what they are made of --------------------------------------------------------------------------------

    @cached_property
    def _output_for(self) -> Matrix:
        """Output by region whose final demand it ends in, ``B Y``: n x G."""
        t = self.t
        with t.labels.naming():
            return _core.flows_by_absorber(t.arrays, np.ones(len(t.arrays.x)), t.solver(len(t.regions)), False)

    @cached_property
    def _absorbed(self) -> Matrix:
        """Value added (or the factor) by source and absorber: G x G."""
        return self.t.labels.by_region(self._output_for * self.row.per_unit[:, None])

    @cached_property
    def _trade(self) -> Matrix:
        """Exports and imports by pair; a region does not trade with itself."""
        sent = self.t.labels.by_region(self._direct[1])
        both: Matrix = sent + sent.T
        np.fill_diagonal(both, np.nan)
        return both

    @cached_property
    def _direct(self) -> tuple[Matrix, Matrix]:
        return _core.direct_trade(self.t.arrays)

    @cached_property
    def _required(self) -> Matrix:
        """Inputs by region of origin that the output of each sector needs, at all stages: n x G."""
        t = self.t
        with t.labels.naming():
            required = _core.inputs_required(t.arrays, t.solver(len(t.regions)))
        levels: Matrix = np.ascontiguousarray((required * t.arrays.x).T)
        return levels

    def _levels(self, measure: str) -> Matrix:
        """Inputs by region of origin, or sales by region of use, of each sector: n x G, in the table's unit."""
        if measure == "input_reliance_face":
            return np.ascontiguousarray(self._direct[0].T)
        if measure == "input_reliance":
            return self._required
        if measure == "market_reliance_face":
            return self._direct[1]
        return self._output_for


def _of_row(levels: Matrix) -> Matrix:
    """Shares in the sum of the row."""
    return share(levels, levels.sum(axis=1))
