"""Events along a series: a numbered line each, and a key below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.plot.words import dress
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Width of a number's badge as a share of the axes; nearer events go to the next row.
_BADGE = 0.035
_ROW = 0.055


def timeline(ax: Axes, events: pd.DataFrame, date: str = "date", event: str = "event", key: bool = True) -> Axes:
    """Mark events on axes whose x axis is in years; draw the series first.

    Parameters
    ----------
    ax : matplotlib Axes
    events : DataFrame
        One row an event, such as `gvckit.schemes.us_policies`: a date (or a year as a number) and what happened. Events
        outside the axes' range are left out, and the key keeps the numbers of those that are drawn.
    date, event : str
        Names of the columns.
    key : bool, default True
        Write the list of events below the axes.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        A column that is not there.
    """
    for name in (date, event):
        nearest("column", list(map(str, events.columns)), name)
    low, high = sorted(ax.get_xlim())
    shown = pd.DataFrame({"year": _years(events[date]), "when": _names(events[date]), "what": events[event]})
    shown = shown[shown["year"].between(low, high)].sort_values("year", kind="stable")
    rows = _rows((shown["year"].to_numpy() - low) / (high - low))
    bottom, top = ax.get_ylim()
    # Room above the data for the numbers.
    ax.set_ylim(top=bottom + (top - bottom) / (1 - _ROW * (max(rows, default=-1) + 1.4)))
    for number, (year, row) in enumerate(zip(shown["year"], rows, strict=True), start=1):
        # Over areas (1), under lines (2).
        ax.axvline(year, color="#777777", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1.8)
        ax.text(
            year, 0.97 - _ROW * row, str(number), transform=ax.get_xaxis_transform(), ha="center", va="center",
            fontsize=7, bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": "#777777"},
        )  # fmt: skip
    if key and len(shown):
        lines = [
            f"{number}  {when}  {what}"
            for number, (when, what) in enumerate(zip(shown["when"], shown["what"], strict=True), start=1)
        ]
        # In points, so that the layout can make room for it.
        below = min(-38 if ax.get_xlabel() else -24, _under_legend(ax))
        ax.annotate(
            "\n".join(lines), (0, 0), (0, below), "axes fraction", "offset points", va="top", fontsize=7,
            linespacing=1.4,
        )  # fmt: skip
    dress(ax)
    return ax


def _under_legend(ax: Axes) -> float:
    """Where there is room below a legend that lies under the axes, in points from them; 0 without one."""
    legend, figure = ax.get_legend(), ax.get_figure(root=True)
    if legend is None or figure is None:
        return 0.0
    figure.draw_without_rendering()
    box, axes = legend.get_window_extent(), ax.get_window_extent()
    if box.y1 > axes.y0:
        return 0.0
    return float(box.y0 - axes.y0) * 72 / figure.dpi - 8


def _years(dates: pd.Series) -> pd.Series:
    """Dates as years with a fraction; numbers are years already."""
    if dates.isna().any():
        raise LabelError(f"event {int(dates.isna().to_numpy().argmax()) + 1} has no date")
    if pd.api.types.is_numeric_dtype(dates):
        return dates.astype(float)
    stamps = _stamps(dates)
    years: pd.Series = stamps.dt.year + (stamps.dt.month - 1) / 12 + (stamps.dt.day - 1) / 366
    return years


def _names(dates: pd.Series) -> pd.Series:
    """What the key calls a date: a month, or the year where that is all that was given."""
    if pd.api.types.is_numeric_dtype(dates):
        return dates.map("{:g}".format)
    months: pd.Series = _stamps(dates).dt.strftime("%Y-%m")
    return months


def _stamps(dates: pd.Series) -> Any:
    try:
        if isinstance(dates.dtype, pd.PeriodDtype):
            return dates.dt.to_timestamp()
        return pd.to_datetime(dates, format="mixed")
    except (TypeError, ValueError) as error:
        raise LabelError(f"the dates of the events can't be read: {error}") from error


def _rows(places: np.ndarray) -> list[int]:
    """Row of each badge, so that none lies on another: the lowest row whose last badge is far enough away."""
    last: list[float] = []
    rows = []
    for place in places:
        free = [row for row, at in enumerate(last) if place - at >= _BADGE]
        row = free[0] if free else len(last)
        if row == len(last):
            last.append(place)
        last[row] = place
        rows.append(row)
    return rows
