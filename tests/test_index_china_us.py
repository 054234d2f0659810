"""The China-US scheme: its weights, inputs, template and facts."""

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit import schemes


@pytest.fixture(scope="module")
def inputs():
    return schemes.china_us_inputs([gk.load_sample(year) for year in (2000, 2005, 2010)])


def test_weights_of_table_one():
    scheme = schemes.china_us()
    weights = scheme.edge_weights(scheme.weights)
    assert {name: weights[name] for name in scheme.pillars} == {
        "trade": 0.4, "investment": 0.3, "tariffs": 0.2, "technology": 0.1,
    }  # fmt: skip
    assert scheme.direction == {"Cc": -1, "Ca": -1}
    assert schemes.china_us("CHN").indicators == ["TC", "I", "Cc", "machinery", "electrical"]
    assert schemes.china_us("USA", "goods", "all_partners").indicators == [
        "TA_goods", "I", "Ca_all", "machinery", "electrical",
    ]  # fmt: skip
    with pytest.raises(gk.OptionError, match="'both', 'CHN', 'USA'"):
        schemes.china_us("EU")


def test_inputs_of_a_table_by_hand(inputs):
    t = gk.load_sample(2005)
    z, y, _, va, n = t.arrays
    c, u = (slice(t.regions.index(r) * n, (t.regions.index(r) + 1) * n) for r in ("CHN", "USA"))
    cu = z[c, u].sum(1) + y[c, t.regions.index("USA")]
    uc = z[u, c].sum(1) + y[u, t.regions.index("CHN")]
    trade = cu.sum() + uc.sum()
    assert inputs.loc[2005, "TC"] == pytest.approx(trade / va[c].sum())
    assert inputs.loc[2005, "TA"] == pytest.approx(trade / va[u].sum())
    k = t.sectors.index("Machinery")
    assert inputs.loc[2005, "machinery"] == pytest.approx(1 - abs(cu[k] - uc[k]) / (cu[k] + uc[k]))


def test_gaps_stay_gaps_and_partial_is_said(inputs):
    assert inputs[["I", "Cc", "Ca"]].isna().all(axis=None)
    found = schemes.china_us_index(inputs)
    assert found.index.index.tolist() == [2000, 2005, 2010]
    np.testing.assert_allclose(found.coverage, 0.5)
    assert found.title.startswith("partial index (TC, TA, machinery, electrical), not the full")
    assert "partial" in repr(found) and "partial" in found._repr_html_() and "0.5" in found.explain()  # noqa: PT018
    proxy = schemes.china_us_index(inputs, trade="goods", tariffs="all_partners")
    assert proxy.index.index.min() == 2000
    assert "all partners" in proxy.title


def test_a_filled_template_completes_the_index(inputs, tmp_path):
    path = tmp_path / "mine.csv"
    schemes.china_us_template(path, [2000, 2005, 2010])
    empty = schemes.china_us_inputs([gk.load_sample(2005)], filled=path)
    assert empty[["I", "Cc", "Ca"]].isna().all(axis=None)
    lines = path.read_text().splitlines()
    filled = [line.replace(",,,,", ",0.1,9.0,3.0,made up for this test") for line in lines]
    filled[-1] = "2010,0.2,8.0,4.0,made up for this test"
    path.write_text("\n".join(filled))
    found = schemes.china_us_index(
        schemes.china_us_inputs([gk.load_sample(y) for y in (2000, 2005, 2010)], filled=path)
    )
    np.testing.assert_allclose(found.coverage, 1.0)
    assert found.title == "China-US interdependence"
    # By hand for 2010: trade, investment, tariffs (Cc best, Ca worst), technology.
    n = found.normalised.loc[2010]
    want = 0.2 * (n.TC + n.TA) + 0.3 * 1.0 + 0.2 * (0.5 * 1 + 0.5 * 0) + 0.05 * (n.machinery + n.electrical)
    assert found.index[2010] == pytest.approx(want)


def test_templates_that_can_not_be_used(tmp_path):
    good = pd.DataFrame({"I": [0.1], "Cc": [9.0], "Ca": [3.0]}, index=pd.Index([2005], name="year"))
    tables = [gk.load_sample(2005)]
    for frame, error, message in (
        (good.assign(I=10.0), gk.ShapeError, "I is 10 in 2005: a fraction"),
        (good.assign(Cc=-1.0), gk.ShapeError, "Cc is -1 in 2005: per cent"),
        (good.drop(columns="Ca"), gk.LabelError, "'Ca'"),
        (pd.concat([good, good]), gk.LabelError, "2005 comes twice"),
        (good.assign(Cc="many"), gk.ShapeError, "not numbers"),
        (good.set_axis([0]), gk.ShapeError, "0 is not a year"),
        (good.set_axis([2000.5]), gk.ShapeError, "2000.5 is not a year"),
    ):
        with pytest.raises(error, match=message):
            schemes.china_us_inputs(tables, filled=frame)
    kept = schemes.china_us_inputs(tables, filled=good.reset_index())
    assert kept.loc[2005, "Cc"] == 9.0
    assert schemes.china_us_inputs(tables[0]).loc[2005].equals(schemes.china_us_inputs(tables).loc[2005])
    for bad, message in (
        ({"sectors": {"machinery": "zz", "electrical": "Mining"}}, "'zz'"),
        ({"sectors": {"foo": "Mining"}}, "lacks 'machinery'"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            schemes.china_us_inputs(tables, **bad)
    with pytest.raises(gk.LabelError, match="'abc' is not a year"):
        schemes.china_us_inputs({"abc": tables[0]})
    with pytest.raises(gk.LabelError, match="'TC'"):
        schemes.china_us_index(good)
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(gk.ReadError, match="year"):
        schemes.china_us_inputs(tables, filled=path)
    with pytest.raises(gk.LabelError, match="two tables"):
        schemes.china_us_inputs(tables * 2)
    with pytest.raises(gk.ShapeError, match="empty"):
        schemes.china_us_inputs([])


def test_asymmetry_has_one_scale_for_both_sides(inputs):
    frame = schemes.china_us_asymmetry(inputs)
    np.testing.assert_allclose(frame["TA - TC"], inputs.loc[frame.index, "TA"] - inputs.loc[frame.index, "TC"])
    # Trade and technology are there, weights 0.8 and 0.2; technology is the same on both sides.
    low, high = frame[["TC", "TA"]].min().min(), frame[["TC", "TA"]].max().max()
    want = 0.8 * (frame["TA"] - frame["TC"]) / (high - low)
    np.testing.assert_allclose(frame["USA - CHN"], want)
    assert frame.attrs["title"].endswith("partial: not all of investment and tariffs")
    three = inputs.loc[[2000, 2005, 2010]]
    one_sided = three.assign(I=[0.1, 0.2, 0.3], Cc=[9.0, 8.0, np.nan], Ca=[3.0, np.nan, np.nan])
    frame = schemes.china_us_asymmetry(one_sided)
    assert frame["coverage_CHN"].tolist() == pytest.approx([1.0, 1.0, 0.8])
    assert frame["coverage_USA"].tolist() == pytest.approx([1.0, 0.8, 0.8])
    assert frame["USA - CHN"].isna().tolist() == [False, True, False]
    with pytest.raises(gk.IndicatorError, match=r"'I' is 0.1 in all years"):
        schemes.china_us_asymmetry(one_sided.assign(I=0.1))


def test_doubtful_facts_are_kept_and_not_used(inputs):
    facts = schemes.china_us_facts().set_index(["series", "period"])
    assert facts.loc[("tariff_applied_wmean_USA", "2019"), "note"].startswith("doubtful")
    assert np.isnan(inputs.loc[2019, "Ca_all"])
    assert inputs.loc[2018, "Ca_all"] == facts.loc[("tariff_applied_wmean_USA", "2018"), "value"]


def test_facts_each_have_a_source_and_check_each_other():
    facts = schemes.china_us_facts()
    assert (facts["source"].str.len() > 5).all() and (facts["unit"].str.len() > 0).all()  # noqa: PT018
    assert not facts.duplicated(["series", "period"]).any()
    assert facts["value"].notna().all()
    yearly = facts[facts["period"].str.len() == 4].set_index(["series", "period"])["value"]
    for census, comtrade in (
        ("US_goods_imports_from_CHN", "US_comtrade_import_CHN"),
        ("US_goods_exports_to_CHN", "US_comtrade_export_CHN"),
    ):
        gap = (yearly[census] / yearly[comtrade]).dropna() - 1
        assert len(gap) >= 10
        assert gap.abs().max() < 0.07


def test_policies_are_in_order():
    events = schemes.us_policies()
    assert events["date"].is_monotonic_increasing
    assert len(events) == 9
