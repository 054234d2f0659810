"""Rows below and beside a table: value added, emissions, and what final demand itself emits (F_Y)."""

import warnings

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from fixtures import texts
from fixtures.messy import FULL, coded_rows, joined_rows, to_csv, to_xlsx
from gvckit.readers import read_accounts


def quiet(work):
    """Call into pymrio, which warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def test_footprints_with_and_without_final_demand_are_pymrios(tmp_path):
    import pymrio

    system = quiet(lambda: pymrio.load_test().calc_all())
    quiet(lambda: system.save_all(tmp_path / "mock"))
    read = quiet(lambda: gk.read(tmp_path / "mock"))
    own = read.demand_accounts["emissions"]
    np.testing.assert_allclose(own.to_numpy(), system.emissions.F_Y.to_numpy())
    assert own.attrs["unit"] == read.extensions["emissions"].attrs["unit"]
    for k, item in enumerate(read.extensions["emissions"].index):
        made = gk.flows(read, "total", partner="absorber", factor=item).sum(axis=0)
        theirs = system.emissions.D_cba.iloc[k].groupby(level="region", sort=False).sum()[made.index]
        np.testing.assert_allclose(made, theirs, rtol=1e-9)
        households = own.loc[item].groupby(level="partner", sort=False).sum()
        whole = system.emissions.D_cba_reg.iloc[k]
        np.testing.assert_allclose((made + households)[whole.index], whole, rtol=1e-9)


def test_they_are_kept_by_aggregating_renaming_and_saving(tmp_path):
    t = texts.write_exiobase(tmp_path / "IOT_2011_ixi", gk.Mrio.from_arrays(
        np.arange(1, 17.0).reshape(4, 4), 100 + np.arange(16.0).reshape(4, 4), ["AT", "WA"], ["Wheat", "Ore"],
        ["HFCE", "GFCF"], year=2011, unit="million EUR",
    ))  # fmt: skip
    t = gk.read(t)
    assert list(t.demand_accounts) == ["satellite"]
    t.save(tmp_path / "t.gvc")
    assert gk.Mrio.load(tmp_path / "t.gvc") == t
    assert gk.Mrio.load(tmp_path / "t.gvc").demand_accounts["satellite"].attrs == t.demand_accounts["satellite"].attrs
    whole = t.aggregate(regions={"AT": "all", "WA": "all"}).demand_accounts["satellite"]
    assert whole.columns.tolist() == [("all", "HFCE"), ("all", "GFCF")]
    assert (whole == 2.0).all(axis=None)
    renamed = t.rename(regions={"AT": "AUT"}).demand_accounts["satellite"]
    assert renamed.columns.get_level_values(0).unique().tolist() == ["AUT", "WA"]
    other = t.replaced(demand_accounts={})
    assert other != t
    assert other.demand_accounts == {}


def test_taxes_on_final_demand_of_icio(tmp_path):
    rows = joined_rows(FULL, output=True)
    taxes = np.arange(1.0, 15.0)
    rows.append(["TLS", *taxes, 0.0])
    t = gk.read(to_csv(tmp_path / "ICIO_2015.csv", rows))
    np.testing.assert_array_equal(t.extensions["value_added"].loc["TLS"], taxes[:4])
    np.testing.assert_array_equal(t.demand_accounts["value_added"].loc["TLS"], taxes[4:])


def test_environmental_rows_below_an_adb_table(tmp_path):
    rows = coded_rows(FULL)
    width = len(rows[5]) - 3
    zero = np.zeros(width - 4)
    for region, code, values in (
        ("ToT", "r60", [*FULL.arrays.z.sum(0), *zero]),
        ("ToT", "r64", [*FULL.arrays.va, *zero]),
        ("ToT", "r69", [*FULL.arrays.x, *zero]),
        ("ENV", "CO2 (kt)", np.arange(1.0, width + 1)),
        ("ENV", "CH4 (kt)", np.arange(2.0, width + 2)),
    ):
        rows.append([region, code, *values])
    t = gk.read(to_xlsx(tmp_path / "adb.xlsx", {"t": rows}))
    assert list(t.extensions) == ["value_added", "accounts"]
    assert t.extensions["value_added"].index.tolist() == ["r64"]
    air = t.extensions["accounts"]
    assert air.index.tolist() == ["ENV_CO2 (kt)", "ENV_CH4 (kt)"]
    assert air.attrs["unit"] == {"ENV_CO2 (kt)": "kt", "ENV_CH4 (kt)": "kt"}
    np.testing.assert_array_equal(air.to_numpy()[0], [1, 2, 3, 4])
    np.testing.assert_array_equal(t.demand_accounts["accounts"].to_numpy()[1], np.arange(6.0, 16.0))


def test_rows_that_share_a_code_are_told_apart(tmp_path):
    rows = [[None, *row] if k > 2 else row for k, row in enumerate(coded_rows(FULL, total=False))]
    for name, value in (("CO2", 1.0), ("CH4", 2.0)):
        rows.append([name, "ENV", "emissions", *[value] * 14])
    t = gk.read(to_xlsx(tmp_path / "adb.xlsx", {"t": rows}))
    assert [value for frame in t.extensions.values() for value in frame.iloc[:, 0]] == [1.0, 2.0]


def test_air_emissions_in_a_workbook_of_their_own(tmp_path):
    t = gk.read(to_xlsx(tmp_path / "adb.xlsx", {"t": coded_rows(FULL)}))
    rows = coded_rows(FULL, total=False)
    order = [0, 1, *range(15, 1, -1)]
    head = [["Air emissions"], [], [], [rows[3][k] for k in order], [rows[4][k] for k in order]]
    values = np.arange(1.0, 15.0)
    items = [["", "CO2 (kt)", *values[::-1]], ["", "CH4 (t)", *(10 * values)[::-1]]]
    path = to_xlsx(tmp_path / "air.xlsx", {"Notes": [["hello"]], "air": [*head, *items]})
    air, own = read_accounts(path, t)
    np.testing.assert_array_equal(air.loc["CO2 (kt)"], values[:4])
    np.testing.assert_array_equal(own.loc["CH4 (t)"], 10 * values[4:])
    assert air.attrs["unit"] == {"CO2 (kt)": "kt", "CH4 (t)": "t"}
    assert t.with_extensions({"air": air}).extensions["air"].equals(air)
    with pytest.raises(gk.LabelError, match="labels are missing"):
        read_accounts(
            to_xlsx(tmp_path / "less.xlsx", {"air": [*[row[:-1] for row in head], *[row[:-1] for row in items]]}), t
        )


def test_exiobase_by_one_of_its_files_and_without_final_demand(tmp_path, sample):
    small = sample.aggregate(regions=gk.region_groups(sample).to_dict())
    small = gk.Mrio.from_arrays(small.arrays.z, small.given.y, small.regions, [f"s{k}" for k in range(14)],
                                small.categories, year=2011, unit="million EUR")  # fmt: skip
    folder = texts.write_exiobase(tmp_path / "IOT_2011_ixi", small)
    whole = gk.read(folder)
    for name in ("A.txt", "Y.txt", "x.txt", "satellite/F.txt"):
        assert gk.read(folder / name) == whole
        assert gk.read_exiobase3(folder / name) == whole
    (folder / "Y.txt").unlink()
    with pytest.raises(gk.ReadError, match=r"no whole EXIOBASE table: Y\.txt is missing"):
        gk.read(folder)


def test_eora_labels_in_a_folder_beside(tmp_path):
    t = gk.Mrio.from_arrays(np.ones((4, 4)), 9 * np.ones((4, 12)), ["AFG", "ALB"], ["Agriculture", "Fishing"],
                            ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "VALU"])  # fmt: skip
    folder = texts.write_eora(tmp_path / "Eora26_2015_bp", t)
    whole = gk.read(folder)
    beside = tmp_path / "labels"
    beside.mkdir()
    for file in folder.glob("labels_*.txt"):
        file.rename(beside / file.name)
    assert gk.read(folder) == whole
    archive = texts.write_zip(tmp_path / "Eora26_2015_bp.zip", *sorted(folder.glob("*.txt")))
    pd.testing.assert_frame_equal(gk.read(archive).Z, whole.Z)
