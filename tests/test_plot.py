import matplotlib.pyplot as plt
import numpy as np
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
