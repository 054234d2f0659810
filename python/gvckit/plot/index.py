"""Figures of composite indices: fan of uncertainty, contributions of pillars, two sides and the gap between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Language
from gvckit.plot.style import COLOURS, HATCHES, axes_of, by_year, finish, legend_below, legend_right, tidy
from gvckit.plot.words import Say
from gvckit.table.find import nearest
from gvckit.table.names import economy_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gvckit.plot.drawn import Index

#: Bands from the widest to the narrowest.
_BLUES = ("#D6E6F4", "#A9CCE6", "#7DB3D9", "#5299C9")
#: Columns of `schemes.china_us_asymmetry`, and whose they are: trade over the GDP of China, and of the United States.
_TRADE_SIDES = {("TC", "TA"): ("CHN", "USA")}


def fan(result: Index, ax: Axes | None = None, title: str | None = None, *, language: Language = "en") -> Axes:
    """Draw an index over the years with bands of its uncertainty, if it has any.

    Parameters
    ----------
    result : CompositeIndex
        Of a frame by year. Years without all indicators have open markers.
    ax : matplotlib Axes, optional
    title : str, optional
        By default the index's own, which says where it is partial.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Say(language)
    ax = _axes(ax, result.index)
    index = _every_year(result.index.sort_index())
    years = np.asarray(index.index, dtype=float)
    if result.bands is not None:
        bands = result.bands.reindex(index.index)
        quantiles = sorted(float(q) for q in bands.columns)
        pairs = [(low, high) for low in quantiles for high in quantiles if low < high and abs(low + high - 1) < 1e-9]
        for k, (low, high) in enumerate(pairs):
            ax.fill_between(
                years, bands[low], bands[high], color=_BLUES[min(k, len(_BLUES) - 1)], linewidth=0,
                label=say("{} of draws", f"{(high - low) * 100:.3g}%"),
            )  # fmt: skip
    partial = result.partial.reindex(index.index, fill_value=False).to_numpy()
    ax.plot(years, index.to_numpy(), color=COLOURS[0], linewidth=1.8, label=say("index"))
    for open_, label in ((True, "some indicators missing"), (False, "all indicators")):
        at = (partial == open_) & index.notna().to_numpy()
        if at.any():
            ax.plot(
                years[at], index.to_numpy()[at], "o", color=COLOURS[0], markersize=5,
                markerfacecolor="white" if open_ else COLOURS[0], label=say(label),
            )  # fmt: skip
    by_year(ax, say)
    ax.set_ylabel(say.upper("index"))
    tidy(ax)
    legend_right(ax, fontsize=7)
    return finish(ax, _title(result, title, say))


def _every_year(index: pd.Series) -> pd.Series:
    """A series by year with NaN in the years between that it lacks: there a line breaks."""
    years = index.index
    if not pd.api.types.is_integer_dtype(years) or len(years) < 2:
        return index
    return index.reindex(range(int(years.min()), int(years.max()) + 1))


def pillars(result: Index, ax: Axes | None = None, title: str | None = None, *, language: Language = "en") -> Axes:
    """Draw what each pillar adds to the index: stacked bars that sum to it, and its line on top.

    Parameters
    ----------
    result : CompositeIndex
        Of a frame by year.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Say(language)
    ax = _axes(ax, result.index)
    index = result.index.sort_index()
    years = np.asarray(index.index, dtype=float)
    parts = result.pillar_contributions.loc[index.index]
    above, below = np.zeros(len(parts)), np.zeros(len(parts))
    for k, name in enumerate(parts.columns):
        values = parts[name].to_numpy()
        base = np.where(values >= 0, above, below)
        there = bool(result.pillar_coverage.get(name, result.coverage).gt(0).any()) or bool(values.any())
        label = str(name) if there else say("{} (no data)", name)
        ax.bar(
            years, values, 0.8, bottom=base, color=COLOURS[k % len(COLOURS)], label=label, edgecolor="white",
            linewidth=0.4, hatch=HATCHES[k % len(HATCHES)],
        )  # fmt: skip
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    ax.plot(years, index.to_numpy(), color="black", marker="o", markersize=3.5, linewidth=1.2, label=say("index"))
    low, high = (float(np.nanmin([*below, 0.0])), float(np.nanmax([*above, 0.0])))
    ax.set_ylim(low * 1.08, high * 1.08 if high > 0 else 1.0)
    by_year(ax, say)
    ax.set_ylabel(say.upper("contribution to the index"))
    tidy(ax)
    legend_below(ax, None, 5, fontsize=7)
    return finish(ax, _title(result, title, say))


def asymmetry(
    frame: pd.DataFrame,
    sides: tuple[str, str] = ("TC", "TA"),
    labels: tuple[str, str] | None = None,
    percent: bool = False,
    ax: Axes | None = None,
    title: str | None = None,
    ylabel: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw both sides of a dependence over the years, and shade the gap between them.

    Parameters
    ----------
    frame : DataFrame
        By year, with the two columns.
    sides : (str, str)
        Columns. Those that are regions (China, CN, CHN) are found by name.
    labels : (str, str), optional
        What the legend calls them; by default "China on the United States" of two regions, and of the trade sides of
        `schemes.china_us_asymmetry`; the columns' names of others.
    percent : bool, default False
        Draw fractions as per cent.
    ax : matplotlib Axes, optional
    title, ylabel : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Say(language)
    sides = _columns(frame, sides)
    if frame[list(sides)].isna().all(axis=None):
        raise LabelError(f"the columns {' and '.join(sides)} hold no value")
    ax = _axes(ax, frame[sides[0]])
    ordered = frame.sort_index()
    years = np.asarray(ordered.index, dtype=float)
    one, two = (ordered[name].to_numpy(dtype=float) * (100 if percent else 1) for name in sides)
    ax.fill_between(years, one, two, color="#E6E6E6", linewidth=0, label=say("gap"))
    named = _side_names(frame, sides, say) if labels is None else labels
    for values, label, colour, marker, style in zip((one, two), named, COLOURS, ("o", "s"), ("-", "--"), strict=False):
        ax.plot(years, values, style, color=colour, marker=marker, markersize=4, linewidth=1.8, label=label)
    ax.set_ylim(bottom=min(0.0, float(np.nanmin([one, two]))))
    by_year(ax, say)
    what = say.upper("dependence") if ylabel is None else ylabel
    ax.set_ylabel(f"{what} (%)" if percent else what)
    tidy(ax)
    legend_below(ax, None, 3)
    return finish(ax, title, frame.attrs)


def _columns(frame: pd.DataFrame, sides: tuple[str, str]) -> tuple[str, str]:
    """The columns that are meant; regions by what people call them."""
    known = list(map(str, frame.columns))
    found = []
    for name in sides:
        economy = economy_of(str(name))
        same = [label for label in known if economy is not None and economy_of(label) == economy]
        found.append(name if name in known else same[0] if same else nearest("column", known, name))
    return found[0], found[1]


def _side_names(frame: pd.DataFrame, sides: tuple[str, str], say: Say) -> tuple[str, str]:
    """China on the United States, the United States on China: of columns that are economies; else their names."""
    codes = tuple(frame.attrs.get("pair", _TRADE_SIDES[sides])) if sides in _TRADE_SIDES else sides
    one, two = (economy_of(str(code)) for code in codes)
    if one is None or two is None:
        return sides
    names = [say.economy(one), say.economy(two)]
    return say.upper("{} on {}", *names), say.upper("{} on {}", *names[::-1])


def _title(result: Index, title: str | None, say: Say) -> str:
    if title is not None:
        return title
    if say.language == "en":
        # The codes of its indicators, in brackets, are for tables.
        plain = re.sub(r" \([^)]*\)", "", result.title)
        return plain[:1].upper() + plain[1:]
    return say.upper("partial index: some indicators are missing" if bool(result.partial.any()) else "index")


def _axes(ax: Axes | None, by_year: pd.Series) -> Axes:
    """Axes, new ones if none is given; the frame must be by year."""
    if by_year.index.nlevels != 1 or not pd.api.types.is_numeric_dtype(by_year.index):
        raise LabelError(f"the index is {list(by_year.index.names)}, expected one level of years as numbers")
    return axes_of(ax, (6.8, 4.4))
