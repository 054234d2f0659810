"""Tables of WIOD 2016 as R keeps them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import MissingDependencyError
from gvckit.mrio import Mrio
from gvckit.readers.build import table_of
from gvckit.readers.cells import Cells
from gvckit.readers.files import Part
from gvckit.readers.labelled import Labelled, Pair
from gvckit.readers.titles import prices_of

_FIELDS = ("Country", "RNr", "Year")
_COLUMN = re.compile(r"([A-Za-z]{3})[._]?(\d+)")
#: Final demand by how many columns it stands behind the sectors.
_DEMAND = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT")


def read_wiod_frame(part: Part, year: int | None) -> Mrio:
    """The frame of the 2016 release, whatever its object is called: labels of rows and columns are Country and RNr."""
    frame = _of_year(part, _frame(part), year)
    numbered = frame["RNr"].astype(int)
    rows = list(zip(frame["Country"].astype(str), numbered, strict=True))
    sectors = max((number for country, number in rows if country != "TOT"), default=0)
    beside = [str(name) for name in frame.columns if name not in (*_FIELDS, "IndustryCode", "IndustryDescription")]
    columns = [_column(name, sectors) for name in beside]
    if None in columns:
        strange = beside[columns.index(None)]
        raise part.error(f"the column {strange!r} is not named as AUS1: which sector buys can't be told")
    try:
        numbers = np.ascontiguousarray(frame[beside].to_numpy(dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise part.error(f"holds cells that are no numbers: {error}") from error
    codes = frame["IndustryCode"].astype(str) if "IndustryCode" in frame.columns else frame["RNr"].astype(str)
    labels = [
        (country, f"c{number}") if country != "TOT" else ("", code)
        for (country, number), code in zip(rows, codes, strict=True)
    ]
    found = Labelled(
        Cells(part.name, None, numbers, {}), labels, list(range(len(labels))),
        [pair for pair in columns if pair is not None], list(range(len(columns))),
        sector_names={
            f"c{number}": str(name)
            for (country, number), name in zip(rows, frame.get("IndustryDescription", []), strict=False)
            if country != "TOT"
        },
    )  # fmt: skip
    release = {35: "2013", 56: "2016"}.get(sectors, "unknown")
    return table_of(
        found, edition=f"WIOD, {release} release, {prices_of([], part.stem)}", year=int(frame["Year"].iloc[0]),
        unit="million USD", stem=part.stem if part.member is None else "",
        value_added=[code for region, code in labels if not region],
    )  # fmt: skip


def _frame(part: Part) -> pd.DataFrame:
    """The one frame of the file with the fields of a table."""
    frames = {name: value for name, value in _objects(part).items() if isinstance(value, pd.DataFrame)}
    found = [name for name, frame in frames.items() if set(_FIELDS) <= set(frame.columns)]
    if len(found) != 1:
        there = ", ".join(f"{name} ({', '.join(map(str, frame.columns[:5]))} ...)" for name, frame in frames.items())
        raise part.error(f"has {len(found)} frames with the fields {', '.join(_FIELDS)}; there are {there or 'none'}")
    return frames[found[0]]


def _objects(part: Part) -> dict[str, Any]:
    try:
        import rdata
    except ImportError as error:
        raise MissingDependencyError.of("rdata", "reading .RData", "rdata") from error
    single = part.stem.lower().endswith(".rds")
    with tempfile.TemporaryDirectory() as folder:
        path = part.place
        if isinstance(path, bytes) or part.member is not None:
            path = Path(folder) / part.stem
            path.write_bytes(part.data())
        try:
            return {"the object": rdata.read_rds(path)} if single else dict(rdata.read_rda(path))
        except Exception as error:  # the library raises many kinds for a damaged file
            raise part.error(f"is not a complete RData file: {error}") from error


def _of_year(part: Part, frame: pd.DataFrame, year: int | None) -> pd.DataFrame:
    years = sorted({int(value) for value in frame["Year"]})
    if year is None and len(years) > 1:
        raise part.error(f"holds {len(years)} years ({years[0]} to {years[-1]}): say which by year=")
    if year is not None and year not in years:
        raise part.error(f"holds {', '.join(map(str, years))}, not {year}")
    return frame if len(years) == 1 else frame[frame["Year"].astype(int) == year]


def _column(name: str, sectors: int) -> Pair | None:
    """Country and sector, or final demand, of a column such as AUS57."""
    if name.upper() in ("TOT", "GO", "TOTAL"):
        return "TOT", ""
    found = _COLUMN.fullmatch(name)
    if found is None:
        return None
    number = int(found[2])
    if number <= sectors:
        return found[1], f"c{number}"
    return (found[1], _DEMAND[number - sectors - 1]) if number <= sectors + len(_DEMAND) else None
