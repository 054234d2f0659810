"""The key of a network map: groups, and what areas, widths and colours stand for, in the map's own units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gvckit.plot.layout import group_order
from gvckit.plot.style import GREY, HOLLOW, OTHER, amount, group_colours
from gvckit.plot.words import Say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gvckit.plot.drawn import Network
    from gvckit.plot.layout import Scale

#: Distance of lines of the key, and the largest circle that it has room for.
_LINE, _LARGEST = 0.036, 0.06


def key_below(ax: Axes, net: Network, scale: Scale, fontsize: float, say: Say, shared: bool) -> None:
    """Make room under a map, and draw its key there."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    ax.set_ylim(low - 0.24 * (high - low), high)
    draw_key(ax, net, scale, (left + 0.01, low - 0.01), right - left - 0.02, fontsize - 1, say, shared)


def draw_key(
    ax: Axes, net: Network, scale: Scale, corner: tuple[float, float], width: float, fontsize: float, say: Say,
    shared: bool,
) -> None:  # fmt: skip
    """Draw the key from its upper left corner: groups, areas of nodes, widths of arrows, their colours."""
    x, top = corner
    blocks: list[tuple[float, Callable[[float], None]]] = [
        (0.17, lambda at: _groups(ax, net, (at, top), fontsize, say)),
        (0.29, lambda at: _nodes(ax, net, scale, (at, top), fontsize, say)),
    ]
    if len(net.edges):
        blocks.append((0.29, lambda at: _widths(ax, net, scale, (at, top), fontsize, say)))
        blocks.append((0.27, lambda at: _colours(ax, net, (at, top), fontsize, say, shared)))
    whole = sum(share for share, _ in blocks)
    for share, draw in blocks:
        draw(x)
        x += width * share / whole


def _groups(ax: Axes, net: Network, at: tuple[float, float], fontsize: float, say: Say) -> None:
    from matplotlib.patches import Circle

    colours = group_colours(group_order(net.groups))
    line = min(_LINE, 0.2 / len(colours))
    for k, (group, colour) in enumerate(colours.items()):
        y = at[1] - 0.012 - line * k
        ax.add_patch(Circle((at[0] + 0.014, y), 0.3 * line, facecolor=colour, edgecolor="#333333", linewidth=0.5))
        ax.text(at[0] + 0.035, y, say(group), fontsize=fontsize, va="center")


def _nodes(ax: Axes, net: Network, scale: Scale, at: tuple[float, float], fontsize: float, say: Say) -> None:
    """Circles of round amounts inside each other, with a line to each one's name."""
    from matplotlib.patches import Circle

    ax.text(at[0], at[1] - 0.012, say.upper("exports of value added"), fontsize=fontsize, va="center")
    # Few nodes have circles that would push the rest of the key aside: then amounts that are smaller.
    largest = min(scale.largest, _LARGEST)
    base = at[1] - 0.045 - 2 * largest
    values = _round(scale.exports * (largest / scale.largest) ** 2, 10)
    middle = at[0] + largest + 0.004
    for k, value in enumerate(values):
        radius = float(np.sqrt(value / scale.exports)) * scale.largest
        y = base + 2 * largest - 0.012 - _LINE * k
        ax.add_patch(Circle((middle, base + radius), radius, facecolor="none", edgecolor="#333333", linewidth=0.7))
        edge = middle + largest + 0.012
        ax.plot([middle, edge], [base + 2 * radius, y], color=GREY, linewidth=0.5)
        ax.text(edge + 0.006, y, amount(value, net.attrs.get("unit"), say), fontsize=fontsize, va="center")


def _widths(ax: Axes, net: Network, scale: Scale, at: tuple[float, float], fontsize: float, say: Say) -> None:
    from matplotlib.patches import Rectangle

    ax.text(at[0], at[1] - 0.012, say.upper("value added between the pair"), fontsize=fontsize, va="center")
    unit = net.attrs.get("unit")
    shown = [(value, amount(value, unit, say)) for value in _round(scale.edge, 5)]
    shown.append((scale.thinnest, f"≤ {amount(scale.thinnest, unit, say)}"))
    for k, (value, text) in enumerate(shown):
        y, width = at[1] - 0.055 - _LINE * k, scale.width(value)
        ax.add_patch(Rectangle((at[0] + 0.004, y - width / 2), 0.07, width, color="#555555", linewidth=0.3))
        ax.text(at[0] + 0.085, y, text, fontsize=fontsize, va="center")


def _colours(ax: Axes, net: Network, at: tuple[float, float], fontsize: float, say: Say, shared: bool) -> None:
    """Arrows in the colours of groups, the grey one, and whether other panels have the same scale."""
    from matplotlib.patches import Polygon

    groups = [colour for group, colour in group_colours(group_order(net.groups)).items() if group != "Rest"]
    lines = [
        (tuple(groups[:3]) or (GREY,), say.upper("strongest tie:") + "\n" + say("largest supplier or buyer")),
        ((OTHER,), say.upper("other tie")),
    ]
    y = at[1] - 0.022
    for colours, text in lines:
        for k, colour in enumerate(colours):
            up = y + 0.013 * ((len(colours) - 1) / 2 - k)
            shape = np.array([(0, 0.003), (0.045, 0.003), (0.045, 0.007), (0.06, 0)])
            whole = np.vstack([shape, (shape * (1, -1))[::-1]]) + np.array([at[0], up])
            ax.add_patch(
                Polygon(
                    whole, closed=True, facecolor=HOLLOW if colour == OTHER else colour, edgecolor=colour, linewidth=0.4
                )
            )
        ax.text(at[0] + 0.07, y, text, fontsize=fontsize, va="center", linespacing=1.1)
        y -= 0.062
    if shared:
        ax.text(at[0], y + 0.012, say.upper("one scale for all panels"), fontsize=fontsize, va="center", style="italic")


def _round(top: float, times: float) -> list[float]:
    """The largest round amount that is not above the top, and a smaller one."""
    size = 10.0 ** np.floor(np.log10(top))
    first = next(step * size for step in (5.0, 2.0, 1.0) if step * size <= top * (1 + 1e-9))
    return [first, first / times]
