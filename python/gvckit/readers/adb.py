"""Reader of the Asian Development Bank's multiregional input-output tables."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from gvckit.mrio import Mrio
from gvckit.readers.build import RENAMED, finished
from gvckit.readers.coded import Cells, CodedTable, parse
from gvckit.readers.workbook import expect_database, open_sheet, prices_of, unit_of, year_of

#: F1 to F5 of the files.
CATEGORIES = {"F1": "HFCE", "F2": "NPISH", "F3": "GGFC", "F4": "GFCF", "F5": "INVNT"}
#: Rows below the sectors that are totals: of intermediates, of output.
TOTALS = {"r60", "r69", "ii_fob", "go"}


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
        spelled ROW. The TOTAL column is kept as the output for `Mrio.audit`, rows of taxes, margins and value added as
        ``extensions["value_added"]``; totals are dropped. ``notes`` and the log say so, with the gap of balance.

    Raises
    ------
    ReadError
        Not such a workbook; the message has file, sheet and cell.

    Notes
    -----
    The layout is found by its labels. Memory: the cells of the sheet, the arrays, and the parts
    of the sheet that are being inflated: at its peak 2.9 times the arrays (63 economies).
    """
    return table_of_adb(expect_database(open_sheet(path, sheet), "ADB", "gk.read_wiod"))


def table_of_adb(cells: Cells) -> Mrio:
    """Table in the ADB layout from the cells of a sheet."""
    parsed = parse(cells)
    categories = [CATEGORIES.get(code.upper(), code) for code in parsed.demand_codes]
    economies = len(parsed.regions)
    texts = [*parsed.titles, cells.sheet]
    edition = f"ADB MRIO, {economies} economies with the rest of the world, {prices_of(texts, cells.path)}"
    return table_of(parsed, cells, categories, edition)


def table_of(parsed: CodedTable, cells: Cells, categories: list[str], edition: str) -> Mrio:
    """Table from what a coded sheet holds; its notes say what was recognised and dropped."""
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
        extensions=_value_added(parsed, regions, unit_of(texts)),
        copy=False,
    )
    dropped = [code for code in parsed.bottom if code.lower() in TOTALS]
    notes = [f"dropped: {', '.join(dropped)}"] if dropped else []
    return finished(table, cells.path, notes)


def _value_added(parsed: CodedTable, regions: list[str], unit: str) -> dict[str, pd.DataFrame]:
    """Rows of taxes, margins and value added below the sectors, without totals."""
    kept = {code: values for code, values in parsed.bottom.items() if code.lower() not in TOTALS}
    if not kept:
        return {}
    columns = pd.MultiIndex.from_product([regions, parsed.codes])
    frame = pd.DataFrame(np.array(list(kept.values())), index=pd.Index(list(kept), name="item"), columns=columns)
    frame.attrs["unit"] = unit
    return {"value_added": frame}
