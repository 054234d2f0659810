"""Reader of a user's own table: csv, xlsx or parquet, as a matrix or a flat list, by a mapping."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, MissingDependencyError, OptionError, ReadError
from gvckit.mrio import Mrio
from gvckit.options import Layout
from gvckit.readers.build import Pair, of_flat, table_of
from gvckit.readers.coded import Cells
from gvckit.readers.text import Text
from gvckit.readers.workbook import open_sheet
from gvckit.table.labels import nearest

#: Cells that hold nothing.
_GAPS = {"", "na", "nan", "n/a", "#n/a", "null"}
#: What the fields of a flat list are.
FIELDS = ("region", "sector", "partner", "partner_sector", "value")
#: A field that may say ``final`` for final demand.
USE = "use"


def read_table(
    path: str | os.PathLike[str],
    layout: Layout = "matrix",
    *,
    columns: Mapping[str, str] | None = None,
    labels: int | str = 2,
    totals: Collection[str] = (),
    categories: Mapping[str, str] | None = None,
    only: Mapping[str, object] | None = None,
    sheet: str | None = None,
    separator: str | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    year: int | None = None,
    unit: str | None = None,
    source: str | None = None,
) -> Mrio:
    """Read a table of your own, with the layout said by a mapping.

    Industries are the columns that are rows too; other columns of a region are its final demand; other rows are kept as
    ``extensions["value_added"]``.

    Parameters
    ----------
    path : path
        csv (or txt, tsv), xlsx, xlsb or parquet.
    layout : {"matrix", "flat"}
        A matrix has labels at its head and left; a flat list has one line a cell.
    columns : mapping, for a flat list
        Which field is what: ``{"region": "from", "sector": "from_ind", "partner": "to", "partner_sector": "to_ind",
        "value": "usd"}``; final demand categories stand in the field of ``partner_sector``. Fields not mentioned are
        looked for under these names. A field ``use`` may say ``final`` where it is final demand, which else is what no
        region sells.
    labels : int or str, for a matrix
        2: two header lines and two label columns, region and code. A string: one line and one column of labels, with
        the region before the first such string (``"_"`` for AUS_A01).
    totals : collection of str
        Regions or codes of rows and columns that are totals, and are left out.
    categories : mapping, optional
        New names of final demand categories.
    only : mapping, optional
        For a flat list: keep lines with these values (``{"year": 2017}``).
    sheet : str, optional
        Of an xlsx or xlsb; by default the first that is not a legend.
    separator, decimal, thousands : str
        Of a csv; the separator is found by itself, a decimal comma and marks between thousands have to be said.
    year, unit, source
        Travel with the table.

    Returns
    -------
    Mrio

    Raises
    ------
    ReadError
        The file can't be read so; the message says which label or cell.
    OptionError, LabelError
        A mapping that can't be meant.
    MissingDependencyError
        The library for this kind of file is not installed.
    """
    if layout not in ("matrix", "flat"):
        raise OptionError.of("layout", layout, ("matrix", "flat"))
    file = Path(path)
    if not file.exists():
        raise ReadError("no such file", file)
    text = Text(file, None, str(file))
    style = _Style(decimal, thousands)
    if layout == "flat":
        frame = _frame(file, sheet, separator, flat=True)
        rows, cols, cells, gaps, final = _flat(frame, columns or {}, only or {}, text, style)
    else:
        rows, cols, cells = _matrix(_frame(file, sheet, separator, flat=False), labels, text, style)
        final = [False] * len(cols)
        gaps = int(np.isnan(cells).sum())
    left_out = {str(name) for name in totals}
    keep_rows = [k for k, pair in enumerate(rows) if not left_out & set(pair)]
    keep_cols = [k for k, pair in enumerate(cols) if not left_out & set(pair)]
    found = of_flat(
        text,
        [rows[k] for k in keep_rows],
        [cols[k] for k in keep_cols],
        cells[np.ix_(keep_rows, keep_cols)],
        [final[k] for k in keep_cols],
    )
    if gaps:
        found.notes.append(f"{gaps} empty cells were taken as 0")
    dropped = [" ".join(rows[k]) for k in range(len(rows)) if k not in set(keep_rows)]
    if dropped:
        found.notes.append(f"left out as totals: {', '.join(dropped)}")
    return table_of(found, source=source or file.name, year=year, unit=unit or "", categories=dict(categories or {}))


@dataclass(frozen=True)
class _Style:
    """How numbers are written."""

    decimal: str
    thousands: str | None

    def __post_init__(self) -> None:
        if self.decimal not in (".", ",") or self.thousands == self.decimal:
            raise OptionError(f"decimal={self.decimal!r}, thousands={self.thousands!r}: '.' or ',' and another mark")

    def plain(self, cells: np.ndarray) -> np.ndarray | None:
        """All numbers at once where they are plain ones; None where they have to be looked at one by one."""
        if self.decimal != "." or self.thousands is not None:
            return None
        try:
            values: np.ndarray = cells.astype(np.float64)
        except (TypeError, ValueError):
            return None
        return None if np.isinf(values).any() else values

    def number(self, cell: object) -> float:
        """Number in a cell; NaN where it is empty; `ValueError` for anything else."""
        if isinstance(cell, int | float | np.number):
            value = float(cell)
        else:
            plain = "" if cell is None or cell is pd.NA else str(cell).strip()
            if plain.lower() in _GAPS:
                return float("nan")
            if self.thousands is not None:
                plain = plain.replace(self.thousands, "")
            if self.decimal == ",":
                if "." in plain:
                    raise ValueError("; a mark between thousands? say thousands='.'")
                plain = plain.replace(",", ".")
            try:
                value = float(plain)
            except ValueError:
                raise ValueError("; a decimal comma? say decimal=','" if "," in plain else "") from None
        if np.isinf(value):
            raise ValueError("")
        return value


def _frame(file: Path, sheet: str | None, separator: str | None, flat: bool) -> pd.DataFrame:
    """All cells, as they stand; a flat list with its header."""
    header = 0 if flat else None
    suffix = file.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = pd.read_parquet(file)
            return frame if flat else _with_labels(frame)
        if suffix in (".xlsx", ".xlsb"):
            return _of_sheet(open_sheet(file, sheet), flat)
        sep = separator or Text(file, None, str(file)).separator()
        # As text: labels such as 01 and NA (Namibia) are no numbers and no gaps.
        return pd.read_csv(file, sep=sep, header=header, dtype=str, keep_default_na=False)
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "reading .parquet", "parquet") from error
    except GvcError:
        raise
    except Exception as error:  # pandas raises many kinds for files that are not what they claim
        raise ReadError(f"can't be read as {suffix or 'text'}: {error}", file) from error


def _of_sheet(cells: Cells, flat: bool) -> pd.DataFrame:
    frame = pd.DataFrame(cells.numbers).astype(object)
    for (row, col), text in cells.texts.items():
        frame = (
            frame
            if row in frame.index and col in frame.columns
            else frame.reindex(index=range(max(row + 1, len(frame))), columns=range(max(col + 1, frame.shape[1])))
        )
        frame.iloc[row, col] = text
    return frame.iloc[1:].set_axis(frame.iloc[0], axis=1) if flat else frame


def _with_labels(frame: pd.DataFrame) -> pd.DataFrame:
    """Labels of a parquet frame as its first lines and columns, as a csv has them."""
    if frame.index.nlevels == frame.columns.nlevels == 2:
        top = pd.DataFrame([["", "", *frame.columns.get_level_values(k)] for k in (0, 1)])
    else:
        top = pd.DataFrame([["", *frame.columns]])
    body = frame.reset_index()
    body.columns = pd.RangeIndex(body.shape[1])
    return pd.concat([top, body.astype(object)], ignore_index=True)


def _matrix(
    frame: pd.DataFrame, labels: int | str, text: Text, style: _Style
) -> tuple[list[Pair], list[Pair], np.ndarray]:
    two = not isinstance(labels, str)
    if two and labels != 2:
        raise OptionError(f"labels={labels!r}: 2, or the string between region and code, is needed")
    edge = 2 if two else 1
    if frame.shape[0] <= edge or frame.shape[1] <= edge:
        raise text.error(f"has {frame.shape[0]} lines and {frame.shape[1]} columns: no table")
    frame = frame.replace("", np.nan)
    # Labels of merged cells stand in the first one.
    head = frame.iloc[:edge, edge:].ffill(axis=1) if two else frame.iloc[:edge, edge:]
    left = frame.iloc[edge:, :edge].ffill() if two else frame.iloc[edge:, :edge]
    cols = [_label([head.iloc[k, c] for k in range(edge)], labels, text) for c in range(head.shape[1])]
    # A third header line holds the names of the row labels alone.
    body = frame.iloc[edge:, edge:]
    named = two and body.iloc[0].isna().all()
    body, left = (body.iloc[1:], left.iloc[1:]) if named else (body, left)
    rows = [_label([left.iloc[r, k] for k in range(edge)], labels, text) for r in range(left.shape[0])]
    return rows, cols, _numbers(body, rows, cols, text, style)


def _label(parts: list[object], labels: int | str, text: Text) -> Pair:
    if isinstance(labels, str):
        region, between, code = _text(parts[0]).partition(labels)
        return (region, code) if between else (region, region)
    there = [part for part in parts if part is not None and part == part]
    if len(there) < 2:
        raise text.error(f"a label is empty beside {there[0] if there else 'another'!r}")
    first, second = (_text(part) for part in parts)
    return first, second


def _text(label: object) -> str:
    """Label as people write it: a workbook's 1.0 is 1."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label).strip()


def _numbers(body: pd.DataFrame, rows: list[Pair], cols: list[Pair], text: Text, style: _Style) -> np.ndarray:
    values = body.to_numpy(dtype=object)
    if (whole := style.plain(values)) is not None:
        return whole
    out = np.empty(body.shape)
    for row, cells in enumerate(values):
        for col, cell in enumerate(cells):
            try:
                out[row, col] = style.number(cell)
            except ValueError as hint:
                place = f"row {' '.join(rows[row])}, column {' '.join(cols[col])}"
                raise text.error(f"{place} holds {str(cell).strip()!r}, a number was expected{hint}") from None
    return out


def _flat(
    frame: pd.DataFrame, columns: Mapping[str, str], only: Mapping[str, object], text: Text, style: _Style
) -> tuple[list[Pair], list[Pair], np.ndarray, int, list[bool]]:
    """Names of rows and columns, cells, how many lines have no number, which columns are said to be final demand."""
    known = list(map(str, frame.columns))
    frame = frame.set_axis(known, axis=1)
    for name in columns:
        nearest("field of a flat list", (*FIELDS, USE), name)
    place = {name: nearest(f"column for {name!r}", known, str(columns.get(name, name))) for name in FIELDS}
    for name, value in only.items():
        frame = frame[frame[nearest("column", known, name)].map(_text) == str(value)]
    if frame.empty:
        raise text.error(f"no line is left with {dict(only)}")
    cells = pd.DataFrame({name: frame[place[name]].map(_text) for name in FIELDS[:4]})
    use = str(columns.get(USE, USE))
    cells[USE] = frame[use].map(_text) if use in known else ""
    twice = cells.duplicated()
    if twice.any():
        raise text.error(f"{' '.join(cells[twice].iloc[0]).strip()} comes twice: one cell has two values")
    found = frame[place["value"]].to_numpy(dtype=object)
    plain = style.plain(found)
    values = np.empty(len(cells)) if plain is None else plain
    for row, cell in enumerate(found if plain is None else ()):
        try:
            values[row] = style.number(cell)
        except ValueError as hint:
            raise text.error(f"{' '.join(cells.iloc[row])} holds {cell!r}, a number was expected{hint}") from None
    keys = [pd.MultiIndex.from_frame(cells[list(pair)]) for pair in (FIELDS[:2], (*FIELDS[2:4], USE))]
    (row_of, rows), (col_of, cols) = (pd.factorize(key) for key in keys)
    out = np.full((len(rows), len(cols)), np.nan)
    out[row_of, col_of] = values
    final = [key[2] == "final" for key in cols]
    return [tuple(key) for key in rows], [tuple(key[:2]) for key in cols], out, int(np.isnan(values).sum()), final
