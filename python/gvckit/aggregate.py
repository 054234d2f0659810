"""Summing regions and sectors into groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gvckit.labels import Labels, nearest
from gvckit.table import Matrix, Mrio


def aggregate(t: Mrio, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None) -> Mrio:
    """Sum regions or sectors of a table into groups.

    Parameters
    ----------
    t : Mrio
    regions, sectors : mapping of old label to new label, optional
        Labels that the mapping leaves out stay as they are. Groups keep the mapping's names, and stand where
        their first member stood.

    Returns
    -------
    Mrio
        The summed table; output and value added given by the file are summed too.

    Raises
    ------
    LabelError
        The mapping names a region or sector that the table doesn't have.
    """
    labels = t.labels
    new_regions, region_group = _groups("region", labels.regions, regions)
    new_sectors, sector_group = _groups("sector", labels.sectors, sectors)
    n_old, count = len(labels.sectors), len(new_sectors)
    rows = (region_group[:, None] * count + sector_group[None, :]).ravel()
    kinds = len(labels.categories)
    demand = (region_group[:, None] * kinds + np.arange(kinds)[None, :]).ravel()
    n_new = len(new_regions) * count
    assert len(rows) == len(labels.regions) * n_old

    def vector(values: Matrix | None) -> Matrix | None:
        return None if values is None else np.bincount(rows, weights=values, minlength=n_new).astype(np.float64)

    extensions = {}
    targets = [(region, sector) for region in new_regions for sector in new_sectors]
    for name, frame in t.extensions.items():
        values = _sum_columns(frame.to_numpy(), rows, n_new)
        extensions[name] = pd.DataFrame(values, index=frame.index, columns=pd.MultiIndex.from_tuples(targets))
        extensions[name].attrs.update(frame.attrs)
    z = _sum_columns(_sum_rows(t.arrays.z, rows, n_new), rows, n_new)
    y = _sum_columns(_sum_rows(t.arrays_by_category, rows, n_new), demand, len(new_regions) * kinds)
    return Mrio(
        z,
        y,
        Labels(tuple(new_regions), tuple(new_sectors), labels.categories),
        x_given=vector(t.output_given),
        va_given=vector(t.value_added_given),
        meta={"year": t.year, "unit": t.unit, "source": t.source},
        extensions=extensions,
        notes=t.notes,
    )


def _groups(what: str, names: Sequence[str], mapping: Mapping[str, str] | None) -> tuple[list[str], np.ndarray]:
    """New labels in order of first appearance, and the group of each old one."""
    mapping = dict(mapping or {})
    for name in mapping:
        nearest(what, names, name)
    targets = [str(mapping.get(name, name)) for name in names]
    order = {label: k for k, label in enumerate(dict.fromkeys(targets))}
    return list(order), np.array([order[target] for target in targets])


def _sum_rows(matrix: Matrix, groups: np.ndarray, count: int) -> Matrix:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    return np.add.reduceat(matrix[order], starts, axis=0)


def _sum_columns(matrix: Matrix, groups: np.ndarray, count: int) -> Matrix:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    return np.ascontiguousarray(np.add.reduceat(matrix[:, order], starts, axis=1))
