"""The values that options may take, and the check for them: their one home."""

from __future__ import annotations

from typing import Literal, TypeVar, get_args

from gvckit.errors import OptionError

Direction = Literal["forward", "backward"]
Level = Literal["sector", "region", "world"]
FlowLevel = Literal["region", "sector"]
Kind = Literal["traditional", "simple", "complex", "gvc", "total"]
Partner = Literal["importer", "absorber"]
Method = Literal["kww", "wwz", "bm_source", "bm_sink", "my", "oecd", "tripartite"]
Perspective = Literal["exporter", "world"]
ExportLevel = Literal["region", "sector", "bilateral", "bilateral_sector"]
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

Value = TypeVar("Value", bound=str)


def check(name: str, value: object, allowed: object) -> None:
    """Raise `OptionError` unless ``value`` is one of the strings of a ``Literal``."""
    choices = [choice for part in get_args(allowed) for choice in (get_args(part) or (part,))]
    choices = [None if choice is type(None) else choice for choice in choices]
    if value not in choices:
        raise OptionError.of(name, value, choices)
