"""Smile curve: value by distance to final demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, OptionError
from gvckit.options import Language
from gvckit.plot.style import COLOURS, GREY, axes_of, expect_frame, finish, measured, tidy
from gvckit.plot.words import Say, fit
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

#: How far names stand from their dots, in points, and how they are aligned there.
_FAR = (7.0, 16.0, 26.0, 38.0, 52.0)
_ACROSS: dict[int, Literal["left", "center", "right"]] = {0: "center", 1: "left", -1: "right"}
_UP: dict[int, Literal["bottom", "center", "top"]] = {0: "center", 1: "bottom", -1: "top"}


def smile(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    labels: int = 12,
    language: Language = "en",
) -> Axes:
    """Draw the steps of a value chain: how far from final demand each is, and the value that it adds.

    Parameters
    ----------
    frame : DataFrame
        A row a step, named by the index; columns `distance` (to final demand, in stages) and `value`.
    ax : matplotlib Axes, optional
    title : str, optional
    labels : int, default 12
        How many steps to name, those with the most value; the others are dots alone.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        A column that is not there, or no step with both numbers.

    Notes
    -----
    After Meng, Ye and Wei (2020). Far from final demand is on the left, as goods flow to the right. No line joins the
    dots: a curve through them would be a fit, and figures compute nothing.
    """
    say = Say(language)
    expect_frame(frame)
    for name in ("distance", "value"):
        nearest("column", list(map(str, frame.columns)), name)
    if labels < 0:
        raise OptionError(f"labels={labels}: 0 or more are wanted")
    there = frame[["distance", "value"]].dropna().sort_values("distance", kind="stable")
    if there.empty:
        raise LabelError("no step has both a distance and a value")
    value = there["value"].copy()
    value.attrs.update(frame.attrs)
    what = measured(value)
    ax = axes_of(ax, (7.0, 4.6))
    x, y = there["distance"].to_numpy(), value.to_numpy() * what.factor
    named = np.zeros(len(x), dtype=bool)
    named[np.argsort(-np.abs(y), kind="stable")[:labels]] = True
    ax.plot(x[~named], y[~named], "o", color=GREY, markersize=3.5, alpha=0.7, zorder=2)
    ax.plot(x[named], y[named], "o", color=COLOURS[0], markersize=5.5, zorder=3)
    ax.invert_xaxis()
    ax.margins(x=0.08, y=0.12)
    if y.min() >= 0:
        ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda number, _: f"{number:,.10g}")
    ax.set_xlabel(say.upper("distance to final demand"))
    unit = f", {say(what.unit)}" if what.unit else ""
    ax.set_ylabel(f"{say.upper('value added')}{unit}")
    tidy(ax)
    names = [", ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in there.index]
    finish(ax, title, frame.attrs)
    _write(ax, [(float(x[k]), float(y[k]), names[k]) for k in np.argsort(-np.abs(y), kind="stable") if named[k]])
    return ax


def _write(ax: Axes, steps: list[tuple[float, float, str]]) -> None:
    """Names beside their dots, the most valuable first, each where it lies on nothing else; with a line if far off."""
    from matplotlib.transforms import Bbox

    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    point = figure.dpi / 72
    dots = ax.transData.transform(np.vstack([np.column_stack(line.get_data()) for line in ax.get_lines()]))
    taken = [Bbox.from_bounds(a - 3 * point, b - 3 * point, 6 * point, 6 * point) for a, b in dots]
    whole = ax.get_window_extent()
    for x, y, name in steps:
        text = ax.annotate(name, (x, y), (0, 7), textcoords="offset points", fontsize=7, ha="center", va="bottom")
        fit(text)
        far = next((far for far in _FAR if _placed(text, far, taken, whole)), None)
        if far is None:
            # No place is free: the name stays out, its dot is there.
            text.remove()
            continue
        if far > _FAR[1]:
            line = {"arrowstyle": "-", "lw": 0.4, "color": GREY}
            ax.annotate("", (x, y), text.get_position(), textcoords="offset points", arrowprops=line)
        taken.append(text.get_window_extent())


def _placed(text: Annotation, far: float, taken: Sequence[Bbox], whole: Bbox) -> bool:
    """Move a name to the first side of its dot, at a distance, where it lies on nothing; whether there is one."""
    for across, up in ((0, 1), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
        text.set_position((across * far, up * far))
        text.set_horizontalalignment(_ACROSS[across])
        text.set_verticalalignment(_UP[up])
        box = text.get_window_extent()
        within = box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= whole.y0 and box.y1 <= whole.y1
        if within and not any(box.overlaps(other) for other in taken):
            return True
    return False
