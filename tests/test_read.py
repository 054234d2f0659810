import logging
import random

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from conftest import data_file
from fixtures.workbooks import adb_rows, wiod_rows, write_xlsx
from fixtures.xlsb import write_xlsb

SECTORS = [f"c{k}" for k in range(1, 36)]


def table(regions, count=35, year=2017, seed=0):
    """Random flows with blanks, exact in decimal."""
    rng = np.random.default_rng(seed)
    n = len(regions) * count
    z = np.round(rng.random((n, n)) * 10, 3) * (rng.random((n, n)) > 0.3)
    y = np.round(rng.random((n, 5 * len(regions))) * 100, 3)
    y[:, 4] *= -1
    categories = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
    return gk.Mrio.from_arrays(
        z, y, regions, [f"c{k + 1}" for k in range(count)], categories, year=year, unit="million USD"
    )


@pytest.fixture(scope="module")
def small():
    return table(["PRC", "USA", "RoW"], count=4)


def same(read, t, regions=None):
    np.testing.assert_array_equal(read.arrays.z, t.arrays.z)
    np.testing.assert_array_equal(read.given.y, t.given.y)
    assert read.regions == (regions or t.regions)
    assert (read.sectors, read.categories, read.year, read.unit) == (t.sectors, t.categories, t.year, t.unit)


@pytest.mark.parametrize("extra", [False, True], ids=["plain", "extra code row"])
@pytest.mark.parametrize("inline", [False, True], ids=["shared texts", "inline texts"])
@pytest.mark.parametrize("total", [True, False], ids=["with TOTAL", "without TOTAL"])
def test_adb_layouts(tmp_path, small, extra, inline, total, caplog):
    path = write_xlsx(tmp_path / "ADB-MRIO-2017.xlsx", adb_rows(small, extra, total=total), inline=inline)
    with caplog.at_level(logging.INFO, "gvckit.read"):
        t = gk.read(path)
    same(t, small, ["PRC", "USA", "ROW"])
    assert t.source == "ADB MRIO, 3 economies with the rest of the world, current prices"
    assert "recognised as ADB MRIO" in caplog.text
    assert f"dropped: {'column ToT, ' if total else ''}row r60, row r69" in t.notes
    np.testing.assert_allclose(t.extensions["value_added"].loc["r64"], small.va, rtol=1e-12)
    assert "differ by" in t.notes[-1] or not total
    if total:
        np.testing.assert_allclose(t.given.x, small.x)
        assert t.audit().query("check == 'balance_gap'").empty
    else:
        assert t.given.x is None
    assert gk.read_adb(path, sheet="ADB MRIO") == t


@pytest.mark.parametrize("count", [3, 63])
def test_adb_of_any_number_of_economies_and_constant_prices(tmp_path, count):
    t = table([f"R{k:02d}" for k in range(count)], count=35 if count == 3 else 2, year=2015)
    rows = adb_rows(t, prices="constant 2010 prices")
    path = write_xlsx(tmp_path / "ADB MRIO 2015, at constant 2010 prices.xlsx", rows)
    read = gk.read(path)
    same(read, t)
    assert read.source.endswith("constant 2010 prices")
    rows[0] = ["Multiregional Input-Output Table"]
    path = write_xlsx(tmp_path / "ADB-MRIO-2015-at-constant-2010-prices.xlsx", rows)
    assert gk.read(path).year == 2015


def test_wiod_2013(tmp_path):
    t = table(["ROM", "RoW"], year=2005)
    path = write_xlsx(tmp_path / "WIOT05_ROW_Apr12.xlsx", wiod_rows(t), sheet="WIOT_2005", legend=False)
    for read in (gk.read(path), gk.read_wiod(path)):
        same(read, t, ["ROU", "ROW"])
        assert read.source == "WIOD, 2013 release, current prices"
        np.testing.assert_allclose(read.given.x, t.x)
    rows = wiod_rows(t)
    rows[0] = ["World Input-Output Table"]
    path = write_xlsx(tmp_path / "WIOT95_ROW_Apr12.xlsx", rows, sheet="WIOT", legend=False)
    assert gk.read(path).year == 1995


def test_wiod_in_its_zip_archive(tmp_path):
    import zipfile

    years = {year: table(["ROM", "RoW"], year=year, seed=year) for year in (2005, 2006)}
    with zipfile.ZipFile(tmp_path / "WIOTS_in_EXCEL.zip", "w") as archive:
        for year, t in years.items():
            name = f"WIOT{year % 100:02d}_ROW_Apr12.xlsx"
            path = write_xlsx(tmp_path / name, wiod_rows(t), sheet=f"WIOT_{year}", legend=False)
            archive.write(path, name)
    same(gk.read(tmp_path / "WIOTS_in_EXCEL.zip", year=2006), years[2006], ["ROU", "ROW"])
    same(gk.read_wiod(tmp_path / "WIOTS_in_EXCEL.zip", year=2005), years[2005], ["ROU", "ROW"])
    with pytest.raises(gk.ReadError, match=r"holds 2 tables .*: say which by year="):
        gk.read(tmp_path / "WIOTS_in_EXCEL.zip")
    with pytest.raises(gk.ReadError, match="no such file"):
        gk.read_wiod(tmp_path / "none.zip")


def test_wiod_2016_binary_workbook(tmp_path):
    t = table(["AUS", "ROW"], count=56, year=2014)
    path = write_xlsb(tmp_path / "WIOT2014_Nov16_ROW.xlsb", wiod_rows(t, "2016"), sheet="2014")
    same(gk.read(path), t)
    assert gk.read(path).source == "WIOD, 2016 release, current prices"
    path = write_xlsb(tmp_path / "WIOT2014_PYP_Nov16_ROW.xlsb", wiod_rows(t, "2016"), sheet="2014")
    assert gk.read(path).source == "WIOD, 2016 release, previous year's prices"


def test_wiod_2016_rdata(tmp_path):
    import rdata

    t = table(["AUS", "ROW"], count=56, year=2014)
    n = len(t.x)
    labels = {
        "IndustryCode": [f"A{k % 56:02d}" for k in range(n)] + ["GO"],
        "IndustryDescription": ["Sector"] * (n + 1),
        "Country": [*[r for r in t.regions for _ in range(56)], "TOT"],
        "RNr": [*(k % 56 + 1 for k in range(n)), 73],
        "Year": [2014] * (n + 1),
    }
    numbers = np.hstack([t.arrays.z, t.given.y, t.arrays.x[:, None]])
    names = [f"{r}{k + 1}" for r in t.regions for k in range(56)] + [
        f"{r}{k}" for r in t.regions for k in range(57, 62)
    ]
    numbers = pd.DataFrame(
        np.vstack([numbers, [*t.arrays.x, *[0.0] * (numbers.shape[1] - n)]]), columns=[*names, "TOT"]
    )
    frame = pd.concat([pd.DataFrame(labels).astype(dict.fromkeys(list(labels)[:3], object)), numbers], axis=1)
    path = tmp_path / "WIOT2014_October16_ROW.RData"
    rdata.write_rda(path, {"wiot": frame})
    for read in (gk.read(path), gk.read_wiod(path)):
        same(read, t)
        np.testing.assert_allclose(read.given.x, t.x)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(gk.ReadError, match="not a complete RData"):
        gk.read(path)
    rdata.write_rda(path, {"any_name": frame})
    same(gk.read(path), t)
    rdata.write_rda(path, {"other": frame.drop(columns="RNr")})
    with pytest.raises(gk.ReadError, match="has 0 frames with the fields Country, RNr, Year; there are other"):
        gk.read(path)


def defect(change):
    def decorate(rows):
        change(rows)
        return rows

    return decorate


def put(row, col, value):
    def change(rows):
        rows[row][col] = value

    return change


# The small table has 3 regions of 4 sectors: numbers start at row 7 (E8), final demand at column 16.
DEFECTS = {
    "text in a number cell": (put(8, 5, "n.a."), r"cell F9.*'n.a.', a number was expected"),
    "text in a final demand cell": (put(18, 17, "x"), r"cell R19: holds the text 'x'"),
    "a sector code missing in the rows": (put(9, 3, "c4"), r"the row PRC c4 comes twice|the row Sector c. .c4. .*"),
    "a region renamed in the rows only": (
        lambda rows: [row.__setitem__(2, "CHN") for row in rows[7:11]],
        r"cell D8: the row CHN c1 is of a region that has no columns",
    ),
    "a row too few": (lambda rows: rows.pop(18), r"the row RoW c4 is missing, a sector that is there as a column"),
    "final demand of a region missing": (
        lambda rows: [row.__delitem__(slice(26, 31)) for row in rows[4:]],
        r"final demand of RoW is missing",
    ),
    "a final demand column missing": (
        lambda rows: [row.__delitem__(17) for row in rows[4:]],
        r"final demand F2 of PRC is missing",
    ),
    "no codes at all": (
        lambda rows: [
            row.__setitem__(k, "x") for row in rows[4:] for k in range(3, len(row)) if str(row[k])[:1] == "c"
        ],
        "no header row of sector codes",
    ),
    "the numbers cut off": (lambda rows: rows.__delitem__(slice(12, None)), "the row USA c2 is missing"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_adb_defects(tmp_path, small, name):
    change, message = DEFECTS[name]
    rows = adb_rows(small)
    change(rows)
    path = write_xlsx(tmp_path / "broken.xlsx", rows)
    with pytest.raises(gk.ReadError, match=message) as caught:
        gk.read_adb(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_labels_that_stand_over_other_columns_show_in_the_totals(tmp_path, small):
    rows = adb_rows(small)
    rows[6][4:6] = ["c2", "c1"]
    with pytest.warns(gk.GvcWarning, match="the row r69 is named as a total, and is off from every sum by 1"):
        gk.read_adb(write_xlsx(tmp_path / "exchanged.xlsx", rows))


def test_an_error_value_in_a_cell(tmp_path, small):
    rows = adb_rows(small)
    rows[9][6] = ("=1/0", "#DIV/0!")
    path = write_xlsx(tmp_path / "div0.xlsx", rows)
    with pytest.raises(gk.ReadError, match=r"div0\.xlsx, sheet 'ADB MRIO', cell G10") as caught:
        gk.read(path)
    assert (caught.value.sheet, caught.value.cell) == ("ADB MRIO", "G10")


def test_formulas_with_values_are_read_by_the_slow_path(tmp_path, small):
    rows = adb_rows(small)
    value = rows[9][6]
    rows[9][6] = ("=1+1", 5.25)
    t = gk.read(write_xlsx(tmp_path / "formula.xlsx", rows))
    expected = small.arrays.z.copy()
    expected[2, 2] = 5.25
    np.testing.assert_array_equal(t.arrays.z, expected)
    assert value != 5.25


def test_files_that_are_not_tables(tmp_path, small):
    with pytest.raises(gk.ReadError, match="no such file"):
        gk.read(tmp_path / "none.xlsx")
    with pytest.raises(gk.ReadError, match="no such file"):
        gk.read_adb(tmp_path / "none.xlsx")
    text = tmp_path / "text.xlsx"
    text.write_text("hello")
    for reader in (gk.read, gk.read_adb, gk.read_wiod):
        with pytest.raises(gk.ReadError, match=r"text\.xlsx"):
            reader(text)
    whole = write_xlsx(tmp_path / "whole.xlsx", adb_rows(small)).read_bytes()
    cut = tmp_path / "truncated.xlsx"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(gk.ReadError, match="complete Excel workbook"):
        gk.read_adb(cut)
    with pytest.raises(gk.ReadError, match="has no sheet 'Nope'; its sheets are 'ADB MRIO', 'Legend'"):
        gk.read_adb(tmp_path / "whole.xlsx", sheet="Nope")
    empty = write_xlsx(tmp_path / "empty.xlsx", [], legend=False)
    with pytest.raises(gk.ReadError, match=r"not a file that read\(\) knows .* begins with nothing"):
        gk.read(empty)
    with pytest.raises(gk.ReadError, match="no header row"):
        gk.read_adb(empty)


@pytest.mark.parametrize("kind", ["xlsx", "xlsx inline", "xlsb"])
def test_damaged_bytes_never_give_a_wrong_table_or_a_crash(tmp_path, small, kind):
    path = tmp_path / "fuzz"
    if kind == "xlsb":
        write_xlsb(path, adb_rows(small), sheet="2017")
    else:
        write_xlsx(path, adb_rows(small), inline="inline" in kind)
    whole, good = path.read_bytes(), gk.read(path)
    rng = random.Random(7)
    outcomes = {"error": 0, "right": 0}
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 4])):
            place, what = rng.randrange(len(data)), rng.randrange(3)
            if what == 0:
                data[place] ^= 1 << rng.randrange(8)
            elif what == 1:
                del data[place:]
                data += b"\0"
            else:
                other = rng.randrange(len(data))
                data[place], data[other] = data[other], data[place]
        path.write_bytes(bytes(data))
        try:
            read = gk.read(path)
        except gk.ReadError:
            outcomes["error"] += 1
        else:
            np.testing.assert_array_equal(read.arrays.z, good.arrays.z)
            np.testing.assert_array_equal(read.given.y, good.given.y)
            outcomes["right"] += 1
    assert outcomes["error"] > 50


def test_the_shared_workbook_maker_and_a_real_year(tmp_path, wiod):
    import subprocess
    import sys

    maker = data_file("../tools/make_adb_workbook.py")
    source = data_file("wiod2013/wiot_2008.npz")
    path = tmp_path / "ADB-MRIO-2008.xlsx"
    subprocess.run([sys.executable, maker, source, path, "--extra-code-row"], check=True)
    t, real = gk.read(path), wiod(2008)
    np.testing.assert_allclose(t.arrays.z, real.arrays.z * 1.000123, rtol=1e-15)
    np.testing.assert_allclose(t.given.y, real.given.y * 1.000123, rtol=1e-15)
    assert (t.year, t.regions[-1], len(t.regions)) == (2008, "ROW", 41)


def test_final_demand_that_goes_on_counting_in_any_order(tmp_path):
    t = table(["ROM", "RoW"], year=2005)
    rows = wiod_rows(t)
    n = len(t.x)
    order = [*range(4 + n), *range(4 + n + 9, 4 + n - 1, -1), 4 + n + 10]
    turned = [[row[k] for k in order] if len(row) == len(order) else row for row in rows]
    path = write_xlsx(tmp_path / "WIOT05_ROW_Apr12.xlsx", turned)
    read = gk.read(path)
    want = t.Y.rename({"ROM": "ROU", "RoW": "ROW"}, axis=0, level=0).rename(
        {"ROM": "ROU", "RoW": "ROW"}, axis=1, level=0
    )
    np.testing.assert_array_equal(read.Y.loc[want.index, want.columns], want)


def rdata_frame(t, years=(2014,)):
    """WIOD 2016 as R keeps it: rows and columns named by country and number."""
    n, count = len(t.x), len(t.sectors)
    names = [f"{r}{k + 1}" for r in t.regions for k in range(count)]
    names += [f"{r}{count + k}" for r in t.regions for k in range(1, 6)]
    labels = pd.DataFrame({
        "IndustryCode": [f"A{k % count:02d}" for k in range(n)], "IndustryDescription": "Sector",
        "Country": [r for r in t.regions for _ in range(count)], "RNr": [k % count + 1 for k in range(n)],
    })  # fmt: skip
    flows = pd.DataFrame(np.hstack([t.arrays.z, t.given.y, t.arrays.x[:, None]]), columns=[*names, "TOT"])
    parts = [pd.concat([labels.assign(Year=year), flows * (1 + k)], axis=1) for k, year in enumerate(years)]
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(list(labels)[:3], object))


def test_rdata_in_any_order_and_of_several_years(tmp_path):
    import rdata

    t = table(["AUS", "BEL", "ROW"], count=4, year=2014)
    frame = rdata_frame(t)
    path = tmp_path / "wiot.rds"
    by_industry = frame.sort_values(["RNr", "Country"])
    swapped = frame.iloc[[*range(4, 8), *range(4), *range(8, 12)]]
    columns = [*frame.columns[:5], *frame.columns[:4:-1]]
    for messy in (by_industry, swapped, frame[columns]):
        rdata.write_rds(path, messy.reset_index(drop=True))
        read = gk.read(path)
        assert set(read.regions) == set(t.regions)
        pd.testing.assert_frame_equal(read.Z.loc[t.Z.index, t.Z.columns], t.Z)
        pd.testing.assert_frame_equal(read.Y.loc[t.Y.index, t.Y.columns], t.Y)
    rdata.write_rds(path, rdata_frame(t, (2014, 2015)))
    with pytest.raises(gk.ReadError, match=r"holds 2 years \(2014 to 2015\): say which by year="):
        gk.read(path)
    same(gk.read(path, year=2014), t)
    np.testing.assert_array_equal(gk.read(path, year=2015).arrays.z, 2 * t.arrays.z)
    with pytest.raises(gk.ReadError, match="holds 2014, 2015, not 2016"):
        gk.read(path, year=2016)
    rdata.write_rds(path, frame.rename(columns={"AUS1": "V1"}))
    with pytest.raises(gk.ReadError, match="the column 'V1' is not named as AUS1: which sector buys can't be told"):
        gk.read(path)
