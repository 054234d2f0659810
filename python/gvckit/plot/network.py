"""Figures of trade networks: the map, a grid of maps, and the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.options import Language, check
from gvckit.options import Scale as ScaleOption
from gvckit.plot.key import draw_key, key_below
from gvckit.plot.layout import CENTRE, RING, arrows, group_order, layout, scale_of
from gvckit.plot.style import HOLLOW, OTHER, arrow_colour, axes_of, finish, group_colours, source_line
from gvckit.plot.words import Say, dress, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gvckit.plot.drawn import Network
    from gvckit.plot.layout import Scale

#: Height of the key below a map, in the map's own units.
_KEY = 0.24
#: Side of a panel of a grid in inches, and room for its title.
_SIDE, _HEAD = 3.6, 0.36


def network(
    net: Network,
    ax: Axes | None = None,
    positions: pd.DataFrame | None = None,
    title: str | None = None,
    legend: bool = True,
    fontsize: float = 8.0,
    *,
    scale: Sequence[Network] = (),
    language: Language = "en",
) -> Axes:
    """Draw a network as a ring of regional groups.

    A node's area is its value-added exports, an arrow's width its value, both to scale with a legend. An arrow in the
    colour of its source's group is a strongest tie: the source is the target's largest supplier, or the target is the
    source's largest buyer. Other arrows are hollow. All bend into the ring, so that none runs behind another node.

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
    scale : sequence of TradeNetwork
        Networks of the same regions that this one is compared with: circles and arrows are on one scale for all, and
        regions in one place.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        ``scale`` holds a network of other regions.
    """
    say = Say(language)
    compared = [net, *scale]
    sizes = scale_of(compared)
    place = layout(compared, sizes) if positions is None else positions
    ax = axes_of(ax, (7.0, 8.2 if legend else 7.0))
    _draw(ax, net, place, sizes, fontsize, say)
    if legend:
        key_below(ax, net, sizes, fontsize, say, shared=len(compared) > 1)
    ax.set_title(fill(title_of(net, say) if title is None else title, 70), fontsize=fontsize + 2, loc="left", x=0.02)
    dress(ax)
    return ax


def networks(
    grid: Sequence[Sequence[Network]],
    title: str | None = None,
    *,
    scale: ScaleOption = "shared",
    language: Language = "en",
) -> np.ndarray:
    """Draw a grid of maps in which every region has one place: the paper's figure is two years x three kinds.

    Parameters
    ----------
    grid : rows of TradeNetwork
        All of the same regions.
    title : str, optional
    scale : {"shared", "own"}
        Circles and arrows of all panels on one scale, with one legend that says so; or each panel on its own, with a
        legend each.
    language : {"en", "zh"}

    Returns
    -------
    ndarray of matplotlib.axes.Axes

    Raises
    ------
    OptionError
        Rows of different lengths, or none.
    LabelError
        Networks of different regions.
    """
    check("scale", scale, ScaleOption)
    rows, columns = len(grid), {len(row) for row in grid}
    if rows == 0 or len(columns) != 1 or 0 in columns:
        raise OptionError(f"the grid must have rows of one length, found rows of {[len(row) for row in grid]}")
    say, shared = Say(language), scale == "shared"
    nets = [net for row in grid for net in row]
    common = scale_of(nets)
    place = layout(nets, common)
    figure, axes = _panels(rows, columns.pop(), key=not shared, above=0.4 if title else 0.1)
    for ax, net in zip(axes.flat, nets, strict=True):
        own = common if shared else scale_of([net])
        _draw(ax, net, place, own if shared else own._replace(largest=common.largest), 6.5, say)
        if not shared:
            key_below(ax, net, own._replace(largest=common.largest), 6.0, say, shared=False)
        ax.set_title(fill(title_of(net, say), 44), fontsize=8.5, loc="left", x=0.03)
    if shared:
        _key_of_all(figure, axes, nets, common, say)
    if title:
        figure.suptitle(title, fontsize=11, x=0.02, y=1 - 0.12 / figure.get_figheight(), ha="left", va="top")
    source_line(axes[0, 0], nets[0].attrs, language)
    dress(axes[0, 0])
    return axes


def _panels(rows: int, columns: int, key: bool, above: float) -> tuple[Figure, np.ndarray]:
    """Panels in places of their own, in inches: a layout engine would give the key's axes another scale."""
    import matplotlib.pyplot as plt

    height = _SIDE * (1 + _KEY if key else 1) + _HEAD
    below = 0.3 if key else _SIDE * _KEY + 0.3
    width = max(columns, 1 if key else 2) * _SIDE
    figure = plt.figure(figsize=(width, rows * height + below + above))
    whole = figure.get_figheight()
    axes = np.empty((rows, columns), dtype=object)
    for r in range(rows):
        for c in range(columns):
            bottom = below + (rows - 1 - r) * height
            size = (_SIDE / width, (height - _HEAD) / whole)
            axes[r, c] = figure.add_axes((c * _SIDE / width, bottom / whole, *size))
    return figure, axes


def _key_of_all(figure: Figure, axes: np.ndarray, nets: Sequence[Network], scale: Scale, say: Say) -> None:
    """One key for all panels, in axes of the same scale."""
    low, high = axes[0, 0].get_xlim()
    span, width = high - low, figure.get_figwidth()
    ax = figure.add_axes((0, 0.28 / figure.get_figheight(), 1, _SIDE * _KEY / figure.get_figheight()))
    ax.set_xlim(0, span * width / _SIDE)
    ax.set_ylim(0, span * _KEY)
    ax.set_axis_off()
    draw_key(ax, nets[0], scale, (0.05, span * _KEY - 0.02), span * width / _SIDE - 0.1, 6.5, say, shared=True)


def _draw(ax: Axes, net: Network, place: pd.DataFrame, scale: Scale, fontsize: float, say: Say) -> None:
    """Arcs of groups, arrows, nodes and labels. Shapes don't move the limits, which are set at the end."""
    from matplotlib.patches import Circle, Polygon

    colours = group_colours(group_order(net.groups))
    _arcs(ax, net.groups, place, colours)
    for arrow in arrows(net, place, scale):
        edge, strong = arrow.edge, arrow.strong
        colour = arrow_colour(colours[str(net.groups[edge.source])]) if strong else OTHER
        ax.add_artist(
            Polygon(
                arrow.outline, closed=True, facecolor=colour if strong else HOLLOW, alpha=0.85,
                edgecolor="white" if arrow.rimmed else colour, linewidth=0.3, zorder=2 if strong else 1.5,
                gid=f"{edge.source} to {edge.target}",
            )
        )  # fmt: skip
    if net.edges.empty:
        ax.text(CENTRE, CENTRE, say("no edge is above the threshold"), ha="center", va="center", fontsize=9)
    radius = scale.radius(net.nodes["exports"]).fillna(0.0)
    for region, (x, y) in zip(place.index, place.to_numpy(), strict=True):
        size, colour = float(radius[region]), colours[str(net.groups[region])]
        ax.add_artist(Circle((x, y), size, facecolor=colour, edgecolor="#333333", linewidth=0.5, zorder=3))
        _name(ax, str(region), (x, y), size, fontsize)
    # Labels stand outside the ring: as much room as the longest takes.
    side = RING + float(radius.max()) + 0.03 + 0.0017 * fontsize * max(len(str(name)) for name in place.index)
    ax.set_xlim(CENTRE - side, CENTRE + side)
    ax.set_ylim(CENTRE - side, CENTRE + side)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _arcs(ax: Axes, groups: pd.Series, place: pd.DataFrame, colours: dict[str, str]) -> None:
    """The ring, in the colour of each group: small nodes alone don't show it."""
    turns = pd.Series(np.arctan2(place["y"] - CENTRE, place["x"] - CENTRE), index=place.index)
    for group, colour in colours.items():
        own = np.sort(turns[groups.index[groups == group]].to_numpy())
        # An arc may cross the angle where numbering begins: start after its widest gap.
        gap = int(np.argmax(np.diff([*own, own[0] + 2 * np.pi])))
        own = np.concatenate([own[gap + 1 :], own[: gap + 1] + 2 * np.pi]) if gap < len(own) - 1 else own
        along = np.linspace(own[0] - 0.03, own[-1] + 0.03, 80)
        ax.plot(
            CENTRE + RING * np.cos(along), CENTRE + RING * np.sin(along), color=colour, linewidth=2.5, alpha=0.55,
            zorder=1, solid_capstyle="butt",
        )  # fmt: skip


def _name(ax: Axes, name: str, at: tuple[float, float], radius: float, fontsize: float) -> None:
    """Label outside the ring, along the radius, never upside down."""
    x, y = at[0] - CENTRE, at[1] - CENTRE
    away = max(float(np.hypot(x, y)), 1e-9)
    turn = float(np.degrees(np.arctan2(y, x)))
    left = abs(turn) > 90
    out = (away + radius + 0.012) / away
    ax.text(
        CENTRE + x * out, CENTRE + y * out, name, fontsize=fontsize, rotation=turn + 180 if left else turn,
        rotation_mode="anchor", ha="right" if left else "left", va="center", zorder=4,
    )  # fmt: skip


def network_matrix(
    net: Network, count: int = 20, ax: Axes | None = None, title: str | None = None, *, language: Language = "en"
) -> Axes:
    """Draw the flows between the largest regions as a matrix, source rows x partner columns.

    Parameters
    ----------
    net : TradeNetwork
    count : int
        How many regions, by exports plus imports; groups stand together.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.colors import LogNorm

    say = Say(language)
    ax = axes_of(ax, (7.5, 6.6))
    nodes = net.nodes.assign(size=net.nodes["exports"] + net.nodes["imports"])
    groups = group_order(net.groups)
    nodes["order"] = nodes["group"].map({group: k for k, group in enumerate(groups)})
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
    edges = np.flatnonzero(np.diff(chosen["order"].to_numpy())) + 0.5
    for edge in edges:
        ax.axhline(edge, color="white", linewidth=2)
        ax.axvline(edge, color="white", linewidth=2)
    _group_names(ax, chosen, say)
    ax.set_xlabel(say.upper("partner"))
    ax.set_ylabel(say.upper("source of value added"))
    if "norm" in options:
        bar = ax.figure.colorbar(picture, ax=ax, shrink=0.8)
        bar.ax.yaxis.set_major_formatter(lambda number, _: f"{number:,.10g}")
        bar.set_label(say.upper(str(net.attrs.get("unit") or "value added")))
    return finish(ax, title_of(net, say) if title is None else title)


def _group_names(ax: Axes, chosen: pd.DataFrame, say: Say) -> None:
    """Groups beside their rows."""
    places = pd.Series(np.arange(len(chosen)), index=chosen.index)
    for group, own in places.groupby(chosen["group"], sort=False):
        ax.text(len(chosen) - 0.3, float(own.mean()), say(str(group)), va="center", fontsize=8, color="#444444")
