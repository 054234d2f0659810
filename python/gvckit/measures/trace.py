"""Whose value, in which product, for whom: value added by origin, final product and absorber."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gvckit.errors import TooLargeError
from gvckit.options import Absorber, Axis, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.labels import crossed
from gvckit.table.select import Chosen, regions_chosen, rows_chosen
from gvckit.table.solve import available_memory

#: Share of the memory that is free which a result may take.
_MOST = 0.5


def trace(
    t: Table,
    origin: Axis = "region",
    product: Axis = None,
    absorber: Absorber = None,
    factor: str | pd.Series | None = None,
    origins: Chosen = None,
    products: Chosen = None,
    absorbers: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Value added by where it is made, in which final product it ends, and who absorbs it: ``V^ B Y``.

    ``trace(t, "region", "sector", "region", origins="CHN", products=["Transport equipment"], absorbers="USA")`` is
    Chinese value added in the motor vehicles that Americans buy, by the country that finishes them.

    Parameters
    ----------
    t : Mrio
    origin, product : {"region", "sector", None}
        By region, by (region, sector), or summed.
    absorber : {"region", None}
        By the region whose final demand it is, or summed.
    factor : str or Series, optional
        An item of ``t.extensions`` (CO2, employment, a component of value added), or amounts by (region, sector), in
        place of value added: footprints and jobs.
    origins, products : str, (str, str), or list of these, optional
        Only these: a region, a sector, a (region, sector) pair. A list is a union. What isn't selected is no row or
        column, and is in no sum.
    absorbers : str or list of str, optional
        Only final demand of these regions.

    Returns
    -------
    DataFrame
        In the table's unit, or the factor's. Rows: `region` (and `sector`) of origin; columns: `product_region`
        (`product_sector`), `absorber`, the absorber running fastest, in the table's order. An axis that is summed has
        no level; where all are, the one row or column is called ``all``.

    Raises
    ------
    OptionError, LabelError
        An axis or a name that is not known; a name that is both a region and a sector.
    TooLargeError
        A result that won't fit into memory, with its size.

    Notes
    -----
    Los, Timmer and de Vries (2015); Timmer, Los, Stehrer and de Vries (2013): GVC income; OECD: FDVA by industry. Left
    solves ``v_o' B`` of the origins, or solves ``B (Y)_pa`` of products and absorbers, whichever are fewer
    (`Mrio.solver`); the inverse, one n x n array, only for sectors by sectors.
    """
    expect_table(t)
    check("origin", origin, Axis)
    check("product", product, Axis)
    check("absorber", absorber, Absorber)
    row = traced(t, factor)
    ends = Ends(t.arrays.y, t.regions, "product_region", "product_sector", "absorber")
    found, index, columns = along(
        t, row.per_unit, ends, (origin, product, absorber is not None),
        rows_chosen(t, "origins", origins), rows_chosen(t, "products", products),
        regions_chosen(t, "absorbers", absorbers),
    )  # fmt: skip
    told = {"measure": "trace", "origin": origin, "product": product, "absorber": absorber, **row.words}
    return t.frame(found, index, columns, **told)


@dataclass(frozen=True, eq=False)
class Ends:
    """Where goods go: by row and partner (n, G), final demand or exports, the partners, and what levels are called."""

    goods: Matrix
    partners: Sequence[str]
    region: str
    sector: str
    partner: str


@dataclass(frozen=True, eq=False)
class _Groups:
    """Rows in groups: the group of each chosen row, -1 of others, and the index of the groups."""

    of: np.ndarray
    index: pd.Index | None

    @property
    def count(self) -> int:
        """Number of groups."""
        return 1 if self.index is None else len(self.index)


def along(
    t: Table,
    per_unit: Matrix,
    ends: Ends,
    axes: tuple[Axis, Axis, bool],
    origins: np.ndarray,
    products: np.ndarray,
    absorbers: list[int],
) -> tuple[Matrix, pd.Index, pd.Index]:
    """``V^ B`` times goods by their ends, summed as asked for, with index and columns."""
    origin, product, by_partner = axes
    rows = _grouped(t, origin, origins, "region", "sector")
    goods = _grouped(t, product, products, ends.region, ends.sector)
    kept = np.where(products[:, None], ends.goods[:, absorbers], 0.0)
    if not by_partner:
        kept = kept.sum(axis=1, keepdims=True)
    size = rows.count * goods.count * kept.shape[1]
    _expect_room(size, (rows.count, goods.count, kept.shape[1]))
    with t.labels.naming():
        if rows.count <= goods.count * kept.shape[1]:
            cube = _from_origins(t, per_unit, rows, goods, kept)
        else:
            cube = _from_ends(t, per_unit, rows, goods, kept)
    index = pd.Index(["all"], name="region") if rows.index is None else rows.index
    partners = pd.Index([ends.partners[k] for k in absorbers], name=ends.partner) if by_partner else None
    return cube.reshape(rows.count, -1), index, _columns(goods.index, partners)


def _grouped(t: Table, axis: Axis, chosen: np.ndarray, region: str, sector: str) -> _Groups:
    """Groups of the chosen rows along an axis."""
    n = len(t.labels.rows)
    if axis is None:
        return _Groups(np.where(chosen, 0, -1), None)
    if axis == "sector":
        place = np.where(chosen, np.cumsum(chosen) - 1, -1)
        return _Groups(place, t.labels.rows[chosen].set_names([region, sector]))
    there = np.atleast_1d(chosen.reshape(len(t.regions), -1).any(axis=1))
    number = np.cumsum(there) - 1
    place = np.where(chosen, number[np.arange(n) // len(t.sectors)], -1)
    return _Groups(place, t.labels.region[np.flatnonzero(there)].rename(region))


def _spread(values: Matrix, groups: _Groups) -> Matrix:
    """Values of rows as one column a group, 0 outside it: (n, groups)."""
    out = np.zeros((len(values), groups.count))
    inside = np.flatnonzero(groups.of >= 0)
    out[inside, groups.of[inside]] = values[inside]
    return out


def _summed(values: Matrix, groups: _Groups) -> Matrix:
    """Rows (n, k) summed by group: (groups, k). Groups are runs of rows, as the table's order has them."""
    inside = np.flatnonzero(groups.of >= 0)
    if len(inside) == groups.count:
        return values[inside]
    starts = np.flatnonzero(np.diff(groups.of[inside], prepend=-1))
    sums: Matrix = np.add.reduceat(values[inside], starts, axis=0)
    return sums


def _from_origins(t: Table, per_unit: Matrix, rows: _Groups, goods: _Groups, kept: Matrix) -> Matrix:
    """By left solves: what a unit of each product embodies of each origin (n, O), times goods by their ends."""
    n = len(per_unit)
    if rows.count == n:
        embodied = np.ascontiguousarray((per_unit[:, None] * t.inverse).T)
    else:
        embodied = t.solver(rows.count).solve_transposed(_spread(per_unit, rows))
    if goods.index is None:
        return embodied.T @ kept
    out = np.empty((rows.count, goods.count, kept.shape[1]))
    for k in range(kept.shape[1]):
        out[:, :, k] = _summed(embodied * kept[:, k : k + 1], goods).T
    return out


def _from_ends(t: Table, per_unit: Matrix, rows: _Groups, goods: _Groups, kept: Matrix) -> Matrix:
    """By solves for the output that each product and absorber calls forth, times the row per unit of output."""
    wanted = np.stack([_spread(column, goods) for column in kept.T], axis=2).reshape(len(per_unit), -1)
    called = t.solver(wanted.shape[1]).solve(wanted) * per_unit[:, None]
    return _summed(called, rows)


def _columns(goods: pd.Index | None, partners: pd.Index | None) -> pd.Index:
    """Columns: products, partners fastest; ``all`` where both are summed."""
    if goods is None:
        return pd.Index(["all"]) if partners is None else partners
    return goods if partners is None else crossed(goods, partners)


def _expect_room(size: int, shape: tuple[int, int, int]) -> None:
    """Refuse a result that won't fit, before any work."""
    free = available_memory()
    if free is not None and 8 * size > _MOST * free:
        told = " x ".join(f"{n:,}" for n in shape)
        raise TooLargeError(
            f"the result has {told} numbers ({8 * size / 1e9:.1f} GB), {free / 1e9:.1f} GB of memory are free: select "
            "by origins=, products= or absorbers=, or sum an axis"
        )
