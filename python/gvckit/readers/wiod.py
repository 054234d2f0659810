"""Reader of the World Input-Output Database, 2013 and 2016 releases and the long run."""

from __future__ import annotations

import os

import numpy as np

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.adb import leaves_of, table_of_coded
from gvckit.readers.build import table_of
from gvckit.readers.files import Files, Part
from gvckit.readers.flat import of_flat
from gvckit.readers.layouts import register
from gvckit.readers.rdata import read_wiod_frame

EDITION = "WIOD, {release} release"


def read_wiod(path: str | os.PathLike[str], sheet: str | None = None, year: int | None = None) -> Mrio:
    """Read a world input-output table of WIOD: 2013 release (xlsx), 2016 release (xlsb, RData), long run (csv).

    Parameters
    ----------
    path : path
        Such as ``WIOT05_ROW_Apr12.xlsx``, ``WIOT2014_Nov16_ROW.xlsb`` or ``WIOT2014_October16_ROW.RData`` (which needs
        rdata: ``pip install 'gvckit[rdata]'``; ``.rds`` too).
        The zip archives that they come in too, and ``lr_wiod_wiot_final_filled.csv`` of the long-run tables.
    sheet : str, optional
        By default the one shown sheet that holds a table.
    year : int, optional
        Which year, where there are several, as in the long-run file.

    Returns
    -------
    Mrio
        Sectors c1 to c35 or c1 to c56 (long run: ISIC rev. 3 codes), final demand HFCE, NPISH, GGFC, GFCF, INVNT,
        million USD. ROM is spelled ROU, RoW ROW. The total column is kept as the output for `Mrio.audit`.

    Raises
    ------
    ReadError
        Not such a file; the message has file, sheet and cell.
    MissingDependencyError
        rdata is not installed.
    """
    files = Files.of(path, sheet=sheet)
    if not recognises(files) and (other := leaves_of(files, "ADB")):
        raise other[0].head.error("says that it is a table of ADB, not of WIOD: use gk.read_adb")
    return _read(files, year)


def recognises(files: Files) -> bool:
    """Whether there are R data, the long-run list, or sheets with codes that say that they are of WIOD."""
    return any(part.kind == "r" for part in files.parts) or bool(_long_runs(files) or leaves_of(files, "WIOD"))


@register("WIOD (xlsx, xlsb, RData, long-run csv)", recognises)
def _read(files: Files, year: int | None) -> Mrio:
    used: Part
    if lists := _long_runs(files):
        used = files.one_part(lists, "long-run WIOD table (csv)", None)
        table = read_long_run(used, year)
    elif frames := [part for part in files.parts if part.kind == "r"]:
        used = frames[0] if len(frames) == 1 else files.one_part(frames, "R data", year)
        table = read_wiod_frame(used, year)
    else:
        found = leaves_of(files, "WIOD") or leaves_of(files, None)
        if not found:
            wanted = f"no header row of sector codes (c1, c2, ...), no fields year, {', '.join(_LONG_RUN_FIELDS)}"
            raise ReadError(f"is no WIOD table: {wanted}", files.name)
        leaf = files.one(found, "WIOD workbook", year)
        used, table = leaf.part, table_of_coded(leaf, EDITION, year)
    return table.replaced(notes=(*table.notes, *files.passed_over([used])))


#: Final demand of the long-run tables.
_LONG_RUN = {"CONS_h": "HFCE", "CONS_g": "GGFC", "GFCF": "GFCF", "INV": "INVNT"}
_LONG_RUN_FIELDS = ("row_country", "row_isic3", "col_country", "col_isic3", "value")


def _long_runs(files: Files) -> list[Part]:
    """Texts with the fields of the long-run tables."""
    texts = [leaf for leaf in files.leaves if leaf.sheet is None]
    wanted = {*_LONG_RUN_FIELDS, "year"}
    return [leaf.part for leaf in texts if wanted <= set(leaf.head.by_row.get(0, {}).values())]


def read_long_run(part: Part, year: int | None) -> Mrio:
    """Long-run WIOD (1965-2000): one flat csv of all years; labels may have an x before them."""
    if year is None:
        raise part.error("holds many years: say which by year=")
    head = part.head(1, part.separator)[0]
    place = [head.index(name) for name in _LONG_RUN_FIELDS]
    only = (head.index("year"), str(year))
    rows, columns, cells = part.flat(part.separator, place[:2], place[2:4], place[4], only)
    if not rows:
        raise part.error(f"has no line of the year {year}")
    pairs = [[(_plain(pair[0]), _plain(pair[1])) for pair in side] for side in (rows, columns)]
    # The column of gross output is kept to compare with; totals of other things have no sums here to be checked by.
    keep = [
        [k for k, pair in enumerate(pairs[0]) if pair[0] != "TOT" or pair[1] in _VALUE_ADDED],
        [k for k, pair in enumerate(pairs[1]) if pair[0] != "TOT" or pair[1] == "GO"],
    ]
    found = of_flat(
        part, [pairs[0][k] for k in keep[0]], [pairs[1][k] for k in keep[1]], cells[np.ix_(keep[0], keep[1])]
    )
    found.notes.append("dropped: totals and margins of TOT")
    return table_of(
        found, edition="WIOD, long run, current prices", year=year, unit="million USD", stem="",
        categories=_LONG_RUN, value_added=_VALUE_ADDED,
    )  # fmt: skip


#: Rows of the long-run tables that are value added.
_VALUE_ADDED = ("VA", "TXSP")


def _plain(label: str) -> str:
    """Label without the x that sorts totals and final demand to the end."""
    return label[1:] if label[:1] == "x" and label[1:2].isupper() else label
