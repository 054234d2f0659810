"""Trade-in-value-added indicators, comparative advantage, and participation rates side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.exports import decompose_exports, gross_trade, value_added_in_exports
from gvckit.flows import flows
from gvckit.labels import ratio, share
from gvckit.participation import participation
from gvckit.table import Mrio, expect_table, over_output


def tiva(t: Mrio, sectors: str | Sequence[str] | None = None) -> pd.DataFrame:
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
    sent = gross_trade(t, "sector").to_numpy().sum(axis=1)
    if sectors is not None:
        sent = sent * t.labels.rows_of(sectors)
    exports = t.labels.by_region(sent)
    inputs = _imported_inputs(t, sent)
    frame = pd.DataFrame({"exports": exports}, index=t.labels.region)
    if sectors is None:
        _add_content(frame, t)
    frame["imported_inputs"] = inputs
    frame["imported_input_share"] = ratio(frame["imported_inputs"], frame["exports"])
    if sectors is None:
        intermediate = pd.Series(t.labels.by_region(_foreign_columns(t)), index=frame.index)
        frame["reexported_inputs_share"] = ratio(frame["imported_inputs"], intermediate)
    frame.attrs.update(t.attrs, measure="tiva", sectors=sectors)
    return frame


def _add_content(frame: pd.DataFrame, t: Mrio) -> None:
    gross = gross_trade(t)
    content = value_added_in_exports(t, groups={}).to_numpy()
    absorbed = flows(t, "total", partner="absorber").to_numpy()
    domestic = np.diag(content)
    frame["imports"] = gross.sum(axis=0).to_numpy()
    frame["domestic_content"] = domestic
    frame["foreign_content"] = frame["exports"] - domestic
    frame["indirect"] = content.sum(axis=1) - domestic
    frame["returned"] = _returned(t)
    frame["value_added_exports"] = absorbed.sum(axis=1) - np.diag(absorbed)
    frame["value_added_imports"] = absorbed.sum(axis=0) - np.diag(absorbed)
    parts = {"domestic_share": "domestic_content", "foreign_share": "foreign_content", "indirect_share": "indirect"}
    for name, part in {**parts, "vax_ratio": "value_added_exports"}.items():
        frame[name] = ratio(frame[part], frame["exports"])


def _returned(t: Mrio) -> np.ndarray:
    """Domestic value added in partners' exports to the country itself: ``v_s sum_r B_sr E_rs``."""
    content = t.solver(len(t.regions)).solve_transposed(t.labels.spread(t.v.to_numpy()))
    # Exports to the exporter itself are 0.
    returned: np.ndarray = (content * gross_trade(t, "sector").to_numpy()).sum(axis=0)
    return returned


def _imported_inputs(t: Mrio, sent: np.ndarray) -> np.ndarray:
    """Imported intermediates that exports need: ``1' A^F L e``, region by region."""
    arrays = t.arrays
    with t.labels.naming():
        local = _core.local_inverse(arrays.z, arrays.x, arrays.sectors)
    g, n = len(t.regions), len(t.sectors)
    needed = np.einsum("gij,gj->gi", local, sent.reshape(g, n)).ravel()
    return t.labels.by_region(over_output(_foreign_columns(t), arrays.x) * needed)


def _foreign_columns(t: Mrio) -> np.ndarray:
    """Imported intermediates of each sector, in the table's unit."""
    z, _, _, _, n = t.arrays
    g = len(t.regions)
    blocks = z.reshape(g, n, g, n)[np.arange(g), :, np.arange(g), :]
    foreign: np.ndarray = z.sum(axis=0) - blocks.sum(axis=1).ravel()
    return foreign


def revealed_advantage(t: Mrio) -> pd.DataFrame:
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
    gross = gross_trade(t, "sector").sum(axis=1)
    absorbed = flows(t, "total", level="sector", partner="absorber").to_numpy()
    exported = t.series(absorbed.sum(axis=1) - absorbed[t.labels.own], "value_added")
    frame = pd.DataFrame({"gross": _balassa(gross), "value_added": _balassa(exported)})
    frame.attrs.update(t.attrs, measure="revealed_advantage", unit="ratio of shares")
    return frame


def _balassa(values: pd.Series) -> pd.Series:
    region = values.groupby(level="region", sort=False).transform("sum")
    sector = values.groupby(level="sector", sort=False).transform("sum")
    ours = values / region.where(region != 0)
    world = sector / sector.groupby(level="region", sort=False).transform("sum")
    return ours / world.where(world != 0)


def participation_rates(t: Mrio, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
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
    forward = participation(t, "forward", "region", shares=True)["gvc"]
    backward = participation(t, "backward", "region", shares=True)["gvc"]
    content = value_added_in_exports(t, groups).to_numpy()
    borin = decompose_exports(t, "bm_source", groups=groups)
    rates = share(borin, borin["exports"])
    indirect = pd.Series(content.sum(axis=1) - np.diag(content), index=borin.index)
    parts = {
        ("value added", "forward"): forward,
        ("final goods", "backward"): backward,
        ("exports", "backward (VS)"): rates["FC"],
        ("exports", "forward (VS1)"): ratio(indirect, borin["exports"]),
        ("exports", "GVC (BM)"): rates["GVC"],
        ("exports", "backward (BM)"): rates["GVCB"],
        ("exports", "forward (BM)"): rates["GVCF"],
    }
    frame = pd.concat(parts, axis=1, names=["base", "measure"]).reindex(borin.index)
    frame.attrs.update(t.attrs, measure="participation_rates", unit="fractions of the base")
    return frame
