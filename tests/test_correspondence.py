import pytest

import gvckit as gk
from gvckit.table.groups import GROUPS, group_of, technology_sectors
from gvckit.table.names import _groups_by_spelling, economies, economy_of, groups_known


def table(regions, sectors):
    n = len(regions) * len(sectors)
    z = [[0.1] * n for _ in range(n)]
    return gk.Mrio.from_arrays(z, [[float(n)] * len(regions)] * n, regions, sectors)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("A01_02", "Agriculture"),
        ("A01", "Agriculture"),
        ("01T03", "Agriculture"),
        ("B05_06", "Mining"),
        ("B", "Mining"),
        ("C10T12", "Food, textiles, wood and paper"),
        ("C17_18", "Food, textiles, wood and paper"),
        ("C19", "Refined petroleum"),
        ("C20", "Chemicals, rubber and plastics"),
        ("D20T21", "Chemicals, rubber and plastics"),
        ("C24A", "Minerals and metals"),
        ("C28", "Machinery"),
        ("C26", "Electrical and optical equipment"),
        ("C27", "Electrical and optical equipment"),
        ("C302T309", "Transport equipment"),
        ("C31_33", "Other manufacturing"),
        ("C31T33", "Other manufacturing"),
        ("D35", "Utilities and construction"),
        ("F", "Utilities and construction"),
        ("F41T43", "Utilities and construction"),
        ("G45T47", "Trade, transport and hospitality"),
        ("H53", "Business services"),
        ("I", "Trade, transport and hospitality"),
        ("J58T60", "Business services"),
        ("N", "Business services"),
        ("R_S", "Public and personal services"),
        ("T", "Public and personal services"),
        ("CPA_C29", "Transport equipment"),
        ("O84", "Public and personal services"),
    ],
)
def test_codes_of_isic_rev_4(code, group):
    assert group_of(code) == group


@pytest.mark.parametrize("code", ["Agriculture", "C19_20", "x1", "", "C10T28", "Electrical and Machinery"])
def test_codes_that_lie_in_no_group_or_in_two(code):
    with pytest.raises(gk.LabelError, match="mapping of your own"):
        group_of(code)


def test_rev_3_gives_the_sample_itself(wiod, sample):
    t = wiod(2005)
    summed = t.aggregate(sectors=gk.sector_mapping(t))
    assert summed.sectors == sample.sectors
    assert gk.sector_mapping(sample) == {s: s for s in sample.sectors}
    pairs = zip(summed.arrays.z.ravel(), sample.arrays.z.ravel(), strict=True)
    assert all(abs(a - b) < 1e-6 for a, b in pairs)


def test_wiod_2016_and_its_56_sectors():
    mapping = gk.sector_mapping(table(["A"], [f"c{k}" for k in range(1, 57)]))
    assert set(mapping.values()) == set(GROUPS)
    assert mapping["c19"] == "Machinery"  # C28
    assert mapping["c20"] == "Transport equipment"  # C29
    with pytest.raises(gk.LabelError):
        gk.sector_mapping(table(["A"], [f"c{k}" for k in range(1, 20)]))


def test_codes_of_icio_2016_and_2018():
    old = ["C01T05AGR", "C10T14MIN", "C20WOD", "C23PET", "C29MEQ", "C31ELQ", "C34MTR", "C45CON", "C64PTL", "C95PVH"]
    assert [GROUPS.index(group) for group in gk.sector_mapping(table(["A"], old)).values()] == [
        0, 1, 2, 3, 6, 7, 8, 10, 12, 13,
    ]  # fmt: skip
    assert group_of("49T53") == "Trade, transport and hospitality"
    for toy in ("S1", "C1"):
        with pytest.raises(gk.LabelError):
            group_of(toy)


def test_parts_of_china_go_where_china_goes():
    t = table(["CHN", "CN1", "CN2", "MX1", "USA"], ["a"])
    mapping = gk.region_mapping(t, ["BRICS", "USMCA"], rest="other")
    assert mapping == {"CHN": "BRICS", "CN1": "BRICS", "CN2": "BRICS", "MX1": "USMCA", "USA": "USMCA"}


def test_regions_to_codes_names_and_groups():
    t = table(["DE", "PRC", "USA", "VIE", "FIGW1", "X9"], ["a"])
    assert gk.region_mapping(t) == {"DE": "DEU", "PRC": "CHN", "USA": "USA", "VIE": "VNM", "FIGW1": "ROW", "X9": "X9"}
    assert gk.region_mapping(t, "name")["PRC"] == "China"
    groups = gk.region_mapping(t, ["EU27", "ASEAN"], rest="Rest")
    assert groups == {"DE": "EU27", "PRC": "Rest", "USA": "Rest", "VIE": "ASEAN", "FIGW1": "Rest", "X9": "Rest"}
    assert t.aggregate(regions=gk.region_mapping(t, "RCEP")).regions == ["DE", "RCEP", "USA", "FIGW1", "X9"]
    for bad in ("EU", [], ["ISO3", "G7"], "Mars"):
        with pytest.raises(gk.OptionError, match="EU27"):
            gk.region_mapping(t, bad)


def test_groups_hold_their_members_once():
    known = {e.code for e in economies()}
    sizes = {
        "EU27": 27,
        "EU28": 28,
        "EA20": 20,
        "G7": 7,
        "G20": 19,
        "BRICS": 5,
        "ASEAN": 10,
        "RCEP": 15,
        "USMCA": 3,
        "OECD": 38,
    }
    found = groups_known()
    assert {name: len(members) for name, members in found.items()} == sizes
    assert set().union(*found.values()) <= known | {"MMR", "ISL", "ISR", "SAU", "ZAF", "NZL", "CHL", "CRI"}
    assert found["EU27"] < found["EU28"]


@pytest.mark.parametrize("name", ["EU27", "eu", "EU-27", "European Union", "欧盟"])
def test_a_group_by_any_of_its_names(name):
    t = table(["DEU", "FRA", "USA"], ["A", "B"])
    with pytest.raises(gk.LabelError, match=r"which is a group of economies.*'EU27'"):
        t.find(name)
    whole = t.aggregate(regions=gk.region_mapping(t, "EU27"))
    assert whole.find(name) == "EU27"


def test_names_of_groups_are_no_names_of_economies():
    spelt = _groups_by_spelling()
    assert not {name for name in spelt if economy_of(name) is not None}
    assert set(spelt.values()) == set(groups_known())


def test_technology_of_other_databases():
    t = table(["CHN", "USA"], ["A01", "C26", "C28", "N"])
    assert gk.technology_groups(t)["C28"].startswith("Medium")
    assert technology_sectors(t) == {"machinery": ["C28"], "electrical": ["C26"]}
    with pytest.raises(gk.LabelError, match="pass a mapping of your own to aggregate"):
        gk.technology_groups(table(["CHN"], ["Electrical and Machinery"]))
