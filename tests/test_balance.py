import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from strategies import tables


def literal_ras(cells, rows, columns, rounds=5000):
    """Rows and columns scaled in turn."""
    out = cells.copy()
    for _ in range(rounds):
        out *= (rows / out.sum(1))[:, None]
        out *= columns / out.sum(0)
    return out


def test_ras_equals_the_literal_one():
    rng = np.random.default_rng(1)
    z, y = rng.random((4, 4)) + 0.1, rng.random((4, 2)) * 9 + 3
    t = gk.Mrio.from_arrays(z, y, ["A", "B"], ["s", "t"], x=(z.sum(1) + y.sum(1)) * [1.1, 0.9, 1.0, 1.2])
    for method in ("ras", "gras"):
        balanced, report = t.balance(method)
        rows = t.given.x
        inputs = rows * z.sum(0) / (z.sum(1) + y.sum(1))
        final = y.sum(0) * (rows.sum() - inputs.sum()) / y.sum()
        want = literal_ras(np.hstack([z, y]), rows, np.concatenate([inputs, final]))
        np.testing.assert_allclose(np.hstack([balanced.arrays.z, balanced.given.y]), want, rtol=1e-8)
        np.testing.assert_allclose(balanced.x, rows, rtol=1e-9)
        assert report.attrs["gap_before"] > 0.01 > 1e-9 > report.attrs["gap_after"]
        assert report["change"].abs().is_monotonic_decreasing
        assert "balanced by" in balanced.notes[-1]
        assert t.notes == []


@given(tables())
def test_a_balanced_table_stays_as_it_is(t):
    balanced, report = t.balance()
    np.testing.assert_allclose(balanced.arrays.z, t.arrays.z, rtol=1e-8, atol=1e-12)
    assert report.attrs["moved"] < 1e-8


def test_signs_are_kept_and_totals_reached(wiod):
    t = wiod(1998)
    rng = np.random.default_rng(3)
    n = len(t.x)
    noisy = gk.Mrio.from_arrays(
        t.arrays.z * np.exp(0.05 * rng.standard_normal((n, n))), t.given.y, t.regions, t.sectors,
        t.categories, x=t.x.to_numpy(), va=t.va.to_numpy(), year=1998, unit="million USD",
    )  # fmt: skip
    demand = t.given.y.sum(axis=0)
    balanced, report = noisy.balance(demand=demand, tolerance=1e-11)
    np.testing.assert_allclose(balanced.x, t.x, atol=1e-11 * t.x.max() * 10)
    np.testing.assert_allclose(balanced.va, t.va, atol=1e-11 * t.x.max() * 10)
    assert (np.sign(balanced.given.y) == np.sign(t.given.y)).all()
    off = np.abs(noisy.arrays.z - t.arrays.z).sum()
    assert np.abs(balanced.arrays.z - t.arrays.z).sum() < off
    assert len(report) == 50


def test_what_can_not_be_balanced():
    z, y = [[1.0, 2.0], [0.0, 0.0]], [[3.0, 1.0], [0.0, 0.0]]
    t = gk.Mrio.from_arrays(z, y, ["A", "B"], ["s"])
    with pytest.raises(gk.BalanceError, match=r"total 5 of row 1 \(row B, s\)") as caught:
        t.balance(x=[7.0, 5.0], va=[6.0, 3.0])
    assert caught.value.row == 1
    with pytest.raises(gk.ShapeError, match="final demand sums to 9"):
        t.balance(x=[7.0, 0.0], va=[6.0, -2.0], demand=[4.0, 5.0])
    with pytest.raises(gk.NonFiniteError, match="x holds nan at B, s: 2 finite numbers"):
        t.balance(x=[7.0, np.nan])
    with pytest.raises(gk.ShapeError, match="vector of numbers"):
        t.balance(x=["a", "b"])
    for bad in ({"most_rounds": -1}, {"tolerance": "a"}, {"tolerance": 0}):
        with pytest.raises(gk.OptionError, match="positive numbers"):
            t.balance(**bad)
    with pytest.raises(gk.OptionError, match="'ras', 'gras'"):
        t.balance("magic")
    negative = gk.Mrio.from_arrays([[1.0]], [[3.0, -1.0]], ["A"], ["s"], ["f", "INVNT"])
    with pytest.raises(gk.OptionError, match="row A, s, column A, INVNT is -1: method='ras'"):
        negative.balance("ras")
    with pytest.raises(gk.BalanceError, match="not balanced after 1 rounds"):
        gk.Mrio.from_arrays([[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 1.0]], ["A", "B"], ["s"]).balance(
            x=[20.0, 30.0], most_rounds=1
        )
