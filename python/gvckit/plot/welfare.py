"""Figures of counterfactuals: who gains and loses, how sure that is, and along a path of shocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.options import Language
from gvckit.plot.style import (
    COLOURS,
    GREY,
    axes_of,
    expect_levels,
    find_regions,
    finish,
    legend_below,
    looks,
    region_line,
    tidy,
)  # fmt: skip
from gvckit.plot.words import Say
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: What a tick of infinite costs says.
_LIMIT = "no trade"
#: Results that can be drawn, and what an axis calls them.
_NAMES = {
    "welfare": "welfare", "real_wage": "real wage", "wage": "wage", "consumer_prices": "consumer prices",
    "exports": "exports", "imports": "imports",
}  # fmt: skip


def welfare(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    column: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    count: int = 15,
    language: Language = "en",
) -> Axes:
    """Draw a result of a counterfactual by region as bars, with the band of its draws where there is one.

    Parameters
    ----------
    frame : DataFrame
        `Counterfactual.regions` or `.summary()`, or `welfare_bands`: by region, ratios to the base or changes, as its
        attrs say. Of bands the whiskers reach from the lowest to the highest quantile.
    regions : sequence of str, optional
        Which to draw, by label or name; by default those that move most, up or down.
    column : str, optional
        By default `welfare`, of bands `published`.
    ax : matplotlib Axes, optional
    title : str, optional
    count : int, default 15
        How many, where `regions` are not given.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Another index, an unknown region or column.
    OptionError
        A frame whose attrs don't say whether it holds ratios or changes.
    """
    say = Say(language)
    expect_levels(frame, ["region"])
    if count < 1:
        raise OptionError(f"count={count}: one region or more is wanted")
    names = [str(name) for name in frame.columns]
    chosen = nearest("column", names, column or ("published" if "published" in names else "welfare"))
    change = _per_cent(frame[[chosen]], frame.attrs)[:, 0]
    which = pd.Series(change, index=frame.index).dropna()
    picked = find_regions(frame, regions) if regions is not None else list(which.abs().nlargest(count).index)
    which = which.loc[picked].sort_values(ascending=False)
    ax = axes_of(ax, (6.5, 1.2 + 0.28 * len(which)))
    at = np.arange(len(which))
    colours = [COLOURS[0] if value >= 0 else COLOURS[1] for value in which]
    ax.barh(at, which.to_numpy(), 0.62, color=colours, edgecolor="black", linewidth=0.4)
    ax.set_xlabel(say.upper("{}, change (%)", say(_NAMES.get("welfare" if chosen == "published" else chosen, chosen))))
    columns: list[Any] = frame.columns.tolist()
    levels = sorted(name for name in columns if isinstance(name, float))
    if chosen == "published" and len(levels) > 1:
        _whiskers(ax, at, _per_cent(frame.loc[which.index, [levels[0], levels[-1]]], frame.attrs), levels, say)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(at, list(which.index))
    ax.set_ylim(len(which) - 0.4, -0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    return finish(ax, title, frame.attrs)


def _whiskers(ax: Axes, at: NDArray[np.int_], ends: NDArray[np.float64], levels: Sequence[float], say: Say) -> None:
    """From the lowest to the highest quantile, with a legend that says which."""
    label = say("{} of draws", f"{levels[-1] - levels[0]:.0%}")
    (line,) = ax.plot(ends.T, np.vstack([at, at]), color="black", linewidth=1.2, label=label)[:1]
    ax.plot(ends.ravel(), np.repeat(at, 2), "|", color="black", markersize=6)
    legend_below(ax, [line], 1)


def welfare_path(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    xlabel: str | None = None,
    language: Language = "en",
) -> Axes:
    """Draw a result by region along a path of shocks; infinity is the last tick, beyond a break.

    Parameters
    ----------
    frame : DataFrame
        Of `gvckit.welfare_path`: region x shock, ratios to the base. Shocks that are numbers are drawn to scale, on a
        logarithmic one where the largest is more than four times the smallest; names stand side by side.
    regions : sequence of str, optional
        Which to draw, by label or name; by default the five that move most at the last shock.
    ax : matplotlib Axes, optional
    title : str, optional
    xlabel : str, optional
        What the shocks are.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Say(language)
    expect_levels(frame, ["region"])
    change = pd.DataFrame(_per_cent(frame, frame.attrs), index=frame.index, columns=frame.columns)
    last = change[change.columns[-1]].abs()
    names = find_regions(frame, regions) if regions is not None else list(last.nlargest(5).index)
    ax = axes_of(ax, (6.5, 4.4))
    look, (x, ticks) = looks(ax, names), _places(list(frame.columns), say)
    for name in names:
        region_line(ax, name, look[name], x, change.loc[name].to_numpy())
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set_xticks(x, ticks)
    ax.set_xlabel(xlabel or say("Shock"))
    column = str(frame.attrs.get("column") or "welfare")
    ax.set_ylabel(say.upper("{}, change (%)", say(_NAMES.get(column, column))))
    tidy(ax)
    if ticks[-1] == say(_LIMIT) and len(x) > 1:
        ax.axvline((x[-1] + x[-2]) / 2, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    legend_below(ax, None, 5)
    return finish(ax, title, frame.attrs)


def _places(shocks: Sequence[object], say: Say) -> tuple[NDArray[np.float64], list[str]]:
    """Where shocks stand on the axis, and what they are called there: rising numbers to scale, others side by side."""
    if not all(isinstance(shock, int | float | np.number) for shock in shocks):
        return np.arange(len(shocks), dtype=float), [str(shock) for shock in shocks]
    numbers = np.array(shocks, dtype=float)
    ticks = [say(_LIMIT) if np.isinf(number) else f"{number:g}" for number in numbers]
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < 2 or not (np.diff(numbers) > 0).all():
        return np.arange(len(numbers), dtype=float), ticks
    scaled = np.log(finite) if 0 < 4 * finite[0] < finite[-1] else finite
    beyond = scaled[-1] + 0.15 * (scaled[-1] - scaled[0])
    places = np.append(scaled, [beyond] * (len(numbers) - len(finite)))
    return places, _apart(places, ticks)


def _apart(places: NDArray[np.float64], ticks: list[str]) -> list[str]:
    """Labels of ticks without those that would lie on the one before, the last always."""
    room, shown = 0.07 * (places[-1] - places[0]), [len(places) - 1]
    for k in range(len(places) - 1):
        if places[-1] - places[k] >= room and all(abs(places[k] - places[j]) >= room for j in shown):
            shown.append(k)
    return [tick if k in shown else "" for k, tick in enumerate(ticks)]


def _per_cent(frame: pd.DataFrame, attrs: dict[object, object]) -> NDArray[np.float64]:
    """Changes in per cent, of ratios or of changes, as the attrs say."""
    unit, values = str(attrs.get("unit") or ""), frame.to_numpy(dtype=np.float64)
    if unit == "ratio":
        changed: NDArray[np.float64] = 100 * (values - 1)
        return changed
    if unit.startswith("share"):
        return 100 * values
    raise OptionError(
        "the frame's attrs don't say whether these are ratios to the base or changes: frame.attrs['unit'] = 'ratio' or "
        "'share of the base'"
    )
