"""The values that options may take, and the check for them: their one home."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import index
from typing import Any, Literal, TypeVar, get_args

from gvckit.errors import OptionError

Direction = Literal["forward", "backward"]
Level = Literal["sector", "region", "world"]
FlowLevel = Literal["region", "sector"]
Kind = Literal["traditional", "simple", "complex", "gvc", "total"]
Partner = Literal["importer", "absorber"]
Method = Literal["kww", "wwz", "bm_source", "bm_sink", "my", "oecd", "tripartite"]
Perspective = Literal["exporter", "world"]
ExportLevel = Literal["region", "sector", "bilateral", "bilateral_sector"]
#: Whether sectors are those that export, or those in which value added was made.
ExportSector = Literal["exporting", "origin"]
Backbone = Literal["disparity", "top"]

Normalisation = Literal["minmax", "zscore", "rank", "percentile", "goalposts", "target", "reference", "none"]
Mean = Literal["arithmetic", "geometric", "harmonic"]
Weighting = Literal["equal", "entropy", "pca"]
Missing = Literal["renormalise", "refuse", "carry"]
Trade = Literal["table", "goods", "icio"]
Tariffs = Literal["bilateral", "all_partners", "icio", "surcharges"]
Sample = Literal["wiod", "icio"]
Sides = Literal["both", "CHN", "USA"]
Cut = Literal["mutual", "exports", "imports"]
Side = Literal["leontief", "ghosh"]
Sourcing = Literal["use", "pooled"]
Deficits = Literal["constant", "closed"]

Axis = Literal["region", "sector"] | None
Absorber = Literal["region"] | None
Balancing = Literal["ras", "gras"]
Form = Literal["average", "polar", "forward", "backward"]
Processing = Literal["fold", "keep"]
Layout = Literal["matrix", "flat"]
Style = Literal["text", "bibtex"]
PanelErrors = Literal["raise", "warn"]
Language = Literal["en", "zh"]
Scale = Literal["shared", "own"]
#: What figures are written as, beside png.
FigureFormat = Literal["pdf", "svg"]

Value = TypeVar("Value", bound=str)


def check(name: str, value: object, allowed: object) -> None:
    """Raise `OptionError` unless ``value`` is one of the strings of a ``Literal``."""
    if value not in (choices := _choices(allowed)):
        raise OptionError.of(name, value, choices)


@cache
def _choices(allowed: object) -> list[Any]:
    choices = [choice for part in get_args(allowed) for choice in (get_args(part) or (part,))]
    return [None if choice is type(None) else choice for choice in choices]


def whole_number(name: str, value: Any, least: int = 0) -> int:
    """Return a whole number that is at least ``least``, and raise `OptionError` for anything else."""
    try:
        found = index(value) if not isinstance(value, bool) else least - 1
    except TypeError:
        found = least - 1
    if found < least:
        enough = {0: "from 0", 1: "one or more"}.get(least, f"{least} or more")
        raise OptionError(f"{name}={value!r:.60}: a whole number is needed, {enough}")
    return found


def quantile_levels(name: str, given: Any) -> list[float]:
    """Levels between 0 and 1; one alone is a list of one."""
    try:
        levels = [
            float(level) for level in (given if isinstance(given, Iterable) and not isinstance(given, str) else [given])
        ]
    except (TypeError, ValueError) as error:
        raise OptionError(f"{name}={given!r:.60}: numbers between 0 and 1 are needed") from error
    if not levels or not all(0 <= level <= 1 for level in levels):
        raise OptionError(f"{name}={given!r:.60}: quantiles lie between 0 and 1")
    return levels
