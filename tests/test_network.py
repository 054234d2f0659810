import json
import shutil
import warnings

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Circle, Polygon
from matplotlib.path import Path as Outline

import gvckit as gk
from gvckit.measures.centrality import centralities
from gvckit.plot.html import networks_html
from gvckit.plot.layout import arrows, layout, scale_of
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


def clear_of(arrow, place, radius):
    """Whether an arrow's outline is outside all nodes, its own too."""
    across = np.hypot(*(arrow.outline[:, None, :] - place.to_numpy()[None, :, :]).transpose(2, 0, 1))
    inside = Outline(arrow.outline).contains_points(place.to_numpy())
    return bool((across > radius[place.index].to_numpy() * (1 - 1e-9)).all()) and not inside.any()


def test_the_map_draws_every_node_and_edge_without_overlap(net):
    small = gk.network(gk.load_sample(2011), "complex", exclude="ROW", backbone="top")
    scale = scale_of([small])
    place, radius = layout([small], scale), scale.radius(small.nodes["exports"])
    for i, a in enumerate(place.index):
        for b in place.index[i + 1 :]:
            assert np.hypot(*(place.loc[a] - place.loc[b])) > radius[a] + radius[b]
    # Areas are to scale, without a floor.
    np.testing.assert_allclose(radius**2 / radius.max() ** 2, small.nodes["exports"] / small.nodes["exports"].max())
    assert all(clear_of(arrow, place, radius) for arrow in arrows(small, place, scale))
    ax = small.plot(title="t")
    drawn = {p.get_gid() for p in ax.patches if isinstance(p, Polygon) and p.get_gid()}
    assert drawn == {f"{e.source} to {e.target}" for e in small.edge_rows()}
    circles = [p for p in ax.patches if isinstance(p, Circle)]
    assert len(circles) == 40 + 4 + 2
    low, high = ax.get_xlim()
    assert all(low <= c.center[0] - c.radius and c.center[0] + c.radius <= high for c in circles)
    labels = [t.get_text() for t in ax.texts]
    assert set(small.flows.index) <= set(labels)
    assert {"200 billion USD", "Strongest tie:\nlargest supplier or buyer", "Other tie"} <= set(labels)
    assert "One scale for all panels" not in labels
    ax.figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.texts]
    whole = ax.figure.bbox
    assert all(b.x0 > 1 and b.y0 > 1 and b.x1 < whole.x1 - 1 and b.y1 < whole.y1 - 1 for b in boxes)
    assert small.plot(ax=ax) is ax
    assert layout([small], scale).equals(place)


def test_all_edges_of_all_kinds_pass_no_node():
    for year, kind in ((1995, "traditional"), (2011, "gvc")):
        all_edges = gk.network(gk.load_sample(year), kind, backbone="top", k=4)
        scale = scale_of([all_edges])
        place, radius = layout([all_edges], scale), scale.radius(all_edges.nodes["exports"])
        hidden = [a.edge[:2] for a in arrows(all_edges, place, scale) if not clear_of(a, place, radius)]
        assert hidden == []


def test_the_grid_keeps_every_region_in_its_place_on_one_scale(net):
    kinds = ("simple", "complex")
    grid = [[gk.network(gk.load_sample(year), kind, backbone="top") for kind in kinds] for year in (1995, 2011)]
    axes = gk.plot.networks(grid, title="x")
    t = gk.load_sample(1995)
    circles = [[p for p in ax.patches if isinstance(p, Circle)][:41] for ax in axes.flat]
    assert all(one.center == two.center for of in circles for one, two in zip(circles[0], of, strict=True))
    sizes = {ax: {c.center: c.radius for c in of} for ax, of in zip(axes.flat, circles, strict=True)}
    place = layout([n for row in grid for n in row])
    exports = [n.nodes.loc["CHN", "exports"] for row in grid for n in row]
    drawn = [of[tuple(place.loc["CHN"])] for of in sizes.values()]
    np.testing.assert_allclose(np.square(drawn) / exports, drawn[0] ** 2 / exports[0])
    figure = axes[0, 0].figure
    key = next(ax for ax in figure.get_axes() if ax not in axes)
    assert "One scale for all panels" in [text.get_text() for text in key.texts]
    figure.draw_without_rendering()

    def unit(ax):
        return ax.transData.transform((1, 0))[0] - ax.transData.transform((0, 0))[0]

    assert unit(key) == pytest.approx(unit(axes[0, 0]))
    for ax in figure.get_axes():
        for text in (*ax.texts, ax.title, ax._left_title):
            box = text.get_window_extent()
            assert not text.get_text() or (box.x0 > 2 and box.x1 < figure.bbox.x1 - 2 and box.y0 > 2)
    one = gk.plot.network(grid[0][0], scale=[grid[1][0]])
    assert "One scale for all panels" in [text.get_text() for text in one.texts]
    own = gk.plot.networks(grid, scale="own")
    assert len(own[0, 0].figure.get_axes()) == 4
    assert set(t.regions) <= {text.get_text() for text in own[0, 0].texts}
    with pytest.raises(gk.OptionError, match="rows of one length"):
        gk.plot.networks([[net], [net, net]])
    with pytest.raises(gk.OptionError, match="'shared', 'own'"):
        gk.plot.networks(grid, scale="mine")
    with pytest.raises(gk.LabelError, match="of the same regions"):
        gk.plot.network(net, scale=[grid[0][0]])


def test_groups_of_ones_own_stand_where_they_lie():
    t = gk.load_sample(2011)
    mine = gk.network(t, "complex", exclude="ROW", backbone="top", blocs=["EU27", "ASEAN"])
    assert mine.groups["DEU"] == "EU27"
    assert mine.groups["IDN"] == "ASEAN"
    assert mine.groups["USA"] == "Rest"
    shares = mine.regionalisation()
    assert shares.index.tolist() == ["EU27", "ASEAN", "Rest"]
    members = mine.groups[mine.groups == "EU27"].index
    assert shares.loc["EU27", "within"] == pytest.approx(mine.flows.loc[members, members].to_numpy().sum())
    place = layout([mine]) - 0.5
    assert place.loc[members, "y"].mean() > 0
    assert place.loc["IDN", "x"] > 0  # Asia is on the right
    ax = mine.plot()
    assert {"EU27", "ASEAN"} <= {text.get_text() for text in ax.texts}
    by_name = gk.network(t, "complex", blocs={"China": "centre", "US": "centre"})
    assert by_name.groups[by_name.groups == "centre"].index.tolist() == ["CHN", "USA"]
    small = t.aggregate(regions=gk.region_mapping(t, ["EU27", "ASEAN"]))
    assert gk.region_groups(small)[["EU27", "ASEAN"]].tolist() == ["Europe", "Asia"]
    with pytest.raises(gk.LabelError, match="Narnia"):
        gk.network(t, "complex", blocs={"Narnia": "x"})
    with pytest.raises(gk.OptionError, match="'EU27'"):
        gk.network(t, "complex", blocs=["EU72"])


def test_titles_name_the_what_if(net):
    named = gk.network(gk.load_sample(2011).replaced(meta={"scenario": "tariffs of 25%"}), "gvc")
    assert named.title == "GVC network, whole economy, 2011, tariffs of 25%"
    assert gk.plot.networks([[named]])[0, 0].figure._supxlabel.get_text().endswith("scenario: tariffs of 25%")


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
    from selenium.webdriver.support.ui import WebDriverWait

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

    def shows(count_of, wanted):
        """Wait for what plotly draws when it gets to it."""
        WebDriverWait(driver, 30, 0.1).until(
            lambda d: d.execute_script(count_of) == wanted, f"{wanted} of {count_of}: {driver.execute_script(count_of)}"
        )

    try:
        driver.get(page.as_uri())
        count = "return document.querySelectorAll('#network .scatterlayer .points path.point').length"
        arrows_shown = "return document.querySelectorAll('#network .shapelayer path').length"
        shown = "return [...document.querySelectorAll('#network text')].map(t => t.textContent)"
        shows(count, 40 + len(nets[0].edges))
        shows(arrows_shown, len(nets[0].edges))
        assert set(nets[0].flows.index) <= set(driver.execute_script(shown))
        assert "1995" in driver.find_element("id", "heading").text
        driver.execute_script(
            "const year = document.getElementById('year'), kind = document.getElementById('kind');"
            "year.value = 1; year.oninput(); kind.value = 'complex'; kind.onchange();"
        )
        assert driver.find_element("id", "heading").text == nets[3].title
        shows(count, 40 + len(nets[3].edges))
        assert driver.find_element("id", "at").text == "2011"
        # Nodes as plotly places them: none on another, all in the order of the print.
        boxes = driver.execute_script(
            "return [...document.querySelectorAll('#network .scatterlayer .points path.point')].map(p => {"
            "const b = p.getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2, b.width / 2, p.style.fill]; })"
        )
        nodes = np.array([box[:3] for box in boxes if "rgb(110" not in box[3]])
        assert len(nodes) == 40
        apart = np.hypot(*(nodes[:, None, :2] - nodes[None, :, :2]).transpose(2, 0, 1))
        touch = nodes[:, None, 2] + nodes[None, :, 2]
        assert (apart + 1e9 * np.eye(40) > touch - 2).all()
        labels = driver.execute_script(
            "return [...document.querySelectorAll('#network .annotation-text')].map(t => {"
            "const b = t.getBoundingClientRect(); return [b.x, b.y, b.right, b.bottom]; })"
        )
        frame = driver.execute_script(
            "const b = document.querySelector('#network .main-svg').getBoundingClientRect();"
            "return [b.x, b.y, b.right, b.bottom]"
        )
        assert len(labels) == 40
        assert all(a[0] >= frame[0] and a[1] >= frame[1] and a[3] <= frame[3] for a in labels)
        find = driver.find_element("id", "find")
        for typed in ("Japan", "jpn", "日本" if "日本" in text else "JP"):
            find.clear()
            find.send_keys(typed)
            own = nets[3].edges[["source", "target"]].eq("JPN").any(axis=1).sum()
            shows(count, 40 + own)
        find.clear()
        find.send_keys("x" * 5)  # nothing found: all of it again
        shows(count, 40 + len(nets[3].edges))
        hover = "return document.getElementById('network').data.map(t => t.hovertext).flat().filter(Boolean)"
        assert any(text.startswith("CHN → ") for text in driver.execute_script(hover))
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
    with pytest.raises(gk.OptionError, match="two networks are of 2011, complex"):
        networks_html([net, net], tmp_path / "twice.html")
    chinese = networks_html([net], tmp_path / "zh.html", language="zh").read_text(encoding="utf-8")
    assert "查找地区" in chinese


def test_equal_flows_are_all_the_largest():
    """A tie goes to nobody's place in the table: each of the equal suppliers counts."""
    z = np.zeros((3, 3))
    y = np.array([[1.0, 0.0, 5.0], [0.0, 1.0, 5.0], [2.0, 1.0, 1.0]])
    t = gk.Mrio.from_arrays(z, y, ["A", "B", "C"], ["s"])
    for order in (["A", "B", "C"], ["B", "A", "C"]):
        place = [t.regions.index(name) for name in order]
        turned = gk.Mrio.from_arrays(z, y[np.ix_(place, place)], order, ["s"])
        found = gk.network(turned, "traditional").hubs(centralities=False)
        assert found["supplier_of"].to_dict() == {"A": 1, "B": 1, "C": 2}


@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0.0, 0.9), st.booleans())
def test_centralities_are_those_of_networkx(count, seed, sparse, tied):
    rng = np.random.default_rng(seed)
    weights = rng.lognormal(0, 2, (count, count)) * (rng.random((count, count)) >= sparse)
    if tied:
        weights = np.ceil(weights)
        weights[weights > 0] = rng.integers(1, 3, (weights > 0).sum())
    np.fill_diagonal(weights, 0.0)
    found = centralities(weights)
    if not weights.any():
        assert all((score == 0).all() for score in found.values())
        return
    graph = nx.from_numpy_array(weights, create_using=nx.DiGraph)
    wanted = {
        "demand_pagerank": nx.pagerank(graph, weight="weight"),
        "supply_pagerank": nx.pagerank(graph.reverse(), weight="weight"),
        "betweenness": nx.betweenness_centrality(
            nx.from_numpy_array(np.divide(1, weights, out=np.zeros_like(weights), where=weights > 0),
                                create_using=nx.DiGraph), weight="weight"),
    }  # fmt: skip
    for name, scores in wanted.items():
        np.testing.assert_allclose(found[name], [scores[k] for k in range(count)], rtol=1e-9, atol=1e-12)
    if not tied and sparse < 0.1 and count > 3:
        hub, authority = nx.hits(graph, max_iter=1000)
        np.testing.assert_allclose(found["hub"], [hub[k] for k in range(count)], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(found["authority"], [authority[k] for k in range(count)], rtol=1e-6, atol=1e-9)
        both = nx.from_numpy_array(weights + weights.T)
        vector = nx.eigenvector_centrality_numpy(both, weight="weight")
        np.testing.assert_allclose(found["eigenvector"], [vector[k] for k in range(count)], rtol=1e-6, atol=1e-9)
