"""Economies by the names and codes that people type: data of the package, one function each to look them up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from gvckit.table.records import records

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


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Spelling without case, spaces and dots."""
    return "".join(c for c in text.casefold() if c.isalnum())


_PARTS = ("code", "iso2", "name", "group", "zh")


@cache
def economies() -> tuple[Economy, ...]:
    """Return the economies that the package knows by name."""
    return tuple(
        Economy(**{part: row[part] for part in _PARTS}, aliases=tuple(filter(None, row["aliases"].split(";"))))
        for row in records("gvckit.table", "economies.csv")
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
    return {row["group"]: frozenset(row["members"].split(";")) for row in records("gvckit.table", "groups.csv")}


@cache
def _groups_by_spelling() -> dict[str, str]:
    rows = records("gvckit.table", "groups.csv")
    spellings = ((row["group"], [row["group"], *row["aliases"].split(";")]) for row in rows)
    return {fold(text): group for group, texts in spellings for text in texts if text}


def group_named(label: str) -> str | None:
    """Return the group of economies that a label or a typed name means (EU27, European Union, 欧盟), if it is known."""
    return _groups_by_spelling().get(fold(label))


def members_of(label: str) -> frozenset[str]:
    """Codes of the economies of a group by a label or a typed name; none where it is not a group that is known."""
    return groups_known().get(group_named(label) or "", frozenset())
