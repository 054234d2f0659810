"""A table from cells whose rows and columns have labels: which are sectors, final demand, totals, value added.

Industries are the labels that rows and columns share, final demand is what else a region buys. Everything is found and
put in order by label; a row or column that stands on one side only is refused by name.
"""

from __future__ import annotations

import difflib
import logging
import re
import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

import numpy as np
import pandas as pd

from gvckit.errors import GvcWarning
from gvckit.mrio import Mrio
from gvckit.readers import totals
from gvckit.readers.flat import by_name_unless_in_order, first_order
from gvckit.readers.labelled import Kinds, Labelled, Pair
from gvckit.readers.words import is_discrepancy, is_total, is_value_added
from gvckit.readers.years import year_in_name
from gvckit.table import build
from gvckit.table.data import Matrix
from gvckit.table.names import PROCESSING

log = logging.getLogger("gvckit.read")

#: Spellings of regions that differ between editions.
RENAMED = {"ROM": "ROU", "RoW": "ROW", "Row": "ROW", "RDW": "ROW"}
#: A balance that is off by more than this share of all output, or a row by more than this share of its own and of all,
#: is no rounding: WIOD 2013, in whole millions, is off by .0009, its worst row by 2e-6 of the world.
_OFF, _ROW_OFF, _ROW_SHARE = 2e-3, 0.05, 1e-5


def table_of(
    found: Labelled,
    *,
    edition: str,
    year: int | None,
    unit: str,
    stem: str,
    renamed: Mapping[str, str] | None = None,
    categories: Mapping[str, str] | None = None,
    value_added: Collection[str] = (),
    total_codes: Collection[str] = (),
    left_out: Collection[str] | None = None,
    accounts_below: bool = False,
) -> Mrio:
    """Table from what a labelled file holds; what is dropped or odd is said in the notes.

    Parameters
    ----------
    found : Labelled
    edition, year, unit : str, int, str
        What travels with the table.
    stem : str
        The file's name, for what it says of the year.
    renamed, categories : mapping
        New names of regions and of final demand categories.
    value_added : collection of str
        Codes of rows that are value added, beside those that are known by their words.
    total_codes : collection of str
        Codes of rows that are totals, beside those that are known by their words.
    left_out : collection of str, optional
        Regions and codes of totals; by default those that are known by their words, and are sums.
    accounts_below : bool
        Whether rows below the last total are accounts of other things than value added, such as emissions.
    """
    cells, notes = found.cells, [*found.cells.notes, *found.notes]
    kinds = sort_out(found, value_added, total_codes, left_out)
    names = _demand_names(found, kinds)
    rows = [found.row_at[kinds.row_of[pair]] if pair in kinds.row_of else -1 for pair in kinds.industries]
    cols = [found.col_at[kinds.col_of[pair]] if pair in kinds.col_of else -1 for pair in kinds.industries]
    y, y_gaps = _demand(found, kinds, names, rows)
    items, kept, of_demand, own = _accounts(found, kinds, names, cols, accounts_below)
    sides = totals.Sides(
        cells.loose([found.row_at[k] for k in kinds.total_rows], cols),
        cells.loose(rows, [found.col_at[k] for k in kinds.total_columns]),
        cells.loose(rows, [found.col_at[k] for k in kinds.discrepancies]),
    )
    z, z_gaps = cells.leading(rows, cols) if min(*rows, *cols) >= 0 else cells.block(rows, cols)
    if not found.flat and z_gaps + y_gaps:
        notes.append(f"{z_gaps + y_gaps} empty cells were taken as 0")
    x, dropped = totals.checked(found, kinds, names, z, y, sides, left_out is not None)
    if dropped:
        notes.append(f"dropped: {', '.join(dropped)}")
    spelled = RENAMED | dict(renamed or {})
    regions = [spelled.get(region, region) for region in kinds.regions]
    called = [(categories or {}).get(code, code) for code in names]
    extensions, demand_accounts = (
        frames_of(items, values, pd.MultiIndex.from_product([regions, codes]), unit, own)
        for values, codes in ((kept, kinds.codes), (of_demand, called))
    )
    table = Mrio.from_arrays(
        z, y, regions, kinds.codes, called, x=x, year=year, unit=unit, source=edition, extensions=extensions,
        sector_names={code: found.sector_names.get(code, "") for code in kinds.codes} if found.sector_names else None,
        copy=False,
    )  # fmt: skip
    return finished(with_demand(table, demand_accounts), cells.path, stem, notes)


def finished(table: Mrio, name: str, stem: str, notes: Sequence[str]) -> Mrio:
    """Table with its notes: what was recognised, what was dropped, and how far it is from balance."""
    lines = [f"recognised as {table.title}", *notes]
    if table.given.x is not None:
        x, given = table.arrays.x, table.given.x
        gaps = np.abs(given - x)
        relative = gaps / np.maximum(np.maximum(np.abs(x), np.abs(given)), np.finfo(float).tiny)
        worst = int(relative.argmax())
        total = np.abs(x).sum()
        off = gaps.sum() / total if total else 0.0
        lines.append(
            f"balance: Z 1 + Y 1 and the file's output differ by {off:.2e} of all output, "
            f"at most by {relative[worst]:.2e} ({table.labels.row_name(worst)})"
        )
        if off > _OFF or ((relative > _ROW_OFF) & (gaps > _ROW_SHARE * total)).any():
            warn(f"{name}: {lines[-1]}: more than rounding, see t.audit()")
    else:
        lines.append("balance: the file gives no output to compare with")
    for line in lines:
        log.info("%s: %s", name, line)
    named = year_in_name(stem)
    if table.year is not None and named not in (table.year, None):
        lines.append(f"year: the file's name says {named}, what is in it {table.year}, which was taken")
        log.warning("%s: %s", name, lines[-1])
    return table.replaced(notes=tuple(lines))


def warn(message: str) -> None:
    """Say what a careful user wants to know of a file."""
    warnings.warn(message, GvcWarning, stacklevel=2)


# ---- which is what --------------------------------------------------------------------------------------------


def sort_out(
    found: Labelled,
    value_added: Collection[str] = (),
    total_codes: Collection[str] = (),
    left_out: Collection[str] | None = None,
) -> Kinds:
    """What each row and column is; `ReadError` for one that is nothing."""
    named_total = is_total if left_out is None else set(left_out).__contains__
    rows, columns = _shared(found, named_total)
    kinds = _industries(found, rows, columns)
    known_codes, known_regions = set(kinds.codes), set(kinds.regions)
    for k, (region, code) in enumerate(found.rows):
        if (region, code) in kinds.row_of:
            continue
        whole = named_total(region) and (not code or code in known_codes or left_out is not None)
        if whole or named_total(code) or code in total_codes:
            kinds.total_rows.append(k)
        else:
            _check_below(found, k, known_regions, known_codes, value_added)
            kinds.below.append(k)
    for k, (region, code) in enumerate(found.columns):
        if (region, code) in kinds.col_of and not _said_final(found, k):
            continue
        if named_total(code) or named_total(region):
            kinds.total_columns.append(k)
        elif is_discrepancy(code) or (is_discrepancy(region) and region not in known_regions):
            kinds.discrepancies.append(k)
        else:
            _check_demand(found, kinds, k)
            if (region, code) in kinds.demand:
                raise found.error(f"the column {found.name((region, code))} comes twice", column=k)
            kinds.demand[region, code] = k
    _once(found, "row", [found.rows[k] for k in kinds.below])
    return kinds


def _said_final(found: Labelled, k: int) -> bool:
    return bool(found.final) and bool(found.final[k])


def _shared(found: Labelled, named_total: object) -> tuple[list[Pair], list[Pair]]:
    """Rows and columns that may be industries: neither is named as a total."""
    assert callable(named_total)

    def plain(pair: Pair) -> bool:
        return not (named_total(pair[0]) or named_total(pair[1]))

    rows = [pair for pair in found.rows if plain(pair)]
    columns = [pair for k, pair in enumerate(found.columns) if plain(pair) and not _said_final(found, k)]
    return rows, columns


def _industries(found: Labelled, rows: list[Pair], columns: list[Pair]) -> Kinds:
    """Regions and codes that sell and buy; in a matrix every region must have the same ones on both sides."""
    if found.flat:
        regions = {r for r, _ in rows} & {r for r, _ in found.columns}
        codes = {c for _, c in rows} & {c for _, c in columns}
        if found.final:
            # The list says what is final demand: all else that is bought or sold is a sector.
            codes |= {c for _, c in columns} | {c for r, c in rows if r in regions and not is_value_added(c)}
    else:
        both = set(rows) & set(columns)
        regions, codes = {r for r, _ in both}, {c for _, c in both}
    if not regions or not codes:
        _nothing_shared(found, rows, columns)
    order = [pair for pair in rows if pair[0] in regions and pair[1] in codes]
    more = [pair for pair in columns if pair[0] in regions and pair[1] in codes]
    _once(found, "row", order)
    _once(found, "column", more)
    names: tuple[Sequence[str], Sequence[str]] = (found.regions, found.codes)
    if not found.regions:
        names = by_name_unless_in_order([*more, *order]) if found.flat else first_order(order)
    kinds = Kinds([r for r in names[0] if r in regions], [c for c in names[1] if c in codes], {}, {})
    wanted = set(kinds.industries)
    places = (enumerate(found.rows), ((k, p) for k, p in enumerate(found.columns) if not _said_final(found, k)))
    kinds.row_of, kinds.col_of = ({pair: k for k, pair in side if pair in wanted} for side in places)
    if not found.flat:
        for what, side, labels in (("row", kinds.row_of, rows), ("column", kinds.col_of, columns)):
            missing = [pair for pair in kinds.industries if pair not in side]
            if missing:
                raise found.error(_missing(found, what, missing[0], labels, kinds))
    return kinds


def _missing(found: Labelled, what: str, pair: Pair, labels: list[Pair], kinds: Kinds) -> str:
    """What to say of a sector that one side lacks."""
    other = "column" if what == "row" else "row"
    strange = [found.name(p) for p in labels if p[0] == pair[0] and p[1] not in kinds.codes]
    near = difflib.get_close_matches(found.name(pair), strange, n=1, cutoff=0.8)
    hint = f"; is it {near[0]!r}, spelled differently?" if near else ""
    there = f"as a {other}" if pair in (kinds.col_of if what == "row" else kinds.row_of) else "of other regions"
    return f"the {what} {found.name(pair)} is missing, a sector that is there {there}{hint}"


def _nothing_shared(found: Labelled, rows: list[Pair], columns: list[Pair]) -> NoReturn:
    if {pair[::-1] for pair in rows} & set(columns):
        raise found.error("rows are labelled region and code, columns code and region: the same order is wanted")
    some = [", ".join(found.name(pair) for pair in side[:3]) or "nothing" for side in (rows, columns)]
    raise found.error(f"no sector is both a row and a column: rows are {some[0]}, columns {some[1]}")


def _check_below(found: Labelled, k: int, regions: set[str], codes: set[str], value_added: Collection[str]) -> None:
    """A row that is no industry may be value added; of a sector it has lost its column."""
    region, code = found.rows[k]
    name = found.name(found.rows[k])
    if code in value_added or region in value_added:
        return
    if code in codes and region not in regions:
        near = difflib.get_close_matches(region, regions, n=1)
        hint = f"; is it {near[0]!r}, spelled differently?" if near else ""
        raise found.error(f"the row {name} is of a region that has no columns{hint}", row=k)
    if region in regions and not is_value_added(code):
        near = difflib.get_close_matches(code, sorted(codes), n=1)
        hint = f"; is it {near[0]!r}, spelled differently?" if near else ""
        told = f"value added? Then say value_added=[{code!r}] in gk.read_table"
        raise found.error(f"the row {name} has no column{hint or '; is it ' + told}", row=k)


def _check_demand(found: Labelled, kinds: Kinds, k: int) -> None:
    """A column that is no industry must be final demand of a region."""
    region, code = found.columns[k]
    name = found.name(found.columns[k])
    if region not in kinds.regions:
        near = difflib.get_close_matches(region, kinds.regions, n=1)
        hint = f"; is it of {near[0]!r}, spelled differently?" if near else ""
        raise found.error(
            f"the column {name!r} is neither a sector, final demand of a region, nor a total{hint}", column=k
        )
    if not code:
        raise found.error(f"the column {name!r} has a region and no code", column=k)
    if found.final and not _said_final(found, k):
        raise found.error(f"the column {name} is said to be no final demand, and no such sector sells", column=k)


def _once(found: Labelled, what: str, pairs: Sequence[Pair]) -> None:
    """Refuse a label that comes twice: one of the two would be lost."""
    twice = [pair for pair, count in Counter(pairs).items() if count > 1]
    if twice:
        raise found.error(f"the {what} {found.name(twice[0])} comes twice")


# ---- final demand, accounts -----------------------------------------------------------------------------------


def _demand_names(found: Labelled, kinds: Kinds) -> list[str]:
    """Categories in order; every region must have them all, but parts of an economy, and what a list leaves out."""
    if not kinds.demand:
        raise found.error("no final demand columns beside the sectors")
    by_region: dict[str, list[str]] = {region: [] for region in kinds.regions}
    for region, code in kinds.demand:
        by_region[region].append(code)
    # The fullest region has the order of the categories; a flat list may leave some out.
    fullest = max(by_region.values(), key=len)
    names = list(dict.fromkeys([*fullest, *(code for _, code in kinds.demand)]))
    if found.codes and found.final:
        names.sort(key=list(found.codes).index)
    shared = {region for region in kinds.regions if not by_region[region]} & {
        part for part, whole in PROCESSING.items() if by_region.get(whole)
    }
    for region in kinds.regions:
        if region in shared:
            continue
        if not by_region[region]:
            raise found.error(f"final demand of {region} is missing")
        for code in names:
            if code not in by_region[region] and not found.flat:
                raise found.error(f"final demand {code} of {region} is missing{_only(kinds, code)}")
    if found.flat and not found.final:
        for code in names:
            owners = [region for region in kinds.regions if code in by_region[region]]
            if 2 * len(owners) <= len(kinds.regions) - len(shared):
                raise found.error(
                    f"{code!r} is bought by {', '.join(owners[:3])} alone, and sold by nobody: a sector spelled "
                    "differently among the buyers? If it is final demand, say so in a field `use`"
                )
    return names


def _only(kinds: Kinds, code: str) -> str:
    owners = [region for region, name in kinds.demand if name == code]
    if 2 * len(owners) > len(kinds.regions):
        return ""
    near = difflib.get_close_matches(code, [*kinds.codes, *{name for _, name in kinds.demand} - {code}], n=1)
    hint = f", spelled differently from {near[0]!r}?" if near else "?"
    return f": {code!r} is a column of {', '.join(owners[:3])} alone{hint}"


def _demand(found: Labelled, kinds: Kinds, names: list[str], rows: list[int]) -> tuple[Matrix, int]:
    """Final demand (n, G F), region-major; a region without columns has zeros."""
    cols = [kinds.demand.get((region, code), -1) for region in kinds.regions for code in names]
    return found.cells.block(rows, [found.col_at[k] if k >= 0 else -1 for k in cols])


def _accounts(
    found: Labelled, kinds: Kinds, names: list[str], cols: list[int], accounts_below: bool
) -> tuple[list[str], Matrix, Matrix, int]:
    """Rows below the industries that hold numbers: names, values of sectors, of final demand, how many value added."""
    places = [kinds.demand.get((region, code), -1) for region in kinds.regions for code in names]
    at = [found.col_at[k] if k >= 0 else -1 for k in places]
    filled = [k for k in kinds.below if found.cells.any_number(found.row_at[k], [c for c in (*cols, *at) if c >= 0])]
    rows = [found.row_at[k] for k in filled]
    values, _ = found.cells.block(rows, cols)
    of_demand, _ = found.cells.block(rows, at)
    items = ["_".join(filter(None, found.rows[k])) for k in filled]
    output = max((found.row_at[k] for k in kinds.total_rows), default=-1)
    own = sum(row < output for row in rows) if accounts_below and output >= 0 else len(rows)
    return items, values, of_demand, own


def frames_of(
    items: list[str], values: Matrix, columns: pd.MultiIndex, unit: str, value_added: int
) -> dict[str, pd.DataFrame]:
    """Accounts as frames: the first rows are value added, what stands below output are accounts of their own."""
    frames = {}
    for name, part in (("value_added", slice(value_added)), ("accounts", slice(value_added, None))):
        if items[part]:
            frame = pd.DataFrame(values[part], index=pd.Index(items[part], name="item"), columns=columns)
            frame.attrs["unit"] = unit if name == "value_added" else {item: unit_in(item) for item in items[part]}
            frames[name] = frame
    return frames


def unit_in(item: str) -> str | None:
    """Unit in a label such as ``CO2 emissions (Gg)``."""
    found = re.findall(r"\(([^()]+)\)", item)
    return found[-1] if found else None


def with_demand(table: Mrio, accounts: Mapping[str, pd.DataFrame]) -> Mrio:
    """Table with what final demand itself uses or emits, where it is anything."""
    found = {name: frame for name, frame in accounts.items() if frame.to_numpy().any()}
    return table.replaced(demand_accounts=build.accounts(found, table.labels, demand=True)) if found else table
