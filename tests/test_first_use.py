"""Mistakes of a first day with the package: each is answered by what is wrong, where, and what to do."""

import logging
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from fixtures import workbooks
from gvckit.table.plausibility import doubts
from strategies import tables


@pytest.fixture(scope="module")
def parts():
    """Arguments of `Mrio.from_arrays` for the embedded table of 2005."""
    t = gk.load_sample(2005)
    names = {"regions": t.regions, "sectors": t.sectors, "categories": t.categories}
    return {"Z": t.Z.to_numpy(), "Y": t.Y.to_numpy(), **names}


def made(parts, **changes):
    return gk.Mrio.from_arrays(**(parts | changes))


def says(error, *words):
    """Context that expects an error whose message has all of the words."""
    return pytest.raises(error, match="".join(f"(?=.*{re.escape(word)})" for word in words))


# ---- arrays ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", gk.sample_years())
def test_a_sound_table_raises_no_doubt(year):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t = gk.load_sample(year)
        again = gk.Mrio.from_frames(t.Z, t.Y, x=t.x, va=t.va)
    assert doubts(t) == doubts(again) == []


def test_transposed(parts):
    with pytest.warns(gk.GvcWarning, match=r"negative in \d+ of 574 columns, and in 0 with Z transposed.*pass Z\.T"):
        t = made(parts, Z=parts["Z"].T)
    found = t.audit()
    assert (found["check"] == "perhaps_transposed").sum() == 1


def test_sector_major_order(parts, sample):
    n, count = len(parts["Z"]), len(parts["sectors"])
    order = np.arange(n).reshape(-1, count).T.ravel()
    with pytest.warns(gk.GvcWarning, match="within regions.*region-major"):
        t = made(parts, Z=parts["Z"][np.ix_(order, order)], Y=parts["Y"][order])
    assert "perhaps_sector_major" in set(t.audit()["check"])


@pytest.mark.parametrize("times", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("what", ["x", "va"])
def test_another_unit_in_a_vector(parts, sample, what, times):
    told = f"{times:,.0f} times" if times > 1 else f"1/{1 / times:,.0f} of"
    with pytest.warns(gk.GvcWarning, match=f"{what} is about {told}"):
        t = made(parts, **{what: getattr(sample, what).to_numpy() * times})
    value = t.audit().set_index("check").loc["unit_factor", "value"]
    assert value == pytest.approx(times)


def test_another_unit_in_final_demand(parts):
    with pytest.warns(gk.GvcWarning, match=r"with Y times 1,000: bring Z and Y to one unit"):
        t = made(parts, Y=parts["Y"] / 1000)
    assert "unit_factor" in set(t.audit()["check"])


def test_value_added_without_taxes_is_no_other_unit(parts, sample):
    made(parts, va=sample.va.to_numpy() * 0.9)


def test_value_added_row_left_in(parts, sample):
    with says(gk.ShapeError, "(575, 574)", "1 too many", "va="):
        made(parts, Z=np.vstack([parts["Z"], sample.va.to_numpy()]))


def test_total_row_and_column_left_in(parts):
    with says(gk.ShapeError, "(575, 575)", "totals"):
        made(parts, Z=np.pad(parts["Z"], (0, 1)))


def test_total_column_in_final_demand(parts):
    y = np.column_stack([parts["Y"], parts["Y"].sum(axis=1)])
    with says(gk.ShapeError, "(574, 206)", "a column of totals left in?"):
        made(parts, Y=y)


def test_final_demand_by_category_alone(parts):
    y = parts["Y"].reshape(574, 41, 5).sum(axis=1)
    with says(gk.ShapeError, "which region buys"):
        made(parts, Y=y)


def test_regions_and_sectors_swapped(parts):
    with says(gk.ShapeError, "are regions and sectors swapped?"):
        made(parts, regions=parts["sectors"], sectors=parts["regions"])


@pytest.mark.parametrize("what", ["regions", "sectors"])
@pytest.mark.parametrize("value", [41, "CHN"])
def test_a_number_or_one_name_for_labels(parts, what, value):
    with says(gk.ShapeError, f"{what}={value!r}", "a list of labels"):
        made(parts, **{what: value})


def test_labels_left_in_as_columns(parts, sample):
    with says(gk.ShapeError, "'AUS'", "row 0, column 0", "index_col"):
        made(parts, Z=sample.Z.reset_index())


def test_numbers_as_text(parts):
    text = parts["Z"].astype(object)
    text[2, 3] = "1,234"
    with says(gk.ShapeError, "row 2, column 3", "thousands=','"):
        made(parts, Z=text)
    with says(gk.ShapeError, "x isn't a vector of numbers", "thousands=','"):
        made(parts, x=["1,234"] * 574)


# ---- frames ---------------------------------------------------------------------------------------------------


def test_frames_without_two_levels(sample):
    with says(gk.LabelError, "rows of Z", "two levels, not 1", "index_col=[0, 1]"):
        gk.Mrio.from_frames(sample.Z.reset_index(), sample.Y)


def test_value_added_row_left_in_a_frame(sample):
    row = pd.DataFrame([sample.va.to_numpy()], index=[("VA", "VA")], columns=sample.Z.columns)
    row.index = pd.MultiIndex.from_tuples(row.index)
    with says(gk.LabelError, "rows of Z: 'VA'", "value added left in?", "va="):
        gk.Mrio.from_frames(pd.concat([sample.Z, row]), sample.Y)


def test_total_column_in_a_frame_of_final_demand(sample):
    y = sample.Y.copy()
    y["TOTAL", "TOTAL"] = y.sum(axis=1)
    with says(gk.LabelError, "columns of Y", "('TOTAL', 'TOTAL') is not known", "a total left in?"):
        gk.Mrio.from_frames(sample.Z, y)


def test_categories_in_place_of_regions(sample):
    y = sample.Y.T.groupby(level="category", sort=False).sum().T
    with says(gk.LabelError, "are no regions", "HFCE", "which region buys"):
        gk.Mrio.from_frames(sample.Z, y)


def test_levels_the_other_way_round(sample):
    with says(gk.LabelError, "rows of Y", "swaplevel()"):
        gk.Mrio.from_frames(sample.Z, sample.Y.swaplevel(axis=0))


def test_nan_for_no_flow(sample):
    z = sample.Z.astype(float).copy()
    z.iloc[1, 2] = np.nan
    with says(gk.NonFiniteError, "NaN in 1 cells", "row AUS, Mining", "Z.fillna(0)"):
        gk.Mrio.from_frames(z, sample.Y)


def test_numbers_as_text_in_a_frame(sample):
    z = sample.Z.astype(object)
    z.iloc[0, 1] = "1,234.5"
    with says(gk.ShapeError, "row 0, column 1", "thousands=','"):
        gk.Mrio.from_frames(z, sample.Y)


# ---- not a table ----------------------------------------------------------------------------------------------

MEASURES = [
    gk.participation, gk.flows, gk.network, gk.lengths, gk.position, gk.upstreamness, gk.downstreamness, gk.tiva,
    gk.decompose_exports, gk.gross_trade, gk.multipliers, gk.linkages, gk.ghosh_inverse, gk.input_coefficients,
    gk.local_inverse, gk.participation_rates, gk.revealed_advantage, gk.propagation_lengths, gk.dependence_matrix,
    gk.extraction_matrix, gk.hubs, gk.regionalisation, gk.sector_mapping, gk.region_groups,
]  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_a_frame_in_place_of_a_table(sample, measure):
    with says(gk.TableError, "not a DataFrame", "Mrio.from_frames"):
        measure(sample.Z)


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("adb.xlsx", "gk.read('adb.xlsx')"),
        (2005, "gk.load_sample(2005)"),
        (np.eye(2), "from_arrays"),
        ({2005: None}, "gk.panel"),
        (None, "gk.read"),
    ],
)
def test_something_else_in_place_of_a_table(value, advice):
    with says(TypeError, "gvckit.Mrio", advice):
        gk.dependence(value, "CHN", "USA")
    with says(gk.GvcError, "gvckit.Mrio", advice):
        gk.participation(value)


def test_the_class_is_not_called(sample):
    with says(gk.TableError, "Mrio.from_arrays(Z, Y, regions, sectors)", "Mrio.from_frames(Z, Y)"):
        gk.Mrio(sample.Z, sample.Y)


def test_final_demand_as_one_vector(parts):
    with says(gk.ShapeError, "Y has 1 dimensions", "a column for each region that buys"):
        made(parts, Y=parts["Y"].sum(axis=1))


def test_flows_in_place_of_coefficients(sample):
    with says(gk.NotProductiveError, "looks like flows (Z), not input coefficients (A)", "leontief_inverse(t)"):
        gk.leontief_inverse(sample.Z)
    with says(gk.NotProductiveError, "looks like flows (Z)"):
        gk.leontief_inverse(sample.Z.to_numpy())


def test_a_frame_in_a_panel_is_named_by_its_number(sample):
    with says(gk.PanelError, "table 2: a table (gvckit.Mrio) is wanted"):
        gk.panel(gk.participation, [sample, sample.Z], progress=False)


def test_a_frame_in_place_of_a_path(sample):
    with says(gk.ReadError, "not a DataFrame", "from_frames"):
        gk.read(sample.Z)


# ---- names and rates ------------------------------------------------------------------------------------------


def test_names_of_countries(sample):
    assert sample.find("China") == "CHN"
    with says(gk.LabelError, "'Chian'", "CHN (China)"):
        sample.find("Chian")
    with says(gk.LabelError, "'Electrical equipment'", "Electrical and optical equipment"):
        gk.flows(sample, sector="Electrical equipment")


def test_a_tariff_in_per_cent(sample):
    with pytest.warns(gk.GvcWarning, match="is 2500%: rates are fractions, 0.25 is 25%"):
        sample.scenario(tariffs={("CHN", "USA"): 25})


# ---- files ----------------------------------------------------------------------------------------------------


@pytest.fixture
def leather_2005(leather):
    a = leather.arrays
    five = np.repeat(a.y / 5, 5, axis=1)
    return gk.Mrio.from_arrays(a.z, five, ["ARG", "TUR", "DEU"], ["c1", "c2", "c3"], year=2005)


def test_a_file_of_the_other_database(tmp_path, leather_2005):
    adb, wiod = tmp_path / "adb.xlsx", tmp_path / "wiot.xlsx"
    workbooks.write_xlsx(adb, workbooks.adb_rows(leather_2005))
    workbooks.write_xlsx(wiod, workbooks.wiod_rows(leather_2005), sheet="WIOT_2005", legend=False)
    with says(gk.ReadError, "a table of ADB, not of WIOD", "gk.read_adb"):
        gk.read_wiod(adb)
    with says(gk.ReadError, "a table of WIOD, not of ADB", "gk.read_wiod"):
        gk.read_adb(wiod)


def test_last_years_file(tmp_path, leather_2005, caplog):
    path = tmp_path / "ADB-MRIO-2006.xlsx"
    workbooks.write_xlsx(path, workbooks.adb_rows(leather_2005))
    with caplog.at_level(logging.WARNING, logger="gvckit"):
        t = gk.read(path)
    assert t.year == 2005
    assert any("name says 2006" in note and "2005" in note for note in t.notes)
    assert "name says 2006" in caplog.text
    with says(gk.ReadError, "is of 2005, not of 2006"):
        gk.read(path, year=2006)


def test_a_folder_by_year(tmp_path, leather_2005):
    for year in (2006, 2005):
        t = gk.Mrio.from_arrays(*leather_2005.arrays[:2], ["ARG", "TUR", "DEU"], ["c1", "c2", "c3"], year=year)
        t.save(tmp_path / f"table_{year}.gvc")
    assert list(gk.read_years(tmp_path)) == [2005, 2006]
    assert list(gk.read_years(tmp_path, [2006])) == [2006]
    assert list(gk.read_years(years=[2005, 1995])) == [1995, 2005]
    with says(gk.ReadError, "no table of 2007"):
        gk.read_years(tmp_path, [2005, 2007])
    leather_2005.save(tmp_path / "again.gvc")
    with says(gk.ReadError, "second table of 2005"):
        gk.read_years(tmp_path)
    with says(gk.OptionError, "is not a folder"):
        gk.read_years(tmp_path / "nothing")


@given(t=tables())
def test_doubts_take_any_table(t):
    assert all(np.isfinite(doubt.value) for doubt in doubts(t))
