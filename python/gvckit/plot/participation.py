"""Figure of participation over the years: regions as panels or lines, terms as areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.plot.style import COLOURS, tidy
from gvckit.table.labels import find_region, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = ("o", "s", "^", "D", "v", "P")
_STYLES = {"gvc": "-", "complex": ":", "simple": "--", "traditional": "-."}


def participation(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    terms: Sequence[str] = ("gvc", "simple", "complex"),
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw participation shares over the years, a colour a region, a line style a term.

    Parameters
    ----------
    frame : DataFrame
        Shares with the index (year, region), as of ``panel(participation, ..., level="region", shares=True)``.
    regions : sequence of str, optional
        Which regions; by default all.
    terms : sequence of str
        Columns to draw.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if list(frame.index.names) != ["year", "region"]:
        raise LabelError(f"the frame's index is {list(frame.index.names)}, expected ['year', 'region']")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    names = list(dict.fromkeys(frame.index.get_level_values("region")) if regions is None else regions)
    handles: list[Any] = []
    for k, region in enumerate(names):
        part = frame.xs(region, level="region")
        for term in terms:
            (line,) = ax.plot(
                np.asarray(part.index),
                part[term].to_numpy() * 100,
                color=COLOURS[k % len(COLOURS)],
                linestyle=_STYLES.get(term, "-"),
                marker=_MARKERS[k % len(_MARKERS)],
                markersize=4,
                linewidth=1.8 if term == terms[0] else 1.2,
                label=f"{region}, {_term(term)}",
            )
            handles.append(line)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Year")
    ax.set_ylabel(f"{str(frame.attrs.get('unit', 'share')).capitalize()} (%)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if title:
        ax.set_title(title, fontsize=10, loc="left")
    tidy(ax)
    ax.legend(handles=handles, fontsize=8, frameon=False, ncols=max(1, len(names)), loc="upper left")
    # Room above the lines for the legend.
    ax.set_ylim(top=ax.get_ylim()[1] * (1.12 + 0.06 * len(terms)))
    return ax


def bands(
    frame: pd.DataFrame,
    regions: Sequence[str],
    column: str = "gvc",
    ax: Axes | None = None,
    title: str | None = None,
    ylabel: str = "Share (%)",
) -> Axes:
    """Draw a share over the years with the band that the tables' own error gives it.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region), columns (column, quantile), as of `TableBands.quantiles` of each year, stacked.
    regions : sequence of str
    column : str
    ax : matplotlib Axes, optional
    title, ylabel : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if list(frame.index.names) != ["year", "region"] or frame.columns.nlevels != 2:
        raise LabelError(f"expected an index (year, region) and columns (column, quantile), found {frame.index.names}")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    part = frame[nearest("column", list(map(str, frame.columns.unique(0))), column)]
    levels = sorted(part.columns)
    for k, region in enumerate(regions):
        values = part.xs(find_region(list(frame.index.unique("region")), region), level="region") * 100
        years, colour = np.asarray(values.index, dtype=float), COLOURS[k % len(COLOURS)]
        width = f"{(levels[-1] - levels[0]) * 100:.0f}%"
        ax.fill_between(
            years, values[levels[0]], values[levels[-1]], color=colour, alpha=0.25, linewidth=0,
            label=f"{region}, {width} of draws",
        )  # fmt: skip
        ax.plot(
            years, values[levels[len(levels) // 2]].to_numpy(), color=colour, marker=_MARKERS[k % len(_MARKERS)],
            markersize=4, linewidth=1.6, label=f"{region}, median",
        )  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.set_ylim(top=ax.get_ylim()[1] * 1.25)
    ax.set_xlabel("Year")
    ax.set_ylabel(ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(ax)
    ax.legend(fontsize=8, frameon=False, ncols=max(1, len(regions)), loc="upper left")
    if title:
        ax.set_title(title, fontsize=10, loc="left")
    return ax


def _term(term: str) -> str:
    return {"gvc": "GVC"}.get(term, term)
