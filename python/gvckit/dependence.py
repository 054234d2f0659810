"""Dependence of one region on another: at face value, looked through the table, and what is hidden between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.errors import LabelError, OptionError
from gvckit.exports import gross_trade
from gvckit.flows import flows
from gvckit.labels import ratio, share
from gvckit.table import Matrix, Mrio, expect_table

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


def dependence(t: Mrio, a: str, b: str, factor: str | pd.Series | None = None) -> pd.DataFrame:
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
    sides = {a: _side(look, a, b), b: _side(look, b, a)}
    for name, of in ASYMMETRIES.items():
        gap = sides[a][of, ALL] - sides[b][of, ALL]
        sides[a][name, ALL], sides[b][name, ALL] = gap, -gap
    out = pd.DataFrame(sides)
    out.index.names = ["measure", "sector"]
    out.attrs.update({**t.attrs, "measure": "dependence", "unit": "share"})
    return out


def _side(look: LookThrough, a: str, b: str) -> dict[tuple[str, str], float]:
    """Measures of a's dependence on b, by (measure, sector)."""
    values: dict[tuple[str, str], float] = {}
    for name in MATRIX_MEASURES:
        values[name, ALL] = float(look.matrix(name).to_numpy()[look.place(a), look.place(b)])
        if name in SECTOR_MEASURES:
            column = look.by_sector(name)[look.rows(a), look.place(b)]
            values.update({(name, s): float(v) for s, v in zip(look.t.sectors, column, strict=True)})
    for name in CONCENTRATION:
        values[name, ALL] = float(look.concentration(name)[look.place(a)])
    return values


def dependence_matrix(t: Mrio, measure: str = "supply_share", factor: str | pd.Series | None = None) -> pd.DataFrame:
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
    frame = LookThrough(t, factor).matrix(measure)
    frame.attrs.update({**t.attrs, "measure": measure, "unit": "share"})
    return frame


class LookThrough:
    """All pairs of a table at face value and looked through; each matrix is computed once, when asked for."""

    def __init__(self, t: Mrio, factor: str | pd.Series | None = None) -> None:
        self.t = t
        self.factor = factor

    def place(self, region: str) -> int:
        """Position of a region."""
        return self.t.regions.index(region)

    def rows(self, region: str) -> slice:
        """Rows of a region."""
        n = len(self.t.sectors)
        return slice(self.place(region) * n, (self.place(region) + 1) * n)

    def matrix(self, measure: str) -> pd.DataFrame:
        """Dependence of the row on the column."""
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.matrix(name) - self.matrix(f"{name}_face")
        if measure in SECTOR_MEASURES:
            return self._shares(self.t.labels.by_region(self._levels(measure)))
        found: pd.DataFrame = getattr(self, measure)()
        return found

    def by_sector(self, measure: str) -> Matrix:
        """Reliance of each sector on each region: n x G."""
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.by_sector(name) - self.by_sector(f"{name}_face")
        levels = pd.DataFrame(self._levels(measure))
        shares: Matrix = share(levels, levels.sum(axis=1)).to_numpy()
        return shares

    def concentration(self, name: str) -> Matrix:
        """Hirschman's index of each region over its foreign partners: the sum of squared shares, 1 / partners to 1."""
        sums = self.t.labels.by_region(self._levels(CONCENTRATION[name]))
        np.fill_diagonal(sums, 0.0)
        squares: Matrix = (self._shares(sums) ** 2).sum(axis=1, min_count=1).to_numpy()
        return squares

    # ---- shares of final demand and GDP -----------------------------------------------------------------------

    def supply_share(self) -> pd.DataFrame:
        """Share of the partner's value added in the region's final demand."""
        return self._shares(self._absorbed.to_numpy().T)

    def supply_share_face(self) -> pd.DataFrame:
        """Share of the region's final goods that it buys from the partner."""
        return self._shares(self.t.labels.by_region(self.t.arrays.y).T)

    def demand_share(self) -> pd.DataFrame:
        """Share of the region's value added that the partner absorbs."""
        return self._shares(self._absorbed.to_numpy())

    # ---- gross trade ------------------------------------------------------------------------------------------

    def trade_to_gdp(self) -> pd.DataFrame:
        """Exports to and imports from the partner, over the region's value added."""
        gdp = pd.Series(self.t.labels.by_region(self.t.arrays.va), index=self.t.labels.region)
        return share(self._trade, gdp)

    def trade_share(self) -> pd.DataFrame:
        """Share of the partner in the region's exports and imports (Barbieri 1996)."""
        return share(self._trade, self._trade.sum(axis=1))

    def salience(self) -> pd.DataFrame:
        """Root of the product of both trade shares (Barbieri 1996)."""
        shares = self.trade_share()
        return (shares * shares.to_numpy().T) ** 0.5

    def symmetry(self) -> pd.DataFrame:
        """1 less the difference of the two trade shares (Barbieri 1996)."""
        shares = self.trade_share()
        return 1 - (shares - shares.to_numpy().T).abs()

    def interdependence(self) -> pd.DataFrame:
        """Salience times symmetry (Barbieri 1996)."""
        return self.salience() * self.symmetry()

    # ---- what they are made of --------------------------------------------------------------------------------

    @cached_property
    def _absorbed(self) -> pd.DataFrame:
        return flows(self.t, "total", partner="absorber", factor=self.factor)

    @cached_property
    def _trade(self) -> pd.DataFrame:
        """Exports and imports by pair; a region does not trade with itself."""
        sent = self.t.labels.by_region(self._direct[1])
        both = sent + sent.T
        np.fill_diagonal(both, np.nan)
        return self.t.frame(both, self.t.labels.region, self.t.labels.partner)

    @cached_property
    def _direct(self) -> tuple[Matrix, Matrix]:
        return _core.direct_trade(self.t.arrays)

    @cached_property
    def _required(self) -> Matrix:
        with self.t.labels.naming():
            return _core.inputs_required(self.t.arrays, self.t.solver(len(self.t.regions)))

    @cached_property
    def _destined(self) -> Matrix:
        """Output by region whose final demand it ends in, ``B Y``: n x G."""
        with self.t.labels.naming():
            solver = self.t.solver(len(self.t.regions))
            return _core.flows_by_absorber(self.t.arrays, np.ones(len(self.t.arrays.x)), solver, False)

    def _levels(self, measure: str) -> Matrix:
        """Inputs by region of origin, or sales by region of use, of each sector: n x G, in the table's unit."""
        if measure == "input_reliance_face":
            return np.ascontiguousarray(self._direct[0].T)
        if measure == "input_reliance":
            return np.ascontiguousarray((self._required * self.t.arrays.x).T)
        if measure == "market_reliance_face":
            return self._direct[1]
        return self._destined

    def _shares(self, levels: Matrix) -> pd.DataFrame:
        frame = self.t.frame(levels, self.t.labels.region, self.t.labels.partner)
        return share(frame, frame.sum(axis=1))


def trade_indicators(
    t: Mrio, a: str = "CHN", b: str = "USA", sectors: Mapping[str, str | Sequence[str]] | None = None
) -> pd.DataFrame:
    """Indicators of interdependence that a table itself gives: bilateral trade to GDP, and intra-industry trade.

    Parameters
    ----------
    t : Mrio
    a, b : str
        Two regions.
    sectors : mapping of name to sector or sectors, optional
        Sectors whose Grubel-Lloyd index is wanted; of several together, the index of their sum.

    Returns
    -------
    DataFrame
        One row, indexed by `pair`: ``trade_to_gdp_a``, ``trade_to_gdp_b`` (gross exports and imports of goods and
        services, intermediate and final, over value added of the table, which holds taxes on inputs and is not quite
        GDP; fractions of one), and a Grubel-Lloyd index for each name of `sectors`, over gross trade of the pair.
    """
    expect_table(t)
    from gvckit.index import grubel_lloyd

    a, b = t.find(a), t.find(b)
    if a == b:
        raise LabelError(f"trade of {a} with itself: two different regions are needed")
    sent = gross_trade(t, "sector")
    ab, ba = sent.loc[a][b], sent.loc[b][a]
    gdp = t.va.groupby(level="region", sort=False).sum()
    both = pd.Series([ab.sum() + ba.sum()] * 2, index=[a, b])
    values: dict[str, float] = dict(zip(("trade_to_gdp_a", "trade_to_gdp_b"), ratio(both, gdp[[a, b]]), strict=True))
    for name, chosen in (sectors or {}).items():
        kept = t.labels.rows_of(chosen)[: len(t.sectors)]
        # Net returns of inventories can make a bilateral flow negative; then there is no index.
        pair = float(ab.to_numpy()[kept].sum()), float(ba.to_numpy()[kept].sum())
        values[name] = grubel_lloyd(*pair) if min(pair) >= 0 else float("nan")
    frame = pd.DataFrame(values, index=pd.Index([f"{a}-{b}"], name="pair"))
    frame.attrs.update({**t.attrs, "measure": "trade_indicators", "unit": "ratio"})
    return frame
