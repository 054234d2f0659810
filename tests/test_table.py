import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit.table.labels import product_index
from strategies import tables

Z = np.arange(1.0, 17.0).reshape(4, 4)
Y = np.full((4, 2), 50.0)
GOOD = {"Z": Z, "Y": Y, "regions": ["CHN", "ROU"], "sectors": ["c1", "c14"]}


def broken(**changes):
    return gk.Mrio.from_arrays(**{**GOOD, **changes})


def test_the_baseline_that_the_others_break():
    t = broken()
    assert (t.regions, t.sectors, t.categories) == (["CHN", "ROU"], ["c1", "c14"], ["final"])
    assert t.Z.loc[("CHN", "c14"), ("ROU", "c1")] == 7.0
    assert t.Z.columns.names == ["partner", "partner_sector"]
    assert t.Y.columns.names == ["partner", "category"]
    assert t.x.tolist() == [110.0, 126.0, 142.0, 158.0]
    np.testing.assert_allclose(t.va, t.x - Z.sum(0))
    np.testing.assert_allclose(t.v, t.va / t.x)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"Z": Z[:3]}, gk.ShapeError, r"Z has shape \(3, 4\), expected \(4, 4\)"),
        ({"Z": Z[0]}, gk.ShapeError, "Z has 1 dimensions"),
        ({"Z": [["a", "b"], ["c", "d"]]}, gk.ShapeError, "isn't a matrix of numbers"),
        ({"Y": Y[:, :1]}, gk.ShapeError, r"Y has shape \(4, 1\)"),
        ({"Y": Y[:3]}, gk.ShapeError, r"Y has shape \(3, 2\)"),
        ({"categories": ["a", "b"]}, gk.ShapeError, "2 categories"),
        ({"x": [1.0]}, gk.ShapeError, "x has shape"),
        ({"va": [1.0]}, gk.ShapeError, "va has shape"),
        ({"regions": ["CHN", "CHN"]}, gk.LabelError, "'CHN' comes twice"),
        ({"sectors": ["c1", ""]}, gk.LabelError, "sector 1 has no name"),
        ({"x": [1, 2, np.nan, 4]}, gk.NonFiniteError, "ROU, c1"),
    ],
)
def test_bad_arguments(changes, error, message):
    with pytest.raises(error, match=message) as caught:
        broken(**changes)
    assert isinstance(caught.value, gk.GvcError)
    assert isinstance(caught.value, ValueError)


def test_a_cell_that_is_not_finite_is_named():
    z, y = Z.copy(), Y.copy()
    z[1, 2] = np.nan
    with pytest.raises(gk.NonFiniteError, match="row CHN, c14, column ROU, c1") as caught:
        broken(Z=z)
    assert (caught.value.row, caught.value.col) == (1, 2)
    y[3, 1] = -np.inf
    with pytest.raises(gk.NonFiniteError, match="row ROU, c14, column ROU, final"):
        broken(Y=y)


def test_whole_numbers_and_fortran_order_are_taken():
    t = broken(Z=np.asfortranarray(Z.astype(np.int32)), Y=Y.astype(np.float32).tolist())
    assert t == broken()


def test_it_is_frozen_and_leaves_its_arguments_alone():
    z = Z.copy()
    t = broken(Z=z)
    with pytest.raises(AttributeError, match="frozen"):
        t.year = 3
    with pytest.raises(AttributeError, match="frozen"):
        del t._z
    with pytest.raises(ValueError, match="read-only"):
        t.arrays.z[0, 0] = 1.0
    z[0, 0] = 99.0
    assert t.arrays.z[0, 0] == 1.0
    assert t.B is not None
    np.testing.assert_array_equal(z[0, 1:], Z[0, 1:])


def test_the_inverse_is_computed_once(sample):
    assert np.shares_memory(sample.B.to_numpy(), sample.B.to_numpy())
    assert not sample.B.to_numpy().flags.writeable


@given(tables())
def test_frames_in_any_order_give_the_same_table(t):
    rng = np.random.default_rng(0)
    z = t.Z.rename_axis(columns=["region", "sector"])
    shuffled = z.iloc[rng.permutation(len(z)), rng.permutation(len(z))]
    y = t.Y.iloc[rng.permutation(len(z)), rng.permutation(t.Y.shape[1])]
    again = gk.Mrio.from_frames(shuffled, y, regions=t.regions, sectors=t.sectors, x=t.x.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(again.arrays.z, t.arrays.z)
    np.testing.assert_allclose(again.arrays.y, t.arrays.y)
    np.testing.assert_allclose(again.given.x, t.x)
    assert again.attrs == t.attrs
    plain = gk.Mrio.from_frames(t.Z, t.Y.T.groupby(level="partner", sort=False).sum().T)
    np.testing.assert_allclose(plain.arrays.y, t.arrays.y)


def test_frames_with_wrong_labels():
    t = broken()
    z, y = t.Z, t.Y
    with pytest.raises(gk.LabelError, match="two levels"):
        gk.Mrio.from_frames(z.reset_index(drop=True), y)
    with pytest.raises(gk.LabelError, match=r"columns of Z: 1 labels are missing, the first is \('ROU', 'c14'\)"):
        gk.Mrio.from_frames(z.iloc[:, :3], y)
    extra = pd.DataFrame([[1.0, 1.0]], columns=y.columns, index=pd.MultiIndex.from_tuples([("USA", "c1")]))
    with pytest.raises(gk.LabelError, match=r"rows of Y: 1 labels are unknown, the first is \('USA', 'c1'\)"):
        gk.Mrio.from_frames(z, pd.concat([y, extra]))
    with pytest.raises(gk.LabelError, match="comes twice"):
        gk.Mrio.from_frames(z, pd.concat([y, y]))
    with pytest.raises(gk.LabelError, match="lacks"):
        gk.Mrio.from_frames(z, y, regions=["CHN"])
    with pytest.raises(gk.ShapeError, match="not numbers"):
        gk.Mrio.from_frames(z.astype(object).replace(7.0, "n.a."), y)


def test_find_what_people_type():
    t = broken(regions=["CHN", "ROW"])
    for name in ("CHN", "chn", "China", "CN", "P.R.C.", "People's Republic of China"):
        assert t.find(name) == "CHN"
    for name in ("RoW", "ROW", "Rest of the World"):
        assert t.find(name) == "ROW"
    assert broken().find("ROM") == "ROU"
    assert broken(regions=["CHN", "ROM"]).find("Romania") == "ROM"
    with pytest.raises(gk.LabelError, match="no region 'CHNN': did you mean CHN") as caught:
        t.find("CHNN")
    assert isinstance(caught.value, KeyError)


def test_audit_finds_each_defect_with_its_label_and_size():
    z, y = Z.copy(), np.full((4, 4), 50.0)
    z[0, 1] = -3.0
    y[1, 0], y[1, 1] = -5.0, -7.0
    z[:, 2], z[2], y[2] = 40.0, 0.0, 0.0
    z[2, 3], y[2, 2] = 5.0, -5.0
    x = np.array([1.0, 1.0, 0.0, 1.0]) + z.sum(1) + y.sum(1)
    t = broken(Z=z, Y=y, x=x, categories=["HFCE", "INVNT"])
    report = t.audit().set_index("check")
    assert list(t.audit().columns) == ["check", "row", "column", "value"]
    found = {name: report.loc[[name]].iloc[0].tolist() for name in set(report.index)}
    assert found["negative_intermediate"] == ["CHN, c1", "CHN, c14", -3.0]
    assert found["negative_inventories"] == ["CHN, c14", "CHN, INVNT", -7.0]
    assert report.loc[["negative_final_demand"]].to_numpy().tolist() == [
        ["CHN, c14", "CHN, HFCE", -5.0],
        ["ROU, c1", "ROU, HFCE", -5.0],
    ]
    assert found["zero_output_with_inputs"][0] == "ROU, c1"
    assert found["zero_output_with_sales"] == ["ROU, c1", "", 10.0]
    assert found["negative_value_added"][0] == "ROU, c1"
    gaps = report.loc["balance_gap"]
    assert gaps["row"].tolist() == ["CHN, c1", "CHN, c14", "ROU, c14"]
    np.testing.assert_allclose(gaps["value"], 1.0)
    assert report.dtypes["value"] == np.float64
    assert t.audit(rtol=0.5).query("check == 'balance_gap'").empty


def test_audit_of_a_table_that_no_measure_takes():
    z = Z.copy()
    z[0, 0] = np.nan
    t = broken(Z=z, sectors=["c1", "c1"], check=False)
    report = t.audit().set_index("check")
    assert report.loc["non_finite", "row"] == "CHN, c1"
    assert np.isnan(report.loc["non_finite", "value"])
    assert report.loc["duplicate_label", ["row", "value"]].tolist() == ["c1", 2.0]
    assert "not usable" in repr(t)
    assert "not usable" in t._repr_html_()
    with pytest.raises(gk.NonFiniteError):
        gk.participation(t)


def test_audit_of_negative_output():
    t = broken(Y=np.array([[50.0, 50.0], [-90.0, 0.0], [50.0, 50.0], [50.0, 50.0]]))
    report = t.audit().set_index("check")
    assert report.loc["negative_output"].tolist() == ["CHN, c14", "", -64.0]


def test_a_clean_table_has_an_empty_report():
    report = broken().audit()
    assert report.empty
    assert list(report.columns) == ["check", "row", "column", "value"]


@given(tables())
def test_aggregation_sums_and_keeps_totals(t):
    regions = {name: "one" if k % 2 == 0 else "two" for k, name in enumerate(t.regions)}
    sectors = {t.sectors[0]: "first"}
    small = t.aggregate(regions, sectors)
    assert set(small.regions) == set(regions.values())
    assert small.sectors == ["first", *t.sectors[1:]]
    np.testing.assert_allclose(small.arrays.z.sum(), t.arrays.z.sum(), rtol=1e-12)
    rows = t.x.groupby([t.x.index.get_level_values(0).map(regions), t.x.index.get_level_values(1)], sort=False)
    np.testing.assert_allclose(np.sort(small.x), np.sort(rows.sum()), rtol=1e-10, atol=1e-9)
    frame = t.Z.rename(index=regions, columns=regions).rename(index=sectors, columns=sectors)
    summed = frame.groupby(level=[0, 1]).sum().T.groupby(level=[0, 1]).sum().T
    np.testing.assert_allclose(small.Z.sort_index().sort_index(axis=1), summed, rtol=1e-12, atol=1e-12)
    assert t.aggregate() == t


def test_aggregation_of_what_the_file_gave_and_of_unknown_labels(leather):
    t = gk.Mrio.from_arrays(
        leather.arrays.z, leather.arrays.y, leather.regions, leather.sectors, x=leather.x, va=leather.va / 2
    )
    small = t.aggregate({"Turkey": "World", "Germany": "World", "Argentina": "World"})
    np.testing.assert_allclose(small.given.x, small.x)
    assert small.arrays.va.sum() == pytest.approx(leather.va.sum() / 2)
    with pytest.raises(gk.LabelError, match="no region 'Turkye': did you mean Turkey"):
        t.aggregate({"Turkye": "X"})
    with pytest.raises(gk.LabelError, match="no sector"):
        t.aggregate(sectors={"c99": "X"})


@given(tables())
def test_pickle(t):
    again = pickle.loads(pickle.dumps(t))
    assert again == t
    assert again != 3
    assert again.B.equals(t.B)


def test_errors_survive_pickling():
    with pytest.raises(gk.LabelError) as caught:
        broken().find("X")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (gk.LabelError, str(caught.value))
    error = gk.ReadError("bad", "a.xlsx", "S", "E8")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.cell) == ("a.xlsx, sheet 'S', cell E8: bad", "E8")


def test_how_it_shows_itself(sample):
    text, html = repr(sample), sample._repr_html_()
    for part in ("2005", "41 regions x 14 sectors = 574 rows", "AUS, AUT", "million USD"):
        assert part in text
        assert part in html
    assert html.startswith("<table")
    assert len(text.splitlines()) == 6


def test_pymrio_round_trip(sample):
    import pymrio

    io = sample.to_pymrio()
    io.calc_all()
    np.testing.assert_allclose(io.L.to_numpy(), sample.B, rtol=1e-9, atol=1e-12)
    again = gk.Mrio.from_pymrio(io)
    np.testing.assert_array_equal(again.arrays.z, sample.arrays.z)
    assert (again.unit, again.regions, again.categories) == (sample.unit, sample.regions, sample.categories)
    with pytest.raises(gk.ShapeError, match="calc_all"):
        gk.Mrio.from_pymrio(pymrio.IOSystem())


def test_xarray(sample):
    data = sample.to_xarray()
    assert data["Z"].dims == ("region", "sector", "partner", "partner_sector")
    assert float(data["va"].sum()) == pytest.approx(sample.va.sum())
    one = data["Y"].sel(region="CHN", sector="Machinery", partner="USA").sum()
    assert float(one) == sample.Y.loc[("CHN", "Machinery"), "USA"].sum()


@given(
    st.lists(st.text("aBcé1 _", min_size=1, max_size=3), min_size=1, max_size=5),
    st.lists(st.sampled_from("zyxw"), min_size=1, max_size=4),
)
def test_indexes_are_those_of_from_product(first, second):
    """The labels' own way, with levels in the same order: what is unstacked or grouped has the same order too."""
    found = product_index(first, second, ["region", "sector"])
    wanted = pd.MultiIndex.from_product([first, second], names=["region", "sector"])
    pd.testing.assert_index_equal(found, wanted, exact=True)
    for mine, theirs in zip(found.levels, wanted.levels, strict=True):
        pd.testing.assert_index_equal(mine, theirs, exact=True)
