"""Reader of EXIOBASE 3, and of folders that pymrio saved, which have the same layout."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
import pandas as pd

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.build import Pair, finished, grid
from gvckit.readers.text import Readable, Text, fill_gaps, lines_of, names, texts
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
        satellite accounts with ``F.txt``. A folder written by pymrio's ``save_all`` has the same layout.
    extensions : bool or list of str, default True
        Which accounts to read (``satellite``, ``impacts`` ...): all, none, or those of these names.
    year : int, optional
        Which year, where there are several.

    Returns
    -------
    Mrio
        Million EUR, or the unit of ``unit.txt``. Accounts are ``extensions``, with the units of their ``unit.txt``.
        ``F_Y.txt`` (of final demand itself) is not part of the flows, and the notes say so.

    Raises
    ------
    ReadError
        A part is missing or doesn't fit; the message says which.

    Notes
    -----
    With A alone, Z is ``A diag(x)``. Memory: the arrays, the accounts, and a few parts of the text.
    """
    everything = texts(path)
    name = str(getattr(path, "name", path))
    root = _root(everything, path, year)
    found = [text for text in everything if _folder(text)[0] == root[0]]
    core = {part: text for text in found for part in CORE if text.stem == part and _folder(text) == root}
    if not {"Z.txt", "A.txt"} & set(core):
        raise ReadError(f"is no EXIOBASE table: Z.txt or A.txt is needed, there are {names(found)}", name)
    rows, columns, z = _matrix(core.get("Z.txt") or core["A.txt"])
    text = core.get("Z.txt") or core["A.txt"]
    if rows != columns:
        unlike = (k for k, (r, c) in enumerate(zip(rows, columns, strict=False)) if r != c)
        k = next(unlike, min(len(rows), len(columns)))
        raise text.error(f"rows and columns differ from the sector number {k + 1} on")
    regions, sectors = grid(rows, text)
    notes = [f"{gaps} empty cells were taken as 0"] if (gaps := fill_gaps(z)) else []
    x = _output(core["x.txt"], rows) if "x.txt" in core else None
    if "Z.txt" not in core:
        if x is None:
            raise text.error("A.txt alone is no table: x.txt is needed too")
        z *= x
        notes.append("Z is A diag(x)")
    y_rows, demand, y = _matrix(core["Y.txt"])
    if y_rows != rows:
        raise core["Y.txt"].error(f"has other rows than {text.stem}")
    fill_gaps(y)
    demand_regions, categories = grid(demand, core["Y.txt"])
    if demand_regions != regions:
        raise core["Y.txt"].error(f"final demand is of {len(demand_regions)} regions, the sectors of {len(regions)}")
    accounts, told = _accounts(found, root, rows, extensions)
    unit = _common_unit(core["unit.txt"], len(rows)) if "unit.txt" in core else "million EUR"
    table = Mrio.from_arrays(
        z, y, regions, sectors, categories, x=x, year=year or _year(text), unit=unit,
        source=f"EXIOBASE 3, {'product by product' if len(sectors) == 200 else 'industry by industry'}"
        if len(sectors) in (163, 200) else "EXIOBASE layout",
        extensions=accounts, copy=False,
    )  # fmt: skip
    return finished(table, name, notes + told)


def _folder(text: Text) -> tuple[object, PurePath]:
    """Archive (or None) and folder of a text: parts of one table lie together."""
    if text.member is None:
        return None, PurePath(text.name).parent
    return (text.place if isinstance(text.place, bytes) else str(text.place)), PurePath(text.member).parent


def _root(found: list[Text], path: Readable, year: int | None) -> tuple[object, PurePath]:
    """Where the one table is, or the one of a year."""
    tables = [text for text in found if text.stem == "Y.txt"]
    name = str(getattr(path, "name", path))
    if not tables:
        raise ReadError(f"is no EXIOBASE table: Y.txt with Z.txt or A.txt is needed, there are {names(found)}", name)
    if year is not None:
        dated = {k: _year(text) for k, text in enumerate(tables)}
        tables = [t for k, t in enumerate(tables) if dated[k] == year or (len(tables) == 1 and dated[k] is None)]
    if len(tables) != 1:
        where = ", ".join(text.name for text in tables[:4]) or "none"
        raise ReadError(
            f"holds {len(tables)} tables{f' of {year}' if year else ''} ({where}): say which by year=", name
        )
    return _folder(tables[0])


def _header(text: Text) -> tuple[int, int, list[list[str]]]:
    """Lines of the header, columns of labels, and the labels of the numbers' columns."""
    head = text.head(3, "\t")
    if len(head) < 2:
        raise text.error("is empty")
    names = [line[0].strip().lower() for line in head[:2]]
    two_levels = names[0] in ("region", "") and names[1] in ("sector", "category", "")
    label_columns = 2 if len(head[0]) > 1 and not head[0][1].strip() else 1
    lines = 2 if two_levels else 1
    # pandas writes a line with the names of the row labels alone.
    if len(head) > lines and not any(field.strip() for field in head[lines][label_columns:]):
        lines += 1
    return lines, label_columns, [line[label_columns:] for line in head[: 2 if two_levels else 1]]


def _matrix(text: Text) -> tuple[list[Pair], list[Pair], Matrix]:
    """Row pairs, column pairs, numbers."""
    lines, label_columns, head = _header(text)
    if len(head) != 2 or label_columns != 2:
        raise text.error("two header lines (region, sector) and two columns of labels were expected")
    columns = [(region.strip(), code.strip()) for region, code in zip(*head, strict=False)]
    found, (values,) = text.matrix("\t", lines, 2, [len(columns)], len(columns))
    return [(row[0], row[1]) for row in found], columns, values


def _output(text: Text, rows: list[Pair]) -> Matrix:
    head = text.head(1, "\t")
    if not head or len(head[0]) < 3:
        raise text.error("region, sector and one column of numbers were expected")
    found, (values,) = text.matrix("\t", 1, 2, [len(head[0]) - 2], len(rows))
    if [(row[0], row[1]) for row in found] != rows:
        raise text.error("has other rows than the table")
    if values.shape[1] != 1 or np.isnan(values).any():
        raise text.error("one number a row was expected")
    return values[:, 0]


def _common_unit(text: Text, rows: int) -> str:
    found = sorted({line[-1].strip() for line in lines_of(text)[1 : rows + 1]})
    if len(found) != 1:
        raise text.error(f"units are mixed: {', '.join(found)}")
    return {"M.EUR": "million EUR", "Mill EUR": "million EUR", "Mill USD": "million USD"}.get(found[0], found[0])


def _accounts(
    found: list[Text], root: tuple[object, PurePath], rows: list[Pair], wanted: bool | list[str]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Accounts by the name of their folder."""
    accounts, notes = {}, []
    folders = {_folder(text)[1]: None for text in found if text.stem == "F.txt" and _folder(text)[1].parent == root[1]}
    for folder in folders:
        name = folder.name
        if wanted is False or (wanted is not True and name not in wanted):
            continue
        inside = {text.stem: text for text in found if _folder(text)[1] == folder}
        accounts[name] = _account(inside["F.txt"], inside.get("unit.txt"), rows)
        if {"F_Y.txt", "F_hh.txt"} & set(inside):
            notes.append(f"left out: what final demand itself emits or uses ({name}/F_Y.txt)")
    return accounts, notes


def _account(text: Text, unit: Text | None, rows: list[Pair]) -> pd.DataFrame:
    lines, label_columns, head = _header(text)
    if len({len(line) for line in head}) != 1:
        raise text.error("its header lines have different lengths")
    columns = list(zip(*([field.strip() for field in line] for line in head), strict=True))
    found, (values,) = text.matrix("\t", lines, label_columns, [len(columns)], 1)
    if columns != rows:
        raise text.error("has other columns than the table")
    fill_gaps(values)
    items = [" / ".join(row) for row in found]
    frame = pd.DataFrame(values, index=pd.Index(items, name="item"), columns=pd.MultiIndex.from_tuples(rows))
    if unit is not None:
        told = {" / ".join(line[:-1]): line[-1].strip() for line in lines_of(unit)[1:]}
        frame.attrs["unit"] = {item: told.get(item) for item in items}
    return frame


def _year(text: Text) -> int | None:
    """Year in the name of the folder or archive, from the inside out."""
    parts = [*reversed(PurePath(text.member or "").parts), *reversed(PurePath(text.name.split(", member")[0]).parts)]
    return next((year for part in parts if (year := year_in_name(part)) is not None), None)
