"""Dependence of one region on another: at face value, looked through the table, and what is hidden between the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError
from gvckit.measures.trade import absorbed_from
from gvckit.options import FlowLevel, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.joined import joined
from gvckit.table.labels import named
from gvckit.table.shares import share

#: Measures of a pair that `dependence_matrix` takes, in the order of `dependence`.
MATRIX_MEASURES = (
    "supply_share_face",
    "supply_share",
    "supply_share_hidden",
    "supply_share_final",
    "supply_share_inputs",
    "supply_share_third",
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


def dependence(
    t: Table, a: str, b: str, factor: str | pd.Series | None = None, groups: Mapping[str, str] | None = None
) -> pd.DataFrame:
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
    groups : mapping of region to group, optional
        Several regions as one economy; by default, processing zones join theirs.

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
    look = LookThrough(t, factor, groups)
    places = look.e.find([a, b])
    a, b = (look.e.names[place] for place in places)
    if a == b:
        raise LabelError(f"dependence of {a} on itself: two different regions are needed")
    values, index = _pair(look, *places), _pair_index(t.labels.sectors)
    return t.frame(values, index, named((a, b)), measure="dependence", unit="share")


def _pair(look: LookThrough, a: int, b: int) -> Matrix:
    """Both sides of each measure of a pair, in the order of `_pair_index`."""
    sides: list[Any] = []
    whole: dict[str, tuple[float, float]] = {}
    for name in MATRIX_MEASURES:
        matrix = look.matrix(name)
        whole[name] = matrix[a, b], matrix[b, a]
        sides.append([whole[name]])
        if name in SECTOR_MEASURES:
            by_sector = look.by_sector(name).reshape(len(look.e.names), -1, len(look.e.names))
            sides.append(np.column_stack([by_sector[a, :, b], by_sector[b, :, a]]))
    sides += [[look.concentration(name)[[a, b]]] for name in CONCENTRATION]
    gaps = [whole[of][0] - whole[of][1] for of in ASYMMETRIES.values()]
    return np.concatenate([*sides, [(gap, -gap) for gap in gaps]])


@lru_cache(maxsize=16)
def _pair_index(sectors: tuple[str, ...]) -> pd.MultiIndex:
    """Measures of a pair: of the whole economy, and after it by sector where there are values."""
    parts = [(name, (ALL, *sectors) if name in SECTOR_MEASURES else (ALL,)) for name in MATRIX_MEASURES]
    parts += [(name, (ALL,)) for name in (*CONCENTRATION, *ASYMMETRIES)]
    return pd.MultiIndex.from_tuples(
        [(name, sector) for name, over in parts for sector in over], names=["measure", "sector"]
    )


def dependence_matrix(
    t: Table,
    measure: str = "supply_share",
    factor: str | pd.Series | None = None,
    level: FlowLevel = "region",
    groups: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One measure of dependence for all pairs.

    Parameters
    ----------
    t : Mrio
    measure : str
        One of the measures of a pair of `dependence`: ``supply_share``, ``demand_share``, ``input_reliance``,
        ``market_reliance``, ``trade_to_gdp``, ``trade_share``, ``salience``, ``symmetry``, ``interdependence``, the
        ``_face`` and ``_hidden`` forms of supply share and the two reliances, and the parts of the supply share:
        ``supply_share_final`` (in final goods bought directly), ``supply_share_inputs`` (in inputs bought directly for
        goods absorbed at home) and ``supply_share_third`` (by way of third countries), which add up to it.
    factor : str or Series, optional
        As in `dependence`.
    level : {"region", "sector"}
        Rows: regions, or (region, sector) for the two reliances.
    groups : mapping of region to group, optional
        Several regions as one economy; by default, processing zones join theirs.

    Returns
    -------
    DataFrame
        Region or (region, sector) x partner: the dependence of the row on the column, a fraction of one. The diagonal
        is the region's own share, except for measures of trade and parts of the supply share, where it is NaN.

    Raises
    ------
    OptionError
        A measure that is not known, or that has no values by sector.

    Notes
    -----
    As in `dependence`. G right-hand sides of the table's LU, no inverse.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    if measure not in MATRIX_MEASURES:
        raise OptionError.of("measure", measure, MATRIX_MEASURES)
    look, told = LookThrough(t, factor, groups), {"measure": "dependence_matrix", "of": measure, "unit": "share"}
    if level == "region":
        return t.frame(look.matrix(measure), look.e.region, look.e.partner, **told)
    if measure not in SECTOR_MEASURES:
        raise OptionError(f"{measure} has no values by sector; {', '.join(SECTOR_MEASURES)} have")
    return t.frame(look.by_sector(measure), look.e.labels, look.e.partner, **told)


def chokepoints(
    t: Table, region: str | None = None, threshold: float = 0.5, partner: str | None = None, count: int | None = 50
) -> pd.DataFrame:
    """Inputs for which a sector relies on one foreign partner, ranked by what is at stake.

    Parameters
    ----------
    t : Mrio
    region : str, optional
        Only sectors of this region; by default of all.
    threshold : float, default 0.5
        Share of one partner in all that the sector buys of the input, at home and abroad, from which it counts.
    partner : str, optional
        Only reliance on this partner.
    count : int or None, default 50
        How many to list, the largest first; None is all.

    Returns
    -------
    DataFrame
        Indexed (region, sector, input, partner): `share` (of the partner in the sector's purchases of the input, a
        fraction), `cost_share` (purchases from the partner over the sector's output, a fraction) and `value`
        (purchases from the partner, in the table's unit), largest value first.

    Notes
    -----
    At face value: direct purchases. Inputs that are negative in sum (returns of inventories) are left out.
    """
    expect_table(t)
    if not isinstance(threshold, int | float) or not 0 < threshold <= 1:
        raise OptionError(f"threshold={threshold!r}: a share above 0 and up to 1 is wanted")
    only = None if partner is None else t.regions.index(t.find(partner))
    buyers = range(len(t.regions)) if region is None else [t.regions.index(t.find(region))]
    found = [_over(t, buyer, threshold, only) for buyer in buyers]
    codes = np.concatenate([places for places, _ in found], axis=1)
    values = np.concatenate([numbers for _, numbers in found], axis=0)
    order = np.argsort(-values[:, 2], kind="stable")[:count]
    index = pd.MultiIndex(
        levels=[t.regions, t.sectors, t.sectors, t.regions], codes=list(codes[:, order]),
        names=["region", "sector", "input", "partner"], verify_integrity=False,
    )  # fmt: skip
    columns = named(("share", "cost_share", "value"))
    return t.frame(values[order], index, columns, measure="chokepoints", threshold=threshold)


def _over(t: Table, buyer: int, threshold: float, only: int | None) -> tuple[np.ndarray, Matrix]:
    """Places (region, sector, input, partner) and numbers of one region's purchases beyond the threshold."""
    regions, count = len(t.regions), len(t.sectors)
    columns = slice(buyer * count, (buyer + 1) * count)
    bought = t.arrays.z[:, columns].reshape(regions, count, count)
    whole = bought.sum(axis=0)
    shares = share(bought, np.broadcast_to(np.where(whole > 0, whole, 0.0), bought.shape))
    over = np.nan_to_num(shares) >= threshold
    over[buyer] = False
    if only is not None:
        over &= (np.arange(regions) == only)[:, None, None]
    partner, good, sector = np.nonzero(over)
    value = bought[over]
    cost = share(value, t.arrays.x[columns][sector])
    return np.array([np.full_like(sector, buyer), sector, good, partner]), np.column_stack([shares[over], cost, value])


class LookThrough:
    """All pairs of a table at face value and looked through; what they are made of is computed once, when asked for."""

    def __init__(
        self, t: Table, factor: str | pd.Series | None = None, groups: Mapping[str, str] | None = None
    ) -> None:
        self.e = joined(t, groups)
        self.per_unit = self.e.ordered(traced(t, factor).per_unit)
        self._found: dict[tuple[str, str], Matrix] = {}

    def matrix(self, measure: str) -> Matrix:
        """Dependence of the row on the column, G x G."""
        return self._once("matrix", measure, self._matrix)

    def by_sector(self, measure: str) -> Matrix:
        """Reliance of each sector on each region: n x G."""
        return self._once("by_sector", measure, self._by_sector)

    def _once(self, level: str, measure: str, compute: Callable[[str], Matrix]) -> Matrix:
        """What one measure needs of another is not computed again."""
        if (level, measure) not in self._found:
            self._found[level, measure] = compute(measure)
        return self._found[level, measure]

    def _matrix(self, measure: str) -> Matrix:
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.matrix(name) - self.matrix(f"{name}_face")
        if measure in SECTOR_MEASURES:
            return _of_row(self.e.by_region(self._levels(measure)))
        found: Matrix = getattr(self, measure)()
        return found

    def _by_sector(self, measure: str) -> Matrix:
        if measure.endswith("_hidden"):
            name = measure.removesuffix("_hidden")
            return self.by_sector(name) - self.by_sector(f"{name}_face")
        return _of_row(self.e.by_sector(self._levels(measure)))

    def concentration(self, name: str) -> Matrix:
        """Hirschman's index of each region over its foreign partners: the sum of squared shares, 1 / partners to 1."""
        sums = self.e.by_region(self._levels(CONCENTRATION[name]))
        np.fill_diagonal(sums, 0.0)
        squares: Matrix = (_of_row(sums) ** 2).sum(axis=1)
        return squares

    # ---- shares of final demand and GDP -----------------------------------------------------------------------

    def supply_share(self) -> Matrix:
        """Share of the partner's value added in the region's final demand."""
        return _of_row(self._absorbed.T)

    def supply_share_face(self) -> Matrix:
        """Share of the region's final goods that it buys from the partner."""
        return _of_row(self.e.by_region(self.e.y).T)

    def supply_share_final(self) -> Matrix:
        """The part of the supply share in final goods bought directly; NaN of a region with itself."""
        return self._part(self._direct_flows[0])

    def supply_share_inputs(self) -> Matrix:
        """The part in inputs that the region buys directly and absorbs; NaN of a region with itself."""
        return self._part(self._direct_flows[1])

    def supply_share_third(self) -> Matrix:
        """The rest of the supply share: by way of third countries; NaN of a region with itself."""
        parts = [self.matrix(name) for name in ("supply_share", "supply_share_final", "supply_share_inputs")]
        return parts[0] - parts[1] - parts[2]

    def _part(self, flows: Matrix) -> Matrix:
        parts = share(flows.T, self._absorbed.sum(axis=0))
        np.fill_diagonal(parts, np.nan)
        return parts

    def demand_share(self) -> Matrix:
        """Share of the region's value added that the partner absorbs."""
        return _of_row(self._absorbed)

    # ---- gross trade ------------------------------------------------------------------------------------------

    def trade_to_gdp(self) -> Matrix:
        """Exports to and imports from the partner, over the region's value added; NaN with itself."""
        return share(self._trade, self.e.by_region(self.e.va))

    def trade_share(self) -> Matrix:
        """Share of the partner in the region's exports and imports (Barbieri 1996)."""
        return share(self._trade, np.nansum(self._trade, axis=1))

    def salience(self) -> Matrix:
        """Root of the product of both trade shares (Barbieri 1996)."""
        shares = self.matrix("trade_share")
        product = shares * shares.T
        # Returns of inventories can make a share negative: then there is no root.
        found: Matrix = np.sqrt(np.where(product >= 0, product, np.nan))
        return found

    def symmetry(self) -> Matrix:
        """1 less the difference of the two trade shares (Barbieri 1996)."""
        shares = self.matrix("trade_share")
        found: Matrix = 1 - np.abs(shares - shares.T)
        return found

    def interdependence(self) -> Matrix:
        """Salience times symmetry (Barbieri 1996)."""
        return self.matrix("salience") * self.matrix("symmetry")

    # ---- what they are made of --------------------------------------------------------------------------------

    @cached_property
    def _output_for(self) -> Matrix:
        """Output by region whose final demand it ends in, ``B Y``: n x G."""
        return absorbed_from(self.e, np.ones(len(self.e.x)))

    @cached_property
    def _absorbed(self) -> Matrix:
        """Value added (or the factor) by source and absorber: G x G."""
        return self.e.by_region(self._output_for * self.per_unit[:, None])

    @cached_property
    def _direct_flows(self) -> Matrix:
        """Value added (or the factor) in final goods and in inputs that the direct importer absorbs: 2 x G x G."""
        with self.e.table.labels.naming():
            _, abroad = _core.flows_by_importer(self.e.arrays, self.per_unit, True, self.e.made)
        return abroad[:2]

    @cached_property
    def _trade(self) -> Matrix:
        """Exports and imports by pair; a region does not trade with itself."""
        sent = self.e.by_region(self._direct[1])
        both: Matrix = sent + sent.T
        np.fill_diagonal(both, np.nan)
        return both

    @cached_property
    def _direct(self) -> tuple[Matrix, Matrix]:
        return _core.direct_trade(self.e.arrays)

    @cached_property
    def _required(self) -> Matrix:
        """Inputs by region of origin that the output of each sector needs, at all stages: n x G."""
        e = self.e
        with e.table.labels.naming():
            required = _core.inputs_required(e.arrays, e.solver(len(e.names)))
        levels: Matrix = np.ascontiguousarray((required * e.x).T)
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
