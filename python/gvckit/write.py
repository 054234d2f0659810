"""Writing files so that none is ever left half written, and with words that fit the numbers."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, GvcWarning, MissingDependencyError, OptionError, ShapeError, WriteError

#: Endings that results can be written with.
TABLE_SUFFIXES = (".csv", ".parquet", ".xlsx")
#: Labels that begin so are formulas to a spreadsheet.
_FORMULAS = ("=", "+", "-", "@")
#: What a sheet holds besides its header.
_SHEET_ROWS, _SHEET_COLUMNS = 1_048_575, 16_384
#: What to do about the errors of the system that people meet.
_ADVICE = {
    errno.ENOSPC: "make room, or name another disk",
    errno.EACCES: "name a place where you may write",
    errno.EPERM: "name a place where you may write",
    errno.EROFS: "name a place where you may write",
    errno.EISDIR: "it is a folder: name a file in it",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.EEXIST: "a part of its path is a file, not a folder",
    errno.ENAMETOOLONG: "choose a shorter name",
}


# ---- whole or not at all --------------------------------------------------------------------------------------


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside ``path``; rename it when all went well, remove it when not.

    What the system refuses is a `WriteError` that says what was to be written.
    """
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise OptionError(f"path={path!r:.60}: the name of a file is wanted")
    try:
        with _renamed(Path(path)) as temporary:
            yield temporary
    except GvcError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        advice = _ADVICE.get(error.errno or 0)
        raise WriteError(f"{path} can't be written: {reason}{f': {advice}' if advice else ''}") from error


@contextmanager
def _renamed(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}.", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Ending of a file that results can be written to; refused before any work is done."""
    suffix = Path(path).suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise OptionError.of("suffix", Path(path).suffix, TABLE_SUFFIXES)
    return suffix


# ---- words that fit -------------------------------------------------------------------------------------------


def provenance(attrs: Mapping[Any, Any], *keys: str) -> str:
    """Where numbers come from, in one line: ``WIOD 2013 release, 2005, million USD, gvckit 0.1.0``.

    ``keys`` are what to say, by default source, year, unit and version; what ``attrs`` don't have is left out.
    """
    found = {key: attrs.get(key) for key in keys or ("source", "year", "unit", "version")}
    return ", ".join(f"gvckit {value}" if key == "version" else str(value) for key, value in found.items() if value)


class Misfit(NamedTuple):
    """What the numbers of a frame are, where its words no longer say so.

    Attributes
    ----------
    unit : str
        The unit that fits.
    text : str
        What is said, and what shows that it isn't so.
    """

    unit: str
    text: str


class _Rule(NamedTuple):
    """Numbers that a frame can't hold if its words are right; `whole` is the column that its rows add up to."""

    of_shares: bool
    holds: Callable[[np.ndarray], bool]
    unit: str
    shown: str


def _all(value: float) -> Callable[[np.ndarray], bool]:
    return lambda whole: bool(np.allclose(whole, value, rtol=1e-9, atol=0))


#: Columns that the others of a row add up to.
_WHOLES = ("total", "exports")
#: How units begin that are no levels.
_UNITLESS = ("share", "sum of shares", "ratio", "number", "fraction", "%", "index")
_RULES = (
    _Rule(False, _all(1.0), "share of {whole}", "is 1 in every row: they are shares, made by hand"),
    _Rule(False, _all(100.0), "% of {whole}", "is 100 in every row: they are per cent, made by hand"),
    _Rule(True, _all(100.0), "% of {whole}", "is 100 in every row: they are per cent"),
    _Rule(
        True,
        lambda whole: bool((np.abs(whole) > 1.01).any()),
        "sum of shares",
        "is above 1: shares were added up, which makes no share",
    ),
)


def misfit(frame: pd.DataFrame) -> Misfit | None:
    """What the numbers are, where ``attrs["unit"]`` no longer says so; None where nothing speaks against it.

    Frames carry their words along when their numbers are changed by hand: ``frame.div(frame["total"], axis=0)`` is
    still in million USD. What can be seen from the numbers is looked for by `_RULES`; figures and writers ask here.
    """
    unit = frame.attrs.get("unit")
    if not isinstance(unit, str):
        return None
    shares = unit.startswith("share") or frame.attrs.get("shares") is True
    if unit.startswith(_UNITLESS) and not shares:
        return None
    columns: list[Any] = list(frame.columns)
    for place, column in enumerate(columns):
        names = column if isinstance(column, tuple) else (column,)
        name = next((name for name in _WHOLES if name in names), None)
        if name is None or not pd.api.types.is_numeric_dtype(frame.dtypes.iloc[place]):
            continue
        whole = frame.iloc[:, place].to_numpy(dtype=np.float64)
        whole = whole[np.isfinite(whole)]
        for rule in _RULES if len(whole) else ():
            if rule.of_shares == shares and rule.holds(whole):
                right = rule.unit.format(whole=name)
                return Misfit(right, f"the numbers are said to be in {unit!r}, but {name!r} {rule.shown}")
    return None


def fitting_attrs(frame: pd.DataFrame, stacklevel: int = 2) -> dict[Any, Any]:
    """``frame.attrs`` with words that fit the numbers; a `GvcWarning` where they had to be changed."""
    found = misfit(frame)
    if found is None:
        return dict(frame.attrs)
    said = f"{found.text}; {found.unit!r} is written instead (set attrs['unit'] to what they are)"
    warnings.warn(said, GvcWarning, stacklevel=stacklevel + 1)
    changed = {"unit": found.unit} | ({"shares": True} if frame.attrs.get("shares") is False else {})
    return {**frame.attrs, **changed}


def plain(value: object) -> bool:
    """Whether a value can stand in a file's header."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


# ---- results --------------------------------------------------------------------------------------------------


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a result as csv, parquet or xlsx, by its ending.

    Its ``attrs`` go along in parquet's metadata and on the sheet `about` of a workbook. A csv holds the numbers alone,
    so that any program can read it. Labels that begin with ``= + - @`` are text in a workbook; a csv can't say so, and
    a spreadsheet that opens it takes them for formulas.

    Warns
    -----
    GvcWarning
        Numbers that ``attrs["unit"]`` no longer fits (shares made by hand of levels): the file says what they are.

    Raises
    ------
    OptionError
        Another ending; a frame that is too large for a sheet.
    WriteError
        The system refuses: no room, no right to write, a folder.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ShapeError(f"a DataFrame is wanted, not a {type(frame).__name__}")
    target = Path(path)
    suffix = check_suffix(target)
    told = frame.copy(deep=False)
    told.attrs = fitting_attrs(frame)
    with replacing(target) as temporary:
        try:
            if suffix == ".csv":
                told.to_csv(temporary)
            elif suffix == ".parquet":
                told.attrs = {key: value if plain(value) else str(value) for key, value in told.attrs.items()}
                told.to_parquet(temporary)
            else:
                _write_workbook(told, temporary)
        except ImportError as error:
            library, extra = ("pyarrow", "parquet") if suffix == ".parquet" else ("openpyxl", "excel")
            raise MissingDependencyError.of(library, f"writing {suffix}", extra) from error
    return target


def _write_workbook(frame: pd.DataFrame, path: Path) -> None:
    rows, columns = len(frame) + frame.columns.nlevels, frame.shape[1] + frame.index.nlevels
    if rows > _SHEET_ROWS or columns > _SHEET_COLUMNS:
        raise OptionError(
            f"a sheet holds {_SHEET_ROWS:,} rows and {_SHEET_COLUMNS:,} columns, and the result has {rows:,} and "
            f"{columns:,}: write csv or parquet"
        )
    told = {"provenance": provenance(frame.attrs), **{str(key): str(value) for key, value in frame.attrs.items()}}
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="result", merge_cells=False)
        pd.Series(told, name="value", dtype=object).rename_axis("about").to_excel(book, sheet_name="about")
        for sheet in book.sheets.values():
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith(_FORMULAS):
                        cell.data_type, cell.quotePrefix = "s", True
