import numpy as np
import pytest

import gvckit as gk
from conftest import data_file
from gvckit.table.groups import MEDIUM_HIGH, REGION_GROUPS


def test_every_year_loads_and_is_productive():
    years = gk.sample_years()
    assert years == list(range(1995, 2012))
    for year in (1995, 1998, 2011):
        t = gk.load_sample(year)
        assert (len(t.regions), len(t.sectors), t.year) == (41, 14, year)
        assert t.categories == ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
    with pytest.raises(gk.OptionError, match="1995"):
        gk.load_sample(1994)


@pytest.mark.parametrize("year", [1995, 2005, 2011])
def test_the_sample_is_wiod_summed(wiod, year):
    codes = [[1], [2], range(3, 8), [8], [9, 10], [11, 12], [13], [14], [15], [16], [17, 18], range(19, 27),
             range(27, 31), range(31, 36)]  # fmt: skip
    t = gk.load_sample(year)
    mapping = {f"c{i}": name for name, members in zip(t.sectors, codes, strict=True) for i in members}
    summed = wiod(year).aggregate({"ROM": "ROU", "RoW": "ROW"}, mapping)
    assert summed.regions == t.regions
    assert summed.sectors == t.sectors
    np.testing.assert_array_equal(summed.arrays.z, t.arrays.z)
    np.testing.assert_array_equal(summed.given.y, t.given.y)


def test_groups(sample, leather):
    groups = gk.region_groups(sample)
    assert groups[["CHN", "USA", "MEX", "DEU", "ROW"]].tolist() == [
        "Asia", "North America", "North America", "Europe", "Rest",
    ]  # fmt: skip
    assert set(groups) == set(REGION_GROUPS)
    technology = gk.technology_groups(sample)
    assert (technology == MEDIUM_HIGH).sum() == 6
    with pytest.raises(gk.LabelError, match="'Agriculture' is not of a classification"):
        gk.technology_groups(leather)


def test_groups_of_codes_and_their_sums(wiod):
    t = wiod(2005)
    technology = gk.technology_groups(t)
    high = technology.index[technology == MEDIUM_HIGH].tolist()
    assert high == ["c8", "c9", "c11", "c12", "c13", "c14", "c15"]
    frame = gk.participation(t)
    summed = gk.sum_sectors(frame, technology)
    assert summed.index.names == ["region", "sector"]
    by_hand = frame.loc["CHN"].loc[high].sum()
    np.testing.assert_allclose(summed.loc[("CHN", MEDIUM_HIGH)], by_hand)


# ---- OECD ICIO 2020 -------------------------------------------------------------------------------------------


def test_the_second_database():
    t = gk.load_sample(2020, "icio")
    assert gk.sample_years("icio") == [2020]
    assert (len(t.regions), len(t.sectors), t.year, t.unit) == (77, 11, 2020, "million USD")
    assert round(t.va.sum()) == 82_049_604
    assert round(t.extensions["value_added"].to_numpy().sum()) == 79_709_147
    china = gk.participation(t, level="region", shares=True).loc["CHN"]
    assert china[["domestic", "traditional", "simple", "complex"]].round(4).tolist() == [0.8496, 0.0707, 0.0532, 0.0265]
    assert "OECD" in t.source
    # Taxes on inputs are what x - 1'Z holds beside value added.
    accounts = sum(frame.to_numpy()[0] for frame in t.extensions.values())
    np.testing.assert_allclose(accounts, t.va, rtol=1e-5, atol=0.1)
    with pytest.raises(gk.OptionError, match="2020"):
        gk.load_sample(2011, "icio")
    with pytest.raises(gk.OptionError, match="'wiod', 'icio'"):
        gk.sample_years("oecd")
    assert gk.load_sample().year == 2011


def test_the_second_database_is_the_file_in_single_precision():
    with np.load(data_file("icio2023/icio2020_77x11.npz")) as data:
        t = gk.load_sample(2020, "icio")
        assert t.regions == data["regions"].tolist()
        np.testing.assert_array_equal(t.arrays.z, data["Z"].astype(np.float32))
        np.testing.assert_array_equal(t.given.y, data["Y"].astype(np.float32))


def test_eleven_broad_groups_say_that_they_can_not_be_told_apart():
    t = gk.load_sample(2020, "icio")
    for function in (gk.sector_mapping, gk.technology_groups):
        with pytest.raises(gk.LabelError, match=r"'Other manufacturing' \(C13-C33\) each lie across .*read_icio"):
            function(t)
