"""Accounts in a workbook of their own, such as ADB's air emissions: items by the regions and codes of a table."""

from __future__ import annotations

import os

import pandas as pd

from gvckit.readers import coded
from gvckit.readers.adb import category_names
from gvckit.readers.build import unit_in
from gvckit.readers.files import Files
from gvckit.readers.labelled import Pair
from gvckit.readers.words import is_total
from gvckit.table.build import accounts as by_label
from gvckit.table.data import Matrix, Table


def read_accounts(
    path: str | os.PathLike[str], t: Table, sheet: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Read accounts of a table's sectors from a workbook with the same header of regions and codes.

    Parameters
    ----------
    path : path
        A workbook whose header rows have the regions and codes of the table's columns (c1, c2, ..., and F1 ... F5 for
        final demand), in any order, and whose rows are items.
    t : Mrio
        The table that they belong to; regions may be spelled as people call them.
    sheet : str, optional
        By default the one shown sheet with such a header.

    Returns
    -------
    tuple of DataFrame and DataFrame or None
        Items x (region, sector) for ``t.with_extensions({"air": frame})``, and items x (partner, category), what final
        demand itself emits or uses, or None. ``attrs["unit"]`` are the units in the items' labels, such as (kt).

    Raises
    ------
    ReadError
        No such header, a label that is no sector of the table, a cell that is no number.
    LabelError
        A sector of the table that the workbook lacks, or a region that the table doesn't have.
    """
    files = Files.of(path, sheet=sheet)
    leaves = [leaf for leaf in files.leaves if leaf.sheet is not None and coded.has_columns(leaf.head)]
    leaf = files.one(leaves, "sheet with a header of regions and codes (c1, c2, ...)", None)
    cells = leaf.cells()
    region_row, code_row, first_col = coded.header_of(cells)
    pairs = {
        col: (cells.text(region_row, col), cells.text(code_row, col))
        for col in range(first_col, cells.numbers.shape[1])
    }
    pairs = {col: pair for col, pair in pairs.items() if any(pair) and not is_total(pair[0]) and not is_total(pair[1])}
    sectors = {col: pair for col, pair in pairs.items() if coded.CODE.fullmatch(pair[1]) and pair[1] in t.sectors}
    demand = {col: pair for col, pair in pairs.items() if col not in sectors}
    rows = [row for row in range(code_row + 1, cells.numbers.shape[0]) if cells.has_number(row=row, after=first_col)]
    items = []
    for row in rows:
        label = " ".join(text for col, text in cells.by_row.get(row, {}).items() if col < first_col)
        if not label or label in items:
            raise cells.error("this row has no label, or one that comes twice", (row, max(first_col - 1, 0)))
        items.append(label)
    own = _frame(cells.block(rows, list(sectors))[0], items, list(sectors.values()), t)
    frame = by_label({"accounts": own}, t.labels)["accounts"]
    if not demand:
        return frame, None
    names = category_names(code for _, code in demand.values())
    bought = [(region, names[code]) for region, code in demand.values()]
    of_demand = _frame(cells.block(rows, list(demand))[0], items, bought, t)
    return frame, by_label({"accounts": of_demand}, t.labels, demand=True)["accounts"]


def _frame(values: Matrix, items: list[str], pairs: list[Pair], t: Table) -> pd.DataFrame:
    columns = pd.MultiIndex.from_tuples([(t.find(region), code) for region, code in pairs])
    frame = pd.DataFrame(values, index=pd.Index(items, name="item"), columns=columns)
    frame.attrs["unit"] = {item: unit_in(item) for item in items}
    return frame
