"""Sheets with one label a row and a column, ``AUS_A01``: the layout of ICIO and FIGARO.

The header is the line with most such labels, the labels of rows stand in the column with most of them; titles above,
notes below and blank lines are passed over.
"""

from __future__ import annotations

from collections import Counter

from gvckit.readers.cells import Cells
from gvckit.readers.labelled import Labelled, Pair
from gvckit.readers.words import is_gap, is_total

#: Columns in which the labels of rows may stand.
_LEFT = 4


def split(label: str, between: str = "_") -> Pair:
    """``ARG_A01_02`` as (ARG, A01_02): a region has no underscore; ``VA_VA_VA`` as (VA, )."""
    parts = label.split(between)
    if len(parts) > 1 and len(set(parts)) == 1:
        return parts[0], ""
    region, _, code = label.partition(between)
    return region.strip(), code.strip()


def header_of(cells: Cells, between: str = "_") -> tuple[int, int] | None:
    """Row of the columns' labels and column of the rows' labels; None where there are none."""
    joined = [(row, col) for (row, col), text in cells.words.items() if between in text[1:-1]]
    rows = Counter(row for row, col in joined if col > 0)
    if not rows:
        return None
    header, most = min(rows.items(), key=lambda found: (-found[1], found[0]))
    below = Counter(col for row, col in joined if row > header and col < _LEFT)
    if most < 2 or not below:
        return None
    return header, min(below.items(), key=lambda found: (-found[1], found[0]))[0]


def columns_of(cells: Cells, between: str = "_") -> list[Pair]:
    """Labels of the columns, for recognising a layout."""
    found = header_of(cells, between)
    if found is None:
        return []
    header, left = found
    return [split(text, between) for col, text in sorted(cells.by_row[header].items()) if col > left]


def labelled(cells: Cells, between: str = "_", expected: str = "AUS_A01") -> Labelled:
    """Cells with their labels, blank rows and columns and notes left out."""
    found = header_of(cells, between)
    if found is None:
        raise cells.error(f"has no header of labels such as {expected}")
    header, left = found
    columns = {col: text for col, text in cells.by_row[header].items() if col > left}
    rows, notes = _rows(cells, header, left)
    cells.whole_lines(header, list(rows))
    _no_number_without_label(cells, header, left, columns, rows)
    out = Labelled(
        cells,
        [split(text, between) for text in rows.values()], list(rows),
        [split(text, between) for text in columns.values()], list(columns),
        between, notes=notes, head=header, left=left,
    )  # fmt: skip
    return out


def _rows(cells: Cells, header: int, left: int) -> tuple[dict[int, str], list[str]]:
    """Labels of the rows that hold numbers, and notes on lines that hold none."""
    rows: dict[int, str] = {}
    lines = []
    height = cells.numbers.shape[0]
    for row in sorted(cells.by_row):
        if row <= header:
            continue
        text = cells.text(row, left)
        filled = row < height and cells.has_number(row=row, after=left + 1)
        if text and (filled or _cells_beside(cells, row, left)):
            rows[row] = text
        elif not filled:
            lines.append(text or next(iter(cells.by_row[row].values())))
    notes = [f"left out: {len(lines)} lines without numbers, such as {lines[0][:60]!r}"] if lines else []
    return rows, notes


def _cells_beside(cells: Cells, row: int, left: int) -> bool:
    """Whether texts stand where numbers are expected: an error to be said later, not a note."""
    beside = [text for col, text in cells.by_row[row].items() if col > left]
    return len(beside) > 1 or any(r == row for r, _ in cells.odd) or any(map(is_gap, beside))


def _no_number_without_label(
    cells: Cells, header: int, left: int, columns: dict[int, str], rows: dict[int, str]
) -> None:
    """Refuse numbers in a row or column that has no label: they would be lost."""
    height, width = cells.numbers.shape
    for col in range(left + 1, width):
        if col not in columns and cells.has_number(col=col, after=header + 1):
            raise cells.error("this column holds numbers and has no label", (header, col))
    for row in range(header + 1, height):
        if row not in rows and cells.has_number(row=row, after=left + 1):
            raise cells.error("this row holds numbers and has no label", (row, left))


def swapped(found: Labelled) -> Labelled:
    """The same with final demand by category first, ``HFCE_AUS``, as region and category."""
    regions = {region for region, _ in found.rows if not is_total(region)}
    found.columns = [
        (code, region) if region not in regions and code in regions else (region, code)
        for region, code in found.columns
    ]
    return found
