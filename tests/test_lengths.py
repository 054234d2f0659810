import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from conftest import data_file
from reference import Literal
from strategies import tables


@given(tables())
def test_lengths_equal_the_literal_products(t):
    literal = Literal(t)
    for direction in ("forward", "backward"):
        want = literal.lengths(direction == "forward")
        got = gk.core.production_lengths(t.arrays, t.lu, direction == "forward")
        scale = np.abs(want["total"]).max()
        for k, name in enumerate(gk.core.length_columns()):
            np.testing.assert_allclose(got[:, k], want[name], rtol=1e-8, atol=1e-11 * scale, err_msg=name)


@given(tables())
def test_identities(t):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forward, backward = gk.lengths(t), gk.lengths(t, "backward")
        up, down = gk.upstreamness(t), gk.downstreamness(t)
    busy = (t.x > 0).to_numpy()
    np.testing.assert_allclose(forward["total"][busy], up[busy], rtol=1e-9)
    np.testing.assert_allclose(gk.ghosh_inverse(t).sum(axis=1)[busy], up[busy], rtol=1e-9)
    np.testing.assert_allclose(t.B.sum(axis=0), down, rtol=1e-9)
    goods = t.Y.sum(axis=1).to_numpy()
    made = (np.abs(goods) > 1e-6) & busy
    # Final goods are made of value added alone: backward length is downstreamness.
    np.testing.assert_allclose(backward["total"][made], down[made], rtol=1e-8)
    assert up[~busy].isna().all()
    assert (up[busy] >= 1 - 1e-12).all()
    # World totals agree: value added weighted upstreamness is final goods weighted downstreamness.
    assert (up.fillna(0) * t.va).sum() == pytest.approx((down * goods).sum(), rel=1e-9)
    for frame in (forward, backward):
        parts = frame[["gvc_domestic", "gvc_crossings", "gvc_foreign"]].sum(axis=1, skipna=False)
        np.testing.assert_allclose(parts, frame["gvc"], rtol=1e-9)
        simple = frame["simple_crossings"].dropna()
        np.testing.assert_allclose(simple, 1.0, rtol=1e-12)


@given(tables())
def test_levels_are_ratios_of_sums(t):
    for forward in (True, False):
        raw = pd.DataFrame(gk.core.production_lengths(t.arrays, t.lu, forward), t.labels.rows, gk.core.length_columns())
        sums = raw.groupby(level="region", sort=False).sum()
        frame = gk.lengths(t, "forward" if forward else "backward", level="region")
        whole = sums["value_domestic"].where(sums["value_domestic"] != 0)
        np.testing.assert_allclose(frame["domestic"], sums["domestic"] / whole, rtol=1e-9)
        world = gk.lengths(t, "forward" if forward else "backward", level="world")
        assert world["total"].iloc[0] == pytest.approx(raw["total"].sum() / raw["value_total"].sum())


def test_simple_and_complex_chains_make_up_all(sample):
    for direction in ("forward", "backward"):
        frame = gk.lengths(sample, direction, level="region")
        part = gk.core.production_lengths(sample.arrays, sample.lu, direction == "forward")
        sums = pd.DataFrame(part, sample.labels.rows, gk.core.length_columns()).groupby(level=0, sort=False).sum()
        weight = sums["value_simple"] / sums["value_gvc"]
        mixed = frame["simple"] * weight + frame["complex"] * (1 - weight)
        np.testing.assert_allclose(mixed, frame["gvc"])
        assert (frame["complex"] > frame["simple"]).all()
        assert (frame["complex_crossings"] > 1).all()


def test_position_is_the_ratio_of_the_lengths(sample):
    frame = gk.position(sample)
    forward, backward = gk.lengths(sample), gk.lengths(sample, "backward")
    np.testing.assert_allclose(frame["position"], forward["gvc"] / backward["gvc"])
    region = gk.position(sample, level="region")
    assert region.index.name == "region"
    assert 0.8 < region.loc["USA", "position"] < 1.2
    assert region.loc["RUS", "position"] > region.loc["CHN", "position"]
    # In the world as a whole what one sells upstream another buys downstream.
    world = gk.lengths(sample, level="world"), gk.lengths(sample, "backward", level="world")
    assert world[0]["gvc"].iloc[0] == pytest.approx(world[1]["gvc"].iloc[0])


@pytest.mark.parametrize(("year", "bound"), [(1995, 0.006), (2008, 0.003)])
def test_upstreamness_as_antras_and_chor_publish_it(wiod, year, bound):
    """Bounds are what the method of their section 3 gives; a column scaled in place of a row is twice as far off."""
    published = pd.read_csv(data_file("published/antras_chor_2018_upstream_wiod2013.csv"))
    published = published[published["YEAR"] == year]
    sector = "c" + published["WIOT2013_n"].astype(int).astype(str)
    published.index = pd.MultiIndex.from_arrays([published["ISO3C"], sector])
    t = wiod(year)
    for ours, column, most in (
        (gk.upstreamness(t, inventories=True), "GVC_Ui", 0.01),
        (gk.downstreamness(t, inventories=True), "GVC_Di", bound),
    ):
        theirs = published[column].reindex(ours.index)
        both = pd.DataFrame({"ours": ours, "theirs": theirs}).dropna()
        assert len(both) > 1300
        assert (both["ours"] - both["theirs"]).abs().median() < most
        assert both.corr().iloc[0, 1] > 0.95
    plain = gk.upstreamness(t)
    assert (plain - published["GVC_Ui"].reindex(plain.index)).abs().median() < 0.05


def test_downstreamness_scales_rows():
    """Antras and Chor (2018), section 3: rows times Y / (Y - N); by hand (I - A')^-1 summed over rows."""
    t = gk.Mrio.from_arrays(
        [[20.0, 30.0], [15.0, 25.0]], [[30.0, 20.0], [40.0, 0.0]], ["A"], ["s", "t"], ["HFCE", "INVNT"]
    )
    scaled = np.array([[25.0, 37.5], [15.0, 25.0]]) / [100.0, 80.0]
    want = np.linalg.inv(np.eye(2) - scaled).sum(axis=0)
    np.testing.assert_allclose(want, [1.8807, 2.7368], atol=5e-5)
    np.testing.assert_allclose(gk.downstreamness(t, inventories=True), want, rtol=1e-12)


def test_the_inventory_correction_by_hand():
    z = [[2.0, 3.0], [1.0, 4.0]]
    y = [[4.0, 1.0], [6.0, -1.0]]
    t = gk.Mrio.from_arrays(z, y, ["A"], ["s", "t"], ["final", "INVNT"])
    x = np.array([10.0 - 1.0, 10.0 + 1.0])
    expected = np.linalg.solve(np.eye(2) - np.array(z) / x[:, None], np.ones(2))
    np.testing.assert_allclose(gk.upstreamness(t, inventories=True), expected)
    with pytest.raises(gk.OptionError, match="INVNT"):
        gk.upstreamness(gk.Mrio.from_arrays(z, y, ["A"], ["s", "t"], ["a", "b"]), inventories=True)


@given(tables())
def test_multipliers_and_linkages(t):
    literal = Literal(t)
    frame = gk.multipliers(t)
    np.testing.assert_allclose(frame["output"], literal.B.sum(0), rtol=1e-9)
    np.testing.assert_allclose(frame["domestic_output"], literal.L.sum(0), rtol=1e-9)
    np.testing.assert_allclose(frame["value_added"], literal.v @ literal.B, rtol=1e-9, atol=1e-12)
    own = np.diag(literal.own @ (literal.own.T @ (literal.v[:, None] * literal.B)))
    np.testing.assert_allclose(frame["domestic_value_added"], own, rtol=1e-8, atol=1e-12)
    links = gk.linkages(t)
    assert links["backward"].mean() == pytest.approx(1.0)
    assert links["forward"].mean() == pytest.approx(1.0)
    assert set(links["key"]) <= {0.0, 1.0}


def test_propagation_lengths(leather):
    literal = Literal(leather)
    steps = literal.B - np.eye(9)
    sector = gk.propagation_lengths(leather, "sector")
    np.testing.assert_allclose(sector, (literal.B @ steps) / steps)
    assert (sector >= 1 - 1e-12).all(axis=None)
    made = np.where(literal.own.astype(bool), literal.y[:, None], 0.0)
    sums = [(m @ made).reshape(3, 3, 3).sum(1) for m in (literal.B @ steps, steps)]
    np.testing.assert_allclose(gk.propagation_lengths(leather), sums[0] / sums[1])
    idle = gk.Mrio.from_arrays(np.zeros((2, 2)), np.eye(2), ["A", "B"], ["s"])
    assert gk.propagation_lengths(idle).isna().all(axis=None)
    with pytest.raises(gk.OptionError, match="'region', 'sector'"):
        gk.propagation_lengths(leather, "world")


def test_a_region_that_trades_with_nobody_has_no_gvc_length():
    z = np.diag([1.0, 2.0])
    t = gk.Mrio.from_arrays(z, np.diag([5.0, 7.0]), ["A", "B"], ["s"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = gk.lengths(t)
        assert frame[["traditional", "gvc", "gvc_foreign"]].isna().all(axis=None)
        assert gk.position(t)["position"].isna().all()
        decomposed = gk.decompose_exports(t, "wwz")
    assert (decomposed == 0).all(axis=None)
