"""To and from other packages' tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, MissingDependencyError, ShapeError
from gvckit.table.data import Table
from gvckit.write import replacing

if TYPE_CHECKING:
    import pymrio
    import xarray


def to_pymrio(t: Table) -> pymrio.IOSystem:
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


def from_pymrio(io: pymrio.IOSystem) -> dict[str, Any]:
    """Arguments of `Mrio.from_frames` from a ``pymrio.IOSystem`` with Z and Y; its x is kept for `audit`."""
    z, y = getattr(io, "Z", None), getattr(io, "Y", None)
    if z is None or y is None:
        raise ShapeError("the pymrio system has no Z or no Y: call its calc_all() first")
    x = getattr(io, "x", None)
    units = getattr(io, "unit", None)
    unit = None
    if units is not None and len(set(units.iloc[:, 0])) == 1:
        unit = str(units.iloc[0, 0]) or None
    year = getattr(io.meta, "year", None) if getattr(io, "meta", None) is not None else None
    return {
        "Z": z,
        "Y": y,
        "x": None if x is None else x.iloc[:, 0],
        "unit": unit,
        "year": int(year) if year else None,
        "source": str(getattr(io, "name", None) or "pymrio"),
        "extensions": _accounts_of(io),
    }


def _accounts_of(io: pymrio.IOSystem) -> dict[str, pd.DataFrame]:
    """Accounts of a pymrio system that have flows (F), items of several levels in one text."""
    found = {}
    for extension in io.get_extensions(data=True):
        flows, unit = getattr(extension, "F", None), getattr(extension, "unit", None)
        if flows is None:
            continue
        items = [", ".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in flows.index]
        frame = pd.DataFrame(
            flows.to_numpy(dtype=np.float64), index=pd.Index(items, name="item"), columns=flows.columns
        )
        if unit is not None:
            frame.attrs["unit"] = dict(zip(items, unit.iloc[:, 0].reindex(flows.index).astype(str), strict=True))
        found[str(extension.name)] = frame
    return found


def to_xarray(t: Table) -> xarray.Dataset:
    """``xarray.Dataset`` with Z, Y, x and va over named dimensions, without copying Z."""
    try:
        import xarray
    except ImportError as error:
        raise MissingDependencyError.of("xarray", "to_xarray", "interop") from error
    g, n, f = len(t.regions), len(t.sectors), len(t.categories)
    arrays = t.arrays
    data = {
        "Z": (("region", "sector", "partner", "partner_sector"), arrays.z.reshape(g, n, g, n)),
        "Y": (("region", "sector", "partner", "category"), t.given.y.reshape(g, n, g, f)),
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


def from_xarray(data: xarray.Dataset) -> dict[str, Any]:
    """Arguments of `Mrio.from_arrays` from a dataset with Z and Y over the dimensions that `to_xarray` gives them."""
    for name, dims in (
        ("Z", ("region", "sector", "partner", "partner_sector")),
        ("Y", ("region", "sector", "partner", "category")),
    ):
        if name not in data or set(data[name].dims) != set(dims):
            found = data[name].dims if name in data else "nothing"
            raise ShapeError(f"{name} must have the dimensions {', '.join(dims)}, found {found}")
    for name in ("region", "sector", "partner", "partner_sector", "category"):
        if name not in data.coords:
            raise ShapeError(f"the dimension {name} has no labels")
    for one, two in (("region", "partner"), ("sector", "partner_sector")):
        if set(data[one].to_numpy().tolist()) != set(data[two].to_numpy().tolist()):
            raise LabelError(f"{one} and {two} have different labels")
    regions, sectors = (data["Z"].coords[name].to_numpy().tolist() for name in ("region", "sector"))
    z = data["Z"].transpose("region", "sector", "partner", "partner_sector").reindex(partner=regions)
    y = (
        data["Y"]
        .transpose("region", "sector", "partner", "category")
        .reindex(region=regions, sector=sectors, partner=regions)
    )
    n = len(regions) * len(sectors)
    cells = z.reindex(partner_sector=sectors).to_numpy().reshape(n, n)
    demand = y.to_numpy().reshape(n, -1)
    va = None
    if "va" in data:
        given = data["va"].transpose("region", "sector").to_numpy().ravel()
        x = cells.sum(axis=1) + demand.sum(axis=1)
        # Only a row of its own is kept: x - 1'Z is computed again.
        va = None if np.allclose(given, x - cells.sum(axis=0), rtol=1e-9, atol=1e-9 * np.abs(x).max()) else given
    return {
        "Z": cells,
        "Y": demand,
        "regions": regions,
        "sectors": sectors,
        "categories": data["Y"].coords["category"].to_numpy().tolist(),
        "va": va,
        **{key: data.attrs.get(key) for key in ("year", "unit", "source")},
    }


def to_long(t: Table, zeros: bool = False) -> pd.DataFrame:
    """One row a cell: `gvckit.Mrio.to_long`."""
    cells = np.hstack([t.arrays.z, t.given.y])
    places = np.indices(cells.shape).reshape(2, -1) if zeros else np.array(np.nonzero(cells))
    rows, columns = places.astype(np.int64)
    buyers = [*t.labels.columns, *t.labels.demand]
    partners = np.array([t.regions.index(buyer[0]) for buyer in buyers])
    kinds = list(dict.fromkeys([*t.sectors, *t.categories]))
    codes = np.array([kinds.index(buyer[1]) for buyer in buyers])
    n = len(t.sectors)
    frame = pd.DataFrame(
        {
            "region": _category(rows // n, t.regions),
            "sector": _category(rows % n, t.sectors),
            "partner": _category(partners[columns], t.regions),
            "partner_sector": _category(codes[columns], kinds),
            "use": _category((columns >= len(t.arrays.x)).astype(np.int64), ["input", "final"]),
            "value": cells[rows, columns],
        }
    )
    frame.attrs.update(t.attrs)
    return frame


def _category(codes: Any, names: list[str]) -> Any:
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))


def to_arrow(t: Table) -> Any:
    """``pyarrow.Table`` of `to_long`, with unit, year and source in its metadata."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "to_arrow", "parquet") from error
    return pa.Table.from_pandas(to_long(t), preserve_index=False)


def to_parquet(t: Table, path: str | os.PathLike[str]) -> None:
    """Write `to_long` as parquet; the file appears when it is complete."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "to_parquet", "parquet") from error
    with replacing(path) as temporary:
        pq.write_table(to_arrow(t), temporary)
