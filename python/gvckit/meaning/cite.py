"""The papers behind each measure, as text and as BibTeX: ``papers.bib``, and who uses which, ``cited.toml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from gvckit._core import __version__
from gvckit.errors import OptionError
from gvckit.options import Style, check

#: One entry of the file, and one field on a line of its own.
_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)


@dataclass(frozen=True)
class Paper:
    """An entry of ``papers.bib``: as it stands there, and its fields without inner braces."""

    bibtex: str
    fields: dict[str, str]

    @property
    def authors(self) -> str:
        """Surnames, as they are cited."""
        names = [name.partition(",")[0] for name in self.fields["author"].split(" and ")]
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

    @property
    def place(self) -> str:
        """Where it appeared: journal, series, or book."""
        told = {name: value.replace("--", "-") for name, value in self.fields.items()}
        if "version" in told:
            return f"version {told['version']}"
        issue = f"({told['number']})" if "journal" in told and "number" in told else ""
        series = f"{told['type']} {told['number']}" if "type" in told else told.get("booktitle", "")
        name = f"{told['journal']} {told.get('volume', '')}{issue}".strip() if "journal" in told else series
        return f"{name}: {told['pages']}" if "pages" in told else name

    @property
    def short(self) -> str:
        """Authors, year and place."""
        return ", ".join(filter(None, [self._head, self.place or self.fields["title"]]))

    @property
    def text(self) -> str:
        """Full line."""
        parts = filter(None, [self._head, self.fields["title"], self.place])
        return " ".join(part if part.endswith("?") else f"{part}." for part in parts)

    @property
    def _head(self) -> str:
        return f"{self.authors} ({self.fields['year']})" if "year" in self.fields else self.authors


@cache
def papers() -> dict[str, Paper]:
    """All entries by their key."""
    text = resources.files(__package__).joinpath("papers.bib").read_text(encoding="utf-8")
    found = _ENTRY.finditer(text.replace("{VERSION}", f"{{{__version__}}}"))
    fields = str.maketrans("", "", "{}")
    return {
        entry[1]: Paper(entry[0], {name: value.translate(fields) for name, value in _FIELD.findall(entry[0])})
        for entry in found
    }


@cache
def cited() -> dict[str, tuple[str, ...]]:
    """Keys of papers by the name of a measure, a method of `decompose_exports`, or a figure (``plot.timeline``)."""
    import tomllib  # a tenth of what `import gvckit` takes

    told = tomllib.loads(resources.files(__package__).joinpath("cited.toml").read_text(encoding="utf-8"))
    return {name: tuple(keys) for name, keys in told.items()}


def sources(name: str) -> str:
    """Papers of a measure in one line."""
    return "; ".join(papers()[key].short for key in cited()[name])


def cite(what: str | Callable[..., Any] | Any = None, style: Style = "text") -> str:
    """Name the papers behind a measure.

    Parameters
    ----------
    what : str, callable, or a result, optional
        A measure (``"participation"``), a method of `decompose_exports` (``"wwz"``), the function itself
        (``gk.participation``, ``gk.plot.network``), or a result: a frame, or a network. ``"gvckit"`` is the package
        itself. Without it, all that there is: a line a name, or all entries.
    style : {"text", "bibtex"}

    Returns
    -------
    str
        One line, or one entry, a paper; of a result also the source of its numbers (as text).

    Raises
    ------
    OptionError
        Nothing of that name, or a result that doesn't say what it is.
    """
    check("style", style, Style)
    if what is None:
        if style == "bibtex":
            return "\n\n".join(paper.bibtex for paper in papers().values())
        return "\n".join(f"{name}: {sources(name)}" for name in cited())
    found = [papers()[key] for key in cited()[name_in(what, cited())]]
    if style == "bibtex":
        return "\n\n".join(paper.bibtex for paper in found)
    source = getattr(what, "attrs", {}).get("source")
    return "\n".join([*(paper.text for paper in found), *([f"Data: {source}."] if source else [])])


def name_in(what: object, known: Iterable[str]) -> str:
    """Name of a measure, a function or a result among those that are known; `OptionError` lists the nearest."""
    attrs = getattr(what, "attrs", {})
    if isinstance(what, str):
        names = [what]
    elif callable(what):
        name = getattr(what, "__name__", "")
        names = [f"plot.{name}" if getattr(what, "__module__", "").startswith("gvckit.plot") else name]
    elif "measure" in attrs:
        names = [str(attrs.get("method")), str(attrs["measure"])]
    else:
        raise OptionError(f"this {type(what).__name__} doesn't say what it is: give the name of the measure")
    known = list(known)
    for name in names:
        if name in known:
            return name
    raise OptionError.of("name", names[-1], known)
