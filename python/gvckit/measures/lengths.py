"""Lengths of production chains, position, upstreamness and downstreamness, multipliers and linkages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import OptionError
from gvckit.options import Direction, FlowLevel, Level, check
from gvckit.table.audit import is_inventory
from gvckit.table.data import Matrix, Table, expect_table, per_output
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import named
from gvckit.table.shares import share
from gvckit.table.solve import Solver

_COLUMNS = _core.length_columns()
#: Where a chain of production sharing spends its stages: before the first border, at borders, beyond.
_STAGES = ("domestic", "crossings", "foreign")


def lengths(
    t: Table, direction: Direction = "forward", level: Level = "sector", groups: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Average length of production chains: how often value added is counted as output on its way.

    Parameters
    ----------
    t : Mrio
    direction : {"forward", "backward"}
        From a sector's value added to final goods, or from final goods back to value added.
    level : {"sector", "region", "world"}
        Above sectors, ratios of sums.
    groups : mapping of region to group, optional
        Several regions as one economy: trade inside a group is domestic. By default, the processing zones of ICIO's
        extended tables join theirs (CN1, CN2 and CHN, MX1, MX2 and MEX).

    Returns
    -------
    DataFrame
        Numbers of stages, no unit; NaN where there is no value added of that kind. Columns `total`; `domestic` (chains
        that never leave); `traditional` (exported in final goods); `gvc`, and its three parts that add up to it:
        `gvc_domestic` (stages at home before the first border), `gvc_crossings` (borders crossed for production) and
        `gvc_foreign` (stages inside other countries). The same four for `simple` chains (absorbed by the direct
        importer, one border) and `complex` ones.

    Notes
    -----
    Wang, Wei, Yu and Zhu (2017), NBER working paper 23261; in the names of the ADB's indicators PLv, PLv_D, PLv_RT,
    PLv_GVC, PLvd_GVC, CBv_GVC, PLvf_GVC (PLy... backward). Total forward length is Antras and Chor's upstreamness. Six
    solves (`Mrio.solver`: the LU that the table keeps, or rounds), never a product of n x n matrices.
    """
    expect_table(t)
    check("direction", direction, Direction)
    check("level", level, Level)
    e = joined(t, groups)
    parts = chain_lengths(e, direction, level)
    index = e.at_level(e.x, level)[1]
    columns = named(parts, "term")
    told = {"measure": "lengths", "direction": direction, "level": level, "unit": "number of stages"}
    return t.frame(np.column_stack(list(parts.values())), index, columns, **told)


def chain_lengths(e: Joined, direction: Direction, level: Level) -> dict[str, Matrix]:
    """Lengths by name, of rows summed to the level: output that is called forth over the value that it stands for."""
    with e.table.labels.naming():
        sums = _core.production_lengths(e.arrays, e.solver(4), direction == "forward", e.v, e.made)
    return _parts(e.at_level(sums, level)[0])


def _parts(sums: Matrix) -> dict[str, Matrix]:
    """Lengths by name: output over value. Simple chains cross one border for production, complex ones are the rest."""
    of = dict(zip(_COLUMNS, sums.T, strict=True))
    gvc, simple = of["value_gvc"], of["value_simple"]
    # What rounding leaves of a difference of equal sums is no chain.
    rest = np.where(np.abs(gvc - simple) > np.abs(gvc) * 1e-12, gvc - simple, 0.0)
    out = {name: share(of[name], of[f"value_{name}"]) for name in ("total", "domestic", "traditional")}
    for kind, value in (("gvc", gvc), ("simple", simple), ("complex", rest)):
        stages = [
            of[f"gvc_{stage}"] - of[f"simple_{stage}"] if kind == "complex" else of[f"{kind}_{stage}"]
            for stage in _STAGES
        ]
        out[kind] = share(sum(stages), value)
        out |= {f"{kind}_{stage}": share(part, value) for stage, part in zip(_STAGES, stages, strict=True)}
    return out


def position(t: Table, level: Level = "sector", groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Position in global value chains: forward length over backward length of the GVC parts.

    Parameters
    ----------
    t : Mrio
    level : {"sector", "region", "world"}
    groups : mapping of region to group, optional
        Several regions as one economy: trade inside a group is domestic. By default, the processing zones of ICIO's
        extended tables join theirs (CN1, CN2 and CHN, MX1, MX2 and MEX).

    Returns
    -------
    DataFrame
        `forward` (PLv_GVC) and `backward` (PLy_GVC) in stages, `position` their ratio: above 1 the sector stands
        upstream, nearer to the start of chains than to their end. NaN where there is no GVC activity.

    Notes
    -----
    Wang, Wei, Yu and Zhu (2017), NBER working paper 23261.
    """
    expect_table(t)
    check("level", level, Level)
    directions: tuple[Direction, Direction] = ("forward", "backward")
    e = joined(t, groups)
    forward, backward = (chain_lengths(e, direction, level)["gvc"] for direction in directions)
    values = np.column_stack([forward, backward, share(forward, backward)])
    columns = named(("forward", "backward", "position"), "term")
    return t.frame(
        values,
        e.at_level(e.x, level)[1],
        columns,
        measure="position",
        level=level,
        unit="number of stages; their ratio",
    )


def _solver(t: Table, inventories: bool) -> Solver:
    """What solves for the table; with the net-inventory correction, for flows whose rows are scaled up to output.

    Antras and Chor (2018, section 3): what a row sells is multiplied by ``Y_i / (Y_i - N_i)``, N its net inventories.
    """
    if not inventories:
        return t.solver()
    stock = np.array([is_inventory(name) for name in t.categories])
    if not stock.any():
        raise OptionError(
            f"inventories=True needs a final demand category of inventories (INVNT); there are {t.categories}"
        )
    z, x = t.arrays.z, t.arrays.x
    net = t.given.y.reshape(len(x), -1, len(stock))[:, :, stock].sum(axis=(1, 2))
    scale = per_output(x, x - net)
    with t.labels.naming():
        return _core.factor(z * scale[:, None], x)


def upstreamness(t: Table, inventories: bool = False, level: Level = "sector") -> pd.Series:
    """Upstreamness: average distance of a sector's output from final use, at least 1.

    Parameters
    ----------
    t : Mrio
    inventories : bool, default False
        The net-inventory correction of Antras and Chor (2018, section 3): each row's sales are scaled up by output over
        output less net changes in inventories, as if inventories were used like the rest of output.
    level : {"sector", "region", "world"}
        Above sectors, means weighted by output.

    Returns
    -------
    Series
        (region, sector), region or ``world``, in stages; NaN where output is 0.

    Notes
    -----
    ``U = (I - x^-1 Z)^-1 1``: Antras, Chor, Fally and Hillberry (2012); Antras and Chor (2018). One solve.
    """
    expect_table(t)
    check("level", level, Level)
    made = t.arrays.x if t.made is None else t.made
    steps = _core.upstream_output(_solver(t, inventories), made)
    return _mean(t, steps, made, level, "upstreamness")


def _mean(t: Table, steps: Matrix, weights: Matrix, level: Level, name: str) -> pd.Series:
    """Stages times weights over weights, both summed to the level."""
    e = joined(t, {})
    (above, index), (below, _) = e.at_level(steps, level), e.at_level(weights, level)
    return t.series(share(above, below), name, index, measure=name, unit="number of stages", level=level)


def downstreamness(t: Table, inventories: bool = False, level: Level = "sector") -> pd.Series:
    """Downstreamness: average distance of a sector from primary inputs, at least 1.

    Parameters
    ----------
    t : Mrio
    inventories : bool, default False
        As in `upstreamness`.
    level : {"sector", "region", "world"}
        Above sectors, means weighted by output.

    Returns
    -------
    Series
        (region, sector), region or ``world``, in stages: the column sums of the Leontief inverse.

    Notes
    -----
    ``D = (I - A')^-1 1``: Antras and Chor (2018), after Fally (2012). One solve.
    """
    expect_table(t)
    check("level", level, Level)
    steps = _core.downstreamness(_solver(t, inventories))
    if level == "sector":
        return t.series(steps, "downstreamness", measure="downstreamness", unit="number of stages", level=level)
    return _mean(t, steps * t.arrays.x, t.arrays.x, level, "downstreamness")


def propagation_lengths(t: Table, level: FlowLevel = "region") -> pd.DataFrame:
    """Average propagation lengths between pairs: stages that a cost push or demand pull takes from one to the other.

    Parameters
    ----------
    t : Mrio
    level : {"region", "sector"}
        Between regions (weighted by final demand: output of the row for the final goods of the column) or between all
        pairs of sectors.

    Returns
    -------
    DataFrame
        Source x partner, in stages; NaN where nothing passes.

    Notes
    -----
    ``APL = B (B - I) / (B - I)`` element by element: Dietzenbacher, Romero and Bosma (2005). Between sectors it holds
    three n x n arrays; between regions G right-hand sides suffice.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    told = {"measure": "propagation_lengths", "unit": "number of stages"}
    if level == "sector":
        b = t.inverse
        steps = b - np.eye(len(b))
        weighted = b @ steps
        values = np.divide(weighted, steps, out=np.full_like(b, np.nan), where=steps > 1e-14)
        return t.frame(values, t.labels.rows, t.labels.columns, **told)
    g = len(t.regions)
    goods = t.labels.spread(t.arrays.y.sum(axis=1))
    solver = t.solver(goods.shape[1])
    once = solver.solve(goods)
    indirect = once - goods
    weighted = solver.solve(indirect)
    steps, passed = (part.reshape(g, -1, g).sum(axis=1) for part in (weighted, indirect))
    values = np.divide(steps, passed, out=np.full((g, g), np.nan), where=passed > 0)
    return t.frame(values, t.labels.region, t.labels.partner, **told)
