"""Readers of delimited files: ICIO, FIGARO, Eora26, EXIOBASE 3, long-run WIOD, and tables of a user's own."""

import io
import logging
import random
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from fixtures import texts

REGIONS = ["AUS", "CHN", "ROW"]


def table(regions, sectors, categories, seed=0, year=2018, unit="million USD"):
    """Random flows, some zero; inventories are negative; a discrepancy is nowhere."""
    rng = np.random.default_rng(seed)
    n, f = len(regions) * len(sectors), len(categories)
    z = np.round(rng.random((n, n)) * 10, 4) * (rng.random((n, n)) > 0.3)
    y = np.round(rng.random((n, f * len(regions))) * 100, 4)
    y[:, 4 % f :: f] *= -0.1
    y[:, 0::f] += np.maximum(z.sum(0) - z.sum(1), 0)[:, None]
    return gk.Mrio.from_arrays(z, y, regions, sectors, categories, year=year, unit=unit)


def icio(edition, regions=REGIONS, year=2018):
    sectors = {"2018": ["01T03", "05T06", "07T08"], "2025": ["A01", "C24A", "C24B"]}.get(
        edition, ["A01_02", "A03", "B"]
    )
    return table(
        regions,
        sectors,
        [c.replace("GGCF", "GGFC").replace("DIRPA", "DPABR") for c in texts.ICIO[edition][0]],
        year=year,
    )


def same(got, want, regions=None, rtol=1e-12):
    assert got.regions == (regions or want.regions)
    assert (got.sectors, got.categories, got.year, got.unit) == (want.sectors, want.categories, want.year, want.unit)
    np.testing.assert_allclose(got.arrays.z, want.arrays.z, rtol=rtol)
    np.testing.assert_allclose(got.given.y, want.given.y, rtol=rtol)


# ---- OECD ICIO ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", texts.ICIO)
def test_icio_editions(tmp_path, edition, caplog):
    t = icio(edition)
    path = texts.write_rows(tmp_path / "ICIO_2018.csv", texts.icio_rows(t, edition))
    with caplog.at_level(logging.INFO, "gvckit.read"):
        for read in (gk.read(path), gk.read_icio(path)):
            same(read, t)
            assert read.source == f"OECD ICIO, {edition} edition"
            np.testing.assert_allclose(read.given.x, t.x, rtol=1e-12)
            assert read.notes[0].startswith("recognised as OECD ICIO")
            assert "differ by 0.00e+00" in read.notes[-1] or "e-1" in read.notes[-1]
    assert "recognised as" in caplog.text
    taxes = read.extensions["value_added"]
    assert taxes.attrs["unit"] == "million USD"
    if edition in ("2023", "2025"):
        np.testing.assert_allclose(taxes.loc["TLS"], 0.1 * t.va, rtol=1e-12)


def test_icio_in_zip_folder_open_file_and_with_a_mark(tmp_path):
    years = {year: icio("2023", year=year) for year in (2016, 2017)}
    files = [
        texts.write_rows(tmp_path / f"{y}_SML.csv", texts.icio_rows(t, "2023"), mark=True) for y, t in years.items()
    ]
    same(gk.read(files[0]), years[2016])
    folder = tmp_path / "all"
    folder.mkdir()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    same(gk.read(folder, year=2017), years[2017])
    archive = texts.write_zip(tmp_path / "2016-2017_SML.zip", *files)
    same(gk.read(archive, year=2016), years[2016])
    with pytest.raises(gk.ReadError, match=r"holds 2 tables \(2016_SML.csv, 2017_SML.csv\): say which"):
        gk.read(archive)
    with pytest.raises(gk.ReadError, match=r"holds no .* of 1999"):
        gk.read_icio(archive, year=1999)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        outer.write(archive, archive.name)
    same(gk.read_icio(tmp_path / "outer.zip", year=2017), years[2017])
    with archive.open("rb") as file:
        same(gk.read_icio(file, year=2017), years[2017])
    text = io.StringIO((folder / "2016_SML.csv").read_text())
    assert gk.read_icio(text, year=2016).regions == REGIONS


def test_names_with_the_year_of_an_edition(tmp_path):
    t = icio("2021", year=2018)
    path = texts.write_rows(tmp_path / "ICIO2021_2018.csv", texts.icio_rows(t, "2021"))
    same(gk.read(path), t)
    same(gk.read(path, year=2018), t)
    for year in (2021, 2017):
        with pytest.raises(gk.ReadError, match=f"holds no .* of {year}"):
            gk.read(path, year=year)
    same(gk.read(path, year=np.int64(2018)), t)
    gk.read(path, year=np.int64(2018)).save(tmp_path / "saved.gvc")
    with pytest.raises(gk.ReadError, match="is of 2018, not of 2017"):
        gk.read(tmp_path / "saved.gvc", year=2017)
    # What a Mac or a careful publisher puts beside the table.
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        archive.write(path, path.name)
        archive.writestr(f"__MACOSX/._{path.name}", b"\0\1")
        archive.writestr("ReadMe.txt", "hello")
        archive.writestr("ReadMe.xlsx", b"no workbook")
    same(gk.read(tmp_path / "mac.zip"), t)


def test_open_files_of_every_kind(tmp_path, euro, exio):
    t = icio("2023")
    paths = [
        texts.write_rows(tmp_path / "2018_SML.csv", texts.icio_rows(t, "2023")),
        texts.write_rows(tmp_path / "flat_2021.csv", texts.figaro_flat_rows(euro)),
        texts.write_rows(tmp_path / "matrix_2021.csv", texts.figaro_rows(euro)),
        tmp_path / "saved.gvc",
    ]
    t.save(paths[-1])
    for path in paths:
        with path.open("rb") as file:
            assert gk.read(file) == gk.read(path)


def test_icio_extended_is_folded_or_kept(tmp_path):
    regions = ["CHN", "MEX", "USA", "MX1", "MX2", "CN1", "CN2"]
    t = icio("2023", regions)
    n = len(t.sectors)
    z, y = t.arrays.z.copy(), t.given.y.copy()
    z[: 2 * n], z[:, : 2 * n], y[: 2 * n] = 0, 0, 0  # production is in the parts,
    y[:, 3 * 6 :] = 0  # and final demand under CHN and MEX alone
    t = gk.Mrio.from_arrays(z, y, regions, t.sectors, t.categories, year=2018, unit="million USD")
    path = texts.write_rows(tmp_path / "2018.csv", texts.icio_rows(t, "2023"))
    kept = gk.read_icio(path, processing="keep")
    same(kept, t)
    assert kept.source.endswith("extended")
    folded = gk.read(path)
    same(folded, t.aggregate(regions={"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX"}))
    assert any("added MX1, MX2, CN1, CN2 to MEX, CHN" in note or "added CN1" in note for note in folded.notes)
    with pytest.raises(gk.OptionError, match="'fold', 'keep'"):
        gk.read_icio(path, processing="drop")


def put(row, col, value):
    return lambda rows: rows[row].__setitem__(col, value)


# A table of 3 regions x 3 sectors: line 1 is the header, final demand begins in field 11.
ICIO_DEFECTS = {
    "text_in_a_cell": (put(2, 3, "n.a."), r"line 3, field 4: holds the text 'n\.a\.', a number was expected"),
    "comma_decimals": (put(2, 3, '"1,5"'), r"line 3, field 4: holds the text '1,5', a number .*: decimal=','\?"),
    "infinity": (put(4, 2, "inf"), r"line 5, field 3: holds the text 'inf'"),
    "a_field_too_many": (lambda rows: rows[5].append(1.0), "line 6 has 30 fields, the header 29"),
    "a_field_too_few": (lambda rows: rows[5].pop(), "line 6 has 28 fields, the header 29"),
    "row_renamed": (put(4, 0, "CHN_A01_O2"), "the row CHN_A01_02 is missing.*is it 'CHN_A01_O2', spelled differently"),
    "row_missing": (lambda rows: rows.pop(4), "the row CHN_A01_02 is missing, a sector that is there as a column"),
    "column_missing": (lambda rows: [row.pop(9) for row in rows], "the column ROW_B is missing"),
    "cut_off": (lambda rows: rows.__delitem__(slice(7, None)), "column 'ROW_A01_02' is neither a sector, final demand"),
    "demand_of_a_region_missing": (lambda rows: [row.pop(12) for row in rows], "final demand GGFC of AUS is missing"),
    "strange_column": (put(0, 28, "WHAT"), "column 'WHAT' is neither a sector, final demand"),
    "demand_twice": (put(0, 11, "AUS_HFCE"), "line 1, field 12: the column AUS_HFCE comes twice"),
    "nothing": (lambda rows: rows.clear(), "has no header of labels such as AUS_A01"),
}


@pytest.mark.parametrize("name", ICIO_DEFECTS)
def test_icio_defects(tmp_path, name):
    change, message = ICIO_DEFECTS[name]
    rows = texts.icio_rows(icio("2023"), "2023")
    change(rows)
    path = texts.write_rows(tmp_path / f"{name}.csv", rows)
    with pytest.raises(gk.ReadError, match=message) as caught:
        gk.read_icio(path)
    assert caught.value.path == str(path)


def test_gaps_and_lost_decimal_points_are_reported(tmp_path):
    t = icio("2023")
    rows = texts.icio_rows(t, "2023")
    rows[2][3] = ""
    rows[3][4] = "NA"
    read = gk.read_icio(texts.write_rows(tmp_path / "2018.csv", rows, ending="\r\n"))
    assert "2 empty cells were taken as 0" in read.notes
    assert read.arrays.z[1, 2] == read.arrays.z[2, 3] == 0
    rows = texts.icio_rows(t, "2023")
    k = int(np.argmax(t.arrays.z[1]))
    rows[2][k + 1] = 1e4 * t.arrays.z[1, k]  # the point is lost
    with pytest.warns(gk.GvcWarning, match="more than rounding, see t.audit|the row OUT is named as a total"):
        read = gk.read_icio(texts.write_rows(tmp_path / "2018.csv", rows))
    assert "AUS, A03" in read.notes[-1]
    assert read.audit().attrs["largest_gap"] > 0.9


# ---- FIGARO ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def euro():
    return table(
        ["AT", "FIGW1", "FR"],
        ["A01", "C10T12"],
        ["GGFC", "HFCE", "NPISH", "GFCF", "INVNT"],
        year=2021,
        unit="million EUR",
    )


@pytest.mark.parametrize("product", [False, True])
def test_figaro_matrix_and_flat(tmp_path, euro, product):
    name = "eu-ic-io_prod-by-prod_24ed_2021" if product else "eu-ic-io_ind-by-ind_24ed_2021"
    files = [
        texts.write_rows(tmp_path / f"matrix_{name}.csv", texts.figaro_rows(euro, product)),
        texts.write_rows(tmp_path / f"flatfile_{name}.csv", texts.figaro_flat_rows(euro, product)),
        texts.write_rows(tmp_path / f"shuffled_{name}.csv", texts.figaro_flat_rows(euro, product)),
    ]
    want = gk.Mrio.from_arrays(
        euro.arrays.z, euro.given.y, ["AT", "ROW", "FR"],
        [f"CPA_{s}" for s in euro.sectors] if product else euro.sectors, euro.categories, year=2021, unit="million EUR",
    )  # fmt: skip
    for file in files:
        for read in (gk.read(file), gk.read_figaro(file)):
            same(read, want)
            assert read.source.startswith("FIGARO, edition 2024, " + ("product" if product else "industry"))
            assert list(read.extensions["value_added"].index) == texts.FIGARO_BOTTOM
            np.testing.assert_allclose(read.extensions["value_added"].sum(), want.va, rtol=1e-9)
    archive = texts.write_zip(tmp_path / f"flatfile_{name}.zip", files[1])
    same(gk.read(archive), want)


def test_a_flat_file_in_any_order_and_with_a_key_twice(tmp_path, euro):
    rows = texts.figaro_flat_rows(euro, shuffle=3)
    read = gk.read(texts.write_rows(tmp_path / "flat_2021.csv", rows))
    pd.testing.assert_frame_equal(
        read.Z.rename({"ROW": "FIGW1"}, axis=0).rename({"ROW": "FIGW1"}, axis=1).loc[euro.Z.index, euro.Z.columns],
        euro.Z, check_names=False,
    )  # fmt: skip
    rows.append(list(rows[5]))
    with pytest.raises(gk.ReadError, match=rf"line {len(rows)} gives .* again: one cell has two values"):
        gk.read_figaro(texts.write_rows(tmp_path / "twice.csv", rows))
    rows[-1] = ["x", "y"]
    with pytest.raises(gk.ReadError, match=f"line {len(rows)} has 2 fields, expected 7"):
        gk.read_figaro(texts.write_rows(tmp_path / "short.csv", rows))
    matrix = texts.figaro_rows(euro)
    matrix[0][8] = "AT_HFCE"
    with pytest.raises(gk.ReadError, match="'AT_HFCE' is neither"):
        gk.read_figaro(texts.write_rows(tmp_path / "renamed.csv", matrix))


def test_what_a_flat_file_leaves_out_is_zero_and_a_matrix_may_not_lack(tmp_path, euro):
    z, y = euro.arrays.z.copy(), euro.given.y.copy()
    z[1], y[1], z[:, 2] = 0, 0, 0  # AT C10T12 sells nothing, FIGW1 A01 buys nothing,
    y[:, 2] = 0  # and Austria has no NPISH
    t = gk.Mrio.from_arrays(z, y, euro.regions, euro.sectors, euro.categories, year=2021, unit="million EUR")
    read = gk.read(texts.write_rows(tmp_path / "flat_2021.csv", texts.figaro_flat_rows(t)))
    np.testing.assert_array_equal(read.arrays.z, z)
    np.testing.assert_array_equal(read.given.y, y)
    rows = texts.figaro_rows(euro)
    short = [row[:17] for row in rows]  # the final demand of FR is missing
    with pytest.raises(gk.ReadError, match="final demand of FR is missing"):
        gk.read(texts.write_rows(tmp_path / "matrix_2021.csv", short))
    rows.append(rows[-1])
    with pytest.raises(gk.ReadError, match="row W2_B2A3G comes twice"):
        gk.read(texts.write_rows(tmp_path / "twice_2021.csv", rows))


# ---- WIOD, long run ----------------------------------------------------------------------------------------------


def test_long_run_wiod(tmp_path):
    years = [
        table(["AUS", "ROW"], ["AtB", "15t16"], ["HFCE", "GGFC", "GFCF", "INVNT"], seed=y, year=y) for y in (1965, 1966)
    ]
    path = texts.write_rows(tmp_path / "lr_wiod_wiot_final_filled.csv", texts.long_run_rows(years))
    for read in (gk.read(path, year=1966), gk.read_wiod(path, year=1966)):
        same(read, years[1])
        assert read.source == "WIOD, long run, current prices"
        np.testing.assert_allclose(read.given.x, years[1].x, rtol=1e-12)
    with pytest.raises(gk.ReadError, match="say which by year="):
        gk.read(path)
    with pytest.raises(gk.ReadError, match="no line of the year 1999"):
        gk.read(path, year=1999)


# ---- Eora26 ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eora():
    return table(
        ["AFG", "ALB"],
        ["Agriculture", "Fishing"],
        ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "VALU"],
        year=2015,
        unit="thousand USD",
    )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("trailing", [False, True])
def test_eora26(tmp_path, eora, packed, trailing):
    folder = texts.write_eora(tmp_path / "eora", eora, trailing=trailing)
    path = folder
    if packed:
        labels = texts.write_zip(tmp_path / "indices.zip", *sorted(folder.glob("labels_*.txt")))
        path = texts.write_zip(tmp_path / "Eora26_2015_bp.zip", *sorted(folder.glob("Eora26_*.txt")), labels)
    for read in (gk.read(path), gk.read_eora26(path)):
        assert read.regions == ["AFG", "ALB", "ROW"]
        assert read.sectors == ["Agriculture", "Fishing", "TOTAL"]
        assert (read.categories, read.year, read.unit) == (eora.categories, 2015, "thousand USD")
        pd.testing.assert_frame_equal(read.Z.loc[eora.Z.index, eora.Z.columns], eora.Z)
        assert read.x["ROW", "TOTAL"] == 3.0
        assert read.x.sum() == pytest.approx(eora.x.sum() + 3.0)
        assert "ROW TOTAL kept as a sector of its own" in read.notes[1]
        wages = read.extensions["value_added"].loc["Primary Inputs / Compensation of employees D.1"]
        np.testing.assert_allclose(wages[eora.va.index], 0.75 * eora.va, rtol=1e-9)
        gas = "Greenhouse gases / CO2 emissions (Gg)"
        assert read.extensions["satellite"].attrs["unit"] == {gas: "Gg"}
        assert gk.flows(read, "total", factor=gas).attrs["unit"] == "Gg"


def test_eora26_defects(tmp_path, eora):
    folder = texts.write_eora(tmp_path / "eora", eora)
    part = folder / "Eora26_2015_bp_FD.txt"
    good = part.read_text()
    for text, message in (
        (good[: len(good) // 2].rsplit("\n", 1)[0] + "\n", "has . rows, the labels have 5"),
        (good.replace("3.0\t", "\t", 1), "is empty, a number was expected|holds"),
        ("1\t2\n", "has 2 fields in its first line, the labels are 18"),
    ):
        part.write_text(text)
        with pytest.raises(gk.ReadError, match=message):
            gk.read_eora26(folder)
    part.write_text("")
    with pytest.raises(gk.ReadError, match="is empty"):
        gk.read_eora26(folder)
    part.write_text(good)
    (folder / "labels_T.txt").write_text("a\tb\n")
    with pytest.raises(gk.ReadError, match="expected country, code, kind, name"):
        gk.read_eora26(folder)
    (folder / "labels_T.txt").unlink()
    with pytest.raises(gk.ReadError, match=r"no labels_T.txt.*indices.zip"):
        gk.read_eora26(folder)


# ---- EXIOBASE ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exio():
    return table(["AT", "WA"], ["Wheat", "Rice", "Ore"], ["HFCE", "GFCF"], year=2011, unit="million EUR")


@pytest.mark.parametrize("coefficients", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_exiobase(tmp_path, exio, coefficients, packed):
    path = texts.write_exiobase(tmp_path / "IOT_2011_ixi", exio, coefficients)
    if packed:
        target = tmp_path / "IOT_2011_ixi.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for file in sorted(path.rglob("*.txt")):
                archive.write(file, f"IOT_2011_ixi/{file.relative_to(path)}")
        path = target
    for read in (gk.read(path), gk.read_exiobase3(path)):
        same(read, exio, rtol=1e-9)
        frame = read.extensions["satellite"]
        assert frame.attrs["unit"] == {"CO2 - combustion - air": "kg", "Employment people": "1000 p"}
        np.testing.assert_allclose(frame.loc["CO2 - combustion - air"], np.arange(6) * 2.5)
        assert (read.demand_accounts["satellite"] == 1.0).all(axis=None)
    assert gk.read_exiobase3(path, extensions=False).extensions == {}
    assert list(gk.read_exiobase3(path, extensions=["satellite"]).extensions) == ["satellite"]


def test_exiobase_of_several_years_is_never_mixed(tmp_path, exio):
    other = gk.Mrio.from_arrays(
        2 * exio.arrays.z, 2 * exio.given.y, exio.regions, exio.sectors, exio.categories, year=2010,
        unit="million EUR",
    )  # fmt: skip
    texts.write_exiobase(tmp_path / "IOT_2011_ixi", exio)
    texts.write_exiobase(tmp_path / "IOT_2010_ixi", other)
    for year, want in ((2011, exio), (2010, other)):
        same(gk.read(tmp_path, year=year), want, rtol=1e-9)
        assert list(gk.read(tmp_path, year=year).extensions) == ["satellite"]
    with pytest.raises(gk.ReadError, match=r"holds 2 tables .*say which by year="):
        gk.read(tmp_path)
    with pytest.raises(gk.ReadError, match="holds 0 tables of 1999"):
        gk.read(tmp_path, year=1999)


def test_exiobase_defects(tmp_path, exio):
    folder = texts.write_exiobase(tmp_path / "x", exio)
    good = (folder / "x.txt").read_text()
    (folder / "x.txt").write_text(good.replace("Rice", "Rye"))
    with pytest.raises(gk.ReadError, match="other rows than the table"):
        gk.read(folder)
    for text, message in (("", "one column of numbers"), ("region\n", "one column of numbers")):
        (folder / "x.txt").write_text(text)
        with pytest.raises(gk.ReadError, match=message):
            gk.read(folder)
    (folder / "x.txt").unlink()
    with pytest.raises(gk.ReadError, match=r"x.txt is needed too"):
        gk.read(folder)
    (folder / "x.txt").write_text(good)
    (folder / "unit.txt").write_text("region\tsector\tunit\nAT\tWheat\tM.EUR\nAT\tRice\tkg\n")
    with pytest.raises(gk.ReadError, match=r"units are mixed: M.EUR, kg"):
        gk.read(folder)
    (folder / "Y.txt").unlink()
    with pytest.raises(gk.ReadError, match=r"no whole EXIOBASE table: Y.txt is missing, there are A.txt"):
        gk.read_exiobase3(folder)


# ---- a second opinion --------------------------------------------------------------------------------------------


def agrees(read, io_system):
    io_system.calc_all()
    for ours, theirs in ((read.Z, io_system.Z), (read.Y, io_system.Y)):
        assert [tuple(map(str, k)) for k in theirs.index] == list(ours.index)
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-9, atol=1e-12)


def quiet(work):
    """Call into pymrio, whose readers warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def test_pymrio_reads_the_same_numbers(tmp_path, exio):
    import pymrio

    folder = texts.write_exiobase(tmp_path / "IOT_2011_ixi", exio)
    agrees(gk.read(folder), quiet(lambda: pymrio.parse_exiobase3(folder)))
    t = icio("2021")
    (tmp_path / "oecd").mkdir()
    texts.write_rows(tmp_path / "oecd" / "ICIO2021_2018.csv", texts.icio_rows(t, "2021"))
    theirs = quiet(lambda: pymrio.parse_oecd(tmp_path / "oecd", year=2018))
    agrees(gk.read(tmp_path / "oecd"), theirs)


def test_pymrio_reads_the_same_eora(tmp_path, eora):
    import pymrio

    folder = texts.write_eora(tmp_path / "eora", eora)
    (folder / "Eora26_2015_bp_QY.txt").write_text("\t".join(["0.0"] * 18) + "\n")
    theirs = quiet(lambda: pymrio.parse_eora26(folder, year=2015))
    ours = gk.read(folder)
    for frame, other in ((ours.Z, theirs.Z), (ours.Y, theirs.Y)):
        part = frame.loc[[tuple(map(str, k)) for k in other.index]].to_numpy()
        width = other.shape[1]
        # Columns of ROW come last in both; pymrio leaves them out of Z.
        kept = (
            part
            if part.shape[1] == width
            else part[:, [k for k in range(part.shape[1]) if frame.columns[k][1] != "TOTAL"]]
        )
        np.testing.assert_allclose(kept[:, :width], other.to_numpy(), rtol=1e-12)


def test_pymrio_test_system_and_its_footprints(tmp_path):
    import pymrio

    system = quiet(lambda: pymrio.load_test().calc_all())
    quiet(lambda: system.save_all(tmp_path / "mock"))
    read = quiet(lambda: gk.read(tmp_path / "mock"))
    agrees(read, system)
    stressor = " / ".join(system.emissions.F.index[0])
    read_emissions = read.extensions["emissions"]
    np.testing.assert_allclose(read_emissions.to_numpy(), system.emissions.F.to_numpy())
    assert read_emissions.attrs["unit"][stressor] == "kg"
    ours = gk.flows(read, "total", partner="absorber", factor=stressor)
    theirs = system.emissions.D_cba.iloc[0].groupby(level="region", sort=False).sum()
    np.testing.assert_allclose(ours.sum(axis=0), theirs[ours.columns], rtol=1e-9)
    assert ours.attrs["unit"] == "kg"
    territorial = system.emissions.D_pba.iloc[0].groupby(level="region", sort=False).sum()
    np.testing.assert_allclose(ours.sum(axis=1), territorial[ours.index], rtol=1e-9)


# ---- a user's own ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own():
    return table(["P", "Q"], ["a", "b"], ["C", "I"], unit="bn")


def two_levels(t):
    whole = np.hstack([t.arrays.z, t.given.y, t.arrays.x[:, None]])
    columns = pd.MultiIndex.from_tuples([*t.labels.rows, *t.labels.demand, ("all", "total")], names=["r", "s"])
    frame = pd.DataFrame(whole, index=t.labels.rows.set_names(["r", "s"]), columns=columns)
    frame.loc[("VA", "wages"), :] = [*(0.5 * t.arrays.va), 0, 0, 0, 0, 0]
    return frame


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_own_matrix(tmp_path, own, suffix):
    path = tmp_path / f"mine{suffix}"
    frame = two_levels(own)
    if suffix == ".csv":
        frame.to_csv(path)
    elif suffix == ".xlsx":
        frame.to_excel(path)
    else:
        frame.to_parquet(path)
    read = gk.read_table(path, totals=["total"], year=2018, unit="bn")
    same(read, own)
    assert read.extensions["value_added"].index.tolist() == ["VA_wages"]


def test_own_matrix_with_joined_labels_and_decimal_commas(tmp_path, own):
    frame = two_levels(own)
    frame.index = ["-".join(k) for k in frame.index]
    frame.columns = ["-".join(k) for k in frame.columns]
    path = tmp_path / "mine.csv"
    frame.to_csv(path, sep=";", decimal=",")
    same(gk.read_table(path, labels="-", totals=["total"], decimal=",", year=2018, unit="bn"), own)
    read = gk.read_table(path, labels="-", totals=["total"], year=2018, unit="bn")
    same(read, own)
    assert "numbers are written with decimal=','" in read.notes


def test_labels_that_look_like_numbers_or_gaps(tmp_path):
    t = table(["NA", "FR"], ["01", "02", "10"], ["C", "I"], unit="bn")
    path = tmp_path / "mine.csv"
    t.to_long().astype(str).to_csv(path, index=False)
    same(gk.read_table(path, "flat", year=2018, unit="bn"), t)
    two_levels(t).to_csv(path)
    same(gk.read_table(path, totals=["total"], year=2018, unit="bn"), t)


def test_marks_between_thousands(tmp_path, own):
    frame = two_levels(own)
    path = tmp_path / "mine.csv"
    texts_of = frame.map(lambda v: f"{v:,.4f}".replace(",", "_").replace(".", ",").replace("_", "."))
    texts_of.to_csv(path, sep=";")
    big = frame.map(lambda v: v >= 1000).any(axis=None)
    read = gk.read_table(path, totals=["total"], decimal=",", thousands=".", year=2018, unit="bn")
    same(read, own, rtol=1e-3)
    path.write_text(path.read_text().replace(";0,0000", ";1.234,5", 1))
    with pytest.raises(
        gk.ReadError, match=r"holds the text '1\.234,5', a number was expected: decimal=',', thousands='\.'\?"
    ):
        gk.read_table(path, totals=["total"], decimal=",")
    assert not big
    with pytest.raises(gk.OptionError, match="another mark"):
        gk.read_table(path, decimal=",", thousands=",")


def test_own_labels_twice_and_gaps_counted(tmp_path, own):
    frame = two_levels(own)
    path = tmp_path / "mine.csv"
    pd.concat([frame, frame.iloc[[0]] * 5]).to_csv(path)
    with pytest.raises(gk.ReadError, match="row P_a comes twice"):
        gk.read_table(path, totals=["total"])
    gappy = frame.astype(object)
    gappy.iloc[0, 1], gappy.iloc[1, 2] = "", "#N/A"
    gappy.to_csv(path)
    with pytest.warns(gk.GvcWarning, match="more than rounding"):
        read = gk.read_table(path, totals=["total"])
    assert "2 empty cells were taken as 0" in read.notes
    assert read.arrays.z[0, 1] == read.arrays.z[1, 2] == 0


def test_own_flat_list(tmp_path, own):
    whole = np.hstack([own.arrays.z, own.given.y])
    buyers = [*own.labels.rows, *own.labels.demand]
    cells = [(*own.labels.rows[i], *buyers[j], value) for (i, j), value in np.ndenumerate(whole)]
    flat = pd.DataFrame(cells, columns=["from", "ind", "to", "use", "usd"]).assign(t=2018)
    flat = pd.concat([flat, flat.assign(t=2019, usd=0.0)])
    fields = {"region": "from", "sector": "ind", "partner": "to", "partner_sector": "use", "value": "usd"}
    for suffix in (".csv", ".parquet"):
        path = tmp_path / f"flat{suffix}"
        flat.to_csv(path, index=False) if suffix == ".csv" else flat.to_parquet(path)
        read = gk.read_table(path, "flat", columns=fields, only={"t": 2018}, year=2018, unit="bn")
        same(read, own)
    with pytest.raises(gk.ReadError, match="comes twice"):
        gk.read_table(path, "flat", columns=fields)
    with pytest.raises(gk.LabelError, match="column for 'value'"):
        gk.read_table(path, "flat", columns={**fields, "value": "eur"})
    with pytest.raises(gk.OptionError, match="'matrix', 'flat'"):
        gk.read_table(path, "cube")
    with pytest.raises(gk.ReadError, match="no such file"):
        gk.read_table(tmp_path / "none.csv")


# ---- damage ------------------------------------------------------------------------------------------------------


def fixtures_to_damage(folder, euro, exio, eora):
    """A file of each layout with the table that it was written from, as its reader gives it."""
    files = [
        texts.write_rows(folder / "ICIO_2018.csv", texts.icio_rows(icio("2023"), "2023")),
        texts.write_rows(folder / "matrix_2021.csv", texts.figaro_rows(euro)),
        texts.write_rows(folder / "flat_2021.csv", texts.figaro_flat_rows(euro)),
    ]
    for write, t in ((texts.write_eora, eora), (texts.write_exiobase, exio)):
        inner = write(folder / write.__name__, t)
        target = folder / f"{write.__name__}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(inner.rglob("*.txt")):
                archive.write(file, str(file.relative_to(inner)))
        files.append(target)
    return files


def damaged(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        kind, at = rng.randrange(5), rng.randrange(max(len(data), 1))
        if kind == 0:
            del data[at:]
        elif kind == 1 and data:
            data[at % len(data)] = rng.randrange(256)
        elif kind == 2:
            del data[at : at + rng.randint(1, 40)]
        elif kind == 3:
            data[at:at] = data[at : at + rng.randint(1, 40)]
        else:
            lines = data.split(b"\n")
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            data = bytearray(b"\n".join(lines))
    return bytes(data)


def test_damage_is_an_error_or_a_table_never_a_crash(tmp_path, euro, exio, eora):
    rng = random.Random(8)
    readable = 0
    for file in fixtures_to_damage(tmp_path, euro, exio, eora):
        good = file.read_bytes()
        path = tmp_path / f"damaged{file.suffix}"
        for _ in range(120):
            path.write_bytes(damaged(good, rng))
            try:
                t = quiet(lambda path=path: gk.read(path))
            except gk.GvcError:
                continue
            # What is still read is a whole table: finite numbers under labels that differ.
            assert np.isfinite(t.arrays.z).all()
            assert t.labels.rows.is_unique
            readable += 1
    assert readable > 0


def test_what_is_not_a_table(tmp_path):
    for name, content, message in (
        ("a.csv", "a,b\n1,2\n", "is not a file that read\\(\\) knows"),
        ("b.csv", "", "begins with nothing"),
        ("c.txt", "hello", "is not a file that read\\(\\) knows"),
        ("d.csv", "\ufeff\n\n", "begins with nothing"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(gk.ReadError, match=message):
            gk.read(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(gk.ReadError, match="is not a file that"):
        gk.read(tmp_path / "empty")
