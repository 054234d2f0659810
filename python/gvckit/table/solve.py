"""What a table is solved with: which way pays, and the inverse with its warning."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import gvckit._core as _core
from gvckit.errors import GvcWarning, NotProductiveError
from gvckit.table.labels import Labels

Matrix = NDArray[np.float64]
Solver: TypeAlias = _core.Factor | _core.Iteration

#: Rows a right-hand side from which rounds are cheaper than factors: 25 rounds of 2 n^2 k against 2/3 n^3 flops would
#: be even at half of it, but factors are kept for the next measure.
_ROUNDS_PAY = 300
#: Regions are solved side by side: with fewer than this, rounds are slow and their blocks large.
_SIDE_BY_SIDE = 4


def available_memory() -> float | None:
    """Bytes that can still be had without swapping, or None where the system doesn't say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    free = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return None if free is None else 1024.0 * int(free.split()[1])


def solver_pays_rounds(labels: Labels, columns: int) -> bool:
    """Whether rounds over Z cost less than LU factors for a number of right-hand sides."""
    rows = len(labels.regions) * len(labels.sectors)
    return len(labels.regions) >= _SIDE_BY_SIDE and rows >= _ROUNDS_PAY * max(18, columns)


def inverse_of_coefficients(a: Matrix, x: Matrix | None = None) -> Matrix:
    """``(I - a)^-1`` with the checks, and a warning where pivoting was needed; with outputs x, `a` is flows."""
    try:
        b, pivoted = _core.leontief_inverse(a, x)
    except NotProductiveError as error:
        # Coefficients of most columns add up to less than one, flows in any unit to far more.
        if x is None and np.median(np.abs(a).sum(axis=0)) > 10:
            hint = "this looks like flows (Z), not input coefficients (A): leontief_inverse(t) takes a table"
            raise NotProductiveError(f"{error}; {hint}", error.row, error.col) from error
        raise
    if pivoted:
        warnings.warn(
            "coefficients are negative and elimination without pivoting failed: LAPACK's pivoting was used. "
            "t.audit() lists negative flows and outputs",
            GvcWarning,
            stacklevel=3,
        )
    return b
