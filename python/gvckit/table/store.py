"""One-file cache of a table: a zip of arrays (npz) and one JSON text. No pickle inside."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, ReadError
from gvckit.table import build
from gvckit.table.data import Table
from gvckit.table.labels import Labels
from gvckit.write import plain, replacing

#: Members of an uncompressed file begin at multiples of this, padded by an extra field of this number.
_ALIGNED, _PADDING_ID = 64, 0xD935
T = TypeVar("T", bound=Table)

FORMAT = "gvckit table"
#: 1 had no list of its members.
VERSION, _OLDEST = 2, 1
_HEADER = "header.json"


def save(t: Table, path: str | os.PathLike[str], compress: bool = True) -> None:
    """Write a table to one file: `gvckit.Mrio.save`."""
    arrays = {name: array for name, array in t.given.arrays.items() if array is not None} | {"Z": t.arrays.z}
    for kind, frames in _accounts(t).items():
        arrays |= {f"{kind}{k}": frame.to_numpy() for k, frame in enumerate(frames.values())}
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with (
        replacing(path) as temporary,
        zipfile.ZipFile(temporary, "w", method, compresslevel=1 if compress else None) as archive,
    ):
        for name, array in arrays.items():
            # Whole numbers of moderate size are stored as such: a third of the bytes, read faster.
            stored = _narrow(array) if compress else np.ascontiguousarray(array)
            info = zipfile.ZipInfo(f"{name}.npy")
            info.compress_type = method
            if not compress:
                info.extra = _padding(archive, info)
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, stored, allow_pickle=False)
        # Last, when the checksums are known.
        header = _header(t) | {"members": {info.filename: [info.CRC, info.file_size] for info in archive.infolist()}}
        archive.writestr(_HEADER, json.dumps(header, ensure_ascii=False))


def _header(t: Table) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "regions": t.regions,
        "sectors": t.sectors,
        "categories": t.categories,
        **({"sector_names": list(t.labels.called)} if t.labels.called else {}),
        "meta": {key: value for key, value in t.given.meta.items() if plain(value)},
        "notes": t.notes,
        **{
            f"{kind}s": [
                {
                    "name": name,
                    "items": [str(item) for item in frame.index],
                    "index": frame.index.name,
                    "unit": frame.attrs.get("unit"),
                }
                for name, frame in frames.items()
            ]
            for kind, frames in _accounts(t).items()
            if frames or kind == "extension"
        },
    }


def _accounts(t: Table) -> dict[str, Mapping[str, pd.DataFrame]]:
    """Accounts by the names of their members."""
    return {"extension": t.given.extensions, "demand_account": t.given.demand_accounts}


def _padding(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Extra field that makes the member's data begin at a multiple of 64, so that it can be mapped into memory."""
    assert archive.fp is not None
    # Local header, name, the field of 20 bytes for large members, and the head of this field.
    begin = archive.fp.tell() + 30 + len(info.filename) + 20 + 4
    room = -begin % _ALIGNED
    return struct.pack("<HH", _PADDING_ID, room) + bytes(room)


def _narrow(array: np.ndarray) -> np.ndarray:
    if array.size and np.abs(array).max() < 2**31:
        whole = array.astype(np.int32)
        if np.array_equal(whole, array):
            return whole
    return array


def load(kind: type[T], path: str | os.PathLike[str], mmap: bool = False) -> T:
    """Read a table that `save` wrote: `gvckit.Mrio.load`."""
    try:
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read(_HEADER))
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise ReadError(f"is not a {FORMAT}", path)
            if header.get("version") not in range(_OLDEST, VERSION + 1):
                raise ReadError(
                    f"is a {FORMAT} of version {header.get('version')}: this gvckit reads to {VERSION}", path
                )
            kinds = ("extension", "demand_account")
            extra = [f"{kind}{k}" for kind in kinds for k in range(len(header.get(f"{kind}s", [])))]
            _check_members(archive, header, extra)
            arrays = {name: _member(archive, name) for name in ("x", "va", *extra)}
            large = _mapped if mmap else _member
            arrays |= {name: large(archive, name) for name in ("Z", "Y")}
    except FileNotFoundError:
        raise ReadError("no such file", path) from None
    except GvcError:
        raise
    except Exception as error:  # damage can make any of the libraries below raise anything
        raise ReadError(f"is not a table saved by gvckit, or is damaged{_cut(path)}: {error}", path) from error
    return _table(kind, Path(path), header, arrays)


def _cut(path: str | os.PathLike[str]) -> str:
    """What can be said of a file that begins as an archive and has no directory at its end."""
    try:
        with open(path, "rb") as file:
            cut = file.read(4) == b"PK\x03\x04" and not zipfile.is_zipfile(file)
    except (OSError, TypeError):
        return ""
    return " (its end is missing: it was cut off, or is still being written)" if cut else ""


def _check_members(archive: zipfile.ZipFile, header: dict[str, Any], extra: list[str]) -> None:
    """Refuse an archive whose directory doesn't have the members that its header lists, with their checksums.

    Version 1 lists none: there, members of known names must fill the file without a gap.
    """
    infos = archive.infolist()
    if "members" in header:
        found = {info.filename: [info.CRC, info.file_size] for info in infos if info.filename != _HEADER}
        damaged = found != header["members"] or len(found) + 1 != len(infos)
    else:
        known = {_HEADER, *(f"{name}.npy" for name in ("Z", "Y", "x", "va", *extra))}
        damaged = header["version"] > 1 or not {info.filename for info in infos} <= known or not _filled(archive)
    if damaged:
        raise ReadError("is damaged: its directory is not that of the members that were saved", archive.filename)


def _filled(archive: zipfile.ZipFile) -> bool:
    """Whether the members that the directory knows lie one behind the other, from the first byte to the directory."""
    ends = [0, *(_begin(archive, info) + info.compress_size for info in archive.infolist())]
    begins = [*(info.header_offset for info in archive.infolist()), archive.start_dir]
    return ends == begins


def _begin(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Where a member's data begin: behind its own header, its name and its extra field."""
    assert archive.fp is not None
    archive.fp.seek(info.header_offset + 26)
    name_length, extra_length = struct.unpack("<HH", archive.fp.read(4))
    return int(info.header_offset + 30 + name_length + extra_length)


def _mapped(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Array of a member that is stored as it is, mapped into memory."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ReadError("is compressed and can't be mapped: save it with compress=False", archive.filename)
    assert archive.filename is not None
    assert archive.fp is not None
    begin = _begin(archive, info)
    archive.fp.seek(begin)
    version = np.lib.format.read_magic(archive.fp)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_column, dtype = read(archive.fp)
    start, end = archive.fp.tell(), begin + info.file_size
    if dtype != np.float64 or start % dtype.itemsize or start + dtype.itemsize * int(np.prod(shape)) > end:
        raise ReadError(f"holds {name} in a form that can't be mapped", archive.filename)
    there = os.path.getsize(archive.filename)
    if there < end:
        # A page that is not there ends the process when it is read: this is the last moment to say so.
        raise ReadError(f"is cut off: {name} ends at byte {end:,}, the file at {there:,}", archive.filename)
    return np.memmap(archive.filename, dtype, "r", start, shape, order="F" if by_column else "C")


def _member(archive: zipfile.ZipFile, name: str) -> np.ndarray | None:
    if f"{name}.npy" not in archive.namelist():
        return None
    with archive.open(f"{name}.npy") as member:
        array = np.lib.format.read_array(member, allow_pickle=False)
        # The checksum is looked at when the end is reached.
        if member.read(1):
            raise ReadError(f"is damaged: {name} is longer than its shape", archive.filename)
    return array


def _table(kind: type[T], path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray | None]) -> T:
    try:
        labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
        frames: dict[str, dict[str, pd.DataFrame]] = {"extension": {}, "demand_account": {}}
        for kind_of, columns in (("extension", labels.rows), ("demand_account", labels.demand)):
            for k, told in enumerate(header.get(f"{kind_of}s", [])):
                index = pd.Index(told["items"], name=told["index"], dtype=object)
                frame = pd.DataFrame(arrays[f"{kind_of}{k}"], index=index, columns=columns)
                frame.attrs["unit"] = told["unit"]
                frames[kind_of][told["name"]] = frame
        meta = header["meta"]
        parts = build.given(
            arrays["Z"], arrays["Y"], labels.regions, labels.sectors, labels.categories, x=arrays["x"],
            va=arrays["va"], meta=meta, extensions=frames["extension"], notes=header.get("notes", ()), copy=False,
            sector_names=dict(zip(labels.sectors, header.get("sector_names", ()), strict=False)) or None,
        )  # fmt: skip
        demand = build.accounts(frames["demand_account"], labels, demand=True)
        table = kind(replace(parts, meta={**meta, **parts.meta}, demand_accounts=demand))
        build.say_doubts(table)
        return table
    except (GvcError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"holds a table that can't be used: {error}", path) from error
