"""Trade-in-value-added indicators, comparative advantage, and participation rates side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import OptionError
from gvckit.measures.exports import decompose_exports, labelled_rows
from gvckit.measures.origin import value_added_in_exports
from gvckit.measures.participation import participation
from gvckit.measures.trade import absorbed_from, sent_abroad
from gvckit.options import Direction, ExportLevel, FlowLevel, check
from gvckit.table.data import Matrix, Table, expect_table, per_output
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import named
from gvckit.table.shares import share

#: Shares of gross exports, with the level that each is of.
_OF_EXPORTS = {
    "domestic_share": "domestic_content",
    "foreign_share": "foreign_content",
    "indirect_share": "indirect",
    "vax_ratio": "value_added_exports",
}


def tiva(
    t: Table,
    sectors: str | Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    level: ExportLevel = "region",
) -> pd.DataFrame:
    """Trade-in-value-added indicators of each region, or by sector and partner.

    Parameters
    ----------
    t : Mrio
    sectors : str or sequence of str, optional
        Only exports of these sectors (goods, say), for `exports`, `imported_inputs` and `imported_input_share`; the
        other columns are of all exports, and are left out. At level region alone.
    groups : mapping of region to group, optional
        Several regions as one economy; by default, processing zones join theirs.
    level : {"region", "sector", "bilateral", "bilateral_sector"}
        Rows: economies; economies and sectors; economies and partners; economies, sectors and partners. Below regions
        the columns are those of ``gvckit.describe("tiva_bilateral")``, whose levels add up to those of the region.

    Returns
    -------
    DataFrame
        Levels in the table's unit and shares as fractions; ``gvckit.describe("tiva")`` says what each column is, with
        the OECD's code where it has one. A region with itself is no row.

    Notes
    -----
    OECD, Guide to Trade in Value Added Indicators; Hummels, Ishii and Yi (2001), whose share of imported inputs in
    exports is ``1' A^M L e / 1' e`` with the country's own local inverse; Johnson and Noguera (2012).
    """
    expect_table(t)
    check("level", level, ExportLevel)
    e = joined(t, groups)
    sent = sent_abroad(e)
    if level != "region":
        if sectors is not None:
            raise OptionError("sectors= is for level='region': of other levels, select from the result")
        return _by_sector_and_partner(t, e, sent, level)
    goods = sent.sum(axis=1) if sectors is None else sent.sum(axis=1) * e.ordered(t.labels.rows_of(sectors))
    bought = _foreign_columns(e)
    of = {"exports": e.by_region(goods)}
    if sectors is None:
        of |= _content(e, sent)
    of["imported_inputs"] = _imported_inputs(e, goods, bought)
    of["imported_input_share"] = share(of["imported_inputs"], of["exports"])
    if sectors is None:
        of["reexported_inputs_share"] = share(of["imported_inputs"], e.by_region(bought))
    values = np.column_stack(list(of.values()))
    return t.frame(values, e.region, named(of), measure="tiva", sectors=sectors)


def _content(e: Joined, sent: Matrix) -> dict[str, Matrix]:
    """Whose value added is in exports, and what is absorbed where."""
    exports, imports = (e.by_region(sent).sum(axis=axis) for axis in (1, 0))
    origin = _origin(e)
    # Value added of each economy (columns) in the exports of each (rows).
    content = e.by_region(origin * sent.sum(axis=1, keepdims=True))
    absorbed = e.by_region(absorbed_from(e))
    domestic, kept = np.diag(content), np.diag(absorbed)
    of = {
        "imports": imports,
        "domestic_content": domestic,
        "foreign_content": content.sum(axis=1) - domestic,
        "indirect": content.sum(axis=0) - domestic,
        # Exports to the exporter itself are 0: v_s sum_r B_sr E_rs.
        "returned": (origin * sent).sum(axis=0),
        "value_added_exports": absorbed.sum(axis=1) - kept,
        "value_added_imports": absorbed.sum(axis=0) - kept,
    }
    for name, part in _OF_EXPORTS.items():
        of[name] = share(of[part], exports)
    return of


def _by_sector_and_partner(t: Table, e: Joined, sent: Matrix, level: ExportLevel) -> pd.DataFrame:
    """Indicators by exporting (or producing) sector and partner: each column as rows x partners first."""
    origin = _origin(e)
    with t.labels.naming():
        local = _core.local_solve(e.arrays, e.v, True)
    domestic, foreign = e.own(origin), origin.sum(axis=1) - e.own(origin)
    final = e.y.copy()
    final[np.arange(len(final)), e.economy] = 0.0
    per_export = {
        "domestic_content": domestic, "direct_domestic": e.v, "indirect_domestic": local - e.v,
        "reimported_domestic": domestic - local, "foreign_content": foreign,
    }  # fmt: skip
    absorbed = absorbed_from(e)
    absorbed[np.arange(len(absorbed)), e.economy] = 0.0
    cells = {"exports": sent, "final_exports": final, "intermediate_exports": sent - final}
    cells |= {name: coefficient[:, None] * sent for name, coefficient in per_export.items()}
    cells["value_added_exports"] = absorbed
    count = len(e.names)
    by_sector = {name: e.by_sector(part).reshape(count, -1, count) for name, part in cells.items()}
    # What r sells of a sector to s is what s imports of it from r.
    for bought, sold in (("imports", "exports"), ("value_added_imports", "value_added_exports")):
        by_sector[bought] = by_sector[sold].transpose(2, 1, 0)
    summed = {name: _to_level(part, level) for name, part in by_sector.items()}
    for name in ("domestic_content", "foreign_content"):
        summed[name.replace("content", "share")] = share(summed[name], summed["exports"])
    cube = np.stack(list(summed.values()), axis=-1)
    values, index = labelled_rows(cube, e, t.sectors, level, (None, None))
    return t.frame(values, index, named(summed), measure="tiva_bilateral", level=level)


def _to_level(cells: Matrix, level: ExportLevel) -> Matrix:
    """Cells by economy, sector and partner, without those that the level sums."""
    if not level.startswith("bilateral"):
        cells = cells.sum(axis=2)
    return cells if level.endswith("sector") else cells.sum(axis=1)


def _origin(e: Joined) -> Matrix:
    """Value added of each economy per unit of final good of each row, ``v_s B_sj`` (n, G)."""
    with e.table.labels.naming():
        return e.solver(len(e.names)).solve_transposed(e.spread(e.v))


def _imported_inputs(e: Joined, goods: Matrix, bought: Matrix) -> Matrix:
    """Imported intermediates that exports need: ``1' A^F L e``, economy by economy."""
    with e.table.labels.naming():
        needed = _core.local_solve(e.arrays, goods)
    return e.by_region(per_output(bought, e.x) * needed)


def _foreign_columns(e: Joined) -> Matrix:
    """Imported intermediates of each sector, in the table's unit."""
    supplied, _ = _core.direct_trade(e.arrays)
    found: Matrix = supplied.sum(axis=0) - e.own(supplied.T)
    return found


def participation_rates(t: Table, groups: Mapping[str, str] | None = None, level: FlowLevel = "region") -> pd.DataFrame:
    """Participation by five definitions that are often confused, side by side.

    Parameters
    ----------
    t : Mrio
    groups : mapping, optional
        As in `decompose_exports`.
    level : {"region", "sector"}
        Of sectors, exports are those of the sector; ``forward (VS1)`` is the sector's value added in others' exports,
        over its own exports.

    Returns
    -------
    DataFrame
        Per region or (region, sector), fractions; the columns have two levels, `base` (what it is a share of) and
        `measure`:

        - ``value added`` / ``forward``: value added in simple and complex chains (Wang et al. 2017);
        - ``final goods`` / ``backward``: final goods' content from such chains (Wang et al. 2017);
        - ``exports`` / ``backward (VS)``, ``forward (VS1)``: foreign content of exports, and domestic value added in
          others' exports (Hummels, Ishii and Yi 2001; Koopman, Wang and Wei 2014);
        - ``exports`` / ``GVC (BM)``, ``backward (BM)``, ``forward (BM)``: exports that cross more than one border
          (Borin and Mancini 2019).
    """
    expect_table(t)
    e = joined(t, groups)
    check("level", level, FlowLevel)
    sides: tuple[Direction, Direction] = ("forward", "backward")
    ends = [participation(t, side, level, shares=True, groups=groups)["gvc"].to_numpy() for side in sides]
    content = value_added_in_exports(t, groups, level).to_numpy()
    own = np.arange(len(content)) // (len(t.sectors) if level == "sector" else 1)
    borin = decompose_exports(t, "bm_source", level, groups=groups)
    exports = borin["exports"].to_numpy()
    of = dict(zip(borin.columns, share(borin.to_numpy(), exports).T, strict=True))
    parts = {
        ("value added", "forward"): ends[0],
        ("final goods", "backward"): ends[1],
        ("exports", "backward (VS)"): of["FC"],
        ("exports", "forward (VS1)"): share(content.sum(axis=1) - content[np.arange(len(own)), own], exports),
        ("exports", "GVC (BM)"): of["GVC"],
        ("exports", "backward (BM)"): of["GVCB"],
        ("exports", "forward (BM)"): of["GVCF"],
    }
    columns = pd.MultiIndex.from_tuples(list(parts), names=["base", "measure"])
    told = {"measure": "participation_rates", "unit": "fractions of the base"}
    index = e.region if level == "region" else e.labels
    return t.frame(np.column_stack(list(parts.values())), index, columns, **told)
