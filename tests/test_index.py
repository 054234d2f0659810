import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit import Scheme, Uncertainty

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
    levels = Uncertainty(draws=10, quantiles=np.array([0.05, 0.95]))
    assert gk.composite_index(years(), scheme, levels).bands.columns.tolist() == [0.05, 0.95]
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
        ({"quantiles": np.array([[0.5]])}, "between 0 and 1"),
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
    with pytest.raises(gk.OptionError, match="allowed are"):
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
