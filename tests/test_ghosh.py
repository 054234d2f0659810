"""Extraction of supplies (Ghosh): against the literal allocation model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from strategies import tables


def literal(t, source, target, cut=1.0, mutual=False):
    """Output lost by row when inputs from source don't reach target: x*' = v' (I - D*)^-1."""
    z, x, n = t.arrays.z, t.arrays.x, len(t.sectors)
    of = np.arange(len(x)) // n
    d = np.divide(z, x[:, None], out=np.zeros_like(z), where=x[:, None] != 0)
    primary = x - z.sum(0)
    after = d.copy()
    for a, b in [(source, target), (target, source)][: 1 + mutual]:
        after[np.ix_(of == t.regions.index(a), of == t.regions.index(b))] *= 1 - cut
    eye = np.eye(len(x))
    return np.linalg.solve(eye - d.T, primary) - np.linalg.solve(eye - after.T, primary)


@given(tables(), st.sampled_from([0.3, 1.0]), st.booleans())
def test_missing_supplies_are_the_literal_model(t, cut, mutual):
    if len(t.regions) == 1:
        return
    a, b = t.regions[:2]
    found = gk.extract(t, a, b, cut=cut, mutual=mutual, model="ghosh")
    want, scale = literal(t, a, b, cut, mutual), t.x.abs().max()
    np.testing.assert_allclose(found["loss"], want, rtol=1e-6, atol=1e-9 * scale)
    alive = t.x.to_numpy() != 0
    np.testing.assert_allclose(found["share"][alive], want[alive] / t.x[alive], atol=1e-7)
    assert found.attrs["question"].startswith("supply-driven")


def test_buyers_lose_output_and_sellers_value_added(sample):
    supply = gk.extract(sample, "CHN", "USA", model="ghosh")
    demand = gk.extract(sample, "CHN", "USA")
    losers = supply["share"].groupby("region").max()
    assert losers.idxmax() == "USA"
    assert demand["loss"].groupby("region").sum().idxmax() == "CHN"
    assert demand.attrs["question"].startswith("demand-driven")
    assert demand.attrs["model"] == "leontief"
    assert gk.decouple(sample, "CHN", "USA").attrs["question"].startswith("demand-driven")
    # Without inputs nothing is missing of final goods; `final` says nothing here.
    np.testing.assert_array_equal(supply, gk.extract(sample, "CHN", "USA", final=False, model="ghosh"))
    goods = gk.extract(sample, "CHN", "USA", sectors="Electrical and optical equipment", model="ghosh")
    assert 0 < goods["loss"].sum() < supply["loss"].sum()
    assert goods.attrs["trade_cut"] < supply.attrs["trade_cut"]


def test_the_model_is_one_of_two(sample):
    with pytest.raises(gk.OptionError, match="'leontief', 'ghosh'"):
        gk.extract(sample, "CHN", "USA", model="gosh")
