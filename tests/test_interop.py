import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from strategies import tables


@given(tables(categories=1), tables(categories=2))
def test_long_and_xarray_there_and_back(one, two):
    for t in (one, two):
        long = t.to_long()
        assert long["value"].ne(0).all()
        assert long["value"].sum() == pytest.approx(t.x.sum())
        assert len(t.to_long(zeros=True)) == t.arrays.z.size + t.given.y.size
        back = gk.Mrio.from_xarray(t.to_xarray())
        assert back == t


def test_sectors_that_sell_nothing_and_names_that_come_twice(tmp_path):
    t = gk.Mrio.from_arrays(
        [[1.0, 2.0], [0.0, 0.0]], [[5.0, 1.0], [0.0, 0.0]], ["R"], ["p", "hh"], ["fd", "p"], va=[4.0, 1.0], year=2000
    )
    t.to_parquet(tmp_path / "t.parquet")
    back = gk.read_table(tmp_path / "t.parquet", "flat")
    assert (back.sectors, back.categories) == (["hh", "p"], ["fd", "p"]) or back.sectors == ["p", "hh"]
    assert back.Z.loc[("R", "p"), ("R", "hh")] == 2.0
    assert back.Y.loc[("R", "p")].sum() == 6.0
    assert gk.Mrio.from_xarray(t.to_xarray()).va.tolist() == [4.0, 1.0]


def test_parquet_and_arrow(tmp_path, sample):
    path = tmp_path / "t.parquet"
    sample.to_parquet(path)
    back = gk.read_table(path, "flat", year=2005, unit="million USD")
    pd.testing.assert_frame_equal(back.Z.loc[sample.Z.index, sample.Z.columns], sample.Z)
    pd.testing.assert_frame_equal(back.Y.loc[sample.Y.index, sample.Y.columns], sample.Y)
    arrow = sample.to_arrow()
    assert arrow.column_names == ["region", "sector", "partner", "partner_sector", "use", "value"]
    import polars as pl

    assert pl.from_arrow(arrow)["value"].sum() == pytest.approx(sample.x.sum())


@pytest.mark.parametrize("between", ["_", "|", " "])
def test_polars_frames(leather, between):
    import polars as pl

    def flat(frame, names):
        plain = frame.copy()
        plain.columns = names
        return pl.from_pandas(plain.reset_index())

    sectors = {"Agriculture": "A", "Textile_and_Leather": "T", "Transport_Equipment": "E"}
    t = leather.aggregate(sectors=sectors)
    z = flat(t.Z.iloc[::-1], [between.join(pair) for pair in t.Z.columns])
    y = flat(t.Y, [pair[0] for pair in t.Y.columns])
    read = gk.Mrio.from_frames(z, y, regions=t.regions, sectors=t.sectors)
    assert (read.arrays.z == t.arrays.z).all()
    assert (read.given.y == t.given.y).all()
    with pytest.raises(gk.LabelError, match="no column 'sector'"):
        gk.Mrio.from_frames(z.drop("sector"), y)
    with pytest.raises(gk.LabelError, match="columns of Z are not named"):
        gk.Mrio.from_frames(z.rename({z.columns[3]: "what"}), y)
    with pytest.raises(gk.ShapeError, match="a DataFrame was expected"):
        gk.Mrio.from_frames([[1.0]], y)


def test_datasets_that_are_no_table(sample):
    data = sample.to_xarray()
    with pytest.raises(gk.ShapeError, match="Z must have the dimensions"):
        gk.Mrio.from_xarray(data.drop_vars("Z"))
    with pytest.raises(gk.ShapeError, match="dimension sector has no labels"):
        gk.Mrio.from_xarray(data.drop_vars("sector"))
    with pytest.raises(gk.LabelError, match="region and partner have different labels"):
        gk.Mrio.from_xarray(data.assign_coords(partner=[f"x{k}" for k in range(41)]))


def test_pymrio_extensions_come_along():
    import pymrio

    io = pymrio.load_test().calc_all()
    t = gk.Mrio.from_pymrio(io)
    assert set(t.extensions) == {extension.name for extension in io.get_extensions(data=True)}
    for extension in io.get_extensions(data=True):
        frame = t.extensions[extension.name]
        np.testing.assert_array_equal(frame.to_numpy(), extension.F.loc[:, t.labels.rows].to_numpy())
        assert list(frame.attrs["unit"].values()) == extension.unit.iloc[:, 0].tolist()
    emissions = io.emissions
    item = t.extensions[emissions.name].index[0]
    footprint = gk.flows(t, "total", partner="absorber", factor=item).sum()
    want = emissions.D_cba_reg.iloc[0] - emissions.F_Y.T.groupby("region", sort=False).sum().T.iloc[0]
    np.testing.assert_allclose(footprint, want.reindex(t.regions), rtol=1e-9)
