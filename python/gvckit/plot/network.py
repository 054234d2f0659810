"""Figures of trade networks: the map, a grid of maps, and the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.plot.layout import LARGEST, layout, radii
from gvckit.plot.style import GROUPS, amount, source_line, text_colour
from gvckit.table.groups import REGION_GROUPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gvckit.plot.drawn import Network

#: Line width of the largest edge, in points.
_WIDEST = 7.0
_THINNEST = 0.35


def network(
    net: Network,
    ax: Axes | None = None,
    positions: pd.DataFrame | None = None,
    title: str | None = None,
    legend: bool = True,
    fontsize: float = 8.0,
) -> Axes:
    """Draw a network as a map of regional groups.

    A node's area is its value-added exports, an edge's width its value, both to scale with a legend. An arrow in the
    colour of its source's group is a strongest tie: the source is the target's largest supplier, or the target is the
    source's largest buyer. Other edges are thin grey arrows.

    Parameters
    ----------
    net : TradeNetwork
        Best one with a threshold or backbone: the map of all edges of forty regions can't be read.
    ax : matplotlib Axes, optional
    positions : DataFrame, optional
        `x` and `y` per region, as of `gvckit.plot.layout.layout`; by default the network's own.
    title : str, optional
        By default kind, sector and year.
    legend : bool
    fontsize : float

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=(8, 7), layout="constrained")
    place = layout([net]) if positions is None else positions
    radius = radii(net.nodes["exports"])
    _edges(ax, net, place, radius)
    _nodes(ax, net, place, radius, fontsize)
    # All that stands on the unit square, so that maps of one figure can be compared.
    low, high = place - LARGEST, place + LARGEST
    ax.set_xlim(min(0.0, low["x"].min()), max(1.0, high["x"].max()))
    ax.set_ylim(min(0.05, low["y"].min()) - (0.17 if legend else 0.0), max(0.98, high["y"].max()))
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(net.title if title is None else title, fontsize=fontsize + 2, loc="left")
    if legend:
        _legend(ax, net, fontsize)
    return ax


def _edges(ax: Axes, net: Network, place: pd.DataFrame, radius: pd.Series) -> None:
    from matplotlib.patches import FancyArrowPatch

    if net.edges.empty:
        ax.text(0.5, 0.5, "no edge is above the threshold", ha="center", transform=ax.transAxes, fontsize=9)
        return
    largest = float(net.edges["value"].max())
    # Small edges first, strongest ties on top.
    for edge in net.edge_rows()[::-1]:
        strong = edge.largest_supplier or edge.largest_buyer
        start, end = (place.loc[name].to_numpy() for name in (edge.source, edge.target))
        width = max(_WIDEST * edge.value / largest, _THINNEST)
        step = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)
        colour = GROUPS[str(net.groups[edge.source])]
        if strong and colour == GROUPS["Rest"]:
            colour = "#777777"
        ax.add_patch(
            FancyArrowPatch(
                start + step * float(radius[edge.source]),
                end - step * float(radius[edge.target]),
                connectionstyle="arc3,rad=0.18",
                arrowstyle=f"-|>,head_length={2.2 + 0.5 * width:.2f},head_width={1.0 + 0.45 * width:.2f}",
                mutation_scale=1.0,
                linewidth=width,
                color=colour if strong else "#9A9A9A",
                alpha=0.75 if strong else 0.35,
                zorder=2 if strong else 1,
                shrinkA=0,
                shrinkB=0,
            )
        )


def _nodes(ax: Axes, net: Network, place: pd.DataFrame, radius: pd.Series, fontsize: float) -> None:
    import matplotlib.patheffects as effects
    from matplotlib.patches import Circle

    for region, (x, y) in zip(place.index, place.to_numpy(), strict=True):
        colour = GROUPS[str(net.groups[region])]
        ax.add_patch(
            Circle((x, y), float(radius[region]), facecolor=colour, edgecolor="#333333", linewidth=0.5, zorder=3)
        )
        ink = text_colour(colour)
        size = fontsize * (0.72 + 0.5 * float(radius[region]) / LARGEST)
        text = ax.text(x, y, str(region), ha="center", va="center", fontsize=size, color=ink, zorder=4)
        text.set_path_effects([effects.withStroke(linewidth=1.1, foreground=colour)])


def _legend(ax: Axes, net: Network, fontsize: float) -> None:
    """Groups, and what a node's area and an edge's width stand for, below the map."""
    from matplotlib.patches import Circle

    bottom = ax.get_ylim()[0] + 0.03
    unit = net.attrs.get("unit")
    exports = float(net.nodes["exports"].max())
    shown = [group for group in REGION_GROUPS if group in set(net.groups)]
    for k, group in enumerate(shown):
        ax.add_patch(Circle((0.02, bottom + 0.105 - 0.034 * k), 0.011, facecolor=GROUPS[group], edgecolor="#333333"))
        ax.text(0.042, bottom + 0.105 - 0.034 * k, group, fontsize=fontsize - 1, va="center")
    middle = bottom + 0.055
    for x, part in ((0.30, 0.25), (0.43, 0.05)):
        radius = LARGEST * np.sqrt(part) * 0.999
        ax.add_patch(Circle((x, middle), radius, facecolor="none", edgecolor="#333333", linewidth=0.8))
        ax.text(x, middle - radius - 0.012, amount(exports * part, unit), fontsize=fontsize - 2, ha="center", va="top")
    ax.text(0.255, middle + 0.055, "exports of value added", fontsize=fontsize - 1, va="bottom")
    if net.edges.empty:
        return
    value = float(net.edges["value"].max())
    ax.text(0.62, middle + 0.055, "value added between the pair", fontsize=fontsize - 1, va="bottom")
    for k, part in enumerate((1.0, 0.25)):
        y = middle + 0.03 - 0.045 * k
        ax.plot([0.63, 0.71], [y, y], color="#555555", linewidth=_WIDEST * part, solid_capstyle="butt")
        ax.text(0.725, y, amount(value * part, unit), fontsize=fontsize - 2, va="center")


def networks(grid: Sequence[Sequence[Network]], title: str | None = None) -> np.ndarray:
    """Draw a grid of maps in which every region has one place: the paper's figure is two years x three kinds.

    Sizes and widths are to the scale of each map, as its legend says.

    Parameters
    ----------
    grid : rows of TradeNetwork
    title : str, optional

    Returns
    -------
    ndarray of matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    rows, columns = len(grid), {len(row) for row in grid}
    if rows == 0 or len(columns) != 1 or 0 in columns:
        raise OptionError(f"the grid must have rows of one length, found rows of {[len(row) for row in grid]}")
    width = columns.pop()
    figure, axes = plt.subplots(rows, width, figsize=(5.2 * width, 5.4 * rows), squeeze=False)
    positions = layout([net for row in grid for net in row])
    for row, nets in zip(axes, grid, strict=True):
        for ax, net in zip(row, nets, strict=True):
            network(net, ax=ax, positions=positions, fontsize=8)
    figure.set_layout_engine("constrained", h_pad=0.12)
    if title:
        figure.suptitle(title, fontsize=14)
    source_line(axes[0, 0], grid[0][0].attrs)
    return axes


def network_matrix(net: Network, count: int = 20, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the flows between the largest regions as a matrix, source rows x partner columns.

    Parameters
    ----------
    net : TradeNetwork
    count : int
        How many regions, by exports plus imports; groups stand together.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm

    if ax is None:
        _, ax = plt.subplots(figsize=(7.5, 6.6), layout="constrained")
    nodes = net.nodes.assign(size=net.nodes["exports"] + net.nodes["imports"])
    nodes["order"] = nodes["group"].map({group: k for k, group in enumerate(REGION_GROUPS)})
    chosen = nodes.nlargest(count, "size").sort_values(["order", "size"], ascending=[True, False])
    values = net.flows.loc[chosen.index, chosen.index].to_numpy()
    shown = np.where(values > 0, values, np.nan)
    options: dict[str, Any] = {"cmap": "cividis_r"}
    if np.isfinite(shown).any():
        top = float(np.nanmax(shown))
        options["norm"] = LogNorm(vmin=max(float(np.nanmin(shown)), top / 1e4), vmax=top)
    picture = ax.imshow(shown, **options)
    names = list(chosen.index)
    ax.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    for label, group in zip([*ax.get_xticklabels(), *ax.get_yticklabels()], [*chosen["group"]] * 2, strict=True):
        label.set_color(GROUPS[group] if group != "Rest" else "#777777")
    edges = np.flatnonzero(np.diff(chosen["order"].to_numpy())) + 0.5
    for edge in edges:
        ax.axhline(edge, color="white", linewidth=2)
        ax.axvline(edge, color="white", linewidth=2)
    ax.set_xlabel("Partner")
    ax.set_ylabel("Source of value added")
    ax.set_title(net.title if title is None else title, fontsize=10, loc="left")
    if "norm" in options:
        bar = ax.figure.colorbar(picture, ax=ax, shrink=0.8)
        bar.set_label(str(net.attrs.get("unit") or "value added"))
    return ax
