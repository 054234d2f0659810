"""Figures of composite indices: fan of uncertainty, contributions of pillars, two sides and the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, OptionError
from gvckit.plot.style import COLOURS, tidy
from gvckit.table.labels import find_region, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gvckit.plot.drawn import Index

#: Hatches tell neighbouring pillars apart in grey.
#: Bands from the widest to the narrowest.
_BLUES = ("#D6E6F4", "#A9CCE6", "#7DB3D9", "#5299C9")
_HATCHES = ("", "//", "..", "xx", "\\\\", "++")


def fan(result: Index, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw an index over the years with bands of its uncertainty, if it has any.

    Parameters
    ----------
    result : CompositeIndex
        Of a frame by year. Years without all indicators have open markers.
    ax : matplotlib Axes, optional
    title : str, optional
        By default the index's own, which says where it is partial.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, result.index)
    index = result.index.sort_index()
    years = np.asarray(index.index, dtype=float)
    if result.bands is not None:
        bands = result.bands.loc[index.index]
        quantiles = sorted(float(q) for q in bands.columns)
        pairs = [(low, high) for low in quantiles for high in quantiles if low < high and abs(low + high - 1) < 1e-9]
        for k, (low, high) in enumerate(pairs):
            ax.fill_between(
                years, bands[low], bands[high], color=_BLUES[min(k, len(_BLUES) - 1)], linewidth=0,
                label=f"{(high - low) * 100:.0f}% of draws",
            )  # fmt: skip
    partial = result.partial.loc[index.index].to_numpy()
    ax.plot(years, index.to_numpy(), color=COLOURS[0], linewidth=1.8, label="index")
    for open_, label in ((True, "some indicators missing"), (False, "all indicators")):
        at = partial == open_
        if at.any():
            ax.plot(
                years[at], index.to_numpy()[at], "o", color=COLOURS[0], markersize=5,
                markerfacecolor="white" if open_ else COLOURS[0], label=label,
            )  # fmt: skip
    ax.set_ylabel("Index")
    _finish(ax, result.title if title is None else title)
    ax.legend(fontsize=7, loc="best", framealpha=0.9, edgecolor="none")
    return ax


def pillars(result: Index, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw what each pillar adds to the index: stacked bars that sum to it, and its line on top.

    Parameters
    ----------
    result : CompositeIndex
        Of a frame by year.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, result.index)
    years = np.asarray(result.index.index, dtype=float)
    parts = result.pillar_contributions
    above, below = np.zeros(len(parts)), np.zeros(len(parts))
    for k, name in enumerate(parts.columns):
        values = parts[name].to_numpy()
        base = np.where(values >= 0, above, below)
        there = bool(result.pillar_coverage.get(name, result.coverage).gt(0).any()) or bool(values.any())
        label = str(name) if there else f"{name} (no data)"
        ax.bar(
            years, values, 0.8, bottom=base, color=COLOURS[k % len(COLOURS)], label=label, edgecolor="white",
            linewidth=0.4, hatch=_HATCHES[k % len(_HATCHES)],
        )  # fmt: skip
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    ax.plot(years, result.index.to_numpy(), color="black", marker="o", markersize=3.5, linewidth=1.2, label="index")
    ax.set_ylim(min(0.0, below.min() * 1.08), above.max() * 1.08)
    ax.set_ylabel("Contribution to the index")
    _finish(ax, result.title if title is None else title)
    ax.legend(fontsize=7, frameon=False, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return ax


def asymmetry(
    frame: pd.DataFrame,
    sides: tuple[str, str] = ("TC", "TA"),
    labels: tuple[str, str] = ("China on the US", "the US on China"),
    percent: bool = False,
    ax: Axes | None = None,
    title: str | None = None,
    ylabel: str = "Dependence",
) -> Axes:
    """Draw both sides of a dependence over the years, and shade the gap between them.

    Parameters
    ----------
    frame : DataFrame
        By year, with the two columns.
    sides : (str, str)
        Columns.
    labels : (str, str)
        What the legend calls them.
    percent : bool, default False
        Draw fractions as per cent.
    ax : matplotlib Axes, optional
    title, ylabel : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    for name in sides:
        nearest("column", list(map(str, frame.columns)), name)
    if frame[list(sides)].isna().all(axis=None):
        raise LabelError(f"the columns {' and '.join(sides)} hold no value")
    ax = _axes(ax, frame[sides[0]])
    years = np.asarray(frame.index, dtype=float)
    one, two = (frame[name].to_numpy() * (100 if percent else 1) for name in sides)
    ax.fill_between(years, one, two, color="#E6E6E6", linewidth=0, label="gap")
    for values, label, colour, marker, style in zip((one, two), labels, COLOURS, ("o", "s"), ("-", "--"), strict=False):
        ax.plot(years, values, style, color=colour, marker=marker, markersize=4, linewidth=1.8, label=label)
    ax.set_ylim(bottom=min(0.0, float(np.nanmin([one, two]))))
    ax.set_ylabel(f"{ylabel} (%)" if percent else ylabel)
    _finish(ax, title)
    ax.legend(fontsize=8, loc="best", framealpha=0.9, edgecolor="none")
    return ax


def decoupling(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    column: str = "share",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw who loses how much as two regions stop trading.

    Parameters
    ----------
    frame : DataFrame
        As of `gvckit.decouple`.
    regions : sequence of str, optional
        Which to draw; by default the pair and the three others that lose most of this column at the end.
    column : {"share", "loss", "per_dollar"}
        Loss over the region's value added (per cent), in the table's unit, or per unit of sales cut.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    labels = {
        "share": "Value added lost (% of the region's)",
        "loss": f"Value added lost ({frame.attrs.get('unit') or 'unit of the table'})",
        "per_dollar": "Value added lost per unit of trade cut",
    }
    if column not in labels:
        raise OptionError.of("column", column, labels)
    if list(frame.index.names) != ["cut", "region"]:
        raise LabelError(f"the frame's index is {list(frame.index.names)}, expected ['cut', 'region']")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    wide = frame[column].unstack("region")  # noqa: PD010
    if regions is None:
        pair = list(frame.attrs.get("pair", ()))
        last = wide.iloc[-1].drop(pair).sort_values(ascending=False)
        regions = [*pair, *last.index[:3]]
    scale = 100 if column == "share" else 1
    regions = [find_region(list(wide.columns), name) for name in ([regions] if isinstance(regions, str) else regions)]
    for k, region in enumerate(regions):
        ax.plot(
            np.asarray(wide.index, dtype=float) * 100, wide[region].to_numpy() * scale,
            linestyle=("-", "--", "-.", ":", (0, (1, 1)))[k % 5], color=COLOURS[k % len(COLOURS)],
            marker="os^Dv"[k % 5], markersize=4, linewidth=1.6, label=region,
        )  # fmt: skip
    ax.set_xlabel("Share of the trade that is cut (%)")
    ax.set_ylabel(labels[column])
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    tidy(ax)
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    if title:
        ax.set_title(title, fontsize=10, loc="left")
    return ax


def _axes(ax: Axes | None, by_year: pd.Series) -> Axes:
    """Axes, new ones if none is given; the frame must be by year."""
    import matplotlib.pyplot as plt

    if by_year.index.nlevels != 1 or not pd.api.types.is_numeric_dtype(by_year.index):
        raise LabelError(f"the index is {list(by_year.index.names)}, expected one level of years as numbers")
    if ax is not None:
        return ax
    _, made = plt.subplots(figsize=(6.8, 4.2), layout="constrained")
    return made


def _finish(ax: Axes, title: str | None) -> None:
    from textwrap import fill

    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("Year")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(ax)
    if title:
        ax.set_title(fill(title, 75), fontsize=10, loc="left")
