"""Leontief and Ghosh inverses, input coefficients and local inverses, labelled."""

from __future__ import annotations

from typing import overload

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import ShapeError
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.solve import inverse_of_coefficients


@overload
def leontief_inverse(table: Table) -> pd.DataFrame: ...
@overload
def leontief_inverse(table: Matrix) -> Matrix: ...
@overload
def leontief_inverse(table: pd.DataFrame) -> pd.DataFrame: ...
def leontief_inverse(table: Table | Matrix | pd.DataFrame) -> pd.DataFrame | Matrix:
    """Global Leontief inverse ``B = (I - A)^-1``.

    Parameters
    ----------
    table : Mrio, or array_like (n, n)
        A table, or input coefficients (an array or a frame).

    Returns
    -------
    DataFrame (of a table or a frame) or ndarray (of an array), (n, n)
        Output of the row per unit of final demand for the column; no unit.

    Raises
    ------
    NotProductiveError
        A pivot of I - A is not positive (Hawkins and Simon 1949); the message names the column with the largest
        sum of input coefficients.
    SingularError
        The result would have no right digits.
    NonFiniteError
        NaN or infinity in the coefficients.

    Notes
    -----
    Miller and Blair (2009), Input-Output Analysis, equation 2.8. Elimination without pivoting, which is stable for
    a productive economy, at the speed of matrix products; LAPACK with pivoting where coefficients are negative
    and that fails (a `GvcWarning` says so). Beside what is given (Z or A), it holds B and half a matrix of that size
    at its peak.
    """
    if isinstance(table, Table):
        return table.B
    if isinstance(table, pd.DataFrame):
        b = inverse_of_coefficients(np.ascontiguousarray(table.to_numpy(), dtype=np.float64))
        return pd.DataFrame(b, index=table.index, columns=table.columns)
    a = np.ascontiguousarray(table, dtype=np.float64)
    if a.ndim != 2:
        raise ShapeError(f"A has {a.ndim} dimensions, expected 2")
    return inverse_of_coefficients(a)


def ghosh_inverse(t: Table) -> pd.DataFrame:
    """Ghosh inverse ``G = (I - diag(x)^-1 Z)^-1``.

    Returns
    -------
    DataFrame, (n, n)
        Output of the column per unit of primary inputs of the row; ``va' G = x'``. No unit.

    Notes
    -----
    Ghosh (1958); Miller and Blair (2009), chapter 12. A row with x = 0 sells nothing. Errors as in
    `leontief_inverse`. Holds G, the coefficients and half a matrix at its peak.
    """
    expect_table(t)
    with t.labels.naming():
        g, _ = _core.ghosh_inverse(t.arrays.z, t.arrays.x)
    return t.frame(g, t.labels.rows, t.labels.columns, measure="ghosh_inverse", unit="ratio")


def input_coefficients(t: Table) -> pd.DataFrame:
    """Input coefficients ``A = Z diag(x)^-1``: the row's share in the column's output; 0 where output is 0."""
    expect_table(t)
    return t.A


def local_inverse(t: Table) -> pd.DataFrame:
    """Local Leontief inverses ``L = (I - A^D)^-1``, region by region.

    Returns
    -------
    DataFrame, (n, N)
        Rows (region, sector), columns partner_sector: the region's own block. Outside the blocks L is 0.
    """
    expect_table(t)
    with t.labels.naming():
        blocks = _core.local_inverse(t.arrays.z, t.arrays.x, t.arrays.sectors)
    columns = pd.Index(t.sectors, name="partner_sector")
    values = blocks.reshape(-1, len(t.sectors))
    return t.frame(values, t.labels.rows, columns, measure="local_inverse", unit="ratio")
