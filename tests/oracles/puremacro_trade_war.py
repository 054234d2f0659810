"""Write what puremacro's CaliendoParroModel finds, for tests/test_counterfactual.py to compare with.

    python tests/oracles/puremacro_trade_war.py    # in an environment with puremacro 5.7.1 and gvckit's dependencies

The table is the embedded one of 2011, eight regions and the rest; each pair of China and the United States taxes the
other's goods and services 25% more, with elasticities that differ by sector and initial tariffs of 5%. puremacro pools
origins, and keeps deficits in the same numeraire once it is scaled to the world's labour income.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from puremacro.trade.caliendo_parro import CaliendoParroModel

KEPT = ("CHN", "USA", "MEX", "CAN", "DEU", "JPN", "KOR", "BRA")
TARGET = Path(__file__).with_suffix(".csv")


def model_of(
    z: np.ndarray, y: np.ndarray, regions: list[str], sectors: list[str], theta: np.ndarray, initial: float, more: float
) -> tuple[CaliendoParroModel, np.ndarray]:
    """The model of a table (final demand n x G, none below 0), and its tariffs after the two tax each other more."""
    g, n = len(regions), len(sectors)
    rates = np.full((g, g), 1 + initial)
    np.fill_diagonal(rates, 1.0)
    factors = np.repeat(rates, n, axis=0)  # (exporter and good, importer)
    uses = z.reshape(g * n, g, n) * factors[:, :, None]
    final = y * factors
    spent = (uses.sum(axis=2) + final).reshape(g, n, g)  # exporter, good, importer
    shares = (spent / spent.sum(axis=0)).transpose(1, 2, 0)  # good, importer, exporter
    output = (z.sum(axis=1) + y.sum(axis=1)).reshape(g, n)
    inputs = uses.reshape(g, n, g, n).sum(axis=0)  # good, importer, using sector
    io = (inputs / output).transpose(1, 2, 0)  # importer, using sector, good
    labour = output - inputs.sum(axis=0)
    demand = final.reshape(g, n, g).sum(axis=0)  # good, importer
    revenue = ((uses.sum(axis=2) + final) * (1 - 1 / factors)).sum(axis=0)
    deficits = demand.sum(axis=0) - labour.sum(axis=1) - revenue
    tariffs = np.broadcast_to(rates.T, (n, g, g)).copy()
    new = tariffs.copy()
    china, us = regions.index("CHN"), regions.index("USA")
    new[:, china, us] += more
    new[:, us, china] += more
    model = CaliendoParroModel(
        shares, labour / output, io, (demand / demand.sum(axis=0)).T, theta, labour.sum(axis=1), deficits, tariffs,
        regions, sectors,
    )  # fmt: skip
    return model, new


def main(arrays: str) -> None:
    data = np.load(arrays, allow_pickle=True)
    z, y, regions, sectors = data["z"], np.maximum(data["y"], 0), data["regions"].tolist(), data["sectors"].tolist()
    model, new = model_of(z, y, regions, sectors, np.linspace(2, 9, len(sectors)), 0.05, 0.25)
    found = model.solve_counterfactual(tariffs_new=new, tol=1e-13, max_iter=20_000)
    assert found.converged, found.max_residual
    frame = pd.DataFrame({"welfare": found.welfare_hat, "real_wage": found.real_wage_hat}, index=regions)
    frame.rename_axis("region").to_csv(TARGET, float_format="%.12g")


if __name__ == "__main__":
    main(sys.argv[1])
