import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from reference import Literal
from strategies import tables


def with_co2(t, unit="kt"):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((2, len(t.x))), index=pd.Index(["CO2", "jobs"], name="item"), columns=t.labels.rows)
    frame.attrs["unit"] = {"CO2": unit, "jobs": "1000 p"}
    return gk.Mrio.from_arrays(
        t.arrays.z, t.given.y, t.regions, t.sectors, t.categories, year=t.year, unit=t.unit,
        extensions={"satellite": frame},
    )  # fmt: skip


@given(tables())
def test_a_factor_goes_where_the_literal_products_say(t):
    t = with_co2(t)
    f = t.extensions["satellite"].loc["CO2"]
    lit = Literal(t)
    per_unit = np.divide(f, lit.x, out=np.zeros(lit.n), where=lit.x != 0).to_numpy()
    footprint = gk.flows(t, "total", partner="absorber", factor="CO2")
    want = lit.own.T @ (per_unit[:, None] * (lit.B @ lit.Y))
    np.testing.assert_allclose(footprint, want, rtol=1e-9, atol=1e-12)
    assert footprint.attrs["unit"] == "kt"
    assert footprint.attrs["factor"] == "CO2"
    forward = gk.participation(t, factor="CO2")
    np.testing.assert_allclose(
        forward[["domestic", "traditional", "simple", "complex"]].sum(axis=1), per_unit * lit.x, rtol=1e-9, atol=1e-12
    )
    backward = gk.participation(t, "backward", factor=f)
    embodied = (per_unit @ lit.B) * lit.y
    np.testing.assert_allclose(backward["total"], embodied, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        backward[["domestic", "traditional", "simple", "complex"]].sum(axis=1), embodied, rtol=1e-8, atol=1e-10
    )


def test_value_added_as_a_factor_is_value_added(sample):
    va = sample.va.rename("va").iloc[::-1]
    pd.testing.assert_frame_equal(
        gk.participation(sample, factor=va), gk.participation(sample), check_exact=False, rtol=1e-12
    )
    plain = gk.dependence(sample, "CHN", "USA")
    pd.testing.assert_frame_equal(gk.dependence(sample, "CHN", "USA", factor=va), plain, rtol=1e-9)
    matrix = gk.dependence_matrix(sample, "demand_share", factor=va)
    np.testing.assert_allclose(matrix, gk.dependence_matrix(sample, "demand_share"), rtol=1e-9)


def test_results_are_in_the_unit_of_the_factor(sample):
    t = with_co2(sample)
    forward = gk.participation(t, factor="CO2")
    assert (forward.attrs["unit"], forward.attrs["factor"]) == ("kt", "CO2")
    assert gk.participation(t, factor="jobs").attrs["unit"] == "1000 p"
    assert gk.participation(t, shares=True, factor="jobs").attrs["unit"] == "share of jobs"


def test_extensions_are_summed_saved_pickled_and_compared(tmp_path, sample):
    t = with_co2(sample)
    groups = t.aggregate(regions={"CHN": "Pair", "USA": "Pair"})
    frame = groups.extensions["satellite"]
    for item in ("CO2", "jobs"):
        want = t.extensions["satellite"].loc[item, ["CHN", "USA"]].groupby(level="sector").sum()
        pd.testing.assert_series_equal(frame.loc[item, "Pair"].sort_index(), want.sort_index(), check_names=False)
    for compress in (True, False):
        path = tmp_path / f"t{compress}.gvc"
        t.save(path, compress=compress)
        assert gk.Mrio.load(path) == t
        assert gk.Mrio.load(path).extensions["satellite"].attrs == t.extensions["satellite"].attrs
    assert pickle.loads(pickle.dumps(t)) == t
    assert t != sample
    # What is handed out is not the table's own.
    t.extensions.clear()
    handed = t.extensions["satellite"]
    handed["new", "column"] = 1.0
    handed.iloc[0, 0] = -1.0
    assert t.extensions["satellite"].iloc[0, 0] != -1.0
    assert ("new", "column") not in t.extensions["satellite"]
    assert "CO2" in t.extensions["satellite"].index


def test_factors_that_can_not_be_used(sample):
    t = with_co2(sample)
    va = sample.va
    for factor, error, message in (
        ("CO3", gk.LabelError, "did you mean CO2"),
        (va.iloc[1:], gk.LabelError, "other labels"),
        (va.where(va > 5, np.nan), gk.NonFiniteError, "nan"),
        (va.droplevel("sector"), gk.LabelError, "two levels"),
        (va.astype(str).replace(va.astype(str).iloc[0], "x"), gk.ShapeError, "not numbers"),
    ):
        with pytest.raises(error, match=message):
            gk.participation(t, factor=factor)
    with pytest.raises(gk.LabelError, match="has no extensions"):
        gk.flows(sample, factor="CO2")
    frame = t.extensions["satellite"]
    both = gk.Mrio.from_arrays(
        t.arrays.z, t.given.y, t.regions, t.sectors, t.categories, extensions={"a": frame, "b": frame}
    )
    with pytest.raises(gk.OptionError, match=r"several extensions \(a, b\)"):
        gk.flows(both, factor="CO2")
    with pytest.raises(gk.LabelError, match="'CO2' twice"):
        gk.Mrio.from_arrays(
            t.arrays.z, t.given.y, t.regions, t.sectors, t.categories,
            extensions={"a": pd.concat([frame, frame])},
        )  # fmt: skip


def test_a_mapped_table_gives_the_same_numbers(tmp_path, sample):
    path = tmp_path / "t.gvc"
    sample.save(path, compress=False)
    mapped = gk.Mrio.load(path, mmap=True)
    assert mapped == sample
    pd.testing.assert_frame_equal(gk.participation(mapped), gk.participation(sample))
    pd.testing.assert_frame_equal(
        gk.flows(mapped, "total", partner="absorber"), gk.flows(sample, "total", partner="absorber")
    )
    sample.save(path)
    with pytest.raises(gk.ReadError, match="compress=False"):
        gk.Mrio.load(path, mmap=True)
