"""Labels of regions and sectors: order, checks, and the names that people type."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, LabelError, NonFiniteError, OptionError, ReadError, ShapeError
from gvckit.table.find import find_sector
from gvckit.table.industries import names_of


@dataclass(frozen=True)
class Labels:
    """Names of a table's regions, sectors and final demand categories, in the table's order.

    Rows are region-major: row = region * number of sectors + sector. ``called`` are long names of sectors where a file
    gave some, in their order.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    called: tuple[str, ...] = field(default=(), compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        # Without the indexes that were made: they cost less to make again than to send.
        return (Labels, (self.regions, self.sectors, self.categories, self.called))

    @cached_property
    def sector_names(self) -> dict[str, str]:
        """Long names of sectors: as the file has them, else by their codes, else the label itself."""
        known = names_of(self.sectors)
        given = self.called or ("",) * len(self.sectors)
        return {label: name or known[label] for label, name in zip(self.sectors, given, strict=True)}

    @cached_property
    def rows(self) -> pd.MultiIndex:
        """Index of rows: (region, sector)."""
        return product_index(self.regions, self.sectors, ["region", "sector"])

    @cached_property
    def columns(self) -> pd.MultiIndex:
        """Index of intermediate columns: (partner, partner_sector)."""
        return self.rows.set_names(["partner", "partner_sector"])

    @cached_property
    def demand(self) -> pd.MultiIndex:
        """Index of final demand columns: (partner, category)."""
        return product_index(self.regions, self.categories, ["partner", "category"])

    @cached_property
    def own(self) -> tuple[np.ndarray, np.ndarray]:
        """Cells of a rows x regions matrix whose region is the row's own, as an index."""
        count = len(self.sectors)
        rows = np.arange(len(self.regions) * count)
        return rows, rows // count

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values of rows as a rows x regions matrix, zero outside the row's own region."""
        out = np.zeros((len(values), len(self.regions)))
        out[self.own] = values
        return out

    def by_region(self, values: np.ndarray) -> np.ndarray:
        """Sum rows of an array over the sectors of each region."""
        sums: np.ndarray = values.reshape(len(self.regions), len(self.sectors), *values.shape[1:]).sum(axis=1)
        return sums

    def rows_of(self, sector: str | Sequence[str]) -> np.ndarray:
        """Which rows are of these sectors; `LabelError` for one that is not there."""
        keep = np.zeros(len(self.sectors), dtype=bool)
        for name in listed("sector", sector):
            keep[self.sectors.index(self.find_sector(name))] = True
        return np.tile(keep, len(self.regions))

    def find_sector(self, name: object, words: bool = False) -> str:
        """Label of the sector that people call so; with ``words``, by a part of its name too."""
        return find_sector(self.sectors, name, self.sector_names, words)

    @cached_property
    def region(self) -> pd.Index[str]:
        """Index of regions."""
        return pd.Index(self.regions, name="region")

    @cached_property
    def partner(self) -> pd.Index[str]:
        """Index of regions as partners."""
        return pd.Index(self.regions, name="partner")

    @cached_property
    def world(self) -> pd.Index[str]:
        """Index of the one row of all regions."""
        return pd.Index(["world"], name="region")

    def row_name(self, row: int) -> str:
        """Name of a row: ``CHN, c14``."""
        return f"{self.regions[row // len(self.sectors)]}, {self.sectors[row % len(self.sectors)]}"

    def demand_name(self, col: int) -> str:
        """Name of a final demand column: ``CHN, INVNT``."""
        return f"{self.regions[col // len(self.categories)]}, {self.categories[col % len(self.categories)]}"

    @contextmanager
    def naming_cells(self) -> Iterator[None]:
        """Add labels to an error about a cell of Z or of Y, whose columns are final demand."""
        try:
            yield
        except NonFiniteError as error:
            with self.naming(demand=error.message.startswith("Y")):
                raise error

    @contextmanager
    def naming(self, demand: bool = False) -> Iterator[None]:
        """Add the labels of its row and column to an error from the core."""
        try:
            yield
        except ReadError:
            raise
        except GvcError as error:
            parts = []
            if error.row is not None:
                parts.append(f"row {self.row_name(error.row)}")
            if error.col is not None:
                name = self.demand_name(error.col) if demand else self.row_name(error.col)
                parts.append(f"column {name}")
            if not parts:
                raise
            raise type(error)(f"{error} ({', '.join(parts)})", error.row, error.col) from error


@lru_cache(maxsize=256)
def _named(names: tuple[str, ...], over: str | None) -> pd.Index[str]:
    return pd.Index(names, name=over)


def named(names: Iterable[str], over: str | None = None) -> pd.Index[str]:
    """Index of the terms of a measure, made once: a frame takes a view of it."""
    return _named(tuple(names), over)


def product_index(first: Sequence[str], second: Sequence[str], names: list[str]) -> pd.MultiIndex:
    """`MultiIndex.from_product` of labels that differ, without looking for those that are alike.

    Made once for all tables with these labels, as those of several years: a frame takes a view of it.
    """
    return _product_index(tuple(first), tuple(second), tuple(names))


@lru_cache(maxsize=64)
def _product_index(first: tuple[str, ...], second: tuple[str, ...], names: tuple[str, ...]) -> pd.MultiIndex:
    if len(set(first)) < len(first) or len(set(second)) < len(second):
        return pd.MultiIndex.from_product([first, second], names=names)
    levels = [sorted(labels) for labels in (first, second)]
    place = [{label: k for k, label in enumerate(level)} for level in levels]
    codes = [np.array([place[k][label] for label in labels]) for k, labels in enumerate((first, second))]
    spread: list[Any] = [np.repeat(codes[0], len(second)), np.tile(codes[1], len(first))]
    return pd.MultiIndex(levels=levels, codes=spread, names=names, verify_integrity=False)


def crossed(first: pd.Index, second: pd.Index) -> pd.MultiIndex:
    """Each entry of one index with each of another, whose entries run fastest; levels and names of both."""
    spread: list[Any] = [first.get_level_values(k).repeat(len(second)) for k in range(first.nlevels)]
    tiled: list[Any] = [np.tile(second.get_level_values(k), len(first)) for k in range(second.nlevels)]
    return pd.MultiIndex.from_arrays([*spread, *tiled], names=[*first.names, *second.names])


def unique(what: str, names: Sequence[Hashable]) -> tuple[str, ...]:
    """Names as strings; `LabelError` for one that is empty or comes twice."""
    labels = tuple(str(name).strip() for name in names)
    seen: set[str] = set()
    for position, label in enumerate(labels):
        if not label or names[position] is None or label in ("nan", "NaT", "<NA>"):
            raise LabelError(f"{what} {position} has no name")
        if label in seen:
            raise LabelError(f"{what} {label!r} comes twice: labels must differ")
        seen.add(label)
    if not labels:
        raise ShapeError(f"a table needs at least one {what}")
    return labels


def listed(what: str, names: str | Iterable[str]) -> list[str]:
    """One name or several as a list; `OptionError` for anything else, or nothing at all."""
    found = [names] if isinstance(names, str) else None
    if found is None and isinstance(names, Iterable):
        found = [str(name) if isinstance(name, str) else name for name in names]
    if not found or not all(isinstance(name, str) for name in found):
        raise OptionError(f"{what}={names!r:.60}: the name of a {what} is wanted, or a list of names")
    return found
