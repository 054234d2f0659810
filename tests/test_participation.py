import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from gvckit.measures.participation import TERMS
from reference import Literal
from strategies import tables

# WIOD 2013, x = row totals, region level, forward shares of value added.
FORWARD = {
    (1995, "CHN"): (0.8091, 0.1043, 0.0620, 0.0246),
    (2008, "CHN"): (0.7360, 0.1227, 0.0866, 0.0546),
    (2008, "USA"): (0.9044, 0.0281, 0.0413, 0.0262),
    (2008, "DEU"): (0.6584, 0.1355, 0.1154, 0.0908),
}
BACKWARD_GVC = {
    (1995, "CHN"): 0.1144,
    (2000, "CHN"): 0.1214,
    (2005, "CHN"): 0.1804,
    (2011, "CHN"): 0.1574,
    (2011, "USA"): 0.0826,
    (2011, "DEU"): 0.1630,
}


@given(tables())
def test_terms_equal_the_literal_products(t):
    literal = Literal(t)
    matrices = literal.participation_terms()
    scale = np.abs(t.va).max()
    for direction, axis in (("forward", 1), ("backward", 0)):
        frame = gk.participation(t, direction, detail=True)
        for term, matrix in zip(TERMS, matrices, strict=True):
            np.testing.assert_allclose(frame[term], matrix.sum(axis), rtol=1e-9, atol=1e-11 * scale)
        returned = literal.returned(direction == "forward")
        np.testing.assert_allclose(frame["returned"], returned, rtol=1e-8, atol=1e-11 * scale)


@given(tables())
def test_identities(t):
    forward, backward = gk.participation(t), gk.participation(t, "backward")
    scale = np.abs(t.va).max()
    np.testing.assert_allclose(forward[TERMS].sum(axis=1), t.va, rtol=1e-10, atol=1e-12 * scale)
    np.testing.assert_allclose(forward["total"], t.va)
    goods = t.Y.sum(axis=1)
    np.testing.assert_allclose(backward[TERMS].sum(axis=1), goods, rtol=1e-10, atol=1e-12 * scale)
    for frame in (forward, backward):
        np.testing.assert_array_equal(frame["gvc"], frame["simple"] + frame["complex"])
    if len(t.regions) == 1:
        np.testing.assert_allclose(forward["domestic"], t.va, rtol=1e-10, atol=1e-12 * scale)
        assert (forward[["traditional", "simple"]] == 0).all(axis=None)


@given(tables())
def test_levels_are_sums_and_shares_are_ratios_of_sums(t):
    for direction in ("forward", "backward"):
        sector = gk.participation(t, direction)
        region = gk.participation(t, direction, level="region")
        world = gk.participation(t, direction, level="world")
        sums = sector.groupby(level="region", sort=False).sum()
        np.testing.assert_allclose(region, sums, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(world.iloc[0], region.sum(), rtol=1e-12, atol=1e-12)
        assert region.index.tolist() == t.regions
        assert region.index.name == "region"
        assert not hasattr(region.index, "levels")
        shares = gk.participation(t, direction, shares=True)
        whole = sector["total"].to_numpy()
        assert shares["total"].isna().to_numpy().tolist() == (whole == 0).tolist()
        np.testing.assert_allclose(shares["simple"][whole != 0], (sector["simple"] / whole)[whole != 0])


def test_detail_splits_complex(leather):
    for direction in ("forward", "backward"):
        frame = gk.participation(leather, direction, detail=True)
        np.testing.assert_allclose(frame["returned"] + frame["third"], frame["complex"])
        assert (frame["returned"] > 0).all()


@pytest.mark.parametrize(("key", "expected"), FORWARD.items())
def test_wiod_forward_shares(wiod, key, expected):
    year, region = key
    shares = gk.participation(wiod(year), level="region", shares=True)
    np.testing.assert_allclose(shares.loc[region, TERMS].to_numpy(), expected, atol=5e-5)


@pytest.mark.parametrize(("key", "expected"), BACKWARD_GVC.items())
def test_wiod_backward_gvc_shares(wiod, key, expected):
    year, region = key
    shares = gk.participation(wiod(year), "backward", level="region", shares=True)
    assert shares.loc[region, "gvc"] == pytest.approx(expected, abs=5e-5)


def test_a_whole_wiod_table_against_the_literal_products(wiod):
    t = wiod(2008)
    matrices = Literal(t).participation_terms()
    for direction, axis in (("forward", 1), ("backward", 0)):
        frame = gk.participation(t, direction)
        for term, matrix in zip(TERMS, matrices, strict=True):
            np.testing.assert_allclose(frame[term], matrix.sum(axis), rtol=1e-9, atol=1e-6)


@given(tables(zero_output=False))
def test_another_value_added_row_adds_up_to_v_x_and_v_b_y(t):
    # Half of value added, say compensation of employees, in place of x - 1'Z.
    half = gk.Mrio.from_arrays(t.arrays.z, t.given.y, t.regions, t.sectors, t.categories, va=t.arrays.va / 2)
    forward, backward = gk.participation(half), gk.participation(half, "backward")
    np.testing.assert_allclose(forward, gk.participation(t) / 2, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(backward[TERMS], gk.participation(t, "backward")[TERMS] / 2, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(backward["total"], t.Y.sum(axis=1) / 2, rtol=1e-8)


@pytest.mark.filterwarnings("ignore:1 sectors buy inputs")
def test_inputs_without_output_carry_no_value_added():
    # s1 buys inputs but has neither output nor sales: its coefficients are 0 by the rule, so no value is traced.
    z = [[1.0, 2.0, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 3.0]]
    t = gk.Mrio.from_arrays(z, [[9.0], [0.0], [9.0]], ["A"], ["s0", "s1", "s2"])
    matrices = Literal(t).participation_terms()
    for direction, axis in (("forward", 1), ("backward", 0)):
        frame = gk.participation(t, direction)
        for term, matrix in zip(TERMS, matrices, strict=True):
            np.testing.assert_allclose(frame[term], matrix.sum(axis), rtol=1e-12, atol=1e-14)


def test_options_that_are_not_known(sample):
    with pytest.raises(gk.OptionError, match="'forward', 'backward'") as caught:
        gk.participation(sample, "sideways")
    assert isinstance(caught.value, ValueError)
    with pytest.raises(gk.OptionError, match="'sector', 'region', 'world'"):
        gk.participation(sample, level="country")


def test_attrs_and_columns(sample):
    frame = gk.participation(sample, shares=True, detail=True)
    assert list(frame.columns) == [*TERMS, "returned", "third", "gvc", "total"]
    assert frame.attrs["year"] == 2005
    assert frame.attrs["unit"] == "share of value added"
    assert (frame.dtypes == np.float64).all()
    assert frame.index.names == ["region", "sector"]


def test_the_core_refuses_arrays_that_do_not_fit(sample):
    z, y, x, va, n = sample.arrays
    good = (z, y, x, va, n)
    assert gk.core.participation_forward(good).shape == (574, 4)
    for broken in [
        (z[:-1], y, x, va, n),
        (z, y[:, :-1], x, va, n),
        (z, y, x[:-1], va, n),
        (z, y, x, va[:-1], n),
        (z, y, x, va, 13),
        (z, y, x, va, 0),
    ]:
        with pytest.raises(gk.ShapeError):
            gk.core.participation_forward(broken)
        with pytest.raises(gk.ShapeError):
            gk.core.participation_backward(broken)
