"""Colours and habits of all figures."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gvckit.write import provenance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours, which colour-blind readers can tell apart, in an order that also differs in grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
#: Colours of regional groups: dark to light in this order, so that they hold in grey.
GROUPS = {"Europe": "#1B3A6B", "North America": "#C0402B", "Asia": "#E8A317", "Rest": "#E3E3E3"}


def text_colour(background: str) -> str:
    """White on dark, black on light (luminance of the Rec. 709 primaries)."""
    red, green, blue = (int(background[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else "black"


def amount(value: float, unit: str | None) -> str:
    """Value with its unit, millions as billions or trillions where that reads better."""
    if unit == "million USD":
        for size, name in ((1e6, "trillion USD"), (1e3, "billion USD")):
            if value >= size:
                return f"{value / size:.3g} {name}"
    return f"{value:.3g} {unit or ''}".strip()


def tidy(ax: Axes) -> None:
    """Light grid behind the data, no frame at the top and right."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)


def source_line(ax: Axes, attrs: Mapping[Any, Any]) -> None:
    """Say under the figure where the numbers come from."""
    if attrs.get("source"):
        figure = ax.get_figure(root=True)
        assert figure is not None
        # A figure's own label has its room in a constrained layout; a bare text would lie on others. Seven points are
        # about 18 letters to the inch.
        # Years and units stand on the axes and in the title.
        text = fill(f"Source: {provenance(attrs, 'source', 'version')}", int(18 * figure.get_figwidth()))
        figure.supxlabel(text, fontsize=7, color="#555555", x=0.01, ha="left")
