"""Ready schemes of composite indices, and their inputs: the China-US index of the paper's Table 1."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import IndicatorError, LabelError, ReadError, ShapeError
from gvckit.index.composite import CompositeIndex, composite_index
from gvckit.index.scheme import Scheme
from gvckit.index.uncertainty import Uncertainty
from gvckit.measures.trade import trade_indicators
from gvckit.mrio import Mrio
from gvckit.options import Sides, Tariffs, Trade, check
from gvckit.readers import load_sample, sample_years
from gvckit.table.groups import TECHNOLOGY, technology_sectors
from gvckit.table.labels import unknown
from gvckit.write import replacing

#: Weights of the paper's Table 1.
WEIGHTS = {"trade": 0.4, "investment": 0.3, "tariffs": 0.2, "technology": 0.1}
#: Which indicators are of which side; the others are of both.
_SIDES = {"TC": "CHN", "TC_goods": "CHN", "Cc": "CHN", "Cc_all": "CHN", "TA": "USA", "TA_goods": "USA", "Ca": "USA"}
_SIDES["Ca_all"] = "USA"
#: What each indicator is, with its unit.
MEANING = {
    "TC": "bilateral trade in goods and services over China's value added (a fraction), from the MRIO table",
    "TA": "bilateral trade in goods and services over the US's value added (a fraction), from the MRIO table",
    "TC_goods": "bilateral trade in goods (US Census) over China's GDP (World Bank), a fraction",
    "TA_goods": "bilateral trade in goods (US Census) over the US's GDP (World Bank), a fraction",
    "I": "US share of China's inward direct investment, a fraction",
    "Cc": "China's tariff on US high-technology goods, per cent",
    "Ca": "US tariff on China's high-technology goods, per cent",
    "Cc_all": "China's tariff on all goods of all partners (World Bank), per cent: a proxy of Cc",
    "Ca_all": "US tariff on all goods of all partners (World Bank), per cent: a proxy of Ca",
    "machinery": "Grubel-Lloyd index of bilateral trade in machinery, 0 one-way to 1 balanced, from the MRIO table",
    "electrical": "Grubel-Lloyd index of bilateral trade in electrical equipment, 0 to 1, from the MRIO table",
}
#: Columns that a user fills in, with the largest value that can be meant.
_FILLED = {"I": 1.0, "Cc": 1000.0, "Ca": 1000.0}
_TEMPLATE_HEAD = """\
# Inputs of the China-US index that no open table holds. Empty cells stay gaps. Lines that start with # are notes.
# I: US share of China's inward direct investment in the year, a fraction of one (0.03, not 3)
# Cc: China's average tariff on US high-technology goods, per cent (9.5, not 0.095)
# Ca: average US tariff on China's high-technology goods, per cent
# source: where the numbers of the line come from
"""


def china_us(sides: Sides = "both", trade: Trade = "table", tariffs: Tariffs = "bilateral", **changes: Any) -> Scheme:
    """Scheme of the paper's Table 1: interdependence of China and the United States.

    Trade over GDP 0.4, investment 0.3, tariffs 0.2 (a higher tariff is less dependence), technology 0.1.

    Parameters
    ----------
    sides : {"both", "CHN", "USA"}
        The composite of both, or the dependence of one side, by its own trade over GDP (TC or TA) and its own tariff;
        the paper has one series each for investment and technology, and both sides use it.
    trade : {"table", "goods"}
        Trade of the MRIO table over its value added, or goods of the US Census over the World Bank's GDP.
    tariffs : {"bilateral", "all_partners"}
        The paper's tariffs on each other, which have to be filled in, or each side's average over all partners: a
        proxy, and the scheme's name says so.
    **changes
        Anything of `gvckit.Scheme` to set otherwise, such as ``normalisation``.

    Returns
    -------
    Scheme

    Notes
    -----
    The paper's own normalisation is not known to us: min-max over the years given is this package's choice. Within a
    pillar the indicators weigh the same.
    """
    check("sides", sides, Sides)
    check("trade", trade, Trade)
    check("tariffs", tariffs, Tariffs)
    suffix = {"trade": "" if trade == "table" else "_goods", "tariffs": "" if tariffs == "bilateral" else "_all"}
    levels = {
        "trade": [f"{name}{suffix['trade']}" for name in ("TC", "TA")],
        "investment": ["I"],
        "tariffs": [f"{name}{suffix['tariffs']}" for name in ("Cc", "Ca")],
        "technology": ["machinery", "electrical"],
    }
    kept = {pillar: [n for n in names if sides in ("both", _SIDES.get(n, sides))] for pillar, names in levels.items()}
    who = {"both": "China-US interdependence", "CHN": "China's dependence on the US", "USA": "US dependence on China"}
    name = who[sides] + (" with tariffs on all partners" if tariffs == "all_partners" else "")
    used = [n for names in kept.values() for n in names]
    parts: dict[str, Any] = {
        "weights": WEIGHTS,
        "direction": dict.fromkeys(kept["tariffs"], -1),
        "name": name,
        "source": "weights of the paper's Table 1; min-max over the years given is our choice",
        "meaning": {n: MEANING[n] for n in used},
    }
    return Scheme(kept, **(parts | changes))


def china_us_inputs(
    tables: Mapping[Any, Mrio] | Iterable[Mrio] | None = None,
    filled: str | os.PathLike[str] | pd.DataFrame | None = None,
    sectors: Mapping[str, str | Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Yearly indicators for `china_us`: from MRIO tables, from the facts of the package, and what a user fills in.

    Parameters
    ----------
    tables : mapping of year to Mrio, or iterable of Mrio, optional
        By default the embedded table, 1995-2011. They must hold China and the United States.
    filled : path or DataFrame, optional
        A filled-in template (`china_us_template`), or a frame by year with the columns ``I``, ``Cc``, ``Ca``.
    sectors : mapping, optional
        The table's sectors for ``machinery`` and ``electrical``, where `sector_mapping` can't tell them.

    Returns
    -------
    DataFrame
        By `year`, a column for each indicator of every form of the scheme; a gap is NaN and stays one.
        ``schemes.MEANING`` says what each is. ``attrs["source"]`` names the sources.

    Raises
    ------
    LabelError
        Two tables of one year, a table without a year, a region or sector that is not there.
    ReadError, ShapeError
        A template that can't be read; a value that can't be meant.
    """
    found = _from_tables(tables, sectors)
    facts = _from_facts()
    given = _from_user(filled)
    years = found.index.union(facts.index).union(given.index)
    frame = pd.concat([part.reindex(years) for part in (found, facts, given)], axis=1)[list(MEANING)]
    frame.index.name = "year"
    sources = [found.attrs.get("source"), "US Census Bureau and World Bank (see china_us_facts)"]
    frame.attrs["source"] = "; ".join(str(s) for s in sources if s)
    return frame


def china_us_index(
    inputs: pd.DataFrame | None = None,
    sides: Sides = "both",
    trade: Trade = "table",
    tariffs: Tariffs = "bilateral",
    uncertainty: Uncertainty | int | None = None,
    **changes: Any,
) -> CompositeIndex:
    """Index of `china_us` over the years that have its trade indicators.

    A year without trade, the pillar with the largest weight, would be an index of something else and is left out.

    Parameters
    ----------
    inputs : DataFrame, optional
        As of `china_us_inputs`; by default that of the embedded table and the facts.
    sides, trade, tariffs, **changes
        As in `china_us`.
    uncertainty : Uncertainty or int, optional
        As in `gvckit.composite_index`.

    Returns
    -------
    CompositeIndex
        Its `coverage` says what share of the weights each year has, and its `title` that it is partial where one lacks.
    """
    scheme = china_us(sides, trade, tariffs, **changes)
    data = _with_trade(china_us_inputs() if inputs is None else inputs, scheme)
    return composite_index(data, scheme, uncertainty)


def _with_trade(data: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Years that have the scheme's trade indicators."""
    for name in scheme.indicators:
        if name not in data.columns:
            raise unknown("indicator", list(map(str, data.columns)), name)
    return data.dropna(subset=scheme.children()["trade"])


def china_us_asymmetry(
    inputs: pd.DataFrame | None = None, trade: Trade = "table", tariffs: Tariffs = "bilateral"
) -> pd.DataFrame:
    """Both sides beside each other: trade over GDP, the index of each side, and their differences.

    Parameters
    ----------
    inputs, trade, tariffs
        As in `china_us_index`.

    Returns
    -------
    DataFrame
        By `year`: ``TC`` and ``TA`` (trade over GDP, fractions) and ``TA - TC``; ``CHN`` and ``USA``, the index of each
        side from 0 to 1, and ``USA - CHN`` (NaN where the two are made of different pillars); `coverage_CHN` and
        `coverage_USA` of the weights. A negative difference: China depends more.

    Notes
    -----
    For the two indices to be comparable, both sides of an indicator are normalised by the same goalposts, the smallest
    and largest value of either side over the years that have trade.
    """
    scheme = china_us("both", trade, tariffs)
    data = _with_trade(china_us_inputs() if inputs is None else inputs, scheme)
    posts = _common_posts(data, scheme)
    parts = {}
    sides: tuple[Sides, Sides] = ("CHN", "USA")
    for side in sides:
        own = {name: posts[name] for name in china_us(side, trade, tariffs).indicators}
        parts[side] = china_us_index(data, side, trade, tariffs, normalisation="goalposts", goalposts=own)
    rows = parts["CHN"].index.index
    tc, ta = (data.loc[rows, name] for name in scheme.children()["trade"])
    frame = pd.DataFrame({"TC": tc, "TA": ta, "TA - TC": ta - tc}, index=rows)
    for side, found in parts.items():
        frame[side] = found.index
    alike = (parts["CHN"].pillar_coverage.gt(0) == parts["USA"].pillar_coverage.gt(0)).all(axis=1)
    frame["USA - CHN"] = (frame["USA"] - frame["CHN"]).where(alike)
    for side, found in parts.items():
        frame[f"coverage_{side}"] = found.coverage
    frame.attrs.update({**data.attrs, "title": _title(list(parts.values()))})
    return frame


def _title(sides: list[CompositeIndex]) -> str:
    """Name of the sides' index, with the pillars that not every year has."""
    if not any(side.partial.any() for side in sides):
        return "Index of each side"
    pillars = sides[0].scheme.pillars
    lacking = [name for name in pillars if any(side.pillar_coverage[name].lt(1 - 1e-12).any() for side in sides)]
    return f"Index of each side, partial: not all of {' and '.join(lacking)}"


def _common_posts(data: pd.DataFrame, scheme: Scheme) -> dict[str, tuple[float, float]]:
    """Goalposts of each indicator: the range over both sides; any where there is no value to put between them."""
    posts = {}
    children = scheme.children()
    for pillar in scheme.pillars:
        sides = [name for name in children[pillar] if name in _SIDES]
        for name in children[pillar]:
            together = data[sides if name in sides else [name]].to_numpy()
            there = together[~np.isnan(together)]
            if len(there) and there.min() == there.max():
                raise IndicatorError(
                    f"{name!r} is {there.min():g} in all years and on both sides: it can't be normalised"
                )
            posts[name] = (float(there.min()), float(there.max())) if len(there) else (0.0, 1.0)
    return posts


def china_us_facts() -> pd.DataFrame:
    """Facts behind the index with their sources: trade, GDP, tariffs, direct investment.

    Returns
    -------
    DataFrame
        Columns `series`, `period` (a year, or a dated point), `value`, `unit`, `source`, `note` (what a reader should
        know before relying on the value).
    """
    with resources.files(__package__).joinpath("us_china.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"period": str}, keep_default_na=False, na_values={"value": [""]})


def us_policies() -> pd.DataFrame:
    """US policies of the paper's timeline.

    Returns
    -------
    DataFrame
        Columns `date` (first day of the month) and `event`, in order of time.
    """
    with resources.files(__package__).joinpath("us_policies.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, parse_dates=["date"], comment="#")


def china_us_template(path: str | os.PathLike[str], years: Iterable[int] = range(2000, 2025)) -> None:
    """Write a CSV to fill in with what no open table holds: investment and bilateral tariffs by year."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(_TEMPLATE_HEAD)
        file.write(f"year,{','.join(_FILLED)},source\n")
        file.writelines(f"{year}{',' * (len(_FILLED) + 1)}\n" for year in years)


def _from_tables(
    tables: Mapping[Any, Mrio] | Iterable[Mrio] | None, sectors: Mapping[str, str | Sequence[str]] | None
) -> pd.DataFrame:
    if tables is None:
        tables = (load_sample(year) for year in sample_years())
    if isinstance(tables, Mrio):
        tables = [tables]
    for name in TECHNOLOGY:
        if sectors is not None and name not in sectors:
            raise LabelError(f"sectors= lacks {name!r}: it needs {' and '.join(TECHNOLOGY)}")
    pairs = tables.items() if isinstance(tables, Mapping) else ((t.year, t) for t in tables)
    rows: dict[int, pd.Series] = {}
    attrs: dict[str, Any] = {}
    for year, t in pairs:
        if year is None:
            raise LabelError(f"the table {t.title!r} has no year: give a mapping of year to table")
        if not str(year).lstrip("-").isdigit():
            raise LabelError(f"the table's name {year!r} is not a year")
        if int(year) in rows:
            raise LabelError(f"two tables are of the year {year}")
        names: Mapping[str, str | Sequence[str]]
        names = {name: sectors[name] for name in TECHNOLOGY} if sectors is not None else technology_sectors(t)
        rows[int(year)] = trade_indicators(t, t.find("CHN"), t.find("USA"), names).iloc[0]
        attrs = attrs or t.attrs
    frame = pd.DataFrame(rows).T.rename(columns={"trade_to_gdp_a": "TC", "trade_to_gdp_b": "TA"})
    if frame.empty:
        raise ShapeError("tables is empty: there is nothing to compute indicators from")
    frame.attrs.update(attrs)
    return frame.sort_index()


def _from_facts() -> pd.DataFrame:
    facts = china_us_facts()
    # What the notes call doubtful is kept as a fact and not used.
    yearly = facts[facts["period"].str.fullmatch(r"\d{4}") & ~facts["note"].str.startswith("doubtful")]
    by_year = yearly.set_index(["period", "series"])["value"].unstack("series")  # noqa: PD010
    by_year.index = by_year.index.astype(int)
    trade = (by_year["US_goods_imports_from_CHN"] + by_year["US_goods_exports_to_CHN"]) * 1e6  # million USD to USD
    return pd.DataFrame(
        {
            "TC_goods": trade / by_year["GDP_CHN"],
            "TA_goods": trade / by_year["GDP_USA"],
            "Cc_all": by_year["tariff_applied_wmean_CHN"],
            "Ca_all": by_year["tariff_applied_wmean_USA"],
        }
    ).dropna(how="all")


def _from_user(filled: str | os.PathLike[str] | pd.DataFrame | None) -> pd.DataFrame:
    if filled is None:
        return pd.DataFrame(columns=list(_FILLED), index=pd.Index([], dtype=int), dtype=float)
    if isinstance(filled, pd.DataFrame):
        frame = filled.set_index("year") if "year" in filled.columns else filled
    else:
        try:
            frame = pd.read_csv(filled, comment="#").set_index("year")
        except (KeyError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise ReadError(f"not a filled-in template with a column year: {error}", filled) from error
    for name in _FILLED:
        if name not in frame.columns:
            raise LabelError(f"the filled-in table has no column {name!r}: it needs {', '.join(_FILLED)} by year")
    if not frame.index.is_unique:
        raise LabelError(f"the year {frame.index[frame.index.duplicated()][0]} comes twice in the filled-in table")
    values = frame[list(_FILLED)]
    try:
        values = values.astype(float)
        years = np.asarray(values.index, dtype=float)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"the filled-in table holds cells that are not numbers: {error}") from error
    wrong = years[(years % 1 != 0) | (years < 1000) | (years > 3000)]
    if len(wrong):
        raise ShapeError(f"{wrong[0]:g} is not a year: the filled-in table must be indexed by year")
    values.index = years.astype(int)
    for name, largest in _FILLED.items():
        odd = values.index[(values[name] < 0) | (values[name] > largest)]
        if len(odd):
            unit = "a fraction of one, such as 0.03" if name == "I" else "per cent"
            raise ShapeError(f"{name} is {float(values[name][odd[0]]):g} in {int(odd[0])}: {unit} is expected")
    return values
