"""Writing files so that none is ever left half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a result as csv, parquet or xlsx, by its ending."""
    target = Path(path)
    suffix = check_suffix(target)
    with replacing(target) as temporary:
        try:
            if suffix == ".csv":
                frame.to_csv(temporary)
            elif suffix == ".parquet":
                frame.to_parquet(temporary)
            else:
                frame.to_excel(temporary, merge_cells=False)
        except ImportError as error:
            library, extra = ("pyarrow", "parquet") if suffix == ".parquet" else ("openpyxl", "excel")
            raise MissingDependencyError.of(library, f"writing {suffix}", extra) from error
    return target
