"""Sheets whose rows and columns carry a region and a code (c1, c2, ...): the layout of ADB and WIOD.

Everything is found by its labels. A sheet has header rows (labels, regions, codes) above the first number, and label
columns left of it. A region may stand on the first row or column of its block alone, as in merged cells.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from gvckit.readers.cells import Cells
from gvckit.readers.labelled import Labelled, Pair
from gvckit.readers.words import is_total, is_value_added

CODE = re.compile(r"c\d+", re.IGNORECASE)
#: Rows have the codes of the columns, or r1, r2 ... in their place.
_ROW_CODE = re.compile(r"[cr]\d+", re.IGNORECASE)
#: Header rows and label columns lie within these.
HEADER_ROWS, LABEL_COLUMNS = 20, 8


@dataclass(frozen=True)
class Layout:
    """Where the labels of a sheet stand, counted from 0."""

    code_row: int
    region_row: int
    code_col: int
    region_col: int
    first_row: int
    first_col: int


def is_coded(cells: Cells) -> bool:
    """Whether a sheet has a header row and a column of codes."""
    return _line_of_codes(cells, 0, HEADER_ROWS) is not None and _line_of_codes(cells, 1, LABEL_COLUMNS) is not None


def has_columns(cells: Cells) -> bool:
    """Whether a header of regions and codes stands over the columns, whatever the rows are."""
    try:
        header_of(cells)
    except ValueError:
        return False
    return True


def header_of(cells: Cells) -> tuple[int, int, int]:
    """Rows of regions and of codes, and the first column with a code."""
    code_row = _line_of_codes(cells, 0, HEADER_ROWS)
    if code_row is None:
        raise cells.error("no header row of sector codes (c1, c2, ...) was found")
    cols = [col for col, text in sorted(cells.by_row[code_row].items()) if CODE.fullmatch(text)]
    region_row = _line_of_regions(cells, code_row, cols, 0, code_row + 2)
    return region_row, code_row, min(col for col in cells.by_row[code_row] if cells.text(region_row, col))


def has_regions(cells: Cells) -> bool:
    """Whether regions stand beside the codes."""
    try:
        find_layout(cells)
    except ValueError:
        return False
    return True


def find_layout(cells: Cells) -> Layout:
    """Positions of the header rows and label columns."""
    code_row, code_col = _line_of_codes(cells, 0, HEADER_ROWS), _line_of_codes(cells, 1, LABEL_COLUMNS)
    if code_row is None or code_col is None:
        what = "row" if code_row is None else "column"
        raise cells.error(f"no header {what} of sector codes (c1, c2, ...) was found: not an ADB or WIOD table")
    cols = [c for c, text in sorted(cells.by_row[code_row].items()) if CODE.fullmatch(text) and c > code_col]
    rows = [r for (r, c), text in sorted(cells.texts.items()) if c == code_col and r > code_row]
    rows = [r for r in rows if _ROW_CODE.fullmatch(cells.text(r, code_col))]
    region_row = _line_of_regions(cells, code_row, cols, 0, min(rows, default=0))
    region_col = _line_of_regions(cells, code_col, rows, 1, min(cols, default=0))
    head, left = max(code_row, region_row), max(code_col, region_col)
    return Layout(
        code_row, region_row, code_col, region_col,
        min(r for (r, c), _ in cells.texts.items() if c in (code_col, region_col) and r > head),
        min(c for (r, c), _ in cells.texts.items() if r in (code_row, region_row) and c > left),
    )  # fmt: skip


def _line_of_codes(cells: Cells, axis: int, limit: int) -> int | None:
    """Row (axis 0) or column (axis 1) within ``limit`` with the most codes, if it has two; rows may have r1, r2 ..."""
    for pattern in (CODE, _ROW_CODE)[: 1 + axis]:
        counts = Counter(
            place[axis] for place, text in cells.texts.items() if place[axis] < limit and pattern.fullmatch(text)
        )
        # Columns of numbers have a code too, one each, in the header.
        best = min(counts.items(), key=lambda found: (-found[1], found[0]), default=(0, 0))
        if best[1] >= 2:
            return best[0]
    return None


def _line_of_regions(cells: Cells, code_line: int, at: list[int], axis: int, before: int) -> int:
    """The line beside the codes that makes them unique and changes least: labels of regions.

    Names of sectors change from cell to cell and come again with every region; numeric codes are unique, but change
    from cell to cell too.
    """

    def text(line: int, step: int) -> str:
        return cells.text(line, step) if axis == 0 else cells.text(step, line)

    at = [step for step in at if not is_total(text(code_line, step))]
    codes = [text(code_line, step) for step in at]
    best: tuple[int, int, int] | None = None
    for line in (code_line + distance for distance in (-1, 1, -2, 2, -3, 3, -4, 4)):
        if line < 0 or line >= before:
            continue
        labels = _filled([text(line, step) for step in at])
        if not labels or "" in labels or CODE.fullmatch(labels[0]):
            continue
        again = len(codes) - len(set(zip(labels, codes, strict=True)))
        changes = sum(a != b for a, b in pairwise(labels))
        if changes and len(set(codes)) == len(codes):
            # One block of codes is one region's: these are names of sectors.
            continue
        best = min(best or (again, changes, line), (again, changes, line), key=lambda found: found[:2])
    if best is None or (best[0] and best[1] == 0):
        what = "row" if axis == 0 else "column"
        raise cells.error(f"no {what} of region labels was found beside the sector codes in {what} {code_line + 1}")
    return best[2]


def _filled(labels: list[str]) -> list[str]:
    """Labels with the one before where one is empty."""
    out: list[str] = []
    for label in labels:
        out.append(label or (out[-1] if out else ""))
    return out


def labelled(cells: Cells) -> tuple[Labelled, Layout]:
    """Cells with the labels of their rows and columns, and where the labels stand."""
    layout = find_layout(cells)
    height, width = cells.numbers.shape
    columns = [
        (cells.text(layout.region_row, col), cells.text(layout.code_row, col)) for col in range(layout.first_col, width)
    ]
    rows = [
        (cells.text(row, layout.region_col), cells.text(row, layout.code_col))
        for row in range(layout.first_row, max(height, cells.height))
    ]
    labels = (layout.region_col, layout.code_col)
    names = [
        " ".join(text for col, text in cells.by_row.get(layout.first_row + k, {}).items()
                 if col < layout.first_col and col not in labels)
        for k in range(len(rows))
    ]  # fmt: skip
    long = _long_names(cells, layout, len(rows))
    rows, notes = _row_labels(cells, layout, rows)
    _check_unlabelled(cells, layout, columns, rows)
    used_cols = [k for k, pair in enumerate(columns) if any(pair)]
    used_rows = [k for k, pair in enumerate(rows) if any(pair)]
    pairs = _with_regions([columns[k] for k in used_cols])
    found = Labelled(
        cells,
        _told_apart([rows[k] for k in used_rows], [names[k] for k in used_rows]),
        [layout.first_row + k for k in used_rows],
        pairs, [layout.first_col + k for k in used_cols], notes=notes,
        sector_names={code: name for (_, code), name in zip(reversed(rows), reversed(long), strict=True) if name},
        head=layout.code_row, left=layout.code_col, between=" ",
    )  # fmt: skip
    return found, layout


def _long_names(cells: Cells, layout: Layout, count: int) -> list[str]:
    """What stands beside region and code of each row: the longest text that is too long for a code."""
    found = []
    for row in range(layout.first_row, layout.first_row + count):
        labels = {cells.text(row, layout.region_col), cells.text(row, layout.code_col)}
        texts = (text for col, text in cells.by_row.get(row, {}).items() if col < layout.first_col)
        found.append(max((text for text in texts if text not in labels and len(text) > 4), key=len, default=""))
    return found


def _row_labels(cells: Cells, layout: Layout, rows: list[Pair]) -> tuple[list[Pair], list[str]]:
    """Labels of the rows that hold numbers, r1 spelled c1; regions of blocks; what is a note is left out."""
    height = cells.numbers.shape[0]
    out: list[Pair] = []
    lines: list[str] = []
    region_before = ""
    for k, (region, code) in enumerate(rows):
        row = layout.first_row + k
        filled = row < height and cells.has_number(row=row, after=layout.first_col)
        if not filled and not _has_text(cells, layout, row):
            lines += list(cells.by_row.get(row, {}).values())[:1]
            out.append(("", ""))
            continue
        sector = _ROW_CODE.fullmatch(code) is not None and not is_total(region)
        if not sector and code and is_total(region):
            region = ""
        region = region or (region_before if sector else "")
        region_before = region if sector else region_before
        out.append((region, f"c{code[1:]}" if sector and code[:1] in "rR" and not is_value_added(code) else code))
    notes = [f"left out: {len(lines)} lines without numbers, such as {lines[0][:60]!r}"] if lines else []
    return out, notes


def _has_text(cells: Cells, layout: Layout, row: int) -> bool:
    """Whether something else than a number stands in a row of the table, or its sector has no flows at all."""
    code = cells.text(row, layout.code_col)
    sector = _ROW_CODE.fullmatch(code) is not None and not is_total(cells.text(row, layout.region_col))
    return sector or any(col >= layout.first_col for col in cells.by_row.get(row, {}))


def _with_regions(columns: list[Pair]) -> list[Pair]:
    """Columns with the region of their block where a merged cell leaves it out."""
    out: list[Pair] = []
    for region, code in columns:
        out.append((region or (out[-1][0] if out and code else ""), code))
    return out


def _told_apart(rows: list[Pair], names: list[str]) -> list[Pair]:
    """Rows below the table that share a code, told apart by their names: accounts of emissions and the like."""
    counts = Counter(rows)
    return [
        (region, f"{name} ({code})" if code else name)
        if counts[region, code] > 1 and name and not CODE.fullmatch(code) else (region, code)
        for (region, code), name in zip(rows, names, strict=True)
    ]  # fmt: skip


def _check_unlabelled(cells: Cells, layout: Layout, columns: list[Pair], rows: list[Pair]) -> None:
    """Refuse numbers in a row or column that has no label at all: they would be lost."""
    height = cells.numbers.shape[0]
    for k, pair in enumerate(columns):
        col = layout.first_col + k
        if not any(pair) and cells.has_number(col=col, after=layout.first_row):
            if any(cells.text(row, col) for row in range(layout.first_row)):
                columns[k] = ("TOTAL", "")
                continue
            raise cells.error("this column holds numbers and has no label", (layout.code_row, col))
    for k, pair in enumerate(rows):
        row = layout.first_row + k
        if not any(pair) and row < height and cells.has_number(row=row, after=layout.first_col):
            name = next((text for col, text in cells.by_row.get(row, {}).items() if col < layout.first_col), "")
            if not name:
                raise cells.error("this row holds numbers and has no label", (row, layout.code_col))
            rows[k] = ("", name)
