"""Flows of value added from its origins, through final products, to who absorbs them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gvckit.errors import GvcWarning, LabelError, OptionError
from gvckit.options import Language
from gvckit.plot.style import COLOURS, PALE, amount, axes_of, finish
from gvckit.plot.words import Say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: Width of a node, least height of its label, room between nodes, in the axes' own units.
_WIDTH, _LEAST, _GAP = 0.022, 0.034, 0.008
#: Flows below this share of the whole are too thin to be seen.
_SEEN = 2e-4


class Stage(NamedTuple):
    """A column of nodes: what it is, names from the top, and where each flow of the cube has its node."""

    title: str
    names: list[str]
    of: NDArray[np.intp]


def sankey(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    most: int = 8,
    language: Language = "en",
) -> Axes:
    """Draw value added from where it is made, through the final products that it ends in, to who absorbs it.

    Parameters
    ----------
    frame : DataFrame
        As of `gvckit.trace`: rows are origins, columns final products (`product_region`, `product_sector`) by
        `absorber`, or one of the two.
    ax : matplotlib Axes, optional
    title : str, optional
    most : int, default 8
        How many nodes of a column have a name of their own; the rest are "others". Bands have the colour of their
        origin; of one origin alone, of the final product.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        Columns of other levels, or nothing to draw.

    Notes
    -----
    Flows below zero, which falling inventories cause, have no width: they are left out, with a warning that says how
    much they are. Flows below .02% of the whole count in the nodes and are not drawn.
    """
    say = Say(language)
    if not 1 <= most <= len(COLOURS):
        raise OptionError(f"most={most}: from 1 to {len(COLOURS)}, as many as can be told apart")
    values = _positive(frame)
    stages = _stages(frame, values, most, say)
    flows = values.ravel()
    ax = axes_of(ax, (8.0, 5.6))
    places = np.linspace(0, 1 - _WIDTH, len(stages))
    unit = str(frame.attrs.get("unit") or "") or None
    sizes = [np.bincount(stage.of, flows, minlength=len(stage.names)).astype(float) for stage in stages]
    scale = min(map(_fitting, sizes))
    tops = []
    for k, (stage, own, x) in enumerate(zip(stages, sizes, places, strict=True)):
        tops.append(_nodes(ax, stage, own, scale, x, k, unit, say))
    # One origin alone would give all bands one colour.
    hue = stages[0] if len(stages[0].names) > 1 else stages[1]
    colours = [PALE if name == say("others") else COLOURS[k] for k, name in enumerate(hue.names)]
    for k in range(len(stages) - 1):
        _bands(ax, (stages[k], stages[k + 1], hue), flows, scale, tops[k : k + 2], places[k : k + 2], colours)
    ax.set_xlim(-0.28, 1.28)
    ax.set_ylim(0, 1.07)
    ax.set_axis_off()
    return finish(ax, title, frame.attrs)


def _positive(frame: pd.DataFrame) -> NDArray[np.float64]:
    """The flows that have a width."""
    values: NDArray[np.float64] = frame.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise LabelError("the frame holds numbers that are not finite: there is no width to draw")
    below = float(values[values < 0].sum())
    values = np.maximum(values, 0.0)
    if values.sum() <= 0:
        raise LabelError("the frame has no flow above zero: there is nothing to draw")
    if below < -1e-6 * values.sum():
        told = amount(-below, str(frame.attrs.get("unit") or "") or None)
        warnings.warn(
            f"flows below zero, {told} in all ({-below / values.sum():.2%} of the others), are left out",
            GvcWarning, stacklevel=3,
        )  # fmt: skip
    return values


def _stages(frame: pd.DataFrame, values: NDArray[np.float64], most: int, say: Say) -> list[Stage]:
    """Columns of nodes that a frame has: origins, products, absorbers."""
    levels = [str(name) for name in frame.columns.names]
    product = [name for name in levels if name in ("product_region", "product_sector")]
    if set(levels) - {*product, "absorber"} or not levels:
        raise LabelError(f"the columns' levels are {levels}, expected product_region, product_sector and absorber")
    rows = np.repeat(np.arange(len(frame)), frame.shape[1])
    cells = np.tile(np.arange(frame.shape[1]), len(frame))
    found = [_stage(say.upper("origin"), _texts(frame.index), rows, values, most, say)]
    for title, names in (("final product", product), ("absorber", [n for n in levels if n == "absorber"])):
        if names:
            texts = [", ".join(map(str, key)) for key in frame.columns.to_frame()[names].itertuples(index=False)]
            found.append(_stage(say.upper(title), texts, cells, values, most, say))
    return found


def _texts(index: pd.Index) -> list[str]:
    return [", ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in index.to_list()]


def _stage(
    title: str, texts: Sequence[str], at: NDArray[np.intp], values: NDArray[np.float64], most: int, say: Say
) -> Stage:
    """Nodes of one column, largest first, the small ones as one."""
    names = list(dict.fromkeys(texts))
    number = {name: k for k, name in enumerate(names)}
    of = np.array([number[text] for text in texts])[at]
    sizes = np.bincount(of, values.ravel(), minlength=len(names))
    falling = [k for k in np.argsort(-sizes, kind="stable") if sizes[k] > 0]
    kept = falling if len(falling) <= most + 1 and len(falling) <= len(COLOURS) else falling[:most]
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    shown = [names[k] for k in kept]
    if len(falling) > len(kept):
        shown.append(say("others"))
    else:
        # What has no flow has no node; its flows of zero may count anywhere.
        place[place == len(kept)] = 0
    return Stage(title, shown, place[of])


def _fitting(sizes: NDArray[np.float64]) -> float:
    """Height of a unit of flow, so that all nodes of a column fit: each has its height or its label's."""
    low, high = 0.0, 1.0 / float(sizes.sum())
    for _ in range(60):
        middle = (low + high) / 2
        fits = np.maximum(sizes * middle, _LEAST).sum() + _GAP * (len(sizes) - 1) <= 1
        low, high = (middle, high) if fits else (low, middle)
    return low


def _nodes(
    ax: Axes, stage: Stage, sizes: NDArray[np.float64], scale: float, x: float, number: int, unit: str | None, say: Say
) -> NDArray[np.float64]:
    """Draw a column of nodes from the top; returns the top of each."""
    from matplotlib.patches import Rectangle

    slots = np.maximum(sizes * scale, _LEAST)
    spare = (1 - slots.sum()) / max(len(slots), 2)
    gap = min(spare, 0.03)
    tops = np.empty(len(slots))
    y = 1 - (1 - slots.sum() - gap * (len(slots) - 1)) / 2
    side = "right" if number == 0 else "left"
    for k, (name, slot) in enumerate(zip(stage.names, slots, strict=True)):
        height = sizes[k] * scale
        tops[k] = y - (slot - height) / 2
        ax.add_patch(Rectangle((x, tops[k] - height), _WIDTH, height, facecolor="#333333", linewidth=0, zorder=3))
        text = f"{name}  {amount(float(sizes[k]), unit, say)}"
        spot = x - 0.008 if number == 0 else x + _WIDTH + 0.008
        ax.text(spot, y - slot / 2, text, fontsize=7, ha=side, va="center", zorder=4, bbox=_BEHIND if x < 0.9 else None)
        y -= slot + gap
    ax.text(x + (_WIDTH if number == 0 else 0), 1.03, stage.title, fontsize=9, ha=side, va="bottom")
    return tops


#: Behind names that lie on bands.
_BEHIND = {"facecolor": "white", "alpha": 0.6, "edgecolor": "none", "pad": 0.6}


def _bands(
    ax: Axes,
    stages: tuple[Stage, Stage, Stage],
    flows: NDArray[np.float64],
    scale: float,
    tops: Sequence[NDArray[np.float64]],
    places: NDArray[np.float64],
    colours: Sequence[str],
) -> None:
    """Draw bands between two columns, one for each pair of nodes and colour, which is that of a third."""
    start, end, hue = (stage.of for stage in stages)
    pairs = pd.DataFrame({"start": start, "end": end, "hue": hue, "flow": flows})
    found = pairs.groupby(["start", "hue", "end"])["flow"].sum().reset_index()
    leave, arrive = tops[0].copy(), tops[1].copy()
    heights = found["flow"].to_numpy() * scale
    starts, ends = np.empty(len(found)), np.empty(len(found))
    # Out of a node in the order of where it goes, into one in the order of where it comes from: fewer crossings.
    for order, node, spots, level in (
        (["start", "end", "hue"], "start", starts, leave),
        (["end", "start", "hue"], "end", ends, arrive),
    ):
        for k in found.sort_values(order, kind="stable").index:
            spots[k] = level[int(found.loc[k, node])]
            level[int(found.loc[k, node])] -= heights[k]
    for k in np.argsort(-heights, kind="stable"):
        if heights[k] > _SEEN:
            colour = colours[int(found.loc[k, "hue"])]
            _band(ax, (places[0] + _WIDTH, starts[k]), (places[1], ends[k]), heights[k], colour)


def _band(ax: Axes, start: tuple[float, float], end: tuple[float, float], height: float, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x, y), (u, v) = start, end
    bend = (x + u) / 2
    points = [
        (x, y), (bend, y), (bend, v), (u, v), (u, v - height), (bend, v - height), (bend, y - height), (x, y - height),
        (x, y),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.6, edgecolor=colour, linewidth=0.2))
