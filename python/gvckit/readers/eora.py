"""Reader of Eora26."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.build import Pair, finished
from gvckit.readers.text import Readable, Text, lines_of, names, one, texts
from gvckit.readers.workbook import year_of
from gvckit.table.data import Matrix

_PART = re.compile(r"(?:^|_)(T|FD|VA|Q|QY)\.txt$", re.IGNORECASE)
_LABELS = re.compile(r"labels_(T|FD|VA|Q)\.txt$", re.IGNORECASE)
#: Final demand of the files by a word of their names.
CATEGORIES = {
    "household": "HFCE",
    "non-profit": "NPISH",
    "government": "GGFC",
    "fixed capital": "GFCF",
    "inventories": "INVNT",
    "valuables": "VALU",
    "acquisitions": "VALU",
}


def read_eora26(path: Readable, year: int | None = None) -> Mrio:
    """Read an Eora26 table.

    Parameters
    ----------
    path : path or open file
        The zip archive or folder with ``Eora26_2015_bp_T.txt``, ``..._FD.txt`` (and ``VA``, ``Q``), and the labels
        (``labels_T.txt`` ...), which may be in an ``indices.zip`` among or beside them.
    year : int, optional
        Which year, where there are several.

    Returns
    -------
    Mrio
        Thousand USD. The statistical discrepancy, sector TOTAL of region ROW, is kept: as a sector TOTAL that is zero
        everywhere else. Primary inputs are ``extensions["value_added"]``, satellite accounts
        ``extensions["satellite"]``, each item in the unit of its label.

    Raises
    ------
    ReadError
        A part or its labels are missing, or don't fit; the message says which.

    Notes
    -----
    Eora is not balanced, and value added may be negative: see ``notes`` and `Mrio.audit`. Memory: twice the arrays,
    as the row of ROW makes room for its sectors.
    """
    found = texts(path)
    beside = Path(path).with_name("indices.zip") if isinstance(path, str | os.PathLike) else None
    if beside is not None and beside.is_file() and not any(_LABELS.search(text.stem) for text in found):
        found += texts(beside)
    labels = {match.group(1).upper(): text for text in found if (match := _LABELS.search(text.stem))}
    parts: dict[str, list[Text]] = {}
    for text in found:
        match = _PART.search(text.stem)
        if match and not _LABELS.search(text.stem):
            parts.setdefault(match.group(1).upper(), []).append(text)
    name = str(getattr(path, "name", path))
    for part in ("T", "FD"):
        if part not in labels:
            raise ReadError(
                f"holds no labels_{part}.txt; there are {names(found)}. "
                "Eora26 ships labels in indices.zip: put it beside the table",
                name,
            )
    texts_of = {part: one(parts.get(part, []), path, f"Eora26 part _{part}.txt", year) for part in ("T", "FD")}
    texts_of |= {part: one(parts[part], path, part, year) for part in ("VA", "Q") if part in parts and part in labels}

    rows = [_pair(line, labels["T"]) for line in lines_of(labels["T"])]
    demand = [_pair(line, labels["FD"]) for line in lines_of(labels["FD"])]
    z = _numbers(texts_of["T"], len(rows), len(rows))
    y = _numbers(texts_of["FD"], len(rows), len(demand))
    table_rows, z, y, regions, sectors, categories, notes = _rectangular(rows, demand, z, y, labels["FD"])
    extensions = {
        key: _accounts(texts_of[part], labels[part], table_rows, regions, sectors, unit)
        for part, key, unit in (("VA", "value_added", "thousand USD"), ("Q", "satellite", None))
        if part in texts_of
    }
    stem = texts_of["T"].stem
    prices = "purchasers' prices" if "_pp_" in stem else "basic prices"
    table = Mrio.from_arrays(
        z, y, regions, sectors, categories, year=year or year_of([], stem), unit="thousand USD",
        source=f"Eora26, {prices}", extensions=extensions, copy=False,
    )  # fmt: skip
    return finished(table, name, notes)


def _pair(line: list[str], text: Text) -> Pair:
    """Region code and sector of a label line: country, code, kind, name."""
    fields = [field.strip() for field in line if field.strip()]
    if len(fields) < 3:
        raise text.error(f"the label {' '.join(line)!r} has {len(fields)} fields, expected country, code, kind, name")
    return fields[1], fields[-1]


def _numbers(text: Text, rows: int, columns: int) -> Matrix:
    """All numbers of a part without labels; lines may end with a tab."""
    head = text.head(1, "\t")
    if not head:
        raise text.error("is empty")
    extra = 1 if len(head[0]) == columns + 1 and not head[0][-1].strip() else 0
    found, blocks = text.matrix("\t", 0, 0, [columns, extra], rows)
    if len(found) != rows:
        raise text.error(f"has {len(found)} rows, the labels have {rows}")
    values = blocks[0]
    gaps = np.isnan(values)
    if gaps.any():
        row, col = map(int, np.argwhere(gaps)[0])
        raise text.error(f"line {row + 1}, field {col + 1} is empty, a number was expected")
    return values


def _rectangular(
    rows: list[Pair], demand: list[Pair], z: Matrix, y: Matrix, text: Text
) -> tuple[np.ndarray, Matrix, Matrix, list[str], list[str], list[str], list[str]]:
    """Every region with the same sectors and final demand: what a region lacks is zero."""
    regions = list(dict.fromkeys(region for region, _ in rows))
    sectors = list(dict.fromkeys(sector for _, sector in rows))
    kinds = list(dict.fromkeys(kind for _, kind in demand))
    row_of = np.array([regions.index(r) * len(sectors) + sectors.index(s) for r, s in rows])
    if len(set(row_of.tolist())) != len(rows):
        raise text.error("a region and sector come twice among the labels")
    unknown = [region for region, _ in demand if region not in regions]
    if unknown:
        raise text.error(f"final demand of {unknown[0]}, which has no sectors")
    col_of = np.array([regions.index(r) * len(kinds) + kinds.index(k) for r, k in demand])
    n = len(regions) * len(sectors)
    odd = [f"{region} {sector}" for region, sector in rows if sum(s == sector for _, s in rows) < len(regions) / 2]
    notes = [f"{', '.join(odd)} kept as a sector of its own, zero in all other regions"] if odd else []
    if n != len(rows):
        wide = np.zeros((n, n))
        wide[np.ix_(row_of, row_of)] = z
        z = wide
    out = np.zeros((n, len(regions) * len(kinds)))
    out[np.ix_(row_of, col_of)] = y
    return row_of, z, out, regions, sectors, [_category(kind, k) for k, kind in enumerate(kinds)], notes


def _category(name: str, number: int) -> str:
    found = [code for word, code in sorted(CATEGORIES.items(), key=lambda c: -len(c[0])) if word in name.casefold()]
    # "Household final consumption" is in "Non-profit institutions serving households" too: the longer word counts.
    return found[0] if found else name or f"f{number + 1}"


def _accounts(
    text: Text, labels: Text, row_of: np.ndarray, regions: list[str], sectors: list[str], unit: str | None
) -> pd.DataFrame:
    items = [" / ".join(field.strip() for field in line if field.strip()) for line in lines_of(labels)]
    items = [f"{item} ({items[:k].count(item) + 1})" if item in items[:k] else item for k, item in enumerate(items)]
    values = _numbers(text, len(items), len(row_of))
    out = np.zeros((len(items), len(regions) * len(sectors)))
    out[:, row_of] = values
    columns = pd.MultiIndex.from_product([regions, sectors])
    frame = pd.DataFrame(out, index=pd.Index(items, name="item"), columns=columns)
    frame.attrs["unit"] = unit if unit is not None else {item: _unit(item) for item in items}
    return frame


def _unit(item: str) -> str | None:
    """Unit in a label such as ``CO2 emissions (Gg)``."""
    found = re.findall(r"\(([^()]+)\)", item)
    return found[-1] if found else None
