"""Participation in global value chains, forward and backward (Wang, Wei, Yu and Zhu 2017)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.extensions import over
from gvckit.labels import share
from gvckit.options import Direction, Level, check
from gvckit.table import Mrio, expect_table

#: The four terms, from the core.
TERMS: list[str] = _core.participation_terms()


def participation(
    t: Mrio,
    direction: Direction = "forward",
    level: Level = "sector",
    shares: bool = False,
    detail: bool = False,
    factor: str | pd.Series | None = None,
) -> pd.DataFrame:
    """Decompose value added (forward) or final goods (backward) by how it crosses borders.

    ``V^ B Y^ = V^ L Y^D + V^ L Y^F + V^ L A^F L Y^D + V^ L A^F (B Y^ - L Y^D)``, summed over rows (forward: where does
    the value added of a sector go) or columns (backward: what are the final goods of a sector made of).

    Parameters
    ----------
    t : Mrio
    direction : {"forward", "backward"}
    level : {"sector", "region", "world"}
        Regions and the world are sums over sectors, and shares are ratios of the sums.
    shares : bool, default False
        Fractions of `total` instead of levels; NaN where the total is 0.
    detail : bool, default False
        Split `complex` into `returned` and `third`. Forward, `returned` is value added of the sector that its own
        country absorbs after it crossed borders: v_s [(B Y)_ss - L_ss Y_ss]. Backward, it is value added of the
        final goods producer's own country that left as an intermediate and came back: v_r (B_rr - L_rr) y_r.
        These are two different quantities. `third` is the rest of complex: absorbed elsewhere, or from elsewhere.
    factor : str or Series, optional
        An item of ``t.extensions`` (CO2, employment, a component of value added), or amounts by (region, sector), in
        place of value added.
        Backward, `total` is then the factor that final goods embody.

    Returns
    -------
    DataFrame
        In the table's unit (or shares). Columns `domestic` (never crosses a border), `traditional` (crosses once,
        in a final good), `simple` (crosses once for production), `complex` (crosses at least twice), `gvc`
        (simple + complex), `total`. Forward total is value added; backward total is final goods output, home and
        abroad. Index (region, sector), region, or ``world``.

    Raises
    ------
    OptionError
        A direction or level that is not known.
    NotProductiveError
        A country's domestic coefficients are not productive.

    Notes
    -----
    Wang, Wei, Yu and Zhu (2017), NBER working paper 23222, equations 5 to 9. No n x n inverse and no copy of Z: one
    pass over Z and G local systems of N equations. ``detail=True`` solves with G
    right-hand sides (`Mrio.solver`). With ``va=`` given to the table, `total` stays value added or final goods, and the
    terms add up to v x or v'B y: the gap is that of the table (see `Mrio.audit`).
    """
    expect_table(t)
    check("direction", direction, Direction)
    check("level", level, Level)
    t = over(t, factor)
    arrays = t.stored
    with t.labels.naming():
        if direction == "forward":
            values = _core.participation_forward(t.stored)
        else:
            values = _core.participation_backward(t.stored, t.value_added_multiplier)
    frame = t.frame(values, t.labels.rows, pd.Index(TERMS, name="term"))
    if detail:
        with t.labels.naming():
            returned = _core.participation_returned(t.arrays, t.solver(len(t.regions)), direction == "forward")
        frame["returned"] = returned
        frame["third"] = frame["complex"] - returned
    frame["gvc"] = frame["simple"] + frame["complex"]
    frame["total"] = arrays.va if direction == "forward" else arrays.y.sum(axis=1)
    if direction == "backward" and factor is not None and t.value_added_multiplier is not None:
        frame["total"] *= t.value_added_multiplier
    frame = summed(frame, level)
    if shares:
        frame = share(frame, frame["total"])
    frame.attrs.update(t.attrs, measure="participation", direction=direction, level=level, shares=shares)
    if shares:
        whole = "value added" if direction == "forward" else "final goods output"
        whole = whole if factor is None else str(t.attrs["factor"])
        frame.attrs["unit"] = f"share of {whole}"
    return frame


def summed(frame: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Sum rows of a (region, sector) frame to the level, in the table's order."""
    if level == "sector":
        return frame
    if level == "region":
        count = frame.index.get_level_values("sector").nunique()
        names = frame.index.get_level_values("region")[::count]
        values = frame.to_numpy().reshape(len(names), count, -1).sum(axis=1)
        return pd.DataFrame(values, index=pd.Index(names, name="region"), columns=frame.columns)
    values = np.asarray(frame.to_numpy().sum(axis=0, keepdims=True))
    return pd.DataFrame(values, index=pd.Index(["world"], name="region"), columns=frame.columns)
