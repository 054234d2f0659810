"""Reader of the World Input-Output Database, 2013 and 2016 releases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from gvckit.errors import MissingDependencyError, ReadError
from gvckit.mrio import Mrio
from gvckit.readers.adb import table_of
from gvckit.readers.build import RENAMED, finished, of_flat
from gvckit.readers.build import table_of as labelled_table
from gvckit.readers.coded import Cells, parse
from gvckit.readers.text import Readable, Text, one, texts, unpacked, workbooks_in
from gvckit.readers.workbook import expect_database, open_sheet, prices_of

CATEGORIES = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
#: Number of sectors of each release.
RELEASES = {35: "2013", 56: "2016"}


def read_wiod(path: str | os.PathLike[str], sheet: str | None = None, year: int | None = None) -> Mrio:
    """Read a world input-output table of WIOD: 2013 release (xlsx), 2016 release (xlsb, RData), long run (csv).

    Parameters
    ----------
    path : path
        Such as ``WIOT05_ROW_Apr12.xlsx``, ``WIOT2014_Nov16_ROW.xlsb`` or ``WIOT2014_October16_ROW.RData`` (which needs
        rdata: ``pip install 'gvckit[rdata]'``).
        The zip archives that they come in too, and ``lr_wiod_wiot_final_filled.csv`` of the long-run tables.
    sheet : str, optional
        By default the first.
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
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".csv" or (suffix == ".zip" and not workbooks_in(path)):
        return read_long_run(path, year)
    if suffix == ".zip":
        with unpacked(path, year) as inner:
            return read_wiod(inner, sheet)
    if suffix in {".rdata", ".rda"}:
        return _read_rdata(Path(path))
    return table_of_wiod(expect_database(open_sheet(path, sheet), "WIOD", "gk.read_adb"))


def table_of_wiod(cells: Cells) -> Mrio:
    """Table in the WIOD layout from the cells of a sheet."""
    parsed = parse(cells)
    categories = parsed.demand_codes
    if len(categories) == len(CATEGORIES):
        categories = CATEGORIES
    release = RELEASES.get(len(parsed.codes), "unknown")
    prices = prices_of([*parsed.titles, cells.sheet], cells.path)
    return table_of(parsed, cells, list(categories), f"WIOD, {release} release, {prices}")


#: Final demand of the long-run tables.
_LONG_RUN = {"CONS_h": "HFCE", "CONS_g": "GGFC", "GFCF": "GFCF", "INV": "INVNT"}
_LONG_RUN_FIELDS = ("row_country", "row_isic3", "col_country", "col_isic3", "value")


def is_long_run(text: Text) -> bool:
    """Whether a text has the fields of the long-run tables."""
    head = text.head(1, text.separator())
    return bool(head) and {*_LONG_RUN_FIELDS, "year"} <= set(head[0])


def read_long_run(path: Readable, year: int | None) -> Mrio:
    """Long-run WIOD (1965-2000): one flat csv of all years; labels may have an x before them."""
    found = [t for t in texts(path) if t.stem.lower().endswith(".csv")]
    text = one(found, path, "long-run WIOD table (csv)")
    if not is_long_run(text):
        raise text.error(f"is no WIOD table: the fields year, {', '.join(_LONG_RUN_FIELDS)} were expected")
    if year is None:
        raise text.error("holds many years: say which by year=")
    separator = text.separator()
    head = text.head(1, separator)[0]
    place = [head.index(name) for name in _LONG_RUN_FIELDS]
    only = (head.index("year"), str(year))
    rows, columns, cells = text.flat(separator, place[:2], place[2:4], place[4], only)
    if not rows:
        raise text.error(f"has no line of the year {year}")
    pairs = [[(_plain(pair[0]), _plain(pair[1])) for pair in side] for side in (rows, columns)]
    # The column of gross output is kept to compare with.
    pairs[1] = [("OUT", "") if pair == ("TOT", "GO") else pair for pair in pairs[1]]
    keep = [[k for k, pair in enumerate(side) if pair[0] != "TOT"] for side in pairs]
    labelled = of_flat(
        text, [pairs[0][k] for k in keep[0]], [pairs[1][k] for k in keep[1]], cells[np.ix_(keep[0], keep[1])]
    )
    labelled.notes.append("dropped: rows and other columns of TOT")
    return labelled_table(
        labelled, source="WIOD, long run, current prices", year=year, unit="million USD", categories=_LONG_RUN
    )


def _plain(label: str) -> str:
    """Label without the x that sorts totals and final demand to the end."""
    return label[1:] if label[:1] == "x" and label[1:2].isupper() else label


def _read_rdata(path: Path) -> Mrio:
    """The ``wiot`` frame of the 2016 release: five label columns, then Z, final demand and the total."""
    try:
        import rdata
    except ImportError as error:
        raise MissingDependencyError.of("rdata", "reading .RData", "rdata") from error
    if not path.exists():
        raise ReadError("no such file", path)
    try:
        objects: dict[str, Any] = rdata.read_rda(path)
    except Exception as error:  # the library raises many kinds for a damaged file
        raise ReadError(f"is not a complete RData file: {error}", path) from error
    frame = objects.get("wiot")
    if frame is None:
        raise ReadError(f"has no object 'wiot', only {sorted(objects)}", path)
    needed = ["IndustryCode", "IndustryDescription", "Country", "RNr", "Year"]
    if list(frame.columns[:5]) != needed:
        raise ReadError(f"starts with the columns {list(frame.columns[:5])}, expected {needed}", path)
    countries = frame["Country"].astype(str)
    industry = (countries != "TOT").to_numpy()
    regions = list(dict.fromkeys(countries[industry]))
    count = int(industry.sum()) // max(len(regions), 1)
    n = len(regions) * count
    width = n + len(regions) * len(CATEGORIES)
    if int(industry.sum()) != n or frame.shape[1] < 5 + width:
        raise ReadError(
            f"has {int(industry.sum())} rows and {frame.shape[1] - 5} columns of numbers, expected {n} and {width}",
            path,
        )
    numbers = frame.loc[industry].iloc[:, 5 : 5 + width].to_numpy(dtype=np.float64)
    total = frame.loc[industry].iloc[:, 5 + width].to_numpy(dtype=np.float64) if frame.shape[1] > 5 + width else None
    table = Mrio.from_arrays(
        numbers[:, :n],
        numbers[:, n:],
        [RENAMED.get(r, r) for r in regions],
        [f"c{k + 1}" for k in range(count)],
        CATEGORIES,
        x=total,
        year=int(frame["Year"].iloc[0]),
        unit="million USD",
        source=f"WIOD, {RELEASES.get(count, 'unknown')} release, {prices_of([], str(path))}",
    )
    return finished(table, str(path), [])
