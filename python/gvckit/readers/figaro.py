"""Reader of FIGARO, the inter-country tables of Eurostat: industry or product, matrix or flat."""

from __future__ import annotations

import re

from gvckit.mrio import Mrio
from gvckit.readers.build import Labelled, of_flat, read_labelled, table_of
from gvckit.readers.text import Readable, Text, one, texts
from gvckit.readers.workbook import year_of

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
    A flat file's lines may come in any order; a cell that comes twice is an error. Memory: a matrix the arrays
    and a few parts of the text, a flat file twice the arrays.
    """
    found = texts(path)
    text = one(found, path, "FIGARO table (csv)", year)
    separator = text.separator()
    fields = flat_fields(text, separator)
    labelled = read_labelled(text) if fields is None else _read_flat(text, separator, fields)
    by_product = any(code.startswith("CPA_") for _, code in labelled.industries[:1])
    kind = "product by product" if by_product else "industry by industry"
    edition = re.search(r"(\d\d)ed", text.stem)
    named = f"FIGARO, {'edition 20' + edition.group(1) + ', ' if edition else ''}{kind}"
    known = [CATEGORIES.get(label.partition("_")[2]) for label in labelled.rest]
    if None in known:
        strange = labelled.rest[known.index(None)]
        raise text.error(f"the column {strange!r} is neither a sector nor final demand (P3_S13 ... P5M) of FIGARO")
    return table_of(
        labelled,
        source=named,
        year=year or year_of([], re.sub(r"\d\ded", "", text.stem)),
        unit="million EUR",
        renamed={"FIGW1": "ROW", "WRL_REST": "ROW"},
        categories=CATEGORIES,
    )


def flat_fields(text: Text, separator: str) -> list[int] | None:
    """Positions of the five fields of a flat file; None if the text is not flat."""
    head = text.head(1, separator)
    names = [name.strip().casefold() for name in head[0]] if head else []
    places = [next((names.index(name) for name in known if name in names), None) for known in _FLAT]
    return None if None in places else [place for place in places if place is not None]


def _read_flat(text: Text, separator: str, fields: list[int]) -> Labelled:
    seller, sold, buyer, bought, value = fields
    rows, columns, cells = text.flat(separator, [seller, sold], [buyer, bought], value)
    return of_flat(text, [(r[0], r[1]) for r in rows], [(c[0], c[1]) for c in columns], cells)
