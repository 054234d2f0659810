"""Tables whose rows and columns carry a region and a code (c1, c2, ...): the layout of ADB and WIOD.

Everything is found by its labels. A sheet has header rows (labels, regions, codes) above the first number, label
columns left of it, the industries of every region, then final demand, then a total; below the industries come the
rows of value added and totals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from gvckit.errors import ReadError
from gvckit.table.data import Matrix

CODE = re.compile(r"c\d+", re.IGNORECASE)
#: Header rows and label columns lie within these.
HEADER_ROWS, LABEL_COLUMNS = 16, 8
#: Region labels of rows and columns that are totals.
TOTALS = {"tot", "total", ""}


@dataclass
class Cells:
    """A sheet as the core reads it: numbers (NaN where there is none) and texts by position."""

    path: str
    sheet: str
    numbers: Matrix
    texts: dict[tuple[int, int], str]

    def error(self, message: str, cell: tuple[int, int] | None = None) -> ReadError:
        """Error with file, sheet and cell."""
        return ReadError(message, self.path, self.sheet, None if cell is None else cell_name(*cell))

    def text(self, row: int, col: int) -> str:
        """Text of a cell; of a number too, as some editions store codes as numbers."""
        found = self.texts.get((row, col))
        if found is not None:
            return found
        rows, cols = self.numbers.shape
        value = self.numbers[row, col] if 0 <= row < rows and 0 <= col < cols else np.nan
        return "" if np.isnan(value) else f"{value:g}"


@dataclass
class CodedTable:
    """What such a sheet holds."""

    regions: list[str]
    codes: list[str]
    names: list[str]
    demand_codes: list[str]
    z: Matrix
    y: Matrix
    x: Matrix | None
    bottom: dict[str, Matrix]
    titles: list[str] = field(default_factory=list)


def cell_name(row: int, col: int) -> str:
    """``E8`` for row 7, column 4."""
    letters = ""
    rest = col + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


@dataclass(frozen=True)
class Layout:
    """Where the labels of a sheet stand, counted from 0."""

    code_row: int
    region_row: int
    code_col: int
    region_col: int
    first_row: int
    first_col: int


def parse(cells: Cells) -> CodedTable:
    """Recognise the layout by its labels and take the table out."""
    layout = find_layout(cells)
    rows = _industries(cells, layout, along="rows")
    cols = _industries(cells, layout, along="columns")
    _same(cells, layout, rows, cols)
    regions, codes = _grid(cells, layout, rows)
    n = len(rows)
    demand, total = _demand(cells, layout, n, regions)
    z = _block(cells, layout, n, 0, n)
    y = _block(cells, layout, n, n, n + len(regions) * len(demand))
    x = None
    if total is not None:
        x = _block(cells, layout, n, total - layout.first_col, total - layout.first_col + 1)[:, 0]
    title_rows = range(min(layout.code_row, layout.region_row))
    titles = [text for (row, _), text in sorted(cells.texts.items()) if row in title_rows]
    name_row = min(layout.code_row, layout.region_row) - 1
    names = [cells.text(name_row, layout.first_col + k) or code for k, code in enumerate(codes)]
    return CodedTable(regions, codes, names, demand, z, y, x, _bottom(cells, layout, n), titles)


def find_layout(cells: Cells) -> Layout:
    """Positions of the header rows and label columns."""
    code_row = _line_of_codes(cells, axis=0, limit=HEADER_ROWS)
    code_col = _line_of_codes(cells, axis=1, limit=LABEL_COLUMNS)
    if code_row is None or code_col is None:
        what = "row" if code_row is None else "column"
        raise cells.error(f"no header {what} of sector codes (c1, c2, ...) was found: not an ADB or WIOD table")
    first_col = min(c for (r, c), text in cells.texts.items() if r == code_row and CODE.fullmatch(text))
    first_row = min(r for (r, c), text in cells.texts.items() if c == code_col and CODE.fullmatch(text))
    region_row = _line_of_regions(cells, code_row, first_col, axis=0)
    region_col = _line_of_regions(cells, code_col, first_row, axis=1)
    return Layout(code_row, region_row, code_col, region_col, first_row, first_col)


def _line_of_codes(cells: Cells, axis: int, limit: int) -> int | None:
    """Row (axis 0) or column (axis 1) within ``limit`` with the most codes, if it has two."""
    counts = Counter(place[axis] for place, text in cells.texts.items() if place[axis] < limit and CODE.fullmatch(text))
    best = counts.most_common(1)
    return best[0][0] if best and best[0][1] >= 2 else None


def _line_of_regions(cells: Cells, code_line: int, start: int, axis: int) -> int:
    """The line beside the codes that makes them unique and changes least: labels of regions.

    Names of sectors change from cell to cell and come again with every region; numeric codes are unique, but change
    from cell to cell too.
    """

    def text(line: int, step: int) -> str:
        return cells.text(line, start + step) if axis == 0 else cells.text(start + step, line)

    codes: list[str] = []
    while CODE.fullmatch(code := text(code_line, len(codes))):
        codes.append(code)
    best: tuple[int, int, int] | None = None
    for line in (code_line + distance for distance in (-1, 1, -2, 2, -3, 3, -4, 4)):
        labels = [text(line, step) if line >= 0 else "" for step in range(len(codes))]
        if "" in labels or CODE.fullmatch(labels[0]):
            continue
        again = len(codes) - len(set(zip(labels, codes, strict=True)))
        changes = sum(a != b for a, b in pairwise(labels))
        best = min(best or (again, changes, line), (again, changes, line), key=lambda found: found[:2])
    if best is None:
        what = "row" if axis == 0 else "column"
        raise cells.error(f"no {what} of region labels was found beside the sector codes in {what} {code_line + 1}")
    return best[2]


def _industries(cells: Cells, layout: Layout, along: str) -> list[tuple[str, str]]:
    """(region, code) of the rows or columns until the codes end."""
    found: list[tuple[str, str]] = []
    while True:
        k = len(found)
        if along == "rows":
            row = layout.first_row + k
            region, code = cells.text(row, layout.region_col), cells.text(row, layout.code_col)
        else:
            col = layout.first_col + k
            region, code = cells.text(layout.region_row, col), cells.text(layout.code_row, col)
        if not CODE.fullmatch(code) or region.casefold() in TOTALS:
            return found
        if along == "columns" and found and (region, code) == found[0]:
            return found
        found.append((region, code))


def _same(cells: Cells, layout: Layout, rows: list[tuple[str, str]], cols: list[tuple[str, str]]) -> None:
    """The first columns must carry the labels of the rows; final demand may go on with codes of its own."""
    for k, pair in enumerate(rows):
        if k >= len(cols):
            place = (layout.code_row, layout.first_col + k)
            raise cells.error(f"the columns end after {len(cols)} sectors, the rows have {len(rows)}", place)
        if cols[k] != pair:
            place = (layout.code_row, layout.first_col + k)
            raise cells.error(
                f"column {k + 1} is {' '.join(cols[k])}, but row {k + 1} is {' '.join(pair)}: "
                "a sector is missing or added, or two editions are mixed",
                place,
            )


def _grid(cells: Cells, layout: Layout, rows: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Regions and codes; every region must have the same codes in the same order."""
    regions = list(dict.fromkeys(region for region, _ in rows))
    codes = list(dict.fromkeys(code for _, code in rows))
    for k, pair in enumerate(rows):
        region, code = divmod(k, len(codes))
        expected = (regions[region], codes[code]) if region < len(regions) else ("", "")
        if pair != expected:
            place = (layout.first_row + k, layout.code_col)
            raise cells.error(f"expected {' '.join(expected)}, found {' '.join(pair)}", place)
    if len(rows) != len(regions) * len(codes):
        place = (layout.first_row + len(rows), layout.code_col)
        missing = " ".join((regions[-1], codes[len(rows) % len(codes)]))
        raise cells.error(f"expected {missing}, found {cells.text(*place)!r}", place)
    return regions, codes


def _demand(cells: Cells, layout: Layout, n: int, regions: Sequence[str]) -> tuple[list[str], int | None]:
    """Codes of final demand of a region, and the column of the total, if there is one."""
    col = layout.first_col + n
    found: list[tuple[str, str]] = []
    while True:
        region = cells.text(layout.region_row, col)
        code = cells.text(layout.code_row, col)
        if region.casefold() in TOTALS:
            break
        found.append((region, code))
        col += 1
    codes = list(dict.fromkeys(code for _, code in found))
    expected = [(region, code) for region in regions for code in codes]
    if not codes:
        raise cells.error("no final demand columns follow the sectors", (layout.code_row, col))
    for k, pair in enumerate(expected):
        got = found[k] if k < len(found) else (cells.text(layout.region_row, layout.first_col + n + k), "")
        if got != pair:
            place = (layout.code_row, layout.first_col + n + k)
            raise cells.error(f"expected final demand {' '.join(pair)}, found {' '.join(got) or 'nothing'}", place)
    if len(found) != len(expected):
        place = (layout.code_row, layout.first_col + n + len(expected))
        raise cells.error(f"final demand has {len(found)} columns, expected {len(expected)}", place)
    labelled = any(cells.text(row, col) for row in range(HEADER_ROWS) if row < layout.first_row)
    has_total = col < cells.numbers.shape[1] and labelled
    return codes, col if has_total else None


def _block(cells: Cells, layout: Layout, n: int, start: int, stop: int) -> Matrix:
    """Numbers of the industries' rows; blanks are zero, text is an error."""
    top, left = layout.first_row, layout.first_col + start
    right = layout.first_col + stop
    height, width = cells.numbers.shape
    if top + n > height or right > width:
        raise cells.error(
            f"the sheet ends at {cell_name(height - 1, width - 1)}, numbers were expected up to "
            f"{cell_name(top + n - 1, right - 1)}"
        )
    for (row, col), text in cells.texts.items():
        if top <= row < top + n and left <= col < right:
            raise cells.error(f"holds the text {text!r}, a number was expected", (row, col))
    block = np.ascontiguousarray(cells.numbers[top : top + n, left:right])
    np.nan_to_num(block, copy=False, nan=0.0)
    return block


def _bottom(cells: Cells, layout: Layout, n: int) -> dict[str, Matrix]:
    """Rows below the industries (r60, r64, r69 ...) over the intermediate columns, by code."""
    found: dict[str, Matrix] = {}
    for row in range(layout.first_row + n, cells.numbers.shape[0]):
        code = cells.text(row, layout.code_col) or cells.text(row, layout.region_col)
        values = cells.numbers[row, layout.first_col : layout.first_col + n]
        if code and not np.isnan(values).all():
            found[code] = np.nan_to_num(values, nan=0.0)
    return found
