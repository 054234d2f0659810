"""A sheet of a workbook, or a delimited text, as cells: numbers and texts by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gvckit._core import cell_name
from gvckit.errors import ReadError
from gvckit.readers.numerals import hint
from gvckit.readers.words import is_gap
from gvckit.table.data import Matrix

Place = tuple[int, int]


@dataclass
class Cells:
    """What a sheet holds.

    Attributes
    ----------
    path : str
        What messages call the file.
    sheet : str or None
        Name of the sheet; None for a delimited text, whose rows are lines.
    numbers : float64
        NaN where a cell holds none.
    texts, odd : dict of (row, column) to str
        Texts, and what a cell holds that is neither a number nor text (a date, TRUE). At the edges of a delimited text
        numbers are texts too, as a label may be 01.
    notes : list of str
        What was found in reading.
    fields : list of int or None
        How many fields each line of a text has.
    """

    path: str
    sheet: str | None
    numbers: Matrix
    texts: dict[Place, str]
    odd: dict[Place, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fields: Sequence[int] | None = None

    def error(self, message: str, cell: Place | None = None) -> ReadError:
        """Error with file, sheet and cell, or line and field."""
        if cell is None:
            return ReadError(message, self.path, self.sheet)
        if self.sheet is None:
            return ReadError(f"line {cell[0] + 1}, field {cell[1] + 1}: {message}", self.path)
        return ReadError(message, self.path, self.sheet, cell_name(*cell))

    def text(self, row: int, col: int) -> str:
        """Text of a cell; of a number too, as some editions store codes as numbers."""
        found = self.texts.get((row, col))
        if found is not None:
            return found
        rows, cols = self.numbers.shape
        value = self.numbers[row, col] if 0 <= row < rows and 0 <= col < cols else np.nan
        if np.isnan(value):
            return ""
        return str(int(value)) if float(value).is_integer() else repr(float(value))

    @property
    def height(self) -> int:
        """Rows with anything in them."""
        return max([int(self.numbers.shape[0]), *(row + 1 for row, _ in self.texts)])

    @property
    def width(self) -> int:
        """Columns with anything in them."""
        return max([int(self.numbers.shape[1]), *(col + 1 for _, col in self.texts)])

    @cached_property
    def by_row(self) -> dict[int, dict[int, str]]:
        """Texts by row and column."""
        found: dict[int, dict[int, str]] = {}
        for (row, col), text in self.texts.items():
            found.setdefault(row, {})[col] = text
        return {row: dict(sorted(texts.items())) for row, texts in sorted(found.items())}

    @cached_property
    def words(self) -> dict[Place, str]:
        """Texts of the cells that hold no number."""
        if not self.texts:
            return {}
        at = np.array(list(self.texts), dtype=np.intp)
        inside = (at < self.numbers.shape).all(axis=1)
        held = np.zeros(len(at), dtype=bool)
        held[inside] = ~np.isnan(self.numbers[at[inside, 0], at[inside, 1]])
        found = zip(self.texts.items(), held.tolist(), strict=True)
        return {place: text for (place, text), is_number in found if not is_number}

    def titles(self, before: int) -> list[str]:
        """Texts of the rows above a row."""
        return [text for row, texts in self.by_row.items() if row < before for text in texts.values()]

    def has_number(self, row: int | None = None, col: int | None = None, after: int = 0) -> bool:
        """Whether a row or a column holds a number from a place on."""
        line = self.numbers[row, after:] if row is not None else self.numbers[after:, col]
        return bool((~np.isnan(line)).any())

    def whole_lines(self, header: int, rows: Sequence[int]) -> None:
        """Refuse a line of a text with another number of fields than its header: its cells stand under other labels."""
        if self.fields is None:
            return
        wanted = self.fields[header]
        for row in rows:
            more = self.fields[row] > wanted and self.has_number(row=row, after=wanted)
            if self.fields[row] < wanted or more:
                raise ReadError(f"line {row + 1} has {self.fields[row]} fields, the header {wanted}", self.path)

    def block(self, rows: Sequence[int], cols: Sequence[int]) -> tuple[Matrix, int]:
        """Numbers of these rows and columns, zero where a cell is empty, and how many are.

        Raises
        ------
        ReadError
            A text, a date, an error value or whatever else stands in one of the cells; the numbers end above them.
        """
        self._no_strangers(rows, cols)
        height = self.numbers.shape[0]
        if max(rows, default=-1) >= height:
            raise self.error(f"the numbers end in row {height}, they were expected up to row {max(rows) + 1}")
        return _filled(self.loose(rows, cols, np.nan))

    def loose(self, rows: Sequence[int], cols: Sequence[int], gap: float = 0.0) -> Matrix:
        """Numbers of these rows and columns, ``gap`` where a cell holds none or is not there (at -1)."""
        height, width = self.numbers.shape
        row_at, col_at = (np.asarray(at, dtype=np.intp) for at in (rows, cols))
        rows_in, cols_in = (row_at >= 0) & (row_at < height), (col_at >= 0) & (col_at < width)
        found: Matrix = np.full((len(row_at), len(col_at)), gap)
        found[np.ix_(rows_in, cols_in)] = self.numbers[np.ix_(row_at[rows_in], col_at[cols_in])]
        if gap == 0.0:
            found[np.isnan(found)] = 0.0
        return found

    def leading(self, rows: Sequence[int], cols: Sequence[int]) -> tuple[Matrix, int]:
        """The same as `block`, for the last time: a block without gaps is moved to the front, not copied."""
        height, width = self.numbers.shape
        if not (_steady(rows) and _steady(cols) and rows[-1] < height and cols[-1] < width):
            return self.block(rows, cols)
        self._no_strangers(rows, cols)
        flat, count = self.numbers.reshape(-1), len(cols)
        self.numbers = np.empty((0, 0))
        for k, row in enumerate(rows):
            begin = row * width + cols[0]
            flat[k * count : (k + 1) * count] = flat[begin : begin + count]
        return _filled(flat[: len(rows) * count].reshape(len(rows), count))

    def any_number(self, row: int, cols: Sequence[int]) -> bool:
        """Whether one of these cells of a row holds a number."""
        return bool((~np.isnan(self.loose([row], cols, np.nan))).any())

    def _no_strangers(self, rows: Sequence[int], cols: Sequence[int]) -> None:
        inside_rows, inside_cols = set(rows), set(cols)
        for (row, col), what in sorted(self.odd.items()):
            if row in inside_rows and col in inside_cols:
                raise self.error(f"holds {what}, a number was expected", (row, col))
        for (row, col), text in self.words.items():
            if row in inside_rows and col in inside_cols and not is_gap(text):
                raise self.error(f"holds the text {text!r}, a number was expected{hint(text)}", (row, col))


def _steady(at: Sequence[int]) -> bool:
    """Whether positions follow one another without a gap."""
    return len(at) > 0 and at[0] >= 0 and list(at) == list(range(at[0], at[0] + len(at)))


def _filled(values: Matrix) -> tuple[Matrix, int]:
    """Zeros for NaN, in place, and how many there were."""
    empty = np.isnan(values)
    gaps = int(empty.sum())
    if gaps:
        values[empty] = 0.0
    return values, gaps
