"""Reader of Eora26."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.build import finished, unit_in
from gvckit.readers.files import HEAD, Files, Part, Readable
from gvckit.readers.labelled import Pair
from gvckit.readers.layouts import register
from gvckit.readers.numerals import PLAIN
from gvckit.readers.titles import year_of
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
    return _read(Files.of(path), year)


def recognises(files: Files) -> bool:
    """Whether parts of a table without labels, or labels, lie there."""
    stems = [part.stem for part in files.parts]
    return any(_LABELS.search(stem) or re.search(r"_(FD|T)\.txt$", stem, re.IGNORECASE) for stem in stems)


def _beside(name: str) -> list[Part]:
    """Labels beside a table: in an ``indices.zip``, as they are, or in a folder of their own."""
    folder, own = Path(name).parent, Path(name)
    places = [folder / "indices.zip", *sorted([*folder.glob("labels_*.txt"), *folder.glob("*/labels_*.txt")])]
    found = [part for place in places if place.is_file() and own not in place.parents for part in Files.of(place).parts]
    return [part for part in found if _LABELS.search(part.stem)]


@register("Eora26 (txt)", recognises)
def _read(files: Files, year: int | None) -> Mrio:
    name = files.name
    labels = _labels_in(files.parts) or _labels_in(_beside(name))
    parts: dict[str, list[Part]] = {}
    for part in files.parts:
        match = _PART.search(part.stem)
        if match and not _LABELS.search(part.stem):
            parts.setdefault(match.group(1).upper(), []).append(part)
    for kind in ("T", "FD"):
        if kind not in labels:
            there = ", ".join(sorted(part.stem for part in files.parts)[:12]) or "nothing"
            raise ReadError(
                f"holds no labels_{kind}.txt; there are {there}. "
                "Eora26 ships labels in indices.zip: put it beside the table",
                name,
            )
    texts_of = {kind: files.one_part(parts.get(kind, []), f"Eora26 part _{kind}.txt", year) for kind in ("T", "FD")}
    texts_of |= {k: files.one_part(parts[k], k, year) for k in ("VA", "Q") if k in parts and k in labels}

    rows = [_pair(line, labels["T"]) for line in labels["T"].lines()]
    demand = [_pair(line, labels["FD"]) for line in labels["FD"].lines()]
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
    used = [*texts_of.values(), *labels.values(), *(part for found in parts.values() for part in found)]
    return finished(table, name, stem, [*notes, *files.passed_over(used)])


def _labels_in(parts: list[Part]) -> dict[str, Part]:
    """Labels by the part of the table that they are of."""
    return {match.group(1).upper(): part for part in parts if (match := _LABELS.search(part.stem))}


def _pair(line: list[str], part: Part) -> Pair:
    """Region code and sector of a label line: country, code, kind, name."""
    fields = [field.strip() for field in line if field.strip()]
    if len(fields) < 3:
        raise part.error(f"the label {' '.join(line)!r} has {len(fields)} fields, expected country, code, kind, name")
    return fields[1], fields[-1]


def _numbers(part: Part, rows: int, columns: int) -> Matrix:
    """All numbers of a part without labels; lines may end with a tab."""
    cells = part.cells(PLAIN, "\t")
    height, width = cells.numbers.shape
    if not height:
        raise part.error("is empty")
    filled = next((line for line in part.head(HEAD, "\t") if any(line)), [])
    if width != columns and not (width == columns + 1 and not cells.has_number(col=columns)):
        raise part.error(f"has {len(filled)} fields in its first line, the labels are {columns}")
    if height < rows or any(cells.has_number(row=row) for row in range(rows, height)):
        raise part.error(f"has {height} rows, the labels have {rows}")
    values, gaps = cells.block(range(rows), range(columns))
    if gaps:
        row, col = map(int, np.argwhere(np.isnan(cells.numbers[:rows, :columns]))[0])
        raise cells.error("is empty, a number was expected", (row, col))
    return values


def _rectangular(
    rows: list[Pair], demand: list[Pair], z: Matrix, y: Matrix, part: Part
) -> tuple[np.ndarray, Matrix, Matrix, list[str], list[str], list[str], list[str]]:
    """Every region with the same sectors and final demand: what a region lacks is zero."""
    regions = list(dict.fromkeys(region for region, _ in rows))
    sectors = list(dict.fromkeys(sector for _, sector in rows))
    kinds = list(dict.fromkeys(kind for _, kind in demand))
    row_of = np.array([regions.index(r) * len(sectors) + sectors.index(s) for r, s in rows])
    if len(set(row_of.tolist())) != len(rows):
        raise part.error("a region and sector come twice among the labels")
    unknown = [region for region, _ in demand if region not in regions]
    if unknown:
        raise part.error(f"final demand of {unknown[0]}, which has no sectors")
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
    part: Part, labels: Part, row_of: np.ndarray, regions: list[str], sectors: list[str], unit: str | None
) -> pd.DataFrame:
    items = [" / ".join(field.strip() for field in line if field.strip()) for line in labels.lines()]
    items = [f"{item} ({items[:k].count(item) + 1})" if item in items[:k] else item for k, item in enumerate(items)]
    values = _numbers(part, len(items), len(row_of))
    out = np.zeros((len(items), len(regions) * len(sectors)))
    out[:, row_of] = values
    columns = pd.MultiIndex.from_product([regions, sectors])
    frame = pd.DataFrame(out, index=pd.Index(items, name="item"), columns=columns)
    frame.attrs["unit"] = unit if unit is not None else {item: unit_in(item) for item in items}
    return frame
