"""All tables of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gvckit.errors import OptionError, ReadError
from gvckit.read.detect import read
from gvckit.read.years import year_in_name
from gvckit.table import Mrio


def read_years(folder: str | os.PathLike[str] | None = None, years: Iterable[int] | None = None) -> dict[int, Mrio]:
    """Read the tables of a folder by year, all of them into memory; `panel` reads one after the other.

    Parameters
    ----------
    folder : path, optional
        A folder of files that `read` knows, one a year; by default the embedded tables.
    years : iterable of int, optional
        Only these, which must be there. Files whose names are of other years are not opened.

    Returns
    -------
    dict of int to Mrio
        In the order of years.

    Raises
    ------
    ReadError
        Two files of the same year, a file without one, or a year without a file.
    OptionError
        No folder, or one without tables; a year that the embedded tables don't have.
    """
    from gvckit.panel import tables_in
    from gvckit.sample import load_sample, sample_years

    wanted = None if years is None else {int(year) for year in years}
    if folder is None:
        return {year: load_sample(year) for year in sorted(wanted or sample_years())}
    if wanted is not None and not wanted:
        raise OptionError("years is empty: there is nothing to read")
    found: dict[int, Mrio] = {}
    for path in tables_in(Path(folder)):
        if wanted is not None and year_in_name(path.name) not in (None, *wanted):
            continue
        t = read(path)
        if t.year is None:
            raise ReadError("says nothing of its year, in its name or within", path)
        if t.year in found:
            raise ReadError(f"is a second table of {t.year}", path)
        found[t.year] = t
    missing = sorted((wanted or set()) - set(found))
    if missing:
        raise ReadError(f"holds no table of {', '.join(map(str, missing))}", folder)
    return {year: found[year] for year in sorted(found) if wanted is None or year in wanted}
