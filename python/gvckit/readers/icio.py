"""Reader of the OECD's inter-country input-output tables, editions 2016 to 2025, regular and extended."""

from __future__ import annotations

from pathlib import Path

from gvckit.mrio import Mrio
from gvckit.options import Processing, check
from gvckit.readers.build import Labelled, finished, grid, read_labelled, table_of
from gvckit.readers.text import Readable, Text, one, texts
from gvckit.readers.workbook import year_of
from gvckit.table.names import PROCESSING

#: Spellings of final demand that differ between editions.
CATEGORIES = {"GGCF": "GGFC", "DIRPA": "DPABR", "DIRP": "DPABR"}


def read_icio(path: Readable, year: int | None = None, processing: Processing = "fold") -> Mrio:
    """Read an OECD ICIO table, of any edition.

    Parameters
    ----------
    path : path or open file
        The csv, the zip archive that it comes in (or a zip within a zip), or a folder.
    year : int, optional
        Which year, where there are several.
    processing : {"fold", "keep"}
        Extended tables split China and Mexico into parts (CN1, CN2, MX1, MX2, MX3). ``fold`` adds them to CHN and MEX;
        ``keep`` keeps them as regions, whose final demand columns are those of CHN and MEX (and zero for the parts):
        for `gvckit.decompose_exports`, which joins them in the right place.

    Returns
    -------
    Mrio
        Million USD at current prices. The last column is kept as output for `Mrio.audit`, rows of taxes and value
        added as ``extensions["value_added"]``; ``notes`` say what was recognised, dropped, and how far the table is
        from balance.

    Raises
    ------
    ReadError
        Not such a file; the message has the file and the line or label.

    Notes
    -----
    Layouts from descriptions and other projects' readers: labels ``AUS_01T03`` or ``AUS_A01_02``; final demand by
    region, in the 2016 edition by category (``HFCE_AUS``). Memory: the arrays and a few parts of the text.
    """
    check("processing", processing, Processing)
    text = one([t for t in texts(path) if is_candidate(t)], path, "ICIO table (csv)", year)
    found = read_labelled(text)
    regions, codes = grid(found.industries, text)
    parts = {part: whole for part, whole in PROCESSING.items() if part in regions and whole in regions}
    table = table_of(
        found,
        source=f"OECD ICIO, {edition(found, codes)} edition{', extended' if parts else ''}",
        year=year or year_of([], text.stem),
        unit="million USD",
        categories=CATEGORIES,
    )
    if not parts or processing == "keep":
        return table
    notes = [*table.notes[1:-1], f"added {', '.join(parts)} to {', '.join(dict.fromkeys(parts.values()))}"]
    return finished(table.aggregate(regions=parts), text.name, notes)


def is_candidate(text: Text) -> bool:
    """Whether a text may be a table, and not a list of labels."""
    return Path(text.stem).suffix.lower() in ("", ".csv")


def edition(found: Labelled, codes: list[str]) -> str:
    """Edition by what changed between them: codes, discrepancy column, rows of value added."""
    count = len(codes)
    by_component = any(label.upper().startswith(("HFCE_", "NPISH_")) for label in found.rest)
    if by_component or any(label.upper() == "DISC" for label in found.rest):
        return "2016"
    if any(code.startswith("C24A") for code in codes) or count == 50:
        return "2025"
    if any("_TAXSUB" in label for label in found.labels) or "01T03" in codes:
        return "2018"
    if "VALU" in found.labels:
        return "2021"
    return "2023" if "VA" in found.labels else "unknown"
