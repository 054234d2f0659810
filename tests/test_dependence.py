import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from gvckit.measures.dependence import MATRIX_MEASURES
from reference import Literal
from strategies import tables

SCALE = {"rtol": 1e-9, "atol": 1e-11}


def literal_matrix(t, name):
    """Each measure of a pair by its formula, with dense products."""
    lit = Literal(t)
    g, n = lit.G, lit.N
    regions = np.arange(lit.n) // n
    own = lit.own.T  # G x n: sums rows by region

    def shares(levels):
        with np.errstate(invalid="ignore", divide="ignore"):
            return levels / levels.sum(axis=1, keepdims=True)

    absorbed = own @ (lit.v[:, None] * (lit.B @ lit.Y))
    direct = own @ t.arrays.z
    needed = own @ ((lit.B - np.eye(lit.n)) @ np.diag(lit.x))
    by_region = np.stack([direct[:, regions == r].sum(1) for r in range(g)], axis=1)
    needed = np.stack([needed[:, regions == r].sum(1) for r in range(g)], axis=1)
    sold = by_region + own @ lit.Y
    trade = sold + sold.T
    np.fill_diagonal(trade, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        ts = trade / np.nansum(trade, axis=1, keepdims=True)
        kinds = {kind: own @ lit.flow(kind, "importer") for kind in ("traditional", "simple")}
        parts = [kinds[kind].T / absorbed.sum(axis=0)[:, None] for kind in kinds]
        for part in parts:
            np.fill_diagonal(part, np.nan)
        found = {
            "supply_share_final": parts[0],
            "supply_share_inputs": parts[1],
            "supply_share_third": shares(absorbed.T) - parts[0] - parts[1],
            "supply_share_face": shares((own @ lit.Y).T),
            "supply_share": shares(absorbed.T),
            "demand_share": shares(absorbed),
            "input_reliance_face": shares(by_region.T),
            "input_reliance": shares(needed.T),
            "market_reliance_face": shares(sold),
            "market_reliance": shares(own @ lit.B @ lit.Y),
            "trade_to_gdp": trade / (own @ lit.va)[:, None],
            "trade_share": ts,
            "salience": np.sqrt(ts * ts.T),
            "symmetry": 1 - np.abs(ts - ts.T),
            "interdependence": np.sqrt(ts * ts.T) * (1 - np.abs(ts - ts.T)),
        }
    return found[name] if name in found else found[name[:-7]] - found[f"{name[:-7]}_face"]


@given(tables(negative_inventories=False, zero_output=False))
def test_every_matrix_equals_the_literal_products(t):
    for name in MATRIX_MEASURES:
        got = gk.dependence_matrix(t, name)
        assert got.index.tolist() == got.columns.tolist() == t.regions
        want = literal_matrix(t, name)
        # One region has no trade, and inputs of nothing have no shares.
        sure = np.isfinite(want)
        np.testing.assert_allclose(got.to_numpy()[sure], want[sure], err_msg=name, **SCALE)


@given(tables())
def test_shares_add_up(t):
    for name in ("supply_share", "demand_share", "market_reliance", "market_reliance_face", "supply_share_face"):
        sums = gk.dependence_matrix(t, name).sum(axis=1, min_count=1).dropna()
        np.testing.assert_allclose(sums, 1.0, rtol=1e-9)
    hidden = gk.dependence_matrix(t, "market_reliance_hidden").sum(axis=1)
    np.testing.assert_allclose(hidden, 0.0, atol=1e-9)


def test_both_sides_of_a_pair_by_hand():
    # Two regions, one sector. x = (100, 200), A = [[.1, .1], [.2, .3]].
    t = gk.Mrio.from_arrays([[10.0, 20.0], [20.0, 60.0]], [[50.0, 20.0], [10.0, 110.0]], ["P", "Q"], ["s"])
    d = gk.dependence(t, "P", "Q")
    assert d.loc[("input_reliance_face", "all"), "P"] == pytest.approx(20 / 30)
    assert d.loc[("input_reliance_face", "s"), "Q"] == pytest.approx(20 / 80)
    assert d.loc[("market_reliance_face", "s"), "P"] == pytest.approx(40 / 100)
    assert d.loc[("supply_share_face", "all"), "P"] == pytest.approx(10 / 60)
    # B = 1 / .61 [[.7, .1], [.2, .9]]; v = (.7, .6).
    b = np.array([[0.7, 0.1], [0.2, 0.9]]) / 0.61
    va = np.array([[0.7], [0.6]]) * (b @ [[50, 20], [10, 110]])
    assert d.loc[("supply_share", "all"), "P"] == pytest.approx(va[1, 0] / 60)
    assert d.loc[("demand_share", "all"), "P"] == pytest.approx(va[0, 1] / 70)
    assert d.loc[("demand_asymmetry", "all"), "P"] == pytest.approx(va[0, 1] / 70 - va[1, 0] / 120)
    assert d.loc[("input_reliance", "s"), "P"] == pytest.approx(b[1, 0] / (b[1, 0] + b[0, 0] - 1))
    assert d.loc[("trade_to_gdp", "all"), "Q"] == pytest.approx((40 + 30) / 120)
    assert d.loc[("supplier_hhi", "all"), "P"] == pytest.approx(1.0)
    assert d.dtypes.tolist() == [np.float64, np.float64]


def test_a_pair_is_what_the_matrices_say(sample):
    d = gk.dependence(sample, "China", "usa")
    assert d.columns.tolist() == ["CHN", "USA"]
    assert d.index.names == ["measure", "sector"]
    for name in MATRIX_MEASURES:
        matrix = gk.dependence_matrix(sample, name)
        assert d.loc[(name, "all"), "CHN"] == matrix.loc["CHN", "USA"]
        assert d.loc[(name, "all"), "USA"] == matrix.loc["USA", "CHN"]
    known = gk.describe("dependence").index
    assert set(d.index.get_level_values("measure")) == set(known)
    mirror = gk.dependence(sample, "USA", "CHN")
    pd.testing.assert_frame_equal(mirror[["CHN", "USA"]], d)


def test_sector_reliance_is_the_literal_column(sample):
    d = gk.dependence(sample, "USA", "CHN")
    lit = Literal(sample)
    inputs = lit.own.T @ (lit.B - np.eye(lit.n))
    c, u, k = sample.regions.index("CHN"), sample.regions.index("USA"), sample.sectors.index("Machinery")
    column = inputs[:, u * lit.N + k]
    assert d.loc[("input_reliance", "Machinery"), "USA"] == pytest.approx(column[c] / column.sum())
    output = (lit.B @ lit.Y)[u * lit.N + k]
    assert d.loc[("market_reliance", "Machinery"), "USA"] == pytest.approx(output[c] / output.sum())
    foreign = literal_matrix(sample, "input_reliance")[u]
    foreign = np.delete(foreign, u) / np.delete(foreign, u).sum()
    assert d.loc[("supplier_hhi", "all"), "USA"] == pytest.approx((foreign**2).sum())


def test_bad_pairs_and_measures(sample):
    with pytest.raises(gk.LabelError, match="itself"):
        gk.dependence(sample, "CHN", "China")
    with pytest.raises(gk.LabelError, match="Atlantis"):
        gk.dependence(sample, "CHN", "Atlantis")
    with pytest.raises(gk.OptionError, match="'supply_share'"):
        gk.dependence_matrix(sample, "love")


def test_one_region_has_no_partner():
    t = gk.Mrio.from_arrays([[1.0]], [[2.0]], ["P"], ["s"])
    assert gk.dependence_matrix(t, "supply_share").to_numpy() == [[1.0]]
    assert np.isnan(gk.dependence_matrix(t, "trade_share").to_numpy()).all()


# ---- extraction --------------------------------------------------------------------------------------------------


def again(t, cuts, cut=1.0, final=True):
    """Losses with A and Y changed and everything solved again; cuts are (seller, buyer, goods)."""
    lit = Literal(t)
    a, y = lit.A.copy(), lit.Y.copy()
    for s, b, goods in cuts:
        rows = [t.regions.index(s) * lit.N + t.sectors.index(k) for k in goods]
        r = t.regions.index(b)
        a[np.ix_(rows, range(r * lit.N, (r + 1) * lit.N))] *= 1 - cut
        if final:
            y[rows, r] *= 1 - cut
    x = np.linalg.solve(np.eye(lit.n) - a, y.sum(1))
    return lit.v * (lit.x - x)


@given(tables())
def test_extraction_equals_a_full_recomputation(t):
    if len(t.regions) == 1:
        return
    a, b, scale = t.regions[0], t.regions[-1], np.abs(t.va).max()
    others = [r for r in t.regions if r != a]
    cases = [
        ({"source": a, "target": b}, [(a, b, t.sectors)]),
        ({"source": a, "target": b, "mutual": True}, [(a, b, t.sectors), (b, a, t.sectors)]),
        ({"source": a}, [(a, r, t.sectors) for r in others]),
        ({"target": a}, [(r, a, t.sectors) for r in others]),
        ({"source": a, "mutual": True}, [p for r in others for p in ((a, r, t.sectors), (r, a, t.sectors))]),
        ({"source": t.regions, "target": a, "sectors": t.sectors[0]}, [(r, a, t.sectors[:1]) for r in others]),
        ({"source": a, "target": a, "domestic": True, "sectors": t.sectors[:1]}, [(a, a, t.sectors[:1])]),
    ]
    for options, cuts in cases:
        for cut, final in ((1.0, True), (0.4, True), (1.0, False)):
            if options.get("domestic") and cut == 1.0:
                continue
            got = gk.extract(t, **options, cut=cut, final=final)
            np.testing.assert_allclose(got["loss"], again(t, cuts, cut, final), rtol=1e-8, atol=1e-9 * scale)
            assert got.index.equals(t.labels.rows)


def test_what_is_lost_without_exports_is_domestic_value_added_in_exports(wiod, sample):
    for t in (wiod(2008), sample):
        dva = gk.decompose_exports(t, "bm_source")["DVA"]
        for region in ("CHN", "USA", "DEU"):
            lost = gk.extract(t, source=region)["loss"].groupby(level="region").sum()
            assert lost[region] == pytest.approx(dva[region], rel=1e-9)


def test_all_pairs_are_as_one_at_a_time(sample):
    for final in (True, False):
        matrix = gk.extraction_matrix(sample, final=final)
        assert len(matrix) == 41 * 40
        for pair in (("CHN", "USA"), ("USA", "CHN"), ("DEU", "FRA")):
            one = gk.extract(sample, *pair, final=final)["loss"].groupby(level="region").sum()
            row = matrix.loc[pair]
            want = [one[pair[0]], one[pair[1]], one.sum()]
            np.testing.assert_allclose(row[["loss_region", "loss_partner", "loss_world"]], want, rtol=1e-8)
            gdp = sample.va.groupby(level="region").sum()
            assert row["share_partner"] == pytest.approx(one[pair[1]] / gdp[pair[1]])


def test_the_curve_runs_from_nothing_to_the_extraction(sample):
    curve = gk.decouple(sample, "CHN", "USA", path=[0, 0.5, 1])
    assert (curve.loc[0.0, ["loss", "share"]] == 0).all(axis=None)
    assert curve.loc[0.0, "per_dollar"].isna().all()
    whole = gk.extract(sample, "CHN", "USA", mutual=True)
    np.testing.assert_allclose(curve.loc[1.0, "loss"], whole["loss"].groupby(level="region", sort=False).sum())
    trade = gk.gross_trade(sample)
    assert curve.loc[(1.0, "CHN"), "trade_cut"] == trade.loc["CHN", "USA"] + trade.loc["USA", "CHN"]
    assert whole.attrs["trade_cut"] == curve.loc[(1.0, "CHN"), "trade_cut"]
    sides = {kind: gk.decouple(sample, "CHN", "USA", [1.0], cut=kind)["loss"] for kind in ("exports", "imports")}
    for kind, pair in (("exports", ("CHN", "USA")), ("imports", ("USA", "CHN"))):
        one = gk.extract(sample, *pair)["loss"].groupby(level="region", sort=False).sum()
        np.testing.assert_allclose(sides[kind].loc[1.0], one, atol=1e-6)
    # Both cuts at once lose more than half of each side's sum, and not more than the sum.
    assert (curve.loc[1.0, "loss"].sum()) < sum(s.sum() for s in sides.values())


def test_cuts_that_can_not_be_made(sample):
    for call, error, message in (
        (lambda: gk.extract(sample), gk.OptionError, "both None"),
        (lambda: gk.extract(sample, "CHN", "CHN"), gk.OptionError, "domestic=True"),
        (lambda: gk.extract(sample, "CHN", "USA", cut=1.5), gk.OptionError, "1.5"),
        (lambda: gk.extract(sample, "CHN", "USA", cut=float("nan")), gk.OptionError, "nan"),
        (lambda: gk.extract(sample, "CHN", sectors="Machinary"), gk.LabelError, "did you mean Machinery"),
        (lambda: gk.extract(sample, "Atlantis"), gk.LabelError, "Atlantis"),
        (lambda: gk.decouple(sample, "CHN", "CHN"), gk.LabelError, "itself"),
        (lambda: gk.decouple(sample, "CHN", "USA", []), gk.OptionError, "list of shares"),
        (lambda: gk.decouple(sample, "CHN", "USA", 0.5), gk.OptionError, "list of shares"),
        (lambda: gk.decouple(sample, "CHN", "USA", [0.5, 0.5]), gk.OptionError, "twice"),
        (lambda: gk.extract(sample, "CHN", "USA", cut="a"), gk.OptionError, "'a'"),
        (lambda: gk.extract(sample, "CHN", sectors=[]), gk.OptionError, "nothing to cut"),
        (lambda: gk.trade_indicators(sample, "CHN", "CHN"), gk.LabelError, "itself"),
        (lambda: gk.decouple(sample, "CHN", "USA", cut="all"), gk.OptionError, "'mutual', 'exports', 'imports'"),
    ):
        with pytest.raises(error, match=message):
            call()
    with pytest.raises(gk.ShapeError, match="link"):
        gk.core.extraction(sample.arrays, sample.lu, [([9999], [0], [])], [1.0])
    other = gk.Mrio.from_arrays([[1.0]], [[2.0]], ["P"], ["s"])
    with pytest.raises(gk.ShapeError, match="factor"):
        gk.core.inputs_required(sample.arrays, other.lu)


def test_panels_of_pairs():
    frame = gk.panel(gk.dependence, [2000, 2005], progress=False, a="CHN", b="USA")
    assert frame.index.names == ["year", "measure", "sector"]
    assert frame.loc[(2005, "demand_share", "all"), "CHN"] > frame.loc[(2005, "demand_share", "all"), "USA"]


def test_purchases_of_a_sector_against_solving_anew(sample):
    t, n = sample, len(sample.sectors)
    machinery = t.sectors.index("Machinery")
    columns = [t.regions.index("CHN") * n + machinery]
    a, y = t.A.to_numpy().copy(), t.arrays.y.sum(axis=1)
    abroad = np.arange(len(a)) // n != t.regions.index("CHN")
    cut = t.arrays.z[np.ix_(abroad, columns)].sum()
    a[np.ix_(abroad, columns)] = 0.0
    wanted = t.per_unit * (t.arrays.x - np.linalg.solve(np.eye(len(a)) - a, y))
    found = gk.extract(t, target="China", target_sectors="machinery")
    np.testing.assert_allclose(found["loss"], wanted, rtol=1e-7, atol=1e-4)
    assert found.attrs["trade_cut"] == pytest.approx(cut)
    at_home = gk.extract(t, "CHN", "CHN", target_sectors=["Machinery"], domestic=True)
    a = t.A.to_numpy().copy()
    a[np.ix_(~abroad, columns)] = 0.0
    wanted = t.per_unit * (t.arrays.x - np.linalg.solve(np.eye(len(a)) - a, y))
    np.testing.assert_allclose(at_home["loss"], wanted, rtol=1e-7, atol=1e-4)
    with pytest.raises(gk.OptionError, match="call it twice"):
        gk.extract(t, "CHN", "USA", target_sectors="Machinery", mutual=True)
    with pytest.raises(gk.LabelError, match="'Machines'"):
        gk.extract(t, "CHN", "USA", target_sectors="Machines")
