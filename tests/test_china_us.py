"""The China-US index: its scheme, its inputs and facts, and both sides of it."""

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit import schemes

YEARS = (2000, 2003, 2005, 2007, 2010)


@pytest.fixture(scope="module")
def inputs():
    return schemes.china_us_inputs([gk.load_sample(year) for year in YEARS])


@pytest.fixture(scope="module")
def whole():
    return schemes.china_us_inputs()


# ---- scheme ---------------------------------------------------------------------------------------------------


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
    for name in ("EU", "CN"):
        with pytest.raises(gk.OptionError, match="'both', 'CHN', 'USA'"):
            schemes.china_us(name)


def test_three_pillars_keep_the_proportions_of_the_weights():
    scheme = schemes.china_us(trade="icio", tariffs="surcharges")
    assert scheme.pillars == ["trade", "tariffs", "technology"]
    assert scheme.weights == pytest.approx({"trade": 0.4 / 0.7, "tariffs": 0.2 / 0.7, "technology": 0.1 / 0.7})
    assert scheme.indicators == [
        "TC_icio", "TA_icio", "Cc_surcharges", "Ca_surcharges", "machinery_icio", "electrical_icio",
    ]  # fmt: skip
    assert "without investment" in scheme.name
    with pytest.raises(gk.OptionError, match="'surcharges'"):
        schemes.china_us(tariffs="none")


# ---- facts ----------------------------------------------------------------------------------------------------


def test_facts_each_have_a_source_and_check_each_other():
    facts = schemes.china_us_facts()
    assert list(facts.columns) == ["series", "period", "value", "unit", "definition", "source", "note"]
    for column in ("unit", "definition", "source"):
        assert (facts[column].str.len() > 2).all()
    assert not facts.duplicated(["series", "period"]).any()
    assert facts["value"].notna().all()
    # Yearly totals only, and who published them first: copies stand in the notes.
    assert facts["period"].str.fullmatch(r"20\d\d").all()
    assert not facts["source"].str.contains("github|www").any()
    value = facts.set_index(["series", "period"])["value"]
    for flow in ("imports_from", "exports_to"):
        gap = (value[f"US_goods_{flow}_CHN"] / value[f"US_comtrade_{flow}_CHN"]).dropna() - 1
        assert len(gap) >= 10
        assert gap.abs().max() < 0.07


def test_breaks_and_methods_are_columns():
    facts = schemes.china_us_facts().set_index(["series", "period"])["definition"]
    investment = facts["CHN_FDI_from_USA"]
    assert investment["2008"] != investment["2009"] == investment["2013"] != investment["2014"]
    assert "growth" in investment["2014"]
    assert "without the surcharges" in facts["US_tariff_on_CHN_C26_C28_icio", "2017"]
    assert "with the surcharges" in facts["US_tariff_on_CHN_NAICS333_335_surcharges", "2019"]


def test_doubtful_facts_are_kept_and_not_used(whole):
    facts = schemes.china_us_facts().set_index(["series", "period"])
    assert facts.loc[("tariff_applied_wmean_USA", "2019"), "note"].startswith("doubtful")
    assert np.isnan(whole.loc[2019, "Ca_all"])
    assert whole.loc[2018, "Ca_all"] == facts.loc[("tariff_applied_wmean_USA", "2018"), "value"]


def test_policies_are_in_order():
    events = schemes.us_policies()
    assert events["date"].is_monotonic_increasing
    assert len(events) == 9


# ---- inputs ---------------------------------------------------------------------------------------------------


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


def test_inputs_of_the_facts_by_hand(whole):
    assert whole.loc[2013, "I"] == 3.35 / 117.59
    assert whole.loc[2011, "I"] == 3.00 / 116.01
    assert whole.loc[2014, "I"] == pytest.approx(3.35 * (1 - 0.206) / 119.6)
    assert whole.loc[2015:, "I"].isna().all()
    # Two sources of tariffs, in columns of their own: nothing is spliced.
    assert whole["Cc"].dropna().index.tolist() == list(range(2000, 2015))
    assert whole["Ca_icio"].dropna().index.tolist() == list(range(2011, 2018))
    assert (whole.loc[2014, ["Cc", "Cc_icio"]].round(2) == [8.99, 9.41]).all()
    assert (whole.loc[2014, ["Ca", "Ca_icio"]].round(2) == [2.13, 1.76]).all()
    assert whole["Ca_surcharges"].dropna().index.tolist() == list(range(2015, 2020))
    # WIOD and ICIO disagree on the same year.
    assert whole.loc[2011, ["electrical", "electrical_icio"]].round(3).tolist() == [0.331, 0.254]


def test_every_column_says_where_it_is_from(whole):
    sources = whole.attrs["sources"]
    assert set(sources) == set(whole.columns) == set(schemes.MEANING)
    assert sources["TC"].startswith("WIOD 2013")
    assert sources["I"] == "MOFCOM, China"
    assert "Census" in sources["TC_goods"] and "World Bank" in sources["TC_goods"]  # noqa: PT018


# ---- index ----------------------------------------------------------------------------------------------------


def test_the_default_index_is_whole(whole):
    found = schemes.china_us_index(whole)
    assert found.index.index.tolist() == list(range(2000, 2012))
    np.testing.assert_allclose(found.coverage, 1)
    np.testing.assert_allclose(found.pillar_coverage, 1)
    assert found.title == "China-US interdependence"
    source = found.to_frame().attrs["source"]
    assert "WIOD 2013" in source and "MOFCOM" in source  # noqa: PT018
    # Of what it is made of alone.
    assert "Census" not in source and "World Bank" not in source  # noqa: PT018
    # By hand for one year.
    n = found.normalised.loc[2006]
    want = 0.2 * (n.TC + n.TA) + 0.3 * n.I + 0.1 * (n.Cc + n.Ca) + 0.05 * (n.machinery + n.electrical)
    assert found.index[2006] == pytest.approx(want)


@pytest.mark.parametrize(("tariffs", "first", "last"), [("icio", 2011, 2017), ("surcharges", 2015, 2019)])
def test_three_pillars_of_later_years(whole, tariffs, first, last):
    found = schemes.china_us_index(whole, trade="icio", tariffs=tariffs)
    assert found.index.index.tolist() == list(range(first, last + 1))
    np.testing.assert_allclose(found.coverage, 1)
    assert "WIOD" not in found.to_frame().attrs["source"]


def test_a_year_that_lacks_an_indicator_is_not_in_the_series(whole):
    holed = whole.copy()
    holed.loc[2005, "Ca"] = np.nan
    found = schemes.china_us_index(holed)
    assert 2005 not in found.index.index
    assert len(found.index) == 11
    asked = schemes.china_us_index(holed, missing="renormalise")
    assert asked.coverage[2005] == pytest.approx(0.9)
    assert "partial" in asked.title
    with pytest.raises(gk.IndicatorError, match=r"no year has all indicators .* TC never"):
        schemes.china_us_index(whole.loc[2012:])
    with pytest.raises(gk.LabelError, match="'TC'"):
        schemes.china_us_index(whole.drop(columns="TC"))


def test_few_years_are_refused_unless_there_are_goalposts(whole):
    with pytest.raises(gk.IndicatorError, match=r"2 years \(2000, 2011\), fewer than 5: .*goalposts"):
        schemes.china_us_index(whole.loc[[2000, 2011]])
    posts = {name: (float(whole[name].min()), float(whole[name].max())) for name in schemes.china_us().indicators}
    posts |= {"Cc": (0.0, 20.0)}
    found = schemes.china_us_index(whole.loc[[2000, 2011]], normalisation="goalposts", goalposts=posts)
    assert 0 < found.index[2000] < 1
    with pytest.raises(gk.IndicatorError, match="fewer than 5"):
        schemes.china_us_asymmetry(whole.loc[2008:2011])


def test_the_index_lies_in_the_middle_of_its_band(whole):
    for options in ({}, {"trade": "icio", "tariffs": "surcharges"}):
        found = schemes.china_us_index(whole, uncertainty=gk.Uncertainty(draws=4000, error=0.05), **options)
        np.testing.assert_allclose(found.bands[0.5], found.index)
        low, high = found.index - found.bands[0.05], found.bands[0.95] - found.index
        assert (low > 0).all()
        assert (high > 0).all()
        # Far from an edge: neither side holds more than four fifths of the band.
        assert (low / (low + high)).between(0.2, 0.8).all()
    plain = gk.composite_index(found.indicators, found.scheme, gk.Uncertainty(draws=4000, error=0.05))
    np.testing.assert_allclose(found.bands[0.95] - found.bands[0.05], plain.bands[0.95] - plain.bands[0.05])
    thirds = schemes.china_us_index(whole, uncertainty=gk.Uncertainty(draws=100, quantiles=(0.2, 0.8)))
    assert thirds.bands.columns.tolist() == [0.2, 0.8]


# ---- what a user fills in -------------------------------------------------------------------------------------


def test_a_filled_column_takes_the_place_of_the_facts(inputs, tmp_path):
    tables = [gk.load_sample(year) for year in YEARS]
    path = tmp_path / "mine.csv"
    schemes.china_us_template(path, YEARS)
    empty = schemes.china_us_inputs(tables, filled=path)
    pd.testing.assert_frame_equal(empty, inputs)
    lines = path.read_text().splitlines()
    filled = [line.replace(",,,,", f",0.1,9.{k},3.0,made up for this test") for k, line in enumerate(lines)]
    filled[-1] = "2010,0.2,8.0,4.0,made up for this test"
    path.write_text("\n".join(filled))
    given = schemes.china_us_inputs(tables, filled=path)
    assert given["I"].dropna().index.tolist() == list(YEARS)
    found = schemes.china_us_index(given)
    np.testing.assert_allclose(found.coverage, 1)
    assert found.to_frame().attrs["source"].endswith("made up for this test")
    assert "MOFCOM" not in found.to_frame().attrs["source"]
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
    assert kept.attrs["sources"]["Cc"] == "filled in by the user"
    assert schemes.china_us_inputs(tables[0]).loc[2005].equals(schemes.china_us_inputs(tables).loc[2005])
    for bad, message in (
        ({"sectors": {"machinery": "zz", "electrical": "Mining"}}, "'zz'"),
        ({"sectors": {"foo": "Mining"}}, "lacks 'machinery'"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            schemes.china_us_inputs(tables, **bad)
    with pytest.raises(gk.LabelError, match="'abc' is not a year"):
        schemes.china_us_inputs({"abc": tables[0]})
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(gk.ReadError, match="year"):
        schemes.china_us_inputs(tables, filled=path)
    with pytest.raises(gk.LabelError, match="two tables"):
        schemes.china_us_inputs(tables * 2)
    with pytest.raises(gk.ShapeError, match="empty"):
        schemes.china_us_inputs([])


# ---- both sides -----------------------------------------------------------------------------------------------


def test_asymmetry_has_one_scale_for_both_sides(inputs):
    frame = schemes.china_us_asymmetry(inputs)
    np.testing.assert_allclose(frame["TA - TC"], inputs.loc[frame.index, "TA"] - inputs.loc[frame.index, "TC"])
    # Investment and technology are the same on both sides: the difference is of trade and tariffs.
    trade, tariffs = (inputs.loc[frame.index, list(names)] for names in (("TC", "TA"), ("Cc", "Ca")))
    span = trade.max().max() - trade.min().min(), tariffs.max().max() - tariffs.min().min()
    want = 0.4 * (trade["TA"] - trade["TC"]) / span[0] - 0.2 * (tariffs["Ca"] - tariffs["Cc"]) / span[1]
    np.testing.assert_allclose(frame["USA - CHN"], want)
    assert frame.attrs["title"] == "Index of each side"
    np.testing.assert_allclose(frame[["coverage_CHN", "coverage_USA"]], 1)


def test_asymmetry_with_gaps_is_for_those_who_ask(inputs):
    holed = inputs.loc[list(YEARS)].copy()
    holed.loc[2007, "Ca"] = np.nan
    holed.loc[2010, ["Cc", "Ca"]] = np.nan
    with pytest.raises(gk.IndicatorError, match="fewer than 5"):
        schemes.china_us_asymmetry(holed)
    frame = schemes.china_us_asymmetry(holed, missing="renormalise")
    assert frame["coverage_CHN"].tolist() == pytest.approx([1.0, 1.0, 1.0, 1.0, 0.8])
    assert frame["coverage_USA"].tolist() == pytest.approx([1.0, 1.0, 1.0, 0.8, 0.8])
    assert frame["USA - CHN"].isna().tolist() == [False, False, False, True, False]
    assert frame.attrs["title"].endswith("partial: not all of tariffs")
    with pytest.raises(gk.IndicatorError, match=r"'I' is 0.1 in all years"):
        schemes.china_us_asymmetry(inputs.assign(I=0.1))
