"""The value chain of some final products: each step's value, and how far from final use it stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gvckit.measures.lengths import upstreamness
from gvckit.table.data import Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.labels import named
from gvckit.table.select import Chosen, rows_chosen
from gvckit.table.shares import share


def smile_curve(
    t: Table, products: Chosen = None, factor: str | pd.Series | None = None, steps: Chosen = None
) -> pd.DataFrame:
    """Value that each step adds to some final products, and its distance to final use: a frame for `plot.smile`.

    Parameters
    ----------
    t : Mrio
    products : str, (str, str), or list of these, optional
        The final products, as in `trace`: ``("DEU", "Transport equipment")``; by default all.
    factor : str or Series, optional
        Pay, jobs or another item of ``t.extensions`` in place of value added, or amounts by (region, sector).
    steps : str, (str, str), or list of these, optional
        Only these (region, sector), such as one country's.

    Returns
    -------
    DataFrame
        Indexed (region, sector), steps that add something to the products: `distance` (upstreamness, the mean number of
        stages from the sector's output to any final use), `chain_distance` (the same for what of its output ends in
        these products; 1 is the product itself), `value` (in the table's unit, or the factor's) and `value_share` (of
        all that is in the products).

    Raises
    ------
    OptionError, LabelError
        A name that is not known.

    Notes
    -----
    Ye, Meng and Wei (2015); Meng, Ye and Wei (2020). For final goods f: value ``v o (B f)``, distance along the chain
    ``(B B f) / (B f)``, upstreamness ``(B x) / x``. Three solves (`Mrio.solver`).
    """
    expect_table(t)
    row = traced(t, factor)
    goods = np.where(rows_chosen(t, "products", products), t.arrays.y.sum(axis=1), 0.0)
    solver = t.solver()
    with t.labels.naming():
        called = solver.solve(goods[:, None])
        again = solver.solve(called)
    value = row.per_unit * called[:, 0]
    parts = upstreamness(t).to_numpy(), share(again[:, 0], called[:, 0]), value, share(value, value.sum())
    values = np.column_stack(parts)
    kept = rows_chosen(t, "steps", steps) & (value != 0)
    columns = named(("distance", "chain_distance", "value", "value_share"))
    return t.frame(values[kept], t.labels.rows[kept], columns, measure="smile_curve", **row.words)
