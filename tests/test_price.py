"""Leontief's price model: against the literal equation, and worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
import reference_counterfactual as ref
from gvckit.models.costs import TARIFF, by_pair
from strategies import tables


@given(tables(), st.integers(0, 2**32 - 1))
def test_prices_are_the_literal_equation(t, seed):
    rng = np.random.default_rng(seed)
    pairs = [(a, b, s) for a in t.regions for b in t.regions if a != b for s in t.sectors]
    tariffs = {pair: float(rng.uniform(0, 0.05)) for pair in pairs}
    factors = {(r, s): float(rng.uniform(0.8, 1.2)) for r in t.regions for s in t.sectors}
    costs = {(r, s): float(rng.uniform(-0.05, 0.1)) for r in t.regions for s in t.sectors}
    x = t.x.to_numpy()
    v = np.divide(x - t.arrays.z.sum(0), x, out=np.zeros_like(x), where=x != 0)
    rates = by_pair(t, "tariffs", tariffs, TARIFF)
    g, n = len(t.regions), len(t.sectors)
    try:
        found = gk.price_effect(t, tariffs, factors, costs)
    except gk.NotProductiveError:
        taxed = t.A.to_numpy() * np.repeat(1 + rates, n, axis=1)
        assert np.abs(np.linalg.eigvals(taxed)).max() > 1 - 1e-9
        return
    producer, _ = ref.price_effect(
        t.A.to_numpy(), t.arrays.y, v, rates.reshape(g, n, g).transpose(0, 2, 1),
        np.array([factors[key] for key in t.labels.rows]), np.array([costs[key] for key in t.labels.rows]), n,
    )  # fmt: skip
    alive = x != 0
    np.testing.assert_allclose(found.producer[alive], producer[alive], rtol=1e-7, atol=1e-9)
    assert found.producer[~alive].isna().all()
    np.testing.assert_allclose(found.producer_parts.sum(axis=1)[alive], found.producer[alive], atol=1e-12)
    bought = t.arrays.y.sum(0)
    p = np.where(alive, producer, 0.0)[:, None]
    cost = (t.arrays.y * ((1 + rates) * (1 + p) - 1)).sum(0)
    want = np.divide(cost, bought, out=np.full(g, np.nan), where=bought != 0)
    scale = 1 + np.divide(np.abs(t.arrays.y).sum(0), np.abs(bought), out=np.ones(g), where=bought != 0)
    np.testing.assert_allclose(found.consumer / scale, want / scale, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        found.by_importer.sum(skipna=False) / scale,
        found.consumer_parts["tariffs_on_inputs"] / scale,
        rtol=1e-6,
        atol=1e-8,
    )


def test_a_chain_over_two_borders_is_taxed_twice():
    # A's ore (1) goes into B's steel (2), which goes into C's car (4), sold in C; one unit of each is made.
    z = np.zeros((3, 3))
    z[0, 1], z[1, 2] = 1.0, 2.0
    y = np.zeros((3, 3))
    y[2, 2] = 4.0
    t = gk.Mrio.from_arrays(z, y, ["A", "B", "C"], ["s"])
    found = gk.price_effect(t, {("A", "B"): 0.5, ("B", "C"): 0.1})
    # Steel costs 1 * 1.5 + 1 = 2.5, a car 2.5 * 1.1 + 2 = 4.75.
    np.testing.assert_allclose(found.producer, [0, 0.25, 0.1875], atol=1e-12)
    assert np.isnan(found.consumer["A"])
    assert found.consumer["C"] == pytest.approx(0.1875)
    paid = found.by_importer["C"].droplevel("sector")
    # B's bill of .5 grows to .55 at the second border; C's own is .2 on the old price.
    np.testing.assert_allclose(paid[["A", "B", "C"]], [0, 0.55 / 4, 0.2 / 4], atol=1e-12)
    final = gk.price_effect(t.replaced(y=y + np.diag([0, 0, 0]) + np.array([[0, 0, 0], [0, 0, 1.0], [0, 0, 0]])),
                            {("B", "C"): 0.1})  # fmt: skip
    assert final.consumer_parts.loc["C", "tariffs_on_final_goods"] == pytest.approx(0.1 * 1 / 5)


def test_all_factors_dearer_make_all_prices_dearer(sample):
    found = gk.price_effect(sample, factor_prices=1.1)
    alive = sample.x.to_numpy() > 0
    np.testing.assert_allclose(found.producer[alive], 0.1, rtol=1e-9)
    np.testing.assert_allclose(found.consumer, 0.1, rtol=1e-3)
    alone = gk.price_effect(sample, factor_prices={"China": 1.1})
    content = (sample.v.to_numpy() * (sample.regions.index("CHN") == np.arange(len(alive)) // 14)) @ sample.B.to_numpy()
    np.testing.assert_allclose(alone.producer[alive], 0.1 * content[alive], rtol=1e-8, atol=1e-12)


def test_a_carbon_price_on_an_extension(sample):
    frame = pd.DataFrame([sample.x.to_numpy() * 0.5], index=["CO2"], columns=sample.labels.rows)
    t = sample.with_extensions({"air": frame})
    cost = (0.02 * t.extensions["air"].loc["CO2"] / t.x).fillna(0)
    found = gk.price_effect(t, costs=cost["CHN"].rename_axis("sector").to_frame("CHN").T)
    everywhere = gk.price_effect(t, costs=cost)
    assert 0 < found.consumer["USA"] < found.consumer["CHN"] < everywhere.consumer["CHN"]
    want = np.linalg.solve(np.eye(len(t.x)) - t.A.to_numpy().T, cost.to_numpy())
    alive = t.x.to_numpy() > 0
    np.testing.assert_allclose(everywhere.producer[alive], want[alive], rtol=1e-9)
    with pytest.raises(gk.OptionError, match="number: a cost per unit of output"):
        gk.price_effect(t, costs={"CHN": np.nan})


def test_primary_inputs_are_the_residual_whatever_va_is(sample):
    other = gk.Mrio.from_arrays(
        sample.arrays.z,
        sample.given.y,
        sample.regions,
        sample.sectors,
        sample.categories,
        va=sample.va.to_numpy() * 0.9,
    )
    one, two = (gk.price_effect(t, factor_prices={"USA": 1.2}).producer for t in (sample, other))
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_who_pays_for_a_tariff(sample):
    found = gk.price_effect(sample, {("CHN", "USA"): 0.25})
    assert found.consumer.idxmax() == "USA"
    assert found.consumer["CAN"] > found.consumer["CHN"] > 0
    assert (found.by_importer.drop(index="USA", level="region") == 0).all().all()
    assert "tariffs_on_final_goods" in repr(found)
    with pytest.raises(gk.NotProductiveError):
        gk.price_effect(sample, {("*", "*"): 30.0, ("CHN", "USA"): 0.1})
    with pytest.raises(gk.OptionError, match="tax its sales to itself"):
        gk.price_effect(sample, {("USA", "USA"): 0.1})
