"""One-file cache of a table: a zip of arrays (npz) and one JSON text. No pickle inside."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, ReadError
from gvckit.files import replacing
from gvckit.labels import Labels
from gvckit.table import Mrio

FORMAT = "gvckit table"
VERSION = 1


def save(t: Mrio, path: str | os.PathLike[str], compress: bool = True) -> None:
    """Write a table to one file.

    Parameters
    ----------
    t : Mrio
    path : path
        Any name; nothing is appended. The file appears only when it is complete.
    compress : bool, default True
        Without it the file is as large as the arrays and loads at disk speed.
    """
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
    arrays = {"Z": t.arrays.z, "Y": t.arrays_by_category}
    if t.output_given is not None:
        arrays["x"] = t.output_given
    if t.value_added_given is not None:
        arrays["va"] = t.value_added_given
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
            stored = _narrow(array) if compress else array
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, stored, allow_pickle=False)


def _narrow(array: np.ndarray) -> np.ndarray:
    if array.size and np.abs(array).max() < 2**31:
        whole = array.astype(np.int32)
        if np.array_equal(whole, array):
            return whole
    return array


def load(path: str | os.PathLike[str]) -> Mrio:
    """Read a table that `save` wrote.

    Raises
    ------
    ReadError
        The file is not such a table, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read("header.json"))
            if header.get("format") != FORMAT or header.get("version") != VERSION:
                raise ReadError(f"is not a {FORMAT} of version {VERSION}", path)
            extra = [f"extension{k}" for k in range(len(header.get("extensions", [])))]
            arrays = {name: _member(archive, name) for name in ("Z", "Y", "x", "va", *extra)}
    except FileNotFoundError:
        raise ReadError("no such file", path) from None
    except GvcError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        EOFError,
        OSError,
        NotImplementedError,
    ) as error:
        raise ReadError(f"is not a table saved by gvckit, or is damaged: {error}", path) from error
    return _table(Path(path), header, arrays)


def _member(archive: zipfile.ZipFile, name: str) -> np.ndarray | None:
    if f"{name}.npy" not in archive.namelist():
        return None
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _table(path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray | None]) -> Mrio:
    try:
        labels = Labels(*(tuple(header[key]) for key in ("regions", "sectors", "categories")))
        extensions = {}
        for k, told in enumerate(header.get("extensions", [])):
            index = pd.Index(told["items"], name=told["index"], dtype=object)
            frame = pd.DataFrame(arrays[f"extension{k}"], index=index, columns=labels.rows)
            frame.attrs["unit"] = told["unit"]
            extensions[told["name"]] = frame
        return Mrio.from_arrays(
            arrays["Z"],  # type: ignore[arg-type]
            arrays["Y"],  # type: ignore[arg-type]
            labels.regions,
            labels.sectors,
            labels.categories,
            x=arrays["x"],
            va=arrays["va"],
            copy=False,
            extensions=extensions,
            notes=header.get("notes", ()),
            **header["meta"],
        )
    except (GvcError, KeyError, TypeError, ValueError) as error:
        raise ReadError(f"holds a table that can't be used: {error}", path) from error
