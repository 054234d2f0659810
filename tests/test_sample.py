import numpy as np
import pytest

import gvckit as gk
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
