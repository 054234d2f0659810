"""Uncertainty and sensitivity of a composite index: what varies, bands, Sobol indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from gvckit import _core
from gvckit.errors import MissingDependencyError, OptionError
from gvckit.index.scheme import Scheme, values_of
from gvckit.options import Mean, Normalisation, check
from gvckit.table.data import Matrix
from gvckit.table.labels import unknown

#: Streams of input errors that a sensitivity analysis picks from.
_STREAMS = 2**31
#: Draws times rows that are held at once: 8 GB, and as much again for the ranks.
_MOST_VALUES = 10**9


@dataclass(frozen=True)
class Uncertainty:
    """What varies from draw to draw of an index.

    Attributes
    ----------
    draws : int
    seed : int
        Results are the same for the same seed, whatever the number of threads.
    concentration : float or None
        Weights of the children of a node are drawn from a Dirichlet distribution with this parameter times the given
        weights, so their mean is the given weight: w has the variance w (1 - w) / (concentration + 1). None keeps the
        weights.
    normalisations : sequence of str
        Drawn with equal chances, one for all indicators; empty keeps the scheme's. Choose among those with the same
        scale, such as ``("minmax", "percentile")``.
    aggregations : sequence of str
        Likewise, one for all levels.
    error : float or mapping of indicator to float
        Relative error of the inputs: standard deviation of their logarithm, drawn for each cell, with mean 1.
    quantiles : sequence of float
        Which quantiles the bands hold.
    """

    draws: int = 10_000
    seed: int = 0
    concentration: float | None = 50.0
    normalisations: Sequence[Normalisation] = ()
    aggregations: Sequence[Mean] = ()
    error: float | Mapping[str, float] = 0.0
    quantiles: Sequence[float] = field(default=(0.05, 0.25, 0.5, 0.75, 0.95))

    def __post_init__(self) -> None:
        """Refuse numbers that can't be drawn with."""
        if not _whole(self.draws) or self.draws < 1:
            raise OptionError(f"draws={self.draws!r}: a whole number is needed, one or more")
        if not _whole(self.seed) or not 0 <= self.seed < 2**63:
            raise OptionError(f"seed={self.seed}: a whole number from 0 is needed")
        if self.concentration is not None and not 0 < self.concentration < np.inf:
            raise OptionError(f"concentration={self.concentration}: a positive number or None is needed")
        for normalisation in self.normalisations:
            check("normalisations", normalisation, Normalisation)
        for mean in self.aggregations:
            check("aggregations", mean, Mean)
        for q in self.quantiles:
            if not 0 <= q <= 1:
                raise OptionError(f"the quantile {q} is not between 0 and 1")
        errors = self.error.values() if isinstance(self.error, Mapping) else [self.error]
        if not all(0 <= e < np.inf for e in errors):
            raise OptionError(f"error={self.error}: relative errors are not negative")

    def errors(self, scheme: Scheme) -> list[float]:
        """Relative error of each indicator."""
        if not isinstance(self.error, Mapping):
            return [float(self.error)] * len(scheme.indicators)
        for name in self.error:
            if name not in scheme.indicators:
                raise unknown("indicator", scheme.indicators, name)
        return [float(self.error.get(name, 0.0)) for name in scheme.indicators]

    def check_limits(self, scheme: Scheme) -> None:
        """Refuse normalisations whose goalposts, targets or reference the scheme lacks."""
        for kind, given in (("goalposts", scheme.goalposts), ("target", scheme.targets)):
            lacking = [name for name in scheme.indicators if name not in given]
            if kind in self.normalisations and lacking:
                raise OptionError(f"normalisations has {kind!r}, and the scheme gives none for {lacking[0]!r}")
        if "reference" in self.normalisations and scheme.reference is None:
            raise OptionError("normalisations has 'reference', and the scheme names no reference row")


def _whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def drawn_bands(
    design: _core.IndexDesign, data: pd.DataFrame, scheme: Scheme, spread: Uncertainty
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantiles over draws of the index and of its rank."""
    spread.check_limits(scheme)
    if spread.draws * len(data) > _MOST_VALUES:
        raise OptionError(f"{spread.draws} draws of {len(data)} rows don't fit: at most {_MOST_VALUES // len(data)} do")
    drawn = design.simulate(
        values_of(data, scheme.indicators),
        int(spread.draws),
        int(spread.seed),
        spread.concentration,
        list(spread.normalisations),
        list(spread.aggregations),
        spread.errors(scheme),
    )
    columns = pd.Index([float(q) for q in spread.quantiles], name="quantile")
    index, rank = _core.index_bands(drawn, list(columns))
    frames = [pd.DataFrame(values, index=data.index, columns=columns) for values in (index, rank)]
    for frame in frames:
        frame.attrs.update({**data.attrs, "draws": spread.draws, "seed": spread.seed})
    return frames[0], frames[1]


def sobol(
    scheme: Scheme, data: pd.DataFrame, weights: Mapping[str, float], spread: Uncertainty, n: int
) -> pd.DataFrame:
    """Sobol indices by SALib over the index of the core.

    Saltelli's sample; S1 by Saltelli et al. (2010), ST by Jansen (1999).
    """
    try:
        from SALib.analyze import sobol as analyze
        from SALib.sample import sobol as sample
    except ImportError as error:
        raise MissingDependencyError.of("SALib", "sensitivity analysis", "sensitivity") from error
    if n < 2 or n & (n - 1):
        raise OptionError(f"n={n}: a power of 2 is needed")
    spread.check_limits(scheme)
    factors = _factors(scheme, spread)
    if len(factors) < 2:
        raise OptionError(f"{len(factors)} factors vary, and sensitivity needs two or more")
    problem = {"num_vars": len(factors), "names": factors, "bounds": [[0.0, 1.0]] * len(factors)}
    points = pd.DataFrame(sample.sample(problem, n, calc_second_order=False, seed=_salib(spread)), columns=factors)
    design = scheme.design(data, weights)
    values = values_of(data, scheme.indicators)
    index = design.evaluate(
        values, _weights(scheme, weights, spread, points), _choices(spread, points), spread.errors(scheme), spread.seed
    )
    parts = {}
    for row, label in enumerate(data.index):
        y = index[:, row]
        parts[label] = _constant(factors) if np.ptp(y) <= 1e-12 * np.abs(y).max() else _of(analyze, problem, y, spread)
    out: pd.DataFrame = pd.concat(parts, names=[*data.index.names, "factor"])
    out.attrs.update({**data.attrs, "n": n})
    return out


def _of(analyze: Any, problem: dict[str, Any], y: Matrix, spread: Uncertainty) -> pd.DataFrame:
    found = analyze.analyze(problem, y, calc_second_order=False, seed=_salib(spread))
    return pd.DataFrame({name: found[name] for name in ("S1", "S1_conf", "ST", "ST_conf")}, index=problem["names"])


def _salib(spread: Uncertainty) -> int:
    """Seed for SALib, which takes 0 as no seed at all, and reads 32 bits."""
    return int(spread.seed) % (2**32 - 1) + 1


def _constant(factors: list[str]) -> pd.DataFrame:
    """Nothing varies in this row (the best or the worst in everything): there is no variance to share out."""
    return pd.DataFrame(np.nan, index=pd.Index(factors), columns=["S1", "S1_conf", "ST", "ST_conf"])


def _factors(scheme: Scheme, spread: Uncertainty) -> list[str]:
    factors = []
    if spread.concentration is not None:
        factors += [f"weight of {name}" for below in scheme.children().values() if len(below) > 1 for name in below]
    if len(spread.normalisations) > 1:
        factors.append("normalisation")
    if len(spread.aggregations) > 1:
        factors.append("aggregation")
    if any(spread.errors(scheme)):
        factors.append("input errors")
    return factors


def _weights(scheme: Scheme, weights: Mapping[str, float], spread: Uncertainty, points: pd.DataFrame) -> Matrix:
    """Weights of edges: gamma variables scaled to sum 1 are Dirichlet's, so each has a uniform factor of its own."""
    from scipy.stats import gamma

    columns = []
    for below in scheme.children().values():
        given = np.array([weights[name] for name in below])
        if spread.concentration is None or len(below) == 1:
            columns.append(np.tile(given, (len(points), 1)))
            continue
        uniform = points[[f"weight of {name}" for name in below]].to_numpy()
        shapes = np.where(given > 0, spread.concentration * given, 1.0)
        drawn = np.where(given > 0, gamma.ppf(np.clip(uniform, 1e-12, 1 - 1e-12), shapes), 0.0)
        columns.append(drawn / drawn.sum(axis=1, keepdims=True))
    return np.ascontiguousarray(np.hstack(columns))


def _choices(spread: Uncertainty, points: pd.DataFrame) -> list[tuple[str | None, str | None, int | None]]:
    def pick(factor: str, names: Sequence[str]) -> list[str | None]:
        if factor not in points:
            return [names[0] if names else None] * len(points)
        place = np.minimum((points[factor].to_numpy() * len(names)).astype(int), len(names) - 1)
        return [names[k] for k in place]

    streams: list[int | None] = [None] * len(points)
    if "input errors" in points:
        streams = [int(u * _STREAMS) for u in points["input errors"]]
    normalisations = pick("normalisation", spread.normalisations)
    return list(zip(normalisations, pick("aggregation", spread.aggregations), streams, strict=True))
