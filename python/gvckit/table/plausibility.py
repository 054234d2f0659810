"""Mistakes that a table's own sums give away: said, never mended."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import gvckit._core as _core
from gvckit.errors import NonFiniteError
from gvckit.table.data import Matrix, Table, stored
from gvckit.table.names import economy_of, members_of

#: Rows from which proportions of a whole table mean something.
_ENOUGH = 20
#: Largest relative gap between a total and the sum of its parts: tables are rounded to whole millions.
_ROUNDED = 1e-3
#: Factors between units that people mix up: units, thousands, millions, billions.
_UNITS = (1e3, 1e6, 1e9)


class Doubt(NamedTuple):
    """One doubt: name of the audit's check, its value, and what to do."""

    check: str
    value: float
    text: str


def doubts(t: Table) -> list[Doubt]:
    """Doubts about a table, from its sums and its domestic blocks; none about one with NaN."""
    try:
        arrays = stored(t)
    except NonFiniteError:
        return []
    demand = arrays.y.sum(axis=1)
    z_rows = arrays.x - demand
    z_cols = arrays.x - arrays.va if t.given.va is None else _core.totals("Z", t.given.z)[1]
    found = [
        _units("x", t.given.x, arrays.x),
        _units("va", t.given.va, arrays.x - z_cols),
        None if t.given.va is not None else _negative(demand, z_rows, z_cols),
        _proportion(arrays.z, z_rows, z_cols, demand),
        _order(arrays.z, float(z_rows.sum()), arrays.sectors),
        _demand_order(t, demand),
        _total_sector(t, z_rows, z_cols),
        _total_region(t, z_rows, z_cols),
        _group_beside_members(t),
    ]
    return [doubt for doubt in found if doubt is not None]


def _units(name: str, given: Matrix | None, own: Matrix) -> Doubt | None:
    """A vector that is a power of a thousand away from what Z and Y make of it."""
    if given is None or not given.any() or not own.any():
        return None
    ratio = float(np.median(np.abs(given[own != 0] / own[own != 0])))
    for unit in (*_UNITS, *(1 / unit for unit in _UNITS)):
        # Between half and double: value added may leave out taxes.
        if 0.5 < ratio / unit < 2:
            times = f"{unit:,.0f} times" if unit > 1 else f"1/{1 / unit:,.0f} of"
            text = f"{name} is about {times} what Z and Y make of it: bring all of them to one unit"
            return Doubt("unit_factor", ratio, text)
    return None


def _negative(y: Matrix, z_rows: Matrix, z_cols: Matrix) -> Doubt | None:
    """Value added that is negative in very many columns, and what would explain it."""

    def negative(rows: Matrix, cols: Matrix, times: float = 1.0) -> int:
        return int((rows + times * y - cols < 0).sum())

    count = negative(z_rows, z_cols)
    if count < 5 or count <= len(y) / 10:
        return None
    said = f"value added is negative in {count} of {len(y)} columns"
    turned = negative(z_cols, z_rows)
    if turned <= count / 10:
        advice = f"and in {turned} with Z transposed: if rows buy from columns in your table, pass Z.T"
        return Doubt("perhaps_transposed", count, f"{said}, {advice}")
    thousand = negative(z_rows, z_cols, 1e3)
    if thousand <= count / 10 and y.sum() < 0.01 * z_rows.sum():
        advice = f"and in {thousand} with Y times 1,000: bring Z and Y to one unit"
        return Doubt("unit_factor", float(y.sum() / z_rows.sum()), f"{said}, {advice}")
    return None


def _order(z: Matrix, total: float, sectors: int) -> Doubt | None:
    """Rows that are ordered by sector first: the blocks of the regions with themselves then hold little."""
    regions = len(z) // sectors
    # In a small table it may be so by chance.
    if min(regions, sectors) < 5 or total <= 0:
        return None
    home = float(np.einsum("iaib->", z.reshape(regions, sectors, regions, sectors), dtype=np.float64)) / total
    if home > 0.5:
        return None
    turned = float(np.einsum("aibi->", z.reshape(sectors, regions, sectors, regions), dtype=np.float64)) / total
    if turned < max(0.6, 2 * home):
        return None
    text = (
        f"only {home:.0%} of intermediate flows are within regions, and {turned:.0%} if rows were ordered by sector "
        "first: rows must be region-major (row = region * number of sectors + sector)"
    )
    return Doubt("perhaps_sector_major", home, text)


def _proportion(z: Matrix, z_rows: Matrix, z_cols: Matrix, demand: Matrix) -> Doubt | None:
    """Flows that are next to nothing beside final demand: coefficients in their place, or another unit."""
    flows, final = float(z_rows.sum()), float(demand.sum())
    # Economies use from a third to two thirds of what they make as inputs.
    if len(z) < _ENOUGH or flows <= 0 or final <= 0 or flows > 0.004 * final:
        return None
    if float(np.median(z_cols)) < 1.0 and float(z.max()) <= 2.0:
        text = (
            f"intermediate flows are {flows / final:.1e} of final demand and sum to {np.median(z_cols):.2f} in the "
            "median column: if Z holds input coefficients, multiply them by output, Z = A * x"
        )
        return Doubt("perhaps_coefficients", flows / final, text)
    text = f"intermediate flows are only {flows / final:.1e} of final demand: bring Z and Y to one unit"
    return Doubt("unit_factor", final / flows, text)


def _demand_order(t: Table, demand: Matrix) -> Doubt | None:
    """Final demand whose columns are ordered by category first: regions then buy little of their own goods."""
    regions, kinds = len(t.regions), len(t.categories)
    total = float(demand.sum())
    if min(regions, kinds) < 2 or len(t.labels.rows) < _ENOUGH or total <= 0:
        return None
    own = np.repeat(np.arange(regions), len(t.sectors))
    rows = np.arange(len(own))
    home = float(t.given.y.reshape(len(own), regions, kinds)[rows, own].sum()) / total
    turned = float(t.given.y.reshape(len(own), kinds, regions)[rows, :, own].sum()) / total
    if home > 0.5 or turned < max(0.6, 2 * home):
        return None
    text = (
        f"only {home:.0%} of final goods stay in the region that makes them, and {turned:.0%} if the columns of Y were "
        "ordered by category first: columns must be region-major (column = region * number of categories + category)"
    )
    return Doubt("perhaps_category_major", home, text)


def _total_sector(t: Table, z_rows: Matrix, z_cols: Matrix) -> Doubt | None:
    """A sector that is the sum of the others of its region, in what it sells and in what it buys."""
    count = len(t.sectors)
    if count < 4:
        return None
    sums = [values.reshape(-1, count) for values in (z_rows, z_cols)]
    alike = [_half(part, part.sum(axis=1, keepdims=True)) for part in sums]
    for region, sector in np.argwhere(alike[0] & alike[1]):
        rows = slice(region * count, (region + 1) * count)
        flows = t.given.z[rows].reshape(count, -1)
        if _is_sum(flows, int(sector)):
            name = t.labels.row_name(int(region * count + sector))
            text = (
                f"{name} is the sum of the other sectors of its region: a total left in? Leave its row and column out"
            )
            return Doubt("perhaps_total", float(z_rows[region * count + sector]), text)
    return None


def _total_region(t: Table, z_rows: Matrix, z_cols: Matrix) -> Doubt | None:
    """A region that is the sum of all others, as a world beside its members."""
    regions, count = len(t.regions), len(t.sectors)
    if regions < 4:
        return None
    sums = [values.reshape(regions, count).sum(axis=1) for values in (z_rows, z_cols)]
    alike = [_half(part, part.sum()) for part in sums]
    for region in np.flatnonzero(alike[0] | alike[1]):
        by_region = t.given.y.sum(axis=1).reshape(regions, count) + z_rows.reshape(regions, count)
        if _is_sum(by_region, int(region)):
            text = f"{t.regions[region]} is the sum of the other regions: a world beside its members? Leave it out"
            return Doubt("perhaps_total", float(sums[0][region]), text)
    return None


def _half(parts: Matrix, whole: Matrix) -> np.ndarray:
    """Which parts are half of the whole, and so may be the sum of all others."""
    found: np.ndarray = (np.abs(2 * parts - whole) <= _ROUNDED * np.abs(whole)) & (whole != 0)
    return found


def _is_sum(rows: Matrix, place: int) -> bool:
    """Whether one row is the sum of the others, cell by cell."""
    others = rows.sum(axis=0) - rows[place]
    return bool(np.abs(rows[place] - others).sum() <= _ROUNDED * np.abs(others).sum())


def _group_beside_members(t: Table) -> Doubt | None:
    """A region that is called as a group whose members are regions too."""
    codes = {economy.code for region in t.regions if (economy := economy_of(region)) is not None}
    for region in t.regions:
        inside = sorted(members_of(region) & codes)
        if len(inside) > 1:
            text = (
                f"{region} stands beside its members {', '.join(inside[:3])} ...: they would count twice. Leave it out"
            )
            return Doubt("perhaps_total", float(len(inside)), text)
    return None
