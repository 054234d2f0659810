"""Tables as labelled frames: what regions, sectors and categories they are of. `build` puts them in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, MissingDependencyError, ShapeError
from gvckit.table.build import as_text, order_of

_BETWEEN = "_|:./ "


def labels_of(Z: pd.DataFrame, Y: pd.DataFrame, regions: Any, sectors: Any) -> dict[str, Any]:
    """Regions and sectors of a frame of flows, in the order that is asked for or that they have."""
    rows = _pairs("rows of Z", Z.index)
    _pairs("columns of Z", Z.columns)
    _pairs("rows of Y", Y.index)
    _complete(rows)
    found = {
        "regions": order_of("regions", rows.get_level_values(0), regions),
        "sectors": order_of("sectors", rows.get_level_values(1), sectors),
    }
    if Y.columns.nlevels == 1:
        plain = Y.columns.astype(str)
        if not set(plain) & set(found["regions"]):
            raise LabelError(
                f"the columns of Y are no regions ({', '.join(plain[:3])}): final demand must say which region buys; "
                "columns are (region, category) pairs, or plain regions"
            )
    else:
        _pairs("columns of Y", Y.columns)
    return found


def as_pandas(what: str, frame: Any, regions: set[str] | None = None) -> pd.DataFrame:
    """Frame of another library (polars ...), with its labels in columns, as a pandas frame with them as indexes."""
    if isinstance(frame, pd.DataFrame):
        return frame
    try:
        import narwhals as nw
    except ImportError as error:
        raise MissingDependencyError.of("narwhals", "a frame that is not pandas'", "polars") from error
    try:
        known = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise ShapeError(f"{what} is a {type(frame).__name__}, a DataFrame was expected") from error
    for name in ("region", "sector"):
        if name not in known.columns:
            raise LabelError(f"{what} has no column {name!r}: a frame without an index needs region and sector")
    rows = pd.MultiIndex.from_arrays([known["region"].to_list(), known["sector"].to_list()])
    others = [name for name in known.columns if name not in ("region", "sector")]
    values = np.column_stack([known[name].to_numpy() for name in others]) if others else np.empty((len(rows), 0))
    return pd.DataFrame(values, index=rows, columns=_split_names(what, others, rows))


def _split_names(what: str, joined: list[str], rows: pd.MultiIndex) -> pd.Index:
    """Column names as pairs: those of the rows, or (region, category) with the same categories for each region."""
    regions = list(dict.fromkeys(map(str, rows.get_level_values(0))))
    if set(joined) <= set(regions):
        return pd.Index(joined)
    pairs = [(str(region), str(sector)) for region, sector in rows]
    for between in _BETWEEN:
        of = [(f"{region}{between}{sector}", (region, sector)) for region, sector in pairs]
        if len(of) == len(dict(of)) and set(joined) == set(dict(of)):
            return pd.MultiIndex.from_tuples([dict(of)[name] for name in joined])
    found = [split for between in _BETWEEN if (split := _demand_pairs(joined, regions, between)) is not None]
    if len(found) == 1:
        return pd.MultiIndex.from_tuples(found[0])
    raise LabelError(
        f"the columns of {what} are not named region and code with one of _ | : . / or a space between"
        if not found
        else f"the columns of {what} can be split into region and category in two ways: pass a pandas frame with a "
        "(region, category) MultiIndex"
    )


def _demand_pairs(joined: list[str], regions: list[str], between: str) -> list[tuple[str, str]] | None:
    """Pairs of region and category, the same categories for each region; the longest region that fits a name."""
    pairs = []
    for name in joined:
        fitting = [region for region in regions if name.startswith(region + between)]
        if not fitting:
            return None
        region = max(fitting, key=len)
        pairs.append((region, name[len(region) + len(between) :]))
    categories = {region: {c for r, c in pairs if r == region} for region, _ in pairs}
    return pairs if len({frozenset(of) for of in categories.values()}) == 1 else None


def _pairs(what: str, index: pd.Index) -> pd.Index:
    """Index of label pairs as text."""
    if not isinstance(index, pd.MultiIndex) or index.nlevels != 2:
        raise LabelError(
            f"the {what} must be a (region, sector) MultiIndex of two levels, not {index.nlevels}: "
            "frame.set_index([...]) makes it of columns, pd.read_csv(..., index_col=[0, 1], header=[0, 1]) of a file"
        )
    return as_text(index)


def _complete(rows: pd.Index) -> None:
    """`LabelError` where one region's sectors are not those of the others, as of a total left in."""
    if not rows.is_unique:
        raise LabelError(f"rows of Z: the label {rows[rows.duplicated()][0]!r} comes twice")
    of_region: dict[str, set[str]] = {}
    for region, sector in rows:
        of_region.setdefault(region, set()).add(sector)
    sets = [frozenset(found) for found in of_region.values()]
    usual = max(sets, key=sets.count)
    for region, sectors in of_region.items():
        if len(sectors ^ usual) > len(usual) / 2:
            raise LabelError(
                f"rows of Z: {region!r} has the sectors {', '.join(sorted(sectors)[:3])}, which are not those of the "
                "other regions: a row of totals or of value added left in? It goes into va="
            )
