"""Hypothesis strategies for tables: balanced and odd ones. Used by the tests of every measure."""

from __future__ import annotations

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
