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


def test_export_bars_stack_to_a_hundred(sample):
    for method in ("kww", "wwz", "bm_source", "bm_sink"):
        frame = gk.decompose_exports(sample, method, exporter=["CHN", "USA", "DEU"])
        ax = gk.plot.exports(frame)
        tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*ax.containers, strict=True)]
        np.testing.assert_allclose(tops, 100.0)
        assert [tick.get_text() for tick in ax.get_xticklabels()] == frame.index.tolist()
        assert inside(ax.figure, ax.get_legend())


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


def test_sources_do_not_lie_on_other_text(sample):
    from gvckit.plot.style import source_line

    frame = gk.panel(gk.position, [2004, 2005], progress=False)
    ax = gk.plot.position(frame, ["Machinery", "Mining"], ["CHN", "USA"])
    source_line(ax, frame.attrs)
    ax.figure.draw_without_rendering()
    label = ax.figure._supxlabel
    assert "WIOD" in label.get_text()
    assert not label.get_window_extent().overlaps(ax.get_legend().get_window_extent())


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
    assert "partial" in ax.get_title(loc="left")
    assert inside(ax.figure, ax.get_legend())
    ax = gk.plot.pillars(found)
    tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*ax.containers, strict=True)]
    np.testing.assert_allclose(tops, found.index)
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
