"""Reader of the Asian Development Bank's multiregional input-output tables."""

from __future__ import annotations

import os
from collections.abc import Iterable

from gvckit.mrio import Mrio
from gvckit.readers import coded
from gvckit.readers.build import table_of
from gvckit.readers.files import Files, Leaf
from gvckit.readers.labelled import Labelled
from gvckit.readers.layouts import register
from gvckit.readers.titles import database_of, prices_of, unit_of, year_of
from gvckit.readers.words import is_total

#: F1 to F5 of the files.
CATEGORIES = {"F1": "HFCE", "F2": "NPISH", "F3": "GGFC", "F4": "GFCF", "F5": "INVNT"}
#: Rows below the sectors that are totals: of intermediates, of output.
TOTALS = ("r60", "r69")


def read_adb(path: str | os.PathLike[str], sheet: str | None = None, year: int | None = None) -> Mrio:
    """Read an ADB MRIO workbook of any edition.

    Parameters
    ----------
    path : path
        The ``.xlsx`` as published: 62 or 72 economies and the rest of the world, current or constant prices, with or
        without the extra row of numeric codes. Re-saved as xlsb, xls or ods too.
    sheet : str, optional
        By default the one shown sheet that holds a table.
    year : int, optional
        Which year, where there are several sheets or files.

    Returns
    -------
    Mrio
        Sectors c1 to c35, final demand HFCE, NPISH, GGFC, GFCF, INVNT (the file's F1 to F5), in the unit of the title
        (million USD). RoW is spelled ROW. The TOTAL column is kept as the output for `Mrio.audit`, rows of taxes,
        margins and value added as ``extensions["value_added"]``, what stands below the output row as
        ``extensions["accounts"]``; totals are dropped. ``notes`` and the log say so, with the gap of balance.

    Raises
    ------
    ReadError
        Not such a workbook; the message has file, sheet and cell.

    Notes
    -----
    The layout is found by its labels. Memory: the cells of the sheet, which become the arrays, and the parts
    of the sheet that are being inflated.
    """
    files = Files.of(path, sheet=sheet)
    found = leaves_of(files, "ADB") or leaves_of(files, None)
    other = leaves_of(files, "WIOD")
    if not found and other:
        raise other[0].head.error("says that it is a table of WIOD, not of ADB: use gk.read_wiod")
    return _read(files, year, found)


def leaves_of(files: Files, database: str | None) -> list[Leaf]:
    """Sheets with codes that say that they are of a database (None: that say nothing)."""
    found = [leaf for leaf in files.leaves if leaf.sheet is not None and coded.is_coded(leaf.head)]
    found = [leaf for leaf in found if coded.has_regions(leaf.head)]
    return [leaf for leaf in found if database_of(said_by(leaf)) == database]


def said_by(leaf: Leaf) -> list[str]:
    """Name of the file, the sheet, and its titles."""
    return [leaf.part.stem, leaf.sheet or "", *leaf.head.titles(4)]


def recognises(files: Files) -> bool:
    """Whether a workbook has sheets with codes, that don't say that they are of WIOD."""
    return bool(leaves_of(files, "ADB") or leaves_of(files, None))


@register("ADB MRIO (xlsx)", recognises)
def _read(files: Files, year: int | None, found: list[Leaf] | None = None) -> Mrio:
    found = found or leaves_of(files, "ADB") or leaves_of(files, None)
    if not found and files.leaves:
        # Says what is missing of the layout.
        coded.find_layout(files.leaves[0].cells())
    leaf = files.one(found, "workbook in the layout of ADB", year)
    table = table_of_coded(leaf, "ADB MRIO, {economies} economies with the rest of the world", year)
    return table.replaced(notes=(*table.notes, *files.passed_over([leaf.part])))


def table_of_coded(leaf: Leaf, edition: str, year: int | None = None) -> Mrio:
    """Table of a sheet in the layout of ADB or WIOD."""
    cells = leaf.cells()
    found, layout = coded.labelled(cells)
    texts = [*cells.titles(min(layout.code_row, layout.region_row)), cells.sheet or ""]
    sectors = len({code for _, code in found.rows if coded.CODE.fullmatch(code)})
    economies = len({region for region, code in found.rows if coded.CODE.fullmatch(code)})
    told = edition.format(economies=economies, release={35: "2013", 56: "2016"}.get(sectors, "unknown"))
    return table_of(
        found,
        edition=f"{told}, {prices_of(texts, leaf.part.stem)}",
        year=year_of(texts, leaf.part.stem) or year,
        unit=unit_of(texts),
        stem=leaf.part.stem if leaf.part.member is None else "",
        categories=categories_of(found),
        value_added={code for _, code in found.rows if not coded.CODE.fullmatch(code)},
        total_codes=TOTALS,
        accounts_below=True,
    )


def categories_of(found: Labelled) -> dict[str, str]:
    """Names of the final demand codes of a coded table."""
    sold = set(found.rows)
    bought = [pair for pair in found.columns if pair not in sold and not is_total(pair[0])]
    return category_names([code for _, code in bought if not is_total(code)])


def category_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of final demand codes: F1 to F5, or five numbers that go on counting the sectors', whatever their order."""
    known = list(dict.fromkeys(codes))
    numbered = sorted((code for code in known if coded.CODE.fullmatch(code)), key=lambda code: int(code[1:]))
    if len(numbered) == len(CATEGORIES):
        return dict(zip(numbered, CATEGORIES.values(), strict=True))
    return {code: CATEGORIES.get(code.upper(), code) for code in known}
