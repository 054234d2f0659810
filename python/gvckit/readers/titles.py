"""Opening a workbook for the readers, and what its title says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from gvckit import _core
from gvckit.errors import ReadError
from gvckit.readers.coded import Cells
from gvckit.readers.years import YEAR, year_in_name

_CONSTANT = re.compile(r"constant\s*-?(?:\s|-)*((?:19|20)\d\d)?\s*-?\s*prices|\bpyp\b", re.IGNORECASE)


def open_sheet(path: str | os.PathLike[str], sheet: str | None = None) -> Cells:
    """Read one sheet of an xlsx or xlsb workbook (the first that is not a legend)."""
    file = Path(path)
    if not file.exists():
        raise ReadError("no such file", file)
    try:
        name, _, numbers, texts = _core.read_sheet(file, sheet)
    except ReadError as error:
        raise error.at(file) from None
    return Cells(str(file), name, numbers, {(row, col): text for row, col, text in texts})


def database_of(cells: Cells) -> str | None:
    """``ADB`` or ``WIOD``, as the name or the title of a sheet says."""
    said = " ".join([Path(cells.path).name, cells.sheet, *(t for (row, _), t in cells.texts.items() if row < 4)])
    if "adb" in said.casefold() or "multiregional" in said.casefold():
        return "ADB"
    return "WIOD" if any(word in said.casefold() for word in ("wiot", "world input-output", "wiod")) else None


def expect_database(cells: Cells, wanted: str, reader: str) -> Cells:
    """The cells, unless they say that they are of the other database."""
    if database_of(cells) not in (wanted, None):
        raise ReadError(f"says that it is a table of {database_of(cells)}, not of {wanted}: use {reader}", cells.path)
    return cells


def year_of(texts: Iterable[str], path: str) -> int | None:
    """Year of the flows: from the titles, else from the file's name; a price base is not the year."""
    for text in texts:
        found = YEAR.search(_CONSTANT.sub(" ", text.replace("-", " ")))
        if found:
            return int(found.group())
    return year_in_name(path)


def prices_of(texts: Iterable[str], path: str) -> str:
    """``current prices``, ``constant 2010 prices`` or ``previous year's prices``, as the title or the name says."""
    for text in (*texts, Path(path).name.replace("_", " ")):
        found = _CONSTANT.search(text.replace("-", " "))
        if found:
            if "pyp" in found.group().casefold():
                return "previous year's prices"
            return f"constant {found.group(1)} prices" if found.group(1) else "constant prices"
        if "previous year" in text.casefold():
            return "previous year's prices"
    return "current prices"


def unit_of(texts: Iterable[str]) -> str:
    """Unit as the title gives it; both databases are in million USD."""
    for text in texts:
        if "million" in text.casefold() and "US" in text:
            return "million USD"
        if "thousand" in text.casefold() and "US" in text:
            return "thousand USD"
    return "million USD"
