"""Codes of industries: which divisions of ISIC a sector is, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gvckit.table.records import records

#: Industries of WIOD 2016 (c1 to c56) in ISIC rev. 4.
_WIOD_2016 = tuple(
    "A01 A02 A03 B C10 C13 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31 C33 D35 E36 E37 F G45 G46 "  # noqa: SIM905
    "G47 H49 H50 H51 H52 H53 I J58 J59 J61 J62 K64 K65 K66 L68 M69 M71 M72 M73 M74 N O84 P85 Q R T U".split()
)
#: The last division of those that hold several, by their code.
_WIOD_2016_LAST = {
    "C10": 12, "C13": 15, "C31": 32, "E37": 39, "J59": 60, "J62": 63, "M69": 70, "M74": 75, "R": 96, "T": 98,
}  # fmt: skip
_CODE = re.compile(r"(?:CPA_|D(?=\d))?(?:[A-U]?(\d\d)|([A-U])(?:_[A-U])*$)")
_CODE_REV3 = re.compile(r"C(\d\d)(?:T(\d\d))?[A-Z]{2,4}")
_LAST = re.compile(r"(?:T|_|-)[A-Z]?(\d\d)\d?(?:T\d+)?$")
_WHOLE = re.compile(r"(?:CPA_|D(?=\d))?[A-U]?(?:\d\d)?(?:(?:T|_|-)[A-U]?(?:\d\d)?)*")


@dataclass(frozen=True)
class Span:
    """Divisions of a revision of ISIC, the first and the last; ``whole`` unless a code holds a part of one alone."""

    revision: int
    first: int
    last: int
    whole: bool = True


def spans(sectors: Sequence[str]) -> list[Span | None]:
    """Divisions of each sector of a table; None where its label is of no classification that is known."""
    known, there = _industries(), set(sectors)
    of_rev3 = {code: span for (revision, code), (span, _) in known.items() if revision == 3}
    if there == set(of_rev3):
        return [of_rev3[sector] for sector in sectors]
    if there == {f"c{k + 1}" for k in range(len(_WIOD_2016))}:
        codes = [_WIOD_2016[int(sector[1:]) - 1] for sector in sectors]
        found = [span_of(code) for code in codes]
        return [
            span and Span(4, span.first, _WIOD_2016_LAST.get(code, span.last))
            for code, span in zip(codes, found, strict=True)
        ]
    if all(_CODE_REV3.fullmatch(sector) for sector in sectors):
        return [_rev3(sector) for sector in sectors]
    return [span_of(sector) for sector in sectors]


def span_of(code: str) -> Span | None:
    """Divisions of a code of ISIC rev. 4 or NACE rev. 2 such as C10T12, A01_02, 01T03, C24A, CPA_D35, B, R_S."""
    found = _CODE.match(code)
    if found is None:
        return None
    division, section = found.groups()
    whole = _WHOLE.fullmatch(code) is not None
    if section:
        return Span(4, _sections()[section].first, _sections()[code[-1]].last, whole)
    last = _LAST.search(code)
    first = int(division)
    return Span(4, first, max(first, int(last.group(1)) if last else first), whole)


def _rev3(code: str) -> Span | None:
    """Divisions of a code of OECD ICIO 2016 such as C10T14MIN."""
    found = _CODE_REV3.fullmatch(code)
    return Span(3, int(found[1]), int(found[2] or found[1])) if found else None


def names_of(sectors: Sequence[str]) -> dict[str, str]:
    """What sectors are called, by their codes; those of no known classification keep their label."""
    return {sector: _name(span, sector) for sector, span in zip(sectors, spans(sectors), strict=True)}


def _name(span: Span | None, label: str) -> str:
    if span is None:
        return label
    by_span = _by_span()
    exact = by_span.get((span.revision, span.first, span.last))
    if exact is None:
        parts = [by_span.get((span.revision, k, k)) for k in range(span.first, span.last + 1)]
        exact = "; ".join(filter(None, parts)) or label
    return exact if span.whole else f"{exact} (part: {label})"


@cache
def _industries() -> dict[tuple[int, str], tuple[Span, str]]:
    """Industries that the package knows by revision and code; divisions of revision 4 go by their number."""
    return {
        (int(row["revision"]), row["code"] or f"{int(row['first']):02d}"): (
            Span(int(row["revision"]), int(row["first"]), int(row["last"])),
            row["name"],
        )
        for row in records("gvckit.table", "industries.csv")
    }


@cache
def _by_span() -> dict[tuple[int, int, int], str]:
    return {(of.revision, of.first, of.last): name for of, name in _industries().values()}


@cache
def _sections() -> dict[str, Span]:
    return {code: span for (revision, code), (span, _) in _industries().items() if revision == 4 and code.isalpha()}
