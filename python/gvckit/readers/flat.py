"""Flat lists, one line a cell, as labelled cells: an absent cell is zero, and the order is found from the lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from gvckit.errors import ReadError
from gvckit.readers.cells import Cells
from gvckit.readers.labelled import Labelled, Pair
from gvckit.table.data import Matrix


class Named(Protocol):
    """What a flat list is read from."""

    name: str

    def error(self, message: str) -> ReadError:
        """Error with the file's name."""


def of_flat(
    part: Named,
    rows: list[Pair],
    columns: list[Pair],
    cells: Matrix,
    final: Sequence[bool] = (),
    order: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Labelled:
    """A flat list's matrix as labelled cells.

    Parameters
    ----------
    part : Part
        For messages.
    rows, columns : list of (region, code)
        As they first come in the list.
    cells : float64
        NaN where the list has none.
    final : sequence of bool
        Which columns the list says to be final demand, if it says so.
    order : regions and codes, optional
        Their order, where the lines tell it.
    """
    numbers = np.ascontiguousarray(np.nan_to_num(cells, nan=0.0))
    at = [list(range(len(side))) for side in (rows, columns)]
    regions, codes = order or ((), ())
    return Labelled(
        Cells(part.name, None, numbers, {}), rows, at[0], columns, at[1], flat=True, final=final,
        regions=regions, codes=codes,
    )  # fmt: skip


def first_order(pairs: list[Pair]) -> tuple[list[str], list[str]]:
    """Regions and codes as they first come."""
    return list(dict.fromkeys(region for region, _ in pairs)), list(dict.fromkeys(code for _, code in pairs))


def by_name_unless_in_order(pairs: list[Pair]) -> tuple[list[str], list[str]]:
    """Regions and codes as they first come, if the labels go region by region; else by name."""
    regions, codes = first_order(pairs)
    seat_of, place_of = {r: k for k, r in enumerate(regions)}, {c: k for k, c in enumerate(codes)}
    seen = [(seat_of[region], place_of[code]) for region, code in dict.fromkeys(pairs)]
    return (regions, codes) if seen == sorted(seen) else (sorted(regions), sorted(codes))


def merged(neighbours: Iterable[Pair], names: Sequence[str]) -> list[str] | None:
    """The one order in which each pair of neighbours stands, ties as in ``names``; None where they contradict."""
    after: dict[str, set[str]] = {name: set() for name in names}
    before: dict[str, int] = dict.fromkeys(names, 0)
    for one, two in neighbours:
        if two not in after[one]:
            after[one].add(two)
            before[two] += 1
    out: list[str] = []
    waiting = list(names)
    while waiting:
        free = next((name for name in waiting if not before[name]), None)
        if free is None:
            return None
        waiting.remove(free)
        out.append(free)
        for name in after[free]:
            before[name] -= 1
    return out
