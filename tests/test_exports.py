import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import gvckit as gk
from conftest import data_file
from gvckit.table.names import PROCESSING
from reference_exports import KWW, WWZ, Exports, vaxim_of_summed_zones
from strategies import tables

ADDING = {
    "kww": KWW,
    "wwz": WWZ,
    "bm_source": ["DVA", "DDC", "FVA", "FDC"],
    "bm_sink": ["DVA", "DDC", "FVA", "FDC"],
    "my": ["DVA", "DDC", "FVA", "FDC"],
    "oecd": ["DC", "FC"],
    "tripartite": ["DAVAX", "GVC_PF", "GVC_TS", "GVC_PB"],
}
# KWW on WIOD 2008, million USD.
WIOD_2008 = {
    "CHN": [567604.9, 494917.2, 122520.1, 6953.90, 15560.60, 12894.79, 166917.08, 112897.64, 79824.72],
    "USA": [411069.3, 735950.5, 132637.1, 53142.21, 47582.65, 12467.72, 88133.71, 93923.59, 65586.25],
}


def pairs(t):
    return [(s, r) for s in range(len(t.regions)) for r in range(len(t.regions)) if s != r]


@settings(max_examples=25)
@given(tables(max_regions=4, max_sectors=3))
def test_every_method_equals_its_paper_written_out(t):
    e = Exports(t)
    scale = np.abs(t.x).max()
    close = {"rtol": 1e-7, "atol": 1e-10 * scale}
    kww = gk.decompose_exports(t, "kww")
    for s, name in enumerate(t.regions):
        np.testing.assert_allclose(kww.loc[name, KWW].to_numpy(), list(e.kww(s).values()), **close)
    wwz = gk.decompose_exports(t, "wwz", "bilateral_sector")
    frames = {
        sink: gk.decompose_exports(t, m, "bilateral_sector") for m, sink in (("bm_source", False), ("bm_sink", True))
    }
    for s, r in pairs(t):
        key = (t.regions[s], slice(None), t.regions[r])
        np.testing.assert_allclose(wwz.loc[key, WWZ], e.wwz(s, r), **close)
        for sink, frame in frames.items():
            for term, values in e.bm(s, r, sink).items():
                np.testing.assert_allclose(frame.loc[key, term], values, err_msg=f"{term} sink={sink}", **close)


@given(tables())
def test_terms_add_up_at_every_level_and_levels_are_sums(t):
    sent = gk.gross_trade(t, "sector")
    scale = np.abs(t.x).max()
    for method, level in itertools.product(ADDING, ("region", "sector", "bilateral", "bilateral_sector")):
        if method == "kww" and level != "region":
            continue
        frame = gk.decompose_exports(t, method, level)
        np.testing.assert_allclose(frame[ADDING[method]].sum(axis=1), frame["exports"], rtol=1e-10, atol=1e-11 * scale)
        assert frame["exports"].sum() == pytest.approx(sent.to_numpy().sum(), rel=1e-9, abs=1e-9 * scale)
        names = {"region": ["region"], "sector": ["region", "sector"], "bilateral": ["region", "partner"]}
        assert frame.index.names == names.get(level, ["region", "sector", "partner"])
        if level != "region" and method != "oecd":
            region = gk.decompose_exports(t, method)
            summed = frame.groupby(level="region", sort=False).sum().reindex(region.index, fill_value=0.0)
            np.testing.assert_allclose(summed[region.columns], region, rtol=1e-9, atol=1e-10 * scale)
    assert not (frame.index.get_level_values(0) == frame.index.get_level_values(-1)).any()


def test_leather_as_decompr_has_it(leather):
    kww = pd.read_csv(data_file("worked_examples/decompr_leather_kww.csv"), index_col=0)
    np.testing.assert_allclose(gk.decompose_exports(leather, "kww")[KWW], kww, rtol=1e-9)
    wwz = pd.read_csv(data_file("worked_examples/decompr_leather_wwz.csv"))
    wwz = wwz.set_index(["Exporting_Country", "Exporting_Industry", "Importing_Country"])
    ours = gk.decompose_exports(leather, "wwz", "bilateral_sector")
    np.testing.assert_allclose(ours[WWZ], wwz.loc[list(ours.index), WWZ], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours["exports"], wwz.loc[list(ours.index), "texp"], rtol=1e-12)


def iciotest() -> gk.Mrio:
    """Exvatools' example: 6 economies, Mexico and China in processing parts, 2 final demands."""
    z = pd.read_csv(data_file("worked_examples/exva_iciotest_Z.csv"), index_col=0)
    y = pd.read_csv(data_file("worked_examples/exva_iciotest_Yfd.csv"), index_col=0)
    labels = [tuple(name.split("_", 1)) for name in z.index]
    regions = list(dict.fromkeys(region for region, _ in labels))
    sectors = list(dict.fromkeys(sector for _, sector in labels))
    wide = y.reindex(columns=[f"{r}_{c}" for r in regions for c in ("CONS", "INVST")], fill_value=0.0)
    x = pd.read_csv(data_file("worked_examples/exva_iciotest_X_VA.csv"), index_col=0)["X"]
    return gk.Mrio.from_arrays(z, wide, regions, sectors, ["CONS", "INVST"], x=x)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("bm_src", "bm_source"), ("bm_snk", "bm_sink"), ("wwz", "wwz"), ("my", "my"), ("oecd", "oecd"), ("kww", "kww")],
)
def test_iciotest_as_exvatools_has_it(theirs, ours):
    t = iciotest()
    frame = gk.decompose_exports(t, ours)
    text = data_file("worked_examples/exva_iciotest_totals.txt").read_text()
    lines = [line.split() for line in text.splitlines() if line.startswith(f"iciotest {theirs} ")]
    assert [line[2] for line in lines] == frame.index.tolist() == ["ESP", "FRA", "MEX", "USA", "CHN", "ROW"]
    for _, _, exporter, *fields in lines:
        values = {name: float(value) for name, value in (field.split("=") for field in fields)}
        got = frame.loc[exporter].rename({"exports": "EXGR"})
        if ours in ("kww", "wwz"):
            got = totals(got)
        vaxim = values.pop("VAXIM", None)
        if vaxim is not None:
            # exvatools multiplies sums over processing zones; its own formula, written out, gives its number.
            assert vaxim_of_summed_zones(t, PROCESSING)[exporter] == pytest.approx(vaxim, rel=1e-6)
            assert got["VAXIM"] == pytest.approx(vaxim, rel=0.07)
        for name, value in values.items():
            assert got[name] == pytest.approx(value, rel=1e-6), (exporter, name)


def totals(terms: pd.Series) -> dict[str, float]:
    """Sums that exvatools prints of the terms of KWW and WWZ."""

    def add(pattern):
        return terms[[name for name in terms.index if re.match(pattern, name)]].sum()

    dva, ref, ddc = add("DVA|RDV"), add("RDV"), add("DDC")
    fva, fdc = add("FVA|OVA|MVA"), add("FDC|ODC|MDC")
    return {
        "EXGR": terms["EXGR"], "DC": dva + ddc, "DVA": dva, "VAX": dva - ref, "REF": ref, "DDC": ddc,
        "FC": fva + fdc, "FVA": fva, "FDC": fdc,
    }  # fmt: skip


def bmtoy() -> gk.Mrio:
    """GvcAnalyzer's example: 4 economies, 3 sectors, rounded flows with output off by up to 2."""
    z = pd.read_csv(data_file("worked_examples/bmtoy_Z.csv"))
    y = pd.read_csv(data_file("worked_examples/bmtoy_Y.csv"))
    va = pd.read_csv(data_file("worked_examples/bmtoy_VA_X.csv"))["VA"]
    return gk.Mrio.from_arrays(z, y, ["China", "India", "Japan", "ROW"], ["a", "b", "c"], va=va)


@pytest.mark.parametrize("side", ["source", "sink"])
def test_bilateral_exports_as_gvcanalyzer_has_them(side):
    theirs = pd.read_csv(data_file(f"worked_examples/gvcAnalyzer_bm_2023_bilateral_{side}_all.csv"))
    theirs = theirs.set_index(["exporter", "importer"])
    ours = gk.decompose_exports(bmtoy(), f"bm_{side}", "bilateral").loc[theirs.index]
    for term in ("DVA", "DDC", "FVA", "FDC"):
        np.testing.assert_allclose(ours[term], theirs[f"{term}{side}_sr"], rtol=5e-6)
    np.testing.assert_allclose(ours["exports"], theirs["EX_sr"], rtol=1e-12)


def test_tripartite_as_gvcanalyzer_has_it():
    theirs = pd.read_csv(data_file("worked_examples/gvcAnalyzer_bm_2025_tripartite_trade_all.csv"))
    theirs = theirs.set_index(["exporter", "importer"])
    ours = gk.decompose_exports(bmtoy(), "tripartite", "bilateral").loc[theirs.index]
    for term in ("DAVAX", "GVC", "GVC_PF", "GVC_TS", "GVC_PB"):
        name = f"{term}_sr" if term in ("DAVAX", "GVC") else term
        np.testing.assert_allclose(ours[term], theirs[name], rtol=5e-5)


@pytest.mark.parametrize("exporter", WIOD_2008)
def test_kww_of_wiod_2008(wiod, exporter):
    frame = gk.decompose_exports(wiod(2008), "kww", exporter=exporter)
    np.testing.assert_allclose(frame[KWW].to_numpy()[0], WIOD_2008[exporter], rtol=1e-6)


def test_groups_are_one_exporter(sample):
    union = ["DEU", "FRA", "ITA"]
    groups = dict.fromkeys(union, "EU3")
    frame = gk.decompose_exports(sample, "bm_source", "bilateral", groups=groups)
    gross = gk.gross_trade(sample)
    outside = [name for name in sample.regions if name not in union]
    assert frame.loc[("EU3", "CHN"), "exports"] == pytest.approx(gross.loc[union, "CHN"].sum())
    whole = gk.decompose_exports(sample, "bm_source", groups=groups)
    assert whole.loc["EU3", "exports"] == pytest.approx(gross.loc[union, outside].to_numpy().sum())
    # The same as the aggregated table has it where a group is one sector's sum: its exports, and its adding up.
    np.testing.assert_allclose(whole[["DC", "FC"]].sum(axis=1), whole["exports"])
    sector = gk.decompose_exports(sample, "wwz", "sector", groups=groups)
    assert len(sector) == 39 * 14
    one = gk.decompose_exports(sample, "wwz", "sector", groups={"CHN": "CHN"})
    pd.testing.assert_frame_equal(one, gk.decompose_exports(sample, "wwz", "sector"))


def test_exporter_partner_and_bad_options(sample):
    frame = gk.decompose_exports(sample, "bm_sink", "bilateral", exporter="China", partner=["USA", "Japan"])
    assert frame.index.tolist() == [("CHN", "JPN"), ("CHN", "USA")]
    with pytest.raises(gk.OptionError, match="level='region', not 'sector'"):
        gk.decompose_exports(sample, "kww", "sector")
    with pytest.raises(gk.OptionError, match="'kww', 'wwz', 'bm_source'"):
        gk.decompose_exports(sample, "abc")
    with pytest.raises(gk.OptionError, match="needs level='bilateral'"):
        gk.decompose_exports(sample, "wwz", partner="USA")
    with pytest.raises(gk.LabelError, match="no region"):
        gk.decompose_exports(sample, "wwz", exporter="Atlantis")
    with pytest.raises(gk.LabelError, match="no region"):
        gk.decompose_exports(sample, "wwz", groups={"Atlantis": "X"})
    with pytest.raises(gk.ShapeError, match="blocks"):
        gk.core.exports_kww(
            *(sample.arrays.z, sample.arrays.y, sample.inverse, sample.arrays.x, sample.arrays.x, [0, 3])
        )


@given(tables())
def test_value_added_in_exports(t):
    content = gk.value_added_in_exports(t)
    scale = np.abs(t.x).max()
    exports = gk.gross_trade(t).sum(axis=1)
    np.testing.assert_allclose(content.sum(axis=0), exports, rtol=1e-9, atol=1e-10 * scale)
    frame = gk.decompose_exports(t, "oecd")
    np.testing.assert_allclose(np.diag(content), frame["DC"], rtol=1e-8, atol=1e-10 * scale)
    np.testing.assert_allclose(content.sum(axis=1) - np.diag(content), frame["GVCF"], rtol=1e-8, atol=1e-10 * scale)
    rows = gk.value_added_in_exports(t, level="sector").groupby(level="region", sort=False).sum()
    np.testing.assert_allclose(rows, content, rtol=1e-9, atol=1e-10 * scale)


@settings(max_examples=20)
@given(tables(max_regions=4, max_sectors=3))
def test_reexports_by_third_country_sum_to_the_terms(t):
    wwz = gk.decompose_exports(t, "wwz", "bilateral")
    scale = np.abs(t.x).max()
    for exporter in t.regions:
        frame = gk.reexports(t, exporter)
        for partner in t.regions:
            if partner != exporter:
                summed = frame[frame.index.get_level_values("partner") == partner].sum()
                expected = wwz.loc[(exporter, partner), summed.index]
                np.testing.assert_allclose(summed, expected, rtol=1e-8, atol=1e-10 * scale)


@given(tables())
def test_in_the_world_value_added_is_exported_once(t):
    scale = np.abs(t.x).max()
    close = {"rtol": 1e-8, "atol": 1e-10 * scale}
    exported = (gk.participation(t)["total"] - gk.participation(t)["domestic"]).sum()
    frames = {m: gk.decompose_exports(t, m, perspective="world") for m in ("bm_source", "bm_sink")}
    for frame in frames.values():
        np.testing.assert_allclose(frame[["DVA", "DDC", "FVA", "FDC"]].sum(axis=1), frame["exports"], **close)
        # All that ever leaves a country, counted once, whenever that is.
        np.testing.assert_allclose(frame[["DVA", "FVA"]].to_numpy().sum(), exported, **close)
    kww = gk.decompose_exports(t, "kww")
    np.testing.assert_allclose(frames["bm_sink"]["FVA"], kww["FVA_FIN"] + kww["FVA_INT"], **close)
    np.testing.assert_allclose(frames["bm_sink"]["FDC"], kww["FDC"], **close)
    source = gk.decompose_exports(t, "bm_source")
    for term in ("DVA", "DDC", "DC", "FC"):
        np.testing.assert_allclose(frames["bm_source"][term], source[term], **close)
    assert (frames["bm_source"]["FVA"] == 0).all()


def test_the_world_perspective_is_for_borin_and_mancini(sample):
    with pytest.raises(gk.OptionError, match="bm_source and bm_sink, not 'wwz'"):
        gk.decompose_exports(sample, "wwz", perspective="world")
    with pytest.raises(gk.OptionError, match="'exporter', 'world'"):
        gk.decompose_exports(sample, "bm_sink", perspective="mine")
