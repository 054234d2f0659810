"""Value added in exports by where it was made: its country and sector, and what is exported to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import OptionError
from gvckit.measures.participation import forward_terms
from gvckit.measures.trace import Ends, along
from gvckit.measures.trade import absorbed_from, sent_abroad
from gvckit.options import FlowLevel, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import crossed
from gvckit.table.select import Chosen, regions_chosen, rows_chosen


def core_arguments(e: Joined, inverse: bool) -> tuple[Any, ...]:
    """What the core's functions of exports take: blocks of B where they are needed, else what solves."""
    b = e.inverse if inverse else e.solver(len(e.names))
    return (e.arrays[0], e.y, b, e.x, e.v, e.starts, e.made)


def exports_content(e: Joined) -> Matrix:
    """Value added of each row in the gross exports of each economy (n, G)."""
    by_row, _ = _core.exports_content(*core_arguments(e, inverse=False))
    return by_row


def value_added_in_exports(
    t: Table,
    groups: Mapping[str, str] | None = None,
    level: FlowLevel = "region",
    *,
    exporter: FlowLevel = "region",
    partner: bool = False,
    factor: str | pd.Series | None = None,
    origins: Chosen = None,
    exporters: Chosen = None,
    partners: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Value added by origin in gross exports: ``V^ B E``.

    Services in manufactured exports (servicification) are ``level="sector"`` with ``exporter="sector"``; the emissions
    embodied in bilateral trade are ``partner=True`` with a `factor`.

    Parameters
    ----------
    t : Mrio
    groups : mapping, optional
        As in `decompose_exports`.
    level : {"region", "sector"}
        Rows: origin regions, or origin (region, sector).
    exporter : {"region", "sector"}
        Columns: exporting regions, or exporting (region, sector).
    partner : bool, default False
        Columns by the partner too, the one that exports go to.
    factor : str or Series, optional
        An item of ``t.extensions``, or amounts by (region, sector), in place of value added.
    origins, exporters, partners : str, (str, str), or list of these, optional
        Only these, as in `trace`; for tables whose regions are all economies.

    Returns
    -------
    DataFrame
        Origin x exporter in the table's unit, or the factor's. Columns are called `partner` where only the exporting
        region counts (the second party beside the origin); else `exporter` (`exporter_sector`) (`partner`), the partner
        running fastest. Columns add up to gross exports where value added is x - 1'Z; an exporter's own rows are
        domestic content, the others vertical specialisation by origin; the rest of a row is domestic value added in
        other countries' exports.

    Raises
    ------
    OptionError, LabelError
        An option or a name that is not known; a selection of a table with groups.
    TooLargeError
        A result that won't fit into memory, with its size.

    Notes
    -----
    OECD, Guide to Trade in Value Added Indicators: EXGR_DVA by source industry. One solve of G right-hand sides; G of
    each exporter by partner; sector by sector holds B (one n x n array).
    """
    expect_table(t)
    check("level", level, FlowLevel)
    check("exporter", exporter, FlowLevel)
    e, row = joined(t, groups), traced(t, factor)
    told = {"measure": "value_added_in_exports", **row.words}
    plain = (
        exporter == "region" and not partner and all(part is None for part in (factor, origins, exporters, partners))
    )
    if plain:
        with t.labels.naming():
            values, index = e.at_level(exports_content(e), level)
        return t.frame(values, index, e.partner, **told)
    goods = np.empty((len(t.labels.rows), len(e.names)))
    goods[slice(None) if e.rows is None else e.rows] = sent_abroad(e)
    if e.rows is not None and any(part is not None for part in (origins, exporters, partners)):
        raise OptionError("a selection of a table whose regions are grouped: select from the result instead")
    values, index, columns = along(
        t, row.per_unit, Ends(goods, e.names, "exporter", "exporter_sector", "partner"), (level, exporter, partner),
        rows_chosen(t, "origins", origins), rows_chosen(t, "exporters", exporters),
        regions_chosen(t, "partners", partners) if e.rows is None else list(range(len(e.names))),
    )  # fmt: skip
    if e.rows is not None:
        values, index = _by_economy(e, values, level, ("region", "sector"))
        width = len(e.names) if partner else 1
        across = values.reshape(len(values), -1, width).swapaxes(0, 1).reshape(-1, len(values) * width)
        across, products = _by_economy(e, across, exporter, ("exporter", "exporter_sector"))
        values = across.reshape(len(across), -1, width).swapaxes(0, 1).reshape(len(values), -1)
        columns = crossed(products, pd.Index(e.names, name="partner")) if partner else products
    if partner:
        same = columns.get_level_values("exporter") == columns.get_level_values("partner")
        values, columns = values[:, ~same], columns[~same]
    elif exporter == "region":
        columns = columns.rename("partner")
    return t.frame(values, index, columns, **told)


def _by_economy(e: Joined, values: Matrix, level: FlowLevel, names: tuple[str, str]) -> tuple[Matrix, pd.Index]:
    """Rows of the table's regions, or of its (region, sector), summed by economy."""
    if level == "sector":
        return e.by_sector(values[e.rows]), e.labels.set_names(list(names))
    out = np.zeros((len(e.names), values.shape[1]))
    np.add.at(out, e.place, values)
    return out, e.region.rename(names[0])


def source_terms(e: Joined) -> dict[str, Matrix]:
    """Borin and Mancini's source-based terms of an economy's exports, by the sector that made the value added (n,).

    With ``B'`` the inverse without the intermediate exports of s, ``B'_ts = B_ts B_ss^-1 L_ss``: v o (B_ss E) is
    domestic content, v o (L_ss E) what leaves for the first time, and B' E what others add until then. Foreign terms
    stand with the economy that exports, at the sector of the others that made them.
    """
    sent = sent_abroad(e)
    goods = sent.sum(axis=1)
    first = _core.local_solve(e.arrays, goods)
    called = e.solver(len(e.names)).solve(np.column_stack([e.spread(goods), e.spread(_own_block(e, first))]))
    count = len(e.names)
    everything, counted_once = called[:, :count], called[:, count:]
    absorbed = e.own(absorbed_from(e))
    terms = forward_terms(e, e.v)[0]
    domestic, once = e.v * e.own(everything), e.v * first
    foreign, foreign_once = (_of_others(e, part) for part in (everything, counted_once))
    reflected = absorbed - terms[:, 0]
    return {
        "DC": domestic, "DVA": once, "VAX": once - reflected, "REF": reflected, "DDC": domestic - once,
        "FC": foreign, "FVA": foreign_once, "FDC": foreign - foreign_once,
        "DAVAX": terms[:, 1] + terms[:, 2], "exports": domestic + foreign,
    }  # fmt: skip


def _own_block(e: Joined, needed: Matrix) -> Matrix:
    """``B_ss^-1 u_s``, economy by economy."""
    out = np.empty_like(needed)
    for start, stop in pairwise(e.starts):
        rows = slice(start, stop)
        out[rows] = np.linalg.solve(e.inverse[rows, rows], needed[rows])
    return out


def _of_others(e: Joined, called: Matrix) -> Matrix:
    """Value added that others make of what each economy's exports call forth (n, G), at the exporter's rows."""
    made = e.by_sector(e.v[:, None] * called).reshape(len(e.names), -1, len(e.names))
    own = np.arange(len(e.names))
    made[own, :, own] = 0.0
    by_exporter = made.sum(axis=0).T
    out = np.zeros(len(called))
    # One row of each sector of the exporter holds the sum; zones of an economy have several.
    _, first = np.unique(e.economy * by_exporter.shape[1] + e.sectors, return_index=True)
    out[first] = by_exporter.ravel()
    return out
