"""Economies by the names and codes that people type: data of the package, one function each to look them up."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: Regions of the ICIO's extended tables that are parts of one economy.
PROCESSING = {"CN1": "CHN", "CN2": "CHN", "CN3": "CHN", "CN4": "CHN", "MX1": "MEX", "MX2": "MEX", "MX3": "MEX"}


@dataclass(frozen=True)
class Economy:
    """An economy of the databases: ISO codes, English name, group of regions, Chinese name, other spellings."""

    code: str
    iso2: str
    name: str
    group: str
    zh: str
    aliases: tuple[str, ...]

    def spellings(self) -> set[str]:
        """All spellings, folded for comparison."""
        return {fold(text) for text in (self.code, self.iso2, self.name, self.zh, *self.aliases) if text}


def fold(text: str) -> str:
    """Spelling without case, spaces and dots."""
    return "".join(c for c in text.casefold() if c.isalnum())


_PARTS = ("code", "iso2", "name", "group", "zh")


@cache
def economies() -> tuple[Economy, ...]:
    """Return the economies that the package knows by name."""
    text = resources.files(__package__).joinpath("economies.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Economy(**{part: row[part] for part in _PARTS}, aliases=tuple(filter(None, row["aliases"].split(";"))))
        for row in rows
    )


@cache
def _by_spelling() -> dict[str, Economy]:
    return {spelling: economy for economy in economies() for spelling in economy.spellings()}


def economy_of(label: str) -> Economy | None:
    """Return the economy that a label or a typed name means, if the package knows it."""
    return _by_spelling().get(fold(label))


def is_aggregate(label: str) -> bool:
    """Whether a region is a sum of economies (the rest of the world, EXIOBASE's rests of continents)."""
    economy = economy_of(label)
    return economy is not None and not economy.iso2 and economy.name.startswith("Rest of the world")


@cache
def groups_known() -> dict[str, frozenset[str]]:
    """Groups of economies with their members; ``gvckit/table/groups.csv`` gives the date of each membership."""
    text = resources.files(__package__).joinpath("groups.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["group"]: frozenset(row["members"].split(";")) for row in rows}
