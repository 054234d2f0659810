"""Labels by what people type: sectors and economies, in every place that takes a name."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from fixtures import workbooks
from gvckit.table.find import find_sector
from gvckit.table.industries import names_of, span_of, spans

ICIO = "A01_02 A03 B05_06 C10T12 C24A C24B C26 C27 C28 C29 C302T309 D H53 R T".split()  # noqa: SIM905
WIOD = [f"c{k}" for k in range(1, 36)]


def table(sectors, **named):
    n = len(sectors)
    rng = np.random.default_rng(n)
    return gk.Mrio.from_arrays(rng.random((n, n)), 2.0 * n * rng.random((n, 1)) + n, ["CHN"], sectors, **named)


@pytest.mark.parametrize(
    ("sectors", "typed", "label"),
    [
        (ICIO, "c10t12", "C10T12"),
        (ICIO, "electrical equipment", "C27"),
        (ICIO, "Electrical", "C27"),
        (ICIO, "CPA_C26", "C26"),
        (ICIO, "26", "C26"),
        (ICIO, "motor vehicles", "C29"),
        (ICIO, "computer", "C26"),
        (ICIO, "beverages", "C10T12"),
        (ICIO, "D35", "D"),
        (WIOD, "electrical", "c14"),
        (WIOD, "Transport equipment", "c15"),
        (WIOD, "financial", "c28"),
        (WIOD, "C1", "c1"),
        (["wheat", "cars, vans"], "Cars", "cars, vans"),
    ],
)
def test_a_sector_by_what_people_type(sectors, typed, label):
    t = table(sectors)
    assert t.find_sector(typed) == label
    assert find_sector(sectors, label) == label


@pytest.mark.parametrize(
    ("sectors", "typed", "said"),
    [
        (ICIO, "equipment", "(?s)several sectors.*\n  'C27' \\(Electrical equipment\\)\n  'C28'"),
        (ICIO, "elektrical", "did you mean"),
        (WIOD, "transport", "(?s)several sectors.*'c15' \\(Transport equipment\\)"),
        ([f"c{k}" for k in range(1, 57)], "C26", "two meanings.*'c26'.*'c17'"),
        (["Machinery, general", "Machinery, other"], "Machinry", "did you mean\n  'Machinery, "),
        (["wheat", "cars"], "aeroplanes", "there are wheat, cars"),
    ],
)
def test_what_is_not_one_sector_is_refused_with_what_there_is(sectors, typed, said):
    with pytest.raises(gk.LabelError, match=said):
        table(sectors).find_sector(typed)


def test_names_of_sectors_by_code_and_as_given():
    assert names_of(WIOD)["c14"] == "Electrical and optical equipment"
    assert names_of([f"c{k}" for k in range(1, 57)])["c17"] == "Computer, electronic and optical products"
    assert names_of(ICIO)["C24A"] == "Basic metals (part: C24A)"
    assert names_of(ICIO)["T"] == "Activities of households as employers"
    t = table(["x1", "C26"], sector_names={"x1": "Lasers"})
    assert t.sector_names == {"x1": "Lasers", "C26": "Computer, electronic and optical products"}
    assert t.find_sector("lasers") == "x1"
    with pytest.raises(gk.LabelError, match="no sector 'x2'"):
        table(["x1"], sector_names={"x2": "Lasers"})
    with pytest.raises(gk.OptionError, match="mapping"):
        table(["x1"], sector_names=["Lasers"])


def test_long_names_survive_saving_renaming_and_summing(tmp_path):
    t = table(["x1", "x2", "x3"], sector_names={"x1": "Lasers", "x2": "Masers", "x3": "Clocks"})
    t.save(tmp_path / "t.gvc")
    assert gk.Mrio.load(tmp_path / "t.gvc").sector_names == t.sector_names
    assert t.rename(sectors={"lasers": "L"}).sector_names["L"] == "Lasers"
    summed = t.aggregate(sectors={"Lasers": "beams", "Masers": "beams"})
    assert summed.sector_names == {"beams": "beams", "x3": "Clocks"}
    assert table(WIOD).rename(sectors={"c14": "ICT"}).find_sector("optical") == "ICT"


@pytest.mark.parametrize("layout", ["adb", "wiod"])
def test_workbooks_keep_the_long_names_of_their_sectors(tmp_path, sample, layout):
    sectors = [f"c{k + 1}" for k in range(len(sample.sectors))]
    t = sample.aggregate(regions={r: r if r in ("CHN", "USA") else "ROW" for r in sample.regions}).rename(
        sectors=dict(zip(sample.sectors, sectors, strict=True))
    )
    rows = workbooks.adb_rows(t) if layout == "adb" else workbooks.wiod_rows(t)
    path = workbooks.write_xlsx(tmp_path / f"{layout}.xlsx", rows)
    read = gk.read(path)
    assert read.sector_names == {sector: f"Sector {sector}" for sector in sectors}
    assert read.find_sector("Sector c3") == "c3"


def test_every_measure_and_model_takes_the_same_names(sample):
    whole, label = "electrical and optical equipment", "Electrical and optical equipment"
    pairs = [
        (gk.flows(sample, sector=whole), gk.flows(sample, sector=label)),
        (gk.trace(sample, products=[("China", whole)]), gk.trace(sample, products=[("CHN", label)])),
        (gk.trace(sample, products=whole), gk.trace(sample, products=[label])),
        (gk.extract(sample, "CHN", "USA", whole), gk.extract(sample, "CHN", "USA", label)),
        (gk.tiva(sample, whole), gk.tiva(sample, label)),
        (
            gk.price_effect(sample, {("CHN", "USA", whole): 0.1}).consumer.to_frame(),
            gk.price_effect(sample, {("CHN", "USA", label): 0.1}).consumer.to_frame(),
        ),
        (
            sample.scenario(demand={("*", whole, "USA"): 1.1}).x.to_frame(),
            sample.scenario(demand={("*", label, "USA"): 1.1}).x.to_frame(),
        ),
    ]
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)
    levels = gk.participation(sample)
    groups = {name: "others" for name in sample.sectors if name != label}
    summed = gk.sum_sectors(levels, groups | {whole: "ICT"})
    np.testing.assert_allclose(summed.xs("ICT", level="sector"), levels.xs(label, level="sector"))
    # A part of a name may mean a part of a sector: what finds it suggests it, and no measure guesses.
    assert sample.find_sector("optical") == label
    for guess in (lambda name: gk.flows(sample, sector=name), lambda name: gk.trace(sample, products=[("CHN", name)])):
        with pytest.raises(gk.LabelError, match=f"did you mean {label}"):
            guess("optical")
    with pytest.raises(gk.LabelError, match="goes into no group"):
        gk.sum_sectors(levels, groups)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("中国", "CHN"),
        ("美国", "USA"),
        ("德国", "DEU"),
        ("中华人民共和国", "CHN"),
        ("Republic of Korea", "KOR"),
        ("台湾", "TWN"),
    ],
)
def test_economies_in_chinese_and_by_formal_names(sample, typed, label):
    assert sample.find(typed) == label


def test_an_economy_in_the_rest_of_the_world_and_a_group_are_told_so(sample):
    for name in ("Viet Nam", "越南", "VNM"):
        with pytest.raises(gk.LabelError, match=r"Vietnam \(VNM\) is not shown apart, it lies in ROW"):
            sample.find(name)
    with pytest.raises(gk.LabelError, match=r"group of economies: .*region_mapping"):
        sample.find("EU27")


@given(st.text(alphabet=string.ascii_letters + string.digits + " ,;_", max_size=8))
def test_whatever_is_typed_is_a_sector_or_an_error(typed):
    for sectors in (WIOD, ICIO, ["Machinery, general", "cars"]):
        try:
            found = find_sector(sectors, typed)
        except gk.LabelError:
            continue
        assert found in sectors
        assert find_sector(sectors, found) == found


def test_spans_of_codes():
    codes = ("C10T12", "A01_02", "01T03", "R_S", "C302T309", "C24A")
    assert [(span.first, span.last, span.whole) for span in map(span_of, codes)] == [
        (10, 12, True), (1, 2, True), (1, 3, True), (90, 96, True), (30, 30, False), (24, 24, False),
    ]  # fmt: skip
    assert span_of("wheat") is None
    assert all(span is not None for span in spans([f"c{k}" for k in range(1, 57)]))
    held = [k for span in spans(WIOD) for k in range(span.first, span.last + 1)]
    assert sorted(set(held)) == sorted(held)
    assert pd.Series(names_of(WIOD)).is_unique


def test_selections_suggest_regions_sectors_and_the_order_of_pairs(sample):
    for typed, said in (
        ("ASEAN", "group of economies"),
        ("Chna", "did you mean CHN"),
        ("optical", "did you mean Electrical"),
        ("Viet Nam", "lies in ROW"),
    ):
        for call in (
            lambda name: gk.trace(sample, origins=name),
            lambda name: gk.trace(sample, products=[name]),
            lambda name: gk.smile_curve(sample, name),
        ):
            with pytest.raises(gk.LabelError, match=said):
                call(typed)
    with pytest.raises(gk.OptionError, match=r"other way round.*'DEU', 'Transport equipment'"):
        gk.trace(sample, products=[("Transport equipment", "Germany")])


def test_what_is_no_frame_is_told_what_gives_one(sample):
    found = gk.counterfactual(sample, {("CHN", "USA"): 0.1})
    with pytest.raises(gk.OptionError, match=r"draw its summary\(\)"):
        gk.plot.welfare(found)
    with pytest.raises(gk.OptionError, match="to_frame"):
        gk.plot.welfare(found.welfare)
    with pytest.raises(gk.OptionError, match="not a Mrio"):
        gk.plot.smile(sample)
    with pytest.raises(gk.OptionError, match="trade_elasticities"):
        gk.counterfactual(sample, elasticity="published")
    with pytest.raises(gk.OptionError, match="'demand'"):
        gk.decompose_change(gk.participation, sample, sample, split=True)


@pytest.mark.parametrize("other", ["其他", "SD", "Disc"])
def test_a_region_that_sells_is_no_discrepancy(tmp_path, sample, other):
    names = {"CHN": "中国", "USA": "美国"}
    t = sample.aggregate(regions={r: names.get(r, other) for r in sample.regions})
    pd.concat([t.Z, t.Y], axis=1).to_csv(tmp_path / "t.csv", sep=";")
    read = gk.read_table(tmp_path / "t.csv")
    assert set(read.regions) == {"中国", "美国", other}
    np.testing.assert_allclose(read.x.sum(), t.x.sum())
