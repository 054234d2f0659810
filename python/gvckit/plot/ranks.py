"""Ranked bars, with how places changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, OptionError
from gvckit.options import Language
from gvckit.plot.style import COLOURS, GREY, axes_of, expect_levels, finish, legend_below, measured
from gvckit.plot.words import Say
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes


def ranks(
    frame: pd.DataFrame,
    column: str,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    before: int | None = None,
    after: int | None = None,
    count: int = 15,
    language: Language = "en",
) -> Axes:
    """Draw the largest regions of a year as bars, with their place before and how it changed.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region), as of `panel`.
    column : str
    ax : matplotlib Axes, optional
    title : str, optional
    before, after : int, optional
        Years; by default the first and the last.
    count : int, default 15
        How many regions, by `after`. Places are those among all regions of the frame.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Another index, or a column or year that is not there.
    """
    from matplotlib.ticker import MaxNLocator

    say = Say(language)
    expect_levels(frame, ["year", "region"])
    column = nearest("column", list(map(str, frame.columns)), column)
    if count < 1:
        raise OptionError(f"count={count}: one region or more is wanted")
    what = measured(frame[[column]])
    old, new = (_year(frame[column], year, last) for year, last in ((before, False), (after, True)))
    place = {which: of.rank(ascending=False, method="min") for which, of in (("old", old), ("new", new))}
    shown = new.nlargest(count).index
    ax = axes_of(ax, (6.5, 1.4 + 0.28 * len(shown)))
    at = np.arange(len(shown))
    values = new[shown].to_numpy() * what.factor
    ax.barh(at, values, 0.68, color="#6BAED6", edgecolor="#2171B5", linewidth=0.5, label=str(new.name))
    then = old.reindex(shown).to_numpy() * what.factor
    ax.plot(then, at, "D", color="black", markerfacecolor="white", markersize=5, linestyle="none", label=str(old.name))
    ax.set_yticks(at, [f"{int(place['new'][name])}  {name}" for name in shown], fontsize=8)
    ends = np.fmax(np.maximum(values, 0.0), np.nan_to_num(then, nan=0.0))
    for k, name in enumerate(shown):
        text, colour = _change(place["old"].get(name, np.nan), place["new"][name], say)
        ax.annotate(
            text, (float(ends[k]), k), (8, 0), textcoords="offset points", va="center", fontsize=8, color=colour,
            annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(len(shown) - 0.4, -0.6)
    low, high = min(0.0, float(np.nanmin([*values, *then]))), float(max(ends.max(), 0.0))
    # Room for the changes beside the longest bar.
    ax.set_xlim(low * 1.05, high + 0.1 * (high - low))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(lambda number, _: f"{number:,.10g}")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    name, unit = say({"gvc": "GVC"}.get(column, column)), what.label(say, "value")
    ax.set_xlabel(f"{name[:1].upper()}{name[1:]}, {unit[:1].lower()}{unit[1:]}")
    legend_below(ax, None, 2)
    return finish(ax, title, frame.attrs)


def _year(series: pd.Series, year: int | None, last: bool) -> pd.Series:
    """Numbers of one year, those that are there."""
    years = series.index.get_level_values("year")
    chosen: Hashable = (years.max() if last else years.min()) if year is None else year
    if chosen not in set(years):
        raise LabelError(f"no year {chosen!r}: there are {', '.join(map(str, sorted(set(years))))}")
    return series.xs(chosen, level="year").dropna().rename(str(chosen))


def _change(old: float, new: float, say: Say) -> tuple[str, str]:
    """Places risen or fallen, as a sign and a number, and its colour."""
    if np.isnan(old):
        return say("new"), GREY
    step = int(old - new)
    if step == 0:
        return "=", GREY
    return (f"▲ {step}", COLOURS[0]) if step > 0 else (f"▼ {-step}", COLOURS[1])
