"""Ready schemes of composite indices, and their inputs: the China-US index of the paper's Table 1."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import IndicatorError, LabelError, ReadError, ShapeError
from gvckit.index.composite import CompositeIndex, composite_index
from gvckit.index.scheme import Scheme
from gvckit.index.uncertainty import Uncertainty
from gvckit.measures.trade import grubel_lloyd, trade_indicators
from gvckit.mrio import Mrio
from gvckit.options import Missing, Sides, Tariffs, Trade, check
from gvckit.readers import load_sample, sample_years
from gvckit.study.data import read_data
from gvckit.table.find import unknown
from gvckit.table.groups import TECHNOLOGY, technology_sectors
from gvckit.write import replacing

#: Weights of the paper's Table 1.
WEIGHTS = {"trade": 0.4, "investment": 0.3, "tariffs": 0.2, "technology": 0.1}
#: Years that min-max needs: with fewer, the ends are 0 and 1 by construction and say nothing.
LEAST_YEARS = 5

_INDICATORS = read_data("indicators.csv").set_index("name")
#: What each indicator is, with its unit.
MEANING: dict[str, str] = dict(zip(_INDICATORS.index, _INDICATORS["meaning"], strict=True))
#: Which indicators are of which side; the others are of both.
_SIDES: dict[str, str] = {name: side for name, side in zip(_INDICATORS.index, _INDICATORS["side"], strict=True) if side}
#: What the names of a form's indicators end with.
_TRADE_ENDING = {"table": "", "goods": "_goods", "icio": "_icio"}
_TARIFF_ENDING = {"bilateral": "", "all_partners": "_all", "icio": "_icio", "surcharges": "_surcharges"}
#: What a name says of the form.
_TARIFF_TITLE = {
    "bilateral": "",
    "all_partners": " with tariffs on all partners",
    "icio": " without investment",
    "surcharges": " without investment, tariffs with surcharges",
}
#: Columns that a user fills in, with the largest value that can be meant.
_FILLED = {"I": 1.0, "Cc": 1000.0, "Ca": 1000.0}
_TEMPLATE_HEAD = """\
# Inputs of the China-US index from a source of your own. Empty cells stay gaps. Lines that start with # are notes.
# A column with any value takes the place of the package's: a series is of one source.
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
    trade : {"table", "goods", "icio"}
        Trade of the MRIO table over its value added, goods of the US Census over the World Bank's GDP, or trade of the
        OECD's tables (2011-2022) over that GDP, with technology by their sectors.
    tariffs : {"bilateral", "all_partners", "icio", "surcharges"}
        The tariffs on each other's high-technology goods, 2000-2014; each side's average over all partners, a proxy;
        the bilateral ones with ICIO's weights, 2011-2017; or those with the surcharges of the trade war, 2015-2019. The
        last two have no investment beside them, which ends in 2014: three pillars, with weights in the same proportion.
    **changes
        Anything of `gvckit.Scheme` to set otherwise, such as ``normalisation``.

    Returns
    -------
    Scheme
        With ``missing="refuse"``: a series has one composition. ``missing="renormalise"`` scales up the other weights.

    Notes
    -----
    The paper's own normalisation is not known to us: min-max over the years given is this package's choice. Within a
    pillar the indicators weigh the same.
    """
    check("sides", sides, Sides)
    check("trade", trade, Trade)
    check("tariffs", tariffs, Tariffs)
    technology = "_icio" if trade == "icio" else ""
    levels = {
        "trade": [f"{name}{_TRADE_ENDING[trade]}" for name in ("TC", "TA")],
        "investment": ["I"] if tariffs in ("bilateral", "all_partners") else [],
        "tariffs": [f"{name}{_TARIFF_ENDING[tariffs]}" for name in ("Cc", "Ca")],
        "technology": [f"{name}{technology}" for name in TECHNOLOGY],
    }
    kept = {
        pillar: [n for n in names if sides in ("both", _SIDES.get(n, sides))]
        for pillar, names in levels.items()
        if names
    }
    who = {"both": "China-US interdependence", "CHN": "China's dependence on the US", "USA": "US dependence on China"}
    whole = 1.0 if len(kept) == len(WEIGHTS) else sum(WEIGHTS[pillar] for pillar in kept)
    parts: dict[str, Any] = {
        "weights": {pillar: WEIGHTS[pillar] / whole for pillar in kept},
        "direction": dict.fromkeys(kept["tariffs"], -1),
        "missing": "refuse",
        "name": who[sides] + _TARIFF_TITLE[tariffs],
        "source": "weights of the paper's Table 1; min-max over the years given is our choice",
        "meaning": {n: MEANING[n] for names in kept.values() for n in names},
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
        A filled-in template (`china_us_template`), or a frame by year with the columns ``I``, ``Cc``, ``Ca``. A column
        that holds a value takes the place of the package's facts in all years.
    sectors : mapping, optional
        The table's sectors for ``machinery`` and ``electrical``, where `sector_mapping` can't tell them.

    Returns
    -------
    DataFrame
        By `year`, a column for each indicator of every form of the scheme; a gap is NaN and stays one: no column is
        carried on by another source. ``schemes.MEANING`` says what each is, ``attrs["sources"]`` where each is from.

    Raises
    ------
    LabelError
        Two tables of one year, a table without a year, a region or sector that is not there.
    ReadError, ShapeError
        A template that can't be read; a value that can't be meant.
    """
    found = _from_tables(tables, sectors)
    facts, sources = _from_facts()
    given, told = _from_user(filled)
    facts = facts.drop(columns=given.columns)
    years = found.index.union(facts.index).union(given.index)
    frame = pd.concat([part.reindex(years) for part in (found, facts, given)], axis=1)[list(MEANING)]
    frame.index.name = "year"
    table = dict.fromkeys(found.columns, str(found.attrs.get("source") or "a table without a source"))
    frame.attrs["sources"] = {**table, **sources, **dict.fromkeys(given.columns, told)}
    frame.attrs["source"] = _joined(frame, frame.columns)
    return frame


def _joined(inputs: pd.DataFrame, names: Iterable[str]) -> str:
    """Sources of some columns, each once."""
    sources = inputs.attrs.get("sources")
    if sources is None:
        return str(inputs.attrs.get("source") or "")
    return "; ".join(dict.fromkeys(part for name in names if name in sources for part in sources[name].split("; ")))


def china_us_index(
    inputs: pd.DataFrame | None = None,
    sides: Sides = "both",
    trade: Trade = "table",
    tariffs: Tariffs = "bilateral",
    uncertainty: Uncertainty | int | None = None,
    **changes: Any,
) -> CompositeIndex:
    """Index of `china_us` over the years that have all of its indicators: by default four pillars, 2000-2011.

    A series has one composition: a year that lacks an indicator is not in it. With ``missing="renormalise"`` all years
    with trade are, and `coverage` says what each is made of.

    Parameters
    ----------
    inputs : DataFrame, optional
        As of `china_us_inputs`; by default that of the embedded table and the facts.
    sides, trade, tariffs, **changes
        As in `china_us`.
    uncertainty : Uncertainty or int, optional
        As in `gvckit.composite_index`. The bands are centred on the index.

    Returns
    -------
    CompositeIndex

    Raises
    ------
    IndicatorError
        No year with all indicators; fewer than five for min-max, which makes the ends 0 and 1 by construction.
    LabelError
        An indicator that the inputs lack.

    Notes
    -----
    Errors of inputs come before min-max: they widen the range over the years, so that a draw of the lowest year is
    never below 0 and that of the highest never above 1, and the median of draws stands off the index. The bands are
    shifted by that bias, index less median: spread and asymmetry stay those of the draws.
    """
    scheme = china_us(sides, trade, tariffs, **changes)
    data = _of_one_composition(china_us_inputs() if inputs is None else inputs, scheme)
    posted = [name for name in scheme.indicators if scheme.normalisation_of(name) != "minmax"]
    if len(data) < LEAST_YEARS and len(posted) < len(scheme.indicators):
        raise IndicatorError(_too_few(data, "min-max makes the ends 0 and 1 by construction: give more years, or "
                                      'normalisation="goalposts" with goalposts={name: (low, high)}'))  # fmt: skip
    if not isinstance(uncertainty, Uncertainty | None):
        uncertainty = Uncertainty(draws=uncertainty)
    return composite_index(data, scheme) if uncertainty is None else _centred(data, scheme, uncertainty)


def _too_few(data: pd.DataFrame, why: str) -> str:
    years = ", ".join(map(str, data.index))
    return f"the index has {len(data)} years ({years}), fewer than {LEAST_YEARS}: {why}"


def _centred(data: pd.DataFrame, scheme: Scheme, spread: Uncertainty) -> CompositeIndex:
    """Index with bands that are shifted so that the median of draws is the index."""
    wanted = [float(q) for q in spread.quantiles]
    found = composite_index(data, scheme, replace(spread, quantiles=sorted({*wanted, 0.5})))
    assert found.bands is not None
    assert found.rank_bands is not None
    shifted = found.bands.add(found.index - found.bands[0.5], axis=0)
    return replace(found, bands=shifted[wanted], rank_bands=found.rank_bands[wanted])


def _of_one_composition(data: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Years that have all indicators, or with a policy for missing values those with trade; their sources alone."""
    names = scheme.indicators
    for name in names:
        if name not in data.columns:
            raise unknown("indicator", list(map(str, data.columns)), name)
    needed = names if scheme.missing == "refuse" else scheme.children()["trade"]
    there = data[names].dropna(subset=needed)
    if there.empty:
        spans = {name: data[name].dropna().index for name in needed}
        told = ", ".join(f"{n} {y.min()}-{y.max()}" if len(y) else f"{n} never" for n, y in spans.items())
        raise IndicatorError(f"no year has all indicators of {scheme.name!r}: there are {told}")
    there.attrs.update({**data.attrs, "source": _joined(data, [n for n in names if there[n].notna().any()])})
    return there


def china_us_asymmetry(
    inputs: pd.DataFrame | None = None,
    trade: Trade = "table",
    tariffs: Tariffs = "bilateral",
    missing: Missing = "refuse",
) -> pd.DataFrame:
    """Both sides beside each other: trade over GDP, the index of each side, and their differences.

    Parameters
    ----------
    inputs, trade, tariffs
        As in `china_us_index`.
    missing : {"refuse", "renormalise", "carry"}
        By default only years with all indicators; else what to do with gaps (`gvckit.Scheme`).

    Returns
    -------
    DataFrame
        By `year`: trade over GDP of both sides, ``TC`` and ``TA`` (fractions; named as the form names them) and ``TA -
        TC``; ``CHN`` and ``USA``, the index of each side from 0 to 1, and ``USA - CHN`` (NaN where the two are made of
        different pillars); `coverage_CHN` and `coverage_USA` of the weights. A negative difference: China depends more.

    Raises
    ------
    IndicatorError
        As in `china_us_index`.

    Notes
    -----
    For the two indices to be comparable, both sides of an indicator are normalised by the same goalposts, the smallest
    and largest value of either side over the years.
    """
    scheme = china_us("both", trade, tariffs, missing=missing)
    data = _of_one_composition(china_us_inputs() if inputs is None else inputs, scheme)
    if len(data) < LEAST_YEARS:
        raise IndicatorError(_too_few(data, "the ends of its scale would be those years themselves: give more"))
    posts = _common_posts(data, scheme)
    parts = {}
    sides: tuple[Sides, Sides] = ("CHN", "USA")
    for side in sides:
        own = {name: posts[name] for name in china_us(side, trade, tariffs).indicators}
        parts[side] = china_us_index(
            data, side, trade, tariffs, missing=missing, normalisation="goalposts", goalposts=own
        )
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
    """Facts behind the index with their sources: trade, GDP, tariffs, direct investment, a row a year.

    Returns
    -------
    DataFrame
        Columns `series`, `period` (a year), `value`, `unit`, `definition` (where it changes within a series, the series
        breaks), `source` (who published it first), `note` (the copy it was read from, and what a check found).
    """
    return read_data("us_china.csv", dtype={"period": str}, na_values={"value": [""]})


def us_policies() -> pd.DataFrame:
    """US policies of the paper's timeline.

    Returns
    -------
    DataFrame
        Columns `date` (first day of the month) and `event`, in order of time.
    """
    return read_data("us_policies.csv", parse_dates=["date"], comment="#")


def china_us_template(path: str | os.PathLike[str], years: Iterable[int] = range(2000, 2025)) -> None:
    """Write a CSV to fill in with investment and bilateral tariffs by year, from a source of your own."""
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
    frame = frame[["TC", "TA", *TECHNOLOGY]].sort_index()
    frame.attrs.update(attrs)
    return frame


def _from_facts() -> tuple[pd.DataFrame, dict[str, str]]:
    """Indicators that the facts give by year, and the sources of each."""
    facts = china_us_facts()
    # What the notes call doubtful is kept as a fact and not used.
    used = facts[~facts["note"].str.startswith("doubtful")]
    value = used.pivot_table(index="period", columns="series", values="value")
    value.index = value.index.astype(int)
    published = used.drop_duplicates(["series", "source"]).groupby("series")["source"].agg("; ".join)
    found, sources = {}, {}
    for name, series in _INDICATORS["series"].str.split().items():
        if series:
            found[str(name)] = _formula(str(name), [value[one] for one in series])
            sources[str(name)] = "; ".join(dict.fromkeys(published[series]))
    return pd.DataFrame(found).dropna(how="all"), sources


def _formula(name: str, series: list[pd.Series]) -> pd.Series:
    """An indicator from its series, in the order in which ``indicators.csv`` names them."""
    if name.startswith(("TC", "TA")):
        one, other, gdp = series
        return (one + other) * 1e6 / gdp  # million USD over USD
    if name == "I":
        return series[0] / series[1]
    if name.endswith("_icio") and not name.startswith("C"):
        half = len(series) // 2
        sent, received = (sum(part[1:], part[0]) for part in (series[:half], series[half:]))
        return pd.Series(grubel_lloyd(sent.to_numpy(), received.to_numpy()), index=sent.index)
    return series[0]


def _from_user(filled: str | os.PathLike[str] | pd.DataFrame | None) -> tuple[pd.DataFrame, str]:
    """Columns that a user has filled in, and where they say that they are from."""
    if filled is None:
        return pd.DataFrame(index=pd.Index([], dtype=int)), ""
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
    told = "; ".join(frame["source"].dropna().astype(str).unique()) if "source" in frame.columns else ""
    return values.dropna(axis=1, how="all"), told or "filled in by the user"
