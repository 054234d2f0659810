"""Sectors without output, rounding outputs and other factors: the core against dense products, and what adds up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from dense import Dense
from gvckit import core

#: B's second sector buys 8 and 2 thirds of nothing: it has no output and no sales.
Z = np.array([[5.0, 3, 2, 8], [4, 2, 3, 0], [2, 3, 4, 0], [0, 0, 0, 0]])
Y = np.array([[20.0, 10], [15, 5], [8, 25], [0, 0]])


@st.composite
def odd_tables(draw):
    """A productive table with rows without output of any kind, negative inventories, rounding, one region or sector."""
    regions, sectors = draw(st.sampled_from([(1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2), (4, 2)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = regions * sectors
    z = rng.lognormal(0, 1.5, (n, n)) * (rng.random((n, n)) < draw(st.floats(0.3, 1.0)))
    y = rng.lognormal(1, 1, (n, regions))
    if draw(st.booleans()):
        y[:, -1] *= rng.choice([-0.3, 1.0], n)
    for row in range(n):
        match draw(st.sampled_from(["busy", "busy", "busy", "buys", "buys and sells", "cancels", "rounds", "empty"])):
            case "buys":
                z[row], y[row] = 0.0, 0.0
            case "buys and sells":
                y[row, 0] -= z[row].sum() + y[row].sum()
            case "cancels" | "rounds" as kind:
                z[:, row] = 0.0
                y[row, 0] -= z[row].sum() + y[row].sum()
                y[row, 0] *= 1 + (1e-15 if kind == "rounds" else 0.0)
            case "empty":
                z[row], z[:, row], y[row] = 0.0, 0.0, 0.0
    busy = np.abs(z.sum(1) + y.sum(1)) > 1e-12 * (np.abs(z).sum(1) + np.abs(y).sum(1) + np.abs(z).sum(0))
    # Final demand that keeps the economy productive.
    y[busy, 0] += np.maximum(1.3 * np.maximum(z.sum(0), z.sum(1)) + 0.5 - (z.sum(1) + y.sum(1)), 0.0)[busy]
    return z, y, sectors


def near(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-9 * max(1.0, np.abs(wanted).max(initial=0.0)))


def beside(d):
    """The factors, B y where it is another than x, and v'B where it isn't 1."""
    factor = core.factor(d.z, d.x)
    made = core.output_made(d.table, factor)
    return factor, made


def check_everything(d, weights=None):
    factor, made = beside(d)
    assert (made is None) == (len(d.buyers) == 0)
    near(d.x if made is None else made, d.made)
    all_ = factor.solve_transposed(d.v[:, None])[:, 0]
    v = d.v
    terms = d.participation()
    near(core.participation_forward(d.table, weights, made), np.column_stack([t.sum(1) for t in terms]))
    near(core.participation_backward(d.table, all_, weights), np.column_stack([t.sum(0) for t in terms]))
    domestic, abroad = d.flows()
    found = core.flows_by_importer(d.table, v, False, made=made)
    near(found[0], domestic)
    near(found[1], abroad)
    by_region = core.flows_by_importer(d.table, v, True, made)
    near(by_region[1], np.stack([np.add.reduceat(kind, d.starts[:-1]) for kind in abroad]))
    near(core.flows_by_absorber(d.table, v, factor, False), v[:, None] * (d.B @ d.y))
    for forward in (True, False):
        near(core.participation_returned(d.table, factor, forward, weights), d.returned(forward))
        near(core.production_lengths(d.table, factor, forward, weights=weights, made=made), d.lengths(forward))
    check_exports(d, made)


def check_exports(d, made):
    b = core.leontief_inverse(d.z, d.x)[0]
    arguments = (d.z, d.y, b, d.x, d.v, d.starts, made)
    for method, wanted in (
        ("kww", d.kww()),
        ("wwz", d.wwz()),
        ("bm_source", d.borin(sink=False)),
        ("bm_sink", d.borin(sink=True)),
        ("world", d.world()),
        ("tripartite", d.tripartite()),
    ):
        terms, sent = core.export_decomposition(method, *arguments)
        near(sent, d.E)
        near(terms, wanted)
    near(core.exports_content(*arguments)[0], d.content())


def test_the_idle_buyer_of_the_issue():
    d = Dense(Z, Y, 2)
    assert core.sectors_without_output(d.table) == ([3], [], [])
    assert d.va[3] == -8.0
    assert core.value_added_per_output(d.table)[3] == 0.0
    factor, made = beside(d)
    forward = core.participation_forward(d.table, made=made)
    # Region B's first sector: 1.8139 with x in place of B y.
    assert forward[2, 3] == pytest.approx(1.4099, abs=5e-5)
    near(forward.sum(axis=1), d.v * made)
    # All that ends in the idle buyer is missing from the forward totals, and nothing else.
    assert (d.v * d.made).sum() == pytest.approx((factor.solve_transposed(d.v[:, None])[:, 0] * Y.sum(1)).sum())
    kww, sent = core.exports_kww(d.z, d.y, factor, d.x, d.v, d.starts, made)
    # Gross exports hold the 8 that region A sells to the idle buyer; the terms don't.
    assert sent.sum(axis=1).tolist() == [20.0, 8.0, 13.0, 0.0]
    near(kww.sum(axis=1), [d.explained[:2].sum(), d.explained[2:].sum()])
    assert (d.E - d.explained)[0, 1] > 8.0
    check_everything(d)


@given(odd_tables())
def test_every_measure_equals_dense_products(table):
    z, y, sectors = table
    d = Dense(z, y, sectors)
    check_everything(d)
    for found, wanted in zip(core.sectors_without_output(d.table), (d.buyers, d.cancelling, d.empty), strict=True):
        assert found == wanted.tolist()
    near(core.value_added_per_output(d.table), d.v)


@given(odd_tables(), st.integers(0, 2**32 - 1))
def test_any_factor_goes_through_every_measure(table, seed):
    z, y, sectors = table
    rng = np.random.default_rng(seed)
    emissions = rng.lognormal(0, 2, len(z)) * rng.choice([0.0, 1.0, -1.0], len(z))
    x = Dense(z, y, sectors).x
    weights = core.per_output(emissions, x)
    assert np.isfinite(weights).all()
    assert not weights[x == 0].any()
    check_everything(Dense(z, y, sectors, weights), weights)


@given(odd_tables(), st.data())
def test_regions_of_unequal_size(table, data):
    z, y, sectors = table
    regions = y.shape[1]
    cuts = sorted({0, regions, *data.draw(st.lists(st.integers(0, regions), max_size=2))})
    starts = [cut * sectors for cut in cuts]
    grouped = np.add.reduceat(y, cuts[:-1], axis=1)
    d = Dense(z, grouped, starts=starts)
    made = core.output_made(Dense(z, y, sectors).table, core.factor(z, d.x))
    check_exports(d, made)


@given(odd_tables())
def test_what_adds_up(table):
    z, y, sectors = table
    d = Dense(z, y, sectors)
    factor, made = beside(d)
    output = d.x if made is None else made
    near(core.participation_forward(d.table, made=made).sum(axis=1), d.v * output)
    all_ = factor.solve_transposed(d.v[:, None])[:, 0]
    near(core.participation_backward(d.table, all_).sum(axis=1), all_ * d.goods)
    if not len(d.buyers):
        near(all_, np.where(np.isin(np.arange(d.n), d.empty), 0.0, 1.0))
        near(core.participation_backward(d.table).sum(axis=1), d.goods)
    wwz, sent = core.exports_wwz(d.z, d.y, d.B, d.x, d.v, d.starts, made)
    near(wwz.sum(axis=2), all_[:, None] * d.explained)
    kww, _ = core.exports_kww(d.z, d.y, factor, d.x, d.v, d.starts, made)
    near(kww.sum(axis=1), np.add.reduceat(all_[:, None] * d.explained, d.starts[:-1]).sum(axis=1))
    three, _ = core.exports_tripartite(d.z, d.y, factor, d.x, d.v, d.starts, made)
    near(three.sum(axis=2), all_[:, None] * sent)


@given(odd_tables(), st.data())
def test_extraction_counts_from_what_is_made(table, data):
    z, y, sectors = table
    d = Dense(z, y, sectors)
    factor, _ = beside(d)
    pick = st.lists(st.integers(0, d.n - 1), min_size=1, max_size=3, unique=True)
    rows, columns = data.draw(pick), data.draw(pick)
    markets = data.draw(st.lists(st.integers(0, d.G - 1), max_size=2, unique=True))
    found = core.extraction(d.table, factor, [(rows, columns, markets)], [0.0, 0.4, 1.0])
    near(found, [d.extracted(rows, columns, markets, share) for share in (0.0, 0.4, 1.0)])
    for intermediate in (False, True):
        pairs = core.extraction_pairs(d.table, d.v, factor, intermediate)
        for s in range(d.G):
            for t in range(d.G):
                if s == t:
                    continue
                after = d.extracted(d.at[s], d.at[t], [] if intermediate else [t], 1.0)
                lost = d.v * (d.made - after)
                near(pairs[s, t], [lost[d.at[s]].sum(), lost[d.at[t]].sum(), lost.sum()])


def test_a_missing_multiplier_is_asked_for():
    d = Dense(Z, Y, 2)
    for arguments in ((), (None, d.v)):
        with pytest.raises(gk.ShapeError, match=r"all .*v'B"):
            core.participation_backward(d.table, *arguments)
    whole = Dense(Z[:2, :2], Y[:2, :1], 2)
    with pytest.raises(gk.ShapeError, match=r"all .*v'B"):
        core.participation_backward(whole.table, weights=whole.v)
    assert core.participation_backward(whole.table).sum() == pytest.approx(35.0)


# ---- totals ------------------------------------------------------------------------------------------------------


@given(odd_tables(), st.integers(1, 3), st.sampled_from([np.float64, np.float32]))
def test_totals(table, categories, kind):
    z, y, _ = table
    rng = np.random.default_rng(0)
    z = z.astype(kind).astype(float)
    wide = (y[:, :, None] * rng.random((1, 1, categories))).reshape(len(z), -1)
    x, inputs, by_region = core.table_totals(z.astype(kind), wide, categories)
    exact = z.sum(1) + wide.sum(1)
    gross = np.abs(z).sum(1) + np.abs(wide).sum(1) + np.abs(z).sum(0)
    near(x, exact)
    assert (x[np.abs(exact) < 1e-13 * gross] == 0).all()
    near(inputs, z.sum(0))
    near(by_region, wide.reshape(len(z), -1, categories).sum(axis=2))


def test_an_output_that_is_rounding_is_none():
    # WIOD 2016's rest of the world: exports of 9,023 and inventories of -9,023.
    z = np.array([[0.0, 0.0], [0.3, 1.0]])
    y = np.array([[9023.0, -9023.0 - 5e-12], [1.0, 2.0]])
    x, _, _ = core.table_totals(z, y, 1)
    assert x.tolist() == [0.0, 4.3]
    assert core.table_totals(z, y * 1e-12, 1)[0][0] == 0.0
    y[0, 1] = -9023.0 + 1e-7
    assert core.table_totals(z, y, 1)[0][0] == pytest.approx(1e-7, rel=1e-4)


def test_totals_name_what_is_not_finite():
    z, y = np.ones((4, 4)), np.ones((4, 6))
    for what, array in (("Z", z), ("Y", y)):
        array[2, 3] = np.nan
        with pytest.raises(gk.NonFiniteError, match=f"{what} holds NaN at row 2, column 3") as caught:
            core.table_totals(z, y, 3)
        assert (caught.value.row, caught.value.col) == (2, 3)
        array[2, 3] = 1.0
    for categories in (0, 4, 5):
        with pytest.raises(gk.ShapeError, match="Y"):
            core.table_totals(z, y, categories)
    with pytest.raises(gk.ShapeError, match="Z"):
        core.table_totals(z[:3], y[:3], 3)
    with pytest.raises(gk.ShapeError, match="Y"):
        core.table_totals(z, y[:3], 3)


@pytest.mark.parametrize("tiny", [1e-309, -5e-324, np.nan, np.inf])
def test_an_output_without_a_reciprocal_is_an_error_everywhere(tiny):
    d = Dense(Z, Y, 2)
    x = d.x.copy()
    x[1] = tiny
    table = (d.z, d.y, x, d.va, 2)
    calls = [
        lambda: core.input_coefficients(d.z, x),
        lambda: core.leontief_inverse(d.z, x),
        lambda: core.ghosh_inverse(d.z, x),
        lambda: core.factor(d.z, x),
        lambda: core.local_inverse(d.z, x, 2),
        lambda: core.participation_forward(table),
        lambda: core.flows_by_importer(table, d.v, True),
        lambda: core.value_added_per_output(table),
        lambda: core.per_output(d.va, x),
        lambda: core.exports_kww(d.z, d.y, d.B, x, d.v, d.starts),
    ]
    if not np.isnan(tiny):  # of which it can't be said whether it is negative: no iteration
        calls.append(lambda: core.iteration(d.z, np.abs(x), 2))
    for call in calls:
        with pytest.raises(gk.NonFiniteError, match=r"x \(or 1 / x\) holds .* at row 1") as caught:
            call()
        assert caught.value.row == 1
