"""A right number or none: every public measure on tables off the clean road, against the literal reference.

Sectors that buy without output, sales that cancel out, outputs that are rounding, other value added, factors, one
region, one sector, strange labels. Either the number is right or a `GvcError` comes.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from reference import Literal
from reference_exports import KWW, WWZ, Exports
from strategies import odd_tables

TERMS = ["domestic", "traditional", "simple", "complex"]
pytestmark = pytest.mark.filterwarnings("ignore::gvckit.GvcWarning")


def close(found, want, lit, rtol=1e-8):
    """Equal to the size of the table's own numbers."""
    size = max(np.abs(lit.x).max(), np.abs(lit.va).max(), 1.0)
    np.testing.assert_allclose(np.asarray(found, dtype=float), want, rtol=rtol, atol=1e-9 * size)


def by_region(lit, values):
    return values.reshape(lit.G, lit.N, *values.shape[1:]).sum(1)


def factor_of(t):
    """A factor by row, with its unit."""
    rng = np.random.default_rng(1)
    series = pd.Series(rng.random(len(t.labels.rows)), index=t.labels.rows, name="CO2")
    series.attrs["unit"] = "kt"
    return series


@pytest.fixture(scope="module")
def issue_table():
    """The example of the issue: B's sector 2 buys and makes nothing."""
    z = [[5, 3, 2, 8], [4, 2, 3, 0], [2, 3, 4, 0], [0, 0, 0, 0]]
    y = [[20, 10], [15, 5], [8, 25], [0, 0]]
    return gk.Mrio.from_arrays(z, y, ["A", "B"], ["1", "2"])


def test_a_sector_that_buys_without_output(issue_table):
    t, lit = issue_table, Literal(issue_table)
    frame = gk.participation(t)
    assert frame.loc[("B", "1"), "complex"] == pytest.approx(1.4099, abs=5e-5)
    for k, matrix in enumerate(lit.participation_terms()):
        close(frame[TERMS[k]], matrix.sum(1), lit)
    close(frame["total"], frame[TERMS].sum(axis=1), lit)
    close(frame["total"].sum(), lit.y.sum(), lit)
    assert frame.loc[("B", "2"), "total"] == 0


def test_exports_keep_what_it_imports_and_one_warning_says_what_no_term_holds():
    z = [[5, 3, 2, 8], [4, 2, 3, 0], [2, 3, 4, 0], [0, 0, 0, 0]]
    y = [[20, 10], [15, 5], [8, 25], [0, 0]]
    t = gk.Mrio.from_arrays(z, y, ["A", "B"], ["1", "2"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kww = gk.decompose_exports(t, "kww")
        gk.participation(t)
        gk.flows(t)
    assert len(caught) == 1
    assert "B, 2" in str(caught[0].message)
    assert "8 " in str(caught[0].message)
    assert kww["exports"].tolist() == [2 + 8 + 3 + 0 + 10 + 5, 2 + 3 + 8 + 0]
    lit = Exports(t)
    close(kww[KWW].sum(axis=1), [lit.explained[:2].sum(), lit.explained[2:].sum()], lit)


@given(odd_tables())
def test_value_added_per_unit(t):
    lit = Literal(t)
    close(t.v, lit.v, lit)
    close(t.x, lit.x, lit)


@given(odd_tables())
def test_participation(t):
    lit = Literal(t)
    f = factor_of(t)
    for row, option in ((lit, None), (Literal(t, f.to_numpy()), f)):
        terms = row.participation_terms()
        for direction, axis in (("forward", 1), ("backward", 0)):
            frame = gk.participation(t, direction, factor=option)
            for k, matrix in enumerate(terms):
                close(frame[TERMS[k]], matrix.sum(axis), row)
            close(frame["total"], frame[TERMS].sum(axis=1), row)
            detail = gk.participation(t, direction, detail=True, factor=option)
            close(detail["returned"], row.returned(direction == "forward"), row)


@given(odd_tables())
def test_flows(t):
    lit = Literal(t)
    for kind in ("traditional", "simple", "complex", "gvc", "total"):
        for partner in ("importer", "absorber"):
            want = lit.flow(kind, partner)
            found = gk.flows(t, kind, "sector", partner)
            close(found, want, lit)
            close(gk.flows(t, kind, "region", partner), by_region(lit, found.to_numpy()), lit)


@given(odd_tables())
def test_lengths(t):
    lit = Literal(t)
    for direction in ("forward", "backward"):
        parts = lit.lengths(direction == "forward")
        frame = gk.lengths(t, direction)
        for name in ("total", "domestic", "traditional"):
            value = parts[f"value_{name}"]
            good = np.abs(value) > 1e-7 * (np.abs(lit.Z).sum() + np.abs(t.given.y).sum())
            np.testing.assert_allclose(
                frame[name][good], (parts[name] / np.where(value == 0, 1, value))[good], rtol=1e-6
            )


@given(odd_tables(max_regions=3, max_sectors=3))
def test_exports(t):
    lit = Exports(t)
    gross = lit.E.reshape(lit.G, lit.N, lit.G).sum(1)
    pairs = [(s, r) for s in range(lit.G) for r in range(lit.G) if s != r]
    kww = gk.decompose_exports(t, "kww")
    close(kww["exports"], gross.sum(1), lit)
    for s in range(lit.G):
        close(kww[KWW].iloc[s], [lit.kww(s)[name] for name in KWW], lit)
    if lit.G == 1:
        return
    wwz = gk.decompose_exports(t, "wwz", "bilateral")
    for k, (s, r) in enumerate(pairs):
        close(wwz[WWZ].iloc[k], lit.wwz(s, r).sum(0), lit)
        assert wwz["exports"].iloc[k] == pytest.approx(gross[s, r], rel=1e-9, abs=1e-9)
    for method, sink in (("bm_source", False), ("bm_sink", True)):
        frame = gk.decompose_exports(t, method, "bilateral")
        for k, (s, r) in enumerate(pairs):
            for name, values in lit.bm(s, r, sink).items():
                close(frame[name].iloc[k], values.sum(), lit)
    content = gk.value_added_in_exports(t)
    want = np.stack([by_region(lit, lit.v * (lit.B @ (lit.E.sum(1) * lit.own[:, s]))) for s in range(lit.G)], axis=1)
    close(content, want, lit)
    tiva = gk.tiva(t)
    close(tiva["domestic_content"], np.diag(want), lit)
    close(tiva["foreign_content"], want.sum(0) - np.diag(want), lit)
    close(tiva["indirect"], want.sum(1) - np.diag(want), lit)


@given(odd_tables())
def test_dependence_and_trace(t):
    lit = Literal(t)
    absorbed = lit.v[:, None] * (lit.B @ lit.Y)
    close(gk.trace(t, "sector", None, "region"), absorbed, lit)
    cube = lit.v[:, None] * lit.B * lit.y
    close(gk.trace(t, "sector", "sector"), cube, lit)
    close(gk.trace(t, "region", "sector"), by_region(lit, cube), lit)
    if lit.G < 2:
        return
    sums = by_region(lit, absorbed)
    matrix = gk.dependence_matrix(t, "demand_share").to_numpy()
    whole = sums.sum(1, keepdims=True)
    good = np.abs(whole[:, 0]) > 1e-6
    np.testing.assert_allclose(matrix[good], (sums / np.where(whole == 0, 1, whole))[good], rtol=1e-6, atol=1e-9)


@given(odd_tables())
def test_every_measure_gives_finite_numbers_nan_or_an_error_of_ours(t):
    """No foreign error, no infinity, no change of the table."""
    before = t.given.z.copy(), t.given.y.copy()
    a, b = t.regions[0], t.regions[-1]
    calls = [
        lambda: gk.participation(t, level="region", shares=True),
        lambda: gk.participation(t, "backward", "world", detail=True),
        lambda: gk.position(t),
        lambda: gk.upstreamness(t),
        lambda: gk.downstreamness(t),
        lambda: gk.multipliers(t),
        lambda: gk.linkages(t),
        lambda: gk.propagation_lengths(t),
        lambda: gk.tiva(t),
        lambda: gk.revealed_advantage(t),
        lambda: gk.participation_rates(t),
        lambda: gk.indicators(t),
        lambda: gk.indicators(t, "region"),
        lambda: gk.decompose_exports(t, "tripartite", "bilateral_sector"),
        lambda: gk.decompose_exports(t, "oecd"),
        lambda: gk.gross_trade(t, "sector"),
        lambda: gk.dependence(t, a, b),
        lambda: gk.dependence_matrix(t, "input_reliance", level="sector"),
        lambda: gk.extract(t, a, b),
        lambda: gk.extraction_matrix(t),
        lambda: gk.hubs(t),
        lambda: gk.chokepoints(t),
        lambda: gk.ghosh_inverse(t),
        lambda: gk.leontief_inverse(t),
    ]
    for call in calls:
        try:
            frame = call()
        except gk.GvcError:
            continue
        values = frame.select_dtypes("number").to_numpy() if isinstance(frame, pd.DataFrame) else frame.to_numpy()
        assert not np.isinf(values).any()
    np.testing.assert_array_equal(t.given.z, before[0])
    np.testing.assert_array_equal(t.given.y, before[1])


def test_measures_that_compare_with_gross_flows_refuse_a_factor(issue_table):
    for measure in (gk.tiva, gk.participation_rates, gk.decompose_exports):
        with pytest.raises(TypeError, match="factor"):
            measure(issue_table, factor="CO2")
    assert not hasattr(gk.Mrio, "with_factor")
