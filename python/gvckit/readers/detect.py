"""Recognising a file."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.adb import table_of_adb
from gvckit.readers.build import split
from gvckit.readers.eora import read_eora26
from gvckit.readers.exiobase import read_exiobase3
from gvckit.readers.figaro import CATEGORIES as FIGARO_DEMAND
from gvckit.readers.figaro import flat_fields, read_figaro
from gvckit.readers.icio import read_icio
from gvckit.readers.text import ZIP_ERRORS, Readable, Text, one, texts, unpacked, workbooks_in
from gvckit.readers.wiod import is_long_run, read_long_run, read_wiod, table_of_wiod
from gvckit.readers.workbook import database_of, open_sheet
from gvckit.table.store import load

KNOWN = (
    "a table saved by gvckit, ADB or WIOD (xlsx, xlsb, RData, long-run csv), OECD ICIO (csv), FIGARO (csv), Eora26 or "
    "EXIOBASE 3 (txt); a zip archive of one of these, or a folder of its texts; for your own layout see read_table()"
)


def read(path: Readable, year: int | None = None) -> Mrio:
    """Read a table in any layout that the package knows.

    Parameters
    ----------
    path : path or open file
        A file, a zip archive or a folder. Recognised are tables saved by `Mrio.save`, ADB MRIO workbooks, WIOD (2013:
        xlsx; 2016: xlsb, RData; long run: csv), OECD ICIO, FIGARO, Eora26 and EXIOBASE 3.
    year : int, optional
        Which year, where there are several.

    Returns
    -------
    Mrio
        Its `source` says what was recognised, its `notes` what was dropped and how far it is from balance.

    Raises
    ------
    ReadError
        No reader knows the file: the message says what was looked for.
    """
    if year is not None:
        year = int(year)
    if not isinstance(path, str | os.PathLike) and not hasattr(path, "read"):
        raise ReadError(f"a path is wanted, not a {type(path).__name__}: for frames there is gk.Mrio.from_frames(Z, Y)")
    table = _read_open(path, year) if hasattr(path, "read") else _read_file(Path(path), year)
    if year is not None and table.year not in (year, None):
        raise ReadError(f"is of {table.year}, not of {year}", str(getattr(path, "name", path)))
    return table


def _read_open(file: Any, year: int | None) -> Mrio:
    """An open file: texts where they are, archives and workbooks by way of a temporary file."""
    name = str(getattr(file, "name", "open file"))
    content = file.read()
    data = content.encode() if isinstance(content, str) else bytes(content)
    if data[:2] != b"PK":
        held = io.BytesIO(data)
        held.name = name
        return _read_texts(held, year)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / (Path(name).name or "table.zip")
        target.write_bytes(data)
        try:
            return _read_file(target, year)
        except ReadError as error:
            raise ReadError(error.reason, name, error.sheet, error.cell) from None


def _read_file(file: Path, year: int | None) -> Mrio:
    if not file.exists():
        raise ReadError("no such file", file)
    if file.suffix.lower() in {".rdata", ".rda"}:
        return read_wiod(file)
    if file.is_file() and zipfile.is_zipfile(file):
        return _read_archive(file, year)
    return _read_texts(file, year)


def _read_archive(file: Path, year: int | None) -> Mrio:
    """A zip archive: a table of ours, a workbook, or an archive of files."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = set(archive.namelist())
    except ZIP_ERRORS as error:
        raise ReadError(f"is a damaged zip archive: {error}", file) from error
    if {"header.json", "Z.npy"} <= members:
        return load(Mrio, file)
    if any(name.startswith("xl/") for name in members) or file.suffix.lower() in {".xlsx", ".xlsb"}:
        cells = open_sheet(file)
        return table_of_wiod(cells) if database_of(cells) == "WIOD" else table_of_adb(cells)
    if workbooks_in(file):
        with unpacked(file, year) as inner:
            return read(inner)
    return _read_texts(file, year)


def _read_texts(path: Readable, year: int | None) -> Mrio:
    """Texts: of several files by their names, of one by its first line."""
    found = texts(path)
    stems = {text.stem for text in found}
    if "Y.txt" in stems:
        return read_exiobase3(path, year=year)
    if any(stem.lower().startswith("labels_") or stem.lower().endswith("_fd.txt") for stem in stems):
        return read_eora26(path, year)
    where = str(getattr(path, "name", path))
    if not found:
        raise ReadError(f"is not a file that read() knows ({KNOWN})", where)
    if any(is_long_run(text) for text in found[:1]):
        return read_long_run(path, year)
    reader = _reader_of(one(found, path, "table", year))
    result: Mrio = reader(path, year)
    return result


def _reader_of(text: Text) -> Any:
    separator = text.separator()
    if flat_fields(text, separator) is not None:
        return read_figaro
    head = text.head(1, separator)
    labels = [label.strip() for label in (head[0] if head else [])]
    codes = {split(label)[1] for label in labels}
    if codes & set(FIGARO_DEMAND):
        return read_figaro
    if any("HFCE" in label.split("_") for label in labels):
        return read_icio
    raise text.error(f"is not a file that read() knows ({KNOWN}); it begins with {', '.join(labels[:4]) or 'nothing'}")
