"""Fractions of one: the one home of the rule for a zero denominator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]


def share(part: ArrayLike, whole: ArrayLike) -> Matrix:
    """Divide, with NaN where the whole is zero.

    Parameters
    ----------
    part : array_like, shape (n,) or (n, k)
    whole : array_like, shape (n,), (n, k) or (k,) of a part with as many axes
        One for each row where it has an axis less than `part`.
    """
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    if whole.ndim < part.ndim:
        whole = whole[..., None]
    size = np.broadcast_shapes(part.shape, whole.shape)
    found: Matrix = np.divide(part, whole, out=np.full(size, np.nan), where=whole != 0)
    return found
