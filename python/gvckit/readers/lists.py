"""Flat lists of a user's own, one line a cell, with the fields said by a mapping."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from gvckit.errors import GvcError
from gvckit.readers import numerals
from gvckit.readers.files import HEAD, Leaf, Part
from gvckit.readers.flat import merged, of_flat
from gvckit.readers.labelled import Labelled
from gvckit.readers.twolevel import read_frame
from gvckit.readers.words import is_gap
from gvckit.table.find import nearest

#: What the fields of a flat list are.
FIELDS = ("region", "sector", "partner", "partner_sector", "value")
#: A field that may say ``final`` for final demand.
USE = "use"


def frame_of(found: Part | Leaf, separator: str | None) -> tuple[pd.DataFrame, list[str]]:
    """All cells as they stand below the header, and notes."""
    if isinstance(found, Leaf):
        cells = found.cells()
        header = min(row for row, texts in cells.by_row.items() if len(texts) > 3) if cells.by_row else 0
        names = dict(cells.by_row.get(header, {}))
        rows = range(header + 1, max(cells.height, 1))
        return pd.DataFrame(
            {name: [cells.odd.get((row, col)) or cells.text(row, col) for row in rows] for col, name in names.items()}
        ), list(cells.notes)
    if found.kind == "frame":
        return read_frame(found), []
    sep = separator or found.separator
    lines = found.head(HEAD, sep)
    header = next((k for k, line in enumerate(lines) if sum(map(bool, line)) > 3), 0)
    data = found.utf8()
    try:
        # As text: labels such as 01 and NA (Namibia) are no numbers and no gaps.
        frame = pd.read_csv(io.BytesIO(data), sep=sep, skiprows=header, dtype=str, keep_default_na=False,
                            encoding="utf-8-sig", skipinitialspace=True)  # fmt: skip
    except GvcError:
        raise
    except Exception as error:  # pandas raises many kinds for files that are not what they claim
        raise found.error(f"can't be read as a list: {error}") from error
    return frame, list(found.notes)


def flat_list(
    part: Part,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    only: Mapping[str, object],
    style: numerals.Style | None,
    separator: str,
) -> Labelled:
    """Labelled cells of a list; the order of labels is the one that its lines keep."""
    known = list(map(str, frame.columns))
    frame = frame.set_axis(known, axis=1)
    for name in columns:
        nearest("field of a flat list", (*FIELDS, USE), name)
    place = {name: nearest(f"column for {name!r}", known, str(columns.get(name, name))) for name in FIELDS}
    for name, value in only.items():
        frame = frame[frame[nearest("column", known, name)].map(_text) == str(value)]
    cells = pd.DataFrame({name: frame[place[name]].map(_text) for name in FIELDS})
    blank = pd.Series((cells[list(FIELDS[1:])].to_numpy() == "").all(axis=1), index=cells.index)
    notes = [f"left out: {int(blank.sum())} lines without cells"] if blank.any() else []
    cells, frame = cells[~blank], frame[~blank]
    if cells.empty:
        raise part.error(f"no line is left with {dict(only)}" if only else "has no lines")
    use = str(columns.get(USE, USE))
    cells[USE] = frame[use].map(_text) if use in known else ""
    _complete(part, cells)
    values, gaps = _numbers(part, cells, frame[place["value"]], style, separator)
    found = _as_matrix(part, cells, values)
    found.notes += notes + ([f"{gaps} empty cells were taken as 0"] if gaps else [])
    return found


def _complete(part: Part, cells: pd.DataFrame) -> None:
    """Every cell has its labels, once."""
    for name in FIELDS[:4]:
        empty = cells[name].eq("")
        if empty.any():
            line = cells[empty].iloc[0]
            raise part.error(f"a line has no {name}: {', '.join(text for text in line if text)}")
    twice = cells.duplicated([*FIELDS[:4], USE])
    if twice.any():
        line = cells[twice].iloc[0]
        raise part.error(f"{' '.join(line[list(FIELDS[:4])])} comes twice: one cell has two values")


def _as_matrix(part: Part, cells: pd.DataFrame, values: np.ndarray) -> Labelled:
    keys = [pd.MultiIndex.from_frame(cells[list(names)]) for names in (FIELDS[:2], (*FIELDS[2:4], USE))]
    (row_of, rows), (col_of, cols) = (pd.factorize(key) for key in keys)
    out = np.full((len(rows), len(cols)), np.nan)
    out[row_of, col_of] = values
    final = [key[2] == "final" for key in cols]
    return of_flat(
        part, [tuple(key) for key in rows], [tuple(key[:2]) for key in cols], out, final if any(final) else (),
        _order(cells, row_of, col_of),
    )  # fmt: skip


def _order(cells: pd.DataFrame, row_of: np.ndarray, col_of: np.ndarray) -> tuple[list[str], list[str]] | None:
    """Regions and codes in the order that the lines of each row and each column keep; None if they keep none."""
    texts = cells[list(FIELDS[:4])]
    regions, codes = (pd.unique(texts[list(names)].to_numpy().ravel()) for names in (FIELDS[0:3:2], FIELDS[1:4:2]))
    number = {name: pd.Index(codes if "sector" in name else regions).get_indexer(texts[name]) for name in FIELDS[:4]}
    size = len(codes) + len(regions)
    orders = []
    for names, one, two in ((regions, "region", "partner"), (codes, "sector", "partner_sector")):
        other = {"region": "sector", "partner": "partner_sector", "sector": "region", "partner_sector": "partner"}
        pairs = _neighbours(col_of * size + number[other[one]], number[one])
        pairs |= _neighbours(row_of * size + number[other[two]], number[two])
        orders.append(merged(((names[a], names[b]) for a, b in pairs), list(names)))
    return (orders[0], orders[1]) if orders[0] is not None and orders[1] is not None else None


def _neighbours(groups: np.ndarray, values: np.ndarray) -> set[tuple[int, int]]:
    """Which value follows which within a group."""
    at = np.argsort(groups, kind="stable")
    groups, values = groups[at], values[at]
    same = (groups[1:] == groups[:-1]) & (values[1:] != values[:-1])
    pairs = np.unique(np.stack([values[:-1][same], values[1:][same]], axis=1), axis=0)
    return {(int(a), int(b)) for a, b in pairs}


def _numbers(
    part: Part, cells: pd.DataFrame, found: pd.Series, style: numerals.Style | None, separator: str
) -> tuple[np.ndarray, int]:
    """Values of the lines, zero where there is none, and how many there are of these."""
    if pd.api.types.is_numeric_dtype(found) and not pd.api.types.is_bool_dtype(found):
        values = found.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(values).any():
            raise part.error("holds an infinite value")
        gaps = int(np.isnan(values).sum())
        return np.nan_to_num(values, nan=0.0), gaps
    texts = cells["value"].to_numpy(dtype=object)
    gap = np.array([is_gap(text) for text in texts])
    chosen = style or _style_of(part, [text for text, empty in zip(texts, gap, strict=True) if not empty], separator)
    values = np.zeros(len(texts))
    for k in np.flatnonzero(~gap):
        value = numerals.number(texts[k], chosen)
        if value is None or not np.isfinite(value):
            line = " ".join(cells.iloc[k][list(FIELDS[:4])])
            raise part.error(f"{line} holds {texts[k]!r}, a number was expected{numerals.hint(texts[k])}")
        values[k] = value
    return values, int(gap.sum())


def _style_of(part: Part, texts: list[str], separator: str) -> numerals.Style:
    """How the numbers are written, as all of them tell."""
    strange = [t for t in texts if numerals.number(t, numerals.PLAIN) is None and numerals.looks_like_a_number(t)]
    plain = [t for t in texts if "." in t and numerals.number(t, numerals.PLAIN) is not None]
    grouped = [t for t in plain if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", t)]
    points: numerals.Points = "none" if not plain else "either" if len(grouped) == len(plain) else "decimals"
    if points == "either" and any(re.fullmatch(r"-?\d{4,}", t) for t in texts):
        points = "decimals"
    chosen, question = numerals.choose(strange, points, separator)
    if question is not None:
        raise part.error(question)
    return chosen or numerals.PLAIN


def _text(label: object) -> str:
    """Label as people write it: a workbook's 1.0 is 1."""
    if label is None or label is pd.NA or (isinstance(label, float) and np.isnan(label)):
        return ""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label).strip()
