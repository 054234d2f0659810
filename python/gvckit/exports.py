"""Decompositions of gross exports: KWW, WWZ, Borin and Mancini, Miroudot and Ye, OECD, tripartite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.errors import OptionError
from gvckit.labels import PROCESSING, find_region, nearest
from gvckit.options import ExportLevel, FlowLevel, Method, Perspective, check
from gvckit.table import Matrix, Mrio, expect_table, over_output

_BORIN = _core.export_terms("borin_mancini")
_KERNELS: dict[str, Callable[..., tuple[Matrix, Matrix]]] = {
    "kww": _core.exports_kww,
    "wwz": _core.exports_wwz,
    "bm_source": _core.exports_bm_source,
    "bm_sink": _core.exports_bm_sink,
    "my": _core.exports_bm_source,
    "oecd": _core.exports_bm_source,
    "tripartite": _core.exports_tripartite,
    "world": _core.exports_bm_world,
}
_TERMS = {
    "kww": _core.export_terms("kww"),
    "wwz": _core.export_terms("wwz"),
    "bm_source": [*_BORIN, "DAVAX"],
    "bm_sink": [*_BORIN, "VAXIM"],
    "my": [*_BORIN, "DAVAX"],
    "oecd": [*_BORIN, "DAVAX"],
    "tripartite": _core.export_terms("tripartite"),
    "world": _core.export_terms("world"),
}
#: Columns in the order in which they are shown.
COLUMNS = {
    "kww": _TERMS["kww"],
    "wwz": _TERMS["wwz"],
    "bm_source": ["DC", "DVA", "VAX", "DAVAX", "REF", "DDC", "FC", "FVA", "FDC", "GVC", "GVCB", "GVCF"],
    "bm_sink": ["DC", "DVA", "VAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC"],
    "my": ["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"],
    "oecd": ["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"],
    "tripartite": ["DAVAX", "GVC", "GVC_PF", "GVC_TS", "GVC_PB"],
    "world": ["DC", "DVA", "DDC", "FC", "FVA", "FDC"],
}


@dataclass(frozen=True)
class Grouped:
    """Arrays of a table with its regions in groups, rows of a group together.

    Attributes
    ----------
    z, b : (n, n)
    y : (n, G)
        By consuming group.
    x, v : (n,)
    starts : list of int
        First row of each group, and n.
    names : list of str
        Groups.
    sectors : ndarray of int
        Sector of each row.
    """

    z: Matrix
    y: Matrix
    b: Matrix | _core.Factor
    x: Matrix
    v: Matrix
    starts: list[int]
    names: list[str]
    sectors: np.ndarray

    @property
    def arguments(self) -> tuple[Matrix, Matrix, Matrix | _core.Factor, Matrix, Matrix, list[int]]:
        """Arguments of the core's functions."""
        return (self.z, self.y, self.b, self.x, self.v, self.starts)


def grouped(t: Mrio, groups: Mapping[str, str] | None, inverse: bool = True) -> Grouped:
    """Put a table's regions into groups; without a mapping, processing zones join their economies.

    A table without groups is not copied; with groups, Z and B are (two n x n arrays more). Where blocks of B are not
    needed (``inverse=False``), factors do, which cost a third.
    """
    if groups is None:
        groups = {r: PROCESSING[r] for r in t.regions if r in PROCESSING}
    for region in groups:
        nearest("region", t.regions, region)
    target = [str(groups.get(region, region)) for region in t.regions]
    names = list(dict.fromkeys(target))
    arrays = t.arrays
    n = arrays.sectors
    v = t.v.to_numpy().copy()
    if t.value_added_given is None:
        # A sector without output and inputs: its sales cancel out, and what it sells is all its own. So v'B = 1'
        # there too, and the terms add up for each of its sales.
        v[(arrays.x == 0) & (arrays.va == 0)] = 1.0
    sectors = np.tile(np.arange(n), len(t.regions))
    if names == t.regions:
        starts = list(range(0, len(v) + 1, n))
        b = t._inverse if inverse or t.has_inverse else t.factor
        return Grouped(arrays.z, arrays.y, b, arrays.x, v, starts, names, sectors)
    place = np.array([names.index(name) for name in target])
    order = np.argsort(place, kind="stable")
    rows = (order[:, None] * n + np.arange(n)).ravel()
    y = np.zeros((len(v), len(names)))
    np.add.at(y.T, place, arrays.y[rows].T)
    starts = [0, *np.cumsum(np.bincount(place) * n).tolist()]
    both = np.ix_(rows, rows)
    return Grouped(arrays.z[both], y, t._inverse[both], arrays.x[rows], v[rows], starts, names, sectors[rows])


def decompose_exports(
    t: Mrio,
    method: Method = "wwz",
    level: ExportLevel = "region",
    exporter: str | Sequence[str] | None = None,
    partner: str | Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    perspective: Perspective = "exporter",
) -> pd.DataFrame:
    """Decompose gross exports into domestic, foreign and double-counted value added.

    Parameters
    ----------
    t : Mrio
    method : {"kww", "wwz", "bm_source", "bm_sink", "my", "oecd", "tripartite"}
        Koopman, Wang and Wei (2014); Wang, Wei and Zhu (2013); Borin and Mancini (2019, 2023), source- and
        sink-based; Miroudot and Ye (2021); OECD TiVA; Borin, Mancini and Taglioni (2025).
        ``gvckit.describe(method)`` says what each column means.
    level : {"region", "sector", "bilateral", "bilateral_sector"}
        Rows: exporter; exporter and exporting sector; exporter and partner; exporter, sector and partner. KWW is
        defined for exporters only.
    exporter, partner : str or sequence of str, optional
        Only these, by label or name (of groups, where there are any). `partner` needs a bilateral level.
    groups : mapping of region to group, optional
        Treat several regions as one exporter: trade inside a group is domestic. By default, the processing zones of
        ICIO's extended tables (CN1, CN2, MX1, MX2) join CHN and MEX.
    perspective : {"exporter", "world"}
        For bm_source and bm_sink: value added is double counted when it crosses the exporter's own border again, or
        when it crosses any border again. In the world's perspective value added is counted once in the exports of
        all countries together: when it first leaves its own country (source: then no foreign value added is counted
        in anyone's exports), or when it last crosses a border (sink; its FVA and FDC are those of `kww`). Columns DC,
        DVA, DDC, FC, FVA, FDC.

    Returns
    -------
    DataFrame
        In the table's unit, a column a term and `exports`. Index levels `region`, `sector`, `partner` as the level
        has them; a region with itself is no row. Which columns add up to `exports`: all of kww and wwz; DVA + DDC +
        FVA + FDC of the others; DAVAX + GVC of tripartite.

    Raises
    ------
    OptionError, LabelError
        An option or region that is not known; KWW below the exporter level.

    Notes
    -----
    `my` and `oecd` share the source-based terms of Borin and Mancini, which coincide with theirs for a country's
    exports. `oecd` adds at region level GVCB = FC, GVCF (domestic value added in other countries' exports) and their
    sum GVC, which is not a part of exports. Holds B (one n x n array, kept by the table) and, for bilateral methods,
    rows x partners x terms.
    """
    expect_table(t)
    check("method", method, Method)
    check("level", level, ExportLevel)
    check("perspective", perspective, Perspective)
    world = perspective == "world"
    if world and method not in ("bm_source", "bm_sink"):
        raise OptionError(f"perspective='world' is defined for bm_source and bm_sink, not {method!r}")
    if method == "kww" and level != "region":
        raise OptionError(
            f"kww is defined for a country's exports only: level='region', not {level!r}. method='wwz' has the levels"
        )
    if partner is not None and not level.startswith("bilateral"):
        raise OptionError(f"partner= needs level='bilateral' or 'bilateral_sector', not {level!r}")
    with t.labels.naming():
        kernel = "world" if world else method
        economy = grouped(t, groups, inverse=kernel not in ("kww", "tripartite", "world"))
        terms, sent = _KERNELS[kernel](*economy.arguments)
        if world and method == "bm_source":
            _count_when_first_sent(economy, terms)
    frame = _kww_frame(economy, terms, sent) if method == "kww" else _frame(t, economy, kernel, level, terms, sent)
    if method == "oecd" and level == "region":
        _add_indirect(frame, economy)
    frame = _chosen(frame, economy.names, exporter, partner)
    frame.attrs.update(t.attrs, measure="exports", method=method, level=level, perspective=perspective)
    return frame


def _count_when_first_sent(economy: Grouped, terms: Matrix) -> None:
    """Change the world's sink-based terms into source-based ones: what first leaves its country, and all the rest."""
    names = _TERMS["world"]
    dc, dva, ddc, fc, fva, fdc = (terms[:, :, names.index(name)] for name in names)
    once, _ = _core.exports_tripartite(*economy.arguments)
    shown = _TERMS["tripartite"]
    dva[:] = once[:, :, shown.index("DAVAX")] + once[:, :, shown.index("GVC_PF")]
    ddc[:] = dc - dva
    fva[:] = 0.0
    fdc[:] = fc


def _kww_frame(economy: Grouped, terms: Matrix, sent: Matrix) -> pd.DataFrame:
    frame = pd.DataFrame(
        terms, index=pd.Index(economy.names, name="region"), columns=pd.Index(_TERMS["kww"], name="term")
    )
    frame["exports"] = np.add.reduceat(sent.sum(axis=1), economy.starts[:-1])
    return frame


def _frame(t: Mrio, economy: Grouped, method: str, level: str, terms: Matrix, sent: Matrix) -> pd.DataFrame:
    """Sum rows x partners x terms to the level and label it."""
    cube = np.concatenate([terms, sent[:, :, None]], axis=2)
    names, starts = economy.names, economy.starts
    partner_names = pd.Index(names, name="partner")
    values = cube.sum(axis=1) if level in ("region", "sector") else cube
    if level in ("region", "bilateral"):
        values = np.add.reduceat(values, starts[:-1], axis=0)
        index: pd.Index = pd.Index(names, name="region")
    else:
        values = _by_sector(values, economy, len(t.sectors))
        index = pd.MultiIndex.from_product([names, t.sectors], names=["region", "sector"])
    if level.startswith("bilateral"):
        pairs = [(*(key if isinstance(key, tuple) else (key,)), p) for key in index for p in partner_names]
        home = np.array([pair[0] == pair[-1] for pair in pairs])
        full = pd.MultiIndex.from_tuples(pairs, names=[*index.names, "partner"])
        frame = pd.DataFrame(values.reshape(-1, cube.shape[2])[~home], index=full[~home])
    else:
        frame = pd.DataFrame(values, index=index)
    frame.columns = pd.Index([*_TERMS[method], "exports"], name="term")
    return _completed(frame, method)


def _by_sector(values: Matrix, economy: Grouped, count: int) -> Matrix:
    """Sum rows of a group that are of the same sector."""
    lengths = np.diff(economy.starts)
    group = np.repeat(np.arange(len(lengths)), lengths)
    out = np.zeros((len(lengths) * count, *values.shape[1:]))
    np.add.at(out, group * count + economy.sectors, values)
    return out


def _completed(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    """Add the columns that are sums of others, and put all in their order."""
    if method == "bm_source":
        frame["GVC"] = frame["exports"] - frame["DAVAX"]
        frame["GVCB"] = frame["FC"] + frame["DDC"]
        frame["GVCF"] = frame["DVA"] - frame["DAVAX"]
    elif method == "tripartite":
        frame["GVC"] = frame["GVC_PF"] + frame["GVC_TS"] + frame["GVC_PB"]
    return frame[[*COLUMNS[method], "exports"]]


def _add_indirect(frame: pd.DataFrame, economy: Grouped) -> None:
    """OECD's forward participation: domestic value added in other countries' exports."""
    by_row, _ = _core.exports_content(*economy.arguments)
    by_exporter = np.add.reduceat(by_row, economy.starts[:-1], axis=0)
    forward = by_exporter.sum(axis=1) - np.diag(by_exporter)
    place = len(frame.columns) - 1
    for name, values in (("GVCF", forward), ("GVCB", frame["FC"]), ("GVC", frame["FC"] + forward)):
        frame.insert(place, name, values)


def _chosen(
    frame: pd.DataFrame, names: list[str], exporter: str | Sequence[str] | None, partner: str | Sequence[str] | None
) -> pd.DataFrame:
    for level, wanted in (("region", exporter), ("partner", partner)):
        if wanted is None:
            continue
        labels = [find_region(names, name) for name in ([wanted] if isinstance(wanted, str) else wanted)]
        frame = frame[frame.index.get_level_values(level).isin(labels)]
    return frame


def value_added_in_exports(
    t: Mrio, groups: Mapping[str, str] | None = None, level: FlowLevel = "region"
) -> pd.DataFrame:
    """Value added by origin in gross exports: ``V^ B E``.

    Parameters
    ----------
    t : Mrio
    groups : mapping, optional
        As in `decompose_exports`.
    level : {"region", "sector"}
        Rows: origin regions, or origin (region, sector).

    Returns
    -------
    DataFrame
        Origin x exporter (columns `partner`), in the table's unit. Columns add up to gross exports; the diagonal is
        domestic content, the rest of a column is vertical specialisation by origin, the rest of a row is domestic
        value added in other countries' exports.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    with t.labels.naming():
        economy = grouped(t, groups, inverse=False)
        by_row, _ = _core.exports_content(*economy.arguments)
    columns = pd.Index(economy.names, name="partner")
    if level == "region":
        values = np.add.reduceat(by_row, economy.starts[:-1], axis=0)
        return t.frame(values, pd.Index(economy.names, name="region"), columns, measure="value_added_in_exports")
    values = _by_sector(by_row, economy, len(t.sectors))
    index = pd.MultiIndex.from_product([economy.names, t.sectors], names=["region", "sector"])
    return t.frame(values, index, columns, measure="value_added_in_exports")


def reexports(t: Mrio, exporter: str, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Domestic value added that importers re-export, by third country: Wang, Wei and Zhu's DVA_INTrex taken apart.

    Parameters
    ----------
    t : Mrio
    exporter : str
        Label or name of the exporting region or group.
    groups : mapping, optional
        As in `decompose_exports`.

    Returns
    -------
    DataFrame
        Indexed (partner, third): the direct importer, and the third country that uses (`DVA_INTrexI1`), buys final
        goods from the importer (`DVA_INTrexF`), or uses and sends on (`DVA_INTrexI2`), in the table's unit. Sums over
        `third` are the terms of ``decompose_exports(t, "wwz", "bilateral")``.

    Notes
    -----
    ``v_s L_ss A_sr B_rt Y_tt``, ``v_s L_ss A_sr B_rr Y_rt`` and ``v_s L_ss A_sr B_rt Sum_{u != s,t} Y_tu``.
    """
    expect_table(t)
    economy = grouped(t, groups)
    b = economy.b
    assert isinstance(b, np.ndarray)
    s = economy.names.index(find_region(economy.names, exporter))
    at = [slice(*pair) for pair in pairwise(economy.starts)]
    per_unit = over_output(1.0, economy.x)
    local = np.eye(at[s].stop - at[s].start) - economy.z[at[s], at[s]] * per_unit[at[s]]
    sent = np.linalg.solve(local.T, economy.v[at[s]]) @ economy.z[at[s]] * per_unit
    rows: dict[tuple[str, str], tuple[float, float, float]] = {}
    for r, partner in enumerate(economy.names):
        if r == s:
            continue
        needed = sent[at[r]] @ b[at[r]]
        for k, third in enumerate(economy.names):
            if k in (r, s):
                continue
            y = economy.y[at[k]]
            onward = y.sum(axis=1) - y[:, s] - y[:, k]
            used, sold = needed[at[k]] @ y[:, k], needed[at[r]] @ economy.y[at[r], k]
            rows[partner, third] = (float(used), float(sold), float(needed[at[k]] @ onward))
    names = ["DVA_INTrexI1", "DVA_INTrexF", "DVA_INTrexI2"]
    index = pd.MultiIndex.from_arrays([[key[k] for key in rows] for k in (0, 1)], names=["partner", "third"])
    frame = pd.DataFrame(np.array(list(rows.values())).reshape(-1, 3), index=index, columns=names)
    frame.attrs.update(t.attrs, measure="reexports", exporter=economy.names[s])
    return frame


def gross_trade(t: Mrio, level: FlowLevel = "region") -> pd.DataFrame:
    """Gross exports by partner, intermediate and final: source x partner, 0 on the diagonal, in the table's unit.

    Parameters
    ----------
    t : Mrio
    level : {"region", "sector"}
        Rows: exporters, or exporter and exporting sector.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    _, sent = _core.direct_trade(t.arrays)
    sent[t.labels.own] = 0.0
    if level == "sector":
        return t.frame(sent, t.labels.rows, t.labels.partner, measure="gross_trade")
    return t.frame(t.labels.by_region(sent), t.labels.region, t.labels.partner, measure="gross_trade")
