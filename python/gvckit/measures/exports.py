"""Decompositions of gross exports: KWW, WWZ, Borin and Mancini, Miroudot and Ye, OECD, tripartite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import OptionError
from gvckit.measures.origin import core_arguments, exports_content, source_terms
from gvckit.options import ExportLevel, ExportSector, Method, Perspective, check
from gvckit.table.data import Matrix, Table, expect_table, per_output
from gvckit.table.find import find_region
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import listed, named

_SHARED = ("DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC")


@dataclass(frozen=True)
class Decomposition:
    """What a method is made of.

    Attributes
    ----------
    core : str
        Its name in the core, which has the terms.
    columns : sequence of str
        Columns in their order, where they aren't the terms; those that are no term are made of terms by ``made``.
    inverse : bool
        Whether blocks of B are needed; otherwise what solves will do.
    made : mapping of column to its recipe over terms and exports
    """

    core: str
    columns: Sequence[str] = ()
    inverse: bool = True
    made: Mapping[str, Callable[[Mapping[str, Matrix]], Matrix]] = field(default_factory=dict)

    @cached_property
    def terms(self) -> list[str]:
        """Names of the core's terms."""
        return _core.export_terms(self.core)

    @property
    def shown(self) -> list[str]:
        """Columns in their order."""
        return list(self.columns or self.terms)

    def of(self, economy: Joined) -> tuple[Matrix, Matrix]:
        """Terms by row and partner, and gross exports."""
        return _core.export_decomposition(self.core, *core_arguments(economy, self.inverse))


#: The methods, a line each; ``world`` is the world's perspective of Borin and Mancini.
_METHODS = {
    "kww": Decomposition("kww", inverse=False),
    "wwz": Decomposition("wwz"),
    "bm_source": Decomposition(
        "bm_source",
        ["DC", "DVA", "VAX", "DAVAX", "REF", "DDC", "FC", "FVA", "FDC", "GVC", "GVCB", "GVCF"],
        made={
            "GVC": lambda of: of["exports"] - of["DAVAX"],
            "GVCB": lambda of: of["FC"] + of["DDC"],
            "GVCF": lambda of: of["DVA"] - of["DAVAX"],
        },
    ),
    "bm_sink": Decomposition("bm_sink", ["DC", "DVA", "VAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC"]),
    "my": Decomposition("bm_source", _SHARED),
    "oecd": Decomposition("bm_source", _SHARED),
    "tripartite": Decomposition(
        "tripartite",
        ["DAVAX", "GVC", "GVC_PF", "GVC_TS", "GVC_PB"],
        inverse=False,
        made={"GVC": lambda of: of["GVC_PF"] + of["GVC_TS"] + of["GVC_PB"]},
    ),
    "world": Decomposition("world", inverse=False),
}
#: Columns of each method, in the order in which they are shown.
COLUMNS = {name: method.shown for name, method in _METHODS.items()}


def decompose_exports(
    t: Table,
    method: Method = "wwz",
    level: ExportLevel = "region",
    exporter: str | Sequence[str] | None = None,
    partner: str | Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    perspective: Perspective = "exporter",
    by: ExportSector = "exporting",
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
    by : {"exporting", "origin"}
        For bm_source, my and oecd with ``level="sector"``: rows are sectors whose goods are exported, or sectors in
        which the value added of all exports was made (of the exporter for domestic terms, of all other countries
        together for foreign ones). Both add up to the exporter.

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
    _check_call(method, level, partner, world)
    check("by", by, ExportSector)
    if by == "origin" and (level != "sector" or world or _METHODS[method].core != "bm_source"):
        raise OptionError("by='origin' is defined for bm_source, my and oecd with level='sector', per exporter")
    name = "world" if world else method
    economy = joined(t, groups)
    chosen = [None if names is None else economy.find(listed("region", names)) for names in (exporter, partner)]
    with t.labels.naming():
        columns = _by_origin(method, economy) if by == "origin" else _by_export(method, name, economy, level)
    values, index = labelled_rows(np.stack(list(columns.values()), axis=-1), economy, t.sectors, level, chosen)
    told = {"measure": "exports", "method": method, "level": level, "perspective": perspective, "by": by}
    return t.frame(values, index, named(columns, "term"), **told)


def _by_export(method: Method, name: str, economy: Joined, level: ExportLevel) -> dict[str, Matrix]:
    """Columns by what is exported, of a method and its name among the methods (``world`` is a perspective)."""
    terms, sent = _METHODS[name].of(economy)
    if name == "world" and method == "bm_source":
        _count_when_first_sent(economy, terms)
    columns = _columns(name, economy, level, terms, sent)
    return _with_indirect(economy, columns) if method == "oecd" and level == "region" else columns


def _by_origin(method: Method, economy: Joined) -> dict[str, Matrix]:
    """Columns by the sector in which value added was made."""
    of = {column: economy.by_sector(part) for column, part in source_terms(economy).items()}
    of |= {column: make(of) for column, make in _METHODS[method].made.items()}
    return {column: of[column] for column in (*_METHODS[method].shown, "exports")}


def _check_call(method: str, level: str, partner: object, world: bool) -> None:
    """Refuse what is not defined."""
    if world and method not in ("bm_source", "bm_sink"):
        raise OptionError(f"perspective='world' is defined for bm_source and bm_sink, not {method!r}")
    if method == "kww" and level != "region":
        raise OptionError(
            f"kww is defined for a country's exports only: level='region', not {level!r}. method='wwz' has the levels"
        )
    if partner is not None and not level.startswith("bilateral"):
        raise OptionError(f"partner= needs level='bilateral' or 'bilateral_sector', not {level!r}")


def _count_when_first_sent(economy: Joined, terms: Matrix) -> None:
    """Change the world's sink-based terms into source-based ones: what first leaves its country, and all the rest."""
    names = _METHODS["world"].terms
    dc, dva, ddc, fc, fva, fdc = (terms[:, :, names.index(name)] for name in names)
    tripartite = _METHODS["tripartite"]
    once, _ = tripartite.of(economy)
    dva[:] = once[:, :, tripartite.terms.index("DAVAX")] + once[:, :, tripartite.terms.index("GVC_PF")]
    ddc[:] = dc - dva
    fva[:] = 0.0
    fdc[:] = fc


def _columns(name: str, economy: Joined, level: str, terms: Matrix, sent: Matrix) -> dict[str, Matrix]:
    """Terms summed to the level, by column: (economies or rows,), or with partners as a second axis."""
    method = _METHODS[name]
    if not level.startswith("bilateral"):
        sent = sent.sum(axis=1)
        terms = terms if name == "kww" else terms.sum(axis=1)
    by_region = level in ("region", "bilateral")
    parts = {column: terms[..., k] for k, column in enumerate(method.terms)} | {"exports": sent}
    if by_region:
        parts = {
            column: part if name == "kww" and column != "exports" else economy.by_region(part)
            for column, part in parts.items()
        }
    else:
        parts = {column: economy.by_sector(part) for column, part in parts.items()}
    parts |= {column: make(parts) for column, make in method.made.items()}
    return {column: parts[column] for column in (*method.shown, "exports")}


def _with_indirect(economy: Joined, columns: dict[str, Matrix]) -> dict[str, Matrix]:
    """OECD's forward participation: domestic value added in other countries' exports."""
    by_exporter = economy.by_region(exports_content(economy))
    forward = by_exporter.sum(axis=1) - np.diag(by_exporter)
    exports = columns.pop("exports")
    return columns | {
        "GVCF": forward, "GVCB": columns["FC"], "GVC": columns["FC"] + forward, "exports": exports,
    }  # fmt: skip


def labelled_rows(
    cube: Matrix, economy: Joined, sectors: Sequence[str], level: str, chosen: Sequence[list[int] | None]
) -> tuple[Matrix, pd.Index]:
    """Rows and their index: those that are asked for, and no economy with itself."""
    names = {"region": economy.names}
    if level in ("sector", "bilateral_sector"):
        names["sector"] = list(sectors)
    if level.startswith("bilateral"):
        names["partner"] = economy.names
    flat = cube.reshape(-1, cube.shape[-1])
    places: np.ndarray = np.indices([len(of) for of in names.values()]).reshape(len(names), -1)
    codes: dict[str, Any] = dict(zip(names, places, strict=True))
    keep = np.ones(len(flat), dtype=bool)
    for axis, wanted in zip(("region", "partner"), chosen, strict=True):
        if wanted is not None:
            keep &= np.isin(codes[axis], wanted)
    if "partner" in codes:
        keep &= codes["region"] != codes["partner"]
    if len(names) == 1:
        return flat[keep], pd.Index(economy.names, name="region")[keep]
    index = pd.MultiIndex(
        levels=list(names.values()), codes=[code[keep] for code in codes.values()],
        names=list(names), verify_integrity=False,
    )  # fmt: skip
    return flat[keep], index


def reexports(t: Table, exporter: str, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
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
    economy = joined(t, groups)
    b, y, names = economy.inverse, economy.y, economy.names
    s = names.index(find_region(names, exporter))
    at = [slice(*pair) for pair in pairwise(economy.starts)]
    a_row = economy.arrays[0][at[s]] * per_output(np.ones(len(economy.x)), economy.x)
    local = np.eye(at[s].stop - at[s].start) - a_row[:, at[s]]
    sent = np.linalg.solve(local.T, economy.v[at[s]]) @ a_row
    # What each importer needs of all rows for what it got: G x n.
    needed = np.stack([sent[rows] @ b[rows] for rows in at])
    own = economy.own(y)
    onward = y.sum(axis=1) - y[:, s] - own
    used, passed = (np.add.reduceat(needed * part, economy.starts[:-1], axis=1) for part in (own, onward))
    sold = np.stack([needed[r, rows] @ y[rows] for r, rows in enumerate(at)])
    r, k = (np.asarray(axis) for axis in np.indices(used.shape))
    keep = (r != s) & (k != s) & (k != r)
    values = np.column_stack([part[keep] for part in (used, sold, passed)])
    index = pd.MultiIndex.from_arrays([np.array(names, dtype=object)[part[keep]] for part in (r, k)])
    columns = named(("DVA_INTrexI1", "DVA_INTrexF", "DVA_INTrexI2"))
    told = {"measure": "reexports", "exporter": names[s]}
    return t.frame(values, index.set_names(["partner", "third"]), columns, **told)
