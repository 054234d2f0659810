"""One-file cache of a table: a zip of arrays (npz) and one JSON text. No pickle inside."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, ReadError
from gvckit.table import build
from gvckit.table.data import Table
from gvckit.table.labels import Labels
from gvckit.write import replacing

#: Members of an uncompressed file begin at multiples of this, padded by an extra field of this number.
_ALIGNED, _PADDING_ID = 64, 0xD935
T = TypeVar("T", bound=Table)

FORMAT = "gvckit table"
VERSION = 1


def save(t: Table, path: str | os.PathLike[str], compress: bool = True) -> None:
    """Write a table to one file: `gvckit.Mrio.save`."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "regions": t.regions,
        "sectors": t.sectors,
        "categories": t.categories,
        "meta": {"year": t.year, "unit": t.unit, "source": t.source},
        "notes": t.notes,
        "extensions": [
            {
                "name": name,
                "items": [str(item) for item in frame.index],
                "index": frame.index.name,
                "unit": frame.attrs.get("unit"),
            }
            for name, frame in t.extensions.items()
        ],
    }
    arrays = {name: array for name, array in t.given.arrays.items() if array is not None} | {"Z": t.arrays.z}
    for k, frame in enumerate(t.extensions.values()):
        arrays[f"extension{k}"] = frame.to_numpy()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with (
        replacing(path) as temporary,
        zipfile.ZipFile(temporary, "w", method, compresslevel=1 if compress else None) as archive,
    ):
        archive.writestr("header.json", json.dumps(header, ensure_ascii=False))
        for name, array in arrays.items():
            # Whole numbers of moderate size are stored as such: a third of the bytes, read faster.
            stored = _narrow(array) if compress else np.ascontiguousarray(array)
            info = zipfile.ZipInfo(f"{name}.npy")
            info.compress_type = method
            if not compress:
                info.extra = _padding(archive, info)
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, stored, allow_pickle=False)


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
            header = json.loads(archive.read("header.json"))
            if not isinstance(header, dict):
                raise ReadError(f"is not a {FORMAT}", path)
            if header.get("format") != FORMAT or header.get("version") != VERSION:
                raise ReadError(f"is not a {FORMAT} of version {VERSION}", path)
            extra = [f"extension{k}" for k in range(len(header.get("extensions", [])))]
            arrays = {name: _member(archive, name) for name in ("x", "va", *extra)}
            large = _mapped if mmap else _member
            arrays |= {name: large(archive, name) for name in ("Z", "Y")}
    except FileNotFoundError:
        raise ReadError("no such file", path) from None
    except GvcError:
        raise
    except Exception as error:  # damage can make any of the libraries below raise anything
        raise ReadError(f"is not a table saved by gvckit, or is damaged: {error}", path) from error
    return _table(kind, Path(path), header, arrays)


def _mapped(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Array of a member that is stored as it is, mapped into memory."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ReadError("is compressed and can't be mapped: save it with compress=False", archive.filename)
    assert archive.filename is not None
    with open(archive.filename, "rb") as file:
        file.seek(info.header_offset + 26)
        name_length, extra_length = struct.unpack("<HH", file.read(4))
        file.seek(info.header_offset + 30 + name_length + extra_length)
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_column, dtype = read(file)
        start = file.tell()
    end = info.header_offset + 30 + name_length + extra_length + info.file_size
    if dtype != np.float64 or start % dtype.itemsize or start + dtype.itemsize * int(np.prod(shape)) > end:
        raise ReadError(f"holds {name} in a form that can't be mapped", archive.filename)
    return np.memmap(archive.filename, dtype, "r", start, shape, order="F" if by_column else "C")


def _member(archive: zipfile.ZipFile, name: str) -> np.ndarray | None:
    if f"{name}.npy" not in archive.namelist():
        return None
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _table(kind: type[T], path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray | None]) -> T:
    try:
        labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
        extensions = {}
        for k, told in enumerate(header.get("extensions", [])):
            index = pd.Index(told["items"], name=told["index"], dtype=object)
            frame = pd.DataFrame(arrays[f"extension{k}"], index=index, columns=labels.rows)
            frame.attrs["unit"] = told["unit"]
            extensions[told["name"]] = frame
        meta = {key: header["meta"].get(key) for key in ("year", "unit", "source")}
        parts = build.given(
            arrays["Z"], arrays["Y"], labels.regions, labels.sectors, labels.categories, x=arrays["x"],
            va=arrays["va"], meta=meta, extensions=extensions, notes=header.get("notes", ()), copy=False,
        )  # fmt: skip
        table = kind(parts)
        build.say_doubts(table)
        return table
    except (GvcError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"holds a table that can't be used: {error}", path) from error
