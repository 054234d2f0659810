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

#: Rows from which rounds for k right-hand sides cost less than factors, over k + 3, or k + 15 where they are many.
#: Measured on 574 to 1,435 rows: rounds grow as n^2 (k + 3), factors as n^3.
_ROUNDS_PAY = 110
_FEW, _BESIDE_FEW, _BESIDE_MANY = 11, 3, 15
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


class Rounds:
    """What rounds over Z have cost a table so far, against the LU factors that would make every solve cheap.

    Nobody knows what will be asked next. With rounds until they have cost as much as factors, and factors from then on,
    no more than twice the least is paid.
    """

    def __init__(self, labels: Labels) -> None:
        # Regions that are few are large: rounds are slow then.
        self._left = len(labels.regions) * len(labels.sectors) if len(labels.regions) >= _SIDE_BY_SIDE else 0

    def pay(self, columns: int) -> bool:
        """Whether they still pay for so many right-hand sides more, which are counted."""
        self._left -= _ROUNDS_PAY * (columns + (_BESIDE_FEW if columns <= _FEW else _BESIDE_MANY))
        return self._left >= 0


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
