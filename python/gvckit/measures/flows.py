"""Bilateral value-added flows: traditional, simple and complex, by direct importer or final absorber."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.options import FlowLevel, Kind, Partner, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.joined import Joined, joined

#: Kinds of flows that cross a border, from the core.
_BORDER_KINDS: list[str] = _core.flow_kinds()


def flows(
    t: Table,
    kind: Kind = "complex",
    level: FlowLevel = "region",
    partner: Partner = "importer",
    sector: str | Sequence[str] | None = None,
    factor: str | pd.Series | None = None,
    groups: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Value added that flows from each source to each partner.

    Parameters
    ----------
    t : Mrio
    kind : {"traditional", "simple", "complex", "gvc", "total"}
        Value added in final goods (crosses a border once); in inputs to goods that the direct importer absorbs (once,
        for production); in inputs that cross borders again; the sum of the last two; all.
    level : {"region", "sector"}
        Rows are source regions, or source (region, sector).
    partner : {"importer", "absorber"}
        Columns are the regions that first import the value added, or those that absorb it in the end. The two differ
        for `complex`, and so for `gvc` and `total`.
    sector : str or sequence of str, optional
        Only value added that originates in these sectors.
    factor : str or Series, optional
        An item of ``t.extensions`` (CO2, employment, a component of value added), or amounts by (region, sector), in
        place of value added.
        ``total`` by absorber is then the footprint: what is emitted at the source for final demand of the partner.
    groups : mapping of region to group, optional
        Several regions as one economy: trade inside a group is domestic. By default, the processing zones of ICIO's
        extended tables join theirs (CN1, CN2 and CHN, MX1, MX2 and MEX).

    Returns
    -------
    DataFrame
        Source x partner in the table's unit. The diagonal is 0 for traditional, simple, complex and gvc by importer;
        by absorber, complex and gvc hold there the value added that returns home after crossing borders; `total` holds
        the value added that is absorbed at home (by importer: that never leaves). Rows of `total` sum to value added.

    Raises
    ------
    OptionError, LabelError
        An option or a sector that is not known.

    Notes
    -----
    Wang, Wei, Yu and Zhu (2017), NBER working paper 23222. From s to r: v_s L_ss Y_sr; v_s L_ss A_sr L_rr y_rr;
    v_s L_ss A_sr (x - L y^D)_r; by absorber V^ B Y. By importer without a global inverse, one pass over Z; by absorber
    G right-hand sides: of the LU that the table keeps (one n x n array), or by rounds over Z (`Mrio.solver`).
    """
    expect_table(t)
    check("kind", kind, Kind)
    check("level", level, FlowLevel)
    check("partner", partner, Partner)
    e, row, by_region = joined(t, groups), traced(t, factor), level == "region"
    weights = row.per_unit if sector is None else row.per_unit * t.labels.rows_of(sector)
    weights = e.ordered(weights)
    with t.labels.naming():
        domestic, abroad = _core.flows_by_importer(e.arrays, weights, by_region, e.made)
        if partner == "importer" or kind in ("traditional", "simple"):
            values = _by_importer(e, kind, domestic, abroad)
        else:
            total = _core.flows_by_absorber(e.arrays, weights, e.solver(len(e.names)), by_region)
            values = _by_absorber(e, kind, total, domestic, abroad)
    told = {"measure": "flows", "kind": kind, "partner": partner, "sector": sector, **row.words}
    return t.frame(values if by_region else e.by_sector(values), e.region if by_region else e.labels, e.partner, **told)


def _own(e: Joined, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells whose source and partner are the same economy, of economies or of rows."""
    return np.arange(rows), np.arange(rows) if rows == len(e.names) else e.economy


def _by_importer(e: Joined, kind: Kind, domestic: Matrix, abroad: Matrix) -> Matrix:
    if kind == "gvc":
        gvc: Matrix = abroad[_BORDER_KINDS.index("simple")] + abroad[_BORDER_KINDS.index("complex")]
        return gvc
    if kind == "total":
        total: Matrix = abroad.sum(axis=0)
        total[_own(e, len(total))] = domestic
        return total
    return np.ascontiguousarray(abroad[_BORDER_KINDS.index(kind)])


def _by_absorber(e: Joined, kind: Kind, total: Matrix, domestic: Matrix, abroad: Matrix) -> Matrix:
    if kind == "total":
        return total
    rest: Matrix = total - abroad[_BORDER_KINDS.index("traditional")]
    if kind == "complex":
        rest -= abroad[_BORDER_KINDS.index("simple")]
    rest[_own(e, len(total))] -= domestic
    return rest
