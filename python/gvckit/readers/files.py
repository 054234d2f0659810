"""Where a reader's text comes from: a file, a zip archive (or one within one), a folder, or an open file."""

from __future__ import annotations

import io
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from gvckit import _core
from gvckit.errors import ReadError
from gvckit.readers.years import year_in_name
from gvckit.table.data import Matrix

Readable = str | os.PathLike[str] | IO[Any]
#: Endings of files that hold text.
TEXT = {".csv", ".txt", ".tsv", ".tab"}
#: Endings of files that are read whole by other readers.
BOOKS = {".xlsx", ".xlsb", ".rdata", ".rda"}
_SEPARATORS = ",;\t|"
#: What a damaged zip archive may raise.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, ValueError, EOFError, OSError,
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A delimited text: a file, or a member of a zip archive.

    Attributes
    ----------
    place : Path or bytes
    member : str or None
    name : str
        What messages call it.
    """

    place: Path | bytes
    member: str | None
    name: str

    @property
    def stem(self) -> str:
        """File name without folders, as the databases' naming rules know it."""
        return Path(self.member or self.name).name

    @contextmanager
    def naming(self) -> Any:
        """Add the file's name to an error in reading it."""
        try:
            yield
        except ReadError as error:
            if error.path is not None:
                raise
            raise error.at(self.name) from None

    def head(self, lines: int, separator: str) -> list[list[str]]:
        """First lines as fields; empty lines don't count."""
        with self.naming():
            return _core.read_head(self.place, self.member, separator, lines)

    def separator(self) -> str:
        """Separator that the first line has most of."""
        first = "".join(field for line in self.head(1, "\x1f") for field in line)
        return max(_SEPARATORS, key=first.count)

    def matrix(
        self, separator: str, header: int, labels: int, widths: list[int], rows: int
    ) -> tuple[list[list[str]], list[Matrix]]:
        """Labels of rows, and numbers in groups of columns (NaN where a field is empty)."""
        with self.naming():
            return _core.read_delimited(self.place, self.member, separator, header, labels, widths, rows)

    def flat(
        self, separator: str, row: list[int], column: list[int], value: int, only: tuple[int, str] | None = None
    ) -> tuple[list[list[str]], list[list[str]], Matrix]:
        """Names of rows and columns, and numbers (NaN where the list has none)."""
        with self.naming():
            return _core.read_flat(self.place, self.member, separator, row, column, value, only)

    def error(self, message: str) -> ReadError:
        """Error with the file's name."""
        return ReadError(message, self.name)


def is_aside(name: str) -> bool:
    """Whether a file only comes along: what a Mac leaves in an archive, hidden files, a read-me."""
    stem = Path(name).name.lower()
    return "__MACOSX" in name or stem.startswith((".", "readme", "read_me", "licen"))


def texts(path: Readable) -> list[Text]:
    """All texts in a file, a zip archive, a folder or an open file; zip archives within one are opened too."""
    if hasattr(path, "read"):
        return _of_open_file(path)
    file = Path(path)
    if not file.exists():
        raise ReadError("no such file", file)
    if file.is_dir():
        inside = sorted(entry for entry in file.rglob("*") if entry.is_file() and not is_aside(entry.name))
        return [text for entry in inside if entry.suffix.lower() in TEXT | {".zip"} for text in texts(entry)]
    if zipfile.is_zipfile(file):
        return _members(file, str(file))
    if file.suffix.lower() == ".zip":
        raise ReadError("is not a complete zip archive", file)
    return [Text(file, None, str(file))]


def _of_open_file(file: Any) -> list[Text]:
    name = str(getattr(file, "name", "open file"))
    start = file.tell() if file.seekable() else None
    content = file.read()
    if start is not None:
        # Left as it was found, so that it can be looked at more than once.
        file.seek(start)
    data = content.encode() if isinstance(content, str) else bytes(content)
    return _members(data, name) if data[:2] == b"PK" else [Text(data, None, name)]


def _members(place: Path | bytes, name: str) -> list[Text]:
    try:
        with zipfile.ZipFile(io.BytesIO(place) if isinstance(place, bytes) else place) as archive:
            found = []
            for member in archive.namelist():
                if is_aside(member):
                    continue
                suffix = Path(member).suffix.lower()
                if suffix in TEXT:
                    found.append(Text(place, member, f"{name}, member {member}"))
                elif suffix == ".zip":
                    found += _members(archive.read(member), f"{name}, member {member}")
            return found
    except ZIP_ERRORS as error:
        raise ReadError(f"is a damaged zip archive: {error}", name) from error


def one(found: list[Text], path: Readable, what: str, year: int | None = None) -> Text:
    """The one text, or the one of a year; the error lists what is there."""
    if year is not None:
        # One file without a year in its name is taken at the caller's word.
        found = [t for t in found if year_in_name(t.stem) == year or (len(found) == 1 and year_in_name(t.stem) is None)]
    name = str(getattr(path, "name", path))
    if not found:
        raise ReadError(f"holds no {what}{f' of {year}' if year is not None else ''}", name)
    if len(found) > 1:
        names = ", ".join(text.stem for text in found[:8]) + (", ..." if len(found) > 8 else "")
        raise ReadError(f"holds {len(found)} tables ({names}): say which year by year=, or give one file", name)
    return found[0]


def workbooks_in(path: str | os.PathLike[str]) -> list[str]:
    """Members of a zip archive that are workbooks or R data."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if Path(name).suffix.lower() in BOOKS and not is_aside(name)]
    except FileNotFoundError:
        raise ReadError("no such file", path) from None
    except ZIP_ERRORS as error:
        raise ReadError(f"is a damaged zip archive: {error}", path) from error


@contextmanager
def unpacked(path: str | os.PathLike[str], year: int | None) -> Iterator[Path]:
    """The one workbook of a zip archive (or the one of a year, by four or two digits), in a temporary folder."""
    found = workbooks_in(path)
    if year is not None:
        found = [name for name in found if year_in_name(name) == year]
    if len(found) != 1:
        names = ", ".join(Path(name).name for name in found[:8]) or "none"
        raise ReadError(
            f"holds {len(found)} workbooks{f' of {year}' if year else ''} ({names}): say which by year=", path
        )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / Path(found[0]).name
        try:
            with zipfile.ZipFile(path) as archive, archive.open(found[0]) as member, target.open("wb") as out:
                shutil.copyfileobj(member, out)
        except ZIP_ERRORS as error:
            raise ReadError(f"is a damaged zip archive: {error}", path) from error
        try:
            yield target
        except ReadError as error:
            raise ReadError(f"member {target.name}: {error.reason}", path, error.sheet, error.cell) from None


def fill_gaps(values: Matrix) -> int:
    """Put zeros for NaN, in place, and count them."""
    gaps = np.isnan(values)
    count = int(gaps.sum())
    if count:
        values[gaps] = 0.0
    return count


def lines_of(text: Text, separator: str = "\t") -> list[list[str]]:
    """All lines of a small text (labels, units) as fields."""
    return text.head(10_000_000, separator)


def names(found: Iterable[Text]) -> str:
    """Names of texts for a message."""
    return ", ".join(sorted(text.stem for text in found)[:12]) or "nothing"
