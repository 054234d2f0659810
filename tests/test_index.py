import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit import Scheme, Uncertainty, schemes

# Examples of the COINr type: three units, four indicators, worked by hand below.
DATA = pd.DataFrame(
    {"a": [1.0, 3.0, 5.0], "b": [10.0, 30.0, 20.0], "c": [4.0, 2.0, 3.0], "d": [100.0, 110.0, 150.0]},
    index=pd.Index(["u", "v", "w"], name="unit"),
)
LEVELS = {"p": ["a", "b"], "q": ["c", "d"]}


def test_two_pillars_by_hand():
    scheme = Scheme(LEVELS, weights={"p": 0.6, "q": 0.4, "a": 0.25, "b": 0.75}, direction={"c": -1})
    found = gk.composite_index(DATA, scheme)
    # minmax: a 0 .5 1; b 0 1 .5; c (less is more) 0 1 .5; d 0 .2 1
    assert found.normalised["c"].tolist() == [0.0, 1.0, 0.5]
    # p = .25 a + .75 b = 0, .875, .625; q = (c + d) / 2 = 0, .6, .75; index = .6 p + .4 q
    np.testing.assert_allclose(found.pillars["p"], [0, 0.875, 0.625])
    np.testing.assert_allclose(found.pillars["q"], [0, 0.6, 0.75])
    np.testing.assert_allclose(found.index, [0, 0.765, 0.675])
    # c adds .4 * .5 * c
    np.testing.assert_allclose(found.contributions["c"], [0, 0.2, 0.1])
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.index)
    np.testing.assert_allclose(found.pillar_contributions["q"], [0, 0.24, 0.3])
    assert found.weights.to_dict() == pytest.approx({"a": 0.15, "b": 0.45, "c": 0.2, "d": 0.2})
    assert found.coverage.tolist() == [1, 1, 1]
    assert found.title == "composite index"


def test_geometric_and_harmonic_by_hand():
    frame = pd.DataFrame({"a": [1.0, 4.0], "b": [4.0, 4.0]})
    for mean, value in (("geometric", 2.0), ("harmonic", 1.6), ("arithmetic", 2.5)):
        found = gk.composite_index(frame, Scheme(["a", "b"], normalisation="none", aggregation=mean))
        np.testing.assert_allclose(found.index, [value, 4.0])
        np.testing.assert_allclose(found.contributions.sum(axis=1), found.index)


def test_every_normalisation_by_hand():
    scale = {
        "zscore": [-1.0, 0.0, 1.0],
        "rank": [1.0, 2.0, 3.0],
        "percentile": [0.0, 0.5, 1.0],
        "goalposts": [0.0, 0.25, 0.75],
        "target": [0.0, 0.25, 0.5],
        "reference": [1 / 3, 1.0, 5 / 3],
        "none": [1.0, 3.0, 5.0],
    }
    for kind, values in scale.items():
        scheme = Scheme(
            ["a"], normalisation=kind, goalposts={"a": (2, 6)} if kind == "goalposts" else {},
            targets={"a": 9.0} if kind == "target" else {}, reference="v" if kind == "reference" else None,
        )  # fmt: skip
        np.testing.assert_allclose(gk.composite_index(DATA, scheme).index, values, atol=1e-15, err_msg=kind)
    assert set(scale) | {"minmax"} == set(gk.core.index_options()[0])


def test_entropy_and_pca_weights_by_hand():
    even = pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 3.0]})
    found = gk.composite_index(even, Scheme(["a", "b"], weights="entropy", normalisation="none"))
    assert found.weights.tolist() == pytest.approx([0.0, 1.0])
    # b of p = 1/4, 3/4 alone carries information; with c = b both weigh the same.
    both = even.assign(c=even["b"])
    found = gk.composite_index(both, Scheme(["a", "b", "c"], weights="entropy", normalisation="none"))
    assert found.weights.tolist() == pytest.approx([0.0, 0.5, 0.5])
    # Two perfectly correlated indicators and one without correlation: loadings 1/2, 1/2, 0.
    three = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [0.0, 2, 4, 6], "c": [1.0, -1, -1, 1]})
    found = gk.composite_index(three, Scheme(["a", "b", "c"], weights="pca", normalisation="zscore"))
    assert found.weights.tolist() == pytest.approx([0.5, 0.5, 0.0], abs=1e-12)
    nested = gk.composite_index(three, Scheme({"p": ["a", "c"], "q": ["b"]}, weights="pca", normalisation="zscore"))
    assert nested.weights.tolist() == pytest.approx([0.5, 0.0, 0.5], abs=1e-12)


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
        from gvckit.index.uncertainty import _dirichlet

        uniform = np.random.default_rng(0).random((20_000, 2))
        weights = _dirichlet(np.array([0.7, 0.3]), concentration, uniform)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        np.testing.assert_allclose(weights.mean(axis=0), [0.7, 0.3], atol=0.015)


def test_missing_values_renormalise_carry_or_refuse():
    frame = pd.DataFrame(
        {"a": [0.0, 1.0, 2.0], "b": [0.0, np.nan, 4.0]}, index=pd.Index([2000, 2001, 2002], name="year")
    )
    found = gk.composite_index(frame, Scheme(["a", "b"], weights={"a": 0.25, "b": 0.75}))
    assert found.index.tolist() == [0.0, 0.5, 1.0]
    assert found.coverage.tolist() == [1.0, 0.25, 1.0]
    assert found.partial.tolist() == [False, True, False]
    assert "partial index" in found.title
    carried = gk.composite_index(frame, Scheme(["a", "b"], weights={"a": 0.25, "b": 0.75}, missing="carry"))
    assert carried.index.tolist() == [0.0, 0.125, 1.0]
    with pytest.raises(gk.IndicatorError, match="'b' in 2001"):
        gk.composite_index(frame, Scheme(["a", "b"], missing="refuse"))
    assert frame.isna().sum().sum() == 1  # the argument is as it was
    countries = pd.concat({"X": frame, "Y": frame.iloc[::-1]}, names=["country"])
    within = gk.composite_index(countries, Scheme(["b", "a"], missing="carry")).indicators["b"]
    # In the order of time, whatever the order of the rows.
    assert within["X", 2001] == within["Y", 2001] == 0.0
    assert carried.carried.to_numpy().sum() == 1
    assert carried.title == "composite index, 1 values carried forward"
    for index, message in ((["x", "y", "z"], "level called 'year'"), (pd.Index([1, 2, 3], name="time"), "'time'")):
        with pytest.raises(gk.LabelError, match=message):
            gk.composite_index(frame.set_axis(index), Scheme(["a", "b"], missing="carry"))


def test_audit_by_hand():
    found = gk.composite_index(DATA, Scheme(["a", "d"], normalisation="minmax"))
    audit = found.audit()
    index = np.array([0, 0.35, 1])
    assert audit.loc["a", "correlation"] == pytest.approx(np.corrcoef([0, 0.5, 1], index)[0, 1])
    assert audit.loc["a", "index_change"] == pytest.approx(np.abs(np.array([0, 0.2, 1]) - index).mean())
    r = np.corrcoef([0, 0.5, 1], [0, 0.2, 1])[0, 1]
    # Standardised alpha of two items is the Spearman-Brown formula.
    assert audit.attrs["cronbach_alpha"] == pytest.approx(2 * r / (1 + r))
    assert found.correlations().loc["a", "d"] == pytest.approx(r)
    assert np.isnan(gk.cronbach_alpha(DATA[["a"]]))


# ---- uncertainty -------------------------------------------------------------------------------------------------


def years(count=12, seed=3):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        rng.random((count, 4)), index=pd.RangeIndex(2000, 2000 + count, name="year"), columns=list("abcd")
    )


def test_bands_are_reproducible_and_hold_the_index():
    scheme = Scheme(LEVELS)
    spread = Uncertainty(draws=4000, seed=11, error=0.02)
    one, two = (gk.composite_index(years(), scheme, spread) for _ in range(2))
    pd.testing.assert_frame_equal(one.bands, two.bands)
    other = gk.composite_index(years(), scheme, Uncertainty(draws=4000, seed=12, error=0.02))
    assert not one.bands.equals(other.bands)
    assert (one.bands[0.05] <= one.bands[0.95]).all()
    assert ((one.rank_bands >= 1) & (one.rank_bands <= 12)).all(axis=None)
    inside = (one.index >= one.bands[0.05]) & (one.index <= one.bands[0.95])
    assert inside.mean() > 0.7


def test_bands_of_dirichlet_weights_are_those_of_a_beta():
    # Two indicators 0 and 1 in one row: the index is the weight of the second, Beta(c w, c (1 - w)).
    from scipy.stats import beta

    frame = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    scheme = Scheme(["a", "b"], weights={"a": 0.7, "b": 0.3})
    found = gk.composite_index(frame, scheme, Uncertainty(draws=200_000, concentration=20.0, quantiles=(0.1, 0.5, 0.9)))
    np.testing.assert_allclose(found.bands.iloc[0], beta(6, 14).ppf([0.1, 0.5, 0.9]), atol=2e-3)


def test_input_errors_are_log_normal():
    frame = pd.DataFrame({"a": [2.0, 1.0]})
    scheme = Scheme(["a"], normalisation="none")
    found = gk.composite_index(
        frame, scheme, Uncertainty(draws=200_000, concentration=None, error=0.1, quantiles=(0.16, 0.5))
    )
    from scipy.stats import norm

    want = 2 * np.exp(0.1 * norm.ppf([0.16, 0.5]) - 0.005)
    np.testing.assert_allclose(found.bands.iloc[0], want, rtol=2e-3)


def test_no_spread_gives_the_index():
    still = Uncertainty(draws=50, concentration=None, error=0.0)
    found = gk.composite_index(years(), Scheme(LEVELS), still)
    for column in found.bands:
        np.testing.assert_array_equal(found.bands[column], found.index)


def test_sobol_indices_of_a_sum():
    # Index = (error of a) + (error of b) would mix streams, so weights: the index is linear in one Beta weight.
    found = gk.composite_index(years(), Scheme(LEVELS, bounds=(1, 2)))
    spread = Uncertainty(aggregations=("arithmetic", "geometric", "harmonic"), concentration=None, error=0.3)
    parts = found.sensitivity(spread, n=256)
    assert parts.index.names == ["year", "choice"]
    assert set(parts.loc[2000].index) == {"aggregation", "input errors"}
    # With two factors, what is not first-order of one is in the total of the other.
    gap = parts["S1"].xs("aggregation", level="choice") + parts["ST"].xs("input errors", level="choice") - 1
    assert gap.abs().median() < 0.1
    assert (parts["ST"].xs("input errors", level="choice") > 0.5).all()
    by_weight = found.sensitivity(Uncertainty(), n=64).loc[2003]
    assert set(by_weight.index) == {f"weight of {name}" for name in "abcdpq"}
    assert by_weight["ST"].sum() > 0.8


def test_sensitivity_is_reproducible_and_leaves_numpy_alone():
    found = gk.composite_index(years(), Scheme(LEVELS))
    np.random.seed(5)  # noqa: NPY002
    one = found.sensitivity(n=16)
    after = np.random.rand()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert after == np.random.rand()  # noqa: NPY002
    pd.testing.assert_frame_equal(one, found.sensitivity(n=16))


def test_salib_is_named_when_it_is_missing(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(gk.MissingDependencyError, match=r"pip install 'gvckit\[sensitivity\]'"):
        gk.composite_index(years(), Scheme(LEVELS)).sensitivity()


@given(st.integers(2, 8), st.integers(1, 5), st.integers(0, 2**32 - 1), st.floats(0, 0.5))
def test_properties_of_any_index(rows, count, seed, holes):
    rng = np.random.default_rng(seed)
    names = [f"i{k}" for k in range(count)]
    frame = pd.DataFrame(rng.normal(size=(rows, count)), columns=names)
    frame = frame.mask(rng.random(frame.shape) < holes)
    frame.iloc[0], frame.iloc[1] = rng.normal(size=count), rng.normal(size=count)
    frame = frame.dropna(how="all")
    for mean in ("arithmetic", "geometric", "harmonic"):
        found = gk.composite_index(frame, Scheme(names, bounds=(1.0, 3.0), aggregation=mean))
        assert found.index.between(1 - 1e-12, 3 + 1e-12).all()
        np.testing.assert_allclose(found.contributions.sum(axis=1), found.index, rtol=1e-12)
        np.testing.assert_allclose(found.coverage, frame.notna().mean(axis=1), rtol=1e-12)
        # Min-max does not see the unit or the origin of an indicator, and the order of rows doesn't matter.
        moved = gk.composite_index(frame.iloc[::-1] * 7 + 3, Scheme(names, bounds=(1.0, 3.0), aggregation=mean))
        np.testing.assert_allclose(moved.index.iloc[::-1], found.index, rtol=1e-9)


# ---- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"weights": {"a": 0.5, "b": 0.6}}, gk.OptionError, "sum to 1.1"),
        ({"weights": {"a": 1.5, "b": -0.5}}, gk.OptionError, "weight of 'b' is -0.5"),
        ({"weights": {"a": 1.0}}, gk.OptionError, r"of \['b'\] not"),
        ({"weights": {"a": 0.5, "z": 0.5}}, gk.LabelError, "'z'"),
        ({"weights": [0.5, 0.5]}, gk.OptionError, "a mapping by name"),
        ({"weights": pd.Series({"A": 0.9, "B": 0.1})}, gk.LabelError, "'A'"),
        ({"direction": [1, -1]}, gk.OptionError, "a mapping by name"),
        ({"targets": {"a": np.nan}}, gk.OptionError, "target of 'a' is nan"),
        ({"targets": {"a": "high"}}, gk.OptionError, "target of 'a' is high"),
        ({"weights": {"a": "x", "b": 1}}, gk.OptionError, "weight of 'a' is 'x'"),
        ({"direction": {"a": None}}, gk.OptionError, "1 and -1"),
        ({"bounds": (0, np.inf)}, gk.OptionError, "two numbers"),
        ({"goalposts": {"a": 3}}, gk.OptionError, "two numbers"),
        ({"weights": "magic"}, gk.OptionError, "'equal', 'entropy', 'pca'"),
        ({"normalisation": "box"}, gk.OptionError, "'minmax'"),
        ({"aggregation": "mode"}, gk.OptionError, "'harmonic'"),
        ({"direction": {"a": 2}}, gk.OptionError, "1 and -1"),
        ({"normalisation": "goalposts"}, gk.OptionError, "goalposts of 'a' are missing"),
        ({"normalisation": "target"}, gk.OptionError, "target of 'a' is missing"),
        ({"normalisation": "reference"}, gk.OptionError, "needs reference="),
        ({"goalposts": {"a": (3, 3)}}, gk.OptionError, "first must be below"),
        ({"bounds": (1, 1)}, gk.OptionError, "first must be below"),
        ({"missing": "guess"}, gk.OptionError, "'carry'"),
    ],
)
def test_schemes_that_can_not_be_meant(options, error, message):
    with pytest.raises(error, match=message):
        Scheme(["a", "b"], **options)


def test_levels_that_can_not_be_meant():
    for levels, message in (
        ({"p": "ab"}, "is one name"),
        (["a", "a"], "twice"),
        ([], "no indicator"),
        ({"a": ["a"]}, "twice"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            Scheme(levels)


def test_levels_that_hold_nothing_or_too_much():
    for levels, message in (
        ({"p": [], "q": ["a"]}, "'p' has nothing"),
        (None, "a list of indicators"),
        (["coverage"], "name of a result"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            Scheme(levels)


def test_a_series_of_weights_is_a_mapping():
    found = gk.composite_index(DATA, Scheme(["a", "b"], weights=pd.Series({"b": 0.1, "a": 0.9})))
    assert found.weights.to_dict() == {"a": 0.9, "b": 0.1}


def test_data_that_can_not_be_indexed():
    whole = Scheme(["a", "b"])
    cases = [
        (DATA.assign(a=1.0), whole, gk.IndicatorError, "'a' is constant, and min-max"),
        (DATA.iloc[:1], Scheme(["a"], normalisation="zscore"), gk.IndicatorError, "'a' has one value"),
        (DATA, Scheme(["a", "b"], aggregation="geometric"), gk.IndicatorError, "'a', row 'u', is 0, and the geometric"),
        (DATA.assign(a=np.nan, b=np.nan), whole, gk.IndicatorError, "row 'u' has no value at all"),
        (DATA[["a"]], whole, gk.LabelError, "'b'"),
        (DATA.iloc[:0], whole, gk.ShapeError, "no rows"),
        (DATA.assign(a=["x", 1, 2]), whole, gk.ShapeError, "not numbers"),
        (DATA.assign(a=[np.inf, 1, 2]), whole, gk.IndicatorError, "'a' is infinite in 'u'"),
        (pd.concat([DATA, DATA]), whole, gk.LabelError, "'u' comes twice"),
        (DATA, Scheme(["a"], normalisation="target", targets={"a": 0.5}), gk.IndicatorError, "wrong side"),
        (DATA, Scheme(["a"], normalisation="reference", reference="z"), gk.LabelError, "'z'"),
        (
            DATA.assign(b=[0, 1, 2]),
            Scheme(["b"], normalisation="reference", reference="u"),
            gk.IndicatorError,
            "divided",
        ),
        (DATA.assign(a=2.0), Scheme(["a", "b"], weights="pca", normalisation="none"), gk.IndicatorError, "constant"),
        (DATA.to_dict(), whole, gk.ShapeError, "DataFrame"),
        (DATA[["a", "a", "b"]], whole, gk.LabelError, "'a' comes twice"),
        (DATA.assign(b=[np.nan, 1, 2]), Scheme(["a", "b"], weights={"a": 0, "b": 1}), gk.IndicatorError, "weighs more"),
        (-DATA, Scheme(["a", "b"], weights="entropy", normalisation="none"), gk.IndicatorError, "not negative"),
        (DATA.iloc[:1], Scheme(["a"], weights="entropy", normalisation="none"), gk.IndicatorError, "two or more rows"),
    ]
    for frame, scheme, error, message in cases:
        with pytest.raises(error, match=message):
            gk.composite_index(frame, scheme)


def test_spreads_that_can_not_be_drawn():
    for options, message in (
        ({"draws": 0}, "one or more"),
        ({"draws": 10.5}, "whole number"),
        ({"seed": 1.5}, "whole number"),
        ({"seed": -1}, "from 0"),
        ({"concentration": 0}, "positive"),
        ({"normalisations": ("box",)}, "'minmax'"),
        ({"aggregations": ("mode",)}, "'harmonic'"),
        ({"quantiles": (2,)}, "between 0 and 1"),
        ({"quantiles": ()}, "between 0 and 1"),
        ({"quantiles": "all"}, "between 0 and 1"),
        ({"quantiles": (None,)}, "between 0 and 1"),
        ({"error": -0.1}, "not negative"),
        ({"error": "small"}, "not negative"),
        ({"error": {"a": None}}, "not negative"),
        ({"concentration": "small"}, "positive"),
        ({"concentration": np.nan}, "positive"),
        ({"normalisations": "minmax"}, "a tuple of names"),
        ({"normalisations": 5}, "a tuple of names"),
        ({"aggregations": "geometric"}, "a tuple of names"),
        ({"normalisations": ("minmax", "zscore")}, r"other scales \(bounds, zscore\)"),
        ({"normalisations": ("rank", "percentile")}, "other scales"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            Uncertainty(**options)
    with pytest.raises(gk.LabelError, match="'z'"):
        gk.composite_index(DATA, Scheme(["a"]), Uncertainty(error={"z": 0.1}))
    with pytest.raises(gk.OptionError, match="don't fit"):
        gk.composite_index(DATA, Scheme(["a"]), 10**12)
    assert gk.composite_index(DATA, Scheme(["a"]), np.int64(10)).bands is not None
    panel = pd.concat({"X": DATA, "Y": DATA}, names=["country"])
    with pytest.raises(gk.LabelError, match="several rows"):
        gk.composite_index(panel, Scheme(["a"], normalisation="reference", reference="X"))
    with pytest.raises(gk.OptionError, match="goalposts"):
        gk.composite_index(DATA, Scheme(["a"]), Uncertainty(normalisations=("goalposts",)))
    scaled = Scheme(["a", "b"], normalisation={"a": "zscore", "b": "minmax"})
    for scheme in (Scheme(["a", "b"], normalisation="zscore"), scaled):
        with pytest.raises(gk.OptionError, match="another scale than the scheme's"):
            gk.composite_index(DATA, scheme, Uncertainty(normalisations=("minmax", "percentile")))
        with pytest.raises(gk.OptionError, match="another scale than the scheme's"):
            gk.composite_index(DATA, scheme).sensitivity(Uncertainty(normalisations=("minmax", "percentile")), 16)
    for bad in ("many", 1.5, True):
        with pytest.raises(gk.OptionError, match="draws="):
            gk.composite_index(DATA, Scheme(["a"]), bad)
    with pytest.raises(gk.OptionError, match="scheme="):
        gk.composite_index(DATA, ["a", "b"])
    with pytest.raises(gk.OptionError, match="uncertainty="):
        gk.composite_index(DATA, Scheme(["a", "b"])).sensitivity(100)
    with pytest.raises(gk.OptionError, match=r"n=1\.5"):
        gk.composite_index(DATA, Scheme(["a", "b"])).sensitivity(n=1.5)
    for bad in ([1.0], pd.DataFrame({"a": ["x"], "b": ["y"]})):
        with pytest.raises(gk.ShapeError):
            gk.cronbach_alpha(bad)
    with pytest.raises(gk.OptionError, match="power of 2"):
        gk.composite_index(DATA, Scheme(["a", "b"])).sensitivity(n=100)
    with pytest.raises(gk.OptionError, match="two or more"):
        gk.composite_index(DATA, Scheme(["a"])).sensitivity()


def test_core_refuses_what_does_not_fit():
    design = Scheme(["a", "b"]).design(DATA, {"a": 0.5, "b": 0.5})
    with pytest.raises(gk.ShapeError, match="indicators"):
        design.composite(np.zeros((2, 3)))
    with pytest.raises(gk.ShapeError, match="one of"):
        gk.core.IndexDesign([1.0], ["box"], np.zeros((1, 4)), (0, 1), [[0]], [1.0], ["arithmetic"])


# ---- Grubel-Lloyd ------------------------------------------------------------------------------------------------


def test_grubel_lloyd():
    assert gk.grubel_lloyd(3.0, 1.0) == pytest.approx(0.5)
    assert np.isnan(gk.grubel_lloyd(0.0, 0.0))
    np.testing.assert_allclose(gk.grubel_lloyd([1, 2, 0], [1, 0, 5]), [1, 0, 0])
    whole = gk.grubel_lloyd(pd.Series([1, 2, 5]), pd.Series([2, 2, 0]))
    np.testing.assert_allclose(whole, [2 / 3, 1, 0])
    e = pd.Series([1.0, 4.0], index=["x", "y"])
    got = gk.grubel_lloyd(e, pd.Series([2.0, 1.0], index=["y", "x"]))
    assert got.to_dict() == pytest.approx({"x": 1.0, "y": 2 / 3})
    assert e.tolist() == [1.0, 4.0]
    with pytest.raises(gk.LabelError, match="different labels"):
        gk.grubel_lloyd(e, pd.Series([2.0], index=["y"]))
    with pytest.raises(gk.ShapeError, match="negative"):
        gk.grubel_lloyd(-1.0, 2.0)
    with pytest.raises(gk.ShapeError, match="shape"):
        gk.grubel_lloyd([1.0], [2.0, 3.0])


# ---- the China-US scheme -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inputs():
    return schemes.china_us_inputs([gk.load_sample(year) for year in (2000, 2005, 2010)])


def test_weights_of_table_one():
    scheme = schemes.china_us()
    weights = scheme.edge_weights(scheme.weights)
    assert {name: weights[name] for name in scheme.pillars} == {
        "trade": 0.4, "investment": 0.3, "tariffs": 0.2, "technology": 0.1,
    }  # fmt: skip
    assert scheme.direction == {"Cc": -1, "Ca": -1}
    assert schemes.china_us("CHN").indicators == ["TC", "I", "Cc", "machinery", "electrical"]
    assert schemes.china_us("USA", "goods", "all_partners").indicators == [
        "TA_goods", "I", "Ca_all", "machinery", "electrical",
    ]  # fmt: skip
    with pytest.raises(gk.OptionError, match="'both', 'CHN', 'USA'"):
        schemes.china_us("EU")


def test_inputs_of_a_table_by_hand(inputs):
    t = gk.load_sample(2005)
    z, y, _, va, n = t.arrays
    c, u = (slice(t.regions.index(r) * n, (t.regions.index(r) + 1) * n) for r in ("CHN", "USA"))
    cu = z[c, u].sum(1) + y[c, t.regions.index("USA")]
    uc = z[u, c].sum(1) + y[u, t.regions.index("CHN")]
    trade = cu.sum() + uc.sum()
    assert inputs.loc[2005, "TC"] == pytest.approx(trade / va[c].sum())
    assert inputs.loc[2005, "TA"] == pytest.approx(trade / va[u].sum())
    k = t.sectors.index("Machinery")
    assert inputs.loc[2005, "machinery"] == pytest.approx(1 - abs(cu[k] - uc[k]) / (cu[k] + uc[k]))


def test_gaps_stay_gaps_and_partial_is_said(inputs):
    assert inputs[["I", "Cc", "Ca"]].isna().all(axis=None)
    found = schemes.china_us_index(inputs)
    assert found.index.index.tolist() == [2000, 2005, 2010]
    np.testing.assert_allclose(found.coverage, 0.5)
    assert found.title.startswith("partial index (TC, TA, machinery, electrical), not the full")
    assert "partial" in repr(found) and "partial" in found._repr_html_() and "0.5" in found.explain()  # noqa: PT018
    proxy = schemes.china_us_index(inputs, trade="goods", tariffs="all_partners")
    assert proxy.index.index.min() == 2000
    assert "all partners" in proxy.title


def test_a_filled_template_completes_the_index(inputs, tmp_path):
    path = tmp_path / "mine.csv"
    schemes.china_us_template(path, [2000, 2005, 2010])
    empty = schemes.china_us_inputs([gk.load_sample(2005)], filled=path)
    assert empty[["I", "Cc", "Ca"]].isna().all(axis=None)
    lines = path.read_text().splitlines()
    filled = [line.replace(",,,,", ",0.1,9.0,3.0,made up for this test") for line in lines]
    filled[-1] = "2010,0.2,8.0,4.0,made up for this test"
    path.write_text("\n".join(filled))
    found = schemes.china_us_index(
        schemes.china_us_inputs([gk.load_sample(y) for y in (2000, 2005, 2010)], filled=path)
    )
    np.testing.assert_allclose(found.coverage, 1.0)
    assert found.title == "China-US interdependence"
    # By hand for 2010: trade, investment, tariffs (Cc best, Ca worst), technology.
    n = found.normalised.loc[2010]
    want = 0.2 * (n.TC + n.TA) + 0.3 * 1.0 + 0.2 * (0.5 * 1 + 0.5 * 0) + 0.05 * (n.machinery + n.electrical)
    assert found.index[2010] == pytest.approx(want)


def test_templates_that_can_not_be_used(tmp_path):
    good = pd.DataFrame({"I": [0.1], "Cc": [9.0], "Ca": [3.0]}, index=pd.Index([2005], name="year"))
    tables = [gk.load_sample(2005)]
    for frame, error, message in (
        (good.assign(I=10.0), gk.ShapeError, "I is 10 in 2005: a fraction"),
        (good.assign(Cc=-1.0), gk.ShapeError, "Cc is -1 in 2005: per cent"),
        (good.drop(columns="Ca"), gk.LabelError, "'Ca'"),
        (pd.concat([good, good]), gk.LabelError, "2005 comes twice"),
        (good.assign(Cc="many"), gk.ShapeError, "not numbers"),
        (good.set_axis([0]), gk.ShapeError, "0 is not a year"),
        (good.set_axis([2000.5]), gk.ShapeError, "2000.5 is not a year"),
    ):
        with pytest.raises(error, match=message):
            schemes.china_us_inputs(tables, filled=frame)
    kept = schemes.china_us_inputs(tables, filled=good.reset_index())
    assert kept.loc[2005, "Cc"] == 9.0
    assert schemes.china_us_inputs(tables[0]).loc[2005].equals(schemes.china_us_inputs(tables).loc[2005])
    for bad, message in (
        ({"sectors": {"machinery": "zz", "electrical": "Mining"}}, "'zz'"),
        ({"sectors": {"foo": "Mining"}}, "lacks 'machinery'"),
    ):
        with pytest.raises(gk.LabelError, match=message):
            schemes.china_us_inputs(tables, **bad)
    with pytest.raises(gk.LabelError, match="'abc' is not a year"):
        schemes.china_us_inputs({"abc": tables[0]})
    with pytest.raises(gk.LabelError, match="'TC'"):
        schemes.china_us_index(good)
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(gk.ReadError, match="year"):
        schemes.china_us_inputs(tables, filled=path)
    with pytest.raises(gk.LabelError, match="two tables"):
        schemes.china_us_inputs(tables * 2)
    with pytest.raises(gk.ShapeError, match="empty"):
        schemes.china_us_inputs([])


def test_asymmetry_has_one_scale_for_both_sides(inputs):
    frame = schemes.china_us_asymmetry(inputs)
    np.testing.assert_allclose(frame["TA - TC"], inputs.loc[frame.index, "TA"] - inputs.loc[frame.index, "TC"])
    # Trade and technology are there, weights 0.8 and 0.2; technology is the same on both sides.
    low, high = frame[["TC", "TA"]].min().min(), frame[["TC", "TA"]].max().max()
    want = 0.8 * (frame["TA"] - frame["TC"]) / (high - low)
    np.testing.assert_allclose(frame["USA - CHN"], want)
    assert frame.attrs["title"].endswith("partial: not all of investment and tariffs")
    three = inputs.loc[[2000, 2005, 2010]]
    one_sided = three.assign(I=[0.1, 0.2, 0.3], Cc=[9.0, 8.0, np.nan], Ca=[3.0, np.nan, np.nan])
    frame = schemes.china_us_asymmetry(one_sided)
    assert frame["coverage_CHN"].tolist() == pytest.approx([1.0, 1.0, 0.8])
    assert frame["coverage_USA"].tolist() == pytest.approx([1.0, 0.8, 0.8])
    assert frame["USA - CHN"].isna().tolist() == [False, True, False]
    with pytest.raises(gk.IndicatorError, match=r"'I' is 0.1 in all years"):
        schemes.china_us_asymmetry(one_sided.assign(I=0.1))


def test_doubtful_facts_are_kept_and_not_used(inputs):
    facts = schemes.china_us_facts().set_index(["series", "period"])
    assert facts.loc[("tariff_applied_wmean_USA", "2019"), "note"].startswith("doubtful")
    assert np.isnan(inputs.loc[2019, "Ca_all"])
    assert inputs.loc[2018, "Ca_all"] == facts.loc[("tariff_applied_wmean_USA", "2018"), "value"]


def test_facts_each_have_a_source_and_check_each_other():
    facts = schemes.china_us_facts()
    assert (facts["source"].str.len() > 5).all() and (facts["unit"].str.len() > 0).all()  # noqa: PT018
    assert not facts.duplicated(["series", "period"]).any()
    assert facts["value"].notna().all()
    yearly = facts[facts["period"].str.len() == 4].set_index(["series", "period"])["value"]
    for census, comtrade in (
        ("US_goods_imports_from_CHN", "US_comtrade_import_CHN"),
        ("US_goods_exports_to_CHN", "US_comtrade_export_CHN"),
    ):
        gap = (yearly[census] / yearly[comtrade]).dropna() - 1
        assert len(gap) >= 10
        assert gap.abs().max() < 0.07


def test_policies_are_in_order():
    events = schemes.us_policies()
    assert events["date"].is_monotonic_increasing
    assert len(events) == 9
