"""Writing files so that none is ever left half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import MissingDependencyError, OptionError

#: Endings that results can be written with.
TABLE_SUFFIXES = (".csv", ".parquet", ".xlsx")


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside ``path``; rename it when all went well, remove it when not."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent)
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


def provenance(attrs: Mapping[Any, Any], *keys: str) -> str:
    """Where numbers come from, in one line: ``WIOD 2013 release, 2005, million USD, gvckit 0.1.0``.

    ``keys`` are what to say, by default source, year, unit and version; what ``attrs`` don't have is left out.
    """
    found = {key: attrs.get(key) for key in keys or ("source", "year", "unit", "version")}
    return ", ".join(f"gvckit {value}" if key == "version" else str(value) for key, value in found.items() if value)


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a result as csv, parquet or xlsx, by its ending.

    Its ``attrs`` go along in parquet's metadata and on the sheet `about` of a workbook. A csv holds the numbers alone,
    so that any program can read it.
    """
    target = Path(path)
    suffix = check_suffix(target)
    with replacing(target) as temporary:
        try:
            if suffix == ".csv":
                frame.to_csv(temporary)
            elif suffix == ".parquet":
                frame.to_parquet(temporary)
            else:
                _write_workbook(frame, temporary)
        except ImportError as error:
            library, extra = ("pyarrow", "parquet") if suffix == ".parquet" else ("openpyxl", "excel")
            raise MissingDependencyError.of(library, f"writing {suffix}", extra) from error
    return target


def _write_workbook(frame: pd.DataFrame, path: Path) -> None:
    told = {"provenance": provenance(frame.attrs), **{str(key): str(value) for key, value in frame.attrs.items()}}
    with pd.ExcelWriter(path) as book:
        frame.to_excel(book, sheet_name="result", merge_cells=False)
        pd.Series(told, name="value", dtype=object).rename_axis("about").to_excel(book, sheet_name="about")
