"""Uncertainty and sensitivity of a composite index: what varies, bands, Sobol indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import MissingDependencyError, OptionError
from gvckit.index.scheme import Scheme, values_of
from gvckit.options import Mean, Normalisation, check, quantile_levels, whole_number
from gvckit.table.data import Matrix
from gvckit.table.find import unknown

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
        Drawn with equal chances, one for all indicators; empty keeps the scheme's. They must have one scale, that of
        the scheme's own: ``minmax``, ``percentile``, ``goalposts`` and ``target`` lie between the bounds, each other
        normalisation is alone.
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
        whole_number("draws", self.draws, 1)
        if whole_number("seed", self.seed) >= 2**63:
            raise OptionError(f"seed={self.seed}: a smaller one is needed, below 2**63")
        if self.concentration is not None and not _number(self.concentration, above=0):
            raise OptionError(f"concentration={self.concentration!r:.60}: a positive number or None is needed")
        for name, given, allowed in (
            ("normalisations", self.normalisations, Normalisation),
            ("aggregations", self.aggregations, Mean),
        ):
            if isinstance(given, str) or not isinstance(given, Sequence):
                raise OptionError(f"{name}={given!r:.60}: a tuple of names is needed, such as ({given!r:.60},)")
            for one in given:
                check(name, one, allowed)
        scales = {scale_of(kind) for kind in self.normalisations}
        if len(scales) > 1:
            said = f"normalisations={tuple(self.normalisations)!r} have other scales ({', '.join(sorted(scales))})"
            raise OptionError(f"{said}: a band over them would mix units. Draw from those of one scale")
        quantile_levels("quantiles", self.quantiles)
        errors = self.error.values() if isinstance(self.error, Mapping) else [self.error]
        if not all(_number(e) for e in errors):
            raise OptionError(f"error={self.error!r:.60}: relative errors are not negative")

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

        scales = {scale_of(scheme.normalisation_of(name)) for name in scheme.indicators}
        drawn = {scale_of(kind) for kind in self.normalisations}
        if drawn and scales != drawn:
            raise OptionError(
                f"normalisations={tuple(self.normalisations)!r} have another scale than the scheme's "
                f"({', '.join(sorted(scales))}): a band over them wouldn't be of the index"
            )


def scale_of(normalisation: str) -> str:
    """What values of a normalisation are in: between the bounds, or what that normalisation alone gives."""
    return "bounds" if normalisation in ("minmax", "percentile", "goalposts", "target") else normalisation


def _number(value: object, above: float | None = None) -> bool:
    """Whether a value is a finite number from 0, or above a limit."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not np.isfinite(value):
        return False
    return bool(value >= 0 if above is None else value > above)


def peers(index: pd.Index) -> list[np.ndarray]:
    """Rows that are ranked with each other: those of one year where other levels tell rows apart, else all."""
    if index.nlevels == 1 or "year" not in index.names:
        return [np.arange(len(index))]
    codes, _ = pd.factorize(index.get_level_values("year"), use_na_sentinel=False)
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def drawn_bands(
    design: _core.IndexDesign, data: pd.DataFrame, scheme: Scheme, spread: Uncertainty
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantiles over draws of the index and of its rank among peers."""
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
    columns = pd.Index(quantile_levels("quantiles", spread.quantiles), name="quantile")
    index, rank = (np.empty((len(data), len(columns))) for _ in range(2))
    for rows in peers(data.index):
        index[rows], rank[rows] = _core.index_bands(np.ascontiguousarray(drawn[:, rows]), list(columns))
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
    if whole_number("n", n) < 2 or n & (n - 1):
        raise OptionError(f"n={n}: a power of 2 is needed")
    spread.check_limits(scheme)
    choices = _varied(scheme, spread)
    if len(choices) < 2:
        raise OptionError(f"{len(choices)} choices vary, and sensitivity needs two or more")
    problem = {"num_vars": len(choices), "names": choices, "bounds": [[0.0, 1.0]] * len(choices)}
    points = pd.DataFrame(sample.sample(problem, n, calc_second_order=False, seed=_salib(spread)), columns=choices)
    design = scheme.design(data, weights)
    values = values_of(data, scheme.indicators)
    index = design.evaluate(
        values, _weights(scheme, weights, spread, points), _choices(spread, points), spread.errors(scheme), spread.seed
    )
    parts = {}
    for row, label in enumerate(data.index):
        y = index[:, row]
        parts[label] = _constant(choices) if np.ptp(y) <= 1e-12 * np.abs(y).max() else _of(analyze, problem, y, spread)
    out: pd.DataFrame = pd.concat(parts, names=[*data.index.names, "choice"])
    out.attrs.update({**data.attrs, "n": n})
    return out


def _of(analyze: Any, problem: dict[str, Any], y: Matrix, spread: Uncertainty) -> pd.DataFrame:
    found = analyze.analyze(problem, y, calc_second_order=False, seed=_salib(spread))
    return pd.DataFrame({name: found[name] for name in ("S1", "S1_conf", "ST", "ST_conf")}, index=problem["names"])


def _salib(spread: Uncertainty) -> int:
    """Seed for SALib, which takes 0 as no seed at all, and reads 32 bits."""
    return int(spread.seed) % (2**32 - 1) + 1


def _constant(choices: list[str]) -> pd.DataFrame:
    """Nothing varies in this row (the best or the worst in everything): there is no variance to share out."""
    return pd.DataFrame(np.nan, index=pd.Index(choices), columns=["S1", "S1_conf", "ST", "ST_conf"])


def _varied(scheme: Scheme, spread: Uncertainty) -> list[str]:
    """Names of what varies, each a uniform variable of Saltelli's sample."""
    found = []
    if spread.concentration is not None:
        found += [f"weight of {name}" for below in scheme.children().values() if len(below) > 1 for name in below]
    if len(spread.normalisations) > 1:
        found.append("normalisation")
    if len(spread.aggregations) > 1:
        found.append("aggregation")
    if any(spread.errors(scheme)):
        found.append("input errors")
    return found


def _weights(scheme: Scheme, weights: Mapping[str, float], spread: Uncertainty, points: pd.DataFrame) -> Matrix:
    """Weights of edges: gamma variables scaled to sum 1 are Dirichlet's, so each has a uniform variable of its own."""
    columns = []
    for below in scheme.children().values():
        given = np.array([weights[name] for name in below])
        if spread.concentration is None or len(below) == 1:
            columns.append(np.tile(given, (len(points), 1)))
            continue
        uniform = points[[f"weight of {name}" for name in below]].to_numpy()
        columns.append(dirichlet(given, spread.concentration, np.clip(uniform, 1e-12, 1 - 1e-12)))
    return np.ascontiguousarray(np.hstack(columns))


def dirichlet(given: Matrix, concentration: float, uniform: Matrix) -> Matrix:
    """Weights around the given ones from uniform variables, by the quantiles of gamma variables."""
    from scipy.special import gammaln
    from scipy.stats import gamma

    shapes = np.where(given > 0, concentration * given, 1.0)
    drawn = np.where(given > 0, gamma.ppf(uniform, shapes), 0.0)
    sums = drawn.sum(axis=1, keepdims=True)
    tiny = sums[:, 0] < np.finfo(np.float64).tiny
    if tiny.any():
        # Far below 1, P(a, x) = x^a / gamma(a + 1): in logarithms, times the concentration, nothing underflows.
        scaled = np.divide(
            np.log(uniform[tiny]) + gammaln(shapes + 1),
            given,
            where=given > 0,
            out=np.full((tiny.sum(), len(given)), -np.inf),
        )
        drawn[tiny] = np.exp((scaled - scaled.max(axis=1, keepdims=True)) / concentration)
        sums = drawn.sum(axis=1, keepdims=True)
    found: Matrix = drawn / sums
    return found


def _choices(spread: Uncertainty, points: pd.DataFrame) -> list[tuple[str | None, str | None, int | None]]:
    def pick(choice: str, names: Sequence[str]) -> list[str | None]:
        if choice not in points:
            return [names[0] if names else None] * len(points)
        place = np.minimum((points[choice].to_numpy() * len(names)).astype(int), len(names) - 1)
        return [names[k] for k in place]

    streams: list[int | None] = [None] * len(points)
    if "input errors" in points:
        streams = [int(u * _STREAMS) for u in points["input errors"]]
    normalisations = pick("normalisation", spread.normalisations)
    return list(zip(normalisations, pick("aggregation", spread.aggregations), streams, strict=True))
