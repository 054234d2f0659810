"""Weights that the data give: entropy, and the first principal component with its loadings."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gvckit.errors import GvcWarning, IndicatorError
from gvckit.table.data import Matrix

#: A weight below this is too small for its sign to be told.
_TELLING = 1e-3


def weights_by_data(weighting: str, normalised: Matrix, names: Sequence[str]) -> tuple[Matrix, Matrix | None]:
    """Weights of indicators that sum to 1, and the loadings that they are squares of, if they are."""
    whole = normalised[~np.isnan(normalised).any(axis=1)]
    if len(whole) < 2:
        raise IndicatorError(f"weights={weighting!r} needs two or more rows without gaps, and there are {len(whole)}")
    if weighting == "entropy":
        return entropy(whole, names), None
    loadings = first_component(whole, names)
    _warn_of_signs(loadings, names)
    return loadings**2, loadings


def entropy(normalised: Matrix, names: Sequence[str]) -> Matrix:
    """Shannon's entropy weights: p = x / sum x, e = -sum p ln p / ln n, w = (1 - e) / sum (1 - e)."""
    if (normalised < 0).any():
        col = int(np.argwhere(normalised < 0)[0][1])
        raise IndicatorError(f"weights='entropy' needs values that are not negative, and {names[col]!r} has some")
    totals = normalised.sum(axis=0)
    if (totals == 0).any():
        raise IndicatorError(f"weights='entropy': {names[int(np.argmin(totals))]!r} is zero in all rows without gaps")
    p = normalised / totals
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    spare: Matrix = 1.0 + (p * logs).sum(axis=0) / np.log(len(p))
    if spare.sum() <= 1e-12:
        raise IndicatorError("weights='entropy': all indicators are even over the rows, so none weighs more")
    weights: Matrix = spare / spare.sum()
    return weights


def first_component(normalised: Matrix, names: Sequence[str]) -> Matrix:
    """Loadings of the first principal component of the correlations, of length 1; most of their sum is positive."""
    # One indicator has nothing to be correlated with.
    if normalised.shape[1] == 1:
        return np.ones(1)
    spread = np.ptp(normalised, axis=0)
    even = spread <= 1e-12 * np.abs(normalised).max(axis=0)
    if even.any():
        raise IndicatorError(f"weights='pca': {names[int(np.argmax(even))]!r} is constant over the rows without gaps")
    values, vectors = np.linalg.eigh(np.corrcoef(normalised, rowvar=False))
    if values[-1] - values[-2] <= 1e-9 * values[-1]:
        raise IndicatorError("weights='pca': no component comes first, as of indicators that don't go together")
    loadings: Matrix = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0 else -1.0)
    return loadings


def told(loadings: Matrix, names: Sequence[str]) -> str:
    """Loadings in words, with their signs."""
    return ", ".join(f"{name} {loading:+.3f}" for name, loading in zip(names, loadings, strict=True))


def opposing(loadings: Matrix, names: Sequence[str]) -> list[str]:
    """Indicators that go against the first component, by more than rounding."""
    telling = loadings**2 >= _TELLING
    return [name for name, loading, tells in zip(names, loadings, telling, strict=True) if tells and loading < 0]


def _warn_of_signs(loadings: Matrix, names: Sequence[str]) -> None:
    against = opposing(loadings, names)
    if against:
        said = f"weights='pca': {', '.join(against)} load against the other indicators ({told(loadings, names)})"
        warnings.warn(
            f"{said}: squared loadings weigh them as if they went along. Give them direction -1, or leave them out",
            GvcWarning,
            stacklevel=5,
        )
