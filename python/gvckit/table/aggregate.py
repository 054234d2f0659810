"""Summing regions and sectors into groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.table.build import accounts
from gvckit.table.data import Matrix, Table
from gvckit.table.labels import Labels, nearest

T = TypeVar("T", bound=Table)


def aggregate(t: T, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None) -> T:
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
    count = len(new_sectors)
    rows = (region_group[:, None] * count + sector_group[None, :]).ravel()
    kinds = len(labels.categories)
    demand = (region_group[:, None] * kinds + np.arange(kinds)[None, :]).ravel()
    n_new = len(new_regions) * count

    def vector(values: Matrix | None) -> Matrix | None:
        return None if values is None else np.bincount(rows, weights=values, minlength=n_new).astype(np.float64)

    extensions = {}
    for name, frame in t.extensions.items():
        columns = pd.MultiIndex.from_product([new_regions, new_sectors])
        values = _sum_columns(frame.to_numpy(), rows, n_new)
        extensions[name] = pd.DataFrame(values, index=frame.index, columns=columns)
        extensions[name].attrs.update(frame.attrs)
    new = Labels(tuple(new_regions), tuple(new_sectors), labels.categories)
    return t.replaced(
        z=_sum_columns(_sum_rows(t.arrays.z, rows, n_new), rows, n_new),
        y=_sum_columns(_sum_rows(t.given.y, rows, n_new), demand, len(new_regions) * kinds),
        labels=new,
        x=vector(t.given.x),
        va=vector(t.given.va),
        extensions=accounts(extensions, new),
    )


def _groups(what: str, names: Sequence[str], mapping: Mapping[str, str] | None) -> tuple[list[str], np.ndarray]:
    """New labels in order of first appearance, and the group of each old one."""
    mapping = dict(mapping or {})
    for name, group in mapping.items():
        nearest(what, names, name)
        if not isinstance(group, str) or not group.strip():
            raise LabelError(f"the {what} {name!r} goes into {group!r}: the name of a group is wanted")
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
