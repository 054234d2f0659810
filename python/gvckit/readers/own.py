"""Reader of a user's own table: csv, workbook, parquet or feather, as a matrix or a flat list, by a mapping."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from gvckit.errors import OptionError, ReadError
from gvckit.mrio import Mrio
from gvckit.options import Layout, check
from gvckit.readers import joined, numerals
from gvckit.readers.build import table_of
from gvckit.readers.cells import Cells
from gvckit.readers.files import Files, Leaf, Part, foreign
from gvckit.readers.lists import flat_list, frame_of
from gvckit.readers.twolevel import cells_of_frame, two_levels


def read_table(
    path: str | os.PathLike[str],
    layout: Layout = "matrix",
    *,
    columns: Mapping[str, str] | None = None,
    labels: int | str = 2,
    totals: Collection[str] | None = None,
    categories: Mapping[str, str] | None = None,
    value_added: Collection[str] = (),
    only: Mapping[str, object] | None = None,
    sheet: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    year: int | None = None,
    unit: str | None = None,
    source: str | None = None,
) -> Mrio:
    """Read a table of your own, with the layout said by a mapping.

    Industries are the columns that are rows too, in any order; other columns of a region are its final demand; other
    rows are kept as ``extensions["value_added"]``. In a matrix every region must have the same sectors on both sides,
    and the same final demand; in a flat list an absent cell is 0. Titles, notes and blank lines are passed over.

    Parameters
    ----------
    path : path
        csv (or txt, tsv, any of them gzipped), xlsx, xlsb, xls, ods, parquet or feather.
    layout : {"matrix", "flat"}
        A matrix has labels at its head and left; a flat list has one line a cell.
    columns : mapping, for a flat list
        Which field is what: ``{"region": "from", "sector": "from_ind", "partner": "to", "partner_sector": "to_ind",
        "value": "usd"}``; final demand categories stand in the field of ``partner_sector``. Fields not mentioned are
        looked for under these names. A field ``use`` may say ``final`` where it is final demand, which else is what no
        region sells.
    labels : int or str, for a matrix
        2: two header lines and two label columns, region and code; a region may stand on the first of its block alone.
        A string: one line and one column of labels, with the region before the first such string (``"_"`` for AUS_A01).
    totals : collection of str, optional
        Regions or codes of rows and columns that are totals, and are left out as they are. By default those that are
        known by their words (TOTAL, Sum, World, Output, GO ... in English and Chinese), if they are sums; ``()``: none.
    categories : mapping, optional
        New names of final demand categories.
    value_added : collection of str
        Codes of rows that are value added, where they carry the regions' labels and no usual words.
    only : mapping, optional
        For a flat list: keep lines with these values (``{"year": 2017}``).
    sheet : str, optional
        Of a workbook; by default the one shown sheet that holds numbers.
    separator, decimal, thousands : str, optional
        Of a text. All are found by themselves, but where a number could be read in two ways the error asks.
    encoding : str, optional
        Of a text that is not UTF-8 (``gbk``, ``latin-1``); by default it is guessed, and the notes say so.
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
    check("layout", layout, Layout)
    if not isinstance(labels, str) and labels != 2:
        raise OptionError(f"labels={labels!r}: 2, or the string between region and code, is needed")
    style = _style(decimal, thousands)
    files = Files.of(path, encoding, sheet)
    part = files.one_part(files.parts, "file with a table", None)
    if layout == "flat":
        frame, notes = frame_of(_leaf(files, part) if part.kind == "book" else part, separator)
        found = flat_list(part, frame, columns or {}, only or {}, style, separator or ",")
        found.notes += notes
    else:
        cells = _cells(files, part, style, separator)
        found = joined.labelled(cells, labels) if isinstance(labels, str) else two_levels(cells)
    return table_of(
        found, edition=source or part.stem, year=year, unit=unit or "", stem="", categories=categories,
        value_added=value_added, left_out=totals,
    )  # fmt: skip


def _style(decimal: str | None, thousands: str | None) -> numerals.Style | None:
    """How numbers are written, where it is said."""
    if decimal is None and thousands is None:
        return None
    decimal = decimal or ("." if thousands != "." else ",")
    if decimal not in (".", ",") or thousands == decimal or (thousands is not None and len(thousands) != 1):
        raise OptionError(f"decimal={decimal!r}, thousands={thousands!r}: '.' or ',' and another mark")
    return decimal, thousands


def _cells(files: Files, part: Part, style: numerals.Style | None, separator: str | None) -> Cells:
    """Cells of a matrix."""
    if part.kind == "frame":
        return cells_of_frame(part)
    if part.kind == "book":
        return _leaf(files, part).cells()
    if part.kind != "text" or foreign(part):
        raise part.error(f"is {foreign(part) or 'R data or a saved table: gk.read knows it'}, no text or workbook")
    return part.cells(style, separator)


def _leaf(files: Files, part: Part) -> Leaf:
    """The one shown sheet with numbers."""
    leaves = [leaf for leaf in files.leaves if leaf.part is part]
    found = [leaf for leaf in leaves if leaf.head.numbers.size] if len(leaves) > 1 else leaves
    if len(found) != 1:
        there = ", ".join(repr(leaf.sheet) for leaf in found or leaves) or "hidden"
        raise ReadError(f"holds {len(found)} sheets of numbers ({there}): say which by sheet=", part.name)
    return found[0]
