"""What of the paper a table bears out: each statement with its measure, values by year, its rule and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gvckit.errors import IndicatorError, LabelError, ShapeError
from gvckit.options import Direction, Kind
from gvckit.study import evidence, rules
from gvckit.study.data import read_data
from gvckit.study.results import Results, TwoDatabases
from gvckit.study.rules import (
    ALL_YEARS,
    NETWORK_YEARS,
    PARTICIPATION_YEARS,
    SINCE_2000,
    SINCE_2010,
    TWO_DATABASES,
    Window,
)

BORNE, FURTHER, NOT_BORNE, NOT_TESTABLE = "borne out", "went further", "not borne out", "not testable"
#: Columns of `by_year`.
COLUMNS = ("claim", "statement", "measure", "unit", "year", "value", "used", "verdict", "tables", "note")

#: What a user fetches to test what the embedded tables can't say, with the files' names.
_ADB = (
    "to test it: ADB's MRIO files of 2010 to 2017, such as ADB-MRIO62-2017_Dec2022.xlsx, from its Key Indicators "
    "Database (by hand), or ICIO2023_2006-2010.zip, ICIO2023_2011-2015.zip and ICIO2023_2016-2020.zip (gvckit download "
    "icio2023_extended --year YEAR), in one folder: gvckit reproduce --data FOLDER --years 2010-2017"
)
_ICIO = (
    "to test it: ICIO2023_1995-2000.zip and ICIO2023_2016-2020.zip (gvckit download icio2023_extended --year YEAR), in "
    "one folder: gvckit reproduce --data FOLDER --years 2000,2017"
)
#: Why a claim has no second verdict.
_SECTORS = "the two databases have different sectors: it can't be compared across them"
_DATABASES = "two databases can't be compared for it: how they differ would count as change"


@dataclass(frozen=True)
class Claim:
    """A statement of the paper and how it is tested.

    Attributes
    ----------
    name : str
        Short name.
    statement : str
        In our words.
    unit : str
        Of the measure: ``rank``, ``share``, ``index``, ``ratio``, ``difference of shares``.
    values : callable
        Frame of measures by year, from `Results`; the first column is the one that the summary shows.
    rule : callable
        From the rows of the window to whether they bear the statement out.
    rule_text : str
        The rule in words.
    window : Window
    note : str
        What a reader should know before relying on it.
    further : callable, optional
        From the rows of the window to whether what is said happened, and more than that.
    further_text : str
    later : str
        ``networks``: whole economies of a later year, of another database, give a second verdict; else why they don't,
        and nothing where the claim is about years of its own.
    fetch : str
        What to fetch to test what the embedded tables can't.
    """

    name: str
    statement: str
    unit: str
    values: Callable[[Results], pd.DataFrame]
    rule: Callable[[pd.DataFrame], bool]
    rule_text: str
    window: Window = ALL_YEARS
    note: str = ""
    further: Callable[[pd.DataFrame], bool] | None = None
    further_text: str = ""
    later: str = ""
    fetch: str = ""

    def verdict(self, inside: pd.DataFrame) -> str:
        """Verdict by the rows of the window."""
        if self.rule(inside):
            return BORNE
        return FURTHER if self.further is not None and self.further(inside) else NOT_BORNE

    @property
    def rules(self) -> str:
        """The rule in words, and what is further."""
        return f"{self.rule_text}; further: {self.further_text}" if self.further_text else self.rule_text


_FACTS = "goods trade of the US Census over the World Bank's GDP, whatever the table"
_NETWORKS = "networks"


def _asia(name: str, network: str, kind: Kind, text: str, note: str = "", later: str = _NETWORKS) -> Claim:
    """China takes Japan's place as supply hub of Asia, in one network."""
    return Claim(
        name, f"China takes Japan's place as the supply hub of Asia in {text}.", "rank",
        evidence.asian_place(network, kind), rules.becomes_first,
        "China's place among Asia's supply hubs is 1 in the last year, and was not in the first", NETWORK_YEARS, note,
        later=later,
    )  # fmt: skip


def _participation(direction: Direction) -> Claim:
    return Claim(
        f"participation_{direction}",
        f"The {direction} participation of China's medium- and high-technology manufacturing falls from 2010 to 2017.",
        "share", evidence.medium_high(direction), rules.falls, "lower in the last year than in the first",
        PARTICIPATION_YEARS, later=_SECTORS, fetch=_ADB,
    )  # fmt: skip


def _positions(industry: str, text: str, note: str = "", fetch: str = "") -> tuple[Claim, Claim]:
    """China rises in an industry, and comes nearer to the United States."""
    return (
        Claim(
            f"position_{industry}_rises", f"China's position in global value chains rises in {text}.", "ratio",
            evidence.position(industry, gap=False), rules.rises, "higher in the last year than in the first",
            NETWORK_YEARS, note, later=_SECTORS, fetch=fetch,
        ),
        Claim(
            f"position_{industry}_closes", f"China's position closes on that of the United States in {text}.", "ratio",
            evidence.position(industry, gap=True), rules.closes,
            "the gap between the two, whichever is above, is nearer to zero in the last year than in the first",
            NETWORK_YEARS, note, later=_SECTORS, fetch=fetch,
        ),
    )  # fmt: skip


#: The paper's statements, in the order of its argument.
CLAIMS: tuple[Claim, ...] = (
    _asia("asia_hub_traditional", "whole_economy", "traditional", "the traditional network"),
    _asia("asia_hub_simple", "whole_economy", "simple", "the network of simple value chains"),
    Claim(
        "complex_hubs", "The United States and Germany are the hubs of the network of complex value chains.", "rank",
        evidence.complex_hubs, rules.are_hubs,
        f"both are among the first {rules.HUBS} supply hubs in the last year", NETWORK_YEARS, later=_NETWORKS,
    ),
    Claim(
        "second_supplier", "China becomes the world's second-largest supplier of value added.", "rank",
        evidence.supplier_rank, rules.becomes_second, "rank 2 in the last year, a lower place in the first",
        NETWORK_YEARS, "", rules.becomes_first, "rank 1 in the last year", _NETWORKS,
    ),
    Claim(
        "networks_change", "Europe's and North America's networks change little, Asia's changes most.", "share",
        evidence.network_change, rules.changes_most,
        f"in the last year Asia's is the farthest from its first, and the others are less than {rules.STABLE:.0%} away",
        NETWORK_YEARS, "mean over the three kinds of networks", later=_DATABASES,
    ),
    Claim(
        "ties_broaden", "China's ties broaden to other hubs, neighbours and emerging economies.", "count",
        evidence.ties, rules.broadens,
        f"more partners of each kind take at least {rules.TIE:.0%} of their value added from China", NETWORK_YEARS,
        later=_NETWORKS,
    ),
    Claim(
        "simple_shifts", "In the simple network fewer economies are tied most to the US and more to China.", "count",
        evidence.tied_most, rules.shifts,
        "fewer have the US as largest supplier in the last year than in the first, more have China", NETWORK_YEARS,
        later=_NETWORKS,
    ),
    Claim(
        "highly_dependent", "More economies, Asian above all, depend highly on Chinese value added.", "count",
        evidence.highly_dependent, rules.rises_above_all,
        f"more have Chinese value added above {rules.HIGH:.0%} of their final demand, and a larger part of Asia's than "
        "of the others do in the last year", NETWORK_YEARS, later=_NETWORKS,
    ),
    Claim(
        "large_absorber", "China is among the largest absorbers of value added in final goods.", "rank",
        evidence.absorber, rules.among_the_largest, f"rank up to {rules.AMONG} in the last year", NETWORK_YEARS,
        later=_NETWORKS,
    ),
    Claim(
        "ict_demand_hub", "China is the largest demand hub of the ICT network.", "rank", evidence.ict_demand,
        rules.are_first, "rank 1 by both measures in the last year", NETWORK_YEARS, later=_SECTORS, fetch=_ICIO,
    ),
    Claim(
        "ict_japan", "Japan falls from a supply hub of the ICT network towards its edge.", "share", evidence.ict_japan,
        rules.loses, "a lower share of exports and a worse rank in the last year than in the first", NETWORK_YEARS,
        later=_SECTORS, fetch=_ICIO,
    ),
    _asia(
        "motor_vehicles_hub", "motor_vehicles", "gvc", "the network of motor vehicles",
        "the same statement as for the whole economy, tried on this network", _SECTORS,
    ),
    Claim(
        "vehicles_tied", "Four fifths of the world's motor-vehicle chains are tied to China.", "share",
        evidence.tied_vehicles, rules.about_four_fifths,
        f"in the last year, output with at least {rules.TIED:.0%} Chinese value added is within {rules.ABOUT:.2f} of "
        f"{rules.FOUR_FIFTHS:.2f} of all", NETWORK_YEARS, "much hangs on the threshold: the others are shown",
        rules.more_than_four_fifths, "more than that", _SECTORS, _ICIO,
    ),
    Claim(
        "regional_factories", "Europe, North America and Asia are regional factories.", "difference of shares",
        evidence.factories, rules.positive,
        "in each year each group keeps more of its complex flows within itself than its share of all imports of them",
        NETWORK_YEARS, later=_NETWORKS,
    ),
    Claim(
        "within_regions", "Trade within the region grows in Asia, and shrinks a little in Europe and North America.",
        "share", evidence.within_all, rules.grows_and_shrinks,
        "in all three networks the share within the group is higher in the last year than in the first in Asia, lower "
        f"in the others, by less than {100 * rules.STABLE:.0f} points", NETWORK_YEARS, "", rules.shrinks_much,
        "lower by more", _NETWORKS,
    ),
    Claim(
        "asia_regional", "Asia's complex value chains become more regional.", "share", evidence.within("Asia"),
        rules.rises, "the share within the group is higher in the last year than in the first", NETWORK_YEARS,
        later=_NETWORKS,
    ),
    Claim(
        "north_america_global", "North America's complex value chains become more global.", "share",
        evidence.within("North America"), rules.falls,
        "the share within the group is lower in the last year than in the first", NETWORK_YEARS, later=_NETWORKS,
    ),
    _participation("forward"),
    _participation("backward"),
    Claim(
        "index_rises", "The index of interdependence rises.", "index", evidence.index("full"), rules.rises,
        "higher in the last year than in the first", ALL_YEARS, "four pillars, from the years that have all of them",
    ),
    Claim(
        "index_dip", "The index dips in 2018.", "index", evidence.index("surcharges"), rules.dips,
        "2018 is lower than 2017 and 2019", rules.DIP_YEARS,
        "three pillars: investment by year ends in 2014; tariffs with the surcharges of the trade war",
    ),
    Claim(
        "china_depends_more", "China depends more on the United States than the United States on China.",
        "difference of shares", evidence.gap, rules.positive,
        "bilateral trade is a larger share of China's value added than of the US's in each year",
    ),
    Claim(
        "china_depends_less", "China's dependence on the United States falls.", "share",
        evidence.goods("TC_goods", "goods trade with the US over China's GDP"), rules.falls,
        "lower in the last year than in the first", SINCE_2010, _FACTS,
    ),
    Claim(
        "us_stable", "The dependence of the United States on China is stable.", "share",
        evidence.goods("TA_goods", "goods trade with China over US GDP"), rules.stable,
        f"changes by less than {rules.STABLE:.0%} of its first value", SINCE_2010, _FACTS,
    ),
    Claim(
        "intra_industry", "Intra-industry trade of the pair rises more in machinery than in electrical equipment.",
        "index", evidence.grubel_lloyd, rules.rises_more,
        "machinery's Grubel-Lloyd index rises, and by more than that of electrical equipment", later=_SECTORS,
    ),
    *_positions("electrical", "electrical equipment", fetch=_ICIO),
    *_positions("machinery", "machinery"),
    *_positions("electronics", "electronics", fetch=_ICIO),
    Claim(
        "manufacturing_grows", "China's manufacturing value added grows steadily and faster than others'.", "level",
        evidence.manufacturing, rules.steady_and_fastest,
        "higher in each year than in the one before, and first by growth among economies with at least "
        f"{evidence.LARGE:.0%} of the world's manufacturing in the first year", note="at current prices",
        later=_SECTORS,
    ),
    Claim(
        "technology_gains", "Medium- and high-technology goods gain in China's exports.", "share",
        evidence.technology_exports, rules.rises, "higher in the last year than in the first", SINCE_2000,
        later=_SECTORS,
    ),
    Claim(
        "makes_inputs", "China turns from inputs imported for final goods to making them.", "share",
        evidence.own_inputs, rules.shifts,
        "the imported content of its final goods is lower in the last year than in the first, and it exports more "
        "inputs for each that it imports", SINCE_2000, later=_SECTORS,
    ),
    Claim(
        "imported_inputs", "Imported intermediates in China's exports fall from about 50% to about 30%.", "share",
        evidence.imported_inputs, rules.from_half_to_a_third,
        f"within {rules.ABOUT:.2f} of 0.50 in the first year and of 0.30 in the last", ALL_YEARS,
        "exports of goods; a table that doesn't tell processing trade apart understates the level", later=_SECTORS,
        fetch=_ICIO,
    ),
)  # fmt: skip


def by_year(results: Results) -> pd.DataFrame:
    """Test all claims: one row per claim, measure and year.

    Parameters
    ----------
    results : Results
        Of `TwoDatabases`, claims about years of their own are left out, and those that can't be compared say why.

    Returns
    -------
    DataFrame
        Columns `claim`, `statement`, `measure`, `unit`, `year`, `value`, `used` (the year is within the years that the
        rule looks at), `verdict` (the same for all rows of a claim), `tables` (what the numbers are of) and `note`. A
        claim that can't be tested has one row without year and value, or its values, and in `note` the reason and what
        to fetch.
    """
    if not isinstance(results, TwoDatabases):
        return _stacked([_tested(claim, results) for claim in CLAIMS])
    return _stacked([_tested_later(claim, results) for claim in CLAIMS if claim.later])


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


def _tested(claim: Claim, results: Results) -> pd.DataFrame:
    """One claim on the tables at hand."""
    return _rows(claim, results, claim.window, [claim.note], results.table.source or "not said")


def _tested_later(claim: Claim, results: TwoDatabases) -> pd.DataFrame:
    """One claim between the years of two databases."""
    if claim.later != _NETWORKS:
        return _framed(claim, pd.DataFrame(), pd.DataFrame(), NOT_TESTABLE, results.names, [claim.later])
    notes = ["two databases: part of a change may be theirs", claim.note]
    return _rows(claim, results, TWO_DATABASES, notes, results.names)


def _rows(claim: Claim, results: Results, window: Window, notes: list[str], tables: str) -> pd.DataFrame:
    frame, inside = pd.DataFrame(), pd.DataFrame()
    try:
        frame = claim.values(results).sort_index().astype(float)
        tables = frame.attrs.get("source", tables)
        inside = window.cut(frame)
        verdict, notes = claim.verdict(inside), [window.shortfall(inside), *notes]
    except (LabelError, IndicatorError, ShapeError) as error:
        verdict, notes = NOT_TESTABLE, [error.message, *notes, claim.fetch]
    return _framed(claim, frame, inside, verdict, tables, notes)


def _framed(
    claim: Claim, frame: pd.DataFrame, inside: pd.DataFrame, verdict: str, tables: str, notes: list[str]
) -> pd.DataFrame:
    rows = [
        (measure, year, value, year in inside.index)
        for measure in frame.columns
        for year, value in frame[measure].dropna().items()
    ]
    out = pd.DataFrame(rows or [("", None, np.nan, False)], columns=["measure", "year", "value", "used"])
    out["year"] = out["year"].astype("Int64")
    fixed = {"claim": claim.name, "statement": claim.statement, "unit": claim.unit, "verdict": verdict}
    return out.assign(**fixed, tables=tables, note="; ".join(filter(None, notes)))[list(COLUMNS)]


def summary(found: pd.DataFrame, later: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row per claim, from the frame of `by_year`.

    Parameters
    ----------
    found : DataFrame
    later : DataFrame, optional
        The frame of `by_year` of two databases: a second verdict.

    Returns
    -------
    DataFrame
        Indexed by `claim`: `statement`, `measure` and `unit` (the claim's first measure), `first_year`, `first_value`,
        `last_year` and `last_value` (of the years that the rule looks at), `verdict`, `tables`, `rule` and `note`
        (which also gives the other evidence). With `later` also `later_year`, `later_value`, `later_verdict`,
        `later_tables` and `later_note`.
    """
    frame = _one_a_claim(found)
    if later is None:
        return frame
    second = _one_a_claim(later)[["last_year", "last_value", "verdict", "tables", "note"]]
    names = [f"later_{name.removeprefix('last_')}" for name in second.columns]
    joined = frame.join(second.set_axis(pd.Index(names), axis=1)).astype({"later_year": "Int64"})
    return joined.fillna({"later_verdict": "", "later_tables": "", "later_note": ""})


def statements_zh() -> pd.Series:
    """The statements in Chinese, by `claim`."""
    return read_data("statements_zh.csv").set_index("claim")["statement"]


def _one_a_claim(found: pd.DataFrame) -> pd.DataFrame:
    groups = dict(list(found.groupby("claim", sort=False)))
    frame = pd.DataFrame([_row(claim, groups[claim.name]) for claim in CLAIMS if claim.name in groups])
    return frame.set_index("claim").astype({"first_year": "Int64", "last_year": "Int64"})


def _row(claim: Claim, group: pd.DataFrame) -> dict[str, object]:
    """One claim with the first and the last value of its first measure."""
    head = group.iloc[0]
    series = {
        str(m): rows.set_index("year")["value"] for m, rows in group[group["used"]].groupby("measure", sort=False)
    }
    main = series.get(head["measure"], pd.Series([np.nan], index=[pd.NA]))
    # Of three years the middle one counts too.
    said = [f"{m}: {_in_words(s)}" for m, s in series.items() if s is not main or len(s) == 3]
    note = "; ".join(filter(None, [*said, head["note"]]))
    return {
        "claim": claim.name, "statement": claim.statement, "measure": head["measure"], "unit": claim.unit,
        "first_year": main.index[0], "first_value": main.iloc[0],
        "last_year": main.index[-1], "last_value": main.iloc[-1],
        "verdict": head["verdict"], "tables": head["tables"], "rule": claim.rules, "note": note,
    }  # fmt: skip


def _in_words(series: pd.Series) -> str:
    """The first and the last value, or all three."""
    values = series.tolist() if len(series) == 3 else [series.iloc[0], series.iloc[-1]]
    return (", " if len(values) == 3 else " to ").join(f"{value:.4g}" for value in values)
