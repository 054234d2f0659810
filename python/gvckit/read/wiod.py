"""Reader of the World Input-Output Database, 2013 and 2016 releases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from gvckit.errors import MissingDependencyError, ReadError
from gvckit.read.adb import RENAMED, table_of
from gvckit.read.coded import Cells, parse
from gvckit.read.workbook import open_sheet, prices_of
from gvckit.table import Mrio

CATEGORIES = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
#: Number of sectors of each release.
RELEASES = {35: "2013", 56: "2016"}


def read_wiod(path: str | os.PathLike[str], sheet: str | None = None) -> Mrio:
    """Read a world input-output table of WIOD: 2013 release (xlsx) or 2016 release (xlsb or RData).

    Parameters
    ----------
    path : path
        Such as ``WIOT05_ROW_Apr12.xlsx``, ``WIOT2014_Nov16_ROW.xlsb`` or ``WIOT2014_October16_ROW.RData`` (which needs
        rdata: ``pip install 'gvckit[rdata]'``).
    sheet : str, optional
        By default the first.

    Returns
    -------
    Mrio
        Sectors c1 to c35 or c1 to c56, final demand HFCE, NPISH, GGFC, GFCF, INVNT, million USD. ROM is spelled ROU,
        RoW ROW. The total column is kept as the output for `Mrio.audit`.

    Raises
    ------
    ReadError
        Not such a file; the message has file, sheet and cell.
    """
    if Path(path).suffix.lower() in {".rdata", ".rda"}:
        return _read_rdata(Path(path))
    return table_of_wiod(open_sheet(path, sheet))


def table_of_wiod(cells: Cells) -> Mrio:
    """Table in the WIOD layout from the cells of a sheet."""
    parsed = parse(cells)
    categories = parsed.demand_codes
    if len(categories) == len(CATEGORIES):
        categories = CATEGORIES
    release = RELEASES.get(len(parsed.codes), "unknown")
    prices = prices_of([*parsed.titles, cells.sheet], cells.path)
    return table_of(parsed, cells, list(categories), f"WIOD, {release} release, {prices}")


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
    return Mrio.from_arrays(
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
