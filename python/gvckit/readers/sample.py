"""The embedded table: WIOD 2013 summed to 14 sector groups, 41 regions, 1995-2011."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from gvckit.errors import OptionError
from gvckit.mrio import Mrio
from gvckit.table.data import Given
from gvckit.table.labels import Labels

SOURCE = "WIOD 2013 release (Timmer et al. 2015, CC BY 4.0), summed to 14 sector groups"


def sample_years() -> list[int]:
    """Years of the embedded table."""
    return list(_header()["years"])


def load_sample(year: int = 2011) -> Mrio:
    """Load the embedded real table of one year.

    Parameters
    ----------
    year : int
        One of `sample_years`: 1995 to 2011.

    Returns
    -------
    Mrio
        41 regions x 14 sectors, 5 final demand categories, million USD at current prices.

    Notes
    -----
    World Input-Output Database, 2013 release (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015, Review of
    International Economics 23:575-605), CC BY 4.0, summed by us.
    """
    header = _header()
    if year not in header["years"]:
        raise OptionError.of("year", year, header["years"])
    labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
    rows = len(labels.rows)
    with _open() as archive:
        planes = np.frombuffer(archive.read(f"{year}.planes"), dtype=np.uint8)
    flows = np.ascontiguousarray(planes.reshape(4, -1).T).view("<i4").reshape(rows, -1).astype(np.float64)
    z, y = np.ascontiguousarray(flows[:, :rows]), np.ascontiguousarray(flows[:, rows:])
    meta = {"year": year, "unit": "million USD", "source": SOURCE}
    return Mrio(Given(z, y, labels, None, None, meta, {}))


def _open() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(resources.files(__package__).joinpath("sample.zip").read_bytes()))


@cache
def _header() -> dict[str, Any]:
    with _open() as archive:
        header: dict[str, Any] = json.loads(archive.read("header.json"))
    return header
