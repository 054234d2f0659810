import json
import shutil
import warnings

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from matplotlib.patches import Circle, FancyArrowPatch

import gvckit as gk
from gvckit.plot.html import networks_html
from gvckit.plot.layout import layout, radii
from gvckit.table.names import is_aggregate
from strategies import tables


@pytest.fixture(scope="module")
def net():
    return gk.network(gk.load_sample(2011), "complex", exclude="ROW")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@given(tables())
def test_nodes_and_edges_hold_all_flows(t):
    for kind in ("traditional", "gvc"):
        net = gk.network(t, kind)
        flows = gk.flows(t, kind).to_numpy()
        np.testing.assert_allclose(
            net.edges["value"].sum() + net.dropped["value"].sum(), flows.sum(), rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(net.nodes["exports"], flows.sum(1), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(net.nodes["imports"], flows.sum(0), rtol=1e-9, atol=1e-9)
        assert (net.edges["value"] > 0).all()
        assert (net.dropped["value"] < 0).all()
        assert (net.edges["source"] != net.edges["target"]).all()
        if net.dropped.empty and len(net.edges):
            np.testing.assert_allclose(net.edges.groupby("source")["source_share"].sum(), 1.0)
            np.testing.assert_allclose(net.edges.groupby("target")["target_share"].sum(), 1.0)


def test_what_stays_at_home_is_no_edge(sample):
    total = gk.network(sample, "total")
    flows = gk.flows(sample, "total").to_numpy()
    assert total.nodes["exports"].sum() == pytest.approx(flows.sum() - np.trace(flows))


def test_thresholds(net, sample):
    t = gk.load_sample(2011)
    value = float(net.edges["value"].quantile(0.9))
    high = gk.network(t, "complex", exclude="ROW", threshold=value)
    assert high.edges["value"].min() >= value
    assert len(high.edges) == (net.edges["value"] >= value).sum()
    np.testing.assert_array_equal(high.nodes["exports"], net.nodes["exports"])
    assert high.nodes["out_strength"].sum() == pytest.approx(high.edges["value"].sum())
    part = gk.network(t, "complex", exclude="ROW", share=0.2).edges
    assert (part[["source_share", "target_share"]].max(axis=1) >= 0.2).all()
    top = gk.network(t, "complex", exclude="ROW", backbone="top", k=1).edges
    largest = net.edges.groupby("target")["value"].max()
    np.testing.assert_array_equal(top.groupby("target")["value"].max().reindex(largest.index), largest)
    assert len(top) <= 80
    assert top["largest_supplier"].sum() == top["largest_buyer"].sum() == 40


def test_disparity_filter_by_hand():
    # Flows 90, 5, 5 out of A: p = .9 of 3 edges, (1 - .9)^2 = .01 < .05 is kept; (1 - .05)^2 = .9 is not.
    y = np.zeros((4, 4))
    y[0] = [0, 90, 5, 5]
    y[1:, :] = np.eye(4)[1:] * 50
    t = gk.Mrio.from_arrays(np.zeros((4, 4)), y, ["A", "B", "C", "D"], ["s"])
    assert len(gk.network(t, "traditional").edges) == 3
    kept = gk.network(t, "traditional", backbone="disparity").edges
    assert kept[["source", "target", "value"]].to_numpy().tolist() == [["A", "B", 90.0]]
    assert gk.network(t, "traditional", backbone="disparity", alpha=0.001).edges.empty


def test_networkx_and_graphml(net, tmp_path):
    graph = net.to_networkx()
    assert graph.number_of_edges() == len(net.edges)
    assert graph.nodes["CHN"]["group"] == "Asia"
    assert graph.edges["CHN", "USA"]["weight"] == net.flows.loc["CHN", "USA"]
    nx.write_graphml(graph, tmp_path / "net.graphml")
    again = nx.read_graphml(tmp_path / "net.graphml")
    assert again.nodes["CHN"]["exports"] == pytest.approx(net.nodes.loc["CHN", "exports"])


def test_hubs_are_counted_and_networkx_agrees(net):
    hubs = net.hubs()
    values = net.flows.to_numpy()
    suppliers = np.bincount(values.argmax(axis=0), minlength=40)
    buyers = np.bincount(values.argmax(axis=1), minlength=40)
    np.testing.assert_array_equal(hubs["supplier_of"].reindex(net.flows.index), suppliers)
    np.testing.assert_array_equal(hubs["buyer_of"].reindex(net.flows.index), buyers)
    assert hubs["supply_rank"].tolist() == list(range(1, 41))
    graph = net.to_networkx()
    for name, score in nx.pagerank(graph).items():
        assert hubs.loc[name, "demand_pagerank"] == pytest.approx(score)
    for column in ("supply_pagerank", "demand_pagerank", "hub", "authority"):
        assert hubs[column].sum() == pytest.approx(1.0)
    assert (hubs["eigenvector"] ** 2).sum() == pytest.approx(1.0)
    assert hubs.loc["DEU", "supplier_of"] > 5


def test_china_replaces_japan_in_ict():
    # The paper's reading of 2000 against 2017, on the sample's first and last year.
    before, after = (
        gk.network(gk.load_sample(y), "gvc", sector="Electrical and optical equipment", exclude="RoW")
        for y in (1995, 2011)
    )
    change = gk.compare(before, after)
    assert change.rose(1).index.tolist() == ["CHN"]
    assert "JPN" in change.fell(2).index
    assert change.nodes.loc["CHN", "export_share_change"] > 0.1
    assert change.nodes.loc["CHN", "demand_rank_after"] <= 2
    rank = change.nodes["supply_rank_before"] - change.nodes["supply_rank_after"]
    np.testing.assert_array_equal(rank, change.nodes["supply_rank_change"])


def test_edges_that_appear_and_vanish(net):
    cut = gk.network(gk.load_sample(2011), "complex", exclude="ROW", threshold=1000.0)
    change = gk.compare(cut, net)
    assert len(change.appeared) == len(net.edges) - len(cut.edges)
    assert change.vanished.empty
    with pytest.raises(gk.LabelError, match="both networks"):
        gk.compare(net, gk.network(gk.load_sample(2011), "complex"))


def test_regionalisation_by_hand(net):
    frame = net.regionalisation()
    europe = net.groups[net.groups == "Europe"].index
    inside = net.flows.loc[europe, europe].to_numpy().sum()
    assert frame.loc["Europe", "within"] == pytest.approx(inside)
    assert frame.loc["Europe", "within_share"] == pytest.approx(inside / net.flows.loc[europe].to_numpy().sum())
    np.testing.assert_allclose(frame[[c for c in frame if c.startswith("to ")]].sum(axis=1), 1.0)
    panel = gk.panel(gk.regionalisation, [1995, 2011], progress=False, kind="simple", exclude="ROW")
    assert panel.index.names == ["year", "group"]


def test_communities(net):
    frame = net.communities()
    assert frame.equals(net.communities())
    assert set(frame.columns) == {"community", "group"}
    assert frame.attrs["modularity_communities"] >= frame.attrs["modularity_groups"] > 0


def test_aggregates_are_told_from_economies():
    assert [name for name in ("ROW", "RoW", "WWA", "FIGW1", "CHN", "CN1", "HKG") if is_aggregate(name)] == [
        "ROW", "RoW", "WWA", "FIGW1",
    ]  # fmt: skip


def isolated() -> gk.Mrio:
    """Three regions; C trades with nobody, and A and B only in final goods."""
    z = np.diag([1.0, 2.0, 3.0])
    y = np.array([[5.0, 2.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 9.0]])
    return gk.Mrio.from_arrays(z, y, ["A", "B", "C"], ["s"])


def test_isolated_regions_two_regions_and_nothing_left():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = gk.network(isolated(), "traditional")
        assert net.hubs().loc["C", ["supplier_of", "out_strength", "eigenvector"]].tolist() == [0, 0.0, 0.0]
        assert net.regionalisation().loc["Rest", "within_share"] == 1.0
        empty = gk.network(isolated(), "complex")
        assert empty.edges.empty
        assert (empty.hubs()["betweenness"] == 0).all()
        assert np.isnan(empty.regionalisation()["within_share"]).all()
        assert "modularity_groups" not in empty.communities().attrs
        ax = empty.plot()
        assert any("no edge" in text.get_text() for text in ax.texts)
        gk.plot.network_matrix(empty)
        two = gk.network(isolated(), "traditional", exclude="C")
        assert len(two.edges) == 2
        assert two.hubs()["eigenvector"].tolist() == pytest.approx([0.5**0.5] * 2)
        assert len(gk.network(isolated(), "traditional", threshold=1e9).edges) == 0


def test_negative_flows_are_listed_not_drawn():
    y = isolated().arrays.y.copy()
    y[0, 1] = -0.5
    t = gk.Mrio.from_arrays(isolated().arrays.z, y, ["A", "B", "C"], ["s"])
    net = gk.network(t, "traditional")
    assert net.dropped[["source", "target"]].to_numpy().tolist() == [["A", "B"]]
    assert net.nodes.loc["A", "exports"] < 0
    assert len(net.edges) == 1
    net.plot()


def test_the_map_draws_every_node_and_edge_without_overlap(net):
    small = gk.network(gk.load_sample(2011), "complex", exclude="ROW", backbone="top")
    place = layout([small])
    radius = radii(small.nodes["exports"])
    for i, a in enumerate(place.index):
        for b in place.index[i + 1 :]:
            assert np.hypot(*(place.loc[a] - place.loc[b])) > radius[a] + radius[b]
    ax = small.plot()
    assert sum(isinstance(p, FancyArrowPatch) for p in ax.patches) == len(small.edges)
    circles = [p for p in ax.patches if isinstance(p, Circle)]
    assert len(circles) == 40 + 4 + 2
    low, high = ax.get_xlim()
    assert all(low <= c.center[0] - c.radius and c.center[0] + c.radius <= high for c in circles)
    labels = [t.get_text() for t in ax.texts]
    assert set(small.flows.index) <= set(labels)
    assert any("billion USD" in text for text in labels)
    assert small.plot(ax=ax) is ax
    assert layout([small]).equals(place)


def test_the_grid_keeps_every_region_in_its_place(net):
    t = gk.load_sample(1995)
    axes = gk.plot.networks([[gk.network(t, kind, backbone="top") for kind in ("simple", "complex")]], title="x")
    centres = [{t.get_text(): t.get_position() for t in ax.texts} for ax in axes[0]]
    assert all(centres[0][r] == centres[1][r] for r in t.regions)
    with pytest.raises(gk.OptionError, match="rows of one length"):
        gk.plot.networks([[net], [net, net]])


def test_bad_options(sample):
    for changes, message in (
        ({"threshold": -1.0}, "threshold=-1.0 is out of range"),
        ({"share": 1.5}, "share=1.5"),
        ({"k": 0}, "k=0"),
        ({"backbone": "spine"}, "'disparity', 'top'"),
        ({"kind": "x"}, "kind='x'"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            gk.network(sample, **changes)
    with pytest.raises(gk.LabelError, match="no region"):
        gk.network(sample, exclude="Narnia")


def browser():
    from selenium import webdriver

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no chromium and chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1100,900",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def test_the_page_in_a_browser(tmp_path, net):
    nets = [
        gk.network(gk.load_sample(year), kind, backbone="top", exclude="ROW")
        for year in (1995, 2011)
        for kind in ("simple", "complex")
    ]
    page = networks_html(nets, tmp_path / "net.html")
    text = page.read_text(encoding="utf-8")
    assert "http-equiv" not in text
    assert "<script src" not in text
    driver = browser()
    try:
        driver.get(page.as_uri())
        count = "return document.querySelectorAll('#network .scatterlayer .points path.point').length"
        shown = "return [...document.querySelectorAll('#network text')].map(t => t.textContent)"
        assert driver.execute_script(count) == 40 + len(nets[0].edges)
        assert set(nets[0].flows.index) <= set(driver.execute_script(shown))
        assert "1995" in driver.find_element("id", "heading").text
        driver.execute_script(
            "for (const [id, value] of [['year', '2011'], ['kind', 'complex']]) {"
            "const e = document.getElementById(id); e.value = value; e.onchange(); }"
        )
        assert driver.find_element("id", "heading").text == nets[3].title
        assert driver.execute_script(count) == 40 + len(nets[3].edges)
        hover = "return document.getElementById('network').data.map(t => t.hovertext).flat().filter(Boolean)"
        assert any(text.startswith("CHN to ") for text in driver.execute_script(hover))
        errors = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert errors == []
        driver.save_screenshot(str(tmp_path / "page.png"))
        assert plt.imread(tmp_path / "page.png")[..., :3].std() > 0.05
    finally:
        driver.quit()
    one = net.to_html(tmp_path / "one.html").read_text(encoding="utf-8")
    assert json.dumps(net.title)[1:-1] in one
    with pytest.raises(gk.OptionError, match="empty"):
        networks_html([], tmp_path / "none.html")
