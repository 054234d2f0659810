"""Figures of participation over the years, and of its bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Language
from gvckit.plot.style import (
    PALE,
    axes_of,
    by_year,
    expect_levels,
    find_regions,
    finish,
    from_zero,
    legend_below,
    looks,
    measured,
    tidy,
)
from gvckit.plot.words import Say
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES = {"gvc": "-", "complex": ":", "simple": "--", "traditional": "-."}
_OTHERS = ("-", "--", ":", "-.")
#: More regions than this can't be told apart.
_MOST = 6


def participation(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    terms: Sequence[str] = ("gvc", "simple", "complex"),
    ax: Axes | None = None,
    title: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw participation over the years, a colour and marker a region, a line style a term.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region), as of ``panel(participation, ..., level="region", shares=True)``. Shares are drawn in
        per cent, levels in their unit; a warning where the numbers don't fit the frame's ``attrs``.
    regions : sequence of str
        Which regions, by label or name. Without it all of them, if there are at most six; of more, the first term
        alone, with the six that have most of it in the last year in colour and the others in grey.
    terms : sequence of str
        Columns to draw.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Another index, or a column or region that is not there.
    """
    from matplotlib.lines import Line2D

    say = Say(language)
    expect_levels(frame, ["year", "region"])
    terms = [nearest("column", list(map(str, frame.columns)), term) for term in terms]
    what = measured(frame[[*terms, *({"total"} & set(frame.columns) - set(terms))]])
    ax = axes_of(ax, (6.5, 4.6))
    names = find_regions(frame, regions) if regions is not None else list(map(str, frame.index.unique("region")))
    handles: list[Any] = []
    if regions is None and len(names) > _MOST:
        terms, last = terms[:1], frame[terms[0]].xs(frame.index.get_level_values("year").max(), level="year")
        others = [name for name in names if name not in (names := list(last.nlargest(_MOST).index))]
        for name in others:
            ax.plot(*_series(frame, name, terms[0], what.factor), color=PALE, linewidth=0.7, zorder=1.5)
        handles = [Line2D([], [], color=PALE, label=say("{} others", len(others)))]
    look = looks(ax, names)
    styles = {term: _STYLES.get(term, _OTHERS[k % 4]) for k, term in enumerate(terms)}
    lines = [
        ax.plot(
            *_series(frame, name, term, what.factor), color=look[name][0], marker=look[name][1], markersize=4,
            linestyle=styles[term], linewidth=1.8 if term == terms[0] else 1.2, gid=name,
            label=f"{name}, {_term(term, say)}",
        )[0]
        for name in names
        for term in terms
    ]  # fmt: skip
    from_zero(ax)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    by_year(ax, say)
    label = what.label(say, "value")
    ax.set_ylabel(
        f"{_term(terms[0], say)}, {label[:1].lower()}{label[1:]}" if len(terms) == 1 and terms[0] != "total" else label
    )
    tidy(ax)
    legend_below(ax, [*lines, *handles], max(1, min(4, len(names) if len(terms) > 1 else 3)))
    return finish(ax, title, frame.attrs)


def bands(
    frame: pd.DataFrame,
    regions: Sequence[str],
    column: str = "gvc",
    ax: Axes | None = None,
    title: str | None = None,
    ylabel: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw a measure over the years with the band that the tables' own error gives it.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region), columns (column, quantile), as of `TableBands.quantiles` of each year, stacked.
    regions : sequence of str
        By label or name.
    column : str
        Of the measure.
    ax : matplotlib Axes, optional
    title, ylabel : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Another index, or a column or region that is not there.

    Notes
    -----
    The band goes from the lowest quantile to the highest. The line is the median, if the frame has it; else there is
    none, unless the frame has one quantile alone.
    """
    say = Say(language)
    if frame.columns.nlevels != 2 or list(frame.index.names) != ["year", "region"]:
        raise LabelError(f"expected an index (year, region) and columns (column, quantile), found {frame.index.names}")
    part = frame[nearest("column", list(map(str, frame.columns.unique(0))), column)]
    part.attrs.update(frame.attrs)
    what, levels = measured(part), sorted(part.columns)
    ax = axes_of(ax, (6.5, 4.6))
    names = find_regions(frame, regions)
    look = looks(ax, names)
    for name in names:
        colour, marker = look[name]
        values = part.xs(name, level="region").sort_index() * what.factor
        years = np.asarray(values.index, dtype=float)
        if len(levels) > 1:
            low, high = levels[0], levels[-1]
            ax.fill_between(
                years, values[low], values[high], facecolor=colour, alpha=0.25, edgecolor=colour, linewidth=0.6,
                label=f"{name}, {say('{} of draws', _per_cent(high - low))}",
            )  # fmt: skip
        for level in [level for level in levels if abs(level - 0.5) < 1e-9 or len(levels) == 1]:
            said = say("median") if abs(level - 0.5) < 1e-9 else say("{} quantile", _per_cent(level))
            ax.plot(
                years, values[level].to_numpy(), color=colour, marker=marker, markersize=4, linewidth=1.6, gid=name,
                label=f"{name}, {said}",
            )  # fmt: skip
    from_zero(ax)
    by_year(ax, say)
    ax.set_ylabel(what.label(say, "value") if ylabel is None else ylabel)
    tidy(ax)
    legend_below(ax, None, max(1, min(3, len(names))))
    return finish(ax, title, frame.attrs)


def _series(frame: pd.DataFrame, region: str, term: str, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Years in order, and the numbers to draw."""
    part = frame[term].xs(region, level="region").sort_index()
    return np.asarray(part.index), part.to_numpy() * factor


def _term(term: str, say: Say) -> str:
    return say({"gvc": "GVC"}.get(term, term))


def _per_cent(level: float) -> str:
    return f"{level * 100:.3g}%"
