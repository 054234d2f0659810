"""Uncertainty of a table's own cells: draws around them, and bands for any measure."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.errors import LabelError, OptionError, ShapeError
from gvckit.many.identity import name_of
from gvckit.table.data import Matrix, Table, expect_table, per_output

T = TypeVar("T", bound=Table)

#: Rounds of balancing before a draw is given up.
_MOST_ROUNDS = 5000


@dataclass(frozen=True)
class CellError:
    """Relative error of a cell by its size: large flows are known better than small ones.

    ``sd = at_reference * (|cell| / reference) ** -slope``, never more than `largest`; sd is the standard deviation of
    the logarithm, about the relative error.

    Attributes
    ----------
    reference : float
        Size of a cell, in the table's unit.
    at_reference : float
        Relative error of such a cell.
    slope : float
        0: all cells alike.
    largest : float
    """

    reference: float = 1000.0
    at_reference: float = 0.1
    slope: float = 0.2
    largest: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no error."""
        good = self.reference > 0 and self.at_reference >= 0 and self.slope >= 0 and 0 <= self.largest < np.inf
        if not good:
            raise OptionError(f"{self!r}: a positive reference and errors that are not negative are needed")

    def of(self, cells: Matrix) -> Matrix:
        """Relative error of each cell; 0 for a cell that is 0."""
        size = np.abs(cells) / self.reference
        power = np.power(size, -self.slope, out=np.zeros_like(size), where=size > 0)
        sd: Matrix = np.minimum(self.at_reference * power, self.largest)
        return sd


Error = float | CellError | tuple[Any, Any]


@dataclass(frozen=True, repr=False)
class TableBands:
    """A measure with the spread that the table's own error gives it.

    Attributes
    ----------
    published : DataFrame
        The measure of the table as it is.
    draws : float64 (draws, rows, columns)
        The measure of each draw.
    """

    published: pd.DataFrame
    draws: np.ndarray

    def quantiles(self, q: Sequence[float] = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """Quantiles over draws: columns (column of the measure, quantile)."""
        if not all(0 <= level <= 1 for level in q):
            raise OptionError(f"q={list(q)}: quantiles lie between 0 and 1")
        values = np.quantile(self.draws, q, axis=0)
        names = [*self.published.columns.names, "quantile"]
        columns = pd.MultiIndex.from_product([self.published.columns, list(q)], names=names)
        flat = np.moveaxis(values, 0, -1).reshape(len(self.published), -1)
        return self._frame(flat, columns)

    def sd(self) -> pd.DataFrame:
        """Standard deviation over draws."""
        return self._frame(self.draws.std(axis=0, ddof=1 if len(self.draws) > 1 else 0), self.published.columns)

    def minus(self, earlier: TableBands) -> TableBands:
        """Change from an earlier table, drawn apart, to see whether it is larger than the tables' own error."""
        alike = self.published.index.equals(earlier.published.index) and self.published.columns.equals(
            earlier.published.columns
        )
        if not alike or self.draws.shape != earlier.draws.shape:
            raise LabelError("the two have other labels or another number of draws")
        change = self.published - earlier.published
        change.attrs.update(self.published.attrs)
        return TableBands(change, self.draws - earlier.draws)

    def share_positive(self) -> pd.DataFrame:
        """Share of draws above 0: of a change, how sure its direction is. NaN where the measure is."""
        share = np.where(np.isnan(self.draws).any(axis=0), np.nan, (self.draws > 0).mean(axis=0))
        return self._frame(share, self.published.columns)

    def _frame(self, values: Matrix, columns: pd.Index) -> pd.DataFrame:
        frame = pd.DataFrame(values, index=self.published.index, columns=columns)
        frame.attrs.update(self.published.attrs)
        return frame

    def __repr__(self) -> str:
        return f"TableBands of {len(self.draws)} draws\n{self.quantiles()!r}"


def perturb(
    t: T, error: Error = 0.1, number: int = 0, seed: int = 0, balance: bool = True, tolerance: float = 1e-4
) -> T:
    """One draw of a table: its cells with errors, brought back to the published totals.

    Parameters
    ----------
    t : Mrio
    error : float, CellError, or (Z, Y)
        Relative error of all cells, a rule by size, or the error of each cell as two arrays or frames shaped as Z and
        Y. Errors are log-normal with mean 1: signs and zeros stay.
    number, seed : int
        A draw is the same for the same table and the same two numbers, whatever else runs; different tables are drawn
        apart.
    balance : bool, default True
        Scale the cells (GRAS) to the published output, inputs and final demand, so that output and value added are
        those of the table; otherwise they follow from the cells.
    tolerance : float
        How far off a total may be, as a share of the largest.

    Returns
    -------
    Mrio

    Raises
    ------
    BalanceError
        Totals that are not reached.
    OptionError, ShapeError
        Errors that can't be meant.
    """
    expect_table(t)
    cells = _cells(t)
    return _draw(t, cells, _sd(t, cells, error), number, seed, _totals(t) if balance else None, tolerance)


def table_bands(
    t: T,
    measure: Callable[..., pd.DataFrame],
    draws: int = 1000,
    error: Error = 0.1,
    *,
    seed: int = 0,
    balance: bool = True,
    tolerance: float = 1e-4,
    workers: int | None = None,
    progress: bool = True,
    **options: Any,
) -> TableBands:
    """Bands of a measure over draws of the table around its published cells.

    Parameters
    ----------
    t : Mrio
    measure : callable
        ``measure(table, **options)`` that returns a frame of numbers.
    draws : int, default 1000
    error, seed, balance, tolerance
        As in `perturb`.
    workers : int, optional
        Threads; by default 2. The draws are the same for any number (results to rounding).
    progress : bool, default True
    **options
        Passed on to the measure.

    Returns
    -------
    TableBands

    Notes
    -----
    Published tables come without errors of their cells: what is drawn is an assumption, and the bands are its
    consequence. Holds one table a worker, and the draws of the measure.
    """
    expect_table(t)
    from tqdm.auto import tqdm

    if draws < 1 or (workers is not None and workers < 1):
        raise OptionError(f"draws={draws}, workers={workers}: one or more are needed")
    published = measure(t, **options)
    cells = _cells(t)
    sd, totals = _sd(t, cells, error), _totals(t) if balance else None

    def one(number: int) -> np.ndarray:
        drawn = _draw(t, cells, sd, number, seed, totals, tolerance)
        return alike(published, measure(drawn, **options)).to_numpy(dtype=np.float64)

    out = np.empty((draws, *published.shape))
    with (
        ThreadPoolExecutor(workers or 2) as threads,
        tqdm(total=draws, disable=not progress, desc=name_of(measure), unit="draw") as bar,
    ):
        for number, values in zip(range(draws), threads.map(one, range(draws)), strict=True):
            out[number] = values
            bar.update()
    return TableBands(published, out)


def _cells(t: T) -> Matrix:
    return np.hstack([t.arrays.z, t.given.y])


def _totals(t: T) -> tuple[Matrix, Matrix]:
    """Output by row, inputs and final demand by column."""
    columns = np.concatenate([t.arrays.z.sum(axis=0), t.given.y.sum(axis=0)])
    return t.arrays.x, columns


def _sd(t: T, cells: Matrix, error: Error) -> Matrix:
    """Error of each cell of Z and Y side by side."""
    if isinstance(error, CellError):
        return error.of(cells)
    if not isinstance(error, int | float | np.number) and not (isinstance(error, tuple) and len(error) == 2):
        raise OptionError(f"error={error!r:.60}: a number, a CellError, or a pair for Z and Y is needed")
    if isinstance(error, tuple):
        parts = [_given(t, what, given) for what, given in zip(("Z", "Y"), error, strict=True)]
        sd = np.ascontiguousarray(np.hstack(parts))
    else:
        sd = np.full(cells.shape, float(error))
    if not (np.isfinite(sd) & (sd >= 0)).all():
        raise OptionError("relative errors are finite and not negative")
    return sd


def _given(t: T, what: str, given: Any) -> Matrix:
    shape = (t.arrays.z if what == "Z" else t.given.y).shape
    if isinstance(given, pd.DataFrame):
        frame = t.Z if what == "Z" else t.Y
        given = given.reindex(index=frame.index, columns=frame.columns).to_numpy()
    values = (
        np.broadcast_to(np.asarray(given, dtype=np.float64), shape) if np.ndim(given) in (0, 2) else np.asarray(given)
    )
    if values.shape != shape:
        raise ShapeError(f"the errors of {what} have shape {values.shape}, expected {shape}")
    return values


def alike(first: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Frame with the labels of the first, in its order; a measure may sort its rows."""
    if other.index.equals(first.index) and other.columns.equals(first.columns):
        return other
    same = len(other.index) == len(first.index) and other.index.is_unique and first.index.isin(other.index).all()
    if not same or not first.columns.isin(other.columns).all():
        raise LabelError("the measure gives other labels for one table than for another")
    return other.reindex(index=first.index, columns=first.columns)


def _draw(
    t: T, cells: Matrix, sd: Matrix, number: int, seed: int, totals: tuple[Matrix, Matrix] | None, tolerance: float
) -> T:
    n = len(cells)
    for name, value in (("seed", seed), ("number", number)):
        if not isinstance(value, int | np.integer) or not 0 <= value < 2**62:
            raise OptionError(f"{name}={value!r}: a whole number from 0 is needed")
    # Another stream for another table.
    own = (int(seed) * 2_654_435_761 + zlib.crc32(t.arrays.x.tobytes())) % 2**63
    drawn = _core.disturb(cells, sd, own, int(number), totals, tolerance, _MOST_ROUNDS)
    va = t.given.va
    if va is not None and totals is None:
        va = per_output(va, t.arrays.x) * drawn.sum(axis=1)
    z, y = np.ascontiguousarray(drawn[:, :n]), np.ascontiguousarray(drawn[:, n:])
    return t.replaced(check=False, z=z, y=y, x=None, va=va, notes=())
