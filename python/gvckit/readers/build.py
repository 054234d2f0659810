"""Tables with one label a row and a column, ``AUS_A01`` or a (region, code) pair: the layout of ICIO and FIGARO.

Industries come first, then final demand, then totals; below the industries come rows of value added and totals.
Which is which is found by the labels: industries are what every region has, final demand is what follows.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gvckit.mrio import Mrio
from gvckit.readers.text import Text, fill_gaps
from gvckit.readers.years import year_in_name
from gvckit.table.data import Matrix
from gvckit.table.names import PROCESSING

log = logging.getLogger("gvckit.read")

#: Labels of rows and columns that are totals of the table.
TOTALS = {"TOTAL", "OUT", "OUTPUT", "TOT", "GO", "TOTAL_OUTPUT"}
#: Labels of columns that hold a discrepancy.
DISCREPANCIES = {"DISC", "SD", "DISCREPANCY"}
#: Spellings of regions that differ between editions.
RENAMED = {"ROM": "ROU", "RoW": "ROW", "Row": "ROW", "RDW": "ROW"}

Pair = tuple[str, str]


@dataclass
class Labelled:
    """What a file holds: numbers and the labels of their rows and columns, before it is known what is what."""

    text: Text
    industries: list[Pair]
    rest: list[str]
    labels: list[str]
    z: Matrix
    right: Matrix
    flat: bool = False
    notes: list[str] = field(default_factory=list)


def split(label: str) -> Pair:
    """``ARG_A01_02`` as (ARG, A01_02): a region has no underscore."""
    region, _, code = label.partition("_")
    return region, code


def leading_industries(labels: Sequence[str], text: Text) -> int:
    """How many of the first labels are industries: codes of the first region, repeated by every region."""
    pairs = [split(label) for label in labels]
    if not pairs or not pairs[0][1]:
        raise text.error(f"the first column is {labels[0] if labels else ''!r}, a label such as AUS_A01 was expected")
    first = pairs[0][0]
    codes = []
    for region, code in pairs:
        if region != first:
            break
        codes.append(code)
    known = set(codes)
    seen: set[Pair] = set()
    count = 0
    for pair in pairs:
        if pair[1] not in known or pair in seen:
            break
        seen.add(pair)
        count += 1
    return count


def read_labelled(text: Text) -> Labelled:
    """Read a matrix with labels in its first line and column."""
    separator = text.separator()
    head = text.head(1, separator)
    labels = [label.strip() for label in (head[0] if head else [])[1:]]
    n = leading_industries(labels, text)
    found, (z, right) = text.matrix(separator, 1, 1, [n, len(labels) - n], n + 16)
    return Labelled(text, [split(label) for label in labels[:n]], labels[n:], [row[0] for row in found], z, right)


def table_of(
    found: Labelled,
    *,
    source: str,
    year: int | None,
    unit: str,
    renamed: dict[str, str] | None = None,
    categories: dict[str, str] | None = None,
) -> Mrio:
    """Table from what a labelled file holds; what is dropped or odd is said in the notes."""
    text, notes = found.text, found.notes
    n = len(found.industries)
    _same_order(found)
    regions, codes = grid(found.industries, text)
    _bottom_is_no_industry(found, regions, set(codes))
    demand, y, x, dropped = _final_demand(found, regions, n)
    gaps = fill_gaps(found.z[:n]) + fill_gaps(y)
    if gaps:
        notes.append(f"{gaps} empty cells were taken as 0")
    _once(text, "row", found.labels)
    bottom = {label: found.z[n + k] for k, label in enumerate(found.labels[n:])}
    kept = {label: row for label, row in bottom.items() if label.upper() not in TOTALS and not np.isnan(row).all()}
    dropped = [*dropped, *(label for label in bottom if label not in kept)]
    if dropped:
        notes.append(f"dropped: {', '.join(dropped)}")
    spelled = RENAMED | (renamed or {})
    names = [spelled.get(region, region) for region in regions]
    columns = pd.MultiIndex.from_product([names, codes])
    extensions = {}
    if kept:
        frame = pd.DataFrame(np.nan_to_num(np.array(list(kept.values()))), index=list(kept), columns=columns)
        frame.index.name = "item"
        frame.attrs["unit"] = unit
        extensions["value_added"] = frame
    table = Mrio.from_arrays(
        found.z[:n], y, names, codes, [(categories or {}).get(code, code) for code in demand],
        x=x, year=year, unit=unit, source=source, extensions=extensions, copy=False,
    )  # fmt: skip
    return finished(table, text.name, notes)


def finished(table: Mrio, name: str, notes: Sequence[str]) -> Mrio:
    """Table with its notes: what was recognised, what was dropped, and how far it is from balance."""
    lines = [f"recognised as {table.title}", *notes]
    if table.given.x is not None:
        x, given = table.arrays.x, table.given.x
        relative = np.abs(given - x) / np.maximum(np.maximum(np.abs(x), np.abs(given)), np.finfo(float).tiny)
        worst = int(relative.argmax())
        gap, total = np.abs(given - x).sum(), np.abs(x).sum()
        lines.append(
            f"balance: Z 1 + Y 1 and the file's output differ by {gap / total if total else 0:.2e} of all output, "
            f"at most by {relative[worst]:.2e} ({table.labels.row_name(worst)})"
        )
    else:
        lines.append("balance: the file gives no output to compare with")
    for line in lines:
        log.info("%s: %s", name, line)
    named = year_in_name(name)
    if table.year is not None and named not in (table.year, None):
        lines.append(f"year: the file's name says {named}, what is in it {table.year}, which was taken")
        log.warning("%s: %s", name, lines[-1])
    return table.replaced(notes=tuple(lines))


def grid(pairs: Sequence[Pair], text: Text) -> tuple[list[str], list[str]]:
    """Regions and codes; every region must have the same codes in the same order."""
    regions = list(dict.fromkeys(region for region, _ in pairs))
    codes = list(dict.fromkeys(code for _, code in pairs))
    expected = [(region, code) for region in regions for code in codes]
    for got, want in zip(pairs, expected, strict=False):
        if got != want:
            raise text.error(f"expected the sector {'_'.join(want)}, found {'_'.join(got)}: sectors differ by region")
    if len(pairs) != len(expected):
        raise text.error(f"the sectors end at {'_'.join(pairs[-1])}, expected up to {'_'.join(expected[-1])}")
    return regions, codes


def _same_order(found: Labelled) -> None:
    """The first rows must carry the labels of the first columns."""
    for k, pair in enumerate(found.industries):
        got = found.labels[k] if k < len(found.labels) else "the end of the file"
        if got != "_".join(pair):
            raise found.text.error(
                f"row {k + 1} is {got}, but column {k + 1} is {'_'.join(pair)}: a sector is missing or added, or the "
                "rows and columns are in different orders"
            )


def _bottom_is_no_industry(found: Labelled, regions: list[str], codes: set[str]) -> None:
    for label in found.labels[len(found.industries) :]:
        region, code = split(label)
        if region in regions and code in codes:
            raise found.text.error(f"the row {label} has no column: a sector is missing among the columns")


def _final_demand(found: Labelled, regions: list[str], n: int) -> tuple[list[str], Matrix, Matrix | None, list[str]]:
    """Categories, final demand (n, G F) region-major, the output column, and columns that are dropped.

    Most editions label ``AUS_HFCE``, that of 2016 ``HFCE_AUS`` with one category after the other. A region without
    columns (processing zones share those of their economy) has zeros.
    """
    place: dict[Pair, int] = {}
    x, dropped = None, []
    for k, label in enumerate(found.rest):
        head, tail = split(label)
        pair = (head, tail) if head in regions else (label.rpartition("_")[2], label.rpartition("_")[0])
        if label.upper() in TOTALS:
            x = np.nan_to_num(found.right[:n, k])
            dropped.append(f"column {label}")
        elif label.upper() in DISCREPANCIES:
            dropped.append(f"column {label} (sums to {np.nansum(found.right[:n, k]):.6g})")
        elif pair[0] in regions and pair[1]:
            if pair in place:
                raise found.text.error(f"the column {label} comes twice")
            place[pair] = k
        else:
            raise found.text.error(f"the column {label!r} is neither a sector, final demand of a region, nor a total")
    if not place:
        raise found.text.error("no final demand columns follow the sectors")
    by_region: dict[str, list[str]] = {}
    for region, code in place:
        by_region.setdefault(region, []).append(code)
    # The fullest region has the order of the categories; a flat list may leave some out.
    fullest = max(by_region.values(), key=len)
    categories = list(dict.fromkeys([*fullest, *(code for _, code in place)]))
    have = {region for region, _ in place}
    y = np.zeros((n, len(regions) * len(categories)))
    for r, region in enumerate(regions):
        for c, category in enumerate(categories):
            if (region, category) in place:
                y[:, r * len(categories) + c] = found.right[:n, place[region, category]]
            elif not found.flat and (region in have or PROCESSING.get(region) not in have):
                # A flat list leaves zeros out; parts of China and Mexico have their final demand under the whole.
                raise found.text.error(f"final demand {category} of {region} is missing")
    return categories, y, x, dropped


def of_flat(text: Text, rows: list[Pair], columns: list[Pair], cells: Matrix, final: Sequence[bool] = ()) -> Labelled:
    """A flat list's matrix as a labelled file.

    Codes that are both sold and bought, and regions that do both, make the industries: one that sells or buys nothing
    has no line in a flat list, and is zero.
    """
    _once(text, "row", ["_".join(pair) for pair in rows])
    if any(final):
        return _of_said(text, rows, columns, cells, final)
    _once(text, "column", ["_".join(pair) for pair in columns])
    sellers = set(rows)
    both = [pair for pair in columns if pair in sellers]
    if not both:
        raise text.error("no sector is both a row and a column")
    regions, codes = {region for region, _ in both}, {code for _, code in both}
    industries = _grid_of([pair for pair in [*columns, *rows] if pair[0] in regions and pair[1] in codes])
    chosen = set(industries)
    lower = [pair for pair in rows if pair not in chosen]
    others = [pair for pair in columns if pair not in chosen]
    order = [*industries, *lower]
    z, right = _placed(cells, rows, columns, order, industries), _placed(cells, rows, columns, order, others)
    n = len(industries)
    fill_gaps(z[:n])
    fill_gaps(right[:n])
    labels, rest = (["_".join(filter(None, pair)) for pair in part] for part in (order, others))
    return Labelled(text, industries, rest, labels, z, right, flat=True)


def _of_said(text: Text, rows: list[Pair], columns: list[Pair], cells: Matrix, final: Sequence[bool]) -> Labelled:
    """The same where the list itself says what is final demand: every buyer of inputs is an industry."""
    sides = [[k for k, said in enumerate(final) if bool(said) == wanted] for wanted in (False, True)]
    bought, demand = ([columns[k] for k in side] for side in sides)
    for part in (bought, demand):
        _once(text, "column", ["_".join(pair) for pair in part])
    codes = {code for _, code in bought}
    industries = _grid_of([pair for pair in [*bought, *rows] if pair[1] in codes])
    chosen = set(industries)
    order = [*industries, *(pair for pair in rows if pair not in chosen)]
    z, right = (
        _placed(cells[:, side], rows, part, order, wanted)
        for side, part, wanted in zip(sides, (bought, demand), (industries, demand), strict=True)
    )
    fill_gaps(z[: len(industries)])
    fill_gaps(right[: len(industries)])
    labels, rest = (["_".join(filter(None, pair)) for pair in part] for part in (order, demand))
    return Labelled(text, industries, rest, labels, z, right, flat=True)


def _placed(
    cells: Matrix, rows: list[Pair], columns: list[Pair], to_rows: list[Pair], to_columns: list[Pair]
) -> Matrix:
    """Cells in another order; NaN where a row or column is not there."""
    seat, place = ({pair: k for k, pair in enumerate(side)} for side in (rows, columns))
    order = np.array([seat.get(pair, -1) for pair in to_rows], dtype=np.intp)
    chosen = np.array([place.get(pair, -1) for pair in to_columns], dtype=np.intp)
    out: Matrix = np.ascontiguousarray(cells[np.ix_(order, chosen)])
    out[order < 0] = np.nan
    out[:, chosen < 0] = np.nan
    return out


def _once(text: Text, what: str, labels: Sequence[str]) -> None:
    """Refuse a label that comes twice: one of the two would be lost."""
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        raise text.error(f"the {what} {twice[0]} comes twice")


def _grid_of(pairs: list[Pair]) -> list[Pair]:
    """All regions with all codes, in the order of the list if that is region-major, else by name."""
    regions = list(dict.fromkeys(region for region, _ in pairs))
    codes = list(dict.fromkeys(code for _, code in pairs))
    place = {(r, c): k * len(codes) + j for k, r in enumerate(regions) for j, c in enumerate(codes)}
    seen = [place[pair] for pair in dict.fromkeys(pairs)]
    if seen != sorted(seen):
        regions, codes = sorted(regions), sorted(codes)
    return [(region, code) for region in regions for code in codes]
