"""The report of `gvckit reproduce --report`: the numbers that its page, ``report.html``, puts into words."""

from __future__ import annotations

import base64
import datetime
import io
import platform
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from PIL import Image

from gvckit._core import __version__
from gvckit.errors import LabelError
from gvckit.meaning.describe import describe
from gvckit.study.china_us import us_policies
from gvckit.study.claims import BORNE, FURTHER, NOT_BORNE, NOT_TESTABLE
from gvckit.study.results import KINDS, NETWORKS, Results
from gvckit.study.what_if import DRAWS, FACTORS, QUANTILES, SPREAD, TARIFF
from gvckit.write import replacing

TITLE = "China and the United States in global value chains"
_CLASSES = {BORNE: "yes", FURTHER: "further", NOT_BORNE: "no", NOT_TESTABLE: "untested"}
#: Measures of a pair that the report shows, of all that `dependence` has.
_DEPENDENCE = ("trade_to_gdp", "supply_share", "demand_share", "input_reliance_face", "input_reliance",
               "market_reliance_face", "market_reliance")  # fmt: skip
#: How many hubs a table lists.
_TOP = 5
#: Widest figure in the page, in pixels, and its colours: what keeps a page of many figures small.
_WIDEST, _COLOURS = 2000, 256
#: The answers of the last section, as its table calls them.
_ANSWERS = {
    "markets": "value added at stake without the other's market",
    "supplies": "output that can't be made without the other's inputs",
    "consumer_prices": f"consumer prices if tariffs of {TARIFF:.0%} are passed on",
    "welfare": "welfare when all adjusts",
}
_HEADINGS = {
    "claims": "What of the paper is borne out",
    "participation": "Participation",
    "networks": "Networks",
    "exports": "Position and exports",
    "index": "Index of dependence",
    "dependence": "Dependence and decoupling",
    "what_if": "What decoupling would do",
    "policies": "US policies",
    "skipped": "What was skipped",
}


def write_report(results: Results, summary: pd.DataFrame, written: Sequence[Path], path: Path) -> Path:
    """Write the report from results and the files that were written.

    Parameters
    ----------
    results : Results
    summary : DataFrame
        Of `gvckit.study.claims.summary`.
    written : sequence of Path
        Figures and tables of `gvckit.study.reproduce.reproduce`; those that are missing are left out.
    path : Path

    Returns
    -------
    Path
    """
    with replacing(path) as temporary:
        temporary.write_text(_page(results, summary, written), encoding="utf-8")
    return path


def _page(results: Results, summary: pd.DataFrame, written: Sequence[Path]) -> str:
    """The whole page."""
    files = {path.name: path for path in written}
    parts = {
        "participation": _participation(results, files),
        "networks": _networks(results, files),
        "exports": _exports(results, files),
        "index": _index(results, files),
        "sides": _sides(results, files),
        "decoupling": _decoupling(results, files),
        "what_if": _what_if(results, files),
        "skipped": results.skipped,
    }
    there = {**parts, "dependence": parts["sides"] or parts["decoupling"], "claims": True, "policies": True}
    years = " to ".join(map(str, results.ends))
    return _template().render(
        title=TITLE, span=years, first=results.first, last=results.last, source=results.table.source or "not said",
        css=_text("report.css"), about=_about(results, years), figures=files, classes=_CLASSES, policies=_policies(),
        contents={name: heading for name, heading in _HEADINGS.items() if there[name]}, change=_change(results, files),
        **_claims(results, summary), **parts,
    )  # fmt: skip


def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"shown": _shown, "as_unit": _as_unit, "picture": _picture}
    return environment.from_string(_text("report.html"))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _shown(value: Any, form: str = "{}") -> str:
    """A cell: text as it is, nothing for what isn't there."""
    return value if isinstance(value, str) else "" if pd.isna(value) else form.format(value)


def _as_unit(value: float, unit: str) -> str:
    """A value of a claim by its unit."""
    if np.isnan(value):
        return ""
    forms = {"rank": "{:.0f}", "count": "{:.0f}", "level": "{:,.0f}", "share": "{:.1%}"}
    return f"{100 * value:+.1f} points" if unit == "difference of shares" else forms.get(unit, "{:.3f}").format(value)


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _picture(path: Path) -> str:
    """A figure as data within the page: with a palette, and not wider than `_WIDEST`."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.thumbnail((_WIDEST, image.height), Image.Resampling.LANCZOS)
    drawn = image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The colours of the octree are means: white stays white.
    drawn.putpalette([255 if value >= 254 else value for value in drawn.getpalette() or []])
    out = io.BytesIO()
    drawn.save(out, "PNG", compress_level=6)
    return base64.b64encode(out.getvalue()).decode("ascii")


# ---- sections: the numbers of each, nothing where its figure was not written --------------------------------------


def _about(r: Results, span: str) -> dict[str, str]:
    """On what data and versions the page is made."""
    years = list(r.tables)
    whole = years == list(range(r.first, r.last + 1)) and len(years) > 1
    two = r.two_databases
    return {
        "Table": r.table.source or "not said",
        "Size": f"{len(r.table.regions)} regions, {len(r.table.sectors)} sectors",
        "Unit": r.table.unit or "not said",
        "Years": f"{span} ({len(years)})" if whole else ", ".join(map(str, years)),
        **({"A later year": f"{two.last}: {two.tables[two.last].source}"} if two else {}),
        "Facts beside it": "named in gvckit.schemes.china_us_facts(), each with its source",
        "Made with": f"gvckit {__version__}, numpy {np.__version__}, pandas {pd.__version__}, "
        f"Python {platform.python_version()}",
        "Date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def _claims(r: Results, summary: pd.DataFrame) -> dict[str, Any]:
    """All claims, and how many have which verdict."""
    two = r.two_databases
    later = {"later": two.names if two else "", "later_year": two.last if two else "", "later_counts": ""}
    if two:
        later["later_counts"] = _counts(summary["later_verdict"])
    return {"summary": summary, "counts": _counts(summary["verdict"]), **later}


def _counts(verdicts: pd.Series) -> str:
    counts = verdicts.value_counts()
    return ", ".join(f"{counts[v]} {v}" for v in _CLASSES if v in counts)


def _participation(r: Results, files: Mapping[str, Path]) -> dict[str, Any] | None:
    """Participation of medium- and high-technology manufacturing."""
    if "participation_medium_high_technology.png" not in files:
        return None
    frame = pd.DataFrame(
        {
            f"{who}, {direction}": shares["gvc"].xs(region, level="region")
            for who, region in zip(("China", "US"), r.pair, strict=True)
            for direction, shares in r.medium_high.items()
        }
    )
    return {"frame": frame, "first": frame.iloc[0].map(_percent), "last": frame.iloc[-1].map(_percent)}


def _change(r: Results, files: Mapping[str, Path]) -> list[str] | None:
    """How sure it is that participation has risen, for both."""
    name = f"participation_change_{r.first}_{r.last}_bands.csv"
    if name not in files:
        return None
    change = pd.read_csv(files[name], index_col=0)["gvc_share_positive"]
    return [f"{change[region]:.0%}" for region in r.pair]


def _networks(r: Results, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Maps of the networks, their hubs and how regional they are."""
    parts = [_network(r, name, title, f"networks_{name}.png") for name, title in NETWORKS.items()]
    if r.two_databases:
        two = _network(r.two_databases, "whole_economy", NETWORKS["whole_economy"], "networks_two_databases.png")
        parts.insert(
            1, {**two, "two": True, "title": f"{two['title']}, two databases", "source": r.two_databases.names}
        )
    return [part for part in parts if part["file"] in files]


def _network(r: Results, name: str, title: str, file: str) -> dict[str, Any]:
    try:
        hubs, regional = {kind: r.hubs(name, kind) for kind in KINDS}, r.regionalisation(name)
    except LabelError:
        return {"file": ""}
    firsts = [hubs["complex"].xs(year, level="year") for year in (r.first, r.last)]
    return {
        "file": file,
        "title": title,
        "two": False,
        "years": [r.first, r.last],
        "source": r.table.source or "not said",
        "leads": [frame.index[0] for frame in firsts],
        "partners": [f"{frame['supplier_of'].iloc[0]:.0f}" for frame in firsts],
        "hubs": _hub_table(r, hubs),
        "regional": _regional_table(r, regional["within_share"]),
    }


def _hub_table(r: Results, hubs: Mapping[Any, pd.DataFrame]) -> pd.DataFrame:
    columns = {}
    for kind, frame in hubs.items():
        for year in r.ends:
            top = frame.xs(year, level="year").head(_TOP)["supplier_of"]
            columns[f"{kind} {year}"] = pd.Series([f"{region} ({n:.0f})" for region, n in top.items()], dtype=object)
    shown = pd.DataFrame(columns)
    return shown.set_axis(pd.RangeIndex(1, len(shown) + 1, name="rank"))


def _regional_table(r: Results, shares: pd.Series) -> pd.DataFrame:
    rows = {
        (group, kind): [shares.get((kind, year, group), np.nan) for year in r.ends]
        for group in shares.index.unique("group")
        if group != "Rest"
        for kind in KINDS
    }
    shown = pd.DataFrame.from_dict(rows, orient="index", columns=[str(year) for year in r.ends])
    return shown.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["group", "kind"]))


def _exports(r: Results, files: Mapping[str, Path]) -> dict[str, Any]:
    """Position, exports of the pair, imported inputs."""
    parts: dict[str, Any] = {}
    if "position.png" in files:
        where = r.position["position"]
        rows = {
            name: [where[year, region, sector] for region in r.pair for year in r.ends]
            for sector, name in r.position_names.items()
        }
        columns = [f"{who} {year}" for who in ("China", "US") for year in r.ends]
        parts["position"] = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("industry")
        gaps = {name: row[len(r.ends) - 1] - row[-1] for name, row in rows.items()}
        parts["gaps"] = ", ".join(f"{name} {gap:+.3f}" for name, gap in gaps.items())
    if "exports_pair_wwz.png" in files:
        frame = pd.read_csv(files["exports_pair_wwz.csv"], index_col=["region", "partner", "year"])
        domestic = frame.filter(regex="^DVA").sum(axis=1) / frame["exports"]
        for name, (one, other) in {"ours": r.pair, "theirs": r.pair[::-1]}.items():
            parts[name] = " and ".join(f"{domestic[one, other, year]:.1%} in {year}" for year in r.ends)
    if "imported_inputs_in_goods_exports.csv" in files and r.has_pair:
        china, states = (r.goods_inputs["imported_input_share"].xs(region, level="region") for region in r.pair)
        parts["inputs"] = pd.DataFrame({"China": china, "US": states})
        parts["imported"] = (
            f"{_percent(china.iloc[-1])} of China's goods exports in {r.last}, after {_percent(china.iloc[0])} in "
            f"{r.first} and at most {_percent(china.max())} in {china.idxmax()}"
        )
    return parts


def _index(r: Results, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """All forms of the index."""
    forms = []
    for form, result in r.index.items() if "dependence_index_full.csv" in files else ():
        frame, pillars = result.to_frame(), result.scheme.pillars
        ends = [frame.index[0], frame.index[-1]]
        forms.append(
            {
                "file": f"dependence_index_{form}",
                "title": f"{result.title}, {ends[0]}-{ends[1]}",
                "years": ends,
                "at_ends": [f"{frame['index'][year]:.2f}" for year in ends],
                "pillars": pillars,
                "frame": frame[["index", "coverage", *pillars]],
                "source": frame.attrs["source"],
            }
        )
    return forms


def _sides(r: Results, files: Mapping[str, Path]) -> dict[str, Any] | None:
    """Both sides of the index."""
    if "dependence_asymmetry.png" not in files:
        return None
    frame = r.sides
    first, last = ([_percent(frame[name].iloc[k]) for name in ("TC", "TA")] for k in (0, -1))
    years = [frame.index[0], frame.index[-1]]
    return {"first": first, "last": last, "years": years, "source": frame.attrs["source"]}


def _decoupling(r: Results, files: Mapping[str, Path]) -> dict[str, Any] | None:
    """Dependence of the pair, and what they lose by decoupling."""
    if "decoupling.png" not in files:
        return None
    rows = r.dependence.loc[[(r.last, name, "all") for name in _DEPENDENCE]]
    measures = rows.set_axis(pd.Index(["China on the US", "the US on China"]), axis=1)
    names = describe("dependence")["meaning"].loc[list(_DEPENDENCE)]
    curve = r.decoupling
    lost = curve["share"].xs(curve.index.get_level_values("cut").max(), level="cut")
    return {
        "measures": measures.set_axis(pd.Index(names, name="measure")),
        "lost": [_percent(lost[region]) for region in r.pair],
    }


def _what_if(r: Results, files: Mapping[str, Path]) -> dict[str, Any] | None:
    """What the two would lose when prices, wages and sources adjust."""
    if "what_if_networks.png" not in files:
        return None
    found = r.what_if
    answers = found.answers.loc[found.shown].set_axis(pd.Index(list(_ANSWERS.values())), axis=1)
    ends = found.bands.loc[list(r.pair)]
    after = found.dependence.set_axis(
        pd.Index([f"{who}, {when}" for when in ("before", "after") for who in ("China on the US", "the US on China")]),
        axis=1,
    )
    names = describe("dependence")["meaning"].loc[list(after.index)]
    low, high = ([f"{ends[level][region] - 1:+.2%}" for region in r.pair] for level in QUANTILES)
    return {
        "answers": answers,
        "welfare": [f"{ends['published'][region] - 1:+.2%}" for region in r.pair],
        "bands": [f"{one} to {other}" for one, other in zip(low, high, strict=True)],
        "dependence": after.set_axis(pd.Index(names, name="measure")),
        "elasticity": found.elasticity_name,
        "spread": _percent(SPREAD),
        "draws": DRAWS,
        "notes": list(found.steps[FACTORS[-1]].notes),
    }


def _policies() -> pd.DataFrame:
    """US policies of the paper's timeline."""
    frame = us_policies()
    return frame.assign(date=frame["date"].dt.strftime("%Y-%m")).set_index("date")
