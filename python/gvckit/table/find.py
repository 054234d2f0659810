"""Labels by what people type: exact ones, names and codes, and errors that suggest the nearest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from gvckit.errors import LabelError
from gvckit.table.industries import names_of, span_of, spans
from gvckit.table.names import economy_of, fold, group_named, is_aggregate


def positions(what: str, known: Sequence[str], wanted: Sequence[object]) -> list[int]:
    """Positions of labels in ``known``; `LabelError` with the nearest names for one that is not there."""
    lookup = {label: position for position, label in enumerate(known)}
    return [lookup[nearest(what, known, name)] for name in wanted]


def nearest(what: str, known: Sequence[str], name: object) -> str:
    """``name`` if it is known; else `LabelError` that suggests near ones."""
    if name in known:
        return str(name)
    raise unknown(what, known, name)


def unknown(what: str, known: Sequence[str], name: object, called: Mapping[str, str] | None = None) -> LabelError:
    """Error for a label that is not there, with the nearest ones or the first few; names with commas one a line."""
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    if what == "sector":
        called = called or {}
        near = [*_with_words(known, str(name), called), *near, *_by_long_name(known, str(name), called)]
        near = list(dict.fromkeys(near))[:3]
    if what == "region" and not near:
        near = _by_name(known, str(name))
    some, how = near or list(known[:8]), "did you mean" if near else "there are"
    if any("," in label for label in some):
        more = "" if near or len(known) <= 8 else "\n  ..."
        return LabelError(f"no {what} {name!r}: {how}{_lines(some, called or {})}{more}")
    if near:
        return LabelError(f"no {what} {name!r}: did you mean {' or '.join(near)}?")
    return LabelError(f"no {what} {name!r}: there are {', '.join(some)}" + (", ..." if len(known) > 8 else ""))


def _lines(labels: Sequence[str], called: Mapping[str, str]) -> str:
    """Labels one a line, quoted, with their long names in brackets."""
    names = (f" ({called[label]})" if called.get(label, label) != label else "" for label in labels)
    return "".join(f"\n  {label!r}{name}" for label, name in zip(labels, names, strict=True))


def _by_long_name(known: Sequence[str], name: str, called: Mapping[str, str]) -> list[str]:
    """Sectors whose label or long name is near to what was typed."""
    names = {fold(text): label for label in known for text in (called.get(label, label), label)}
    return [names[text] for text in difflib.get_close_matches(fold(name), names, n=3, cutoff=0.5)]


def _by_name(known: Sequence[str], name: str) -> list[str]:
    """Regions whose English name is near to what was typed: CHN (China)."""
    names = {fold(found.name): (label, found.name) for label in known if (found := economy_of(label)) is not None}
    near = difflib.get_close_matches(fold(name), names, n=3, cutoff=0.7)
    return [f"{names[text][0]} ({names[text][1]})" for text in near]


def find_region(regions: Sequence[str], name: str) -> str:
    """Return the label of the region that ``name`` means.

    Exact labels first, then labels without case, then names and codes (China, CN, CHN), then labels of the same
    economy in another database's spelling (ROM and ROU, RoW and ROW), and of the same group of economies (EU27, 欧盟).
    """
    if name in regions:
        return name
    folded = {fold(region): region for region in regions}
    if fold(str(name)) in folded:
        return folded[fold(str(name))]
    for meaning in (economy_of, group_named):
        meant = meaning(str(name))
        for region in regions if meant is not None else ():
            if meaning(region) == meant:
                return region
    raise _without(regions, str(name)) or unknown("region", regions, name)


def _without(regions: Sequence[str], name: str) -> LabelError | None:
    """Error for an economy that lies in the rest of the world, or for a group of economies."""
    economy = economy_of(name)
    rest = next((region for region in regions if is_aggregate(region)), None)
    if economy is not None and rest is not None:
        return LabelError(f"no region {name!r}: {economy.name} ({economy.code}) is not shown apart, it lies in {rest}")
    group = group_named(name)
    if group is not None:
        how = f"t.aggregate(regions=gk.region_mapping(t, {group!r})), or this mapping as groups= of a measure"
        return LabelError(f"no region {name!r}, which is a group of economies: {how}")
    return None


def find_sector(
    sectors: Sequence[str], name: object, called: Mapping[str, str] | None = None, words: bool = False
) -> str:
    """Return the label of the sector that ``name`` means.

    Exact labels first, then labels without case, long names, codes of the same divisions of ISIC (C26, CPA_C26, D26,
    26). With ``words``, also what one label or long name alone has in it: a part of a name may mean a part of a sector,
    so measures don't guess.
    """
    if name in sectors:
        return str(name)
    text, called = str(name).strip(), names_of(sectors) if called is None else called
    same_code = _of_code(sectors, text)
    for known in (lambda label: label, lambda label: called.get(label, label)):
        same = [label for label in sectors if fold(known(label)) == fold(text)]
        if len(same) == 1 and fold(text):
            if same_code and same_code != same:
                told = f"the label {same[0]!r}, or ISIC's {text}, which is {same_code[0]!r} here"
                raise LabelError(f"the sector {text!r} has two meanings, {told}: type the label")
            return same[0]
    found = same_code or (_with_words(sectors, text, called) if words else [])
    if len(found) == 1:
        return found[0]
    if found:
        raise LabelError(f"{text!r} is several sectors, say which, or give a list:{_lines(found, called)}")
    raise unknown("sector", sectors, text, called)


def _of_code(sectors: Sequence[str], text: str) -> list[str]:
    """Sectors whose code holds the same divisions of ISIC rev. 4 as a typed code."""
    span = span_of(text)
    if span is None or not span.whole:
        return []
    return [label for label, other in zip(sectors, spans(sectors), strict=True) if other == span]


def _with_words(sectors: Sequence[str], text: str, called: Mapping[str, str]) -> list[str]:
    """Sectors whose label or long name has words that begin with all that was typed."""
    words = _words(text)
    if not words or min(map(len, words)) < 3:
        return []
    names = {label: _words(f"{label} {called.get(label, '')}") for label in sectors}
    return [label for label in sectors if all(any(w.startswith(word) for w in names[label]) for word in words)]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())
