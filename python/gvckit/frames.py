"""From labelled frames in any order to arrays in the table's order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, MissingDependencyError, NonFiniteError, ShapeError
from gvckit.table import text_hint


def arrays_of(
    Z: pd.DataFrame,
    Y: pd.DataFrame,
    vectors: dict[str, pd.Series | None],
    regions: Sequence[str] | None,
    sectors: Sequence[str] | None,
) -> dict[str, Any]:
    """Arrays and labels for `Mrio.from_arrays` from frames in any label order."""
    rows = _pairs("rows of Z", Z.index)
    regions = _order("regions", rows.get_level_values(0), regions)
    sectors = _order("sectors", rows.get_level_values(1), sectors)
    wanted = pd.MultiIndex.from_product([regions, sectors])
    _complete(rows)
    z = _arrange("Z", Z, rows, _pairs("columns of Z", Z.columns), wanted, wanted)

    columns, categories = _demand(Y, regions)
    demand = pd.MultiIndex.from_product([regions, categories])
    y = _arrange("Y", Y, _pairs("rows of Y", Y.index), columns, wanted, demand)
    parts: dict[str, Any] = {"Z": z, "Y": y, "regions": regions, "sectors": sectors, "categories": categories}
    for name, series in vectors.items():
        if series is not None:
            index = _pairs(f"index of {name}", series.index)
            place = _places(name, index, wanted)
            parts[name] = _numbers(name, series.to_numpy())[place]
    return parts


def as_pandas(what: str, frame: Any) -> pd.DataFrame:
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
    return pd.DataFrame(values, index=rows, columns=_split_names(what, others, set(rows.get_level_values(0))))


def _split_names(what: str, names: list[str], regions: set[Any]) -> pd.Index:
    """Column names as (region, code) pairs, by the separator that gives known regions; plain regions stay."""
    if set(names) <= {str(region) for region in regions}:
        return pd.Index(names)
    for between in "_|:./ ":
        pairs = [tuple(name.split(between, 1)) for name in names]
        if all(len(pair) == 2 and pair[0] in regions for pair in pairs):
            return pd.MultiIndex.from_tuples(pairs)
    raise LabelError(f"the columns of {what} are not named region and code with one of _ | : . / or a space between")


def _pairs(what: str, index: pd.Index) -> pd.MultiIndex:
    """Index of label pairs as text."""
    if not isinstance(index, pd.MultiIndex) or index.nlevels != 2:
        raise LabelError(
            f"the {what} must be a (region, sector) MultiIndex of two levels, not {index.nlevels}: "
            "frame.set_index([...]) makes it of columns, pd.read_csv(..., index_col=[0, 1], header=[0, 1]) of a file"
        )
    return pd.MultiIndex.from_arrays([index.get_level_values(k).astype(str) for k in (0, 1)])


def _order(what: str, found: pd.Index, wanted: Sequence[str] | None) -> list[str]:
    names = list(dict.fromkeys(found))
    if wanted is None:
        return names
    wanted = [str(name) for name in wanted]
    if set(wanted) != set(names):
        missing, extra = sorted(set(names) - set(wanted)), sorted(set(wanted) - set(names))
        raise LabelError(f"{what}= lacks {missing} and has {extra}, which Z doesn't have")
    return wanted


def _demand(Y: pd.DataFrame, regions: Sequence[str]) -> tuple[pd.MultiIndex, list[str]]:
    """Columns of Y as (region, category) pairs, and the categories in their order."""
    if Y.columns.nlevels == 1:
        plain = Y.columns.astype(str)
        if not set(plain) & set(regions):
            raise LabelError(
                f"the columns of Y are no regions ({', '.join(plain[:3])}): final demand must say which region buys; "
                "columns are (region, category) pairs, or plain regions"
            )
        return pd.MultiIndex.from_product([plain, ["final"]]), ["final"]
    columns = _pairs("columns of Y", Y.columns)
    return columns, list(dict.fromkeys(columns.get_level_values(1)))


def _complete(rows: pd.MultiIndex) -> None:
    """`LabelError` where one region's sectors are not those of the others, as of a total left in."""
    if not rows.is_unique:
        return
    of_region = (
        rows.to_frame(index=False, name=["region", "sector"]).groupby("region", sort=False)["sector"].agg(frozenset)
    )
    usual = of_region.value_counts().index[0]
    for region, sectors in of_region.items():
        if len(sectors ^ usual) > len(usual) / 2:
            raise LabelError(
                f"rows of Z: {region!r} has the sectors {', '.join(sorted(sectors)[:3])}, which are not those of the "
                "other regions: a row of totals or of value added left in? It goes into va="
            )


def _arrange(
    what: str,
    frame: pd.DataFrame,
    rows: pd.MultiIndex,
    columns: pd.MultiIndex,
    wanted_rows: pd.MultiIndex,
    wanted_columns: pd.MultiIndex,
) -> np.ndarray:
    values = _numbers(what, frame.to_numpy())
    empty = np.isnan(values)
    if empty.any():
        i, j = np.argwhere(empty)[0]
        raise NonFiniteError(
            f"{what} holds NaN in {int(empty.sum())} cells, the first at row {', '.join(rows[i])}, column "
            f"{', '.join(columns[j])}: if that means no flow, fill them: {what}.fillna(0)"
        )
    row = _places(f"rows of {what}", rows, wanted_rows)
    col = _places(f"columns of {what}", columns, wanted_columns)
    if _in_order(row) and _in_order(col):
        return np.array(values, dtype=np.float64, order="C")
    return np.ascontiguousarray(values[row[:, None], col[None, :]], dtype=np.float64)


def _numbers(what: str, values: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"{what} holds cells that are not numbers: {error}{text_hint(values)}") from error


def _in_order(places: np.ndarray) -> bool:
    return bool((places == np.arange(len(places))).all())


def _places(what: str, have: pd.MultiIndex, want: pd.MultiIndex) -> np.ndarray:
    """Where each wanted label stands; every label must be there once, and no other."""
    if not have.is_unique:
        twice = have[have.duplicated()][0]
        raise LabelError(f"{what}: the label {tuple(twice)} comes twice")
    places = have.get_indexer(want)
    if (places < 0).any():
        missing = want[places < 0]
        strange = [label for label in have if label not in set(want)]
        hint = f"; {tuple(strange[0])} is not known: of another spelling, or a total left in?" if strange else ""
        if strange and strange[0][::-1] in set(want):
            hint = "; the levels are the other way round: swaplevel() puts regions first"
        raise LabelError(f"{what}: {len(missing)} labels are missing, the first is {tuple(missing[0])}{hint}")
    if len(have) != len(want):
        extra = have.difference(want, sort=False)
        raise LabelError(f"{what}: {len(extra)} labels are unknown, the first is {tuple(extra[0])}")
    return places
