"""Lengths of production chains, position, upstreamness and downstreamness, multipliers and linkages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.audit import is_inventory
from gvckit.errors import OptionError
from gvckit.labels import ratio
from gvckit.options import Direction, FlowLevel, Level, check
from gvckit.participation import summed
from gvckit.table import Matrix, Mrio, expect_table

_COLUMNS = _core.length_columns()


def lengths(t: Mrio, direction: Direction = "forward", level: Level = "sector") -> pd.DataFrame:
    """Average length of production chains: how often value added is counted as output on its way.

    Parameters
    ----------
    t : Mrio
    direction : {"forward", "backward"}
        From a sector's value added to final goods, or from final goods back to value added.
    level : {"sector", "region", "world"}
        Above sectors, ratios of sums.

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
    with t.labels.naming():
        values = _core.production_lengths(t.arrays, t.solver(4), direction == "forward")
    sums = summed(t.frame(values, t.labels.rows, pd.Index(_COLUMNS, name="term")), level)
    frame = pd.DataFrame(index=sums.index)
    for name in ("total", "domestic", "traditional"):
        frame[name] = ratio(sums[name], sums[f"value_{name}"])
    parts = ["gvc_domestic", "gvc_crossings", "gvc_foreign"]
    frame["gvc"] = ratio(sums[parts].sum(axis=1), sums["value_gvc"])
    for name in parts:
        frame[name] = ratio(sums[name], sums["value_gvc"])
    _add_simple_and_complex(frame, sums)
    frame.columns.name = "term"
    frame.attrs.update(t.attrs, measure="lengths", direction=direction, level=level, unit="number of stages")
    return frame


def _add_simple_and_complex(frame: pd.DataFrame, sums: pd.DataFrame) -> None:
    """Split the GVC parts: simple chains cross one border for production, complex ones are the rest."""
    stages = ("domestic", "crossings", "foreign")
    values = {"simple": sums["value_simple"], "complex": sums["value_gvc"] - sums["value_simple"]}
    # What rounding leaves of a difference of equal sums is no chain.
    noise = np.abs(sums["value_gvc"]) * 1e-12
    values["complex"] = values["complex"].where(np.abs(values["complex"]) > noise, 0.0)
    for kind, value in values.items():
        parts = {stage: sums[f"simple_{stage}"] for stage in stages}
        if kind == "complex":
            parts = {stage: sums[f"gvc_{stage}"] - part for stage, part in parts.items()}
        frame[kind] = ratio(parts["domestic"] + parts["crossings"] + parts["foreign"], value)
        for stage in stages:
            frame[f"{kind}_{stage}"] = ratio(parts[stage], value)


def position(t: Mrio, level: Level = "sector") -> pd.DataFrame:
    """Position in global value chains: forward length over backward length of the GVC parts.

    Parameters
    ----------
    t : Mrio
    level : {"sector", "region", "world"}

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
    forward, backward = (lengths(t, direction, level)["gvc"] for direction in ("forward", "backward"))
    frame = pd.DataFrame({"forward": forward, "backward": backward, "position": ratio(forward, backward)})
    frame.columns.name = "term"
    frame.attrs.update(t.attrs, measure="position", level=level, unit="number of stages; their ratio")
    return frame


def _corrected_output(t: Mrio, inventories: bool) -> Matrix:
    """Output, less net changes in inventories where asked for."""
    if not inventories:
        return t.arrays.x
    stock = np.array([is_inventory(name) for name in t.categories])
    if not stock.any():
        raise OptionError(
            f"inventories=True needs a final demand category of inventories (INVNT); there are {t.categories}"
        )
    net = t.arrays_by_category.reshape(len(t.arrays.x), -1, len(stock))[:, :, stock].sum(axis=(1, 2))
    corrected: Matrix = t.arrays.x - net
    return corrected


def _factor(t: Mrio, x: Matrix, inventories: bool) -> _core.Factor | _core.Iteration:
    if not inventories:
        return t.solver()
    with t.labels.naming():
        return _core.factor(t.arrays.z, x)


def upstreamness(t: Mrio, inventories: bool = False) -> pd.Series:
    """Upstreamness: average distance of a sector's output from final use, at least 1.

    Parameters
    ----------
    t : Mrio
    inventories : bool, default False
        The net-inventory correction of Antras and Chor (2018): flows are divided by output less net changes in
        inventories, as if inventories were used like the rest of output.

    Returns
    -------
    Series
        (region, sector), in stages; NaN where output is 0.

    Notes
    -----
    ``U = (I - x^-1 Z)^-1 1``: Antras, Chor, Fally and Hillberry (2012); Antras and Chor (2018). One solve.
    """
    expect_table(t)
    x = _corrected_output(t, inventories)
    steps = _core.upstream_output(_factor(t, x, inventories), x)
    found = ratio(t.series(steps, "upstreamness"), t.series(x, "x")).rename("upstreamness")
    found.attrs.update(t.attrs, measure="upstreamness", unit="number of stages")
    return found


def downstreamness(t: Mrio, inventories: bool = False) -> pd.Series:
    """Downstreamness: average distance of a sector from primary inputs, at least 1.

    Parameters
    ----------
    t : Mrio
    inventories : bool, default False
        As in `upstreamness`.

    Returns
    -------
    Series
        (region, sector), in stages: the column sums of the Leontief inverse.

    Notes
    -----
    ``D = (I - A')^-1 1``: Antras and Chor (2018), after Fally (2012). One solve.
    """
    expect_table(t)
    x = _corrected_output(t, inventories)
    found = t.series(_core.downstreamness(_factor(t, x, inventories)), "downstreamness")
    found.attrs.update(measure="downstreamness", unit="number of stages")
    return found


def multipliers(t: Mrio) -> pd.DataFrame:
    """Multipliers of final demand, per unit of a sector's final goods.

    Returns
    -------
    DataFrame
        (region, sector); no unit. `output`: output of all sectors of the world; `domestic_output`: within the
        country, without feedback through others; `value_added`: 1 where value added is x - 1'Z; `domestic_value_added`:
        the country's own share in it; `foreign_value_added`: the rest.

    Notes
    -----
    Miller and Blair (2009), chapter 6. G left solves (`Mrio.solver`).
    """
    expect_table(t)
    with t.labels.naming():
        content = t.solver(len(t.regions)).solve_transposed(t.labels.spread(t.v.to_numpy()))
        local = _core.local_inverse(t.arrays.z, t.arrays.x, t.arrays.sectors)
    total, domestic = content.sum(axis=1), content[t.labels.own]
    frame = pd.DataFrame(
        {
            "output": downstreamness(t),
            "domestic_output": local.sum(axis=1).ravel(),
            "value_added": total,
            "domestic_value_added": domestic,
            "foreign_value_added": total - domestic,
        },
        index=t.labels.rows,
    )
    frame.attrs.update(t.attrs, measure="multipliers", unit="per unit of final demand")
    return frame


def linkages(t: Mrio) -> pd.DataFrame:
    """Backward and forward linkages and key sectors.

    Returns
    -------
    DataFrame
        `backward`: column sums of the Leontief inverse over their mean; `forward`: row sums of the Ghosh inverse over
        their mean (they are upstreamness); `key`: both above 1 (1.0 or 0.0). NaN where output is 0.

    Notes
    -----
    Rasmussen (1957); Miller and Blair (2009), section 12.2, with the Ghosh inverse for forward linkages.
    """
    expect_table(t)
    frame = pd.DataFrame({"backward": downstreamness(t).where(t.x != 0), "forward": upstreamness(t)})
    frame /= frame.mean()
    frame["key"] = ((frame["backward"] > 1) & (frame["forward"] > 1)).astype(np.float64)
    frame.attrs.update(t.attrs, measure="linkages", unit="relative to the mean")
    return frame


def propagation_lengths(t: Mrio, level: FlowLevel = "region") -> pd.DataFrame:
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
        b = t.B.to_numpy()
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
