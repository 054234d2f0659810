"""Labels of regions and sectors: order, checks, and the names that people type."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, LabelError, NonFiniteError, OptionError, ReadError, ShapeError
from gvckit.table.names import economy_of, fold


@dataclass(frozen=True)
class Labels:
    """Names of a table's regions, sectors and final demand categories, in the table's order.

    Rows are region-major: row = region * number of sectors + sector.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    categories: tuple[str, ...]

    def __reduce__(self) -> tuple[object, ...]:
        # Without the indexes that were made: they cost less to make again than to send.
        return (Labels, (self.regions, self.sectors, self.categories))

    @cached_property
    def rows(self) -> pd.MultiIndex:
        """Index of rows: (region, sector)."""
        return pd.MultiIndex.from_product([self.regions, self.sectors], names=["region", "sector"])

    @cached_property
    def columns(self) -> pd.MultiIndex:
        """Index of intermediate columns: (partner, partner_sector)."""
        return self.rows.set_names(["partner", "partner_sector"])

    @cached_property
    def demand(self) -> pd.MultiIndex:
        """Index of final demand columns: (partner, category)."""
        return pd.MultiIndex.from_product([self.regions, self.categories], names=["partner", "category"])

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
        keep[positions("sector", self.sectors, listed("sector", sector))] = True
        return np.tile(keep, len(self.regions))

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


def positions(what: str, known: Sequence[str], wanted: Sequence[object]) -> list[int]:
    """Positions of labels in ``known``; `LabelError` with the nearest names for one that is not there."""
    lookup = {label: position for position, label in enumerate(known)}
    return [lookup[nearest(what, known, name)] for name in wanted]


def nearest(what: str, known: Sequence[str], name: object) -> str:
    """``name`` if it is known; else `LabelError` that suggests near ones."""
    if name in known:
        return str(name)
    raise unknown(what, known, name)


def unknown(what: str, known: Sequence[str], name: object) -> LabelError:
    """Error for a label that is not there, with the nearest ones or the first few."""
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    if what == "region" and not near:
        near = _by_name(known, str(name))
    some = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {some}"
    return LabelError(f"no {what} {name!r}: {hint}")


def _by_name(known: Sequence[str], name: str) -> list[str]:
    """Regions whose English name is near to what was typed: CHN (China)."""
    names = {fold(found.name): (label, found.name) for label in known if (found := economy_of(label)) is not None}
    near = difflib.get_close_matches(fold(name), names, n=3, cutoff=0.7)
    return [f"{names[text][0]} ({names[text][1]})" for text in near]


def find_region(regions: Sequence[str], name: str) -> str:
    """Return the label of the region that ``name`` means.

    Exact labels first, then labels without case, then names and codes (China, CN, CHN), then labels of the same
    economy in another database's spelling (ROM and ROU, RoW and ROW).
    """
    if name in regions:
        return name
    folded = {fold(region): region for region in regions}
    if fold(str(name)) in folded:
        return folded[fold(str(name))]
    economy = economy_of(str(name))
    if economy is not None:
        for region in regions:
            if economy_of(region) == economy:
                return region
    raise unknown("region", regions, name)
