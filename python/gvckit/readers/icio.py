"""Reader of the OECD's inter-country input-output tables, editions 2016 to 2025, regular and extended."""

from __future__ import annotations

from gvckit.mrio import Mrio
from gvckit.options import Processing, check
from gvckit.readers import joined
from gvckit.readers.build import finished, table_of
from gvckit.readers.files import Files, Leaf, Readable
from gvckit.readers.labelled import Labelled
from gvckit.readers.layouts import register
from gvckit.table.names import PROCESSING

#: Spellings of final demand that differ between editions.
CATEGORIES = {"GGCF": "GGFC", "DIRPA": "DPABR", "DIRP": "DPABR"}


def read_icio(path: Readable, year: int | None = None, processing: Processing = "fold") -> Mrio:
    """Read an OECD ICIO table, of any edition.

    Parameters
    ----------
    path : path or open file
        The csv, the zip archive that it comes in (or a zip within a zip), or a folder; a workbook that it was re-saved
        as. Rows and columns may be in any order.
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
    region, in the 2016 edition by category (``HFCE_AUS``). Memory: the cells, which become the arrays, and a few parts
    of the text; twice the arrays where rows or columns are in another order.
    """
    check("processing", processing, Processing)
    return _read(Files.of(path), year, processing)


def recognises(files: Files) -> bool:
    """Whether a text or sheet has labels such as AUS_HFCE."""
    return bool(_leaves(files))


def _leaves(files: Files) -> list[Leaf]:
    return [
        leaf for leaf in files.leaves
        if any("HFCE" in pair or pair[1].endswith("_HFCE") for pair in joined.columns_of(leaf.head))
    ]  # fmt: skip


@register("OECD ICIO (csv)", recognises)
def _read(files: Files, year: int | None, processing: Processing = "fold") -> Mrio:
    known = _leaves(files)
    leaf = files.one(known or files.leaves, "ICIO table (csv)", year)
    found = joined.swapped(joined.labelled(leaf.cells()))
    regions = {region for region, _ in found.rows}
    parts = {part: whole for part, whole in PROCESSING.items() if part in regions and whole in regions}
    table = table_of(
        found,
        edition=f"OECD ICIO, {edition(found)} edition{', extended' if parts else ''}",
        year=year or leaf.year,
        unit="million USD",
        stem=leaf.part.stem,
        categories=CATEGORIES,
    )
    aside = files.passed_over(leaf.part for leaf in known or [leaf])
    if not parts or processing == "keep":
        return table.replaced(notes=(*table.notes, *aside))
    notes = [*table.notes[1:-1], f"added {', '.join(parts)} to {', '.join(dict.fromkeys(parts.values()))}", *aside]
    return finished(table.aggregate(regions=parts), leaf.part.name, leaf.part.stem, notes)


def edition(found: Labelled) -> str:
    """Edition by what changed between them: codes, discrepancy column, rows of value added."""
    codes = {code for _, code in found.rows if code}
    heads = {region for region, _ in found.rows}
    columns = {region for region, _ in found.columns}
    if "DISC" in columns or {"HFCE", "NPISH"} & columns or "VA+TAXSUB" in heads:
        return "2016"
    if any(code.startswith("C24A") for code in codes):
        return "2025"
    if any(code.startswith(("01T03", "D01T03")) for code in codes):
        return "2018"
    if "VALU" in heads or "TAXSUB" in heads | codes:
        return "2021"
    return "2023" if "VA" in heads else "unknown"
