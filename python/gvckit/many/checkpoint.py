"""Finished parts of a panel in a folder, from which a later run goes on.

A part's name holds what it is the result of (`identity`), and the file a digest of what it holds: runs with other
options share a folder without taking each other's parts, and a damaged part is measured again.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from ast import literal_eval
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit._core import __version__
from gvckit.errors import GvcError, GvcWarning, MissingDependencyError, OptionError, WriteError
from gvckit.many.identity import digest
from gvckit.mrio import Mrio
from gvckit.write import replacing

#: Where the file of a part says what else belongs to it.
_TOLD = "gvckit"
#: Bytes of a name that are for people.
_READABLE = 60


class Checkpoint:
    """A folder of finished parts of one call.

    Parameters
    ----------
    folder : path
    measure : callable
    options : mapping

    Raises
    ------
    OptionError
        A measure or option that can't be told from another.
    WriteError
        A folder that can't be made.
    """

    def __init__(self, folder: str | os.PathLike[str], measure: Callable[..., Any], options: Mapping[str, Any]) -> None:
        try:
            import pyarrow as _  # noqa: F401
        except ImportError as error:
            raise MissingDependencyError.of("pyarrow", "a checkpoint", "checkpoint") from error
        if not isinstance(folder, str | os.PathLike):
            raise OptionError(f"checkpoint={folder!r:.60}: a folder is wanted")
        self.folder = Path(folder)
        self._call = digest([__version__, measure, sorted(options.items())])
        self._lost: dict[str, str] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(f"the checkpoint {folder} is no folder, and none can be made: {error}") from error

    def path(self, key: object, source: object) -> Path:
        """File of a part: what people call it, and what it is the result of."""
        readable = re.sub(r"[^\w.-]+", "_", str(key)).encode()[:_READABLE].decode(errors="ignore").strip(".")
        return self.folder / f"{readable or 'part'}-{digest([self._call, fingerprint(source)])}.parquet"

    def find(self, path: Path) -> tuple[int | None, Any] | None:
        """Year and result of a part that is there and whole."""
        if not path.exists():
            return None
        try:
            return _read(path)
        except Exception as error:  # a damaged file can make any of the libraries below raise anything
            logging.getLogger("gvckit").info("%s is damaged and measured again: %s", path, error)
            return None

    def keep(self, path: Path, year: int | None, result: Any) -> None:
        """Write a finished part; what can't be kept is told at the end (`tell`), and never costs the result."""
        try:
            with replacing(path) as temporary:
                _write(temporary, year, result)
                _read(temporary)
        except Exception as error:  # as above
            self._lost[path.name] = str(error)

    def tell(self) -> None:
        """Warn of parts that couldn't be kept."""
        if self._lost:
            name, reason = next(iter(self._lost.items()))
            said = (
                f"{len(self._lost)} parts couldn't be kept in {self.folder}, and a rerun measures them again; the first"
            )
            warnings.warn(f"{said}: {name}: {reason}", GvcWarning, stacklevel=3)


def fingerprint(source: object) -> object:
    """What tells a table from another: the contents of a table; name, size and times of files."""
    if isinstance(source, Mrio | Exception):
        return source if isinstance(source, Mrio) else str(source)
    if isinstance(source, int | np.integer):
        return ("sample", int(source))
    if not isinstance(source, str | os.PathLike):
        return repr(source)
    path = Path(source)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [(str(file.absolute()), *_stat(file)) for file in files if file.is_file()]


def _stat(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    # A copy may bring the time of its original along; that of the change is its own.
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _write(path: Path, year: int | None, result: Any) -> None:
    frame = result.to_frame("value") if isinstance(result, pd.Series) else result.copy(deep=False)
    series = ("series", result.name) if isinstance(result, pd.Series) else None
    attrs = {key: value for key, value in result.attrs.items() if _literal(key) and _literal(value)}
    told = {"year": year, "series": series, "attrs": attrs}
    frame.attrs = {_TOLD: repr(told), "digest": digest([_bare(frame), repr(told)])}
    with warnings.catch_warnings():
        # Of names that change: what is read back is compared.
        warnings.simplefilter("ignore")
        frame.to_parquet(path)


def _read(path: Path) -> tuple[int | None, Any]:
    """Year and result; an error where the file doesn't hold what was written."""
    frame = pd.read_parquet(path)
    words, written = frame.attrs[_TOLD], frame.attrs["digest"]
    frame.attrs = {}
    if digest([_bare(frame), words]) != written:
        raise GvcError("its contents are not those that were written")
    told = literal_eval(words)
    result = frame if told["series"] is None else frame["value"].rename(told["series"][1])
    result.attrs = told["attrs"]
    return told["year"], result


def _bare(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy(deep=False)
    frame.attrs = {}
    return frame


def _literal(value: object) -> bool:
    """Whether a value can be written in words and read back as it was."""
    try:
        return bool(literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
