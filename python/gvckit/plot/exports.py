"""Figure of export decompositions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.meaning.describe import describe
from gvckit.options import Language, Method
from gvckit.plot.style import axes_of, finish, legend_right, tidy
from gvckit.plot.words import Say
from gvckit.table.find import nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Domestic terms in blues, what is both in greens, foreign in oranges, double counting in greys; dark to light in each.
_SHADES = {
    "domestic": ("#08306B", "#2171B5", "#4A90C6", "#6BAED6", "#9ECAE1", "#BDD7EE", "#D6E6F4", "#EAF2FA"),
    "mixed": ("#1B7837", "#7FBF7B", "#C7E9C0"),
    "foreign": ("#A63603", "#E6550D", "#FD8D3C", "#FDBE85"),
    "double counted": ("#525252", "#8C8C8C", "#BDBDBD", "#DDDDDD"),
}
#: Hatches tell the kinds apart in grey.
_HATCHES = {"domestic": "", "mixed": "xx", "foreign": "//", "double counted": ".."}
#: Columns that add up to exports; all of them where a method isn't named.
_TERMS = {
    "tripartite": ("DAVAX", "GVC_PF", "GVC_TS", "GVC_PB"),
    **dict.fromkeys(("bm_source", "bm_sink", "my", "oecd"), ("DVA", "DDC", "FVA", "FDC")),
}
#: More bars than this lie, so that their names can be read.
_STANDING = 12


def exports(
    frame: pd.DataFrame,
    terms: Sequence[str] | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw a decomposition of exports as stacked bars, a bar a row, in per cent of gross exports.

    Parameters
    ----------
    frame : DataFrame
        As of `decompose_exports`, or several years of it (`panel`, or ``pandas.concat``), with the column `exports`.
        More than twelve rows are drawn as lying bars, from the top. Where ``frame.attrs["method"]`` is lost, the
        columns tell which terms are domestic, foreign and double counted.
    terms : sequence of str, optional
        Columns that add up to `exports`; by default all of kww and wwz, DAVAX, GVC_PF, GVC_TS, GVC_PB of tripartite,
        and DVA, DDC, FVA, FDC of the others.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        A frame of no method that is known, or without the column `exports`.

    Notes
    -----
    Terms below zero are stacked downward from it.
    """
    say = Say(language)
    nearest("column", list(map(str, frame.columns)), "exports")
    if frame.empty:
        raise LabelError("the frame has no row: there is nothing to draw")
    method = _method(frame)
    content = describe(method)["content"]
    whole = [name for name in content.index if name != "exports"]
    wanted: Sequence[str] = _TERMS.get(method, whole) if terms is None else terms
    shown = [nearest("column", list(map(str, frame.columns)), t) for t in wanted]
    # Kinds together: domestic at the bottom, double counting on top.
    kinds = {term: _kind(str(content.get(term, "mixed"))) for term in shown}
    lying = len(frame) > _STANDING
    ax = axes_of(ax, (6.8, 1.4 + 0.2 * len(frame)) if lying else (2.6 + 0.9 * max(len(frame), 3), 4.6))
    places, above, below = np.arange(len(frame)), np.zeros(len(frame)), np.zeros(len(frame))
    used = dict.fromkeys(_SHADES, 0)
    for term in sorted(shown, key=lambda name: list(_SHADES).index(kinds[name])):
        kind = kinds[term]
        height = np.nan_to_num((frame[term] / frame["exports"]).to_numpy(dtype=float) * 100)
        start = np.where(height >= 0, above, below)
        look: dict[str, Any] = {
            "color": _SHADES[kind][used[kind] % len(_SHADES[kind])], "label": f"{term} ({say(kind)})",
            "edgecolor": "white", "linewidth": 0.4, "hatch": _HATCHES[kind],
        }  # fmt: skip
        used[kind] += 1
        if lying:
            ax.barh(places, height, 0.75, left=start, **look)
        else:
            ax.bar(places, height, 0.65, bottom=start, **look)
        above, below = above + np.maximum(height, 0), below + np.minimum(height, 0)
    _label(ax, frame, lying, say)
    low, high = min(0.0, float(below.min())), max(100.0, float(above.max()))
    room = (1.02 if low < 0 else 1.0, 1.02 if high > 100 + 1e-6 else 1.0)
    (ax.set_xlim if lying else ax.set_ylim)(low * room[0], high * room[1])
    if low < 0:
        (ax.axvline if lying else ax.axhline)(0, color="black", linewidth=0.8)
    handles, _ = ax.get_legend_handles_labels()
    legend_right(ax, handles if lying else handles[::-1], fontsize=7)
    return finish(ax, title, frame.attrs)


def _label(ax: Axes, frame: pd.DataFrame, lying: bool, say: Say) -> None:
    """Names of the bars, and the other axis."""
    names = [" ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in frame.index]
    places, label = np.arange(len(frame)), say.upper("share of gross exports (%)")
    tidy(ax)
    if lying:
        ax.set_yticks(places, names, fontsize=8)
        ax.set_ylim(len(frame) - 0.4, -0.6)
        ax.set_xlabel(label)
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        return
    width = max(len(line) for name in names for line in name.splitlines())
    turned = width > 10
    ax.set_xticks(places, names, rotation=30 if turned else 0, ha="right" if turned else "center")
    ax.set_ylabel(label)


def _method(frame: pd.DataFrame) -> str:
    """Method that a frame is of, by its attrs or else by its columns."""
    known: dict[str, set[str]] = {name: set(describe(name).index) for name in get_args(Method)}
    told = frame.attrs.get("method")
    if told is not None:
        return nearest("method", list(known), told)
    columns = set(map(str, frame.columns))
    for name, wanted in known.items():
        if columns == wanted:
            return name
    for name, terms in _TERMS.items():
        if set(terms) <= columns:
            return name
    raise LabelError(
        f"the frame's attrs name no method, and its columns ({', '.join(sorted(columns))}) are those of none: "
        "frame.attrs['method'] = 'wwz' says which it is"
    )


def _kind(content: str) -> str:
    if "double" in content:
        return "double counted"
    return content if content in _SHADES else "mixed"
