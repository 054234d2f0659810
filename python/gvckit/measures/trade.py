"""Gross trade and what is read off it: by partner, intra-industry, comparative advantage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, ShapeError
from gvckit.options import FlowLevel, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import named
from gvckit.table.shares import share


def gross_trade(t: Table, level: FlowLevel = "region", groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Gross exports by partner, intermediate and final: source x partner, 0 on the diagonal, in the table's unit.

    Parameters
    ----------
    t : Mrio
    level : {"region", "sector"}
        Rows: exporters, or exporter and exporting sector.
    groups : mapping of region to group, optional
        Several regions as one economy; by default, processing zones join theirs.
    """
    expect_table(t)
    check("level", level, FlowLevel)
    e = joined(t, groups)
    values, index = e.at_level(sent_abroad(e), level)
    return t.frame(values, index, e.partner, measure="gross_trade")


def revealed_advantage(t: Table, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Revealed comparative advantage in gross exports and in value-added exports.

    Returns
    -------
    DataFrame
        (region, sector): `gross` (share of the sector in the region's gross exports over its share in the world's)
        and `value_added` (the same for domestic value added of the sector that is absorbed abroad, whatever sector
        exports it); no unit, above 1 is an advantage; NaN without exports.

    Notes
    -----
    Balassa (1965); Koopman, Wang and Wei (2014), section IV, for value added.
    """
    expect_table(t)
    e = joined(t, groups)
    gross = sent_abroad(e).sum(axis=1)
    absorbed = absorbed_from(e)
    exported = absorbed.sum(axis=1) - e.own(absorbed)
    values = np.column_stack([balassa(e, gross), balassa(e, exported)])
    columns = named(("gross", "value_added"))
    return t.frame(values, e.labels, columns, measure="revealed_advantage", unit="ratio of shares")


def balassa(e: Joined, values: Matrix) -> Matrix:
    """Share of each sector in its economy, over its share in the world."""
    by_region = e.by_sector(values).reshape(len(e.names), -1)
    sector = by_region.sum(axis=0)
    ours = share(by_region, by_region.sum(axis=1))
    return share(ours, np.broadcast_to(share(sector, sector.sum()), ours.shape)).ravel()


def sent_abroad(e: Joined) -> Matrix:
    """Gross exports of each row by partner (n, G): 0 at home."""
    _, sent = _core.direct_trade(e.arrays)
    sent[np.arange(len(sent)), e.economy] = 0.0
    return sent


def absorbed_from(e: Joined, per_unit: Matrix | None = None) -> Matrix:
    """Value added (or another row per unit of output) by the economy that absorbs it, ``V^ B Y`` (n, G)."""
    weights = e.v if per_unit is None else per_unit
    with e.table.labels.naming():
        return _core.flows_by_absorber(e.arrays, weights, e.solver(len(e.names)), False)


def trade_indicators(
    t: Table,
    a: str = "CHN",
    b: str = "USA",
    sectors: Mapping[str, str | Sequence[str]] | None = None,
    groups: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Indicators of interdependence that a table itself gives: bilateral trade to GDP, and intra-industry trade.

    Parameters
    ----------
    t : Mrio
    a, b : str
        Two regions.
    sectors : mapping of name to sector or sectors, optional
        Sectors whose Grubel-Lloyd index is wanted; of several together, the index of their sum.

    Returns
    -------
    DataFrame
        One row, indexed by `pair`: ``trade_to_gdp_a``, ``trade_to_gdp_b`` (gross exports and imports of goods and
        services, intermediate and final, over value added of the table, which holds taxes on inputs and is not quite
        GDP; fractions of one), ``grubel_lloyd`` (the index of each sector weighted by its trade, over all sectors of
        the pair's gross trade), and the index of each name of ``sectors``.

    Notes
    -----
    Grubel and Lloyd (1975): weighted by trade, ``1 - sum |E_k - I_k| / sum (E_k + I_k)``. Sectors in which net returns
    of inventories make a flow negative are left out of it.
    """
    expect_table(t)
    e = joined(t, groups)
    places = e.find([a, b])
    a, b = (e.names[place] for place in places)
    if a == b:
        raise LabelError(f"trade of {a} with itself: two different regions are needed")
    sent = e.by_sector(sent_abroad(e)).reshape(len(e.names), len(t.sectors), -1)
    ab, ba = sent[places[0], :, places[1]], sent[places[1], :, places[0]]
    gdp = e.by_region(e.va)[places]
    values = dict(zip(("trade_to_gdp_a", "trade_to_gdp_b"), share(np.full(2, ab.sum() + ba.sum()), gdp), strict=True))
    both = (ab >= 0) & (ba >= 0)
    values["grubel_lloyd"] = float(1 - share(np.abs(ab - ba)[both].sum(), (ab + ba)[both].sum()))
    for name, chosen in (sectors or {}).items():
        kept = t.labels.rows_of(chosen)[: len(t.sectors)]
        # Net returns of inventories can make a bilateral flow negative; then there is no index.
        pair = float(ab[kept].sum()), float(ba[kept].sum())
        values[name] = grubel_lloyd(*pair) if min(pair) >= 0 else np.nan
    index, columns = pd.Index([f"{a}-{b}"], name="pair"), named(values)
    return t.frame(np.array([list(values.values())]), index, columns, measure="trade_indicators", unit="ratio")


def grubel_lloyd(exports: Any, imports: Any) -> Any:
    """Grubel and Lloyd's index of intra-industry trade, ``1 - |E - I| / (E + I)``.

    Parameters
    ----------
    exports, imports : number, array, Series or DataFrame
        Same shape; pandas objects are aligned by their labels, which must be the same.

    Returns
    -------
    float, ndarray, Series or DataFrame
        Between 0 (one-way trade) and 1 (balanced); NaN where there is no trade.

    Raises
    ------
    LabelError
        Labels that differ.
    ShapeError
        Negative or infinite trade, or shapes that differ.
    """
    if isinstance(exports, pd.DataFrame | pd.Series):
        return _labelled_grubel_lloyd(exports, imports)
    e, i = np.asarray(exports, dtype=np.float64), np.asarray(imports, dtype=np.float64)
    if e.shape != i.shape:
        raise ShapeError(f"exports have shape {e.shape}, imports {i.shape}")
    for what, values in (("exports", e), ("imports", i)):
        if (values < 0).any() or np.isinf(values).any():
            raise ShapeError(f"{what} hold negative or infinite values")
    out = 1 - share(np.abs(e - i), e + i)
    return float(out) if out.ndim == 0 else out


def _labelled_grubel_lloyd(exports: pd.DataFrame | pd.Series, imports: Any) -> pd.DataFrame | pd.Series:
    axes = 1 if isinstance(exports, pd.Series) else 2
    same = type(imports) is type(exports) and all(
        exports.axes[k].sort_values().equals(imports.axes[k].sort_values()) for k in range(axes)
    )
    if not same:
        raise LabelError("exports and imports have different labels")
    other = imports.reindex_like(exports)
    values = grubel_lloyd(exports.to_numpy(), other.to_numpy())
    out: pd.DataFrame | pd.Series
    if isinstance(exports, pd.Series):
        out = pd.Series(values, index=exports.index, name="grubel_lloyd")
    else:
        out = pd.DataFrame(values, index=exports.index, columns=exports.columns)
    out.attrs.update(exports.attrs)
    out.attrs["unit"] = "share: 0 one-way trade, 1 balanced"
    return out
