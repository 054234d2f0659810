"""What makes a composite index: levels, weights, directions, normalisation, aggregation, missing values."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError
from gvckit.index.weights import weights_by_data
from gvckit.options import Mean, Missing, Normalisation, Weighting, check
from gvckit.table.data import Matrix
from gvckit.table.find import unknown

#: Names of indicators, or of levels with what is below them.
Levels: TypeAlias = "Sequence[str] | Mapping[str, Levels]"

#: Name of the last node, and of a column beside it.
INDEX, COVERAGE = "index", "coverage"
#: What one string may set for all.
_ONE_FOR_ALL = {"weights", "normalisation", "aggregation"}
_WEIGHTS_SUM = 1e-9


@dataclass(frozen=True)
class Scheme:
    """How indicators become an index.

    Attributes
    ----------
    levels : sequence of str, or mapping
        Indicators, or names of pillars with their indicators: ``{"trade": ["TC", "TA"], "investment": ["I"]}``; pillars
        may nest.
    weights : mapping, or {"equal", "entropy", "pca"}
        By name of indicator or pillar; those of the same parent sum to 1, and a parent whose children are not mentioned
        weighs them equally. ``entropy`` (Shannon; less even indicators weigh more) and ``pca`` (squared loadings of the
        first principal component; an indicator that loads against the others is warned of) weigh indicators by the
        data, and a pillar weighs what its indicators do.
    direction : mapping
        1 (the default) where more is more of what the index measures, -1 where it is less.
    normalisation : str or mapping of indicator to str
        ``minmax`` over the rows given, ``zscore`` (sample standard deviation), ``rank`` (1 is the smallest; ties share
        the smaller), ``percentile``, ``goalposts`` (fixed ends, cut off there), ``target`` (from the smallest value to
        the target), ``reference`` (ratio to the row `reference`, of values that are not negative), ``none``.
    goalposts : mapping of indicator to (low, high)
    targets : mapping of indicator to value
    reference : hashable, optional
        Label of the row that ``reference`` divides by.
    bounds : (float, float)
        Ends of minmax, percentile, goalposts and target. Geometric and harmonic means need them above zero.
    aggregation : str or mapping of node to str
        ``arithmetic`` (a low value is made up for by a high one), ``geometric``, ``harmonic``. In a mapping the last
        level is called ``index``, and a node that isn't mentioned is arithmetic.
    missing : {"renormalise", "refuse", "carry"}
        Scale up the weights of what is there, within its level; refuse; or carry the last value forward within each
        country, in the order of the level `year`. Coverage counts what is there; what was carried is in `carried`.
    name, source : str
    meaning : mapping of indicator to str

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators.
    """

    levels: Levels
    weights: Mapping[str, float] | Weighting = "equal"
    direction: Mapping[str, int] = field(default_factory=dict)
    normalisation: Normalisation | Mapping[str, Normalisation] = "minmax"
    goalposts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    reference: Hashable | None = None
    bounds: tuple[float, float] = (0.0, 1.0)
    aggregation: Mean | Mapping[str, Mean] = "arithmetic"
    missing: Missing = "renormalise"
    name: str = "composite index"
    source: str | None = None
    meaning: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what can't be meant, before any data."""
        for what in ("weights", "direction", "normalisation", "goalposts", "targets", "aggregation", "meaning"):
            given = getattr(self, what)
            if isinstance(given, pd.Series):
                object.__setattr__(self, what, given.to_dict())
            elif not isinstance(given, Mapping) and not (what in _ONE_FOR_ALL and isinstance(given, str)):
                raise OptionError(f"{what}={given!r}: a mapping by name is needed, such as {{{'name'!r}: ...}}")
        names = [*self.indicators, *self.nodes]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise LabelError(f"the scheme has {sorted(twice)[0]!r} twice among its indicators and levels")
        if not self.indicators:
            raise LabelError("the scheme has no indicator")
        for node, below in self.children().items():
            if not below:
                raise LabelError(f"the level {node!r} has nothing below it")
        if COVERAGE in names:
            raise LabelError(f"{COVERAGE!r} is the name of a result: call the indicator or level otherwise")
        check("missing", self.missing, Missing)
        for name in self.indicators:
            check("normalisation", self.normalisation_of(name), Normalisation)
        for name in self.nodes:
            check("aggregation", self.mean_of(name), Mean)
        if isinstance(self.weights, str):
            check("weights", self.weights, Weighting)
        for what, given, allowed in (
            ("weights", self.weights, names[:-1]),
            ("direction", self.direction, self.indicators),
            ("normalisation", self.normalisation, self.indicators),
            ("goalposts", self.goalposts, self.indicators),
            ("targets", self.targets, self.indicators),
            ("aggregation", self.aggregation, self.nodes),
        ):
            _known(what, given, allowed)
        for name, sign in self.direction.items():
            if not isinstance(sign, int | float | np.number) or sign not in (1, -1):
                raise OptionError(f"the direction of {name!r} is {sign!r}, allowed are 1 and -1")
        _pair("bounds", self.bounds)
        self._check_limits()
        if not isinstance(self.weights, str):
            _ = self.edge_weights(self.weights)

    def _check_limits(self) -> None:
        kinds = {name: self.normalisation_of(name) for name in self.indicators}
        for name, kind in kinds.items():
            if kind == "goalposts" and name not in self.goalposts:
                raise OptionError(f"goalposts of {name!r} are missing: goalposts={{{name!r}: (low, high)}}")
            if kind == "target" and name not in self.targets:
                raise OptionError(f"the target of {name!r} is missing: targets={{{name!r}: value}}")
            if kind == "reference" and self.reference is None:
                raise OptionError("normalisation 'reference' needs reference=, the label of a row")
        for name, posts in self.goalposts.items():
            _pair(f"the goalposts of {name!r}", posts)
        for name, target in self.targets.items():
            if not isinstance(target, int | float | np.number) or not np.isfinite(target):
                raise OptionError(f"the target of {name!r} is {target}, a number was expected")

    @property
    def indicators(self) -> list[str]:
        """Indicators in the order of the levels."""
        return [name for name, below in _walk(self.levels) if below is None]

    @property
    def nodes(self) -> list[str]:
        """Pillars from the inside out, and last ``index``."""
        return [name for name, below in _walk(self.levels) if below is not None] + [INDEX]

    @property
    def pillars(self) -> list[str]:
        """Names of the level under the index: pillars, or indicators where there are none."""
        return [str(name) for name in self.levels]

    def children(self) -> dict[str, list[str]]:
        """Names below each node, nodes from the inside out."""
        found = {name: [str(child) for child in below] for name, below in _walk(self.levels) if below is not None}
        return found | {INDEX: self.pillars}

    def normalisation_of(self, indicator: str) -> str:
        """Normalisation of one indicator."""
        if isinstance(self.normalisation, str):
            return self.normalisation
        return self.normalisation.get(indicator, "minmax")

    def mean_of(self, node: str) -> str:
        """Aggregation of one node."""
        return self.aggregation if isinstance(self.aggregation, str) else self.aggregation.get(node, "arithmetic")

    def edge_weights(self, given: Mapping[str, float]) -> dict[str, float]:
        """Weight of each indicator and pillar within its parent; the check of given weights."""
        weights: dict[str, float] = {}
        for node, below in self.children().items():
            told = [name for name in below if name in given]
            if told and len(told) < len(below):
                lacking = [name for name in below if name not in given]
                raise OptionError(f"weights of {told} are given and of {lacking} not, all below {node!r}")
            part = {name: _weight(name, given[name]) if told else 1.0 / len(below) for name in below}
            for name, weight in part.items():
                if not np.isfinite(weight) or weight < 0:
                    raise OptionError(f"the weight of {name!r} is {weight}: weights are not negative")
            total = sum(part.values())
            if abs(total - 1.0) > _WEIGHTS_SUM:
                raise OptionError(f"the weights of {', '.join(below)} sum to {total:.10g}, not to 1")
            weights |= part
        return weights

    def effective(self, weights: Mapping[str, float]) -> pd.Series:
        """Weight of each indicator in the index: the product of weights on its way."""
        parent = {child: node for node, below in self.children().items() for child in below}
        out = {}
        for name in self.indicators:
            product, at = 1.0, name
            while at != INDEX:
                product *= weights[at]
                at = parent[at]
            out[name] = product
        return pd.Series(out, name="weight").rename_axis("indicator")

    def resolve(self, indicators: pd.DataFrame) -> tuple[dict[str, float], pd.Series | None]:
        """Weight of each indicator and pillar within its parent, by the data where the scheme asks for that.

        With ``pca`` the loadings too, that the weights are squares of.
        """
        if not isinstance(self.weights, str):
            return self.edge_weights(self.weights), None
        if self.weights == "equal":
            return self.edge_weights({}), None
        plain = replace(self, weights="equal")
        design = plain.design(indicators, plain.edge_weights({}))
        normalised = design.composite(values_of(indicators, self.indicators))[0]
        weights, loadings = weights_by_data(self.weights, normalised, self.indicators)
        series = None if loadings is None else pd.Series(loadings, pd.Index(self.indicators, name="indicator"))
        return self._spread(dict(zip(self.indicators, weights, strict=True))), series

    def _spread(self, leaf: dict[str, float]) -> dict[str, float]:
        """Weights within parents from weights of indicators in the whole."""
        mass = dict(leaf)
        weights: dict[str, float] = {}
        for node, below in self.children().items():
            mass[node] = sum(mass[name] for name in below)
            for name in below:
                weights[name] = mass[name] / mass[node] if mass[node] else 1.0 / len(below)
        return weights

    def design(self, indicators: pd.DataFrame, weights: Mapping[str, float]) -> _core.IndexDesign:
        """Build the core's form of the scheme, for a frame that holds the reference row."""
        names = self.indicators
        limits = np.full((len(names), 4), np.nan)
        for row, name in enumerate(names):
            limits[row, :2] = self.goalposts.get(name, (np.nan, np.nan))
            limits[row, 2] = self.targets.get(name, np.nan)
        if self.reference is not None:
            if self.reference not in indicators.index:
                raise LabelError(f"the reference row {self.reference!r} is not in the frame")
            place = indicators.index.get_loc(self.reference)
            if not isinstance(place, int):
                raise LabelError(f"the reference {self.reference!r} names several rows: give all levels of one")
            limits[:, 3] = values_of(indicators, names)[place]
        below = self.children()
        number = {name: k for k, name in enumerate([*names, *below])}
        return _core.IndexDesign(
            directions=[float(self.direction.get(name, 1)) for name in names],
            normalisations=[self.normalisation_of(name) for name in names],
            limits=limits,
            bounds=(float(self.bounds[0]), float(self.bounds[1])),
            children=[[number[child] for child in children] for children in below.values()],
            weights=[weights[child] for children in below.values() for child in children],
            means=[self.mean_of(node) for node in below],
        )

    def explain(self, weights: Mapping[str, float] | None = None) -> str:
        """Say in a few lines of text what the index is."""
        told = {} if isinstance(self.weights, str) else self.weights
        given = weights if weights is not None else self.edge_weights(told)
        lines = [f"{self.name}{f' ({self.source})' if self.source else ''}"]
        for node, below in self.children().items():
            parts = []
            for name in below:
                sign = " (less is more)" if self.direction.get(name, 1) < 0 else ""
                parts.append(f"{name} {given[name]:.3g}{sign}")
            lines.append(f"{node} = {self.mean_of(node)} mean of {', '.join(parts)}")
        kinds = sorted({self.normalisation_of(name) for name in self.indicators})
        lines.append(f"normalisation: {', '.join(kinds)}, bounds {self.bounds[0]:g} to {self.bounds[1]:g}")
        data = self.weights if isinstance(self.weights, str) else "given"
        lines.append(f"weights: {data}; missing values: {self.missing}")
        lines += [f"{name}: {self.meaning[name]}" for name in self.indicators if name in self.meaning]
        return "\n".join(lines)


def _walk(levels: Levels) -> Iterator[tuple[str, Levels | None]]:
    """Names with what is below them, the inside first; indicators have nothing below."""
    if isinstance(levels, Mapping):
        for name, below in levels.items():
            yield from _walk(below)
            yield str(name), below
    else:
        if not isinstance(levels, Sequence):
            raise LabelError(f"levels={levels!r}: a list of indicators, or a mapping of pillars to lists, is needed")
        if isinstance(levels, str):
            raise LabelError(f"a level must be a list of names, and {levels!r} is one name: write [{levels!r}]")
        for name in levels:
            yield str(name), None


def _weight(name: str, given: object) -> float:
    if not isinstance(given, int | float | np.number):
        raise OptionError(f"the weight of {name!r} is {given!r:.60}: a number is needed")
    return float(given)


def _pair(what: str, given: object) -> None:
    """Refuse unless two finite numbers, the first below the second."""
    pair = list(given) if isinstance(given, list | tuple) else []
    numbers = len(pair) == 2 and all(isinstance(v, int | float | np.number) and np.isfinite(v) for v in pair)
    if not numbers or not pair[0] < pair[1]:
        raise OptionError(f"{what}: {given!r}, but two numbers are needed and the first must be below the second")


def _known(what: str, given: object, allowed: Sequence[str]) -> None:
    if isinstance(given, Mapping):
        for name in given:
            if name not in allowed:
                error = unknown("name in the scheme", allowed, str(name))
                error.add_note(f"it stands in {what}=")
                raise error


def values_of(indicators: pd.DataFrame, names: Sequence[str]) -> Matrix:
    """Columns as a contiguous array, as the core takes them."""
    return np.ascontiguousarray(indicators[list(names)].to_numpy(dtype=np.float64))
