"""Reader of FIGARO, the inter-country tables of Eurostat: industry or product, matrix or flat."""

from __future__ import annotations

import re

from gvckit.mrio import Mrio
from gvckit.readers import joined
from gvckit.readers.build import table_of
from gvckit.readers.files import Files, Leaf, Part, Readable
from gvckit.readers.flat import of_flat
from gvckit.readers.labelled import Labelled
from gvckit.readers.layouts import register
from gvckit.readers.words import is_total

#: Final demand of the files, in the words of the other databases.
CATEGORIES = {"P3_S13": "GGFC", "P3_S14": "HFCE", "P3_S15": "NPISH", "P51G": "GFCF", "P5M": "INVNT"}
#: Names of the flat file's fields: region and code of the row, region and code of the column, value.
_FLAT = (
    ("refarea", "reparea", "ref_area"),
    ("rowii", "rowpi", "rowip", "rowpp", "row_ii", "row_pi", "row"),
    ("counterpartarea", "counterpart_area"),
    ("colii", "colpi", "colip", "colpp", "col_ii", "col_pi", "col"),
    ("obsvalue", "obs_value", "value"),
)


def read_figaro(path: Readable, year: int | None = None) -> Mrio:
    """Read a FIGARO table: industry by industry or product by product, matrix or flat.

    Parameters
    ----------
    path : path or open file
        Such as ``matrix_eu-ic-io_ind-by-ind_24ed_2021.csv`` or ``flatfile_eu-ic-io_ind-by-ind_24ed_2021.csv``, the zip
        archive that it comes in, or a folder.
    year : int, optional
        Which year, where there are several.

    Returns
    -------
    Mrio
        Million EUR at current prices, final demand as HFCE, NPISH, GGFC, GFCF, INVNT. FIGW1, the rest of the world,
        is spelled ROW. Rows of taxes and value added are ``extensions["value_added"]``. The file gives no output.

    Raises
    ------
    ReadError
        Not such a file; the message has the file and the line or label.

    Notes
    -----
    A flat file's lines may come in any order; a cell that comes twice is an error, an absent one is 0. Memory: a matrix
    its cells and a few parts of the text, a flat file twice the arrays.
    """
    return _read(Files.of(path), year)


def recognises(files: Files) -> bool:
    """Whether a text or sheet has labels such as AT_P3_S14, or the fields of the flat file."""
    return bool(_leaves(files))


def _leaves(files: Files) -> list[Leaf]:
    return [
        leaf for leaf in files.leaves
        if (leaf.sheet is None and flat_fields(leaf) is not None)
        or {code for _, code in joined.columns_of(leaf.head)} & set(CATEGORIES)
    ]  # fmt: skip


@register("FIGARO (csv)", recognises)
def _read(files: Files, year: int | None) -> Mrio:
    known = _leaves(files)
    leaf = files.one(known or files.leaves, "FIGARO table (csv)", year)
    part = leaf.part
    fields = flat_fields(leaf) if leaf.sheet is None else None
    found = joined.labelled(leaf.cells(), expected="AT_A01") if fields is None else _read_flat(part, fields)
    sectors = {code for pair in found.rows if pair in set(found.columns) for code in pair[1:]}
    _known_demand(found, sectors)
    kind = "product by product" if any(c.startswith("CPA_") for c in sectors) else "industry by industry"
    edition = re.search(r"(\d\d)ed", part.stem)
    table = table_of(
        found,
        edition=f"FIGARO, {'edition 20' + edition.group(1) + ', ' if edition else ''}{kind}",
        year=year or leaf.year,
        unit="million EUR",
        stem=part.stem,
        renamed={"FIGW1": "ROW", "WRL_REST": "ROW"},
        categories=CATEGORIES,
    )
    return table.replaced(notes=(*table.notes, *files.passed_over(leaf.part for leaf in known or [leaf])))


def _known_demand(found: Labelled, sectors: set[str]) -> None:
    """Refuse a column that is neither a sector nor one of the five kinds of final demand."""
    for region, code in found.columns:
        if code not in sectors and code not in CATEGORIES and not (is_total(region) or is_total(code)):
            label = found.name((region, code))
            raise found.error(f"the column {label!r} is neither a sector nor final demand (P3_S13 ... P5M) of FIGARO")


def flat_fields(leaf: Leaf) -> list[int] | None:
    """Positions of the five fields of a flat file; None if the text is not flat."""
    names = [text.casefold() for text in (leaf.part.head(1, leaf.part.separator) or [[]])[0]]
    places = [next((names.index(name) for name in known if name in names), None) for known in _FLAT]
    return None if None in places else [place for place in places if place is not None]


def _read_flat(part: Part, fields: list[int]) -> Labelled:
    seller, sold, buyer, bought, value = fields
    rows, columns, cells = part.flat(part.separator, [seller, sold], [buyer, bought], value)
    return of_flat(part, [(r[0], r[1]) for r in rows], [(c[0], c[1]) for c in columns], cells)
