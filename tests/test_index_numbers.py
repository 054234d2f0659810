"""Numbers of an index that hide a choice: signs of loadings, ratios, units, ranks, draws at the edge."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit import Scheme, Uncertainty
from gvckit.index.uncertainty import dirichlet


def correlated(loadings, share=0.7, rows=400):
    """Columns whose correlations have exactly this first component, with this share of the variance."""
    first = np.asarray(loadings) / np.linalg.norm(loadings)
    # A matrix with ones on its diagonal: a common part along the component, the rest of each column its own.
    corr = share * np.outer(first, first) * len(first)
    np.fill_diagonal(corr, 1)
    noise = np.random.default_rng(4).normal(size=(rows, len(first)))
    noise = np.linalg.qr(noise - noise.mean(0))[0]
    return pd.DataFrame(noise @ np.linalg.cholesky(corr).T, columns=list("abc")[: len(first)]), corr


def test_pca_tells_what_loads_against_the_others():
    frame, corr = correlated([0.6, -0.7, 0.4])
    vectors = np.linalg.eigh(corr)[1][:, -1]
    want = vectors * np.sign(vectors.sum())
    scheme = Scheme(list("abc"), weights="pca", normalisation="zscore")
    with pytest.warns(gk.GvcWarning, match=r"b load against the other indicators \(a \+0.6.*b -0.6.*direction -1"):
        found = gk.composite_index(frame, scheme)
    np.testing.assert_allclose(found.loadings, want, atol=1e-9)
    np.testing.assert_allclose(found.weights, want**2, atol=1e-9)
    assert "b -0.6" in found.explain()
    assert "b against the others" in found.explain()
    turned = gk.composite_index(frame, Scheme(list("abc"), weights="pca", normalisation="zscore", direction={"b": -1}))
    np.testing.assert_allclose(turned.loadings, np.abs(want), atol=1e-9)
    np.testing.assert_allclose(turned.weights, found.weights, atol=1e-9)
    assert "against" not in turned.explain()
    assert gk.composite_index(frame, Scheme(list("abc"))).loadings is None
    with pytest.raises(gk.IndicatorError, match="no component comes first"):
        gk.composite_index(
            correlated([1.0, 1.0], share=0.0)[0], Scheme(["a", "b"], weights="pca", normalisation="zscore")
        )


def test_ratios_to_a_reference_keep_the_order_or_are_refused():
    def of(values, **options):
        frame = pd.DataFrame({"a": values}, index=["u", "v", "w"])
        return gk.composite_index(frame, Scheme(["a"], normalisation="reference", reference="u", **options)).index

    with pytest.raises(gk.IndicatorError, match=r"'a' is -2, and a ratio to a reference"):
        of([-2.0, 2, 3])
    with pytest.raises(gk.IndicatorError, match=r"'a', row 'v', is -2, and a ratio"):
        of([2.0, -2, 3])
    assert of([2.0, 0, 3]).tolist() == [1, 0, 1.5]
    assert of([2.0, 4, 1], direction={"a": -1}).tolist() == [1, 0.5, 2]


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=6), st.sampled_from([1, -1]), st.integers(0, 5))
def test_normalisations_keep_the_order_and_pass_over_the_unit(values, direction, place):
    frame = pd.DataFrame({"a": values})
    reference = place % len(values)
    spread = np.ptp(values) > 1e-9
    for kind in ("zscore", "minmax", "rank", "percentile", "reference"):
        if not spread and kind in ("zscore", "minmax"):
            continue
        scheme = Scheme(["a"], normalisation=kind, reference=reference, direction={"a": direction})
        index = gk.composite_index(frame, scheme).index.to_numpy()
        order = np.array(values) * direction
        assert all((index[i] - index[j]) * (order[i] - order[j]) >= 0 for i in range(len(order)) for j in range(i))
        for unit in (1e160, 1e-160, 1e300):
            same = gk.composite_index(frame * unit, scheme).index
            np.testing.assert_allclose(same, index, rtol=1e-9, atol=1e-12)


def test_what_is_constant_to_rounding_is_constant():
    frame = pd.DataFrame({"a": [0.3, 0.3, 0.1 + 0.2], "b": [1.0, 2, 3]})
    assert frame["a"].nunique() == 2
    for options in ({}, {"normalisation": "zscore"}, {"weights": "pca", "normalisation": "none"}):
        with pytest.raises(gk.IndicatorError, match="'a' is constant"):
            gk.composite_index(frame, Scheme(["a", "b"], **options))


def test_ranks_are_within_years():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([["X", "Y", "Z"], [2000, 2001]], names=["country", "year"])
    frame = pd.DataFrame(rng.random((6, 2)), index=index, columns=["a", "b"])
    found = gk.composite_index(frame, Scheme(["a", "b"]), Uncertainty(draws=500, error=0.2, quantiles=(0, 0.5, 1)))
    assert found.rank_bands.to_numpy().max() <= 3
    alone = Uncertainty(draws=5, concentration=None, quantiles=(0.5,))
    still = gk.composite_index(frame, Scheme(["a", "b"]), alone)
    want = still.index.groupby("year").rank(ascending=False)
    np.testing.assert_array_equal(still.rank_bands[0.5], want)
    # One year or one country after the other is one list.
    flat = gk.composite_index(frame.droplevel("country").reset_index(drop=True), Scheme(["a", "b"]), alone)
    np.testing.assert_array_equal(flat.rank_bands[0.5], flat.index.rank(ascending=False))
    moved = []
    for year in (2000, 2001):
        rows = np.flatnonzero(index.get_level_values("year") == year)
        for leave, stay in (("a", "b"), ("b", "a")):
            ranks = [pd.Series(v.to_numpy()[rows]).rank(ascending=False) for v in (found.normalised[stay], found.index)]
            moved += [(leave, change) for change in (ranks[0] - ranks[1]).abs()]
    change = pd.DataFrame(moved, columns=["left out", "change"]).groupby("left out")["change"].mean()
    np.testing.assert_allclose(found.audit()["rank_change"], change.loc[["a", "b"]])


def test_weights_of_a_tiny_concentration_are_one_or_none():
    # Two indicators 0 and 1 in one row: the index is the weight of the second, 1 as often as it weighs.
    frame = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    scheme = Scheme(["a", "b"], weights={"a": 0.7, "b": 0.3})
    for concentration in (1e-4, 1e-12, 1e-300):
        spread = Uncertainty(draws=20_000, concentration=concentration, quantiles=(0.1, 0.6, 0.75, 0.9))
        found = gk.composite_index(frame, scheme, spread)
        np.testing.assert_allclose(found.bands.iloc[0], [0, 0, 1, 1], atol=1e-3)
        # The same by the uniform variables of a sensitivity analysis.
        uniform = np.random.default_rng(0).random((20_000, 2))
        weights = dirichlet(np.array([0.7, 0.3]), concentration, uniform)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        np.testing.assert_allclose(weights.mean(axis=0), [0.7, 0.3], atol=0.015)
