"""Where the readers' cells come from: a file, a zip archive (or one within one), a folder, or an open file."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import gvckit._core as _core
from gvckit.errors import MissingDependencyError, ReadError
from gvckit.readers import numerals
from gvckit.readers.cells import Cells
from gvckit.readers.titles import year_of
from gvckit.readers.years import year_in_name
from gvckit.table.data import Matrix


class SupportsRead(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""


Readable = str | os.PathLike[str] | IO[Any]
T = TypeVar("T")
#: Endings of files by what they are; any other ending may be text.
KINDS = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "book"),
    **dict.fromkeys((".rdata", ".rda", ".rds"), "r"),
    **dict.fromkeys((".parquet", ".feather", ".arrow"), "frame"),
    **dict.fromkeys((".csv", ".txt", ".tsv", ".tab"), "text"),
    ".gvc": "saved",
    ".zip": "zip",
}
#: Files of other programs by their first bytes or their endings.
_FOREIGN = {
    b"%PDF": "a PDF document", b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive", b"\x89HDF": "an HDF5 file",
    b"CDF\x01": "a NetCDF file", b"CDF\x02": "a NetCDF file", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive", b"$FL2": "an SPSS file", b"<stata_dta": "a Stata file",
    b"MATLAB": "a MATLAB file", b"\x93NUMPY": "a NumPy array", b"{\\rtf": "an RTF document", b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page", b"<html": "a web page", b"<?xml": "an XML document", b"{": "a JSON text",
    b"SQLite": "an SQLite database",
    ".dta": "a Stata file", ".sav": "an SPSS file", ".mat": "a MATLAB file", ".docx": "a Word document",
    ".doc": "a Word document", ".npz": "an archive of NumPy arrays", ".pkl": "a pickle", ".gdx": "a GAMS file",
    ".har": "a GEMPACK file", ".tar": "a tar archive", ".tgz": "a tar archive",
}  # fmt: skip
#: What a damaged zip archive may raise.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, ValueError, EOFError, OSError,
)  # fmt: skip
_SEPARATORS = ",;\t|"
#: Rows that are looked at to recognise a sheet.
HEAD = 24


@dataclass(eq=False)
class Part:
    """A file, or a member of a zip archive.

    Attributes
    ----------
    place : Path or bytes
    member : str or None
    name : str
        What messages call it.
    stem : str
        File name without folders, as the databases' naming rules know it.
    kind : str
        ``text``, ``book``, ``r``, ``frame`` or ``saved``.
    encoding : str or None
        As the caller says, of a text.
    """

    place: Path | bytes
    member: str | None
    name: str
    stem: str
    kind: str
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    _decoded: bytes | None = None

    def error(self, message: str) -> ReadError:
        """Error with the file's name."""
        return ReadError(message, self.name)

    def data(self) -> bytes:
        """All bytes."""
        if self.member is None:
            return self.place if isinstance(self.place, bytes) else self.place.read_bytes()
        with opened_zip(self.place, self.name) as archive:
            return unfolded(archive, self.member, self.name)

    def begin(self) -> bytes:
        """First bytes."""
        if isinstance(self.place, Path) and self.member is None:
            with self.place.open("rb") as file:
                return file.read(512)
        return self.data()[:512]

    def whole(self) -> Path | bytes:
        """The file itself, or its bytes where it is a member of an archive."""
        return self.place if self.member is None else self.data()

    # ---- texts ------------------------------------------------------------------------------------------------

    def head(self, lines: int, separator: str) -> list[list[str]]:
        """First lines as fields, blank ones too."""
        return self._text(lambda place, member: _core.read_head(place, member, separator, lines))

    def lines(self, separator: str = "\t") -> list[list[str]]:
        """All lines of a small text (labels, units) as fields, without blank ones."""
        return [line for line in self.head(10_000_000, separator) if any(line)]

    @cached_property
    def separator(self) -> str:
        """Separator of which most of the first lines have the same number."""
        lines = ["".join(line) for line in self.head(HEAD, "\x1f")]
        counts = {mark: Counter(line.count(mark) for line in lines if mark in line) for mark in _SEPARATORS}
        usual = {mark: max(((times, count) for count, times in found.items()), default=(0, 0))
                 for mark, found in counts.items()}  # fmt: skip
        return max(_SEPARATORS, key=usual.__getitem__)

    def cells(
        self, style: numerals.Style | None = None, separator: str | None = None, rows: int | None = None
    ) -> Cells:
        """Numbers and texts of a text; how its numbers are written is found where it isn't said."""
        between = separator or self.separator

        def read(said: numerals.Style) -> tuple[Cells, numerals.Points]:
            found, points, fields = self._text(
                lambda place, member: _core.read_delimited(place, member, between, *said, rows)
            )
            numbers, texts, _ = found
            placed = {(row, col): text for row, col, text in texts}
            return Cells(self.name, None, numbers, placed, notes=list(self.notes), fields=fields), points

        cells, points = read(style or numerals.PLAIN)
        if style is not None or rows is not None:
            return cells
        strange = [
            text for (row, col), text in cells.words.items()
            if row and col and numerals.looks_like_a_number(text) and numerals.number(text, numerals.PLAIN) is None
        ]  # fmt: skip
        chosen, question = numerals.choose(strange, points, between)
        if question is not None:
            raise self.error(question)
        if chosen in (None, numerals.PLAIN):
            return cells
        assert chosen is not None
        cells, _ = read(chosen)
        cells.notes.append(f"numbers are written with {numerals.said(chosen)}")
        return cells

    def flat(
        self, separator: str, row: list[int], column: list[int], value: int, only: tuple[int, str] | None = None
    ) -> tuple[list[list[str]], list[list[str]], Matrix]:
        """Names of rows and columns, and numbers (NaN where the list has none)."""
        return self._text(lambda place, member: _core.read_flat(place, member, separator, row, column, value, only))

    def _text(self, call: Callable[[Path | bytes, str | None], T]) -> T:
        """Read a text of any encoding: UTF-8 as it is, others decoded first."""
        try:
            decoded = self._in_utf8()
            if decoded is not None:
                return call(decoded, None)
            try:
                return call(self.place, self.member)
            except ReadError:
                decoded = self._guessed()
                if decoded is None:
                    raise
                return call(decoded, None)
        except ReadError as error:
            if error.path is not None:
                raise
            raise error.at(self.name) from None

    def _in_utf8(self) -> bytes | None:
        """A text of another encoding, that is said or was guessed, in UTF-8."""
        if self._decoded is None and self.encoding is not None:
            try:
                self._decoded = self.data().decode(self.encoding).encode()
            except LookupError:
                told = f"encoding={self.encoding!r} is not known: 'utf-8', 'gbk', 'latin-1' are some"
                raise self.error(told) from None
            except UnicodeDecodeError as error:
                raise self.error(f"is not {self.encoding} text: {error}") from None
        return self._decoded

    def _guessed(self) -> bytes | None:
        """A text that is not UTF-8, in UTF-8, by a guess of its encoding; None for one that is."""
        data = self.data()
        try:
            data.decode()
        except UnicodeDecodeError:
            self.encoding = _encoding_of(data, self.name)
            self.notes.append(f"read as {self.encoding} text, a guess: if labels look wrong, say encoding=")
            return self._in_utf8()
        return None

    def utf8(self) -> bytes:
        """All bytes of a text, in UTF-8."""
        return self._in_utf8() or self._guessed() or self.data()

    # ---- workbooks --------------------------------------------------------------------------------------------

    @cached_property
    def sheets(self) -> list[tuple[str, bool]]:
        """Names of a workbook's sheets, and whether each is shown."""
        try:
            return _core.sheet_names(self.whole())
        except ReadError as error:
            raise error.at(self.name) from None

    def sheet(self, name: str, rows: int | None = None) -> Cells:
        """One sheet of a workbook, or its first rows."""
        try:
            numbers, texts, odd = _core.read_sheet(self.whole(), name, rows)
        except ReadError as error:
            raise error.at(self.name) from None
        placed = [{(row, col): text for row, col, text in found} for found in (texts, odd)]
        return Cells(self.name, name, numbers, placed[0], placed[1])


@dataclass(eq=False)
class Leaf:
    """One table of cells: a text, or a sheet of a workbook."""

    part: Part
    sheet: str | None = None

    @property
    def name(self) -> str:
        """What lists of tables call it."""
        return self.part.stem if self.sheet is None else f"{self.part.stem}, sheet {self.sheet!r}"

    @cached_property
    def head(self) -> Cells:
        """First rows."""
        return self._read(HEAD)

    def cells(self) -> Cells:
        """All rows."""
        return self._read(None)

    def _read(self, rows: int | None) -> Cells:
        return self.part.cells(rows=rows) if self.sheet is None else self.part.sheet(self.sheet, rows)

    @cached_property
    def year(self) -> int | None:
        """Year as the sheet's name and titles say, or the file's name."""
        if self.sheet is None:
            return year_in_name(self.part.stem)
        return year_of([self.sheet, *self.head.titles(4)], self.part.stem)


@dataclass(eq=False)
class Files:
    """What a caller wants to have read: a file, the members of an archive, or the files of a folder.

    Attributes
    ----------
    name : str
        What messages call it.
    parts : list of Part
    aside : list of str
        Files that only come along: lock files, a read-me.
    sheet : str or None
        The sheet that the caller asks for.
    """

    name: str
    parts: list[Part]
    aside: list[str] = field(default_factory=list)
    sheet: str | None = None

    @classmethod
    def of(cls, path: Readable, encoding: str | None = None, sheet: str | None = None) -> Files:
        """Look what there is; nothing but archives' directories is read yet."""
        if isinstance(path, Files):
            return path
        if isinstance(path, str | os.PathLike):
            return cls._of_path(existing(path), encoding, sheet)
        found = cls(str(getattr(path, "name", "open file")), [], sheet=sheet)
        found._add(Path(found.name).name, found.name, _content(path), encoding)
        return found

    @classmethod
    def _of_path(cls, file: Path, encoding: str | None, sheet: str | None) -> Files:
        found = cls(str(file), [], sheet=sheet)
        if not file.is_dir():
            found._add(file.name, str(file), file, encoding)
            return found
        for entry in sorted(entry for entry in file.rglob("*") if entry.is_file()):
            if is_aside(entry.name):
                found.aside.append(entry.name)
            elif entry.suffix.lower() in KINDS or entry.suffix.lower() == ".gz":
                found._add(entry.name, str(entry), entry, encoding)
        return found

    def _add(self, stem: str, name: str, place: Path | bytes, encoding: str | None) -> None:
        suffix = Path(stem).suffix.lower()
        kind = KINDS.get(suffix, "text")
        if suffix == ".gz":
            self._add(stem[:-3], name, _gunzipped(place, name), encoding)
        elif kind in ("r", "frame"):
            self.parts.append(Part(place, None, name, stem, kind))
        elif is_zip(place):
            self._add_archive(stem, name, place, encoding)
        elif kind == "zip":
            raise ReadError("is not a complete zip archive", name)
        else:
            begins = Part(place, None, name, stem, kind).begin()[:8]
            kind = "book" if begins == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" else kind
            self.parts.append(Part(place, None, name, stem, kind, encoding if kind == "text" else None))

    def _add_archive(self, stem: str, name: str, place: Path | bytes, encoding: str | None) -> None:
        with opened_zip(place, name) as archive:
            members = archive.namelist()
            if any(m.startswith("xl/") for m in members) or {"content.xml", "mimetype"} <= set(members):
                self.parts.append(Part(place, None, name, stem, "book"))
                return
            if {"header.json", "Z.npy"} <= set(members):
                self.parts.append(Part(place, None, name, stem, "saved"))
                return
            if KINDS.get(Path(stem).suffix.lower()) == "book":
                raise ReadError("is not a complete Excel workbook: it holds no sheets", name)
            for member in members:
                inner, called = Path(member).name, f"{name}, member {member}"
                kind = KINDS.get(Path(member).suffix.lower())
                if is_aside(member):
                    self.aside.append(inner)
                elif kind == "zip":
                    self._add(inner, called, unfolded(archive, member, name), encoding)
                elif kind is not None:
                    self.parts.append(Part(place, member, called, inner, kind, encoding if kind == "text" else None))

    @cached_property
    def leaves(self) -> list[Leaf]:
        """Texts and shown sheets, or the sheets of the name that the caller asks for."""
        found: list[Leaf] = []
        for part in self.parts:
            if part.kind == "text" and self.sheet is None:
                found.append(Leaf(part))
            elif part.kind == "book":
                found += [
                    Leaf(part, s) for s, shown in part.sheets if (shown if self.sheet is None else s == self.sheet)
                ]
        if not found and self.sheet is not None and (books := [part for part in self.parts if part.kind == "book"]):
            there = ", ".join(repr(name) for part in books for name, _ in part.sheets)
            raise ReadError(f"has no sheet {self.sheet!r}; its sheets are {there}", self.name)
        return found

    def one(self, found: Sequence[Leaf], what: str, year: int | None) -> Leaf:
        """The one table, or the one of a year; the error lists what is there."""
        if year is not None:
            if len(found) == 1 and found[0].year not in (None, year):
                raise ReadError(f"holds no {what} of {year}: it is of {found[0].year}, not of {year}", self.name)
            # One without a year in its name is taken at the caller's word.
            found = [t for t in found if t.year == year or (len(found) == 1 and t.year is None)]
        return self._only(found, [leaf.name for leaf in found], what, year)

    def one_part(self, found: Sequence[Part], what: str, year: int | None) -> Part:
        """The one file, or the one of a year."""
        if year is not None:
            years = [year_in_name(part.stem) for part in found]
            found = [p for p, y in zip(found, years, strict=True) if y == year or (len(years) == 1 and y is None)]
        return self._only(found, [part.stem for part in found], what, year)

    def _only(self, found: Sequence[T], names: list[str], what: str, year: int | None) -> T:
        if not found:
            raise ReadError(f"holds no {what}{f' of {year}' if year is not None else ''}", self.name)
        if len(found) > 1:
            some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            how = "by year=, or which sheet by sheet=" if "sheet '" in some else "by year=, or give one file"
            raise ReadError(f"holds {len(found)} tables ({some}): say which {how}", self.name)
        return found[0]

    def passed_over(self, used: Iterable[Part]) -> list[str]:
        """Note on files that were not read."""
        chosen = {id(part) for part in used}
        others = [p.stem for p in self.parts if id(p) not in chosen and year_in_name(p.stem) is None]
        names = [*others, *(name for name in self.aside if not name.startswith("."))]
        return [f"passed over: {', '.join(sorted(set(names)))}"] if names else []


def existing(path: str | os.PathLike[str]) -> Path:
    """Path of a file or folder; a pipe or a device, which would be waited for, is refused."""
    file = Path(path)
    if not os.fspath(path):
        raise ReadError("the path is empty: name a file or a folder")
    if not file.exists():
        raise ReadError("no such file", file)
    if not file.is_file() and not file.is_dir():
        raise ReadError("is a pipe or a device, not a file: read it yourself and pass io.BytesIO(contents)", file)
    return file


def foreign(part: Part) -> str | None:
    """What another program's file is."""
    begin = part.begin().lstrip(b"\xef\xbb\xbf \r\n\t")
    told = [kind for mark, kind in _FOREIGN.items() if isinstance(mark, bytes) and begin.startswith(mark)]
    return told[0] if told else _FOREIGN.get(Path(part.stem).suffix.lower())


def is_aside(name: str) -> bool:
    """Whether a file only comes along: what a Mac leaves in an archive, hidden and lock files, a read-me."""
    stem = Path(name).name.lower()
    return "__MACOSX" in name or stem.startswith((".", "~$", "readme", "read_me", "read me", "licen"))


def is_zip(place: Path | bytes) -> bool:
    """Whether a file or bytes are a zip archive."""
    return zipfile.is_zipfile(io.BytesIO(place) if isinstance(place, bytes) else place)


class opened_zip:  # noqa: N801
    """A zip archive; whatever its damage raises becomes a `ReadError` with the file's name."""

    def __init__(self, place: Path | bytes, name: str) -> None:
        self.name = name
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(place) if isinstance(place, bytes) else place)
        except ZIP_ERRORS as error:
            raise ReadError(f"is a damaged zip archive: {error}", name) from error

    def __enter__(self) -> zipfile.ZipFile:
        return self.archive

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.archive.close()
        if isinstance(error, ZIP_ERRORS) and not isinstance(error, ReadError):
            raise ReadError(f"is a damaged zip archive: {error}", self.name) from error


def unfolded(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """A member of an archive, unless it is far larger than the archive."""
    with archive.open(member) as stream:
        return _limited(stream, archive.getinfo(member).compress_size, f"{name}, member {member}")


def _gunzipped(place: Path | bytes, name: str) -> bytes:
    packed = len(place) if isinstance(place, bytes) else place.stat().st_size
    try:
        with gzip.open(io.BytesIO(place) if isinstance(place, bytes) else place) as stream:
            return _limited(stream, packed, name)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"is not a complete gzip file: {error}", name) from error


def _limited(stream: SupportsRead, packed: int, name: str) -> bytes:
    most = _core.most_bytes(packed)
    data = stream.read(most + 1)
    if len(data) > most:
        raise ReadError(
            f"unfolds to more than {most / 1e6:.0f} MB, far more than its size in the archive: if that is a table, set "
            "the environment variable GVCKIT_READ_LIMIT=4",
            name,
        )
    return data


def _content(file: Any) -> bytes:
    """Contents of an open file, which is left as it was found."""
    start = file.tell() if file.seekable() else None
    content = file.read()
    if start is not None:
        file.seek(start)
    return content.encode() if isinstance(content, str) else bytes(content)


def _encoding_of(data: bytes, name: str) -> str:
    """Encoding by a mark at the beginning, or by charset-normalizer's guess from what is not ASCII."""
    for mark, encoding in ((b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return encoding
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        told = MissingDependencyError.of("charset-normalizer", "guessing an encoding", "encodings")
        raise ReadError(f"is not UTF-8 text: say encoding='gbk' or 'latin-1' ({told})", name) from error
    strange = b"\n".join(line for line in data.splitlines() if not line.isascii())[: 1 << 18]
    best = from_bytes(strange, cp_isolation=["gb18030", "big5", "cp1252", "shift_jis", "cp949", "cp1251"]).best()
    if best is None:
        raise ReadError("is not UTF-8 text, and its encoding can't be told: say encoding='gbk' or 'latin-1'", name)
    return best.encoding
