"""The one door for numbers that people hand over: matrices, vectors and names, in arrays or labelled.

Labelled input is put into the table's order by its labels, whatever its own order, and refused by name where they don't
fit. What has no labels is taken by position.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import GvcWarning, LabelError, NonFiniteError, OptionError, ShapeError
from gvckit.table.data import Given, Table
from gvckit.table.find import nearest
from gvckit.table.labels import Labels, product_index, unique
from gvckit.table.plausibility import doubts

Matrix = NDArray[np.float64]


def given(
    Z: Any,
    Y: Any,
    regions: Any,
    sectors: Any,
    categories: Any = None,
    *,
    x: Any = None,
    va: Any = None,
    meta: Mapping[str, Any],
    extensions: Mapping[str, pd.DataFrame] | None = None,
    sector_names: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    check: bool = True,
    copy: bool = True,
) -> Given:
    """Parts of a table from what people pass to `Mrio.from_arrays`."""
    regions, sectors = (names(what, value, check) for what, value in (("region", regions), ("sector", sectors)))
    rows = product_index(regions, sectors, ["region", "sector"])
    z = matrix("Z", Z, rows, rows, copy=copy, single=not copy and getattr(Z, "dtype", None) == np.float32)
    if z.shape != (len(rows), len(rows)):
        raise ShapeError(
            f"Z has shape {z.shape}, expected {(len(rows), len(rows))} for {len(regions)} regions x {len(sectors)} "
            f"sectors{_left_over(z.shape[0] - len(rows), z.shape[1] - len(rows))}"
        )
    categories = _categories(Y, regions, categories, check)
    y = matrix("Y", Y, rows, _demand_index(Y, regions, categories), copy=copy)
    categories = _fitting(y, len(rows), regions, sectors, categories)
    labels = Labels(regions, sectors, categories, _long_names(sectors, sector_names))
    labels.__dict__["rows"] = rows
    return Given(
        z,
        y,
        labels,
        None if x is None else vector("x", x, labels.rows, finite=False),
        None if va is None else vector("va", va, labels.rows, finite=False),
        {"year": whole_year(meta.get("year")), **{key: _text(key, meta.get(key)) for key in ("unit", "source")}},
        accounts(extensions, labels),
        tuple(notes),
    )


def say_doubts(t: Table, stacklevel: int = 3) -> None:
    """Warn of each mistake that a table's own sums give away."""
    for doubt in doubts(t):
        warnings.warn(doubt.text, GvcWarning, stacklevel=stacklevel)


# ---- names ----------------------------------------------------------------------------------------------------


def names(what: str, given: Any, check: bool = True) -> tuple[str, ...]:
    """Names of regions, sectors or categories as text, in their order."""
    if isinstance(given, str | bytes | int | float) or given is None:
        raise ShapeError(f"{what}s={given!r}: a list of labels is wanted")
    if isinstance(given, Set) and not isinstance(given, Mapping):
        raise LabelError(f"{what}s are a set, which has no order: pass a list, such as sorted({what}s)")
    try:
        found = list(given)
    except TypeError as error:
        raise ShapeError(f"{what}s={given!r:.60}: a list of labels is wanted") from error
    return unique(what, found) if check else tuple(str(name) for name in found)


def _long_names(sectors: tuple[str, ...], given: Mapping[str, str] | None) -> tuple[str, ...]:
    """Long names in the order of the sectors, "" where there is none."""
    if given is None:
        return ()
    if not isinstance(given, Mapping | pd.Series):
        raise OptionError(f"sector_names={given!r:.60}: a mapping of sector to its long name is wanted")
    told = {nearest("sector", sectors, str(label)): str(name).strip() for label, name in given.items()}
    return tuple(told.get(sector, "") for sector in sectors)


def whole_year(year: Any) -> int | None:
    """Year as a whole number (NumPy's can't be written to a file's header)."""
    if year is None:
        return None
    try:
        if isinstance(year, bool | np.bool_):
            raise TypeError("a truth value is no year")
        if isinstance(year, float | np.floating) and float(year).is_integer():
            return int(year)
        return operator.index(year)
    except TypeError as error:
        raise OptionError(f"year={year!r}: a whole number is wanted, such as 2005") from error


def _text(what: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise OptionError(f"{what}={value!r:.60}: a text is wanted, such as {what}='million USD'")


# ---- numbers --------------------------------------------------------------------------------------------------


def numbers(what: str, values: Any, dtype: type = np.float64, copy: bool | None = None) -> np.ndarray:
    """Real numbers as a row-major array; text, dates, complex numbers, masks and booleans are refused."""
    if isinstance(values, np.ma.MaskedArray):
        if np.ma.getmaskarray(values).any():
            at = tuple(map(int, np.argwhere(np.ma.getmaskarray(values))[0]))
            raise NonFiniteError(f"{what} is masked at {_counted(at)}: fill it first, {what}.filled(0)", *at[:2])
        values = values.data
    if not isinstance(values, np.ndarray | pd.DataFrame | pd.Series) and isinstance(
        values, Set | Mapping | str | bytes
    ):
        raise ShapeError(f"{what} is a {type(values).__name__}: an array of numbers is wanted")
    kind = np.asarray(values).dtype.kind
    if kind in "cMmb":
        told = {"c": "complex numbers", "M": "dates", "m": "durations", "b": "True and False"}[kind]
        raise ShapeError(f"{what} holds {told}: real numbers are wanted")
    try:
        if kind == "O" and any(
            isinstance(v, bool | complex | np.datetime64) for v in np.asarray(values).ravel()[:1000]
        ):
            raise TypeError("not all of its cells are real numbers")
        return np.array(values, dtype=dtype, order="C", copy=copy)
    except (TypeError, ValueError) as error:
        form = {1: "isn't a vector of numbers", 2: "isn't a matrix of numbers"}.get(np.ndim(values), "holds no numbers")
        form = "holds cells that are not numbers" if isinstance(values, pd.DataFrame | pd.Series) else form
        raise ShapeError(f"{what} {form}: {error}{text_hint(values)}") from error


def matrix(
    what: str, values: Any, rows: pd.Index, columns: pd.Index | None, *, copy: bool = True, single: bool = False
) -> Matrix:
    """Matrix in the order of rows and columns: a labelled frame by its labels, an array by position.

    An array of another shape is returned as it is; the caller knows what shape was meant.
    """
    if isinstance(values, pd.DataFrame):
        array = numbers(what, values, copy=True if copy else None)
        _no_gaps(what, values, array)
        place = [_frame_places(f"{side} of {what}", have, want) for side, have, want in (
            ("rows", values.index, rows), ("columns", values.columns, columns))]  # fmt: skip
        if place[0] is not None:
            array = array[place[0]]
        return np.ascontiguousarray(array if place[1] is None else array[:, place[1]])
    array = numbers(what, values, np.float32 if single else np.float64, True if copy else None)
    if array.ndim != 2:
        hint = ": final demand has a column for each region that buys" if what == "Y" and array.ndim == 1 else ""
        raise ShapeError(f"{what} has {array.ndim} dimensions, expected 2{hint}")
    return array


def vector(what: str, values: Any, index: pd.Index, *, finite: bool = True) -> Matrix:
    """Vector in the order of an index: a Series or mapping by its labels, an array by position."""
    if isinstance(values, Mapping):
        values = pd.Series(dict(values), dtype=object)
    if isinstance(values, pd.DataFrame):
        raise ShapeError(f"{what} is a frame: one column of it is wanted, such as {what}.iloc[:, 0]")
    place = _frame_places(what, values.index, index) if isinstance(values, pd.Series) else None
    array = numbers(what, values, copy=True)
    if array.ndim != 1:
        raise ShapeError(f"{what} has {array.ndim} dimensions, expected 1: {len(index)} numbers")
    if place is not None:
        array = array[place]
    if array.shape != (len(index),):
        raise ShapeError(
            f"{what} has shape {array.shape}, expected {(len(index),)}{_left_over(len(array) - len(index))}"
        )
    if finite and not np.isfinite(array).all():
        at = int(np.flatnonzero(~np.isfinite(array))[0])
        wanted = f"{len(array)} finite numbers are wanted"
        raise NonFiniteError(f"{what} holds {array[at]} at {_name(index[at])}: {wanted}", row=at)
    return array


def text_hint(values: Any) -> str:
    """What to do about the first cell that is text."""
    for row, cells in enumerate(np.atleast_2d(np.asarray(values, dtype=object))):
        for col, cell in enumerate(cells):
            if isinstance(cell, str):
                where = f" (row {row}, column {col}, counted from 0)"
                if cell.replace(",", "").replace(" ", "").replace(".", "", 1).lstrip("-").isdigit():
                    return f"{where}: numbers are kept as text; pd.read_csv(..., thousands=',') reads them as numbers"
                return f"{where}: if these are labels, make them the index: pd.read_csv(..., index_col=[0, 1])"
    return ""


def _no_gaps(what: str, frame: pd.DataFrame, array: Matrix) -> None:
    empty = np.isnan(array)
    if empty.any():
        i, j = np.argwhere(empty)[0]
        raise NonFiniteError(
            f"{what} holds NaN in {int(empty.sum())} cells, the first at row {_name(frame.index[i])}, column "
            f"{_name(frame.columns[j])}: if that means no flow, fill them: {what}.fillna(0)"
        )


def _counted(at: Sequence[int]) -> str:
    return f"row {at[0]}" + (f", column {at[1]}" if len(at) > 1 else "")


def _name(label: Any) -> str:
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)


# ---- labels to places -----------------------------------------------------------------------------------------


def places(what: str, have: pd.Index, want: pd.Index) -> np.ndarray:
    """Where each wanted label stands; every label must be there once, and no other."""
    if not have.is_unique:
        raise LabelError(f"{what}: the label {have[have.duplicated()][0]!r} comes twice")
    found = have.get_indexer(want)
    known = set(want)
    strange = [label for label in have if label not in known]
    if (found < 0).any():
        missing = want[found < 0]
        hint = f"; {strange[0]!r} is not known: of another spelling, or a total left in?" if strange else ""
        if strange and isinstance(strange[0], tuple) and strange[0][::-1] in known:
            hint = "; the levels are the other way round: swaplevel() puts regions first"
        raise LabelError(f"{what}: {len(missing)} labels are missing, the first is {missing[0]!r}{hint}")
    if strange:
        raise LabelError(f"{what}: {len(strange)} labels are unknown, the first is {strange[0]!r}")
    return found


def _frame_places(what: str, have: pd.Index, want: pd.Index | None) -> np.ndarray | None:
    """Places of wanted labels in an index of a frame or series; None where it has no labels of its own."""
    if want is None or _plain(have):
        return None
    if have.nlevels == 1 and want.nlevels == 2:
        have = _taken_apart(have, want)
    if have.nlevels != want.nlevels:
        levels = f"{want.nlevels} levels ({', '.join(str(name) for name in want.names)})"
        raise LabelError(
            f"{what}: labels of {levels} are wanted, not of {have.nlevels}, such as {have[0]!r}: set_index([...]) "
            f"makes them of columns; to take the numbers as they lie, pass .to_numpy()"
        )
    found = places(what, as_text(have), want)
    return None if (found == np.arange(len(found))).all() else found


def _taken_apart(have: pd.Index, want: pd.Index) -> pd.Index:
    """Labels such as CHN_c14 as the pairs that they are the names of, where all of them are; else as they are."""
    for between in "_|:./- ":
        known = {f"{one}{between}{two}": (one, two) for one, two in want}
        if len(known) == len(want) and set(have) <= known.keys():
            return pd.MultiIndex.from_tuples([known[name] for name in have])
    return have


def _plain(index: pd.Index) -> bool:
    """Whether an index is only a range (of whole numbers, or V1, V2 ... as R writes it) and so says nothing."""
    if index.nlevels > 1:
        return False
    counted = range(len(index))
    ranges = [[*counted], [f"V{k + 1}" for k in counted], [f"X{k + 1}" for k in counted], [str(k) for k in counted]]
    return list(index) in ranges


def as_text(index: pd.Index) -> pd.Index:
    """Index with its labels as text."""
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_arrays([index.get_level_values(k).astype(str) for k in range(index.nlevels)])
    return index.astype(str)


def accounts(
    extensions: Mapping[str, pd.DataFrame] | None, labels: Labels, demand: bool = False
) -> dict[str, pd.DataFrame]:
    """Extensions with columns in the table's order; every label must be there once, and no other.

    Columns are those of rows, or of final demand for what final demand itself uses.
    """
    out: dict[str, pd.DataFrame] = {}
    wanted, what = (labels.demand, "(region, category)") if demand else (labels.rows, "(region, sector)")
    for name, frame in (extensions or {}).items():
        columns = frame.columns
        if not isinstance(columns, pd.MultiIndex) or columns.nlevels != 2:
            raise LabelError(f"the columns of extension {name!r} must be a {what} MultiIndex of two levels")
        if not frame.index.is_unique:
            raise LabelError(f"extension {name!r} has the item {frame.index[frame.index.duplicated()][0]!r} twice")
        if not columns.equals(wanted):
            try:
                frame = frame.iloc[:, places("its columns", as_text(columns), wanted)]
            except LabelError as error:
                told = f"extension {name!r} has {len(columns)} columns, with other labels than the table's"
                raise LabelError(f"{told}: {error}") from error
        values = numbers(f"extension {name!r}", frame)
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, col = map(int, bad[0])
            place = f"{frame.index[row]}, {_name(wanted[col])}"
            raise NonFiniteError(f"extension {name!r} holds {values[row, col]} at {place}", row, col)
        out[name] = pd.DataFrame(values, index=frame.index, columns=wanted)
        out[name].attrs["unit"] = frame.attrs.get("unit")
    return out


# ---- final demand ---------------------------------------------------------------------------------------------


def _categories(Y: Any, regions: Sequence[str], categories: Any, check: bool) -> tuple[str, ...] | None:
    """Names of categories: as given, as a frame's columns have them, or None where the width of Y tells."""
    if categories is not None:
        return (
            names("category", categories, check) if not isinstance(categories, str) else names("categorie", categories)
        )
    if isinstance(Y, pd.DataFrame) and Y.columns.nlevels == 2:
        return tuple(dict.fromkeys(Y.columns.get_level_values(1).astype(str)))
    return None


def _demand_index(Y: Any, regions: Sequence[str], categories: tuple[str, ...] | None) -> pd.Index | None:
    """Columns that a labelled Y must have; None where it is an array."""
    if not isinstance(Y, pd.DataFrame) or _plain(Y.columns):
        return None
    if Y.columns.nlevels == 1 and (categories is None or set(Y.columns.astype(str)) <= set(regions)):
        return pd.Index(regions, name="partner")
    return pd.MultiIndex.from_product([regions, categories or ()], names=["partner", "category"])


def _fitting(
    y: Matrix, n: int, regions: Sequence[str], sectors: Sequence[str], categories: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Categories of a Y that fits the regions."""
    width = y.shape[1]
    if y.shape[0] != n or width == 0 or width % len(regions) != 0:
        raise ShapeError(
            f"Y has shape {y.shape}, expected {n} rows and a multiple of the {len(regions)} regions as columns"
            + _odd_demand(width, len(regions), len(sectors))
        )
    count = width // len(regions)
    if categories is None:
        return ("final",) if count == 1 else tuple(f"f{k + 1}" for k in range(count))
    if len(categories) != count:
        raise ShapeError(
            f"Y has {width} columns, {count} for each of {len(regions)} regions, "
            f"but there are {len(categories)} categories"
        )
    return categories


def _left_over(*more: int) -> str:
    """What a few rows or columns too many may be."""
    if min(more) >= 0 and 0 < max(more) <= 12:
        return (
            f"; {max(more)} too many: a row or column of totals or of value added left in? Z holds flows between "
            "sectors alone, value added goes into va="
        )
    return ""


def _odd_demand(width: int, regions: int, sectors: int) -> str:
    if width % sectors == 0 and width % regions != 0:
        return f"; {width} is a multiple of {sectors}: are regions and sectors swapped?"
    if width < regions:
        return "; final demand must say which region buys: a block of columns for each region"
    if width % regions == 1:
        return "; one too many: a column of totals left in?"
    return ""


def order_of(what: str, found: Iterable[str], wanted: Any) -> list[str]:
    """Names in the order that is asked for, or in which they first come; all must be there."""
    here = list(dict.fromkeys(found))
    if wanted is None:
        return here
    asked = list(names(what.removesuffix("s"), wanted))
    if set(asked) != set(here):
        missing, extra = sorted(set(here) - set(asked)), sorted(set(asked) - set(here))
        raise LabelError(f"{what}= lacks {missing} and has {extra}, which Z doesn't have")
    return asked
