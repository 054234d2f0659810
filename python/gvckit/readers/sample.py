"""The embedded tables: one line a database."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from gvckit.errors import OptionError
from gvckit.mrio import Mrio
from gvckit.table.data import Given
from gvckit.table.labels import Labels


@dataclass(frozen=True)
class Sample:
    """An embedded table of some years: a zip of ``header.json`` and a member of byte planes a year.

    Attributes
    ----------
    file : str
    source : str
        What travels with the tables.
    default : int
        Year that is loaded where none is said.
    """

    file: str
    source: str
    default: int


#: The databases of which tables are embedded.
SAMPLES: dict[str, Sample] = {
    "wiod": Sample("sample.zip", "WIOD 2013 release (Timmer et al. 2015, CC BY 4.0), summed to 14 sector groups", 2011),
}


def sample_years(database: str = "wiod") -> list[int]:
    """Years of an embedded table; the databases are those of `load_sample`."""
    return list(_header(_sample(database).file)["years"])


def load_sample(year: int | None = None, database: str = "wiod") -> Mrio:
    """Load an embedded real table of one year.

    Parameters
    ----------
    year : int, optional
        One of `sample_years`; for WIOD 1995 to 2011, by default 2011.
    database : {"wiod"}
        Which table.

    Returns
    -------
    Mrio
        WIOD: 41 regions x 14 sectors, 5 final demand categories, million USD at current prices.

    Raises
    ------
    OptionError
        A database or year that is not embedded; the message lists those that are.

    Notes
    -----
    World Input-Output Database, 2013 release (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015, Review of
    International Economics 23:575-605), CC BY 4.0, summed by us.
    """
    sample = _sample(database)
    year = sample.default if year is None else year
    header = _header(sample.file)
    if year not in header["years"]:
        raise OptionError.of("year", year, header["years"])
    labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
    rows = len(labels.rows)
    with _open(sample.file) as archive:
        planes = np.frombuffer(archive.read(f"{year}.planes"), dtype=np.uint8)
    flows = np.ascontiguousarray(planes.reshape(4, -1).T).view("<i4").reshape(rows, -1).astype(np.float64)
    z, y = np.ascontiguousarray(flows[:, :rows]), np.ascontiguousarray(flows[:, rows:])
    meta = {"year": year, "unit": "million USD", "source": sample.source}
    return Mrio(Given(z, y, labels, None, None, meta, {}))


def _sample(database: str) -> Sample:
    if database not in SAMPLES:
        raise OptionError.of("database", database, SAMPLES)
    return SAMPLES[database]


def _open(file: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(resources.files(__package__).joinpath(file).read_bytes()))


@cache
def _header(file: str) -> dict[str, Any]:
    with _open(file) as archive:
        header: dict[str, Any] = json.loads(archive.read("header.json"))
    return header
