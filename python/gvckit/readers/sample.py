"""The embedded tables: WIOD 2013 summed to 14 sector groups, 1995-2011, and OECD ICIO 2023 in 11 groups, 2020."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.mrio import Mrio
from gvckit.options import Sample, check
from gvckit.table.data import Given
from gvckit.table.labels import Labels

SOURCE = "WIOD 2013 release (Timmer et al. 2015, CC BY 4.0), summed to 14 sector groups"
SOURCE_ICIO = "OECD (2023), Inter-Country Input-Output Tables, edition 2023, summed to 11 sector groups (an adaptation)"
#: The year of the file ``icio2020.npz``, and what it holds beside the flows.
_ICIO_YEAR, _ACCOUNTS = 2020, ("value_added", "net_taxes")


def sample_years(database: Sample = "wiod") -> list[int]:
    """Years of an embedded database."""
    check("database", database, Sample)
    return [_ICIO_YEAR] if database == "icio" else list(_header()["years"])


def load_sample(year: int | None = None, database: Sample = "wiod") -> Mrio:
    """Load an embedded real table of one year.

    Parameters
    ----------
    year : int, optional
        One of `sample_years`: 1995 to 2011 of WIOD, 2020 of ICIO. By default the last one.
    database : {"wiod", "icio"}

    Returns
    -------
    Mrio
        Million USD at current prices. WIOD: 41 regions x 14 sectors, 5 final demand categories. ICIO: 77 regions x 11
        sectors, 3 categories, with the extensions ``value_added`` (near to GDP; the table's own ``va`` is x - 1'Z and
        holds taxes less subsidies on inputs) and ``net_taxes``. Two databases disagree on the same year: a series is
        made of one of them.

    Raises
    ------
    OptionError
        A year or a database that is not embedded.

    Notes
    -----
    World Input-Output Database, 2013 release (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015, Review of
    International Economics 23:575-605), CC BY 4.0, summed by us. OECD (2023), Inter-Country Input-Output Tables,
    summed to 11 groups: an adaptation of an original work by the OECD, whose views it need not reflect.
    """
    years = sample_years(database)
    year = years[-1] if year is None else year
    if year not in years:
        raise OptionError.of("year", year, years)
    year = int(year)
    return _icio(year) if database == "icio" else _wiod(year)


def _wiod(year: int) -> Mrio:
    header = _header()
    labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
    rows = len(labels.rows)
    with _open() as archive:
        planes = np.frombuffer(archive.read(f"{year}.planes"), dtype=np.uint8)
    flows = np.ascontiguousarray(planes.reshape(4, -1).T).view("<i4").reshape(rows, -1).astype(np.float64)
    z, y = np.ascontiguousarray(flows[:, :rows]), np.ascontiguousarray(flows[:, rows:])
    return _made(z, y, labels, year, SOURCE)


def _icio(year: int) -> Mrio:
    with np.load(io.BytesIO(_bytes("icio2020.npz"))) as data:
        labels = Labels(*(tuple(data[key].tolist()) for key in ("regions", "sectors", "final_demand")))
        z, y, *accounts = (data[key].astype(np.float64) for key in ("Z", "Y", *_ACCOUNTS))
    extensions = {}
    for name, values in zip(_ACCOUNTS, accounts, strict=True):
        extensions[name] = pd.DataFrame([values], index=[name], columns=labels.rows)
        extensions[name].attrs["unit"] = "million USD"
    return _made(z, y, labels, year, SOURCE_ICIO, extensions)


def _made(
    z: Any, y: Any, labels: Labels, year: int, source: str, extensions: dict[str, pd.DataFrame] | None = None
) -> Mrio:
    meta = {"year": year, "unit": "million USD", "source": source}
    return Mrio(Given(z, y, labels, None, None, meta, extensions or {}))


def _bytes(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


def _open() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(_bytes("sample.zip")))


@cache
def _header() -> dict[str, Any]:
    with _open() as archive:
        header: dict[str, Any] = json.loads(archive.read("header.json"))
    return header
