"""Tables with one label a row and a column, ``AUS_A01`` or a (region, code) pair: the layout of ICIO and FIGARO.

Industries come first, then final demand, then totals; below the industries come rows of value added and totals.
Which is which is found by the labels: industries are what every region has, final demand is what follows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gvckit.read.source import Text, fill_gaps
from gvckit.table import Matrix, Mrio

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
    if table.output_given is not None:
        x, given = table.arrays.x, table.output_given
        relative = np.abs(given - x) / np.maximum(np.maximum(np.abs(x), np.abs(given)), np.finfo(float).tiny)
        worst = int(relative.argmax())
        gap, total = np.abs(given - x).sum(), np.abs(x).sum()
        lines.append(
            f"balance: Z 1 + Y 1 and the file's output differ by {gap / total if total else 0:.2e} of all output, "
            f"at most by {relative[worst]:.2e} ({table.labels.row_name(worst)})"
        )
    else:
        lines.append("balance: the file gives no output to compare with")
    object.__setattr__(table, "_notes", tuple(lines))
    for line in lines:
        log.info("%s: %s", name, line)
    return table


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
    categories = list(dict.fromkeys(code for _, code in place))
    have = {region for region, _ in place}
    y = np.zeros((n, len(regions) * len(categories)))
    for r, region in enumerate(regions):
        for c, category in enumerate(categories):
            if (region, category) in place:
                y[:, r * len(categories) + c] = found.right[:n, place[region, category]]
            elif region in have:
                raise found.text.error(f"final demand {category} of {region} is missing")
    return categories, y, x, dropped


def of_flat(text: Text, rows: list[Pair], columns: list[Pair], cells: Matrix, totals: Sequence[str] = ()) -> Labelled:
    """A flat list's matrix as a labelled file: industries are the columns that are rows too."""
    sellers = set(rows)
    industries = [pair for pair in columns if pair in sellers and pair[1] not in totals and pair[0] not in totals]
    if not industries:
        raise text.error("no sector is both a row and a column")
    industries = _in_grid_order(industries)
    seats = {pair: k for k, pair in enumerate(rows)}
    chosen = set(industries)
    order = [seats[pair] for pair in industries] + [k for k, pair in enumerate(rows) if pair not in chosen]
    cols = {pair: k for k, pair in enumerate(columns)}
    others = [k for k, pair in enumerate(columns) if pair not in chosen]
    z = np.ascontiguousarray(cells[np.ix_(order, [cols[pair] for pair in industries])])
    right = np.ascontiguousarray(cells[np.ix_(order, others)])
    # A flat list leaves zeros out: that is no gap.
    n = len(industries)
    fill_gaps(z[:n])
    fill_gaps(right[:n])
    labels = ["_".join(filter(None, rows[k])) for k in order]
    return Labelled(text, industries, ["_".join(filter(None, columns[k])) for k in others], labels, z, right)


def _in_grid_order(pairs: list[Pair]) -> list[Pair]:
    """Region-major, in the list's own order if it is so, else by name; as they stand where the grid has holes."""
    regions = list(dict.fromkeys(region for region, _ in pairs))
    codes = list(dict.fromkeys(code for _, code in pairs))
    wanted = [(region, code) for region in regions for code in codes]
    if wanted == pairs or set(wanted) != set(pairs):
        return pairs
    return [(region, code) for region in sorted(regions) for code in sorted(codes)]
