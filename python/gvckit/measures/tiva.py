"""Trade-in-value-added indicators, comparative advantage, and participation rates side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.measures.exports import decompose_exports, value_added_in_exports
from gvckit.measures.participation import participation
from gvckit.measures.trade import absorbed_from, sent_abroad
from gvckit.table.data import Matrix, Table, expect_table, per_output
from gvckit.table.joined import joined
from gvckit.table.shares import share

#: Shares of gross exports, with the level that each is of.
_OF_EXPORTS = {
    "domestic_share": "domestic_content",
    "foreign_share": "foreign_content",
    "indirect_share": "indirect",
    "vax_ratio": "value_added_exports",
}


def tiva(t: Table, sectors: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Trade-in-value-added indicators of each region.

    Parameters
    ----------
    t : Mrio
    sectors : str or sequence of str, optional
        Only exports of these sectors (goods, say), for `exports`, `imported_inputs` and `imported_input_share`; the
        other columns are of all exports, and are left out.

    Returns
    -------
    DataFrame
        Per region, levels in the table's unit and shares as fractions; ``gvckit.describe("tiva")`` says what each
        column is.

    Notes
    -----
    OECD, Guide to Trade in Value Added Indicators; Hummels, Ishii and Yi (2001), whose share of imported inputs in
    exports is ``1' A^M L e / 1' e`` with the country's own local inverse; Johnson and Noguera (2012).
    """
    expect_table(t)
    sent = sent_abroad(t)
    goods = sent.sum(axis=1) if sectors is None else sent.sum(axis=1) * t.labels.rows_of(sectors)
    bought = _foreign_columns(t)
    of = {"exports": t.labels.by_region(goods)}
    if sectors is None:
        of |= _content(t, sent)
    of["imported_inputs"] = _imported_inputs(t, goods, bought)
    of["imported_input_share"] = share(of["imported_inputs"], of["exports"])
    if sectors is None:
        of["reexported_inputs_share"] = share(of["imported_inputs"], t.labels.by_region(bought))
    values = np.column_stack(list(of.values()))
    return t.frame(values, t.labels.region, pd.Index(list(of)), measure="tiva", sectors=sectors)


def _content(t: Table, sent: Matrix) -> dict[str, Matrix]:
    """Whose value added is in exports, and what is absorbed where."""
    exports, imports = (t.labels.by_region(sent).sum(axis=axis) for axis in (1, 0))
    origin = _origin(t)
    # Value added of each region (columns) in the exports of each (rows).
    content = np.einsum(
        "gnr,gn->gr", origin.reshape(len(t.regions), -1, len(t.regions)), _by_block(t, sent.sum(axis=1))
    )
    absorbed = t.labels.by_region(absorbed_from(t))
    domestic, kept = np.diag(content), np.diag(absorbed)
    of = {
        "imports": imports,
        "domestic_content": domestic,
        "foreign_content": exports - domestic,
        "indirect": content.sum(axis=0) - domestic,
        # Exports to the exporter itself are 0: v_s sum_r B_sr E_rs.
        "returned": (origin * sent).sum(axis=0),
        "value_added_exports": absorbed.sum(axis=1) - kept,
        "value_added_imports": absorbed.sum(axis=0) - kept,
    }
    for name, part in _OF_EXPORTS.items():
        of[name] = share(of[part], exports)
    return of


def _origin(t: Table) -> Matrix:
    """Value added of each region per unit of final good of each row, ``v_s B_sj`` (n, G)."""
    with t.labels.naming():
        return t.solver(len(t.regions)).solve_transposed(t.labels.spread(t.per_unit))


def _by_block(t: Table, values: Matrix) -> Matrix:
    """Values of rows as regions x sectors."""
    return values.reshape(len(t.regions), len(t.sectors))


def _imported_inputs(t: Table, goods: Matrix, bought: Matrix) -> Matrix:
    """Imported intermediates that exports need: ``1' A^F L e``, region by region."""
    arrays = t.arrays
    with t.labels.naming():
        local = _core.local_inverse(arrays.z, arrays.x, arrays.sectors)
    needed = np.einsum("gij,gj->gi", local, _by_block(t, goods)).ravel()
    return t.labels.by_region(per_output(bought, arrays.x) * needed)


def _foreign_columns(t: Table) -> Matrix:
    """Imported intermediates of each sector, in the table's unit."""
    supplied, _ = _core.direct_trade(t.arrays)
    found: Matrix = supplied.sum(axis=0) - supplied.T[t.labels.own]
    return found


def participation_rates(t: Table, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Participation by five definitions that are often confused, side by side.

    Parameters
    ----------
    t : Mrio
    groups : mapping, optional
        As in `decompose_exports`; the shares of value added and final goods are then of single regions all the same.

    Returns
    -------
    DataFrame
        Per region, fractions; the columns have two levels, `base` (what it is a share of) and `measure`:

        - ``value added`` / ``forward``: value added in simple and complex chains (Wang et al. 2017);
        - ``final goods`` / ``backward``: final goods' content from such chains (Wang et al. 2017);
        - ``exports`` / ``backward (VS)``, ``forward (VS1)``: foreign content of exports, and domestic value added in
          others' exports (Hummels, Ishii and Yi 2001; Koopman, Wang and Wei 2014);
        - ``exports`` / ``GVC (BM)``, ``backward (BM)``, ``forward (BM)``: exports that cross more than one border
          (Borin and Mancini 2019).
    """
    expect_table(t)
    economy = joined(t, groups)
    ends = [participation(t, direction, "region", shares=True)["gvc"] for direction in ("forward", "backward")]
    content = value_added_in_exports(t, groups).to_numpy()
    borin = decompose_exports(t, "bm_source", groups=groups)
    exports = borin["exports"].to_numpy()
    rates = share(borin.to_numpy(), exports)
    of = dict(zip(borin.columns, rates.T, strict=True))
    indirect = share(content.sum(axis=1) - np.diag(content), exports)
    parts = {
        ("value added", "forward"): ends[0].reindex(economy.names).to_numpy(),
        ("final goods", "backward"): ends[1].reindex(economy.names).to_numpy(),
        ("exports", "backward (VS)"): of["FC"],
        ("exports", "forward (VS1)"): indirect,
        ("exports", "GVC (BM)"): of["GVC"],
        ("exports", "backward (BM)"): of["GVCB"],
        ("exports", "forward (BM)"): of["GVCF"],
    }
    columns = pd.MultiIndex.from_tuples(list(parts), names=["base", "measure"])
    told = {"measure": "participation_rates", "unit": "fractions of the base"}
    return t.frame(np.column_stack(list(parts.values())), borin.index, columns, **told)
