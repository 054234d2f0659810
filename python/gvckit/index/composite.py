"""Composite indices: the index with its parts, its audit and its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import IndicatorError, LabelError, OptionError, ShapeError
from gvckit.index.scheme import INDEX, Scheme, values_of
from gvckit.index.uncertainty import Uncertainty, drawn_bands, peers, sobol
from gvckit.index.weights import opposing, told
from gvckit.table.data import Matrix
from gvckit.table.find import unknown


@dataclass(frozen=True, repr=False)
class CompositeIndex:
    """An index with everything it is made of.

    Attributes
    ----------
    index : Series
        By row of the indicators. In units of the normalisation: between the scheme's bounds for min-max.
    pillars : DataFrame
        Averages of all levels under the index.
    contributions : DataFrame
        What each indicator adds to the index; sums to it in every row. Geometric and harmonic means are written as sums
        with the weights that make them equal to one (Reinsdorf, Diewert and Ehemann 2002).
    normalised : DataFrame
        Indicators after direction and normalisation.
    coverage : Series
        Share of the nominal weights that was there, from 0 to 1.
    pillar_coverage : DataFrame
        The same within each level.
    weights : Series
        Weight of each indicator in the index.
    indicators : DataFrame
        What came in, after the policy for missing values.
    scheme : Scheme
    bands, rank_bands : DataFrame or None
        Quantiles over draws of the index, and of its rank (1 is the highest; ties share the smaller): among all rows,
        or among those of the same year where rows are (country, year).
    loadings : Series or None
        Of each indicator on the first principal component, under ``weights="pca"``: weights are their squares, and
        what loads below zero goes against the others.
    carried : DataFrame or None
        Which values were carried forward, under ``missing="carry"``.
    """

    index: pd.Series
    pillars: pd.DataFrame
    contributions: pd.DataFrame
    normalised: pd.DataFrame
    coverage: pd.Series
    pillar_coverage: pd.DataFrame
    weights: pd.Series
    indicators: pd.DataFrame
    scheme: Scheme
    edge_weights: dict[str, float] = field(repr=False)
    bands: pd.DataFrame | None = None
    rank_bands: pd.DataFrame | None = None
    loadings: pd.Series | None = None
    carried: pd.DataFrame | None = None

    @property
    def partial(self) -> pd.Series:
        """Rows in which an indicator is missing: there the index is not the scheme's."""
        return (self.coverage < 1 - 1e-12).rename("partial")

    @property
    def title(self) -> str:
        """Name of the index; where indicators are missing, it says so and doesn't carry the scheme's name alone."""
        carried = 0 if self.carried is None else int(self.carried.to_numpy().sum())
        if carried and not self.partial.any():
            return f"{self.scheme.name}, {carried} values carried forward"
        if not self.partial.any():
            return self.scheme.name
        there = self.indicators.notna().any()
        names = [name for name in self.weights.index if there[name]]
        return f"partial index ({', '.join(names)}), not the full {self.scheme.name}"

    @property
    def pillar_contributions(self) -> pd.DataFrame:
        """What each name of the level under the index adds to it; sums to the index in every row."""
        below = self.scheme.children()

        def leaves(name: str) -> list[str]:
            return [leaf for child in below[name] for leaf in leaves(child)] if name in below else [name]

        parts = {name: self.contributions[leaves(name)].sum(axis=1) for name in self.scheme.pillars}
        return pd.DataFrame(parts).rename_axis(columns="pillar")

    def to_frame(self) -> pd.DataFrame:
        """Index, coverage, levels and bands side by side."""
        frame = self.pillars.rename_axis(columns=None)
        frame.insert(0, INDEX, self.index)
        frame.insert(1, "coverage", self.coverage)
        if self.bands is not None:
            frame = frame.join(self.bands.add_prefix("q"))
        frame.attrs.update({**self.indicators.attrs, "measure": self.title})
        return frame

    def correlations(self) -> pd.DataFrame:
        """Pearson correlations of normalised indicators with each other and the index, over rows that have both."""
        return self.normalised.assign(**{INDEX: self.index}).corr()

    def audit(self) -> pd.DataFrame:
        """Look at the index as the OECD and JRC handbook asks.

        Returns
        -------
        DataFrame
            By indicator: `weight` (nominal, in the index), `correlation` with the index, `importance` (its square: the
            share of the index's variance that goes with the indicator), `index_change` and `rank_change` (mean absolute
            change when the indicator is left out and the others are scaled up; ranks as in `rank_bands`), `missing`
            (rows).
            ``attrs["cronbach_alpha"]`` is Cronbach's alpha of the normalised indicators over rows without gaps.
        """
        correlation = self.correlations()[INDEX].drop(INDEX)
        index = self.index.to_numpy()
        rank = self._ranks(index)
        changes = {}
        for name in self.weights.index:
            without = self._without(name)
            moved = np.abs(self._ranks(without) - rank)
            changes[name] = tuple(_mean(np.abs(change)) for change in (without - index, moved))
        frame = pd.DataFrame(
            {
                "weight": self.weights,
                "correlation": correlation,
                "importance": correlation**2,
                "index_change": {name: change[0] for name, change in changes.items()},
                "rank_change": {name: change[1] for name, change in changes.items()},
                "missing": self.indicators[list(self.weights.index)].isna().sum(),
            }
        ).loc[self.weights.index]
        frame.index.name = "indicator"
        frame.attrs["cronbach_alpha"] = cronbach_alpha(self.normalised)
        return frame

    def _without(self, name: str) -> Matrix:
        values = values_of(self.indicators, self.scheme.indicators)
        values[:, self.scheme.indicators.index(name)] = np.nan
        design = self.scheme.design(self.indicators, self.edge_weights)
        found: Matrix = design.composite(values)[1][:, -1]
        return found

    def _ranks(self, index: Matrix) -> Matrix:
        """Ranks among peers, 1 is the highest."""
        ranks = np.empty(len(index))
        for rows in peers(self.index.index):
            ranks[rows] = _core.index_bands(np.ascontiguousarray(index[None, rows]), [0.5])[1][:, 0]
        return ranks

    def sensitivity(self, uncertainty: Uncertainty | None = None, n: int = 512) -> pd.DataFrame:
        """First-order and total Sobol indices of the choices behind the index, row by row.

        Parameters
        ----------
        uncertainty : Uncertainty, optional
            What varies; by default weights, with the choices of `Uncertainty`.
        n : int, default 512
            Base sample, a power of 2; the index is computed n (choices + 2) times.

        Returns
        -------
        DataFrame
            Indexed by row and `choice` (a weight, the normalisation, the mean, input errors): `S1`, `S1_conf`, `ST`,
            `ST_conf`: shares of the variance over draws, with half widths of 95% intervals.

        Raises
        ------
        MissingDependencyError
            SALib is not installed.
        """
        spread = Uncertainty() if uncertainty is None else uncertainty
        if not isinstance(spread, Uncertainty):
            raise OptionError(f"uncertainty={uncertainty!r:.60}: gvckit.Uncertainty(...) is wanted")
        with _naming(self.scheme, self.indicators):
            return sobol(self.scheme, self.indicators, self.edge_weights, spread, n)

    def explain(self) -> str:
        """Say in a few lines what this index is, and what it lacks."""
        low, high = self.coverage.min(), self.coverage.max()
        text = f"{self.scheme.explain(self.edge_weights)}\ncoverage of weights: {low:.3g} to {high:.3g}"
        if self.loadings is not None:
            names = list(self.loadings.index)
            text += f"\nloadings on the first component: {told(self.loadings.to_numpy(), names)}"
            against = opposing(self.loadings.to_numpy(), names)
            if against:
                text += f"; {', '.join(against)} against the others, and weighed as if along with them"
        return f"{text}\n{self.title}" if self.partial.any() else text

    def __repr__(self) -> str:
        return f"{self.title}\n{self.to_frame().to_string(float_format='%.3f')}"

    def _repr_html_(self) -> str:
        from html import escape

        lines = "<br>".join(escape(line) for line in self.explain().splitlines())
        table = self.to_frame().to_html(float_format="{:.3f}".format, na_rep="")
        return f"<p><b>{escape(self.title)}</b></p><p>{lines}</p>{table}"


def composite_index(
    indicators: pd.DataFrame, scheme: Scheme, uncertainty: Uncertainty | int | None = None
) -> CompositeIndex:
    """Index of indicators by a scheme, with its parts and, if asked for, bands of uncertainty.

    Parameters
    ----------
    indicators : DataFrame
        Rows are years, countries, or (country, year); a column for each indicator of the scheme, others are passed
        over.
        NaN is a missing value. Normalisation runs over all rows.
    scheme : Scheme
        See `gvckit.Scheme`; `gvckit.schemes` has ready ones.
    uncertainty : Uncertainty or int, optional
        What varies from draw to draw, or a number of draws with the choices of `Uncertainty`.

    Returns
    -------
    CompositeIndex

    Raises
    ------
    LabelError
        An indicator of the scheme is not a column; a row label comes twice.
    IndicatorError
        What can't be normalised or averaged, with the indicator and, where it is one, the row: a constant indicator
        under min-max, one row under z-score, a geometric mean of zero, a row without any value, a gap under ``refuse``.

    Notes
    -----
    Numbers are computed in the core; D draws of U rows hold D x U float64.
    """
    if not isinstance(scheme, Scheme):
        raise OptionError(f"scheme={scheme!r:.60}: gvckit.Scheme(...) is wanted")
    if not isinstance(uncertainty, Uncertainty | None):
        uncertainty = Uncertainty(draws=uncertainty)
    data, carried = _prepared(indicators, scheme)
    with _naming(scheme, data):
        weights, loadings = scheme.resolve(data)
        design = scheme.design(data, weights)
        normalised, nodes, coverage, contributions = design.composite(values_of(data, scheme.indicators))
        if np.isnan(nodes[:, -1]).any():
            row = int(np.flatnonzero(np.isnan(nodes[:, -1]))[0])
            raise IndicatorError(
                f"the row {_label(data, row)} has no value of an indicator that weighs more than 0", row
            )
        drawn = None if uncertainty is None else drawn_bands(design, data, scheme, uncertainty)

    def frame(values: Matrix, names: list[str], level: str) -> pd.DataFrame:
        return pd.DataFrame(values, index=data.index, columns=pd.Index(names, name=level))

    inner = [name for name in scheme.nodes if name != INDEX]
    return CompositeIndex(
        index=pd.Series(nodes[:, -1], index=data.index, name=INDEX),
        pillars=frame(nodes[:, :-1], inner, "pillar"),
        contributions=frame(contributions, scheme.indicators, "indicator"),
        normalised=frame(normalised, scheme.indicators, "indicator"),
        coverage=pd.Series(coverage[:, -1], index=data.index, name="coverage"),
        pillar_coverage=frame(coverage[:, :-1], inner, "pillar"),
        weights=scheme.effective(weights),
        indicators=data,
        scheme=scheme,
        edge_weights=weights,
        bands=None if drawn is None else drawn[0],
        rank_bands=None if drawn is None else drawn[1],
        loadings=loadings,
        carried=carried,
    )


def _prepared(indicators: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Columns of the scheme as numbers, after the policy for missing values, and what was carried forward."""
    if not isinstance(indicators, pd.DataFrame) or indicators.columns.nlevels != 1:
        raise ShapeError("indicators must be a DataFrame with one level of columns")
    attrs = indicators.attrs
    indicators = indicators.rename(columns=str)
    if not indicators.columns.is_unique:
        raise LabelError(f"the column {indicators.columns[indicators.columns.duplicated()][0]!r} comes twice")
    for name in scheme.indicators:
        if name not in indicators.columns:
            raise unknown("indicator", [str(c) for c in indicators.columns], name)
    if not indicators.index.is_unique:
        twice = int(np.flatnonzero(indicators.index.duplicated())[0])
        raise LabelError(f"the row {_label(indicators, twice)} comes twice")
    if indicators.empty:
        raise ShapeError("the frame of indicators has no rows")
    try:
        data = indicators[scheme.indicators].astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"the indicators hold cells that are not numbers: {error}") from error
    if np.isinf(data.to_numpy()).any():
        row, col = np.argwhere(np.isinf(data.to_numpy()))[0]
        raise IndicatorError(f"indicator {data.columns[col]!r} is infinite in {_label(data, row)}", int(row), int(col))
    data.attrs.update(attrs)
    return _without_gaps(data, scheme)


def _label(data: pd.DataFrame, row: int) -> str:
    """Label of a row as people write it: 2001, not np.int64(2001)."""
    label = data.index[row]
    return repr(label.item() if isinstance(label, np.generic) else label)


def _without_gaps(data: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    gaps = data.isna().to_numpy()
    if scheme.missing == "refuse" and gaps.any():
        row, col = np.argwhere(gaps)[0]
        raise IndicatorError(
            f"{int(gaps.sum())} values are missing, the first is {data.columns[col]!r} in {_label(data, row)}; "
            "missing='renormalise' scales up the other weights",
            int(row),
            int(col),
        )
    carried = None
    if scheme.missing == "carry":
        filled = _carried(data)
        carried = data.isna() & filled.notna()
        data, gaps = filled, filled.isna().to_numpy()
    empty = gaps.all(axis=1)
    if empty.any():
        row = int(np.flatnonzero(empty)[0])
        raise IndicatorError(f"the row {_label(data, row)} has no value at all: leave it out (dropna(how='all'))", row)
    return data, carried


def _carried(data: pd.DataFrame) -> pd.DataFrame:
    """Last value of earlier years, within each country; the order of rows doesn't matter."""
    names = list(data.index.names)
    if "year" not in names:
        raise LabelError(f"missing='carry' needs an index level called 'year'; there are {names}")
    in_time = data.sort_index(level="year", sort_remaining=False)
    within = [name for name in names if name != "year"]
    if None in within:
        raise LabelError("missing='carry' needs names for all levels of the index")
    filled = (in_time.groupby(level=within).ffill() if within else in_time.ffill()).reindex(data.index)
    filled.attrs.update(data.attrs)
    return filled


@contextmanager
def _naming(scheme: Scheme, data: pd.DataFrame) -> Iterator[None]:
    """Add the names of indicator and row to an error from the core."""
    try:
        yield
    except IndicatorError as error:
        if error.col is None:
            raise
        names = [*scheme.indicators, *scheme.nodes]
        where = f"indicator {names[error.col]!r}"
        if error.col >= len(scheme.indicators):
            where = f"level {names[error.col]!r}"
        if error.row is not None:
            where += f", row {_label(data, error.row)},"
        raise IndicatorError(f"{where} {error.message}", error.row, error.col) from None


def _mean(values: Matrix) -> float:
    """Mean of what is there."""
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def cronbach_alpha(normalised: pd.DataFrame) -> float:
    """Cronbach's alpha, ``k / (k - 1) (1 - sum of variances / variance of the sum)``, over rows without gaps.

    Indicators are standardised first. NaN for one indicator or fewer than two rows.
    """
    if not isinstance(normalised, pd.DataFrame):
        raise ShapeError(f"a frame of indicators is wanted, not a {type(normalised).__name__}")
    try:
        values = normalised.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"the indicators hold cells that are not numbers: {error}") from error
    values = values[:, ~np.isnan(values).all(axis=0)]
    values = values[~np.isnan(values).any(axis=1)]
    count, k = values.shape
    if k < 2 or count < 2:
        return float("nan")
    sd = values.std(axis=0, ddof=1)
    z = np.divide(values - values.mean(axis=0), sd, out=np.full_like(values, np.nan), where=sd > 0)
    total = float(z.sum(axis=1).var(ddof=1))
    return float(k / (k - 1) * (1 - k / total)) if total > 0 else float("nan")
