"""General equilibrium: the core beside the same rounds in plain NumPy, and beside puremacro."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import compare

import gvckit as gk

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import reference_counterfactual as literal
from oracles.puremacro_trade_war import model_of

#: China and the United States tax all of each other's goods and services.
WAR = {("CHN", "USA"): 0.25, ("USA", "CHN"): 0.25}


def counterfactuals(runs: int, quick: bool) -> None:
    """A war of tariffs on the embedded OECD table (847 rows), or on a few of its economies."""
    t = gk.load_sample(2020, "icio")
    if quick:
        kept = ("CHN", "USA", "MEX", "DEU", "JPN")
        t = t.aggregate(regions={region: region if region in kept else "ROW" for region in t.regions})
    n = len(t.sectors)
    rates = np.zeros((len(t.regions), len(t.regions), n))
    for (exporter, importer), rate in WAR.items():
        rates[t.regions.index(exporter), t.regions.index(importer)] = rate
    y = np.maximum(t.arrays.y, 0.0)

    def rounds() -> np.ndarray:
        base = literal.Base.of(t.arrays.z, y, n)
        return literal.solve(base, literal.Shock(tariffs=rates), 4.0, tolerance=1e-10).welfare

    np.testing.assert_allclose(gk.counterfactual(t, WAR, clean=True).welfare, rounds(), rtol=1e-8)
    cases: dict[str, Callable[[], object]] = {
        "gvckit.counterfactual": lambda: gk.counterfactual(t, WAR, clean=True).welfare,
        "gvckit, with the new table": lambda: gk.counterfactual(t, WAR, clean=True).table,
        "the same rounds in NumPy": rounds,
    }
    compare(f"war of tariffs, shares by use, n = {len(t.x)}", cases, runs)

    def puremacro() -> np.ndarray:
        model, tariffs = model_of(t.arrays.z, y, t.regions, t.sectors, np.full(n, 4.0), 0.0, 0.25)
        return model.solve_counterfactual(tariffs_new=tariffs, tol=1e-9, max_iter=20_000).welfare_hat

    pooled: dict[str, Callable[[], object]] = {
        "gvckit.counterfactual": lambda: gk.counterfactual(t, WAR, shares="pooled", clean=True).welfare,
        "puremacro, CaliendoParroModel": puremacro,
    }
    compare(f"war of tariffs, pooled shares, n = {len(t.x)}", pooled, 1)
