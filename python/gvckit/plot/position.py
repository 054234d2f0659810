"""Figure of positions in value chains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Language
from gvckit.plot.style import (
    COLOURS,
    MARKERS,
    axes_of,
    by_year,
    expect_levels,
    find_regions,
    finish,
    legend_below,
    tidy,
)
from gvckit.plot.words import Say
from gvckit.table.find import find_sector, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES: tuple[str | tuple[int, tuple[int, ...]], ...] = (
    "-", "--", ":", "-.", (0, (8, 2)), (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)),
)  # fmt: skip


def position(
    frame: pd.DataFrame,
    sectors: Sequence[str],
    regions: Sequence[str],
    column: str = "position",
    ax: Axes | None = None,
    title: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw the position of sectors over the years: a colour a sector, a line style and marker a region.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region, sector), as of ``panel(position, ...)``.
    sectors, regions : sequence of str
        At most eight of each: more can't be told apart. Regions by label or name.
    column : str
        Which column to draw.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Another index, a label that is not there, or more than eight.
    """
    say = Say(language)
    expect_levels(frame, ["year", "region", "sector"])
    column = nearest("column", list(map(str, frame.columns)), column)
    names = find_regions(frame, regions)
    known = list(map(str, frame.index.unique("sector")))
    sectors = [find_sector(known, name) for name in ([sectors] if isinstance(sectors, str) else sectors)]
    for what, wanted in (("sectors", sectors), ("regions", names)):
        if len(wanted) > len(COLOURS):
            raise LabelError(f"{len(wanted)} {what}: at most {len(COLOURS)} can be told apart in one figure")
    ax = axes_of(ax, (6.8, 4.8))
    for colour, sector in zip(COLOURS, sectors, strict=False):
        for style, marker, region in zip(_STYLES, MARKERS, names, strict=False):
            part = frame[column].xs(sector, level="sector").xs(region, level="region").sort_index()
            ax.plot(
                np.asarray(part.index), part.to_numpy(), linestyle=style, color=colour, marker=marker, markersize=4,
                label=f"{region}, {sector}",
            )  # fmt: skip
    by_year(ax, say)
    usual = column == "position"
    ax.set_ylabel(say.upper("position: forward over backward GVC length") if usual else say.upper(column))
    tidy(ax)
    longest = max(len(name) for name in sectors)
    legend_below(ax, None, 2 if longest > 14 else 3, fontsize=7)
    return finish(ax, title, frame.attrs)
