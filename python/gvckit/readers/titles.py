"""What the titles of a sheet, or the name of a file, say of a table: year, prices, unit, database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from gvckit.readers.years import YEAR, year_in_name

_CONSTANT = re.compile(r"constant\s*-?(?:\s|-)*((?:19|20)\d\d)?\s*-?\s*prices|\bpyp\b", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(thousand|million|billion|mn|bn|百万|十亿)s?[\s.]*(?:of\s+)?(?:current\s+)?"
    r"(us\s*\$|us dollars?|usd|dollars?|\$|euros?|eur|€|美元|欧元|cny|rmb|yuan|人民币|jpy|yen|gbp|pounds?|£)",
    re.IGNORECASE,
)
_SIZES = {"mn": "million", "bn": "billion", "百万": "million", "十亿": "billion"}
_CURRENCIES = {
    "eur": "EUR", "€": "EUR", "欧": "EUR", "cny": "CNY", "rmb": "CNY", "yua": "CNY", "人民币": "CNY", "jpy": "JPY",
    "yen": "JPY", "gbp": "GBP", "pou": "GBP", "£": "GBP",
}  # fmt: skip


def year_of(texts: Iterable[str], path: str) -> int | None:
    """Year of the flows: from the titles, else from the file's name; a price base is not the year."""
    for text in texts:
        found = YEAR.search(_CONSTANT.sub(" ", text.replace("-", " ")))
        if found:
            return int(found.group())
    return year_in_name(path)


def prices_of(texts: Iterable[str], path: str) -> str:
    """``current prices``, ``constant 2010 prices`` or ``previous year's prices``, as the title or the name says."""
    for text in (*texts, Path(path).name.replace("_", " ")):
        found = _CONSTANT.search(text.replace("-", " "))
        if found:
            if "pyp" in found.group().casefold():
                return "previous year's prices"
            return f"constant {found.group(1)} prices" if found.group(1) else "constant prices"
        if "previous year" in text.casefold():
            return "previous year's prices"
    return "current prices"


def unit_of(texts: Iterable[str], usual: str = "million USD") -> str:
    """Unit as a title gives it, else the usual one of the database."""
    for text in texts:
        found = _AMOUNT.search(text)
        if found:
            size, money = found[1].casefold(), found[2].casefold()
            currency = next((code for begin, code in _CURRENCIES.items() if money.startswith(begin)), "USD")
            return f"{_SIZES.get(size, size)} {currency}"
    return usual


def database_of(texts: Iterable[str]) -> str | None:
    """``ADB`` or ``WIOD``, as the name of a file or sheet, or a title, says."""
    said = " ".join(texts).casefold()
    if "adb" in said or "multiregional" in said:
        return "ADB"
    return (
        "WIOD" if any(word in said for word in ("wiot", "world input-output", "wiod", "intercountry input")) else None
    )
