"""The year of a table, from the name of its file or its title."""

from __future__ import annotations

import re
from pathlib import Path

#: A year in a text.
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
#: Years and numbers in names that are those of an edition, a release or a price base.
_OTHERS = re.compile(
    r"ICIO[-_ ]?20\d\d(?=[-_ ]\d{4})"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_ ]*\d{2,4}"
    r"|\d\ded(?![a-z])"
    r"|constant[-_ ]*(?:19|20)\d\d[-_ ]*prices",
    re.IGNORECASE,
)
#: A range of years.
_RANGE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:19|20)\d\d(?!\d)")
#: WIOD's names with two digits.
_SHORT = re.compile(r"WIOT(\d\d)(?!\d)", re.IGNORECASE)


def year_in_name(name: str) -> int | None:
    """Year of the flows in a file's name; the year of an edition or release is not it.

    ``ICIO2021_2018.csv`` is of 2018, ``ADB-MRIO-2008_Mar2022.xlsx`` of 2008, ``WIOT05_ROW_Apr12.xlsx`` of 2005.
    """
    stem = Path(name).name
    short = _SHORT.search(stem)
    if short:
        two = int(short.group(1))
        return two + (1900 if two > 50 else 2000)
    if _RANGE.search(stem):
        # Of several years: what is in it says which.
        return None
    found = YEAR.search(_OTHERS.sub(" ", stem))
    return int(found.group()) if found else None
