"""Multipliers of final demand, and linkages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import NotProductiveError, OptionError
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.find import positions
from gvckit.table.labels import listed, named
from gvckit.table.shares import share


def multipliers(
    t: Table, households: str | Sequence[str] | None = None, pay: str | pd.Series | None = None
) -> pd.DataFrame:
    """Multipliers of final demand, per unit of a sector's final goods; with households closed, type II.

    Parameters
    ----------
    t : Mrio
    households : str or sequence of str, optional
        Categories of final demand that households buy (HFCE). They then spend what they earn, region by region, as
        they spend now: column `output_type2`.
    pay : str or Series, optional
        What they earn: an item of ``t.extensions`` (compensation of employees), or amounts by (region, sector); by
        default all value added, which overstates it.

    Returns
    -------
    DataFrame
        (region, sector); no unit. `output`: output of all sectors of the world; `domestic_output`: within the
        country, without feedback through others; `value_added`: 1 where value added is x - 1'Z; `domestic_value_added`:
        the country's own share in it; `foreign_value_added`: the rest. With `households`: `output_type2`, output of all
        sectors that a unit calls forth when what it pays to households is spent too.

    Raises
    ------
    LabelError
        A category or factor that is not there.
    NotProductiveError
        Households that spend so much of what they earn that there is no end to it.

    Notes
    -----
    Miller and Blair (2009), chapter 6; type II, section 2.5: A bordered by households' spending per unit of their
    earnings (at most all of them) and by earnings per unit of output, one row and column a region, solved as an update
    of G columns. G left solves (`Mrio.solver`), and G more.
    """
    expect_table(t)
    with t.labels.naming():
        content = t.solver(len(t.regions)).solve_transposed(t.labels.spread(t.per_unit))
        local = _core.local_inverse(t.arrays.z, t.arrays.x, t.arrays.sectors)
    total, domestic = content.sum(axis=1), content[t.labels.own]
    parts = {
        "output": _core.downstreamness(t.solver()),
        "domestic_output": local.sum(axis=1).ravel(),
        "value_added": total,
        "domestic_value_added": domestic,
        "foreign_value_added": total - domestic,
    }
    if households is not None:
        parts["output_type2"] = parts["output"] + _induced(t, parts["output"], households, pay)
    elif pay is not None:
        raise OptionError("pay= is what households earn: say which categories they buy by households=")
    values = np.column_stack(list(parts.values()))
    told = {"measure": "multipliers" if households is None else "multipliers_type2", "unit": "per unit of final demand"}
    return t.frame(values, t.labels.rows, named(parts), **told)


def _induced(t: Table, output: Matrix, households: str | Sequence[str], pay: str | pd.Series | None) -> Matrix:
    """Output that households' spending calls forth, per unit of final demand of each row."""
    kept = positions("category", t.categories, listed("category", households))
    row = traced(t, pay)
    regions, kinds = len(t.regions), len(t.categories)
    bought = t.given.y.reshape(len(output), regions, kinds)[:, :, kept].sum(axis=2)
    earned = t.labels.by_region(row.per_unit * t.arrays.x)
    # Those who spend more than they earn here live on something else, which doesn't grow with output.
    spending = share(bought, np.maximum(earned, bought.sum(axis=0))[None, :])
    spending[:, earned <= 0] = 0.0
    with t.labels.naming():
        paid = t.solver(regions).solve_transposed(t.labels.spread(row.per_unit))
    again = np.eye(regions) - paid.T @ spending
    if np.abs(np.linalg.eigvals(paid.T @ spending)).max() >= 1:
        raise NotProductiveError("households spend all that they earn on what pays them again: there is no end to it")
    found: Matrix = paid @ np.linalg.solve(again.T, spending.T @ output)
    return found


def linkages(t: Table) -> pd.DataFrame:
    """Backward and forward linkages and key sectors.

    Returns
    -------
    DataFrame
        `backward`: column sums of the Leontief inverse over their mean; `forward`: row sums of the Ghosh inverse over
        their mean (they are upstreamness); `key`: both above 1 (1.0 or 0.0); `forward_leontief`: row sums of the
        Leontief inverse over their mean, as Rasmussen had them. NaN where output is 0.

    Notes
    -----
    Rasmussen (1956), who took the row sums of the Leontief inverse (one more unit of every final good, however small
    the sector that buys it); Miller and Blair (2009), section 12.2, with the Ghosh inverse for forward linkages.
    """
    expect_table(t)
    x, solver = t.arrays.x, t.solver()
    called = solver.solve(np.ones((len(x), 1)))[:, 0]
    ends = np.column_stack([_core.downstreamness(solver), share(_core.upstream_output(solver, x), x), called])
    ends[x == 0] = np.nan
    relative = ends / share(np.nansum(ends, axis=0), (~np.isnan(ends)).sum(axis=0))
    key = (relative[:, :2] > 1).all(axis=1).astype(np.float64)
    values = np.column_stack([relative[:, :2], key, relative[:, 2]])
    columns = named(("backward", "forward", "key", "forward_leontief"))
    return t.frame(values, t.labels.rows, columns, measure="linkages", unit="relative to the mean")
