"""How a text writes its numbers: the mark before decimals, and that between thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

Points = Literal["none", "either", "decimals"]
#: Marks before decimals and between thousands.
Style = tuple[str, str | None]
PLAIN: Style = (".", None)
_MARKS = ",.'’ \u00a0\u202f"
_LOOKS = re.compile(rf"[+-]?\d[\d{_MARKS}]*\d(?:[eE][+-]?\d+)?|[+-]?\d")


def looks_like_a_number(text: str) -> bool:
    """Whether a text is digits with marks among them."""
    return _LOOKS.fullmatch(text) is not None


def number(text: str, style: Style) -> float | None:
    """A number as the style writes it; None for anything else."""
    decimal, thousands = style
    mark = re.escape(thousands) if thousands else ""
    whole = rf"\d{{1,3}}(?:{mark}\d{{3}})+|\d+" if thousands else r"\d+"
    found = re.fullmatch(rf"([+-]?)({whole}|)(?:{re.escape(decimal)}(\d*))?([eE][+-]?\d+)?", text.strip())
    if found is None or not (found[2] or found[3]):
        return None
    digits = found[2].replace(thousands, "") if thousands else found[2]
    return float(f"{found[1]}{digits or 0}.{found[3] or 0}{found[4] or ''}")


def styles_of(texts: Sequence[str], points: Points, separator: str) -> list[Style]:
    """Styles that read all texts and fit the points of the plain numbers beside them, the likeliest first."""
    marks = sorted({mark for text in texts for mark in text if mark in "'’ \u00a0\u202f"})
    known: list[Style] = [PLAIN, (",", None), (".", ","), (",", ".")]
    known += [(decimal, mark) for mark in marks for decimal in (".", ",")]
    fitting = []
    for style in known:
        decimal, thousands = style
        if points == "decimals" and decimal != ".":
            continue
        if points == "either" and decimal == "," and thousands != ".":
            continue
        if not texts and separator == "," and decimal == ",":
            # Between fields stands a comma: a point is what is left for decimals.
            continue
        if all(number(text, style) is not None for text in texts):
            fitting.append(style)
    return fitting


def choose(texts: Sequence[str], points: Points, separator: str) -> tuple[Style | None, str | None]:
    """The one style, or what to ask where two read a number differently; neither where none reads all."""
    fitting = styles_of(texts, points, separator)
    if not texts and points != "either":
        return PLAIN, None
    for one in fitting:
        for two in fitting:
            text = _differs(texts, one, two)
            if text is not None:
                return None, ask(text, one, two)
    if points == "either" and len({decimal for decimal, _ in fitting}) == 2:
        return None, ask("1.234", *[next(s for s in fitting if s[0] == mark) for mark in ".,"])
    return (fitting[0] if fitting else None), None


def _differs(texts: Iterable[str], one: Style, two: Style) -> str | None:
    return next((text for text in texts if number(text, one) != number(text, two)), None)


def ask(text: str, one: Style, two: Style) -> str:
    """What to say of a number that two styles read differently."""
    return (
        f"numbers such as {text} can be {number(text, one):g} or {number(text, two):g}: "
        f"say {said(one)}, or {said(two)}, in gk.read_table(path, ...)"
    )


def said(style: Style) -> str:
    """A style as the arguments to type."""
    return f"decimal={style[0]!r}" + (f", thousands={style[1]!r}" if style[1] else "")


def hint(text: str) -> str:
    """What to type for a text that is a number in another style, or none."""
    if text.endswith("%"):
        return ": percentages are no flows, say the amounts"
    fitting = [style for style in styles_of([text], "none", ";") if style != PLAIN] if looks_like_a_number(text) else []
    values = {number(text, style) for style in fitting}
    if len(values) == 1:
        return f": {said(fitting[0])}?"
    return f": {' or '.join(f'{said(style)} ({number(text, style):g})' for style in fitting[:2])}?" if fitting else ""
