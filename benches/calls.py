"""Measures as users call them: a fresh table, a labelled result, beside the way that a script without gvckit takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pymrio
from timing import compare

import gvckit as gk


def calls(t: gk.Mrio, runs: int) -> None:
    """Each call on a table of its own; the inverse that a script begins with is the unit."""
    numbers = t.arrays.z, t.given.y, t.regions, t.sectors

    def fresh() -> gk.Mrio:
        return gk.Mrio.from_arrays(*numbers, copy=False)

    eye, x = np.eye(len(t.x)), t.arrays.x

    def numpy_inverse() -> np.ndarray:
        return np.linalg.inv(eye - t.arrays.z / np.where(x == 0, 1.0, x))

    measures: dict[str, Callable[[gk.Mrio], object]] = {
        "leontief_inverse": gk.leontief_inverse,
        "participation": gk.participation,
        "position": gk.position,
        "dependence": lambda t: gk.dependence(t, "CHN", "USA"),
        "tiva": gk.tiva,
        "lengths": gk.lengths,
        "upstreamness": gk.upstreamness,
        "hubs": gk.hubs,
        "wwz, pair and sector": lambda t: gk.decompose_exports(t, "wwz", "bilateral_sector"),
        "trace, region x product sector": lambda t: gk.trace(t, "region", "sector"),
        "indicators": gk.indicators,
    }
    cases: dict[str, Callable[[], object]] = {
        "numpy.linalg.inv of the same table": numpy_inverse,
        "pymrio: A, L": lambda: pymrio.calc_L(pymrio.calc_A(t.arrays.z, x)),
        "from_arrays (checked)": fresh,
        **{name: lambda work=work: work(fresh()) for name, work in measures.items()},
    }
    compare(f"as users call it, fresh table, n = {len(t.x)} (ratio to one NumPy inverse)", cases, runs)
