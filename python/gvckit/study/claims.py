"""What of the paper a table bears out: each statement with its measure, values by year, its rule and the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gvckit.errors import IndicatorError, LabelError, ShapeError
from gvckit.options import Direction, Kind
from gvckit.study import evidence, rules
from gvckit.study.results import Results
from gvckit.study.rules import ALL_YEARS, DIP_YEARS, NETWORK_YEARS, PARTICIPATION_YEARS, SINCE_2010, Window

BORNE, NOT_BORNE, NOT_TESTABLE = "borne out", "not borne out", "not testable with this table"
#: Columns of `by_year`.
COLUMNS = ("claim", "statement", "measure", "unit", "year", "value", "used", "verdict", "note")


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
    """

    name: str
    statement: str
    unit: str
    values: Callable[[Results], pd.DataFrame]
    rule: Callable[[pd.DataFrame], bool]
    rule_text: str
    window: Window = ALL_YEARS
    note: str = ""


_FACTS = "goods trade of the US Census over the World Bank's GDP, whatever the table"
_PARTIAL = "partial: investment and bilateral tariffs are in no open yearly source"


def _asia(name: str, network: str, kind: Kind, text: str, note: str = "") -> Claim:
    """China takes Japan's place as supply hub of Asia, in one network."""
    return Claim(
        name, f"China takes Japan's place as the supply hub of Asia in {text}.", "rank",
        evidence.asian_place(network, kind), rules.becomes_first,
        "China's place among Asia's supply hubs is 1 in the last year, and was not in the first", NETWORK_YEARS, note,
    )  # fmt: skip


def _participation(direction: Direction) -> Claim:
    return Claim(
        f"participation_{direction}",
        f"The {direction} participation of China's medium- and high-technology manufacturing falls from 2010 to 2017.",
        "share", evidence.medium_high(direction), rules.falls, "lower in the last year than in the first",
        PARTICIPATION_YEARS,
    )  # fmt: skip


def _positions(industry: str, text: str, note: str = "") -> tuple[Claim, Claim]:
    """China rises in an industry, and comes nearer to the United States."""
    return (
        Claim(
            f"position_{industry}_rises", f"China's position in global value chains rises in {text}.", "ratio",
            evidence.position(industry, gap=False), rules.rises, "higher in the last year than in the first",
            NETWORK_YEARS, note,
        ),
        Claim(
            f"position_{industry}_closes", f"China's position closes on that of the United States in {text}.", "ratio",
            evidence.position(industry, gap=True), rules.closes,
            "the gap between the two, whichever is above, is nearer to zero in the last year than in the first",
            NETWORK_YEARS, note,
        ),
    )  # fmt: skip


#: The paper's statements, in the order of its argument.
CLAIMS: tuple[Claim, ...] = (
    _asia("asia_hub_traditional", "whole_economy", "traditional", "the traditional network"),
    _asia("asia_hub_simple", "whole_economy", "simple", "the network of simple value chains"),
    Claim(
        "complex_hubs", "The United States and Germany are the hubs of the network of complex value chains.", "rank",
        evidence.complex_hubs, rules.are_hubs,
        f"both are among the first {rules.HUBS} supply hubs in the last year", NETWORK_YEARS,
    ),
    Claim(
        "second_supplier", "China becomes the world's second-largest supplier of value added.", "rank",
        evidence.supplier_rank, rules.becomes_second, "rank 2 in the last year, a lower place in the first",
        NETWORK_YEARS,
    ),
    Claim(
        "ict_demand_hub", "China is the largest demand hub of the ICT network.", "rank", evidence.ict_demand,
        rules.are_first, "rank 1 by both measures in the last year", NETWORK_YEARS,
    ),
    Claim(
        "ict_japan", "Japan falls from a supply hub of the ICT network towards its edge.", "share", evidence.ict_japan,
        rules.loses, "a lower share of exports and a worse rank in the last year than in the first", NETWORK_YEARS,
    ),
    _asia(
        "motor_vehicles_hub", "motor_vehicles", "gvc", "the network of motor vehicles",
        "the same statement as for the whole economy, tried on this network",
    ),
    Claim(
        "regional_factories", "Europe, North America and Asia are regional factories.", "difference of shares",
        evidence.factories, rules.positive,
        "in each year each group keeps more of its complex flows within itself than its share of all imports of them",
        NETWORK_YEARS,
    ),
    Claim(
        "asia_regional", "Asia's complex value chains become more regional.", "share", evidence.within("Asia"),
        rules.rises, "the share within the group is higher in the last year than in the first", NETWORK_YEARS,
    ),
    Claim(
        "north_america_global", "North America's complex value chains become more global.", "share",
        evidence.within("North America"), rules.falls,
        "the share within the group is lower in the last year than in the first", NETWORK_YEARS,
    ),
    _participation("forward"),
    _participation("backward"),
    Claim(
        "index_rises", "The index of interdependence rises.", "index", evidence.index("table"), rules.rises,
        "higher in the last year than in the first", ALL_YEARS, _PARTIAL,
    ),
    Claim(
        "index_dip", "The index dips in 2018.", "index", evidence.index("goods"), rules.dips,
        "2018 is lower than 2017 and 2019", DIP_YEARS,
        f"tariffs are those on all partners, a proxy; as coverage changes, the index is made of other parts; {_FACTS}",
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
        "machinery's Grubel-Lloyd index rises, and by more than that of electrical equipment",
    ),
    *_positions("electrical", "electrical equipment"),
    *_positions("machinery", "machinery"),
    *_positions("electronics", "electronics"),
    Claim(
        "imported_inputs", "Imported intermediates in China's exports fall from about 50% to about 30%.", "share",
        evidence.imported_inputs, rules.from_half_to_a_third,
        f"within {rules.ABOUT:.2f} of 0.50 in the first year and of 0.30 in the last", ALL_YEARS,
        "exports of goods; a table that doesn't tell processing trade apart understates the level",
    ),
)  # fmt: skip


def by_year(results: Results) -> pd.DataFrame:
    """Test all claims: one row per claim, measure and year.

    Parameters
    ----------
    results : Results

    Returns
    -------
    DataFrame
        Columns `claim`, `statement`, `measure`, `unit`, `year`, `value`, `used` (the year is within the years that the
        rule looks at), `verdict` (the same for all rows of a claim) and `note`. A claim that can't be tested has
        one row without year and value, or its values, and the reason in `note`.
    """
    return pd.concat([_tested(claim, results) for claim in CLAIMS], ignore_index=True)


def _tested(claim: Claim, results: Results) -> pd.DataFrame:
    frame, inside = pd.DataFrame(), pd.DataFrame()
    try:
        frame = claim.values(results).sort_index().astype(float)
        inside = claim.window.cut(frame)
        verdict, notes = BORNE if claim.rule(inside) else NOT_BORNE, [claim.window.shortfall(inside), claim.note]
    except (LabelError, IndicatorError, ShapeError) as error:
        verdict, notes = NOT_TESTABLE, [error.message, claim.note]
    rows = [
        (measure, year, value, year in inside.index)
        for measure in frame.columns
        for year, value in frame[measure].dropna().items()
    ]
    out = pd.DataFrame(rows or [("", None, np.nan, False)], columns=["measure", "year", "value", "used"])
    out["year"] = out["year"].astype("Int64")
    fixed = {"claim": claim.name, "statement": claim.statement, "unit": claim.unit, "verdict": verdict}
    return out.assign(**fixed, note="; ".join(filter(None, notes)))[list(COLUMNS)]


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """One row per claim, from the frame of `by_year`.

    Returns
    -------
    DataFrame
        Indexed by `claim`: `statement`, `measure` and `unit` (the claim's first measure), `first_year`, `first_value`,
        `last_year` and `last_value` (of the years that the rule looks at), `verdict`, `rule` and `note`, which also
        gives the other evidence.
    """
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
    return {
        "claim": claim.name, "statement": claim.statement, "measure": head["measure"], "unit": claim.unit,
        "first_year": main.index[0], "first_value": main.iloc[0],
        "last_year": main.index[-1], "last_value": main.iloc[-1],
        "verdict": head["verdict"], "rule": claim.rule_text, "note": "; ".join(filter(None, [*said, head["note"]])),
    }  # fmt: skip


def _in_words(series: pd.Series) -> str:
    """The first and the last value, or all three."""
    values = series.tolist() if len(series) == 3 else [series.iloc[0], series.iloc[-1]]
    return (", " if len(values) == 3 else " to ").join(f"{value:.4g}" for value in values)
