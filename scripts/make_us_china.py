"""Compile the facts behind the China-US index into one small table: yearly totals, each with its source and definition.

    python scripts/make_us_china.py SHARED_DATA/us_china

Values are taken as they are, from 2000 on. `source` is who published a number first, `note` the copy it was read from
and what the checks below found; a break in a definition and a change of method stand in `definition`. No value is
filled or made up: only the US investment of 2014 is computed, by the growth that was published.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd

TARGET = Path(__file__).parents[1] / "python" / "gvckit" / "study" / "us_china.csv"
COLUMNS = ["series", "period", "value", "unit", "definition", "source", "note"]

_TETI = "simple averages within a sector, without the surcharges of the trade war"
_SURCHARGE = "applied rates with the surcharges of the trade war, weighted by trade, mean of the year's months"
_ICIO = "basic prices, intermediate and final, OECD ICIO edition 2025"
_UTILISED = "utilised, without the financial sector"
_DIRECT = f"{_UTILISED}, by direct origin"
_OFFSHORE = f"{_UTILISED}, with investment by way of offshore centres"
#: File, series there, series here, unit, definition, first and last year.
SERIES = [
    ("gdp", "GDP_CHN", "GDP_CHN", "USD", "gross domestic product at current prices", 2000, 2023),
    ("gdp", "GDP_USA", "GDP_USA", "USD", "gross domestic product at current prices", 2000, 2023),
    *(
        ("us_china_goods_trade_census", f"US_goods_{flow}_CHN", f"US_goods_{flow}_CHN", "million USD",
         "goods, Census basis, not seasonally adjusted", 2000, 2022)
        for flow in ("imports_from", "exports_to")
    ),
    *(
        ("us_china_goods_trade_comtrade", f"US_comtrade_{theirs}_CHN", f"US_comtrade_{ours}_CHN", "million USD",
         "goods, as the US reports them to the United Nations, sum of twelve months", 2010, 2022)
        for theirs, ours in (("import", "imports_from"), ("export", "exports_to"))
    ),
    *(
        ("series_2000_2022", f"{who}_reported_{flow}", f"{who}_reported_{flow}", "million USD",
         f"goods, as {told} them", 2000, 2021)
        for who, told, flow in (
            ("CHN", "China reports", "export_to_USA"), ("CHN", "China reports", "import_from_USA"),
            ("USA", "the US reports", "export_to_CHN"), ("USA", "the US reports", "import_from_CHN"),
        )
    ),
    ("series_2000_2022", "CHN_FDI_utilised_from_USA", "CHN_FDI_from_USA", "billion USD", _DIRECT, 2000, 2008),
    ("series_2000_2022", "CHN_FDI_utilised_from_USA (incl. via Barbados, BVI, Cayman etc.)", "CHN_FDI_from_USA",
     "billion USD", _OFFSHORE, 2009, 2009),
    ("series_2000_2022", "CHN_FDI_utilised_from_USA", "CHN_FDI_from_USA", "billion USD", _OFFSHORE, 2010, 2013),
    ("series_2000_2022", "CHN_FDI_utilised_total (USCBC)", "CHN_FDI_total", "billion USD", _UTILISED, 2000, 2008),
    ("series_2000_2022", "CHN_FDI_utilised_total", "CHN_FDI_total", "billion USD", _UTILISED, 2009, 2016),
    ("china_fdi_inflow_wdi_bop", "CHN_FDI_net_inflow_BoP", "CHN_FDI_net_inflow_BoP", "USD",
     "net inflow of the balance of payments: another concept than utilised investment", 2000, 2024),
    *(
        ("tariff_bilateral_2000_2022", f"{pair}_C26_C28", f"{pair}_C26_C28_wiod", "per cent",
         f"{_TETI}; C26-C27 (plain mean of the two) and C28 weighted by WIOD's bilateral trade", 2000, 2014)
        for pair in ("CHN_tariff_on_USA", "US_tariff_on_CHN")
    ),
    *(
        ("tariff_bilateral_2000_2022", f"{pair}_C26_C28 (ICIO weights)", f"{pair}_C26_C28_icio", "per cent",
         f"{_TETI}; C26, C27 and C28 weighted by ICIO's bilateral trade", 2011, 2017)
        for pair in ("CHN_tariff_on_USA", "US_tariff_on_CHN")
    ),
    *(
        ("tariff_bilateral_2000_2022", f"{pair}_{sector}", f"{pair}_{sector}", "per cent", _TETI, 2011, 2017)
        for pair in ("CHN_tariff_on_USA", "US_tariff_on_CHN")
        for sector in ("C26", "C27", "C28")
    ),
    *(
        ("series_2000_2022", f"{pair}_{industry}", f"{pair}_{industry}_surcharges", "per cent", _SURCHARGE, 2015, 2019)
        for pair in ("CHN_tariff_on_USA", "US_tariff_on_CHN")
        for industry in ("NAICS333", "NAICS334", "NAICS335", "NAICS333_335")
    ),
    *(
        ("tariff_wdi_all_partners", f"tariff_applied_wmean_{side}", f"tariff_applied_wmean_{side}", "per cent",
         "applied, all goods, weighted by imports, on all partners", 2000, 2022)
        for side in ("CHN", "USA")
    ),
    *(
        ("tariff_bilateral_2000_2022", f"ICIO2025_sales_{pair}_{sector}{kind}", f"ICIO_sales_{pair}_{sector}",
         "million USD", f"{_ICIO}; {told}", 2011, 2022)
        for pair in ("CHN_to_USA", "USA_to_CHN")
        for sector, kind, told in (
            ("C26", " (intermediate and final)", "computers, electronics and optical products"),
            ("C27", " (intermediate and final)", "electrical equipment"),
            ("C28", " (intermediate and final)", "machinery"),
            ("all", "", "all goods and services"),
        )
    ),
    *(
        ("series_2000_2022", f"US_{flow}_CHN_{hs}", f"US_{flow}_CHN_{hs}", "million USD",
         f"goods, {told}, sum of twelve months", 2015, 2018)
        for flow in ("imports_from", "exports_to")
        for hs, told in (
            ("HS84", "chapter 84, machinery"), ("HS85", "chapter 85, electrical equipment"), ("HS_all", "all chapters"),
        )
    ),
]  # fmt: skip
#: How a file's words for a source read here: who published it first, and the copy.
SOURCES = [
    (r"World Bank WDI (\S+) .*via (github .*)", r"World Bank, World Development Indicators, \1", r"\2"),
    (r"UN Comtrade.* via (.*)", "UN Comtrade", r"\1"),
    (r"US Census Bureau foreign-trade.* via (.*)", "US Census Bureau, trade in goods with China", r"\1"),
    (r"US Census Bureau USA Trade Online.*(github .*)", "US Census Bureau, USA Trade Online", r"\1"),
    (r"Teti.* as packed in (.*)", "Teti, Global Tariff Database", r"\1"),
    (r"OECD ICIO 2025 edition as packed in (.*)", "OECD, Inter-Country Input-Output Tables, edition 2025", r"\1"),
    (r"github (mwaugh0328/tradewar-tracker \S+ \S+).*",
     "USITC and USTR (section 301 lists); Bown, Jung and Zhang (PIIE)", r"github \1"),
    (r"US-China Business Council.*?(?:\(the page.*; (MOFCOM news.*)\)|; top-10.*)?$", "MOFCOM, China",
     "US-China Business Council, Foreign Direct Investment in China (archived page)"),
    (r"(.*?) quoting MOFCOM.*", "MOFCOM, China", r"\1"),
    (r"(english\.mofcom\.gov\.cn.*)", "MOFCOM, China", r"\1"),
]  # fmt: skip
#: What a reader should know of single points, beside what the checks say.
NOTES = {
    (
        "tariff_applied_wmean_USA",
        2019,
    ): "doubtful: 8.7 times 2018; 12 to 21 per cent on goods from China, about a fifth "
    "of imports, explain 3 to 4 points of the 12",
    ("CHN_FDI_from_USA", 2009): "2010 and its published growth imply 3.57; the definition changes with this year",
    ("CHN_FDI_total", 2005): "MOFCOM's news of the time say 60.3",
    ("CHN_FDI_total", 2008): "MOFCOM's news of the time say 92.4",
    ("CHN_FDI_total", 2009): "the US-China Business Council prints 91.8",
    ("CHN_FDI_total", 2010): "agrees with 105.7 of the US State Department's Investment Climate Statement 2012",
}
#: A change beyond this factor from one year to the next is a jump that a note must explain.
JUMP = 2.5
#: Jumps that the sources themselves show: falls of inward investment, and the trade war.
KNOWN_JUMPS = {("CHN_FDI_net_inflow_BoP", 2023), ("CHN_FDI_net_inflow_BoP", 2024)}


def primary_and_copy(words: str) -> tuple[str, str]:
    """Who published a number first, and where it was read."""
    for pattern, first, copy in SOURCES:
        found = re.fullmatch(pattern, words)
        if found:
            return found.expand(first), f"read from {found.expand(copy)}"
    raise SystemExit(f"no rule for the source {words!r}")


def facts(folder: Path) -> pd.DataFrame:
    """All series in the common columns."""
    files: dict[str, pd.DataFrame] = {}
    rows = []
    for name, theirs, ours, unit, definition, first, last in SERIES:
        if name not in files:
            files[name] = pd.read_csv(folder / f"{name}.csv")
            # "same page" is the page of the line before.
            words = files[name]["source"]
            same = words.isin(["same page", "same", "same file, all HS chapters"])
            # What the page says of growth is about its first number.
            words = words.mask(same).ffill()
            files[name]["source"] = words.where(~same, words.str.replace(r"MOFCOM:.*", "MOFCOM", regex=True))
        found = files[name][files[name]["series"] == theirs]
        found = found.assign(year=pd.to_numeric(found["year"], errors="coerce"))
        found = found[found["year"].between(first, last)]
        if found.empty:
            raise SystemExit(f"{name}.csv holds no {theirs!r}")
        for row in found.itertuples():
            source, copy = primary_and_copy(row.source)
            said = NOTES.get((ours, int(row.year))) or growth(row, found)
            note = "; ".join(filter(None, [said, copy]))
            rows.append((ours, int(row.year), float(row.value), unit, definition, source, note))
    frame = pd.DataFrame([*rows, investment_2014(files["series_2000_2022"])], columns=COLUMNS)
    return frame.sort_values(["series", "period"], kind="stable")


def growth(row: Any, series: pd.DataFrame) -> str:
    """Whether the growth that the same text names agrees with the year before."""
    told = re.search(r"(rose|fell) ([\d.]+)% to", row.source)
    before = series.set_index("year")["value"].get(row.year - 1)
    if not told:
        return "no second source" if "quoting MOFCOM" in row.source and "Business Council" not in row.source else ""
    if before is None:
        return f"the same text: {told[1]} {told[2]}%"
    implied = before * (1 + float(told[2]) / 100 * (1 if told[1] == "rose" else -1))
    if abs(implied / row.value - 1) > 0.01:
        raise SystemExit(f"{row.series} {row.year}: {row.value}, but its growth implies {implied:.3f}")
    return f"agrees with the year before and the growth in the same text ({told[1]} {told[2]}%)"


def investment_2014(series: pd.DataFrame) -> tuple[object, ...]:
    """US investment of 2014 by the published growth on 2013."""
    by_name = series[series["year"].isin(["2013", "2014"])].set_index(["series", "year"])
    change = by_name.loc[("CHN_FDI_utilised_from_USA_growth", "2014")]
    value = by_name.loc[("CHN_FDI_utilised_from_USA", "2013"), "value"] * (1 + change["value"] / 100)
    copy = change["source"].partition(" quoting")[0]
    note = f"2013 and its growth of {change['value']}%; no second source; read from {copy}"
    return "CHN_FDI_from_USA", 2014, value, "billion USD", f"{_OFFSHORE}; computed by growth", "MOFCOM, China", note


def problems(frame: pd.DataFrame) -> list[str]:
    """Jumps without a note, years in which two sources of the same flow differ by more than 7%, twice the same fact."""
    found = [f"twice: {key}" for key in frame.loc[frame.duplicated(["series", "period"]), "series"]]
    for (_, before), (_, after) in zip(frame.iloc[:-1].iterrows(), frame.iloc[1:].iterrows(), strict=True):
        key = (after["series"], after["period"])
        explained = key in KNOWN_JUMPS or key in NOTES or after["series"].endswith("surcharges")
        if before["series"] == after["series"] and after["period"] == before["period"] + 1 and not explained:
            factor = after["value"] / before["value"]
            if not 1 / JUMP < factor < JUMP:
                found.append(f"{key}: {factor:.2f} times the year before")
    value = frame.set_index(["series", "period"])["value"]
    for flow in ("imports_from", "exports_to"):
        ratio = (value[f"US_goods_{flow}_CHN"] / value[f"US_comtrade_{flow}_CHN"]).dropna()
        found += [
            f"US_goods_{flow}_CHN {year}: {r:.3f} of Comtrade's" for year, r in ratio.items() if abs(r - 1) > 0.07
        ]
    return found


def main() -> int:
    frame = facts(Path(sys.argv[1]))
    found = problems(frame)
    if found:
        print("not explained:", *found, sep="\n", file=sys.stderr)
        return 1
    frame.assign(value=frame["value"].map("{:.12g}".format)).to_csv(TARGET, index=False, lineterminator="\n")
    print(f"{len(frame)} facts of {frame['series'].nunique()} series, {TARGET.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
