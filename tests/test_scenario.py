import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from reference import Literal
from strategies import tables


@given(tables())
def test_nothing_changed_is_the_table(t):
    same = t.scenario()
    np.testing.assert_allclose(same.arrays.z, t.arrays.z, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(same.x, t.x, rtol=1e-9, atol=1e-9)
    same = t.scenario(tariffs={("*", "*"): 0.0}, demand={"*": 1.0}, inputs={("*", "*", "*", "*"): 1.0})
    np.testing.assert_allclose(same.arrays.z, t.arrays.z, rtol=1e-9, atol=1e-9)


@given(tables(zero_output=False))
def test_demand_is_as_solved_by_hand(t):
    lit = Literal(t)
    region = t.regions[-1]
    y = t.given.y.copy()
    y[:, -len(t.categories) :] *= 1.5
    changed = t.scenario(demand={region: 1.5})
    x = lit.B @ y.sum(1)
    np.testing.assert_allclose(changed.x, x, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(changed.arrays.z, lit.A * x, rtol=1e-9, atol=1e-9)
    # Coefficients and value added per unit stay.
    np.testing.assert_allclose(changed.v, t.v, rtol=1e-9, atol=1e-9)


@given(tables(zero_output=False))
def test_a_tariff_shifts_sources_and_keeps_sums(t):
    if len(t.regions) == 1:
        return
    a, b, n = t.regions[0], t.regions[1], len(t.sectors)
    changed = t.scenario(tariffs={(a, b): 0.25}, elasticity=3)
    before, after = t.A.to_numpy(), changed.A.to_numpy()
    # Sums by product stay in every column; columns of others stay whole.
    sums = [m.reshape(len(t.regions), n, -1).sum(0) for m in (before, after)]
    np.testing.assert_allclose(sums[1], sums[0], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        np.delete(after, range(n, 2 * n), 1), np.delete(before, range(n, 2 * n), 1), rtol=1e-8, atol=1e-12
    )
    # By hand: shares of a times 1.25^-3, all scaled to the sum before.
    block = before[:, n : 2 * n].reshape(len(t.regions), n, n)
    shifted = block.copy()
    shifted[0] *= 1.25**-3
    with np.errstate(invalid="ignore", divide="ignore"):
        want = np.where(shifted.sum(0) != 0, shifted * block.sum(0) / shifted.sum(0), block)
    np.testing.assert_allclose(after[:, n : 2 * n].reshape(want.shape), want, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(changed.v, t.v, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(changed.given.y.sum(0), t.given.y.sum(0), rtol=1e-9, atol=1e-9 * np.abs(t.x).max())


def test_inputs_change_value_added(sample):
    changed = sample.scenario(inputs={("CHN", "Machinery", "USA", "*"): 0.5}, name="half")
    a, b = sample.A, changed.A
    cells = b.loc[("CHN", "Machinery"), "USA"]
    np.testing.assert_allclose(cells, 0.5 * a.loc[("CHN", "Machinery"), "USA"], rtol=1e-9)
    np.testing.assert_allclose(b.loc["DEU"], a.loc["DEU"], rtol=1e-8, atol=1e-14)
    gap = (changed.v - sample.v)["USA"]
    np.testing.assert_allclose(gap, 0.5 * a.loc[("CHN", "Machinery"), "USA"].to_numpy(), rtol=1e-6, atol=1e-12)
    assert changed.source.endswith(", half")
    effect = gk.scenario_effect(gk.participation, sample, changed, level="region")
    want = gk.participation(changed, level="region") - gk.participation(sample, level="region")
    pd.testing.assert_frame_equal(effect, want)
    assert effect.loc["CHN", "total"] < 0


def test_rows_of_value_added_and_accounts_go_with_output(sample):
    frame = pd.DataFrame([sample.x.to_numpy() * 2], index=["CO2"], columns=sample.labels.rows)
    frame.attrs["unit"] = "kt"
    t = gk.Mrio.from_arrays(
        sample.arrays.z, sample.given.y, sample.regions, sample.sectors, sample.categories,
        va=0.9 * sample.va.to_numpy(), year=2005, extensions={"air": frame},
    )  # fmt: skip
    assert np.allclose(t.scenario().va, t.va)
    more = t.scenario(demand={"USA": 1.2})
    np.testing.assert_allclose(more.extensions["air"].loc["CO2"], 2 * more.x, rtol=1e-9)
    assert more.extensions["air"].attrs["unit"] == "kt"
    later = gk.load_sample(2008)
    later = gk.Mrio.from_arrays(
        later.arrays.z, later.given.y, later.regions, later.sectors, later.categories,
        va=0.8 * later.va.to_numpy(), year=2008, extensions={"air": frame},
    )  # fmt: skip
    for options in ({}, {"factor": "CO2"}):
        found = gk.decompose_change(gk.participation, t, later, level="region", **options)
        change = gk.participation(later, level="region", **options) - gk.participation(t, level="region", **options)
        np.testing.assert_allclose(found["total"], change, atol=1e-6 * change.abs().max().max())


def test_cells_of_both_signs_have_no_shares():
    z = np.full((3, 3), 0.5)
    y = np.array([[9.0, 1.0, 10.0], [1.0, 9.0, -4.2], [1.0, 1.0, 9.0]])
    t = gk.Mrio.from_arrays(z, y, ["A", "B", "C"], ["s"])
    taxed = t.scenario(tariffs={("A", "C"): 0.25})
    np.testing.assert_allclose(taxed.given.y[:, 2], y[:, 2])
    assert (taxed.A.to_numpy()[0, 2]) < t.A.to_numpy()[0, 2]
    other = gk.Mrio.from_arrays(
        z, np.array([[9.0, 1.0, 5.0], [1.0, 9.0, -4.9], [1.0, 1.0, 9.0]]), ["A", "B", "C"], ["s"]
    )
    found = gk.decompose_change(output, t, other)
    assert found.abs().to_numpy().max() < 20


def test_scenarios_chain_and_make_a_panel(sample):
    steps = {"base": sample, "tariff": sample.scenario(tariffs={("CHN", "USA"): 0.25})}
    steps["answer"] = steps["tariff"].scenario(tariffs={("USA", "CHN"): 0.25})
    frame = gk.panel(gk.flows, steps, progress=False, by="scenario", kind="total", partner="absorber")
    assert frame.index.names == ["scenario", "region"]
    sold = frame["USA"].xs("CHN", level="region")
    assert sold["tariff"] < sold["base"]
    back = frame["CHN"].xs("USA", level="region")
    assert back["answer"] < back["tariff"]


def test_what_can_not_be_changed(sample):
    for changes, error, message in (
        ({"demand": {"Mars": 2.0}}, gk.LabelError, "Mars"),
        ({"demand": {("CHN", "USA"): 2.0}}, gk.LabelError, "2 labels, expected 3"),
        ({"demand": {"USA": -1.0}}, gk.OptionError, "not a number from 0"),
        ({"demand": {"USA": "a"}}, gk.OptionError, "not a number from 0"),
        ({"tariffs": {("CHN", "USA"): None}}, gk.OptionError, "no rate above -1"),
        ({"inputs": {("CHN", "Machinary", "USA", "*"): 2.0}}, gk.LabelError, "did you mean Machinery"),
        ({"tariffs": {("CHN", "USA"): -1.0}}, gk.OptionError, "no rate above -1"),
        ({"tariffs": {("CHN",): 0.1}}, gk.LabelError, "expected 3"),
        ({"elasticity": -1.0}, gk.OptionError, "elasticity"),
        ({"inputs": {("*", "*", "*", "*"): 3.0}}, gk.NotProductiveError, "column"),
    ):
        with pytest.raises(error, match=message):
            sample.scenario(**changes)
    with pytest.raises(gk.LabelError, match="other labels"):
        gk.scenario_effect(gk.participation, sample, sample.aggregate(regions={"CHN": "X"}))


# ---- structural decomposition ------------------------------------------------------------------------------------


def output(t):
    return t.x.to_frame("x")


def test_two_sectors_worked_by_hand():
    # One region, sectors P and Q: no sourcing. A0 = [[.2, .1], [.1, .2]], A1 = [[.1, .1], [.1, .2]].
    def of(a, y):
        a, y = np.array(a), np.array(y)
        x = np.linalg.solve(np.eye(2) - a, y)
        return gk.Mrio.from_arrays(a * x, y[:, None], ["R"], ["P", "Q"])

    t0, t1 = of([[0.2, 0.1], [0.1, 0.2]], [63.0, 126.0]), of([[0.1, 0.1], [0.1, 0.2]], [71.0, 142.0])
    # B0 = [[.8, .1], [.1, .8]] / .63, B1 = [[.8, .1], [.1, .9]] / .71
    b0, b1 = np.array([[0.8, 0.1], [0.1, 0.8]]) / 0.63, np.array([[0.8, 0.1], [0.1, 0.9]]) / 0.71
    y0, y1 = np.array([63.0, 126.0]), np.array([71.0, 142.0])
    np.testing.assert_allclose(t0.x, b0 @ y0)
    np.testing.assert_allclose(t1.x, b1 @ y1)
    forms = {
        "forward": (b0 @ (y1 - y0), (b1 - b0) @ y1),
        "backward": (b1 @ (y1 - y0), (b1 - b0) @ y0),
    }
    mean = tuple((one + two) / 2 for one, two in zip(*forms.values(), strict=True))
    for form, (demand, technology) in {**forms, "polar": mean, "average": mean}.items():
        found = gk.decompose_change(output, t0, t1, form)
        np.testing.assert_allclose(found["demand", "x"], demand, rtol=1e-12)
        np.testing.assert_allclose(found["technology", "x"], technology, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found["sourcing", "x"], 0, atol=1e-12)
        np.testing.assert_allclose(found["total", "x"], t1.x - t0.x)


@pytest.mark.parametrize("form", ["average", "polar", "forward", "backward"])
def test_terms_add_up_to_the_change(form):
    t0, t1 = gk.load_sample(1995), gk.load_sample(2011)
    for measure, options in (
        (gk.participation, {"level": "region"}),
        (gk.participation, {"level": "region", "shares": True}),
        (gk.flows, {"kind": "total", "partner": "absorber"}),
    ):
        found = gk.decompose_change(measure, t0, t1, form, **options)
        change = measure(t1, **options) - measure(t0, **options)
        scale = change.abs().max().max()
        np.testing.assert_allclose(found["total"], change, atol=1e-9 * scale)
        parts = found["demand"] + found["technology"] + found["sourcing"]
        np.testing.assert_allclose(parts, change, atol=1e-9 * scale)
    assert found.attrs["years"] == (1995, 2011)
    assert found.columns.names == ["determinant", "partner"]


@given(tables(max_regions=3, max_sectors=3))
def test_any_two_tables_add_up(t):
    rng = np.random.default_rng(0)
    z = t.arrays.z * rng.lognormal(0, 0.3, t.arrays.z.shape)
    y = t.given.y * rng.lognormal(0.3, 0.3, t.given.y.shape)
    y[:, 0] += np.maximum(z.sum(0) - z.sum(1) - y.sum(1), 0) * 2
    other = gk.Mrio.from_arrays(z, y, t.regions, t.sectors, t.categories)
    try:
        found = gk.decompose_change(gk.participation, t, other)
    except (gk.NotProductiveError, gk.SingularError):
        return  # a mix of two productive economies need not be one
    change = gk.participation(other) - gk.participation(t)
    scale = max(t.x.abs().max(), other.x.abs().max())
    np.testing.assert_allclose(
        found[["demand", "technology", "sourcing"]].T.groupby(level=1, sort=False).sum().T[change.columns],
        change,
        atol=1e-7 * scale,
    )


def test_tables_and_forms_that_do_not_fit(sample):
    with pytest.raises(gk.LabelError, match="aggregate them"):
        gk.decompose_change(output, sample, sample.aggregate(regions={"CHN": "X"}))
    with pytest.raises(gk.OptionError, match="'average', 'polar'"):
        gk.decompose_change(output, sample, sample, "mean")


SPLITS = [(), "demand", ("technology",), ("sourcing", "demand"), ("demand", "technology", "sourcing")]


@pytest.mark.parametrize("split", SPLITS)
@given(tables(max_regions=3, max_sectors=2), st.integers(0, 2**32 - 1))
def test_split_determinants_add_up_to_those_that_they_split(split, t, seed):
    rng = np.random.default_rng(seed)
    z = t.arrays.z * rng.lognormal(0, 0.2, t.arrays.z.shape)
    y = t.given.y * rng.lognormal(0.3, 0.2, t.given.y.shape)
    y[:, 0] += np.maximum(z.sum(0) - z.sum(1) - y.sum(1), 0) * 2
    other = gk.Mrio.from_arrays(z, y, t.regions, t.sectors, t.categories)
    rows = pd.MultiIndex.from_product([t.regions, t.sectors])
    both = []
    for table in (t, other):
        emitted = pd.DataFrame([rng.uniform(0.1, 1.0, len(rows)) * table.arrays.x], index=["CO2"], columns=rows)
        both.append(table.with_extensions({"air": emitted}))

    def measure(table):
        return gk.trace(table, "region", factor="CO2")

    try:
        found = gk.decompose_change(measure, *both, split=split)
    except (gk.NotProductiveError, gk.SingularError):
        return
    change = measure(both[1]) - measure(both[0])
    scale = max(np.abs(table.extensions["air"].to_numpy()).max() for table in both)
    names = list(found.columns.unique("determinant"))
    assert len(names) == 4 + len([split] if isinstance(split, str) else split)
    np.testing.assert_allclose(found["total"], change, atol=1e-8 * scale)
    parts = found.drop(columns="total", level="determinant").T.groupby(level=1, sort=False).sum().T
    np.testing.assert_allclose(parts, change, atol=1e-7 * scale)


def test_a_halved_intensity_is_intensity_alone(sample):
    rows = sample.x.index
    full = sample.with_extensions({"air": pd.DataFrame([sample.x.to_numpy()], index=["CO2"], columns=rows)})
    half = sample.with_extensions({"air": pd.DataFrame([0.5 * sample.x.to_numpy()], index=["CO2"], columns=rows)})
    found = gk.decompose_change(gk.trace, full, half, split="technology", origin="region", factor="CO2")
    scale = found["total"].abs().max().max()
    np.testing.assert_allclose(found["intensity"], found["total"], rtol=1e-9)
    for name in ("demand", "technology", "sourcing"):
        np.testing.assert_allclose(found[name], 0, atol=1e-9 * scale)
    larger = sample.replaced(y=1.5 * sample.given.y, z=1.5 * sample.arrays.z, x=None)
    grown = gk.decompose_change(output, sample, larger, split=["demand", "sourcing"])
    np.testing.assert_allclose(grown["level", "x"], grown["total", "x"], rtol=1e-9)
    for name in ("mix", "technology", "input_sourcing", "final_sourcing"):
        np.testing.assert_allclose(grown[name, "x"], 0, atol=1e-6)
    with pytest.raises(gk.OptionError, match="'technology', 'sourcing'"):
        gk.decompose_change(output, sample, larger, split="inputs")


def by_hand(t0, t1):
    """Value added by sector in one region, v (I - A)^-1 y, averaged over both orders; v = 0 without output."""
    v, inverse, y = [], [], []
    for t in (t0, t1):
        z, demand = t.arrays.z, t.given.y.sum(1)
        x = z.sum(1) + demand
        there = np.where(x == 0, 1, x)
        v.append(np.where(x == 0, 0, (x - z.sum(0)) / there))
        inverse.append(np.linalg.inv(np.eye(len(x)) - np.where(x == 0, 0, z / there)))
        y.append(demand)

    def made(technology, demand):
        return v[technology] * (inverse[technology] @ y[demand])

    demand = (made(0, 1) - made(0, 0) + made(1, 1) - made(1, 0)) / 2
    technology = (made(1, 0) - made(0, 0) + made(1, 1) - made(0, 1)) / 2
    return demand, technology


@pytest.mark.parametrize("given_va", [False, True])
def test_a_sector_that_begins_has_no_value_added_before(given_va):
    def of(z, y):
        t = gk.Mrio.from_arrays(z, np.array(y)[:, None], ["R"], list("abc"))
        return t.replaced(va=t.va.to_numpy()) if given_va else t

    t0 = of([[10.0, 0, 5], [0, 0, 0], [4, 0, 8]], [30.0, 0, 20])
    t1 = of([[10.0, 6, 5], [2, 3, 1], [4, 5, 8]], [30.0, 14, 20])
    demand, technology = by_hand(t0, t1)
    assert demand[1] == pytest.approx(2.551, abs=5e-4)
    assert technology[1] == pytest.approx(3.449, abs=5e-4)
    for one, two, sign in ((t0, t1, 1), (t1, t0, -1)):
        found = gk.decompose_change(gk.participation, one, two)
        np.testing.assert_allclose(found["demand", "total"], sign * demand, atol=1e-12)
        np.testing.assert_allclose(found["technology", "total"], sign * technology, atol=1e-12)
        np.testing.assert_allclose(found["sourcing", "total"], 0, atol=1e-12)
        np.testing.assert_allclose(found["total", "total"], two.va - one.va, atol=1e-12)


@given(tables(max_regions=1, max_sectors=4), tables(max_regions=1, max_sectors=4))
def test_one_region_is_as_dietzenbacher_and_los_have_it(one, two):
    if one.labels != two.labels:
        return
    demand, technology = by_hand(one, two)
    found = gk.decompose_change(gk.participation, one, two)
    scale = max(one.x.max(), two.x.max())
    np.testing.assert_allclose(found["demand", "total"], demand, rtol=1e-8, atol=1e-9 * scale)
    np.testing.assert_allclose(found["technology", "total"], technology, rtol=1e-8, atol=1e-9 * scale)


def test_changes_that_can_not_be_decomposed(sample):
    for bad in (2005, None, [sample]):
        with pytest.raises(gk.TableError):
            gk.decompose_change(gk.participation, sample, bad)
        with pytest.raises(gk.TableError):
            gk.decompose_change(gk.participation, bad, sample)
    with pytest.raises(gk.OptionError, match="a frame of numbers is wanted"):
        gk.decompose_change(gk.hubs, sample, sample)
