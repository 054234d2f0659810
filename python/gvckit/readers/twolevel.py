"""Matrices with two header lines and two label columns, region and code, as people and pandas write them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from gvckit.errors import MissingDependencyError
from gvckit.readers.cells import Cells
from gvckit.readers.files import Part
from gvckit.readers.labelled import Labelled, Pair
from gvckit.readers.words import is_total, is_value_added


def two_levels(cells: Cells) -> Labelled:
    """Cells with their labels; titles above, notes below, blank rows and columns are left out."""
    used = _used(cells)
    left, top, codes, first = _edges(cells, used)
    rows, row_at, lines = _rows(cells, used, left, first)
    cells.whole_lines(codes, row_at)
    columns, col_at = _columns(cells, used, left, top, codes, first)
    notes = [f"left out: {len(lines)} lines without numbers, such as {lines[0][:60]!r}"] if lines else []
    return Labelled(cells, rows, row_at, columns, col_at, notes=notes, head=codes, left=left + 1)


def _used(cells: Cells) -> np.ndarray:
    """Which cells hold something."""
    used = np.zeros((cells.height, cells.width), dtype=bool)
    rows, cols = cells.numbers.shape
    used[:rows, :cols] = ~np.isnan(cells.numbers)
    for place in (*cells.texts, *cells.odd):
        if place[0] < used.shape[0] and place[1] < used.shape[1]:
            used[place] = True
    return used


def _edges(cells: Cells, used: np.ndarray) -> tuple[int, int, int, int]:
    """First label column, rows of the regions and of the codes, first row of numbers."""
    filled = [int(row) for row in np.flatnonzero(used.any(axis=1))]
    often = np.flatnonzero(used.sum(axis=0) > 1)
    if len(often) < 3 or len(filled) < 3:
        raise cells.error(f"has {len(filled)} lines and {len(often)} columns: no table with two lines of labels")
    left = int(often[0])
    body = used[:, left + 2 :]
    for k, row in enumerate(filled[:-2]):
        count = int(body[row].sum())
        # One cell may be a title, or the merged label of the one region, whose codes follow and then its numbers.
        if count > 1 or (count == 1 and _numbers_in(cells, filled[k + 2], left) and body[filled[k + 1]].sum() > 1):
            codes = filled[k + 1]
            rest = [r for r in filled[k + 2 :] if body[r].any()]
            if not rest:
                break
            return left, row, codes, filled[k + 2] if body[filled[k + 2]].any() else rest[0]
    raise cells.error("has no two header lines, of regions and of codes, above numbers")


def _numbers_in(cells: Cells, row: int, left: int) -> bool:
    return row < cells.numbers.shape[0] and cells.has_number(row=row, after=left + 2)


def _columns(
    cells: Cells, used: np.ndarray, left: int, top: int, codes: int, first: int
) -> tuple[list[Pair], list[int]]:
    out: list[Pair] = []
    at: list[int] = []
    for col in range(left + 2, used.shape[1]):
        region, code = cells.text(top, col), cells.text(codes, col)
        if not region and not code:
            if used[first:, col].any():
                raise cells.error("this column holds cells and has no label", (top, col))
            continue
        if not code and not is_total(region):
            raise cells.error(f"a label is empty beside {region!r}", (codes, col))
        out.append((region or (out[-1][0] if out else ""), code))
        at.append(col)
    return out, at


def _rows(cells: Cells, used: np.ndarray, left: int, first: int) -> tuple[list[Pair], list[int], list[str]]:
    out: list[Pair] = []
    at: list[int] = []
    lines: list[str] = []
    before = ""
    for row in range(first, used.shape[0]):
        region, code = cells.text(row, left), cells.text(row, left + 1)
        if not used[row, left + 2 :].any():
            lines += [text for text in (region or code or next(iter(cells.by_row.get(row, {}).values()), ""),) if text]
            continue
        if not region and not code:
            raise cells.error("this row holds cells and has no label", (row, left))
        if not code and not is_total(region) and not is_value_added(region):
            raise cells.error(f"a label is empty beside {region!r}", (row, left + 1))
        if not region and not is_value_added(code):
            region = before
        before = region or before
        out.append((region, code))
        at.append(row)
    return out, at, lines


def cells_of_frame(part: Part) -> Cells:
    """Cells of a parquet or feather file, with the labels of its columns and rows at head and left."""
    frame = read_frame(part)
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    levels = frame.columns.nlevels
    texts: dict[tuple[int, int], str] = {}
    numbers = np.full((len(frame) + levels, frame.shape[1]), np.nan)
    for col in range(frame.shape[1]):
        column = frame.iloc[:, col]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            numbers[levels:, col] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            label = frame.columns[col]
            for level in range(levels):
                texts[level, col] = str(label[level] if levels > 1 else label)
        else:
            texts |= {(row + levels, col): str(text) for row, text in enumerate(column) if not pd.isna(text)}
    return Cells(part.name, None, numbers, texts)


def read_frame(part: Part) -> pd.DataFrame:
    """A parquet or feather file as pandas reads it."""
    read = pd.read_parquet if part.stem.lower().endswith(".parquet") else pd.read_feather
    try:
        return read(io.BytesIO(part.data()))
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "reading .parquet and .feather", "parquet") from error
    except Exception as error:  # pyarrow raises many kinds for files that are not what they claim
        raise part.error(f"can't be read as parquet or feather: {error}") from error
