"""To and from other packages' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gvckit.errors import MissingDependencyError, ShapeError
from gvckit.table import Mrio

if TYPE_CHECKING:
    import pymrio
    import xarray


def to_pymrio(t: Mrio) -> pymrio.IOSystem:
    """``pymrio.IOSystem`` with copies of Z and Y, labels (region, sector) and (region, category)."""
    try:
        import pymrio
    except ImportError as error:
        raise MissingDependencyError.of("pymrio", "to_pymrio", "interop") from error
    names = ["region", "sector"]
    z = t.Z.copy().rename_axis(columns=names)
    y = t.Y.copy().rename_axis(columns=["region", "category"])
    unit = pd.DataFrame({"unit": t.unit or ""}, index=z.index)
    return pymrio.IOSystem(Z=z, Y=y, unit=unit, year=t.year, name=t.source or "gvckit")


def from_pymrio(io: pymrio.IOSystem) -> Mrio:
    """Table with the Z and Y of a ``pymrio.IOSystem``; its x is kept for `audit`."""
    z, y = getattr(io, "Z", None), getattr(io, "Y", None)
    if z is None or y is None:
        raise ShapeError("the pymrio system has no Z or no Y: call its calc_all() first")
    x = getattr(io, "x", None)
    units = getattr(io, "unit", None)
    unit = None
    if units is not None and len(set(units.iloc[:, 0])) == 1:
        unit = str(units.iloc[0, 0]) or None
    year = getattr(io.meta, "year", None) if getattr(io, "meta", None) is not None else None
    return Mrio.from_frames(
        z,
        y,
        x=None if x is None else x.iloc[:, 0],
        unit=unit,
        year=int(year) if year else None,
        source=str(getattr(io, "name", None) or "pymrio"),
    )


def to_xarray(t: Mrio) -> xarray.Dataset:
    """``xarray.Dataset`` with Z, Y, x and va over named dimensions, without copying Z."""
    try:
        import xarray
    except ImportError as error:
        raise MissingDependencyError.of("xarray", "to_xarray", "interop") from error
    g, n, f = len(t.regions), len(t.sectors), len(t.categories)
    arrays = t.arrays
    data = {
        "Z": (("region", "sector", "partner", "partner_sector"), arrays.z.reshape(g, n, g, n)),
        "Y": (("region", "sector", "partner", "category"), t.arrays_by_category.reshape(g, n, g, f)),
        "x": (("region", "sector"), arrays.x.reshape(g, n)),
        "va": (("region", "sector"), arrays.va.reshape(g, n)),
    }
    coords = {
        "region": t.regions,
        "sector": t.sectors,
        "partner": t.regions,
        "partner_sector": t.sectors,
        "category": t.categories,
    }
    return xarray.Dataset(data, coords=coords, attrs=t.attrs)
