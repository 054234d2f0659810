"""Reader of EXIOBASE 3, and of folders that pymrio saved, which have the same layout."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.build import finished, with_demand
from gvckit.readers.cells import Cells
from gvckit.readers.files import Files, Part, Readable
from gvckit.readers.labelled import Pair
from gvckit.readers.layouts import register
from gvckit.readers.numerals import PLAIN
from gvckit.readers.years import year_in_name
from gvckit.table.data import Matrix

#: Parts of the core system.
CORE = ("Z.txt", "A.txt", "Y.txt", "x.txt", "unit.txt")


def read_exiobase3(path: Readable, extensions: bool | list[str] = True, year: int | None = None) -> Mrio:
    """Read an EXIOBASE 3 table, industry by industry or product by product.

    Parameters
    ----------
    path : path or open file
        The zip archive or folder with ``Z.txt`` or ``A.txt`` and ``x.txt``, ``Y.txt``, ``unit.txt``, and folders of
        satellite accounts with ``F.txt``; or one of these files. A folder written by pymrio's ``save_all`` has the same
        layout.
    extensions : bool or list of str, default True
        Which accounts to read (``satellite``, ``impacts`` ...): all, none, or those of these names.
    year : int, optional
        Which year, where there are several.

    Returns
    -------
    Mrio
        Million EUR, or the unit of ``unit.txt``. Accounts are ``extensions``, with the units of their ``unit.txt``.
        ``F_Y.txt`` (``F_hh.txt``), what final demand itself emits or uses, is ``t.demand_accounts`` by the same names.

    Raises
    ------
    ReadError
        A part is missing or doesn't fit; the message says which.

    Notes
    -----
    With A alone, Z is ``A diag(x)``. Rows and columns are matched by label. Memory: twice the arrays, and the accounts.
    """
    return _read(Files.of(_folder_of(path)), year, extensions)


def _folder_of(path: Readable) -> Readable:
    """The folder of one of a table's files."""
    if isinstance(path, str | os.PathLike) and Path(path).is_file() and Path(path).name in (*CORE, "F.txt", "F_Y.txt"):
        folder = Path(path).parent
        return folder.parent if Path(path).name in ("F.txt", "F_Y.txt") else folder
    return path


def recognises(files: Files) -> bool:
    """Whether parts of such a system, or one of them, lie there."""
    stems = {part.stem for part in files.parts}
    return bool({"Z.txt", "A.txt", "Y.txt"} & stems) or (len(stems) == 1 and bool(stems & {*CORE, "F.txt", "F_Y.txt"}))


@register("EXIOBASE 3 (txt)", recognises)
def _read(files: Files, year: int | None, extensions: bool | list[str] = True) -> Mrio:
    if len(files.parts) == 1 and isinstance(files.parts[0].place, Path) and files.parts[0].member is None:
        files = Files.of(_folder_of(files.parts[0].place))
    root = _root(files, year)
    found = [part for part in files.parts if _folder(part)[0] == root[0]]
    core = {name: part for part in found for name in CORE if part.stem == name and _folder(part) == root}
    missing = [name for name in ("Z.txt or A.txt", "Y.txt") if not set(name.split(" or ")) & set(core)]
    if missing:
        there = ", ".join(sorted(core)) or "nothing of it"
        raise ReadError(
            f"is no whole EXIOBASE table: {' and '.join(missing)} is missing, there are {there}", files.name
        )
    part = core.get("Z.txt") or core["A.txt"]
    rows, columns, z = _matrix(part)
    regions, sectors = _grid(rows, part)
    z = z[:, _places(columns, rows, "columns", part)]
    notes = [f"{gaps} empty cells were taken as 0"] if (gaps := _fill(z)) else []
    x = _output(core["x.txt"], rows) if "x.txt" in core else None
    if "Z.txt" not in core:
        if x is None:
            raise part.error("A.txt alone is no table: x.txt is needed too")
        z *= x
        notes.append("Z is A diag(x)")
    y, categories = _demand(core["Y.txt"], rows, regions)
    accounts, demand_accounts = _accounts(found, root, rows, (regions, categories), extensions)
    unit = _common_unit(core["unit.txt"], len(rows)) if "unit.txt" in core else "million EUR"
    table = Mrio.from_arrays(
        z, y, regions, sectors, categories, x=x, year=year or _year(part), unit=unit,
        source=f"EXIOBASE 3, {'product by product' if len(sectors) == 200 else 'industry by industry'}"
        if len(sectors) in (163, 200) else "EXIOBASE layout",
        extensions=accounts, copy=False,
    )  # fmt: skip
    return finished(with_demand(table, demand_accounts), files.name, "", notes)


def _folder(part: Part) -> tuple[object, PurePath]:
    """Archive (or None) and folder of a text: parts of one table lie together."""
    if part.member is None:
        return None, PurePath(part.name).parent
    return (part.place if isinstance(part.place, bytes) else str(part.place)), PurePath(part.member).parent


def _root(files: Files, year: int | None) -> tuple[object, PurePath]:
    """Where the one table is, or the one of a year."""
    tables = {_folder(part): part for part in files.parts if part.stem in ("Z.txt", "A.txt", "Y.txt")}
    if not tables:
        there = ", ".join(sorted(part.stem for part in files.parts)[:12]) or "nothing"
        raise ReadError(f"is no EXIOBASE table: Y.txt with Z.txt or A.txt is needed, there are {there}", files.name)
    if year is not None:
        dated = {root: _year(part) for root, part in tables.items()}
        tables = {r: t for r, t in tables.items() if dated[r] == year or (len(dated) == 1 and dated[r] is None)}
    if len(tables) != 1:
        where = ", ".join(part.name for part in list(tables.values())[:4]) or "none"
        told = f"{len(tables)} tables{f' of {year}' if year else ''} ({where})"
        raise ReadError(f"holds {told}: say which by year=", files.name)
    return next(iter(tables))


def _header(part: Part) -> tuple[int, int, list[list[str]]]:
    """Lines of the header, columns of labels, and the labels of the numbers' columns."""
    head = part.head(3, "\t")
    if len(head) < 2:
        raise part.error("is empty")
    names = [line[0].strip().lower() if line else "" for line in head[:2]]
    two_levels = names[0] in ("region", "") and names[1] in ("sector", "category", "")
    label_columns = 2 if len(head[0]) > 1 and not head[0][1].strip() else 1
    lines = 2 if two_levels else 1
    # pandas writes a line with the names of the row labels alone.
    if len(head) > lines and not any(field.strip() for field in head[lines][label_columns:]):
        lines += 1
    return lines, label_columns, [line[label_columns:] for line in head[: 2 if two_levels else 1]]


def _numbers(cells: Cells, lines: int, labels: int, width: int) -> tuple[list[Pair], Matrix]:
    """Labels and numbers below the header; empty cells are NaN."""
    height = max((row + 1 for row, texts in cells.by_row.items() if texts.get(0)), default=0)
    if cells.numbers.shape[1] > labels + width and cells.has_number(col=labels + width, after=lines):
        raise cells.error(f"has more fields than the {width} of the header")
    cells.block(range(lines, height), range(labels, labels + width))
    rows = [tuple(cells.text(row, col) for col in range(labels)) for row in range(lines, height)]
    values = cells.loose(range(lines, height), range(labels, labels + width), np.nan)
    return [(row[0], row[1] if labels > 1 else "") for row in rows], values


def _matrix(part: Part) -> tuple[list[Pair], list[Pair], Matrix]:
    """Row pairs, column pairs, numbers."""
    lines, label_columns, head = _header(part)
    if len(head) != 2 or label_columns != 2 or len(head[0]) != len(head[1]):
        raise part.error("two header lines (region, sector) of one length and two columns of labels were expected")
    columns = [(region.strip(), code.strip()) for region, code in zip(*head, strict=True)]
    while columns and columns[-1] == ("", ""):
        columns.pop()
    rows, values = _numbers(part.cells(PLAIN, "\t"), lines, 2, len(columns))
    return rows, columns, values


def _grid(pairs: list[Pair], part: Part) -> tuple[list[str], list[str]]:
    """Regions and codes; every region must have the same codes in the same order."""
    regions = list(dict.fromkeys(region for region, _ in pairs))
    codes = list(dict.fromkeys(code for _, code in pairs))
    expected = [(region, code) for region in regions for code in codes]
    for got, want in zip(pairs, expected, strict=False):
        if got != want:
            raise part.error(f"expected {' '.join(want)}, found {' '.join(got)}: sectors differ by region")
    if len(pairs) != len(expected):
        raise part.error(f"the sectors end at {' '.join(pairs[-1])}, expected up to {' '.join(expected[-1])}")
    return regions, codes


def _places(have: list[Pair], want: list[Pair], what: str, part: Part) -> list[int]:
    """Where each wanted label stands."""
    place = {pair: k for k, pair in enumerate(have)}
    if len(place) != len(have) or set(place) != set(want):
        twice = next((pair for pair in have if have.count(pair) > 1), None) if len(place) != len(have) else None
        odd = next(iter(set(want) - set(place)), None) or next(iter(set(place) - set(want)), None)
        told = f"{' '.join(twice)} comes twice" if twice else f"{' '.join(odd or ())} is on one side only"
        raise part.error(f"has other {what} than the table: {told}")
    return [place[pair] for pair in want]


def _fill(values: Matrix) -> int:
    gaps = np.isnan(values)
    values[gaps] = 0.0
    return int(gaps.sum())


def _demand(part: Part, rows: list[Pair], regions: list[str]) -> tuple[Matrix, list[str]]:
    """Final demand in the order of the table, and its categories."""
    y_rows, demand, y = _matrix(part)
    _fill(y)
    categories = list(dict.fromkeys(code for _, code in demand))
    wanted = [(region, code) for region in regions for code in categories]
    y = y[np.ix_(_places(y_rows, rows, "rows", part), _places(demand, wanted, "columns of final demand", part))]
    return np.ascontiguousarray(y), categories


def _output(part: Part, rows: list[Pair]) -> Matrix:
    cells = part.cells(PLAIN, "\t")
    width = cells.numbers.shape[1]
    columns = [col for col in range(2, width) if cells.has_number(col=col, after=1)]
    height = max((row + 1 for row, texts in cells.by_row.items() if texts.get(0)), default=0)
    if width < 3 or len(columns) != 1:
        raise part.error("region, sector and one column of numbers were expected")
    found = [(cells.text(row, 0), cells.text(row, 1)) for row in range(1, height)]
    values, gaps = cells.block(range(1, height), columns)
    if gaps:
        raise part.error("one number a row was expected")
    return values[_places(found, rows, "rows", part), 0]


def _common_unit(part: Part, rows: int) -> str:
    found = sorted({line[-1].strip() for line in part.lines()[1 : rows + 1]})
    if len(found) != 1:
        raise part.error(f"units are mixed: {', '.join(found)}")
    return {"M.EUR": "million EUR", "Mill EUR": "million EUR", "Mill USD": "million USD"}.get(found[0], found[0])


def _accounts(
    found: list[Part],
    root: tuple[object, PurePath],
    rows: list[Pair],
    demand: tuple[list[str], list[str]],
    wanted: bool | Collection[str],
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Accounts of sectors and of final demand itself, by the name of their folder."""
    accounts, of_demand = {}, {}
    folders = {_folder(part)[1]: None for part in found if part.stem == "F.txt" and _folder(part)[1].parent == root[1]}
    for folder in folders:
        name = folder.name
        if wanted is False or (wanted is not True and name not in wanted):
            continue
        inside = {part.stem: part for part in found if _folder(part)[1] == folder}
        accounts[name] = _account(inside["F.txt"], inside.get("unit.txt"), rows)
        own = inside.get("F_Y.txt") or inside.get("F_hh.txt")
        if own is not None:
            bought = [(region, category) for region in demand[0] for category in demand[1]]
            of_demand[name] = _account(own, inside.get("unit.txt"), bought)
    return accounts, of_demand


def _account(part: Part, unit: Part | None, wanted: list[Pair]) -> pd.DataFrame:
    columns, items, values = _items(part)
    values = values[:, _places(columns, wanted, "columns", part)]
    frame = pd.DataFrame(values, index=pd.Index(items, name="item"), columns=pd.MultiIndex.from_tuples(wanted))
    if unit is not None:
        told = {" / ".join(line[:-1]): line[-1].strip() for line in unit.lines()[1:]}
        frame.attrs["unit"] = {item: told.get(item) for item in items}
    return frame


def _items(part: Part) -> tuple[list[Pair], list[str], Matrix]:
    """Columns, items and numbers of an account."""
    lines, label_columns, head = _header(part)
    if len(head) != 2 or len({len(line) for line in head}) != 1:
        raise part.error("its header lines have different lengths")
    columns = [(region.strip(), code.strip()) for region, code in zip(*head, strict=True)]
    rows, values = _numbers(part.cells(PLAIN, "\t"), lines, label_columns, len(columns))
    _fill(values)
    return columns, [" / ".join(row if label_columns > 1 else row[:1]) for row in rows], values


def _year(part: Part) -> int | None:
    """Year in the name of the folder or archive, from the inside out."""
    parts = [*reversed(PurePath(part.member or "").parts), *reversed(PurePath(part.name.split(", member")[0]).parts)]
    return next((year for name in parts if (year := year_in_name(name)) is not None), None)
