import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import gvckit as gk


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def inside(figure, artist):
    """Whether an artist lies within its figure."""
    figure.draw_without_rendering()
    box = artist.get_window_extent()
    whole = figure.bbox
    return box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1 and box.y0 >= whole.y0 - 1 and box.y1 <= whole.y1 + 1


def test_participation_lines_hold_the_shares():
    frame = gk.panel(gk.participation, [2004, 2005], progress=False, level="region", shares=True)
    _, given = plt.subplots()
    ax = gk.plot.participation(frame, ["CHN", "USA"], ax=given, title="t")
    assert ax is given
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert len(lines) == 6
    np.testing.assert_allclose(lines["CHN, GVC"], frame.xs("CHN", level="region")["gvc"] * 100)
    assert inside(ax.figure, ax.get_legend())
    with pytest.raises(gk.LabelError, match="year"):
        gk.plot.participation(frame.loc[2004])
    with pytest.raises(gk.LabelError, match="rename_axis"):
        gk.plot.participation(pd.concat({2004: frame.loc[2004]}))
    by_name = gk.plot.participation(frame.iloc[::-1], ["China", "US"], ["gvc"])
    assert [line.get_label() for line in by_name.get_lines()] == ["CHN, GVC", "USA, GVC"]
    assert by_name.get_lines()[0].get_xdata().tolist() == [2004, 2005]  # whatever the order of the rows


def test_participation_draws_what_the_numbers_are():
    levels = gk.panel(gk.participation, [2004, 2005], progress=False, level="region")
    pair = ["CHN", "USA"]
    ax = gk.plot.participation(levels, pair)
    assert ax.get_ylabel() == "Million USD"
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), levels["gvc"].xs("CHN", level="region"))
    hand = levels.div(levels["total"], axis=0)
    hand.attrs.update(levels.attrs)
    with pytest.warns(gk.GvcWarning, match="'million USD', .*drawn as share"):
        ax = gk.plot.participation(hand, pair)
    assert re.fullmatch(r"Share.* \(%\)", ax.get_ylabel())
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), hand["gvc"].xs("CHN", level="region") * 100)
    percent = hand * 100
    percent.attrs.update(levels.attrs, unit="share of value added", shares=True)
    with pytest.warns(gk.GvcWarning, match="'share of value added'"):
        ax = gk.plot.participation(percent, pair)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), percent["gvc"].xs("CHN", level="region"))
    lost = pd.concat({year: part.droplevel(0) for year, part in hand.groupby(level=0)}, names=["year", "region"])
    lost.attrs.clear()
    np.testing.assert_allclose(
        gk.plot.participation(lost, pair).get_lines()[0].get_ydata(), lost["gvc"].xs("CHN", level="region") * 100
    )
    assert gk.plot.participation(levels, pair, ["gvc"]).get_ylabel() == "GVC, million USD"


def test_of_many_regions_the_largest_are_told_apart():
    frame = gk.panel(gk.participation, [2004, 2005], progress=False, level="region", shares=True)
    ax = gk.plot.participation(frame)
    named = [line for line in ax.get_lines() if line.get_gid()]
    assert len(ax.get_lines()) == 41
    assert [line.get_gid() for line in named] == frame.loc[2005, "gvc"].nlargest(6).index.tolist()
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[-1] == "35 others"
    ax.figure.draw_without_rendering()
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())


def test_a_region_has_one_colour_in_all_panels(sample):
    curve = gk.decouple(sample, "CHN", "USA")
    _, (left, right) = plt.subplots(1, 2)
    gk.plot.decoupling(curve, ["CHN", "USA", "JPN"], ax=left)
    gk.plot.decoupling(curve, ["KOR", "JPN", "China"], ax=right)
    looks = [{x.get_gid(): (x.get_color(), x.get_marker()) for x in ax.get_lines()} for ax in (left, right)]
    assert looks[0]["JPN"] == looks[1]["JPN"]
    assert looks[0]["CHN"] == looks[1]["CHN"]
    assert looks[1]["KOR"] not in looks[0].values()


def test_export_bars_stack_to_a_hundred(sample):
    for method in ("kww", "wwz", "bm_source", "bm_sink"):
        frame = gk.decompose_exports(sample, method, exporter=["CHN", "USA", "DEU"])
        ax = gk.plot.exports(frame)
        tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*ax.containers, strict=True)]
        np.testing.assert_allclose(tops, 100.0)
        assert [tick.get_text() for tick in ax.get_xticklabels()] == frame.index.tolist()
        assert inside(ax.figure, ax.get_legend())


def test_exports_of_years_of_many_regions_and_below_zero():
    years = {y: gk.decompose_exports(gk.load_sample(y), "tripartite", exporter=["CHN", "USA"]) for y in (2004, 2005)}
    frame = pd.concat(years, names=["year"])
    assert "method" not in frame.attrs or frame.attrs["method"] == "tripartite"
    ax = gk.plot.exports(frame)
    assert [bars.get_label() for bars in ax.containers] == [
        "DAVAX (domestic)", "GVC_PF (domestic)", "GVC_TS (mixed)", "GVC_PB (mixed)",
    ]  # fmt: skip
    tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*ax.containers, strict=True)]
    np.testing.assert_allclose(tops, 100.0)
    many = gk.decompose_exports(gk.load_sample(2005), "wwz")
    many.attrs.clear()
    ax = gk.plot.exports(many)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == many.index.tolist()
    ax.figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in ax.get_yticklabels()]
    assert not any(one.overlaps(two) for one, two in pairwise(boxes))
    assert max(ax.figure.get_size_inches()) < 11
    below = gk.decompose_exports(gk.load_sample(2005), "kww", exporter=["CHN"])
    below["FDC"] = -below["FDC"]
    ax = gk.plot.exports(below)
    (bar,) = next(bars for bars in ax.containers if bars.get_label().startswith("FDC"))
    assert bar.get_y() == 0.0
    assert bar.get_height() < 0
    assert ax.get_ylim()[0] < bar.get_height()
    with pytest.raises(gk.LabelError, match="attrs name no method"):
        gk.plot.exports(pd.DataFrame({"exports": [1.0], "what": [1.0]}, index=["CHN"]))
    with pytest.raises(gk.LabelError, match="'exports'"):
        gk.plot.exports(many.drop(columns="exports"))


def test_position_lines(sample):
    frame = gk.panel(gk.position, [2004, 2005], progress=False)
    ax = gk.plot.position(frame, ["Machinery"], ["CHN", "USA"])
    (first, _) = ax.get_lines()
    np.testing.assert_allclose(
        first.get_ydata(), frame["position"].xs(("CHN", "Machinery"), level=("region", "sector"))
    )
    assert inside(ax.figure, ax.get_legend())
    with pytest.raises(gk.LabelError, match="expected"):
        gk.plot.position(frame.loc[2004], ["Machinery"], ["CHN"])
    five = ["CHN", "USA", "Germany", "JPN", "KOR"]
    lines = gk.plot.position(frame, ["Machinery"], five).get_lines()
    assert len({(line.get_marker(), str(line._dash_pattern)) for line in lines}) == 5
    with pytest.raises(gk.LabelError, match="9 regions: at most 8"):
        gk.plot.position(frame, ["Machinery"], sample.regions[:9])
    with pytest.raises(gk.LabelError, match="'Machines'"):
        gk.plot.position(frame, ["Machines"], ["CHN"])


def test_sources_do_not_lie_on_other_text(sample):
    from gvckit.plot.style import source_line

    frame = gk.panel(gk.position, [2004, 2005], progress=False)
    ax = gk.plot.position(frame, ["Machinery", "Mining"], ["CHN", "USA"])
    source_line(ax, frame.attrs)
    ax.figure.draw_without_rendering()
    label = ax.figure._supxlabel
    assert "WIOD" in label.get_text()
    assert not label.get_window_extent().overlaps(ax.get_legend().get_window_extent())
    source_line(ax, frame.attrs | {"scenario": "tariffs of 25%"})
    assert ax.figure._supxlabel.get_text().replace("\n", " ").endswith("; scenario: tariffs of 25%")
    frame.attrs["scenario"] = "tariffs of 25%"
    assert "(tariffs of 25%)" in gk.plot.position(frame, ["Mining"], ["CHN"], title="Position").get_title(loc="left")


def test_bands_hold_their_quantiles():
    found = {
        year: gk.table_bands(gk.load_sample(year), gk.participation, 20, progress=False, level="region", shares=True)
        for year in (2004, 2005)
    }
    frame = pd.concat({year: bands.quantiles() for year, bands in found.items()}, names=["year"])
    ax = gk.plot.bands(frame, ["CHN", "USA"])
    (line, _) = ax.get_lines()
    np.testing.assert_allclose(line.get_ydata(), frame["gvc"][0.5].xs("CHN", level="region") * 100)
    assert inside(ax.figure, ax.get_legend())
    ends = pd.concat({year: bands.quantiles((0.05, 0.95)) for year, bands in found.items()}, names=["year"])
    ax = gk.plot.bands(ends, ["China"])
    assert ax.get_lines() == []
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["CHN, 90% of draws"]
    high = pd.concat({year: bands.quantiles((0.05, 0.1, 0.5)) for year, bands in found.items()}, names=["year"])
    (line,) = gk.plot.bands(high, ["CHN"]).get_lines()
    np.testing.assert_allclose(line.get_ydata(), high["gvc"][0.5].xs("CHN", level="region") * 100)
    one = pd.concat({year: bands.quantiles((0.95,)) for year, bands in found.items()}, names=["year"])
    assert gk.plot.bands(one, ["CHN"]).get_lines()[0].get_label() == "CHN, 95% quantile"
    with pytest.raises(gk.LabelError, match="expected an index"):
        gk.plot.bands(frame.loc[2004], ["CHN"])
    with pytest.raises(gk.LabelError, match="'gcv'"):
        gk.plot.bands(frame, ["CHN"], "gcv")


@pytest.fixture(scope="module")
def index_inputs():
    return gk.schemes.china_us_inputs([gk.load_sample(year) for year in range(2003, 2012)])


def test_fan_and_pillars_draw_the_index(index_inputs):
    partial = index_inputs.assign(Cc=np.nan, Ca=np.nan)
    found = gk.schemes.china_us_index(partial, uncertainty=500, missing="renormalise")
    ax = gk.plot.fan(found)
    thirds = gk.schemes.china_us_index(index_inputs, uncertainty=gk.Uncertainty(draws=50, quantiles=(1 / 3, 2 / 3)))
    assert len(gk.plot.fan(thirds).collections) == 1
    line = next(line for line in ax.get_lines() if line.get_label() == "index")
    np.testing.assert_allclose(line.get_ydata(), found.index)
    assert ax.get_title(loc="left") == "Partial index, not the full China-US interdependence"
    ax.figure.draw_without_rendering()
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())
    assert inside(ax.figure, ax.get_legend())
    ax = gk.plot.pillars(found)
    tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*ax.containers, strict=True)]
    np.testing.assert_allclose(tops, found.index)
    mixed = gk.schemes.china_us_index(index_inputs.iloc[::-1])
    years = [[bar.get_x() + bar.get_width() / 2 for bar in bars] for bars in gk.plot.pillars(mixed).containers]
    assert all(of == sorted(of) for of in years)
    assert "tariffs (no data)" in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(gk.LabelError, match="one level of years"):
        gk.plot.fan(gk.composite_index(found.indicators.rename(index=str), found.scheme))


def test_events_are_numbered_and_do_not_overlap():
    events = gk.schemes.us_policies()
    _, ax = plt.subplots(figsize=(7, 5), layout="constrained")
    ax.plot([2005, 2015], [1.0, 2.0])
    ax.set_xlabel("Year")
    gk.plot.timeline(ax, events)
    ax.figure.draw_without_rendering()
    badges = [text for text in ax.texts if text.get_text().isdigit()]
    assert [b.get_text() for b in badges] == ["1", "2", "3", "4"]  # those of 2017 and later are outside
    boxes = [b.get_bbox_patch().get_window_extent() for b in badges]
    assert not any(one.overlaps(two) for k, one in enumerate(boxes) for two in boxes[k + 1 :])
    key = next(text for text in ax.texts if "Framework" in text.get_text())
    assert key.get_text().splitlines()[1] == "2  2010-08  Manufacturing Enhancement Act"
    assert inside(ax.figure, key)
    assert not key.get_window_extent().overlaps(ax.xaxis.label.get_window_extent())
    band = ax.fill_between([2005, 2015], [1, 1], [2, 2])
    line = next(line for line in ax.get_lines() if line.get_linestyle() == "--")
    assert line.get_zorder() > band.get_zorder()  # not hidden by bands
    assert line.get_xdata()[0] == pytest.approx(2009 + 11 / 12)  # December
    shares = gk.panel(gk.participation, range(2008, 2012), progress=False, level="region", shares=True)
    below = gk.plot.timeline(gk.plot.participation(shares, ["CHN", "USA"]), events)
    below.figure.draw_without_rendering()
    assert not below.texts[-1].get_window_extent().overlaps(below.get_legend().get_window_extent())
    mine = gk.plot.timeline(
        ax, events.rename(columns={"event": "what"}).assign(date=[2006.5] * 9), event="what", key=False
    )
    assert mine is ax
    days = gk.plot.timeline(ax, pd.DataFrame({"date": ["2010-01-20", "2011-12-31"], "event": ["a", "b"]}))
    assert days.texts[-1].get_text() == "1  2010-01  a\n2  2011-12  b"
    assert gk.plot.timeline(ax, pd.DataFrame({"date": [2010], "event": ["a"]})).texts[-1].get_text() == "1  2010  a"
    for dates, message in (([None, "2010-01-01"], "event 1 has no date"), (["soon", "2010-01-01"], "can't be read")):
        with pytest.raises(gk.LabelError, match=message):
            gk.plot.timeline(ax, pd.DataFrame({"date": dates, "event": ["a", "b"]}))
    with pytest.raises(gk.LabelError, match="'event'"):
        gk.plot.timeline(ax, events[["date"]])


def test_asymmetry_and_decoupling_lines(index_inputs, sample):
    frame = gk.schemes.china_us_asymmetry(index_inputs)
    ax = gk.plot.asymmetry(frame, percent=True)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), frame["TC"] * 100)
    labels = ["China on the United States", "The United States on China"]
    assert [line.get_label() for line in ax.get_lines()] == labels
    other = frame.rename(columns={"CHN": "DEU", "USA": "MEX"}).iloc[::-1]
    ax = gk.plot.asymmetry(other, ("Germany", "MX"))
    assert [line.get_label() for line in ax.get_lines()] == ["Germany on Mexico", "Mexico on Germany"]
    assert ax.get_lines()[0].get_xdata().tolist() == sorted(frame.index)
    ax = gk.plot.asymmetry(other.rename(columns={"DEU": "north", "MEX": "south"}), ("north", "south"))
    assert [line.get_label() for line in ax.get_lines()] == ["north", "south"]
    with pytest.raises(gk.LabelError, match="'EU'"):
        gk.plot.asymmetry(frame, ("EU", "TA"))
    curve = gk.decouple(sample, "CHN", "USA")
    ax = gk.plot.decoupling(curve)
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert list(lines)[:2] == ["CHN", "USA"]
    np.testing.assert_allclose(lines["CHN"], curve["share"].xs("CHN", level="region") * 100)
    assert inside(ax.figure, ax.get_legend())
    assert gk.plot.decoupling(curve, "China").get_lines()[0].get_label() == "CHN"
    with pytest.raises(gk.LabelError, match="Atlantis"):
        gk.plot.decoupling(curve, ["Atlantis"])
    with pytest.raises(gk.LabelError, match="no value"):
        gk.plot.asymmetry(frame.iloc[:0])
    with pytest.raises(gk.OptionError, match="'per_dollar'"):
        gk.plot.decoupling(curve, column="pain")
    with pytest.raises(gk.LabelError, match="expected"):
        gk.plot.decoupling(curve.loc[1.0])


def test_welfare_as_bars_and_along_a_path(sample):
    values = np.array([[0.99, 0.98, 1.0, 0.0], [1.0, 0.99, 1.01, 0.4], [1.02, 1.01, 1.03, 1.0]])
    index = pd.Index(["CHN", "USA", "MEX"], name="region")
    bands = pd.DataFrame(values, index=index, columns=["published", 0.05, 0.95, "share_positive"])
    with pytest.raises(gk.OptionError, match="ratio"):
        gk.plot.welfare(bands)
    bands.attrs["unit"] = "ratio"
    ax = gk.plot.welfare(bands)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MEX", "USA", "CHN"]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [2, 0, -1])
    np.testing.assert_allclose(ax.get_lines()[0].get_xdata(), [1, 3])
    assert ax.get_legend().get_texts()[0].get_text() == "90% of draws"
    changes = (bands[["published"]] - 1).rename(columns={"published": "welfare"})
    changes.attrs["unit"] = "share of the base"
    ax = gk.plot.welfare(changes, ["China", "MEX"])
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [2, -1])
    assert gk.plot.welfare(changes, count=1).get_yticklabels()[0].get_text() == "MEX"
    with pytest.raises(gk.LabelError, match="welfare"):
        gk.plot.welfare(changes, column="wellfare")
    path = pd.DataFrame([[1, 0.995, 0.99], [1, 1.01, 1.02]], index=index[[0, 2]], columns=[1.0, 1.5, np.inf])
    path.attrs["unit"] = "ratio"
    ax = gk.plot.welfare_path(path)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "1.5", "no trade"]
    lines = {line.get_label(): line for line in ax.get_lines()}
    np.testing.assert_allclose(lines["CHN"].get_ydata(), [0, -0.5, -1])
    assert (np.diff(lines["CHN"].get_xdata()) > 0).all()
    assert np.isfinite(lines["CHN"].get_xdata()).all()
    ax = gk.plot.welfare_path(path.set_axis(["a", "b", "c"], axis=1), "Mexico")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    crowded = path.reindex(columns=[1.0, 1.01, 3.0]).fillna(1.0)
    crowded.attrs["unit"] = "ratio"
    assert [text.get_text() for text in gk.plot.welfare_path(crowded).get_xticklabels()] == ["1", "", "3"]
    with pytest.raises(gk.LabelError, match="region"):
        gk.plot.welfare_path(path.T)


# ---- new kinds of figures -------------------------------------------------------------------------------------


def test_the_map_colours_countries_by_their_numbers(sample):
    from gvckit.plot.world import outlines

    shares = gk.participation(sample, level="region", shares=True)
    ax = gk.plot.choropleth(shares, "gvc", title="t")
    colours = {c.get_gid(): tuple(c.get_facecolor()[0][:3]) for c in ax.collections}
    assert set(colours) == set(outlines())
    land = colours["DZA"]  # Algeria is in no table
    known = [r for r in sample.regions if r in outlines()]
    assert all(colours[region] != land for region in known)
    light = pd.Series({region: sum(colours[region]) for region in known})
    assert light.idxmin() == shares.loc[known, "gvc"].idxmax()  # darker is more
    assert light.idxmax() == shares.loc[known, "gvc"].idxmin()
    assert "Not on the map: MLT, ROW" in [text.get_text() for text in ax.texts]
    bar = ax.figure.get_axes()[1]
    assert bar.get_xlabel() == "GVC, share of value added (%)"
    change = shares["gvc"] - 0.15
    hatched = {c.get_gid() for c in gk.plot.choropleth(change).collections if c.get_hatch()}
    assert hatched == {region for region in known if change[region] < 0}
    union = gk.plot.choropleth(pd.Series({"EU27": 1.0, "Algeria": 2.0, "DZA": 3.0}).iloc[[0, 2]])
    drawn = {c.get_gid(): c.get_facecolor()[0].tolist() for c in union.collections}
    assert drawn["DEU"] == drawn["FRA"] != drawn["DZA"]
    for bad, message in (
        (pd.Series({"DEU": 1.0, "Germany": 2.0}), "two rows are of DEU: DEU and Germany"),
        (pd.Series({"ROW": 1.0}), "no region is a country"),
        (pd.concat({2005: shares["gvc"]}), "expected one level"),
        (shares, "column= is wanted"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            gk.plot.choropleth(bad)


def test_outlines_lie_where_countries_do():
    from gvckit.plot.world import outlines

    middle = {code: np.vstack(rings).mean(axis=0) for code, rings in outlines().items()}
    assert middle["BRA"][0] < 0 < middle["CHN"][0]
    assert middle["AUS"][1] < 0 < middle["DEU"][1]
    for rings in outlines().values():
        for ring in rings:
            assert len(ring) >= 3
            assert np.abs(ring[:, 0]).max() <= 2707  # the equator's half, 180 degrees
            assert np.abs(ring[:, 1]).max() <= 1318


def test_ranks_hold_places_and_changes():
    frame = gk.panel(gk.participation, [1995, 2011], progress=False, level="region")
    ax = gk.plot.ranks(frame, "gvc", count=10)
    new, old = (frame["gvc"].xs(year, level="year").rank(ascending=False) for year in (2011, 1995))
    first = new.nsmallest(10).index
    labels = [f"{k}  {name}" for k, name in enumerate(first, start=1)]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == labels
    bars = next(c for c in ax.containers if len(c) == 10)
    np.testing.assert_allclose([bar.get_width() for bar in bars], frame["gvc"].xs(2011, level="year")[first])
    changes = [text.get_text() for text in ax.texts]
    step = old["CHN"] - new["CHN"]
    assert step > 0
    assert changes[list(first).index("CHN")] == f"▲ {step:.0f}"
    assert ax.get_xlabel() == "GVC, million USD"
    ax.figure.draw_without_rendering()
    assert all(inside(ax.figure, text) for text in ax.texts)
    some = frame.drop((1995, "CHN"))
    assert "new" in [text.get_text() for text in gk.plot.ranks(some, "gvc").texts]
    with pytest.raises(gk.LabelError, match="no year 2000"):
        gk.plot.ranks(frame, "gvc", before=2000)
    with pytest.raises(gk.OptionError, match="count=0"):
        gk.plot.ranks(frame, "gvc", count=0)


def test_smile_names_the_largest_steps_without_overlap(sample):
    steps = pd.MultiIndex.from_product([["DEU", "CZE", "POL"], sample.sectors], names=["region", "sector"])
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"distance": rng.uniform(1, 6, 42), "value": rng.lognormal(6, 2, 42)}, index=steps)
    frame.attrs["unit"] = "million USD"
    ax = gk.plot.smile(frame, title="t", labels=8)
    dots = np.vstack([np.column_stack(line.get_data()) for line in ax.get_lines()])
    assert len(dots) == 42
    np.testing.assert_allclose(np.sort(dots[:, 1]), np.sort(frame["value"]))
    assert ax.get_ylabel() == "Value added, million USD"
    assert ax.get_xlim()[0] > ax.get_xlim()[1]
    ax.figure.draw_without_rendering()
    texts = [text for text in ax.texts if text.get_text()]
    assert {text.get_text() for text in texts} <= {", ".join(key) for key in frame.nlargest(8, "value").index}
    assert len(texts) >= 6
    boxes = [text.get_window_extent() for text in texts]
    assert not any(one.overlaps(two) for k, one in enumerate(boxes) for two in boxes[k + 1 :])
    with pytest.raises(gk.LabelError, match="'distance'"):
        gk.plot.smile(frame[["value"]])
    with pytest.raises(gk.LabelError, match="no step"):
        gk.plot.smile(frame.assign(value=np.nan))


@pytest.fixture(scope="module")
def traced():
    """Value added by origin, final product's region and absorber, of the literal product V^ B Y."""
    t = gk.load_sample(2005)
    groups = gk.region_mapping(t, ["EU27", "USMCA"], rest="Rest")
    t = t.aggregate(regions={r: g if r != "CHN" else "CHN" for r, g in groups.items()})
    embodied = t.v.to_numpy()[:, None] * t.B.to_numpy()
    regions, n = t.regions, len(t.sectors)
    cube = np.einsum("rp,pa->rpa", embodied, t.arrays.y).reshape(len(regions), n, len(regions), n, -1).sum(axis=(1, 3))
    columns = pd.MultiIndex.from_product([regions, regions], names=["product_region", "absorber"])
    frame = pd.DataFrame(cube.reshape(len(regions), -1), index=pd.Index(regions, name="region"), columns=columns)
    frame.attrs.update(t.attrs, measure="trace")
    return frame


def test_sankey_draws_all_that_is_traced(traced):
    from matplotlib.patches import PathPatch, Rectangle

    ax = gk.plot.sankey(traced, title="t")
    nodes = [p for p in ax.patches if isinstance(p, Rectangle)]
    heights = {x: [p.get_height() for p in nodes if p.get_x() == x] for x in {p.get_x() for p in nodes}}
    assert len(heights) == 3
    scale = {sum(of) for of in heights.values()}
    assert max(scale) == pytest.approx(min(scale))  # all of it in each column
    left = heights[min(heights)]
    origins = traced.sum(axis=1).sort_values(ascending=False)
    np.testing.assert_allclose(np.array(left) / left[0], origins / origins.iloc[0])
    bands = [p for p in ax.patches if isinstance(p, PathPatch)]
    assert len({p.get_facecolor() for p in bands}) == len(origins)
    total = sum(abs(p.get_path().vertices[3, 1] - p.get_path().vertices[4, 1]) for p in bands)
    assert total == pytest.approx(2 * sum(left), rel=0.02)  # both passages, but for what is too thin
    texts = [text.get_text() for text in ax.texts]
    assert {"Origin", "Final product", "Absorber"} <= set(texts)
    assert any(text.startswith("CHN  ") and text.endswith("trillion USD") for text in texts)
    ax.figure.draw_without_rendering()
    names = [text.get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(two) for k, one in enumerate(names) for two in names[k + 1 :])
    assert all(inside(ax.figure, text) for text in ax.texts)
    few = gk.plot.sankey(traced, most=2)
    assert sum(text.get_text().startswith("others") for text in few.texts) == 3
    two = traced.T.groupby(level="absorber").sum().T
    two.attrs.update(traced.attrs)
    assert "Final product" not in [text.get_text() for text in gk.plot.sankey(two).texts]
    below = traced.copy()
    below.iloc[0, 1] = -traced.to_numpy().sum() / 100
    below.attrs.update(traced.attrs)
    with pytest.warns(gk.GvcWarning, match=r"flows below zero, .* billion USD in all \(1\.0"):
        gk.plot.sankey(below)
    for bad, message in (
        (traced * 0, "no flow above zero"),
        (traced.T, "columns' levels"),
        (traced * np.nan, "finite"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            gk.plot.sankey(bad)
    with pytest.raises(gk.OptionError, match="most=0"):
        gk.plot.sankey(traced, most=0)


# ---- words ----------------------------------------------------------------------------------------------------


def texts_of(figure):
    """All that is written on a figure and can be seen."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@pytest.fixture
def chinese():
    from gvckit.plot.words import chinese_font

    if chinese_font() is None:
        pytest.skip("no font with Chinese characters on this machine")


@pytest.mark.usefixtures("chinese")
def test_standard_figures_in_chinese(sample, index_inputs, traced):
    shares = gk.panel(gk.participation, [2004, 2005], progress=False, level="region", shares=True)
    place = gk.panel(gk.position, [2004, 2005], progress=False)
    index = gk.schemes.china_us_index(index_inputs, uncertainty=50)
    net = gk.network(sample, "complex", exclude="ROW", backbone="top", k=1)
    steps = pd.DataFrame({"distance": [3.0, 1.0], "value": [1.0, 2.0]}, index=["甲", "乙"])
    drawn = [
        gk.plot.participation(shares, ["CHN", "USA"], language="zh"),
        gk.plot.exports(gk.decompose_exports(sample, "kww", exporter=["CHN"]), language="zh"),
        gk.plot.position(place, ["Machinery"], ["CHN"], language="zh"),
        gk.plot.fan(index, language="zh"),
        gk.plot.pillars(index, language="zh"),
        gk.plot.asymmetry(gk.schemes.china_us_asymmetry(index_inputs), language="zh"),
        gk.plot.decoupling(gk.decouple(sample, "CHN", "USA"), language="zh"),
        gk.plot.network(net, language="zh"),
        gk.plot.networks([[net]], language="zh")[0, 0],
        gk.plot.network_matrix(net, language="zh"),
        gk.plot.choropleth(shares.loc[2005, "gvc"], language="zh"),
        gk.plot.ranks(shares, "gvc", language="zh"),
        gk.plot.smile(steps, language="zh"),
        gk.plot.welfare(gk.counterfactual(sample, {("CHN", "USA"): 0.1}, clean=True).summary(), language="zh"),
        gk.plot.welfare_path(
            gk.welfare_path(
                gk.counterfactuals(
                    sample,
                    {f: {"trade_costs": {("CHN", "USA"): f}} for f in (1.0, np.inf)},
                    clean=True,
                    progress=False,
                )
            ),
            language="zh",
        ),
        gk.plot.sankey(traced, language="zh"),
    ]
    # Names, codes and numbers may stay as they are in the table; words of ours may not.
    kept = {
        "GVC",
        "machinery",
        "electrical",
        "index",
        "trade",
        "investment",
        "tariffs",
        "technology",
        "Rest",
        "Machinery",
    }
    for ax in drawn:
        for text in texts_of(ax.figure):  # glyphs that a font lacks are warnings, and so errors here
            words = {w for w in re.findall("[A-Za-z]{3,}", text) if not w.isupper()} - kept - {"INTrex"}
            assert not words or "WIOD" in text, text
    with pytest.raises(gk.OptionError, match="'en', 'zh'"):
        gk.plot.participation(shares, ["CHN"], language="fr")


def test_without_a_font_a_warning_says_what_to_install(monkeypatch):
    from gvckit.plot import words

    monkeypatch.setattr(words, "chinese_font", lambda: None)
    frame = gk.panel(gk.participation, [2005], progress=False, level="region", shares=True)
    with pytest.warns(gk.GvcWarning, match="fonts-noto-cjk"):
        gk.plot.participation(frame, ["CHN"], title="参与度")


def test_amounts_have_one_style():
    from gvckit.plot.style import amount
    from gvckit.plot.words import Say

    assert (
        amount(2.33e5, "Mill USD")
        == amount(2.33e5, "million USD")
        == amount(2.33e5, "USD million")
        == "233 billion USD"
    )
    assert amount(1.5e6, "Mio. EUR") == "1.5 trillion EUR"
    assert amount(12.34, "million USD") == "12.3 million USD"
    assert amount(-2500.0, "million USD") == "-2.5 billion USD"
    assert amount(233456.0, "thousand USD") == "233,000 thousand USD"
    assert amount(0.00012345, None) == "0.000123"
    assert amount(2.33e5, "million USD", Say("zh")) == "2,330亿美元"
