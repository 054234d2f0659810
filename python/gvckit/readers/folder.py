"""All tables of a folder."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gvckit.errors import OptionError, ReadError
from gvckit.mrio import Mrio
from gvckit.readers.detect import layout_of, read
from gvckit.readers.files import KINDS, Files, is_aside
from gvckit.readers.sample import load_sample, sample_years
from gvckit.readers.years import year_in_name

log = logging.getLogger("gvckit.read")
#: A range of years in the name of a file that holds several.
_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)-((?:19|20)\d\d)(?!\d)")


def read_years(folder: str | os.PathLike[str] | None = None, years: Iterable[int] | None = None) -> dict[int, Mrio]:
    """Read the tables of a folder by year, all of them into memory; `panel` reads one after the other.

    Parameters
    ----------
    folder : path, optional
        A folder of files that `read` knows, one a year (or several, where its name has their range, as 2010-2017); by
        default the embedded tables. Lock files, read-mes and lists of codes are passed over, and the log says so.
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
        No folder, or one without tables; no years; a year that the embedded tables don't have.
    """
    wanted = None if years is None else {int(year) for year in years}
    if wanted is not None and not wanted:
        raise OptionError("years is empty: there is nothing to read")
    if folder is None:
        return {year: load_sample(year) for year in sorted(wanted or sample_years())}
    return tables_by_year(Path(folder), wanted, ReadError)


def tables_by_year(folder: Path, wanted: set[int] | None, refusal: Callable[[str, Path], Exception]) -> dict[int, Mrio]:
    """Tables of a folder that are wanted (None: all), in the order of years; what is wrong is raised as a refusal."""
    found: dict[int, Mrio] = {}
    for path in tables_in(folder):
        for t in _tables_of(path, wanted):
            if t.year is None:
                raise refusal("says nothing of its year, in its name or within", path)
            if t.year in found:
                raise refusal(f"is a second table of {t.year}", path)
            found[t.year] = t
    missing = sorted((wanted or set()) - set(found))
    if missing:
        raise refusal(f"holds no table of {', '.join(map(str, missing))}: there are {sorted(found)}", folder)
    return dict(sorted(found.items()))


def _tables_of(path: Path, wanted: set[int] | None) -> Iterator[Mrio]:
    """Tables of a file that are wanted: a name with a range of years is of several."""
    several = _RANGE.search(path.name)
    if several:
        for year in range(int(several[1]), int(several[2]) + 1):
            if wanted is None or year in wanted:
                yield read(path, year)
        return
    named = year_in_name(path.name)
    if wanted is not None and named is not None and named not in wanted:
        return
    t = read(path)
    if wanted is None or t.year is None or t.year in wanted:
        yield t


def tables_in(folder: Path) -> list[Path]:
    """Files in a folder that are tables, by their endings; one without a year in its name must be recognised too."""
    if not folder.is_dir():
        raise OptionError(f"{folder} is not a folder: give a list of files, or a mapping of names to files")
    found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    passed = [path for path in found if is_aside(path.name)]
    found = [path for path in found if path not in passed and path.name.lower().endswith((*KINDS, ".csv.gz"))]
    if not found:
        raise OptionError(f"{folder} holds no tables ({', '.join(sorted(KINDS))})")
    strange = [path for path in found if year_in_name(path.name) is None and not _RANGE.search(path.name)]
    passed += [path for path in strange if len(found) > 1 and not _recognised(path)]
    if passed:
        log.warning("%s: passed over: %s", folder, ", ".join(path.name for path in passed))
    return [path for path in found if path not in passed] or found


def _recognised(path: Path) -> bool:
    """Whether a reader knows a file; a damaged one is left for `read` to refuse."""
    try:
        return layout_of(Files.of(path)) is not None
    except ReadError:
        return True
