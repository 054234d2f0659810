"""Balancing a table to given totals, with a report of what moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

import gvckit._core as _core
from gvckit.errors import BalanceError, OptionError, ShapeError
from gvckit.options import Balancing, check
from gvckit.table import build
from gvckit.table.data import Matrix, Table

T = TypeVar("T", bound=Table)
#: Rows of the report.
_MOST = 50


def balance(
    t: T,
    method: Balancing = "gras",
    *,
    x: ArrayLike | None = None,
    va: ArrayLike | None = None,
    demand: ArrayLike | None = None,
    tolerance: float = 1e-10,
    most_rounds: int = 2000,
) -> tuple[T, pd.DataFrame]:
    """Scale the cells of a table until it has given totals.

    Rows of Z and Y sum to output, columns of Z to output less value added, columns of Y to final demand.

    Parameters
    ----------
    t : Mrio
    method : {"gras", "ras"}
        GRAS keeps the signs of negative cells (Junius and Oosterhaven 2003, Economic Systems Research 15(1): 87-96);
        RAS refuses them. Where nothing is negative they are the same.
    x : array_like, shape (n,), optional
        Vectors with labels are put in order by them. Output wanted; by default what the file gave, else ``Z 1 + Y 1``.
    va : array_like, shape (n,), optional
        Value added wanted; by default the row that was given; else the present share of value added in output times x.
    demand : array_like, shape (G F,), optional
        Final demand wanted by region and category; by default the present one, scaled in one proportion so that all
        final demand is all value added.
    tolerance : float
        Stop when no total is off by more than this share of the largest one.
    most_rounds : int

    Returns
    -------
    Mrio
        The balanced table, with a note. Its value added is ``x - 1'Z``.
    DataFrame
        The 50 cells that moved most: `row`, `column`, `before`, `after`, `change`, in the table's unit. ``attrs`` hold
        `rounds`, `gap_before` and `gap_after` (largest gap of a total as a share of the largest total) and `moved` (sum
        of absolute changes over the sum of absolute cells).

    Raises
    ------
    BalanceError
        Totals that no scaling reaches (a row of zeros with a positive total), or that don't add up; the message names
        row or column.
    OptionError, ShapeError
        Negative cells under ``ras``; arrays of another length; totals of rows and columns that differ.

    Notes
    -----
    Never done by a reader. Holds two n x (n + G F) arrays beside the table.
    """
    check("method", method, Balancing)
    if not (isinstance(most_rounds, int) and most_rounds > 0 and isinstance(tolerance, float | int) and tolerance > 0):
        raise OptionError(f"tolerance={tolerance!r}, most_rounds={most_rounds!r}: positive numbers are needed")
    z, y = t.arrays.z, t.given.y
    n = len(z)
    cells = np.hstack([z, y])
    if method == "ras" and (cells < 0).any():
        row, col = map(int, np.argwhere(cells < 0)[0])
        raise OptionError(
            f"{_place(t, row, col)} is {cells[row, col]:g}: method='ras' takes no negative cells, use 'gras'"
        )
    rows, columns = _totals(t, x, va, demand)
    with _naming(t):
        scaled, rounds, gap = _core.gras(cells, rows, columns, tolerance, most_rounds)
    size = max(np.abs(rows).max(), np.abs(columns).max(), np.finfo(float).tiny)
    before = max(np.abs(cells.sum(1) - rows).max(), np.abs(cells.sum(0) - columns).max()) / size
    moved = float(np.abs(scaled - cells).sum() / max(np.abs(cells).sum(), np.finfo(float).tiny))
    note = (
        f"balanced by {method} in {rounds} rounds: largest gap {before:.2e} before, {gap:.2e} after, {moved:.2e} moved"
    )
    table = t.replaced(
        z=np.ascontiguousarray(scaled[:, :n]), y=np.ascontiguousarray(scaled[:, n:]), x=rows, va=None,
        notes=(*t.notes, note),
    )  # fmt: skip
    build.say_doubts(table)
    report = _report(t, cells, scaled)
    report.attrs.update({**t.attrs, "rounds": rounds, "gap_before": float(before), "gap_after": gap, "moved": moved})
    return table, report


def _totals(t: Table, x: ArrayLike | None, va: ArrayLike | None, demand: ArrayLike | None) -> tuple[Matrix, Matrix]:
    arrays = t.arrays
    given = arrays.x if t.given.x is None else t.given.x
    rows = build.vector("x", given if x is None else x, t.labels.rows)
    if va is None and t.given.va is None:
        inputs = np.divide(rows * arrays.z.sum(axis=0), arrays.x, out=np.zeros(len(rows)), where=arrays.x != 0)
    else:
        inputs = rows - build.vector("va", arrays.va if va is None else va, t.labels.rows)
    final = rows.sum() - inputs.sum()
    if demand is None:
        now = t.given.y.sum(axis=0)
        if now.sum() == 0:
            raise ShapeError("final demand sums to 0: give the final demand that is wanted")
        wanted = now * (final / now.sum())
    else:
        wanted = build.vector("demand", demand, t.labels.demand)
        if abs(wanted.sum() - final) > 1e-9 * max(abs(final), abs(rows).max()):
            raise ShapeError(f"final demand sums to {wanted.sum():.10g}, output less inputs to {final:.10g}")
    return rows, np.concatenate([inputs, wanted])


def _report(t: Table, before: Matrix, after: Matrix) -> pd.DataFrame:
    change = (after - before).ravel()
    count = min(_MOST, int((change != 0).sum()))
    most = np.argpartition(-np.abs(change), max(count - 1, 0))[:count]
    most = most[np.argsort(-np.abs(change[most]), kind="stable")]
    places = [divmod(int(k), before.shape[1]) for k in most]
    frame = pd.DataFrame(
        {
            "row": [t.labels.row_name(row) for row, _ in places],
            "column": [_column(t, col) for _, col in places],
            "before": before.ravel()[most],
            "after": after.ravel()[most],
        }
    )
    frame["change"] = frame["after"] - frame["before"]
    return frame


def _column(t: Table, col: int) -> str:
    n = len(t.arrays.x)
    return t.labels.row_name(col) if col < n else t.labels.demand_name(col - n)


def _place(t: Table, row: int, col: int) -> str:
    return f"row {t.labels.row_name(row)}, column {_column(t, col)}"


@contextmanager
def _naming(t: Table) -> Iterator[None]:
    """Add labels to an error from the core, whose columns go on into final demand."""
    try:
        yield
    except BalanceError as error:
        if error.row is None and error.col is None:
            raise
        place = (
            f"column {_column(t, error.col)}" if error.col is not None else f"row {t.labels.row_name(error.row or 0)}"
        )
        raise BalanceError(f"{error} ({place})", error.row, error.col) from error
