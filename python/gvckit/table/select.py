"""Which rows are meant: regions, sectors, (region, sector) pairs, or a list of these."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np

from gvckit.errors import LabelError, OptionError
from gvckit.table.data import Table
from gvckit.table.find import find_region, unknown

#: A region, a sector, a (region, sector) pair, or a list of these.
Chosen: TypeAlias = "str | tuple[str, str] | Iterable[str | tuple[str, str]] | None"


def rows_chosen(t: Table, what: str, chosen: Chosen) -> np.ndarray:
    """Mask of the rows that are chosen (n,); None is all, a list is a union."""
    keep = np.zeros((len(t.regions), len(t.sectors)), dtype=bool)
    if chosen is None:
        keep[:] = True
        return keep.ravel()
    for one in _each(what, chosen):
        region, sector = _read(t, what, one)
        keep[slice(None) if region is None else region, slice(None) if sector is None else sector] = True
    return keep.ravel()


def regions_chosen(t: Table, what: str, chosen: str | Iterable[str] | None) -> list[int]:
    """Places of the regions that are chosen, in the table's order; None is all."""
    if chosen is None:
        return list(range(len(t.regions)))
    places = {t.regions.index(find_region(t.regions, name)) for name in _each(what, chosen)}
    return sorted(places)


def _each(what: str, chosen: Any) -> list[Any]:
    """What is chosen as a list; a pair of strings in a tuple is one (region, sector)."""
    if isinstance(chosen, str | tuple):
        return [chosen]
    if not isinstance(chosen, Iterable) or not (found := list(chosen)):
        raise OptionError(f"{what}={chosen!r:.60}: a name is wanted, a (region, sector) pair, or a list of these")
    return found


def _read(t: Table, what: str, one: Any) -> tuple[int | None, int | None]:
    """Region and sector of one choice; None is all of them."""
    if isinstance(one, tuple):
        if len(one) != 2 or not all(isinstance(part, str) for part in one):
            raise OptionError(f"{what}={one!r}: a pair is (region, sector); several names are a list, in brackets")
        return _pair(t, what, *one)
    if not isinstance(one, str):
        raise OptionError(f"{what}={one!r:.60}: a name is wanted, or a (region, sector) pair")
    is_sector = one in t.sectors
    try:
        region_label = find_region(t.regions, one)
    except LabelError as error:
        if is_sector:
            return None, t.sectors.index(one)
        return None, t.sectors.index(_sector(t, one, error))
    if is_sector and one not in t.regions:
        # The very label of a sector; a region is only called so too.
        return None, t.sectors.index(one)
    if is_sector:
        raise LabelError(
            f"{what}={one!r} is a region and a sector: give (region, sector) pairs, or rename() one of them"
        )
    return t.regions.index(region_label), None


def _pair(t: Table, what: str, region: str, sector: str) -> tuple[int, int]:
    """Places of a pair; one that is the other way round is told so."""
    try:
        return t.regions.index(t.find(region)), t.sectors.index(t.labels.find_sector(sector))
    except LabelError:
        with suppress(LabelError):
            turned = t.find(sector), t.labels.find_sector(region)
            told = f"{what}={(region, sector)!r} is the other way round: a pair is (region, sector), {turned!r}"
            raise OptionError(told) from None
        raise


def _sector(t: Table, name: str, no_region: LabelError) -> str:
    """A sector by its name; else the error that has a suggestion, of the region or of the sector."""
    try:
        return t.labels.find_sector(name)
    except LabelError as no_sector:
        for error in (no_region, no_sector):
            if any(told in error.message for told in ("did you mean", "group of", "lies in", "several", "meanings")):
                raise error from None
        raise unknown("region or sector", [*t.regions, *t.sectors], name) from None
