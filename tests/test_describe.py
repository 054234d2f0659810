"""Every column of every result is described, and every measure and figure has its papers."""

import re
from pathlib import Path

import pandas as pd
import pytest

import gvckit as gk
from gvckit.meaning.cite import cited, papers

#: What labels a row, and so needs no description.
LABELS = {"region", "sector", "partner", "third", "pair", "cut"}


@pytest.fixture(scope="module")
def small():
    t = gk.load_sample(2005)
    kept = {"CHN", "USA", "DEU"}
    return t.aggregate(regions={region: region if region in kept else "ROW" for region in t.regions})


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("participation", lambda t: gk.participation(t, detail=True)),
        ("participation_rates", lambda t: gk.participation_rates(t).droplevel("base", axis=1)),
        ("network", lambda t: gk.network(t).nodes),
        ("network", lambda t: gk.network(t).edges),
        ("network", lambda t: gk.network(t).communities()),
        ("hubs", gk.hubs),
        ("regionalisation", gk.regionalisation),
        ("lengths", gk.lengths),
        ("position", gk.position),
        ("upstreamness", lambda t: gk.upstreamness(t).to_frame()),
        ("downstreamness", lambda t: gk.downstreamness(t).to_frame()),
        ("multipliers", gk.multipliers),
        ("linkages", gk.linkages),
        ("reexports", lambda t: gk.reexports(t, "CHN")),
        ("tiva", gk.tiva),
        ("revealed_advantage", gk.revealed_advantage),
        ("dependence", lambda t: gk.dependence(t, "CHN", "USA").groupby(level="measure").sum().T),
        ("trade_indicators", lambda t: gk.trade_indicators(t, "CHN", "USA")),
        ("extract", lambda t: gk.extract(t, source="CHN", target="USA")),
        ("extraction_matrix", gk.extraction_matrix),
        ("decouple", lambda t: gk.decouple(t, "CHN", "USA")),
        *(
            (
                "counterfactual",
                lambda t, part=part: getattr(gk.counterfactual(t, {("CHN", "USA"): 0.1}, clean=True), part),
            )
            for part in ("regions", "sectors", "pairs")
        ),
        ("counterfactual", lambda t: gk.counterfactual(t, clean=True).welfare_terms()),
        ("price_effect", lambda t: gk.price_effect(t, {("CHN", "USA"): 0.1}).consumer_parts),
        ("price_effect", lambda t: gk.price_effect(t, {("CHN", "USA"): 0.1}).producer_parts),
        *((m, lambda t, m=m: gk.decompose_exports(t, m)) for m in gk.options.Method.__args__),
    ],
)
def test_every_column_is_described(small, name, frame):
    columns = {re.sub("^to .*", "to GROUP", column) for column in frame(small).columns}
    assert columns - LABELS <= set(gk.describe(name).index)


@pytest.mark.parametrize(
    "measure",
    [
        gk.flows, gk.gross_trade, gk.value_added_in_exports, gk.dependence_matrix, gk.propagation_lengths,
        gk.input_coefficients, gk.leontief_inverse, gk.local_inverse, gk.ghosh_inverse,
    ],
)  # fmt: skip
def test_a_frame_of_cells_is_described(small, measure):
    assert measure(small).columns.names[0] in {"partner", "partner_sector"}
    described = set(gk.describe(measure.__name__).index)
    assert described in ({"(cell)"}, set(gk.options.Kind.__args__))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(gk.OptionError, match="'participation'"):
        gk.describe("partcipation")
    with pytest.raises(gk.OptionError, match="'participation'"):
        gk.cite("partcipation")


# ---- papers ---------------------------------------------------------------------------------------------------

NO_PAPER = {"panel", "read", "gross_trade", "describe", "cite", "download", "region_groups", "technology_groups"}
NO_PAPER |= {"region_mapping", "sector_mapping", "sum_sectors", "sample_years"}


def test_every_measure_and_figure_has_papers():
    functions = [name for name in gk.__all__ if callable(getattr(gk, name)) and name[0].islower()]
    wanted = {name for name in functions if not name.startswith("read_")} - NO_PAPER
    wanted |= {f"plot.{name}" for name in gk.plot.__all__}
    assert wanted <= set(cited())
    assert {key for keys in cited().values() for key in keys} == set(papers())


def test_cite_by_name_function_and_result(small):
    assert gk.cite("participation") == gk.cite(gk.participation)
    assert gk.cite("participation").endswith("NBER working paper 23222.")
    assert gk.cite(gk.plot.timeline) == gk.cite("plot.timeline")
    assert "19677" in gk.cite(gk.decompose_exports(small, "wwz"))
    assert "Hirschman" in gk.cite(gk.dependence_matrix(small))
    assert gk.cite(gk.network(small)).splitlines()[-1].startswith("Data: WIOD 2013")
    for measure in (gk.upstreamness, gk.flows, gk.ghosh_inverse, gk.value_added_in_exports, gk.position, gk.tiva):
        assert gk.cite(measure(small)).startswith(gk.cite(measure))


def test_a_frame_of_something_else_says_so():
    with pytest.raises(gk.OptionError, match="give the name of the measure"):
        gk.cite(pd.DataFrame())


def test_bibtex():
    entry = gk.cite("kww", style="bibtex")
    assert entry.splitlines()[0] == "@article{koopman2014,"
    assert "  author = {Koopman, Robert and Wang, Zhi and Wei, Shang-Jin}," in entry
    assert "  number = {2}," in entry
    assert "  pages = {459--494}," in entry
    assert gk.cite("participation", "bibtex").startswith("@techreport{wang2017a,")
    whole = gk.cite(style="bibtex")
    assert whole.count("{") == whole.count("}")
    assert len(papers()) == whole.count("\n@") + 1
    for key, paper in papers().items():
        assert paper.fields["title"]
        assert key == "gvckit" or paper.fields["year"]
        # Given names, but of bodies.
        assert all(
            "," in name or name.startswith("{") for name in re.search("author = {(.*)}", paper.bibtex)[1].split(" and ")
        )
        assert not re.search(r"\bNone\b|\{\}|  ", paper.text)


def test_the_package_itself():
    told = (Path(__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    fields = papers()["gvckit"].fields
    assert f'title: "{fields["title"]}"' in told
    assert f"name: {fields['author']}" in told
    assert f"license: {fields['license']}" in told
    assert f"version: {fields['version']}" in told
    assert fields["version"] == gk.__version__
    assert gk.cite("gvckit") == f"{fields['author']}. {fields['title']}. version {gk.__version__}."


# ---- what there is --------------------------------------------------------------------------------------------


def test_without_arguments_both_list_what_there_is():
    listed = gk.describe()
    for name, row in listed.iterrows():
        frame = gk.describe(name)
        assert row["columns"] == ", ".join(frame.index)
        assert row["source"] == frame.attrs["source"]
    lines = dict(line.split(": ", 1) for line in gk.cite().splitlines())
    assert set(lines) == set(cited())
    assert lines["position"] == "Wang, Wei, Yu and Zhu (2017), NBER working paper 23261"
    assert "Andalusian" in gk.cite("propagation_lengths")


def test_a_result_describes_itself(small):
    frame = gk.participation(small)
    told = gk.describe(frame)
    assert list(told.index) == list(frame.columns)
    assert told.attrs["unit"] == "million USD"
    assert "share" not in " ".join(told["content"])
    assert told["meaning"]["complex"] == gk.describe("participation")["meaning"]["complex"]
    assert set(gk.describe(gk.decompose_exports(small, "kww")).index) == set(gk.describe("kww").index)
    assert gk.describe(gk.upstreamness).equals(gk.describe(gk.upstreamness(small)))
    assert list(gk.describe(gk.leontief_inverse(small)).index) == ["(cell)"]
    with pytest.raises(gk.OptionError, match="give the name of the measure"):
        gk.describe(pd.DataFrame())


def test_the_words_of_checks_are_those_that_the_code_has():
    folder = Path(gk.__file__).parent / "table"
    code = "".join((folder / name).read_text(encoding="utf-8") for name in ("audit.py", "plausibility.py"))
    named = set(re.findall(r'(?:cells|rows|_findings|Doubt)\("(\w+)"', code))
    assert named == set(gk.describe("audit").index)


def test_every_check_of_an_audit_is_described(small):
    checks = gk.describe("audit")["meaning"]
    z, y = small.Z.to_numpy().copy(), small.Y.to_numpy().copy()
    z[0, 1], y[3, 3], z[:, 2] = -5.0, -1e7, 0.0
    report = gk.Mrio.from_arrays(
        z, y, regions=small.regions, sectors=small.sectors, categories=small.categories
    ).audit()
    assert len(report)
    assert set(report["check"]) <= set(checks.index)
