"""Tables that `Mrio.save` wrote, as one more layout that `read` recognises."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gvckit.errors import ReadError
from gvckit.mrio import Mrio
from gvckit.readers.files import Files
from gvckit.readers.layouts import register
from gvckit.table.store import load


def recognises(files: Files) -> bool:
    """Whether a file is one of gvckit's own."""
    return len(files.parts) == 1 and files.parts[0].kind == "saved"


@register("a table saved by gvckit", recognises)
def _read(files: Files, _year: int | None) -> Mrio:
    (part,) = files.parts
    if isinstance(part.place, Path) and part.member is None:
        return load(Mrio, part.place)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / part.stem
        target.write_bytes(part.data())
        try:
            return load(Mrio, target)
        except ReadError as error:
            raise error.at(files.name) from None
