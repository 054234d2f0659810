"""Mistakes that a table's own sums give away: said, never mended."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gvckit import _core
from gvckit.errors import NonFiniteError
from gvckit.table.data import Matrix, Table, stored

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
    found = [_units("x", t.given.x, arrays.x), _units("va", t.given.va, arrays.x - z_cols)]
    if t.given.va is None:
        found.append(_negative(demand, z_rows, z_cols))
    found.append(_order(arrays.z, float(z_rows.sum()), arrays.sectors))
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
