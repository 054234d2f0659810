"""Recognising a file."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from gvckit.errors import ReadError
from gvckit.read.adb import table_of_adb
from gvckit.read.coded import Cells
from gvckit.read.wiod import read_wiod, table_of_wiod
from gvckit.read.workbook import open_sheet
from gvckit.store import load
from gvckit.table import Mrio


def read(path: str | os.PathLike[str]) -> Mrio:
    """Read a table in any layout that the package knows.

    Recognised are tables saved by `Mrio.save`, ADB MRIO workbooks, and WIOD (2013: xlsx; 2016: xlsb, RData). The
    result's `source` says which it was.

    Raises
    ------
    ReadError
        No reader knows the file: the message says what was looked for.
    """
    file = Path(path)
    if not file.exists():
        raise ReadError("no such file", file)
    if file.suffix.lower() in {".rdata", ".rda"}:
        return read_wiod(file)
    if not zipfile.is_zipfile(file):
        raise ReadError(
            "is not a file that read() knows: a table saved by gvckit, an ADB or WIOD workbook (xlsx, xlsb), "
            "or WIOD's RData",
            file,
        )
    try:
        with zipfile.ZipFile(file) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ReadError(f"is a damaged zip archive: {error}", file) from error
    if "header.json" in members:
        return load(file)
    cells = open_sheet(file)
    return table_of_wiod(cells) if is_wiod(cells) else table_of_adb(cells)


def is_wiod(cells: Cells) -> bool:
    """Whether a coded sheet is WIOD's: its title or name says so, or its final demand goes on with c-codes."""
    said = " ".join([Path(cells.path).name, cells.sheet, *(t for (row, _), t in cells.texts.items() if row < 4)])
    if "adb" in said.casefold() or "multiregional" in said.casefold():
        return False
    return "wiot" in said.casefold() or "world input-output" in said.casefold() or "wiod" in said.casefold()
