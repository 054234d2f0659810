"""One frame of what a regression needs, by sector or by economy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.measures.dependence import LookThrough
from gvckit.measures.lengths import chain_lengths
from gvckit.measures.participation import TERMS, backward_terms, forward_terms
from gvckit.measures.trade import absorbed_from, balassa, sent_abroad
from gvckit.options import FlowLevel, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import named
from gvckit.table.shares import share


def indicators(t: Table, level: FlowLevel = "sector", groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Indicators of value chains side by side, each named by what it is: for regressions, over years by `panel`.

    Parameters
    ----------
    t : Mrio
    level : {"sector", "region"}
        Rows: (region, sector), or regions; there shares are ratios of sums, not means.
    groups : mapping of region to group, optional
        Several regions as one economy; by default, processing zones join theirs.

    Returns
    -------
    DataFrame
        Levels in the table's unit (`output`, `value_added`, `final_goods`, `exports`, `value_added_exports`), fractions
        of one (names that end in ``_share``, ``_reliance``), numbers of stages (``_length``, `upstreamness`,
        `downstreamness`) and ratios (`position`, ``rca_``). NaN only where a thing is not defined;
        ``gvckit.describe("indicators")`` says what each column is, and why it may be missing.

    Notes
    -----
    One pass for participation, a handful of solves and 3 G right-hand sides (`Mrio.solver`); no inverse.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    e = joined(t, groups)
    of = (
        _sizes(e, level)
        | _participation(e, level)
        | _lengths(e, level)
        | _trade(e, level)
        | _reliance(t, groups, level)
    )
    values = np.column_stack(list(of.values()))
    index = e.labels if level == "sector" else e.region
    told = {"measure": "indicators", "level": level, "unit": f"{t.unit or 'levels'}; shares are fractions of one"}
    return t.frame(values, index, named(of, "indicator"), **told)


def _at(e: Joined, values: Matrix, level: FlowLevel) -> Matrix:
    return e.at_level(values, level)[0]


def _sizes(e: Joined, level: FlowLevel) -> dict[str, Matrix]:
    """Levels: output, value added, final goods."""
    parts = {"output": e.x, "value_added": e.va, "final_goods": e.y.sum(axis=1)}
    of = {name: _at(e, part, level) for name, part in parts.items()}
    return of | {"value_added_share": share(of["value_added"], of["output"])}


def _participation(e: Joined, level: FlowLevel) -> dict[str, Matrix]:
    """Shares of value added (forward) and of final goods (backward) by how they cross borders."""
    with e.table.labels.naming():
        sides = {
            "forward": forward_terms(e, e.v)[0],
            "backward": backward_terms(e, e.v, e.embodied(e.table.per_unit))[0],
        }
    of: dict[str, Matrix] = {}
    for side, terms in sides.items():
        sums = _at(e, terms, level)
        shares = share(sums, sums.sum(axis=1))
        of |= {f"{side}_{name}_share": column for name, column in zip(TERMS, shares.T, strict=True)}
        of[f"{side}_gvc_share"] = of[f"{side}_simple_share"] + of[f"{side}_complex_share"]
    return of


def _lengths(e: Joined, level: FlowLevel) -> dict[str, Matrix]:
    """Lengths of chains, position, distance from final use and from primary inputs."""
    sides = {side: chain_lengths(e, side, level) for side in ("forward", "backward")}
    of = {f"{side}_gvc_length": found["gvc"] for side, found in sides.items()}
    of["position"] = share(of["forward_gvc_length"], of["backward_gvc_length"])
    solver = e.solver(2)
    made = e.x if e.made is None else e.made
    of["upstreamness"] = share(_at(e, _core.upstream_output(solver, made), level), _at(e, made, level))
    of["downstreamness"] = share(_at(e, _core.downstreamness(solver) * e.x, level), _at(e, e.x, level))
    return of


def _trade(e: Joined, level: FlowLevel) -> dict[str, Matrix]:
    """Exports, gross and in value added, and what the gross ones are made of."""
    exports = sent_abroad(e).sum(axis=1)
    absorbed = absorbed_from(e)
    value = absorbed.sum(axis=1) - e.own(absorbed)
    with e.table.labels.naming():
        origin = e.solver(len(e.names)).solve_transposed(e.spread(e.v))
    of = {"exports": _at(e, exports, level), "value_added_exports": _at(e, value, level)}
    domestic, foreign = e.own(origin) * exports, (origin.sum(axis=1) - e.own(origin)) * exports
    of["export_share"] = share(of["exports"], _at(e, e.x, level))
    of["domestic_content_share"] = share(_at(e, domestic, level), of["exports"])
    of["foreign_content_share"] = share(_at(e, foreign, level), of["exports"])
    if level == "sector":
        of |= {"rca_gross": balassa(e, exports), "rca_value_added": balassa(e, value)}
    return of


def _reliance(t: Table, groups: Mapping[str, str] | None, level: FlowLevel) -> dict[str, Matrix]:
    """Reliance on all other economies, and on the largest of them, for inputs and as markets, at all stages."""
    look = LookThrough(t, groups=groups)
    of = {}
    for name in ("input_reliance", "market_reliance"):
        if level == "sector":
            shares, own = look.by_sector(name), np.repeat(np.arange(len(look.e.names)), len(t.sectors))
        else:
            shares, own = look.matrix(name), np.arange(len(look.e.names))
        abroad = shares.copy()
        abroad[np.arange(len(abroad)), own] = 0.0
        kind = name.removesuffix("_reliance")
        of[f"{kind}_foreign_reliance"] = abroad.sum(axis=1)
        of[f"{kind}_largest_partner_reliance"] = abroad.max(axis=1)
    return of
