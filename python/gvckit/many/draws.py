"""Uncertainty of a table's own cells: draws around them, and bands for any measure."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError, ShapeError
from gvckit.many.identity import name_of
from gvckit.many.workers import outcomes
from gvckit.options import quantile_levels, whole_number
from gvckit.progress import progress_bar
from gvckit.table import build
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
        errors = (self.at_reference, self.slope, self.largest)
        numbers = all(isinstance(e, int | float | np.number) and 0 <= e < np.inf for e in (self.reference, *errors))
        if not numbers or self.reference == 0:
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
        levels = quantile_levels("q", q)
        values = np.quantile(self.draws, levels, axis=0)
        columns = pd.MultiIndex.from_tuples(
            [(*label, level) for label in label_tuples(self.published.columns) for level in levels],
            names=[*self.published.columns.names, "quantile"],
        )
        flat = np.moveaxis(values, 0, -1).reshape(len(self.published), -1)
        return self._frame(flat, columns)

    def sd(self) -> pd.DataFrame:
        """Standard deviation over draws."""
        return self._frame(self.draws.std(axis=0, ddof=1 if len(self.draws) > 1 else 0), self.published.columns)

    def minus(self, earlier: TableBands) -> TableBands:
        """Change from an earlier table, drawn apart, to see whether it is larger than the tables' own error."""
        if not isinstance(earlier, TableBands):
            raise OptionError(f"bands of an earlier table are wanted, not a {type(earlier).__name__}")
        mine, theirs = self.published, earlier.published
        same = mine.index.equals(theirs.index) and mine.columns.equals(theirs.columns)
        if not same or self.draws.shape != earlier.draws.shape:
            raise LabelError("the two have other labels or another number of draws")
        change = self._frame(mine.to_numpy() - theirs.to_numpy(), mine.columns)
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
    count = whole_number("draws", draws, 1)
    if not callable(measure):
        raise OptionError(f"measure={measure!r:.60}: a function is wanted, such as gvckit.participation")
    published = as_frame(measure(t, **options))
    cells = _cells(t)
    sd, totals = _sd(t, cells, error), _totals(t) if balance else None

    def one(number: int) -> np.ndarray:
        drawn = _draw(t, cells, sd, number, seed, totals, tolerance)
        return alike(published, as_frame(measure(drawn, **options)))

    out = np.empty((count, *published.shape))
    with (
        closing(outcomes(iter(range(count)), one, None, workers)) as running,
        progress_bar(progress, count, name_of(measure), "draw") as bar,
    ):
        for number, values in running:
            if isinstance(values, Exception):
                values.add_note(f"in draw {number}")
                raise values
            out[number] = values
            bar.done()
    return TableBands(published, out)


def label_tuples(index: pd.Index) -> list[tuple[Any, ...]]:
    """Labels as tuples, of an index with one level too."""
    return [label if index.nlevels > 1 else (label,) for label in index.tolist()]


def as_frame(result: Any) -> pd.DataFrame:
    """Result of a measure as a frame of numbers."""
    if isinstance(result, pd.Series):
        result = result.to_frame()
    if not isinstance(result, pd.DataFrame) or any(dtype.kind not in "fiub" for dtype in result.dtypes):
        what = "one with other columns" if isinstance(result, pd.DataFrame) else f"a {type(result).__name__}"
        raise OptionError(f"the measure gives {what}: a frame of numbers is wanted")
    return result


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
    if isinstance(error, tuple) and len(error) == 2:
        z = _errors_of("Z", error[0], t.arrays.z.shape, t.labels.rows, t.labels.columns)
        y = _errors_of("Y", error[1], t.given.y.shape, t.labels.rows, t.labels.demand)
        sd = np.hstack([z, y])
    elif isinstance(error, int | float | np.number) and not isinstance(error, bool):
        sd = np.full(cells.shape, float(error))
    else:
        raise OptionError(f"error={error!r:.60}: a number, a CellError, or a pair for Z and Y is needed")
    if not (np.isfinite(sd) & (sd >= 0)).all():
        raise OptionError("relative errors are finite and not negative")
    return sd


def _errors_of(what: str, given: Any, shape: tuple[int, ...], rows: pd.Index, columns: pd.Index) -> Matrix:
    """Errors of Z or Y: one number for all, an array, or a frame by its labels."""
    name = f"the errors of {what}"
    if np.ndim(given) == 0:
        return np.broadcast_to(build.numbers(name, given), shape)
    values = build.matrix(name, given, rows, columns) if np.ndim(given) == 2 else build.numbers(name, given)
    if values.shape != shape:
        raise ShapeError(f"{name} have shape {values.shape}, expected {shape}")
    return values


def alike(first: pd.DataFrame, other: pd.DataFrame) -> Matrix:
    """Numbers of a frame in the order of the first's labels; a measure may sort its rows."""
    values = other.to_numpy(dtype=np.float64)
    try:
        for axis, (have, want) in enumerate(((other.index, first.index), (other.columns, first.columns))):
            if not have.equals(want):
                values = values.take(build.places("its labels", have, want), axis=axis)
    except LabelError as error:
        raise LabelError(f"the measure gives other labels for one table than for another: {error}") from error
    return values


def _draw(
    t: T, cells: Matrix, sd: Matrix, number: int, seed: int, totals: tuple[Matrix, Matrix] | None, tolerance: float
) -> T:
    n = len(cells)
    seed, number = whole_number("seed", seed), whole_number("number", number)
    if max(seed, number) >= 2**62:
        raise OptionError(f"seed={seed}, number={number}: smaller ones are needed, below 2**62")
    if not isinstance(tolerance, int | float | np.number) or not 0 < tolerance < 1:
        raise OptionError(f"tolerance={tolerance!r:.60}: a share of the largest total is needed, such as 1e-4")
    # Another stream for another table.
    own = (seed * 2_654_435_761 + zlib.crc32(t.arrays.x.tobytes())) % 2**63
    drawn = _core.disturb(cells, sd, own, number, totals, float(tolerance), _MOST_ROUNDS)
    va = t.given.va
    if va is not None and totals is None:
        va = per_output(va, t.arrays.x) * drawn.sum(axis=1)
    z, y = np.ascontiguousarray(drawn[:, :n]), np.ascontiguousarray(drawn[:, n:])
    return t.replaced(check=False, z=z, y=y, x=None, va=va, notes=())
