"""Labels ignored or taken apart, numbers that are none: every vector, frame and name comes in by one door."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from strategies import odd_tables, tables

Z = np.array([[10.0, 5.0, 3.0, 2.0], [4.0, 20.0, 1.0, 6.0], [2.0, 3.0, 15.0, 7.0], [1.0, 4.0, 5.0, 25.0]])
Y = np.array([[30.0, 6.0], [40.0, 2.0], [5.0, 50.0], [8.0, 60.0]])
NAMES = {"regions": ["CHN", "USA"], "sectors": ["a", "b"]}
ROWS = pd.MultiIndex.from_product([["CHN", "USA"], ["a", "b"]])


def made(**changes):
    return gk.Mrio.from_arrays(**{"Z": Z, "Y": Y, **NAMES, **changes})


@given(tables(), st.integers(0, 2**32 - 1))
def test_labelled_vectors_and_frames_are_put_in_order(t, seed):
    rng = np.random.default_rng(seed)
    n = len(t.labels.rows)
    va = pd.Series(rng.random(n) + 0.1, index=t.labels.rows)
    order = rng.permutation(n)
    shuffled = va.iloc[order]
    z, y = t.Z.iloc[order, rng.permutation(n)], t.Y.iloc[rng.permutation(n), rng.permutation(t.Y.shape[1])]
    kinds = {"regions": t.regions, "sectors": t.sectors, "categories": t.categories}
    other = gk.Mrio.from_arrays(z, y, **kinds, va=shuffled, x=t.x.iloc[order])
    np.testing.assert_array_equal(other.arrays.z, t.arrays.z)
    np.testing.assert_array_equal(other.given.y, t.given.y)
    np.testing.assert_array_equal(other.arrays.va, va)
    np.testing.assert_array_equal(other.given.x, t.x)
    # What has a mapping's labels is put in order too.
    again = gk.Mrio.from_arrays(t.arrays.z, t.given.y, **kinds, va=shuffled.to_dict())
    np.testing.assert_array_equal(again.arrays.va, va)


def test_balance_takes_series_by_label():
    t = made()
    x = t.x * 1.1
    want, _ = t.balance(x=x.to_numpy())
    found, _ = t.balance(x=x.iloc[::-1])
    np.testing.assert_array_equal(found.arrays.z, want.arrays.z)
    va, demand = t.va.iloc[::-1], t.Y.sum().iloc[::-1]
    np.testing.assert_array_equal(t.balance(va=va, demand=demand)[0].arrays.z, t.balance()[0].arrays.z)
    with pytest.raises(gk.LabelError, match="comes twice"):
        t.balance(x=x.set_axis(x.index[[1, 0, 2, 2]]))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"va": np.ma.masked_array([1.0, 2, 3, 4], [0, 1, 0, 0])}, gk.NonFiniteError, "va is masked at row 1"),
        ({"Z": np.ma.masked_array(Z, Z > 20)}, gk.NonFiniteError, "Z is masked at row 3, column 3"),
        ({"regions": {"CHN", "USA"}}, gk.LabelError, "are a set, which has no order"),
        ({"sectors": frozenset({"a", "b"})}, gk.LabelError, "are a set"),
        ({"Z": Z + 1j}, gk.ShapeError, "Z holds complex numbers"),
        ({"x": np.array(["2000"] * 4, dtype="M8[Y]")}, gk.ShapeError, "x holds dates"),
        ({"x": np.array([1] * 4, dtype="m8[D]")}, gk.ShapeError, "x holds durations"),
        ({"Y": Y > 10}, gk.ShapeError, "Y holds True and False"),
        ({"x": 5.0}, gk.ShapeError, "x has 0 dimensions"),
        ({"va": 1}, gk.ShapeError, "va has 0 dimensions"),
        ({"x": (v for v in [1.0, 2, 3, 4])}, gk.ShapeError, "x"),
        ({"Z": (row for row in Z)}, gk.ShapeError, "Z"),
        ({"x": {1.0, 2.0, 3.0, 4.0}}, gk.ShapeError, "x is a set"),
        ({"x": pd.DataFrame({"x": [1.0, 2, 3, 4]})}, gk.ShapeError, r"x\.iloc"),
        ({"va": pd.Series([1.0, 2, 3, 4], index=list("abcd"))}, gk.LabelError, "labels of 2 levels"),
        ({"va": pd.Series([1.0, 2, 3, 4], index=ROWS.swaplevel())}, gk.LabelError, "swaplevel"),
        ({"Z": pd.DataFrame(Z, index=ROWS, columns=ROWS[[0, 1, 2, 2]])}, gk.LabelError, "comes twice"),
        ({"Z": pd.DataFrame(Z, index=list("abcd"), columns=list("abcd"))}, gk.LabelError, r"pass \.to_numpy"),
        ({"regions": []}, gk.ShapeError, "at least one region"),
        ({"regions": 3}, gk.ShapeError, "a list of labels"),
        ({"regions": None}, gk.ShapeError, "a list of labels"),
        ({"year": "x"}, gk.OptionError, "year='x'"),
        ({"year": 2005.5}, gk.OptionError, "whole number"),
        ({"unit": 5}, gk.OptionError, "unit=5"),
    ],
)
def test_what_is_no_vector_matrix_or_name(changes, error, message):
    with pytest.raises(error, match=message) as caught:
        made(**changes)
    assert isinstance(caught.value, gk.GvcError)


def test_what_is_taken():
    flat = [f"{r}_{s}" for r, s in ROWS]
    order = [3, 1, 0, 2]
    by_name = pd.DataFrame(Z, index=flat, columns=flat).iloc[order, order[::-1]]
    for z in (by_name, pd.DataFrame(Z), Z.tolist(), np.asfortranarray(Z), Z[::-1][::-1], Z.astype(object)):
        np.testing.assert_array_equal(made(Z=z).arrays.z, Z)
    assert made(year=np.int64(2005)).year == made(year=2005.0).year == 2005
    assert made(regions=iter(["CHN", "USA"])).regions == ["CHN", "USA"]
    assert made(regions=pd.Series(["CHN", "USA"], index=[7, 8])).regions == ["CHN", "USA"]


def test_groups_in_every_form():
    t = made()
    pair = t.aggregate({"China": "P", "USA": "P"})
    for form in ({"P": ["CHN", "United States"]}, ["P", "P"], pd.Series({"USA": "P", "CHN": "P"}),
                 pd.DataFrame([[1, 1]], index=["P"], columns=["USA", "CHN"]),
                 pd.DataFrame([[1], [1]], index=["USA", "CHN"], columns=["P"])):  # fmt: skip
        assert t.aggregate(form) == pair
    assert t.aggregate(sectors=np.array([[1, 1]])).sectors == ["sector1"]
    for form, error in (
        ({"CHN": float("nan")}, gk.LabelError), ({"CHN": None}, gk.LabelError), ({"CHN": ""}, gk.LabelError),
        ({"P": ["CHN"], "Q": ["CHN"]}, gk.LabelError), (["P"], gk.ShapeError), ("P", gk.OptionError),
        (5, gk.OptionError),
        (np.array([[0.5, 1.0]]), gk.OptionError), ({"XXX": "P"}, gk.LabelError),
    ):  # fmt: skip
        with pytest.raises(error):
            t.aggregate(form)


def test_rename_and_extensions():
    t = made(extensions={"air": pd.DataFrame([[1.0, 2, 3, 4]], index=["CO2"], columns=ROWS)})
    new = t.rename({"China": "CN"}, {"b": "c"})
    assert (new.regions, new.sectors) == (["CN", "USA"], ["a", "c"])
    assert new.extensions["air"].loc["CO2", ("CN", "c")] == 2.0
    assert gk.participation(new).to_numpy() == pytest.approx(gk.participation(t).to_numpy())
    with pytest.raises(gk.LabelError, match="comes twice"):
        t.rename({"CHN": "USA"})
    jobs = pd.DataFrame([[4.0, 3, 2, 1]], index=["jobs"], columns=ROWS[::-1])
    assert t.with_extensions({"work": jobs}).extensions["work"].loc["jobs"].tolist() == [1.0, 2, 3, 4]
    assert t.with_extensions({"work": jobs}).lu is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda t: gk.extract(t, 5, 6),
        lambda t: gk.extract(t, "CHN", ["USA", 3]),
        lambda t: t.scenario(demand=2),
        lambda t: t.scenario(tariffs=["CHN"]),
        lambda t: gk.participation(t, factor=np.ones(4)),
        lambda t: gk.participation(t, factor=3),
        lambda t: gk.flows(t, sector=5),
        lambda t: gk.flows(t, sector=[]),
        lambda t: gk.network(t, exclude=3),
        lambda t: gk.decompose_exports(t, exporter=3),
        lambda t: gk.trace(t, origins=3),
        lambda t: gk.trace(t, origin="country"),
        lambda t: gk.chokepoints(t, threshold="a"),
        lambda t: t.find(5),
        lambda t: gk.dependence(t, 1, 2),
        lambda t: gk.Mrio(1),
        lambda t: gk.Mrio(),
    ],
)
def test_foreign_errors_are_ours(call):
    with pytest.raises(gk.GvcError) as caught:
        call(made())
    assert len(str(caught.value)) < 400


@given(odd_tables())
def test_strange_labels_stay_whole(t):
    """Pairs stay pairs: frames with joined names, and labels with the separator in them."""
    again = gk.Mrio.from_frames(t.Z, t.Y, regions=t.regions, sectors=t.sectors, va=None if t.given.va is None else t.va)
    np.testing.assert_array_equal(again.arrays.z, t.arrays.z)
    np.testing.assert_array_equal(again.given.y, t.given.y)
    long = t.to_long(zeros=True)
    assert set(long["region"]) == set(t.regions)


def test_names_joined_and_split_again():
    import polars

    regions, sectors = ["CHN", "CHN_N"], ["a", "b"]
    t = gk.Mrio.from_arrays(Z, Y, regions, sectors)
    rows = {"region": [r for r, _ in t.labels.rows], "sector": [s for _, s in t.labels.rows]}
    z = polars.DataFrame(rows | {f"{r}_{s}": t.Z[(r, s)].to_numpy() for r, s in t.labels.rows})
    y = polars.DataFrame(rows | {f"{r}_final": t.Y[(r, "final")].to_numpy() for r in regions})
    again = gk.Mrio.from_frames(z, y)
    np.testing.assert_array_equal(again.given.y, Y)
    np.testing.assert_array_equal(again.arrays.z, Z)


@pytest.mark.parametrize(
    "groups", [["CHN"], {"CHN": float("nan")}, {"XXX": "a"}, pd.Series(["a", "b"], ["CHN", "CHN"])]
)
def test_groups_of_a_measure_go_through_the_door_of_aggregate(sample, groups):
    with pytest.raises(gk.GvcError) as summed:
        sample.aggregate(regions=groups)
    for measure in (gk.participation, gk.position, gk.tiva):
        with pytest.raises(type(summed.value)):
            measure(sample, groups=groups)


def test_groups_by_their_members(sample):
    by_members = gk.participation(sample, groups={"pair": ["CHN", "USA"]})
    pd.testing.assert_frame_equal(by_members, gk.participation(sample, groups={"CHN": "pair", "USA": "pair"}))
