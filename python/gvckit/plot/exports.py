"""Figures of export decompositions and of positions in value chains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.meaning.describe import describe
from gvckit.plot.style import COLOURS, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Domestic terms in blues, foreign in oranges, double counting in greys; dark to light within each.
_SHADES = {
    "domestic": ("#08306B", "#2171B5", "#4A90C6", "#6BAED6", "#9ECAE1", "#BDD7EE", "#D6E6F4", "#EAF2FA"),
    "foreign": ("#A63603", "#E6550D", "#FD8D3C", "#FDBE85"),
    "double counted": ("#525252", "#8C8C8C", "#BDBDBD", "#DDDDDD"),
}
#: Hatches tell the three kinds apart in grey.
_HATCHES = {"domestic": "", "foreign": "//", "double counted": ".."}


def exports(
    frame: pd.DataFrame, terms: Sequence[str] | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw a decomposition of exports as stacked bars, a bar a row, in per cent of gross exports.

    Parameters
    ----------
    frame : DataFrame
        As of `decompose_exports`, with the column `exports`; a few rows. ``frame.attrs["method"]`` says which terms
        are domestic, foreign and double counted.
    terms : sequence of str, optional
        Columns that add up to `exports`; by default all of kww and wwz, DVA, DDC, FVA, FDC of the others.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt

    method = str(frame.attrs.get("method", "wwz"))
    meaning = describe(method)["content"]
    if terms is None:
        whole = [name for name in frame.columns if name != "exports"]
        terms = whole if method in ("kww", "wwz") else ["DVA", "DDC", "FVA", "FDC"]
    if ax is None:
        _, ax = plt.subplots(figsize=(1.8 + 1.1 * len(frame), 4.6), layout="constrained")
    bottom = np.zeros(len(frame))
    used = dict.fromkeys(_SHADES, 0)
    # Kinds together: domestic at the bottom, double counting on top.
    kinds = {term: _kind(str(meaning[term])) for term in terms}
    for term in sorted(terms, key=lambda name: list(_SHADES).index(kinds[name])):
        kind = kinds[term]
        height = (frame[term] / frame["exports"]).to_numpy() * 100
        shade = _SHADES[kind][used[kind] % len(_SHADES[kind])]
        used[kind] += 1
        ax.bar(
            np.arange(len(frame)), height, 0.65, bottom=bottom, color=shade, label=f"{term} ({kind})",
            edgecolor="white", linewidth=0.4, hatch=_HATCHES[kind],
        )  # fmt: skip
        bottom += height
    names = [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in frame.index]
    ax.set_xticks(np.arange(len(frame)), names, rotation=0 if max(map(len, names)) < 10 else 30, ha="center")
    ax.set_ylabel("Share of gross exports (%)")
    ax.set_ylim(0, 100)
    tidy(ax)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    if title:
        ax.set_title(title, fontsize=10, loc="left")
    return ax


def _kind(content: str) -> str:
    return "double counted" if "double" in content else content


def position(
    frame: pd.DataFrame,
    sectors: Sequence[str],
    regions: Sequence[str],
    column: str = "position",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the position of sectors over the years: a colour a sector, a line style a region.

    Parameters
    ----------
    frame : DataFrame
        Indexed (year, region, sector), as of ``panel(position, ...)``.
    sectors, regions : sequence of str
    column : str
        Which column to draw.
    ax : matplotlib Axes, optional
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if list(frame.index.names) != ["year", "region", "sector"]:
        raise LabelError(f"the frame's index is {list(frame.index.names)}, expected ['year', 'region', 'sector']")
    if ax is None:
        _, ax = plt.subplots(figsize=(6.8, 4.4), layout="constrained")
    for k, sector in enumerate(sectors):
        for style, marker, region in zip(("-", "--", ":", "-."), ("o", "s", "^", "D"), regions, strict=False):
            part = frame.xs(sector, level="sector").xs(region, level="region")[column]
            ax.plot(
                np.asarray(part.index), part.to_numpy(), style, color=COLOURS[k % len(COLOURS)], marker=marker,
                markersize=4, label=f"{region}, {sector}",
            )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("Year")
    ax.set_ylabel("Position: forward over backward GVC length")
    if title:
        ax.set_title(title, fontsize=10, loc="left")
    tidy(ax)
    ax.legend(fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    return ax
