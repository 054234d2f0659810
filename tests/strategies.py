"""Hypothesis strategies for tables: balanced and odd ones. Used by the tests of every measure."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import strategies as st

import gvckit as gk


@st.composite
def tables(
    draw,
    max_regions: int = 4,
    max_sectors: int = 4,
    negative_inventories: bool = True,
    zero_output: bool = True,
    categories: int = 2,
):
    """A productive table of 1 to G regions and 1 to N sectors.

    Flows are of very different sizes, some are zero; sectors may have no output at all, and the last category of
    final demand may be negative (inventories), by less than what keeps output positive.
    """
    g = draw(st.integers(1, max_regions))
    n_sectors = draw(st.integers(1, max_sectors))
    seed = draw(st.integers(0, 2**32 - 1))
    sparse = draw(st.floats(0.0, 0.8))
    rng = np.random.default_rng(seed)
    n = g * n_sectors
    z = rng.lognormal(0.0, 2.0, (n, n)) * (rng.random((n, n)) >= sparse)
    y = rng.lognormal(1.0, 1.5, (n, g * categories))
    if negative_inventories and draw(st.booleans()):
        y[:, categories - 1 :: categories] *= rng.choice([-0.2, 1.0], (n, g))
    # Final demand large enough that intermediate sales take up at most 80% of output, so that A is productive,
    # and positive in sum.
    sold, bought = z.sum(1), z.sum(0)
    y[:, 0] += np.maximum(0.25 * np.maximum(sold, bought) + 1.0 - y.sum(1), 0.0) + 1.25 * np.maximum(bought - sold, 0)
    if zero_output and n > 1 and draw(st.booleans()):
        idle = draw(st.integers(0, n - 1))
        z[idle], z[:, idle], y[idle] = 0.0, 0.0, 0.0
    regions = [f"R{k}" for k in range(g)]
    sectors = [f"s{k}" for k in range(n_sectors)]
    names = [*[f"f{k}" for k in range(categories - 1)], "INVNT"]
    return gk.Mrio.from_arrays(z, y, regions, sectors, names, year=2000, unit="million USD")


@st.composite
def odd_tables(draw, max_regions: int = 4, max_sectors: int = 4):
    """A table off the clean road: rows that buy without output, sell what cancels out, or have a rounding output.

    Two categories, the second of inventories; other value added or none; labels with underscores, spaces and dots.
    """
    t = draw(tables(max_regions, max_sectors))
    z, y = t.arrays.z.copy(), t.given.y.copy()
    n, g = len(z), len(t.regions)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = draw(st.lists(st.sampled_from(["buyer", "reseller", "cancelling", "rounding", "empty"]), max_size=3))
    for row, kind in zip(rng.permutation(n), kinds, strict=False):
        z[row], y[row] = 0.0, 0.0
        if kind != "buyer" and kind != "reseller":
            z[:, row] = 0.0
        elif not z[:, row].any():
            z[rng.integers(n), row] = 1.0
        z[row, row] = 0.0
        if kind in ("reseller", "cancelling", "rounding"):
            buyer, sold = rng.integers(g), float(np.round(rng.lognormal(1.0, 1.0), 3))
            other = rng.integers(g)
            y[row, 2 * buyer] += sold
            y[row, 2 * other + 1] -= sold
            if kind == "rounding":
                y[row, 2 * buyer] += sold * 2e-16
    va = None
    if draw(st.booleans()):
        va = np.maximum(z.sum(1) + y.sum(1), 0.0) * rng.uniform(0.1, 0.9, n)
    between = draw(st.sampled_from(["", "_", ".", " "]))
    regions = [f"R{between}{k}" for k in range(g)]
    sectors = [f"{'s' if k else 'R'}{between}{k}{between}x" for k in range(len(t.sectors))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gk.Mrio.from_arrays(z, y, regions, sectors, ["final", "INVNT"], va=va, year=2000, unit="million USD")
