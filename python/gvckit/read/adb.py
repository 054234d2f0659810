"""Reader of the Asian Development Bank's multiregional input-output tables."""

from __future__ import annotations

import logging
import os

from gvckit.read.coded import Cells, CodedTable, parse
from gvckit.read.workbook import open_sheet, prices_of, unit_of, year_of
from gvckit.table import Mrio

#: F1 to F5 of the files.
CATEGORIES = {"F1": "HFCE", "F2": "NPISH", "F3": "GGFC", "F4": "GFCF", "F5": "INVNT"}
#: Spellings that differ between editions.
RENAMED = {"ROM": "ROU", "RoW": "ROW", "Row": "ROW", "RDW": "ROW"}

log = logging.getLogger("gvckit.read")


def read_adb(path: str | os.PathLike[str], sheet: str | None = None) -> Mrio:
    """Read an ADB MRIO workbook of any edition.

    Parameters
    ----------
    path : path
        The ``.xlsx`` as published: 62 or 72 economies and the rest of the world, current or constant prices, with or
        without the extra row of numeric codes.
    sheet : str, optional
        By default the first sheet that is not a legend.

    Returns
    -------
    Mrio
        Sectors c1 to c35, final demand HFCE, NPISH, GGFC, GFCF, INVNT (the file's F1 to F5), million USD. RoW is
        spelled ROW. The TOTAL column is kept as the output for `Mrio.audit`; totals and value-added rows are
        dropped, and the log says so.

    Raises
    ------
    ReadError
        Not such a workbook; the message has file, sheet and cell.

    Notes
    -----
    The layout is found by its labels. Memory: the cells of the sheet, the arrays, and the parts
    of the sheet that are being inflated: at its peak 2.9 times the arrays (63 economies).
    """
    return table_of_adb(open_sheet(path, sheet))


def table_of_adb(cells: Cells) -> Mrio:
    """Table in the ADB layout from the cells of a sheet."""
    parsed = parse(cells)
    categories = [CATEGORIES.get(code.upper(), code) for code in parsed.demand_codes]
    economies = len(parsed.regions)
    texts = [*parsed.titles, cells.sheet]
    edition = f"ADB MRIO, {economies} economies with the rest of the world, {prices_of(texts, cells.path)}"
    return table_of(parsed, cells, categories, edition)


def table_of(parsed: CodedTable, cells: Cells, categories: list[str], edition: str) -> Mrio:
    """Table from what a coded sheet holds; says in the log what was recognised and dropped."""
    regions = [RENAMED.get(region, region) for region in parsed.regions]
    texts = [*parsed.titles, cells.sheet]
    table = Mrio.from_arrays(
        parsed.z,
        parsed.y,
        regions,
        parsed.codes,
        categories,
        x=parsed.x,
        year=year_of(texts, cells.path),
        unit=unit_of(texts),
        source=edition,
        copy=False,
    )
    log.info("%s: recognised as %s; dropped rows %s", cells.path, table.title, ", ".join(parsed.bottom) or "none")
    return table
