"""The report of `gvckit reproduce --report`: one page with the claims, the figures and the numbers behind them."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from gvckit._core import __version__
from gvckit.errors import IndicatorError, LabelError, ShapeError
from gvckit.meaning.describe import describe
from gvckit.study.china_us import us_policies
from gvckit.study.claims import BORNE, NOT_BORNE, NOT_TESTABLE
from gvckit.study.page import bullets, facts, figure, heading, page, paragraph, table, wrapped
from gvckit.study.results import KINDS, NETWORKS, Results
from gvckit.write import replacing

TITLE = "China and the United States in global value chains"
_CLASSES = {BORNE: "yes", NOT_BORNE: "no", NOT_TESTABLE: "untested"}
#: Measures of a pair that the report shows, of all that `dependence` has.
_DEPENDENCE = ("trade_to_gdp", "supply_share", "demand_share", "input_reliance_face", "input_reliance",
               "market_reliance_face", "market_reliance")  # fmt: skip
#: How many hubs a table lists.
_TOP = 5


class Report:
    """Sections of the report, from results that are there and figures that were written."""

    def __init__(self, results: Results, summary: pd.DataFrame, written: Sequence[Path]) -> None:
        self.results = results
        self.summary = summary
        self.figures = {path.name: path for path in written if path.suffix == ".png"}
        self.frames = {path.name: path for path in written if path.suffix == ".csv"}

    def html(self) -> str:
        """The whole page."""
        sections = {
            "claims": ("What of the paper is borne out", self.claims()),
            "participation": ("Participation", self.participation()),
            "networks": ("Networks", self.networks()),
            "exports": ("Position and exports", self.exports()),
            "index": ("Index of dependence", self.index()),
            "dependence": ("Dependence and decoupling", self.dependence()),
            "policies": ("US policies", self.policies()),
        }
        if self.results.skipped:
            reasons = [f"{name}: {reason}" for name, reason in self.results.skipped.items()]
            text = "These parts are left out: the table can't answer them."
            sections["skipped"] = ("What was skipped", paragraph(text) + bullets(reasons))
        return page(f"{TITLE}, {self.span}", self.header(), {name: s for name, s in sections.items() if s[1]})

    @property
    def span(self) -> str:
        """First and last year."""
        return " to ".join(map(str, self.results.ends))

    def header(self) -> str:
        """What this is, and on what data and versions."""
        r = self.results
        text = (
            "Tables and figures of the study of asymmetric industrial dependence between China and the United States, "
            "computed anew from multi-regional input-output tables. Each statement of the study has a measure, a rule "
            "and a verdict; all numbers come from the tables and facts named here."
        )
        years = list(r.tables)
        whole = years == list(range(r.first, r.last + 1)) and len(years) > 1
        pairs = {
            "Table": r.table.source or "not said",
            "Size": f"{len(r.table.regions)} regions, {len(r.table.sectors)} sectors",
            "Unit": r.table.unit or "not said",
            "Years": f"{self.span} ({len(years)})" if whole else ", ".join(map(str, years)),
            "Facts beside it": "US Census Bureau and World Bank (dependence_index_inputs.csv)",
            "Made with": f"gvckit {__version__}, numpy {np.__version__}, pandas {pd.__version__}, "
            f"Python {platform.python_version()}",
            "Date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }
        return paragraph(text) + facts(pairs)

    def picture(self, name: str, alt: str, caption: str, narrow: bool = False) -> str:
        """A figure, if it was written."""
        return figure(self.figures[name], alt, caption, narrow) if name in self.figures else ""

    def claims(self) -> str:
        """All claims with their verdicts."""
        counts = self.summary["verdict"].value_counts()
        said = ", ".join(f"{counts[v]} {v}" for v in _CLASSES if v in counts)
        text = (
            f"{len(self.summary)} statements: {said}. First and last are of the years that a rule looks at; values of "
            "all years are in claims_by_year.csv. A verdict is about the table at hand, not about the paper's own data."
        )
        head = "".join(f"<th{c}>{h}</th>" for h, c in (
            ("Statement and measure", ""), ("First", ' class="number"'), ("Last", ' class="number"'), ("Verdict", ""),
            ("Rule and note", ""),
        ))  # fmt: skip
        rows = "\n".join(_claim_row(row) for _, row in self.summary.iterrows())
        body = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
        return paragraph(text) + wrapped(body, "Statements of the paper, tested on the table at hand", "claims")

    def participation(self) -> str:
        """Participation of medium- and high-technology manufacturing."""
        name = "participation_medium_high_technology"
        if f"{name}.png" not in self.figures:
            return ""
        r = self.results
        shares = {
            f"{who}, {direction}": frame["gvc"].xs(region, level="region")
            for who, region in zip(("China", "US"), r.pair, strict=True)
            for direction, frame in r.medium_high.items()
        }
        frame = pd.DataFrame(shares)
        first, last = (frame.iloc[k].map(_percent) for k in (0, -1))
        text = (
            f"In {r.last}, {last['China, forward']} of the value added of China's medium- and high-technology "
            f"manufacturing crossed a border for production ({first['China, forward']} in {r.first}), and "
            f"{last['US, forward']} of that of the United States. Backward, {last['China, backward']} of what China's "
            f"final goods of these industries are made of did ({first['China, backward']} in {r.first}). Simple chains "
            "cross one border, complex ones more."
        )
        return (
            paragraph(text)
            + self.picture(
                f"{name}.png", f"Participation of medium- and high-technology manufacturing, {self.span}",
                "Participation of medium- and high-technology manufacturing in global value chains, forward (share of "
                "value added) and backward (share of final goods output).",
            )
            + table(frame, "GVC participation of medium- and high-technology manufacturing (shares)", _percent)
            + self.bands()
        )  # fmt: skip

    def bands(self) -> str:
        """How sure a change of participation is."""
        r = self.results
        name = f"participation_change_{r.first}_{r.last}_bands.csv"
        text = ""
        if name in self.frames:
            change = pd.read_csv(self.frames[name], index_col=0)["gvc_share_positive"]
            a, b = (f"{change[region]:.0%}" for region in r.pair)
            text = paragraph(
                f"Published tables give no error of their cells. If they err as the figure assumes, forward "
                f"participation of the whole economy is higher in {r.last} than in {r.first} in {a} of the draws for "
                f"China, and in {b} for the United States."
            )
        shown = self.picture(
            "participation_bands.png", "Bands of forward participation under errors of the table's cells",
            "Forward participation of the whole economy with bands over draws of the table.", narrow=True,
        )  # fmt: skip
        return text + shown

    def networks(self) -> str:
        """Maps of the networks, their hubs and how regional they are."""
        parts = []
        for name, title in NETWORKS.items():
            if f"networks_{name}.png" not in self.figures:
                continue
            years = " and ".join(map(str, self.results.ends))
            parts.append(
                heading(title[0].upper() + title[1:])
                + self._hub_text(name)
                + self.picture(
                    f"networks_{name}.png", f"Networks of value-added trade, {title}, {years}",
                    "A circle is an economy's exports of value added, an arrow the value added between two; the two "
                    "largest arrows out of and into each economy are drawn. Sizes are to the scale of each map.",
                )
                + self._hub_table(name, title) + self._regional_table(name, title)
            )  # fmt: skip
        return "".join(parts)

    def _hub_text(self, name: str) -> str:
        hubs = self.results.hubs(name, "complex")
        first, last = (hubs.xs(year, level="year").iloc[0] for year in (self.results.first, self.results.last))
        leads = [hubs.xs(year, level="year").index[0] for year in (self.results.first, self.results.last)]
        return paragraph(
            f"A supply hub is the largest source of value added for many partners. In complex value chains that is "
            f"{leads[0]} in {self.results.first} (for {first['supplier_of']:.0f} partners) and {leads[1]} in "
            f"{self.results.last} (for {last['supplier_of']:.0f})."
        )

    def _hub_table(self, name: str, title: str) -> str:
        columns = {}
        for kind in KINDS:
            hubs = self.results.hubs(name, kind)
            for year in self.results.ends:
                top = hubs.xs(year, level="year").head(_TOP)
                columns[f"{kind} {year}"] = [f"{region} ({n:.0f})" for region, n in top["supplier_of"].items()]
        frame = pd.DataFrame({key: pd.Series(value, dtype=object) for key, value in columns.items()})
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
        return table(frame, f"Supply hubs, {title} (number of partners whose largest supplier it is)")

    def _regional_table(self, name: str, title: str) -> str:
        frame = self.results.regionalisation(name)["within_share"]
        rows = {
            (group, kind): [frame.get((kind, year, group), np.nan) for year in self.results.ends]
            for group in frame.index.unique("group")
            if group != "Rest"
            for kind in KINDS
        }
        shown = pd.DataFrame.from_dict(rows, orient="index", columns=[str(year) for year in self.results.ends])
        shown.index = pd.MultiIndex.from_tuples(list(rows), names=["group", "kind"])
        return table(shown, f"Share of a group's flows that stays within the group, {title}", _percent)

    def exports(self) -> str:
        """Position, exports of the pair, imported inputs."""
        parts = []
        if "position.png" in self.figures:
            parts += [self._position_text(), self.picture(
                "position.png", f"Position of industries of China and the US, {self.span}",
                "Position in global value chains: forward length over backward length.", narrow=True,
            ), self._position_table()]  # fmt: skip
        if "exports_pair_wwz.png" in self.figures:
            parts += [self._exports_text(), self.picture(
                "exports_pair_wwz.png", "Exports between China and the US by origin of value added",
                "Exports of the pair to each other by the sixteen terms of Wang, Wei and Zhu.", narrow=True,
            )]  # fmt: skip
        if "imported_inputs_in_goods_exports.csv" in self.frames and self._has_pair():
            parts.append(self._inputs())
        return "".join(parts)

    def _position_table(self) -> str:
        r, where = self.results, self.results.position["position"]
        rows = {
            name: [where[year, region, sector] for region in r.pair for year in r.ends]
            for sector, name in r.position_names.items()
        }
        columns = [f"{who} {year}" for who in ("China", "US") for year in r.ends]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        frame.index.name = "industry"
        return table(frame, "Position in global value chains (forward over backward length, a ratio)")

    def _position_text(self) -> str:
        r, where = self.results, self.results.position["position"]
        gaps = [
            f"{name} {where[r.last, r.pair[0], sector] - where[r.last, r.pair[1], sector]:+.3f}"
            for sector, name in r.position_names.items()
        ]
        return paragraph(
            "Above 1 an industry stands upstream, nearer to the start of chains than to their end. China less the US "
            f"in {r.last}: {', '.join(gaps)}."
        )

    def _exports_text(self) -> str:
        frame = pd.read_csv(self.frames["exports_pair_wwz.csv"], index_col=["region", "partner", "year"])
        domestic = frame.filter(regex="^DVA").sum(axis=1) / frame["exports"]
        a, b = self.results.pair
        said = [f"{domestic[a, b, year]:.1%} in {year}" for year in self.results.ends]
        other = [f"{domestic[b, a, year]:.1%} in {year}" for year in self.results.ends]
        return paragraph(
            "Blue is domestic value added, orange foreign, grey what is counted twice. Domestic value added that "
            f"others absorb is {' and '.join(said)} of China's exports to the US, "
            f"{' and '.join(other)} of US exports to China."
        )

    def _inputs(self) -> str:
        r = self.results
        china, states = (r.goods_inputs["imported_input_share"].xs(region, level="region") for region in r.pair)
        text = (
            f"Imported inputs are {_percent(china.iloc[-1])} of China's goods exports in {r.last}, after "
            f"{_percent(china.iloc[0])} in {r.first} and at most {_percent(china.max())} in {china.idxmax()}."
        )
        frame = pd.DataFrame({"China": china, "US": states})
        return paragraph(text) + table(frame, "Imported inputs in exports of goods (share of exports)", _percent)

    def _has_pair(self) -> bool:
        try:
            return bool(self.results.pair)
        except LabelError:
            return False

    def index(self) -> str:
        """Both forms of the index."""
        try:
            found = self.results.index
        except (LabelError, IndicatorError, ShapeError):
            return ""
        parts = []
        titles = {"table": "Trade of the table", "goods": "Goods trade and tariffs on all partners"}
        for form, result in found.items():
            frame, said = result.to_frame(), titles[form].lower()
            used = [c for c in ("index", "coverage", *result.scheme.pillars) if frame[c].notna().any()]
            first, last = frame.index[0], frame.index[-1]
            text = (
                f"{result.title}. It is {frame['index'].iloc[0]:.2f} in {first} and {frame['index'].iloc[-1]:.2f} in "
                f"{last}: 0 would be the lowest and 1 the highest of these years in all parts. Coverage is the share "
                "of the weights that a year has values for; where it changes, so does what the index is made of."
            )
            parts += [
                heading(titles[form]),
                paragraph(text[0].upper() + text[1:]),
                self.picture(f"dependence_index_{form}.png", f"Index of interdependence with bands, {said}",
                             "Index by year with bands over weights and errors of inputs, US policies.", narrow=True),
                self.picture(f"dependence_index_{form}_pillars.png", f"Pillars of the index, {said}",
                             "What each pillar adds to the index.", narrow=True),
                table(frame[used], f"Index and its pillars, {said} (0 to 1)"),
            ]  # fmt: skip
        return "".join(parts)

    def dependence(self) -> str:
        """Both sides, and what they lose by decoupling."""
        parts = []
        if "dependence_asymmetry.png" in self.figures:
            sides = self.results.sides
            parts.append(paragraph(
                f"Trade with the other side is {_percent(sides['TC'].iloc[-1])} of China's value added and "
                f"{_percent(sides['TA'].iloc[-1])} of that of the US in {sides.index[-1]}; in {sides.index[0]} it was "
                f"{_percent(sides['TC'].iloc[0])} and {_percent(sides['TA'].iloc[0])}."
            ))  # fmt: skip
            parts.append(self.picture(
                "dependence_asymmetry.png", "Dependence of each side on the other by year",
                "Bilateral trade over own value added, and the index of each side on a common scale.",
            ))  # fmt: skip
        if "decoupling.png" in self.figures:
            parts += [self._dependence_table(), self._decoupling()]
        return "".join(parts)

    def _dependence_table(self) -> str:
        meaning = describe("dependence")["meaning"]
        rows = self.results.dependence.loc[[(self.results.last, name, "all") for name in _DEPENDENCE]]
        shown = rows.set_axis(pd.Index(["China on the US", "the US on China"]), axis=1)
        shown.index = pd.Index([meaning[name] for name in _DEPENDENCE], name="measure")
        return table(shown, f"Dependence, {self.results.last} (per cent of what each line names)", _percent)

    def _decoupling(self) -> str:
        curve = self.results.decoupling
        lost = curve["share"].xs(curve.index.get_level_values("cut").max(), level="cut").map(_percent)
        a, b = self.results.pair
        text = (
            f"If all trade between the two stopped in {self.results.last} and nobody found another partner, "
            f"{lost[a]} of China's value added and {lost[b]} of that of the US would be at "
            "stake. That is a measure of exposure, not a forecast."
        )
        return paragraph(text) + self.picture(
            "decoupling.png", "Losses of both sides as trade between them is cut",
            "Value added at stake as trade between the two is cut step by step, as a share of own value added and per "
            "dollar of trade that is cut.",
        )  # fmt: skip

    def policies(self) -> str:
        """US policies of the paper's timeline."""
        frame = us_policies()
        frame["date"] = frame["date"].dt.strftime("%Y-%m")
        return table(frame.set_index("date"), "US policies that the paper sets beside its series, by month")


def _claim_row(row: pd.Series) -> str:
    first, last = (_with_year(row[f"{end}_year"], row[f"{end}_value"], row["unit"]) for end in ("first", "last"))
    note = f"<small>{escape(row['note'])}</small>" if row["note"] else ""
    verdict = escape(row["verdict"])
    return (
        f'<tr id="claim-{escape(str(row.name))}">'
        f"<td>{escape(row['statement'])}<small>{escape(row['measure'])}</small></td>"
        f'<td class="number">{first}</td><td class="number">{last}</td>'
        f'<td><span class="verdict {_CLASSES[row["verdict"]]}">{verdict}</span></td>'
        f"<td>{escape(row['rule'][0].upper() + row['rule'][1:])}{note}</td></tr>"
    )


def _with_year(year: object, value: float, unit: str) -> str:
    """A value by its unit, and its year below; nothing where there is none."""
    if np.isnan(value):
        return ""
    text = {"rank": f"{value:.0f}", "share": f"{value:.1%}", "difference of shares": f"{100 * value:+.1f} points"}
    return f"{text.get(unit, f'{value:.3f}')}<small>{year}</small>"


def _percent(value: float) -> str:
    return f"{value:.1%}"


def write_report(results: Results, summary: pd.DataFrame, written: Sequence[Path], path: Path) -> Path:
    """Write the report from results and the files that were written.

    Parameters
    ----------
    results : Results
    summary : DataFrame
        Of `gvckit.claims.summary`.
    written : sequence of Path
        Figures and tables of `gvckit.reproduce.reproduce`; those that are missing are left out.
    path : Path

    Returns
    -------
    Path
    """
    with replacing(path) as temporary:
        temporary.write_text(Report(results, summary, written).html(), encoding="utf-8")
    return path
