"""General equilibrium in changes: against plain NumPy, against published numbers, and against closed formulas."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gvckit as gk
import reference_counterfactual as ref
from conftest import data_file
from gvckit.models.costs import TARIFF, by_pair
from strategies import tables

WAR = {("CHN", "USA"): 0.25, ("USA", "CHN"): 0.25}


@pytest.fixture(scope="module")
def icio():
    d = np.load(data_file("icio2023/icio2020_77x11.npz"), allow_pickle=True)
    kinds = [str(k) for k in d["final_demand"]]
    return gk.Mrio.from_arrays(d["Z"], d["Y"], d["regions"].tolist(), d["sectors"].tolist(), kinds, year=2020)


@pytest.fixture(scope="module")
def nafta():
    d = np.load(data_file("cp2015/nafta_1993_no_deficits.npz"))
    regions, sectors = d["regions"].tolist(), d["sectors"].tolist()
    t = gk.Mrio.from_arrays(d["Z"], d["Y"], regions, sectors, year=1993)
    index = pd.MultiIndex.from_product([regions, regions, sectors])
    before, after = (pd.Series(d[name].ravel(), index) for name in ("tariffs_1993", "tariffs_nafta"))
    found = gk.counterfactual(t, after, initial_tariffs=before, elasticity=d["theta"], shares="pooled", name="NAFTA")
    return d, found


@pytest.fixture(scope="module")
def small():
    """Nine regions of the sample, so that a solution takes milliseconds."""
    t = gk.load_sample(2011)
    kept = ("CHN", "USA", "MEX", "CAN", "DEU", "JPN", "KOR", "BRA")
    return t.aggregate(regions={r: r if r in kept else "ROW" for r in t.regions})


def cube(t, rates):
    """(exporter, importer, good) of rates by row and importer."""
    return rates.reshape(len(t.regions), len(t.sectors), -1).transpose(0, 2, 1)


# ---- against plain NumPy ----------------------------------------------------------------------------------------


@st.composite
def economies(draw):
    """A random table where regions buy most of what they make, so that deficits can be financed after any shock."""
    t = draw(tables(max_regions=3, max_sectors=3))
    y = t.given.y.copy()
    kinds, rows = len(t.categories), np.arange(len(t.x))
    y[rows, rows // len(t.sectors) * kinds] += 3 * t.x.to_numpy()
    t = t.replaced(y=y, x=None)
    made = t.labels.by_region(np.vstack([t.x, t.va]).T)
    assume((made > 0).all())
    return t


@st.composite
def cases(draw):
    """A table with tariffs and a shock of every kind."""
    t = draw(economies())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pairs = [(a, b, s) for a in t.regions for b in t.regions if a != b for s in t.sectors]
    some = [pair for pair in pairs if rng.random() < 0.5]
    options = {
        "tariffs": {pair: float(rng.uniform(-0.05, 0.6)) for pair in some},
        "trade_costs": {pair: float(rng.uniform(0.8, 1.5)) for pair in pairs if rng.random() < 0.5},
        "productivity": {(r, s): float(rng.uniform(0.8, 1.2)) for r in t.regions for s in t.sectors},
        "elasticity": {s: float(rng.uniform(1.5, 8)) for s in t.sectors},
        "input_elasticity": draw(st.sampled_from([1.0, 0.5, 2.0])),
        "shares": draw(st.sampled_from(["use", "pooled"])),
        "initial_tariffs": draw(st.sampled_from([None, dict.fromkeys(some, 0.03)])),
    }
    return t, options


@settings(max_examples=40)
@given(cases())
def test_the_solution_is_that_of_plain_numpy(case):
    t, options = case
    found = gk.counterfactual(t, **options, clean=True)
    initial = by_pair(t, "initial", options["initial_tariffs"], TARIFF)
    z, y = found._base.inputs, found._base.finals  # what is left of cells below 0
    base = ref.Base.of(z, y, len(t.sectors), cube(t, initial), options["shares"] == "pooled")
    shock = ref.Shock(
        cube(t, by_pair(t, "tariffs", options["tariffs"], TARIFF, initial if options["initial_tariffs"] else None)),
        cube(t, 1 + by_pair(t, "costs", {k: v - 1 for k, v in options["trade_costs"].items()}, TARIFF)),
        np.array([options["productivity"][key] for key in t.labels.rows]),
    )
    theta, s = np.array([options["elasticity"][sector] for sector in t.sectors]), options["input_elasticity"]
    want = ref.solve(base, shock, theta, s)
    assert max(ref.violations(want, shock, theta, s).values()) < 1e-9
    alive = base.output > 0
    np.testing.assert_allclose(found.wage, want.wage, rtol=1e-8)
    np.testing.assert_allclose(found.welfare, want.welfare, rtol=1e-8)
    np.testing.assert_allclose(found.real_wage, want.real_wage, rtol=1e-8)
    np.testing.assert_allclose(found.sectors["price"][alive], want.cost[alive], rtol=1e-8)
    scale = base.output.max()
    np.testing.assert_allclose(found.table.arrays.x, want.output, rtol=1e-7, atol=1e-9 * scale)
    n = len(base.output)
    flows = want.received.reshape(n, -1)
    np.testing.assert_allclose(found.table.arrays.z, flows[:, :n], rtol=1e-7, atol=1e-9 * scale)
    np.testing.assert_allclose(found.table.arrays.y, flows[:, n:], rtol=1e-7, atol=1e-9 * scale)
    incomes = found.table.extensions["incomes"]
    np.testing.assert_allclose(incomes.loc["wages"], want.labour, rtol=1e-7, atol=1e-9 * scale)
    revenue = incomes.iloc[1:].T.groupby("region", sort=False).sum().sum(axis=1)
    np.testing.assert_allclose(revenue, want.revenue, rtol=1e-6, atol=1e-9 * scale)


@settings(max_examples=20)
@given(economies(), st.sampled_from(["use", "pooled"]))
def test_no_shock_changes_nothing(t, shares):
    found = gk.counterfactual(t, shares=shares, clean=True)
    assert found.rounds == 1
    np.testing.assert_allclose(
        found.regions[["welfare", "real_wage", "wage", "consumer_prices"]], 1, rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(found.table.arrays.z, found.base.arrays.z, rtol=1e-12, atol=1e-12 * t.x.max())
    if shares == "use" and not found.notes:
        np.testing.assert_allclose(found.table.given.y, t.given.y, rtol=1e-12, atol=1e-12 * t.x.max())
        assert found.base.arrays.z is not None
        np.testing.assert_array_equal(found.base.arrays.z, t.arrays.z)


# ---- published and checked numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "welfare", "real_wage", "digits"),
    [
        (  # design: to four decimals of a per cent
            "use",
            {"CHN": -0.2347e-2, "USA": -0.0681e-2, "MEX": 0.1778e-2, "VNM": 0.2068e-2, "DEU": 0.0168e-2},
            {"CHN": -0.2959e-2, "USA": -0.2311e-2},
            0.51e-6,
        ),
        (  # two independent programs, one of them puremacro 5.7.1
            "pooled",
            {
                "CHN": 0.9976270887 - 1, "USA": 0.9993301263 - 1, "MEX": 1.0017810128 - 1, "VNM": 1.0021243722 - 1,
                "DEU": 1.0001633741 - 1,
            },
            {"CHN": 0.9970133988 - 1, "USA": 0.9976905709 - 1},
            1e-9,
        ),
    ],
)  # fmt: skip
def test_china_and_the_us_tax_each_other(icio, shares, welfare, real_wage, digits):
    found = gk.counterfactual(icio, tariffs=WAR, shares=shares)
    for region, value in welfare.items():
        assert found.welfare[region] - 1 == pytest.approx(value, abs=digits)
    for region, value in real_wage.items():
        assert found.real_wage[region] - 1 == pytest.approx(value, abs=digits)


def test_nafta_is_as_published(nafta):
    _, found = nafta
    published = pd.DataFrame(
        {
            "real_wage": [1.72, 0.32, 0.11], "welfare": [1.31, -0.06, 0.08],
            "terms_of_trade": [-0.41, -0.11, 0.04], "volume_of_trade": [1.72, 0.04, 0.04],
        },
        index=["Mexico", "Canada", "USA"],
    )  # fmt: skip
    terms = 100 * found.welfare_terms().loc[published.index]
    terms["welfare"] = terms.sum(axis=1)
    terms["real_wage"] = 100 * (found.real_wage[published.index] - 1)
    assert (terms[published.columns] - published).abs().to_numpy().max() < 0.0051
    exact = 100 * (found.welfare[published.index] - 1)
    np.testing.assert_allclose(exact, [0.007, -0.110, 0.074], atol=0.0005)


def test_the_trade_war_of_puremacro(small):
    """Stored: tests/oracles/puremacro_trade_war.py ran CaliendoParroModel of puremacro 5.7.1 on this table."""
    want = pd.read_csv(Path(__file__).parent / "oracles" / "puremacro_trade_war.csv", index_col="region")
    found = gk.counterfactual(
        small, {("CHN", "USA"): 0.3, ("USA", "CHN"): 0.3}, initial_tariffs={("*", "*"): 0.05},
        elasticity=np.linspace(2, 9, len(small.sectors)).tolist(), shares="pooled", tolerance=1e-13,
    )  # fmt: skip
    for column in want:
        np.testing.assert_allclose(getattr(found, column)[want.index], want[column], rtol=1e-9)


def test_the_equations_hold_after_nafta(nafta):
    """Markets clear, budgets hold, revenue adds up: evaluated on the table alone."""
    d, found = nafta
    t, sectors = found.table, len(d["sectors"])
    z, y, x, _, _ = t.arrays
    n, regions = y.shape
    rates = ref.by_column(d["tariffs_nafta"], sectors).reshape(n, n + regions)
    paid, scale = np.hstack([z, y]) * (1 + rates), x.max()
    wages = t.extensions["incomes"].loc["wages"].to_numpy()
    np.testing.assert_allclose(paid[:, :n].sum(0) + wages, x, atol=1e-9 * scale)
    revenue = ref.by_importer((np.hstack([z, y]) * rates).reshape(regions, sectors, -1), (regions, sectors))
    income = wages.reshape(regions, sectors).sum(1) + revenue
    deficit = found._base.deficit
    np.testing.assert_allclose(paid[:, n:].sum(0), income + deficit, atol=1e-9 * scale)
    earned = found.wage.to_numpy() * found._base.wages
    np.testing.assert_allclose(wages.reshape(regions, sectors).sum(1), earned, atol=1e-9 * scale)
    assert found.residual <= 1e-10


# ---- closed formulas ------------------------------------------------------------------------------------------


def test_one_sector_without_inputs_is_arkolakis_costinot_and_rodriguez_clare():
    rng = np.random.default_rng(1)
    y = rng.lognormal(0, 1, (5, 5))
    y = y + y.T + np.diag(rng.lognormal(2, 1, 5))  # trade balances
    t = gk.Mrio.from_arrays(np.zeros((5, 5)), y, list("ABCDE"), ["s"])
    found = gk.counterfactual(t, trade_costs={("A", "B"): 1.4, ("C", "*"): 0.7}, elasticity=5.0, tolerance=1e-13)
    before, after = (np.diag(of.arrays.y) / of.arrays.y.sum(0) for of in (t, found.table))
    np.testing.assert_allclose(found.welfare, (after / before) ** (-1 / 5), rtol=1e-10)


def autarky_loss(t, region, theta):
    """Costinot and Rodriguez-Clare (2014): real wage in autarky, of own shares and the coefficients of a country."""
    j, count = t.regions.index(region), len(t.sectors)
    own = slice(j * count, (j + 1) * count)
    z, y, x, _, _ = t.arrays
    bought = z[:, own].reshape(-1, count, count).sum(0)
    final = y[:, j].reshape(-1, count).sum(0)
    spent = bought.sum(1) + final
    share = (z[own, own].sum(1) + y[own, j]) / spent
    gamma = bought / x[own]
    prices = np.linalg.solve(np.eye(count) - gamma.T, np.zeros(count) - np.log(share) / theta)
    # p = c - ln(share) / theta and c = gamma' p, wages 1
    return np.exp(-(final / final.sum()) @ np.linalg.solve(np.eye(count) - gamma.T, -np.log(share) / theta)), prices


def test_autarky_is_the_formula(small):
    theta = dict(zip(small.sectors, np.linspace(2, 9, len(small.sectors)), strict=True))
    found = gk.counterfactual(
        small, trade_costs={("CHN", "*"): np.inf, ("*", "CHN"): np.inf}, elasticity=theta, shares="pooled",
        deficits="closed", tolerance=1e-13,
    )  # fmt: skip
    want, _ = autarky_loss(found.base, "CHN", np.array(list(theta.values())))
    assert found.welfare["CHN"] == pytest.approx(want, rel=1e-9)
    assert found.real_wage["CHN"] == pytest.approx(want, rel=1e-9)
    trade = found.pairs["after"]
    assert trade.xs("CHN", level="region").max() == 0 == trade.xs("CHN", level="partner").max()
    # The limit of high costs.
    high = gk.counterfactual(
        small, trade_costs={("CHN", "*"): 1e4, ("*", "CHN"): 1e4}, elasticity=theta, shares="pooled", deficits="closed"
    )
    assert high.welfare["CHN"] == pytest.approx(found.welfare["CHN"], abs=1e-5)


@pytest.mark.parametrize("shares", ["use", "pooled"])
def test_productivity_to_the_power_of_labour_is_welfare(small, shares):
    beta = gk.counterfactual(small, clean=True)._base
    made = pd.Series(1.2 ** np.divide(beta.labour, beta.output, out=np.zeros_like(beta.output), where=beta.output > 0),
                     index=small.labels.rows)  # fmt: skip
    found = gk.counterfactual(small, productivity=made, shares=shares, clean=True, tolerance=1e-13)
    np.testing.assert_allclose(found.welfare, 1.2, rtol=1e-11)


def test_small_shocks_are_first_order(small):
    """Central differences of welfare are its terms; prices are those of the price model at the new wages."""
    sizes, derivatives = (1e-3, 1e-4), []
    for size in sizes:
        up, down = (
            gk.counterfactual(
                small, {("CHN", "USA"): 0.1 + sign * size}, initial_tariffs={("CHN", "USA"): 0.1}, deficits="closed",
                clean=True, tolerance=1e-13,
            )
            for sign in (1, -1)
        )  # fmt: skip
        derivatives.append((up.welfare - down.welfare) / (2 * size))
        terms = (up.welfare_terms() - down.welfare_terms()).sum(axis=1) / (2 * size)
        np.testing.assert_allclose(derivatives[-1], terms, atol=20 * size**2 + 1e-9, rtol=1e-4)
    np.testing.assert_allclose(derivatives[0], derivatives[1], rtol=1e-4, atol=1e-8)
    for size in sizes:
        war = gk.counterfactual(small, {("CHN", "USA"): size}, clean=True, tolerance=1e-13)
        fixed = gk.price_effect(war.base, {("CHN", "USA"): size}, factor_prices=war.wage)
        gap = (war.sectors["price"] - 1 - fixed.producer).abs().max()
        assert gap < 5 * size**2
        assert (war.consumer_prices - 1 - fixed.consumer).abs().max() < 5 * size**2


# ---- options --------------------------------------------------------------------------------------------------


def test_every_form_of_a_shock_is_the_same(small):
    want = gk.counterfactual(small, WAR, clean=True).welfare
    regions, sectors = small.regions, small.sectors
    frame = pd.DataFrame(0.0, index=regions, columns=regions)
    frame.loc["CHN", "USA"] = frame.loc["USA", "CHN"] = 0.25
    part = frame.loc[["CHN", "USA"], ["CHN", "USA"]]
    by_good = pd.DataFrame(0.0, index=small.labels.rows, columns=regions)
    by_good.loc["CHN", "USA"] = by_good.loc["USA", "CHN"] = 0.25
    by_sector = {(a, b, s): 0.25 for a, b in WAR for s in sectors}
    typed = {("China", "us"): 0.25, ("USA", "cn", "*"): 0.25}
    for form in (frame, part, by_good, pd.Series(WAR), by_sector, pd.Series(by_sector), typed):
        np.testing.assert_array_equal(gk.counterfactual(small, form, clean=True).welfare, want)
    with pytest.warns(gk.GvcWarning, match="exporter, importer, sector"):
        turned = gk.counterfactual(small, {("CHN", "*", "USA"): 0.25, ("USA", "*", "CHN"): 0.25}, clean=True)
    np.testing.assert_array_equal(turned.welfare, want)


def test_initial_tariffs_are_levels(small):
    """A pair that is not named keeps its own; the same level again is no shock."""
    initial = {("CHN", "USA"): 0.1, ("USA", "CHN"): 0.05}
    same = gk.counterfactual(small, initial, initial_tariffs=initial, clean=True)
    np.testing.assert_allclose(same.welfare, 1, atol=1e-12)
    one = gk.counterfactual(small, {("CHN", "USA"): 0.3}, initial_tariffs=initial, clean=True)
    both = gk.counterfactual(small, {**initial, ("CHN", "USA"): 0.3}, initial_tariffs=initial, clean=True)
    np.testing.assert_array_equal(one.welfare, both.welfare)
    assert one.welfare["CHN"] < 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tariffs": {("CHN", "USA"): -1.0}}, "no rate above -1"),
        ({"tariffs": {("CHN", "USA"): np.nan}}, "no rate above -1"),
        ({"tariffs": {("CHN", "USA"): np.inf}}, "no rate above -1"),
        ({"tariffs": {("CHN", "CHN"): 0.1}}, "CHN can't tax its sales to itself"),
        ({"tariffs": {("CHN", "Atlantis"): 0.1}}, "no region 'Atlantis'"),
        ({"tariffs": {("CHN", "USA", "Machinary"): 0.1}}, "did you mean Machinery"),
        ({"tariffs": {("CHN",): 0.1}}, "1 labels, expected 3, or the first 2"),
        ({"tariffs": 0.1}, "a frame exporter x importer"),
        ({"tariffs": pd.DataFrame({"USA": [np.nan]}, index=["CHN"])}, "no rate above -1"),
        ({"trade_costs": {("CHN", "USA"): -1.0}}, "no factor above 0"),
        ({"trade_costs": {("CHN", "USA"): 0.0}}, "no factor above 0"),
        ({"productivity": {"CHN": -1.0}}, "no factor above 0"),
        ({"productivity": {"Atlantis": 1.0}}, "no region 'Atlantis'"),
        ({"productivity": {("CHN", "Machinery", "USA"): 1.0}}, "3 labels"),
        ({"productivity": "much"}, "a number, or a mapping"),
        ({"elasticity": 0.0}, "a number above 0"),
        ({"elasticity": {"Machinery": 4.0}}, "elasticity lacks 'Agriculture'"),
        ({"elasticity": [4.0, 4.0]}, "has 2 numbers, expected 14"),
        ({"elasticity": {"Machinary": 4.0}}, "no sector 'Machinary'"),
        ({"shares": "some"}, "'use', 'pooled'"),
        ({"deficits": "none"}, "'constant', 'closed'"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"input_elasticity": -1.0}, "input_elasticity"),
    ],
)
def test_a_shock_that_can_not_be(small, options, message):
    with pytest.raises(gk.OptionError, match=message):
        gk.counterfactual(small, **options, clean=True)


def test_rates_in_per_cent_are_doubted(small):
    with pytest.warns(gk.GvcWarning, match="rates are fractions"):
        gk.counterfactual(small, {("CHN", "USA"): 25.0}, clean=True)


# ---- the base -------------------------------------------------------------------------------------------------


def test_what_is_below_zero_is_said():
    t = gk.load_sample(2011)
    found = gk.counterfactual(t)
    cells = t.arrays.y[t.arrays.y < 0]
    assert f"{len(cells)} cells of final demand below 0, in sum {cells.sum():,.6g} million USD" in found.notes[0]
    assert found.notes[0] in found.table.notes
    assert found.notes[0] in found.summary().attrs["notes"]
    np.testing.assert_array_equal(found.base.arrays.y, np.maximum(t.arrays.y, 0))


def test_value_added_below_zero_is_named_or_mended():
    z = np.array([[1.0, 5.0, 0.0], [1.0, 6.0, 1.0], [0.0, 0.0, 0.0]])
    y = np.array([[9.0, 1.0, 1.0], [1.0, 1.0, 1.0], [4.0, 0.0, 2.0]])
    t = gk.Mrio.from_arrays(z, y, list("ABC"), ["s"])
    assert t.va["B"].item() == 0
    assert gk.counterfactual(t, {("A", "B"): 0.1}).residual <= 1e-10  # value added of 0 is allowed
    taxed = {("A", "B"): 0.2}
    with pytest.raises(gk.OptionError, match=r"below 0 in 1 columns, the lowest B, s with -1.*clean=True"):
        gk.counterfactual(t, {("A", "B"): 0.3}, initial_tariffs=taxed)
    found = gk.counterfactual(t, {("A", "B"): 0.3}, initial_tariffs=taxed, clean=True)
    assert "taken as their region's final demand" in found.notes[0]
    np.testing.assert_allclose(found.base.x, t.x, rtol=1e-12)
    assert found._base.labour.min() == 0
    flow = gk.Mrio.from_arrays(z - np.diag([2.0, 0, 0]), y, list("ABC"), ["s"])
    with pytest.raises(gk.OptionError, match=r"Z holds -1 at row A, s, column A, s"):
        gk.counterfactual(flow)
    assert "1 cells of flows between sectors" in gk.counterfactual(flow, clean=True).notes[0]


def test_a_region_without_final_demand_is_named():
    t = gk.Mrio.from_arrays(np.eye(2), [[3.0, 0.0], [1.0, 0.0]], ["A", "B"], ["s"])
    with pytest.raises(gk.OptionError, match="B has no final demand"):
        gk.counterfactual(t)


def test_closed_deficits_are_closed_before_and_after(small):
    found = gk.counterfactual(small, WAR, deficits="closed", clean=True)
    assert np.abs(found._base.deficit).max() < 1e-8 * found._base.final.max()
    for t in (found.base, found.table):
        traded = t.labels.by_region(t.Z.T.groupby("partner", sort=False).sum().T.to_numpy() + t.arrays.y)
        revenue = t.extensions["incomes"].iloc[1:].sum().groupby("region", sort=False).sum()
        assert np.abs(traded.sum(0) - traded.sum(1)).max() < 1e-7 * traded.max()
        assert (revenue.to_numpy() >= -1e-6).all()
    assert "deficits of" in found.notes[-1]
    open_ = gk.counterfactual(small, WAR, clean=True)
    assert np.abs(open_.welfare - found.welfare).max() > 1e-5


# ---- no solution ----------------------------------------------------------------------------------------------


def test_cutting_off(small):
    alone = {("CHN", "*"): np.inf, ("*", "CHN"): np.inf}
    with pytest.raises(gk.EquilibriumError, match=r'CHN can.t trade with the others any more.*deficits="closed"'):
        gk.counterfactual(small, trade_costs=alone, shares="pooled")
    with pytest.raises(gk.EquilibriumError, match="CHN can buy abroad and not sell any more"):
        gk.counterfactual(small, trade_costs={("CHN", "*"): np.inf}, shares="pooled", deficits="closed")
    blocs = {"east": ["CHN", "KOR", "JPN"], "west": ["USA", "MEX", "CAN"]}
    costs = gk.costs_between(small, blocs)
    assert np.isinf(costs.loc["CHN", "USA"])
    assert costs.loc["CHN", "JPN"] == 1 == costs.loc["CHN", "DEU"]
    found = gk.counterfactual(small, trade_costs=costs, shares="pooled")
    assert found.pairs.loc[("KOR", "MEX"), "after"] == 0 < found.pairs.loc[("KOR", "MEX"), "before"]
    assert (found.welfare[blocs["east"] + blocs["west"]] < 1).all()


def test_a_good_without_any_source_is_named():
    z = np.zeros((4, 4))
    z[1, 2] = 1.0  # oil of A into cars of B
    t = gk.Mrio.from_arrays(z, [[1, 1], [1, 0], [1, 2], [1, 1.0]], ["A", "B"], ["cars", "oil"])
    with pytest.raises(gk.EquilibriumError, match=r"no source left \(oil, bought by B, cars"):
        gk.counterfactual(t, trade_costs={("A", "B", "oil"): np.inf})
    pooled = gk.counterfactual(t, trade_costs={("A", "B", "oil"): np.inf}, shares="pooled")
    assert pooled.pairs.loc[("A", "B"), "after"] > 0
    food = gk.Mrio.from_arrays(np.zeros((4, 4)), [[1, 1], [1, 1], [0, 0], [1, 1.0]], ["A", "B"], ["food", "fuel"])
    with pytest.raises(gk.EquilibriumError, match=r"no source left \(food, bought by final demand of B"):
        gk.counterfactual(food, trade_costs={("A", "B", "food"): np.inf}, deficits="closed")


def test_what_does_not_settle_is_said(small):
    found = gk.counterfactual(small, WAR, clean=True)
    with pytest.raises(gk.EquilibriumError, match=r"after 3 rounds: the (wage|cost|output) is still off"):
        gk.core.equilibrium(found._economy, 1e-10, 3)


# ---- the new table --------------------------------------------------------------------------------------------


def test_every_measure_runs_on_the_new_table(small):
    frame = pd.DataFrame([small.x.to_numpy() / 10], index=["CO2"], columns=small.labels.rows)
    t = small.with_extensions({"air": frame})
    found = gk.counterfactual(t, WAR, clean=True, name="trade war")
    new = found.table
    assert isinstance(new, gk.Mrio)
    assert new.source.endswith(", trade war")
    assert new.given.meta["scenario"] == "trade war"
    assert any("tariffs changed in 28 " in note for note in new.notes)
    np.testing.assert_allclose(
        new.extensions["air"].loc["CO2"], small.x * found.sectors["volume"].fillna(0) / 10, rtol=1e-9
    )
    incomes = new.extensions["incomes"]
    np.testing.assert_allclose(incomes.iloc[:2].sum(), new.va, atol=1e-9 * new.x.max())
    np.testing.assert_allclose(new.x.groupby("region", sort=False).sum(), (found._base.output * found.sectors["output"].fillna(0)).groupby("region", sort=False).sum(), rtol=1e-9)  # fmt: skip  # noqa: E501
    change = gk.scenario_effect(gk.flows, found.base, new, kind="total", partner="absorber")
    assert change.loc["CHN", "USA"] < 0
    exports = found.pairs.groupby("region", sort=False)[["before", "after"]].sum()
    np.testing.assert_allclose(found.regions["exports"], exports["after"] / exports["before"], rtol=1e-12)
    assert found.pairs.loc[("CHN", "USA"), "ratio"] < 0.6
    np.testing.assert_allclose(found.summary(), found.regions - 1)
    assert "CHN -" in repr(found)
    assert "residual" in repr(found)


def test_single_precision_and_any_order_of_memory(small):
    want = gk.counterfactual(small, WAR, clean=True)
    turned = gk.Mrio.from_arrays(
        np.asfortranarray(small.arrays.z), small.given.y, small.regions, small.sectors, small.categories, copy=False
    )
    np.testing.assert_array_equal(gk.counterfactual(turned, WAR, clean=True).welfare, want.welfare)


# ---- many -----------------------------------------------------------------------------------------------------


def test_a_path_on_threads_goes_to_a_panel(small):
    blocs = {"a": "CHN", "b": "USA"}
    steps = {f: {"trade_costs": gk.costs_between(small, blocs, f)} for f in (1.0, 1.2, 2.0, np.inf)}
    found = gk.counterfactuals(small, steps, progress=False, clean=True)
    assert list(found) == list(steps)
    one = gk.counterfactual(small, **steps[1.2], clean=True)
    np.testing.assert_array_equal(found[1.2].welfare, one.welfare)
    path = pd.DataFrame({f: c.welfare for f, c in found.items()})
    assert (np.diff(path.loc["CHN"]) < 0).all()
    pd.testing.assert_frame_equal(gk.welfare_path(found), path.rename_axis(columns="shock"))
    assert gk.welfare_path(found, "exports").attrs["unit"] == "ratio"
    with pytest.raises(gk.OptionError, match="'real_wage'"):
        gk.welfare_path(found, "happiness")
    with pytest.raises(gk.OptionError, match="counterfactuals"):
        gk.welfare_path(path)
    frame = gk.panel(
        gk.flows, {f: c.table for f, c in found.items()}, progress=False, by="cost", kind="total", partner="absorber"
    )
    sold = frame["USA"].xs("CHN", level="region")
    assert (np.diff(sold) < 0).all()
    with pytest.raises(gk.OptionError, match="'scale'"):
        gk.counterfactuals(small, {1: {"scale": 2}})
    with pytest.raises(gk.OptionError) as caught:
        gk.counterfactuals(small, {"x": {"tariffs": {("CHN", "CHN"): 1}}}, progress=False, clean=True)
    assert caught.value.__notes__ == ["in the shock 'x'"]


def test_bands_of_welfare(small):
    bands = gk.welfare_bands(small, 0.3, draws=20, progress=False, tariffs=WAR, clean=True)
    again = gk.welfare_bands(small, 0.3, draws=20, progress=False, tariffs=WAR, clean=True, workers=1)
    pd.testing.assert_frame_equal(bands, again)
    np.testing.assert_array_equal(bands["published"], gk.counterfactual(small, WAR, clean=True).welfare)
    assert (bands[0.05] < bands[0.5]).all()
    assert (bands[0.5] < bands[0.95]).all()
    assert bands.loc["CHN", "share_positive"] == 0
    assert bands.loc["MEX", "share_positive"] == 1
    with pytest.raises(gk.OptionError, match="draws=0"):
        gk.welfare_bands(small, draws=0)


def test_elasticities_of_the_embedded_tables(small, icio):
    d = np.load(data_file("cp2015/nafta_1993_no_deficits.npz"))
    theta = dict(zip(d["sectors"].tolist(), d["theta"].tolist(), strict=True))
    found = gk.trade_elasticities(small)
    assert list(found.index) == small.sectors
    assert found["Machinery"] == theta["Machinery n.e.c"]
    mean = np.mean([theta[name] for name in ("Office", "Electrical", "Communication", "Medical")])
    assert found["Electrical and optical equipment"] == pytest.approx(mean, rel=1e-5)
    assert "Business services" in found.attrs["not_estimated"]
    assert "Mining" not in found.attrs["not_estimated"]
    assert gk.counterfactual(small, WAR, elasticity=found, clean=True).welfare["CHN"] < 1
    assert gk.trade_elasticities(icio)["Agriculture, mining, food"] == pytest.approx(
        np.mean([theta[name] for name in ("Agriculture", "Mining", "Food")]), rel=1e-5
    )
    with pytest.raises(gk.LabelError, match="a mapping of your own"):
        gk.trade_elasticities(gk.Mrio.from_arrays(np.eye(2), np.ones((2, 1)), ["A"], ["x", "y"]))


def test_blocs_that_can_not_be(small):
    for blocs, message in (
        ({"a": "CHN"}, "two or more blocs"),
        ({"a": "CHN", "b": ["USA", "China"]}, "CHN is in two blocs"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            gk.costs_between(small, blocs)
    with pytest.raises(gk.OptionError, match="no factor above 0"):
        gk.costs_between(small, {"a": "CHN", "b": "USA"}, 0.0)


# ---- how it runs ----------------------------------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same_digits():
    code = (
        "import gvckit as gk\n"
        "c = gk.counterfactual(gk.load_sample(2011), {('CHN', 'USA'): .25})\n"
        "print(c.welfare.to_numpy().tobytes().hex(), c.table.arrays.z.sum().hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "RAYON_NUM_THREADS": threads}, capture_output=True,
            text=True, check=True,
        ).stdout
        for threads in ("1", "2", "5")
    }  # fmt: skip
    assert len(found) == 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
def test_it_stops_when_it_is_told_to(small):
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals come to the main thread")
    economy = gk.counterfactual(small, WAR, clean=True)._economy

    def stop(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            gk.core.equilibrium(economy, -1.0, 10**9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_progress_is_excess_demand(small):
    heard = []
    found = gk.counterfactual(small, WAR, clean=True)
    gk.core.equilibrium(found._economy, 1e-10, 1000, lambda round_, gap: heard.append((round_, gap)))
    assert [round_ for round_, _ in heard] == list(range(1, found.rounds + 1))
    assert heard[-1][1] == found.residual < heard[0][1]
    gk.counterfactual(small, WAR, clean=True, progress=True)
