"""Summing regions and sectors into groups, and giving them other names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, OptionError, ShapeError
from gvckit.table.data import Matrix, Table
from gvckit.table.find import find_region, find_sector
from gvckit.table.labels import Labels, unique

T = TypeVar("T", bound=Table)
#: Old to new names, new names to lists of old ones, new names in order, or a 0/1 matrix of new by old.
Groups: TypeAlias = "Mapping[str, Any] | Sequence[str] | pd.Series | pd.DataFrame | np.ndarray"


def aggregate(t: T, regions: Groups | None = None, sectors: Groups | None = None) -> T:
    """Sum regions or sectors of a table into groups: `gvckit.Mrio.aggregate`."""
    labels = t.labels
    new_regions, region_group = groups_of("region", labels.regions, regions)
    new_sectors, sector_group = groups_of("sector", labels.sectors, sectors, labels.sector_names)
    count = len(new_sectors)
    rows = (region_group[:, None] * count + sector_group[None, :]).ravel()
    kinds = len(labels.categories)
    demand = (region_group[:, None] * kinds + np.arange(kinds)[None, :]).ravel()
    n_new = len(new_regions) * count

    def vector(values: Matrix | None) -> Matrix | None:
        return None if values is None else np.bincount(rows, weights=values, minlength=n_new).astype(np.float64)

    alone = np.bincount(sector_group) == 1
    called = tuple(labels.sector_names.get(name, "") if alone[k] else "" for k, name in enumerate(new_sectors))
    new = Labels(tuple(new_regions), tuple(new_sectors), labels.categories, called)

    def summed(frame: pd.DataFrame, groups: np.ndarray, columns: pd.MultiIndex) -> pd.DataFrame:
        values = _sum_columns(frame.to_numpy(), groups, len(columns))
        out = pd.DataFrame(values, index=frame.index, columns=columns)
        out.attrs.update(frame.attrs)
        return out

    return t.replaced(
        z=_sum_columns(_sum_rows(t.arrays.z, rows, n_new), rows, n_new),
        y=_sum_columns(_sum_rows(t.given.y, rows, n_new), demand, len(new_regions) * kinds),
        labels=new,
        x=vector(t.given.x),
        va=vector(t.given.va),
        extensions={name: summed(frame, rows, new.rows) for name, frame in t.given.extensions.items()},
        demand_accounts={name: summed(frame, demand, new.demand) for name, frame in t.given.demand_accounts.items()},
    )


def rename(t: T, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None) -> T:
    """Give regions or sectors other names: `gvckit.Mrio.rename`."""
    named = []
    for what, names, mapping in (("region", t.regions, regions), ("sector", t.sectors, sectors)):
        known = _known(what, names, t.labels.sector_names)
        told = {known(old): new for old, new in (mapping or {}).items()}
        named.append(unique(what, [told.get(name, name) for name in names]))
    # A sector that gets another name keeps its long one, unless that was only the label.
    called = tuple("" if name == label else name for label, name in t.labels.sector_names.items())
    labels = Labels(named[0], named[1], t.labels.categories, called)
    renamed = []
    for frames, columns in ((t.given.extensions, labels.rows), (t.given.demand_accounts, labels.demand)):
        renamed.append({name: frame.set_axis(columns, axis=1) for name, frame in frames.items()})
        for name, frame in frames.items():
            renamed[-1][name].attrs.update(frame.attrs)
    return t.replaced(labels=labels, extensions=renamed[0], demand_accounts=renamed[1])


def _known(what: str, names: Sequence[str], called: Mapping[str, str] | None) -> Callable[[str], str]:
    """What finds the label of a name: by what people call it too."""
    return lambda name: find_region(names, name) if what == "region" else find_sector(names, name, called)


def groups_of(
    what: str, names: Sequence[str], given: Groups | None, called: Mapping[str, str] | None = None
) -> tuple[list[str], np.ndarray]:
    """New labels in order of first appearance, and the group of each old one."""
    mapping = _mapping(what, names, given, called)
    for name, group in mapping.items():
        if not isinstance(group, str) or not group.strip():
            raise LabelError(f"the {what} {name!r} goes into {group!r}: the name of a group is wanted")
    targets = [mapping.get(name, name) for name in names]
    order = {label: k for k, label in enumerate(dict.fromkeys(targets))}
    return list(order), np.array([order[target] for target in targets])


def _mapping(what: str, names: Sequence[str], given: Groups | None, called: Mapping[str, str] | None) -> dict[str, Any]:
    """Old labels to groups, from any of the forms."""
    if given is None:
        return {}
    if isinstance(given, pd.DataFrame):
        return _of_matrix(what, names, given)
    if isinstance(given, np.ndarray) and given.ndim == 2:
        new = [f"{what}{k + 1}" for k in range(given.shape[0])]
        if given.shape[1] != len(names):
            raise ShapeError(
                f"the matrix of {what}s has shape {given.shape}: new by old, {len(names)} columns, is wanted"
            )
        return _of_matrix(what, names, pd.DataFrame(given, index=new, columns=list(names)))
    known = _known(what, names, called)
    if isinstance(given, pd.Series):
        if twice := given.index[given.index.duplicated()].tolist():
            raise LabelError(f"the {what} {twice[0]!r} comes twice in the groups")
        given = {str(old): new for old, new in given.items()}
    if isinstance(given, Mapping):
        pairs: list[tuple[str, Any]] = []
        for key, value in given.items():
            several = isinstance(value, list | tuple | set | frozenset)
            pairs += [(known(old), key) for old in value] if several else [(known(key), value)]
        twice = [old for old, _ in pairs if sum(old == other for other, _ in pairs) > 1]
        if twice:
            raise LabelError(f"the {what} {twice[0]!r} goes into two groups")
        return dict(pairs)
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray | pd.Index):
        raise OptionError(
            f"{what}s={given!r:.60}: a mapping of old names to new ones is wanted, or a list of new names"
        )
    if len(given) != len(names):
        raise ShapeError(f"{what}s has {len(given)} names, one for each of the {len(names)} {what}s is wanted")
    return dict(zip(names, given, strict=True))


def _of_matrix(what: str, names: Sequence[str], frame: pd.DataFrame) -> dict[str, Any]:
    """Old labels to groups from a 0/1 frame with old labels on one side and new ones on the other."""
    if set(map(str, frame.columns)) != set(names):
        frame = frame.T
    if set(map(str, frame.columns)) != set(names):
        raise LabelError(f"the matrix of {what}s must have the table's {what}s on one side")
    cells = frame.to_numpy()
    if not np.isin(cells, (0, 1)).all() or not (cells.sum(axis=0) == 1).all():
        raise OptionError(f"the matrix of {what}s must hold 0 and 1, and each old {what} must go into one group")
    return {
        str(old): str(frame.index[int(column.argmax())]) for old, column in zip(frame.columns, cells.T, strict=True)
    }


def _sum_rows(matrix: Matrix, groups: np.ndarray, count: int) -> Matrix:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    return np.add.reduceat(matrix[order], starts, axis=0)


def _sum_columns(matrix: Matrix, groups: np.ndarray, count: int) -> Matrix:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    return np.ascontiguousarray(np.add.reduceat(matrix[:, order], starts, axis=1))
