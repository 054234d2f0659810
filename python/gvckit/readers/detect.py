"""Recognising a file."""

from __future__ import annotations

import os

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.files import Files, Readable, foreign
from gvckit.readers.layouts import LAYOUTS, Layout
from gvckit.table.build import whole_year


def read(path: Readable, year: int | None = None, sheet: str | None = None, encoding: str | None = None) -> Mrio:
    """Read a table in any layout that the package knows.

    Parameters
    ----------
    path : path or open file
        A file, a zip archive or a folder. Recognised are tables saved by `Mrio.save`, ADB MRIO workbooks, WIOD (2013:
        xlsx; 2016: xlsb, RData; long run: csv), OECD ICIO, FIGARO, Eora26 and EXIOBASE 3; texts may be gzipped, and
        sheets of ICIO and FIGARO re-saved as workbooks.
    year : int, optional
        Which year, where there are several files or sheets.
    sheet : str, optional
        Of a workbook; by default the one shown sheet that holds a table.
    encoding : str, optional
        Of a text that is not UTF-8, such as ``gbk`` or ``latin-1``; by default it is guessed (charset-normalizer) and
        said in the notes.

    Returns
    -------
    Mrio
        Its `source` says what was recognised, its `notes` what was dropped and how far it is from balance.

    Raises
    ------
    ReadError
        No reader knows the file: the message says what was looked for.
    """
    year = whole_year(year)
    if not isinstance(path, str | os.PathLike) and not hasattr(path, "read"):
        raise ReadError(f"a path is wanted, not a {type(path).__name__}: for frames there is gk.Mrio.from_frames(Z, Y)")
    files = Files.of(path, encoding, sheet)
    if len(files.parts) == 1 and files.parts[0].kind == "text" and foreign(files.parts[0]):
        raise _unknown(files)
    layout = layout_of(files)
    if layout is None:
        raise _unknown(files)
    table = layout.read(files, year)
    if year is not None and table.year not in (year, None):
        raise ReadError(f"is of {table.year}, not of {year}", files.name)
    return table


def layout_of(files: Files) -> Layout | None:
    """The layout whose reader knows these files."""
    return next((layout for layout in LAYOUTS if layout.recognises(files)), None)


def _unknown(files: Files) -> ReadError:
    known = ", ".join(layout.name for layout in LAYOUTS)
    if len(files.parts) == 1:
        what = foreign(files.parts[0])
        if what is not None:
            return ReadError(f"is {what}, which no reader knows: save the table as csv or xlsx", files.name)
    told = [f"there are {', '.join(sorted({part.stem for part in files.parts})[:8])}"] if len(files.parts) > 1 else []
    for leaf in files.leaves[:1]:
        begins = [text for texts in leaf.head.by_row.values() for text in texts.values()][:4]
        where = f"sheet {leaf.sheet!r}" if leaf.sheet else "it"
        told.append(f"{where} begins with {', '.join(begins) or 'nothing'}")
    return ReadError(
        f"is not a file that read() knows ({known}, a zip archive of one of these, or a folder); for your own layout "
        f"see read_table(){''.join('; ' + what for what in told)}",
        files.name,
    )
