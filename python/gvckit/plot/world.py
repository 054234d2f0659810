"""Map of countries coloured by a number."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Language
from gvckit.plot.style import axes_of, finish, measured
from gvckit.plot.words import Say
from gvckit.table.find import nearest
from gvckit.table.names import economy_of, members_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LAND, _BORDER = "#F0F0F0", "#8A8A8A"


def choropleth(
    frame: pd.DataFrame | pd.Series,
    column: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw a number by region as a map: darker is more; around zero, two colours, what is below it hatched.

    Parameters
    ----------
    frame : DataFrame or Series
        Indexed by region, as of any measure at ``level="region"``. A group that `region_mapping` knows (EU27) colours
        its members. Regions that the map doesn't have (small economies, the rest of the world) are named below it.
    column : str, optional
        Column of a frame; not needed where it has one alone.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    LabelError
        An index of several levels, a column that is not there, a country that two rows are of, or no country at all.

    Notes
    -----
    Outlines: Natural Earth, 1:110m, public domain; Equal Earth projection. Borders are those of the source.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PolyCollection

    say = Say(language)
    series = _series(frame, column)
    what = measured(series)
    shown, missing = _by_country(series * what.factor)
    ax = axes_of(ax, (7.6, 4.3))
    colours = ScalarMappable(*_scale(list(shown.values())))
    for code, rings in outlines().items():
        value = shown.get(code, np.nan)
        colour = _LAND if np.isnan(value) else colours.to_rgba(np.array([value]))
        ax.add_collection(
            PolyCollection(
                rings, facecolor=colour, edgecolor=_BORDER, linewidth=0.3,
                hatch="////" if value < 0 else None, gid=code,
            )
        )  # fmt: skip
    ax.set_xlim(-2720, 2720)
    ax.set_ylim(-1080, 1320)
    ax.set_aspect("equal")
    ax.set_axis_off()
    bar = ax.figure.colorbar(colours, ax=ax, orientation="horizontal", shrink=0.5, aspect=32, pad=0.02)
    bar.ax.xaxis.set_major_formatter(lambda number, _: f"{number:,.10g}")
    bar.ax.tick_params(labelsize=8)
    bar.set_label(_label(what.label(say, "value"), series, say), fontsize=8)
    _note(ax, missing, len(shown) < len(outlines()), say)
    return finish(ax, title, series.attrs)


def _series(frame: pd.DataFrame | pd.Series, column: str | None) -> pd.Series:
    """The numbers to draw, by region."""
    if frame.index.nlevels != 1:
        raise LabelError(
            f"the index is {list(frame.index.names)}, expected one level of regions: frame.xs(2011, level='year') picks"
        )
    if isinstance(frame, pd.Series):
        return frame
    known = list(map(str, frame.columns))
    if column is None and len(known) != 1:
        raise LabelError(f"column= is wanted, one of {', '.join(known)}")
    series: pd.Series = frame[known[0] if column is None else nearest("column", known, column)].copy()
    series.attrs.update(frame.attrs)
    return series


def _by_country(series: pd.Series) -> tuple[dict[str, float], list[str]]:
    """Numbers by the codes of the map, and the regions that it doesn't have."""
    shown: dict[str, float] = {}
    by: dict[str, str] = {}
    missing = []
    for region, value in zip(map(str, series.index), series.to_numpy(dtype=float), strict=True):
        economy = economy_of(region)
        codes = sorted(members_of(region) or [region]) if economy is None else [economy.code]
        there = [code for code in codes if code in outlines()]
        if not there and np.isfinite(value):
            missing.append(region)
        for code in there if np.isfinite(value) else ():
            if code in shown:
                raise LabelError(f"two rows are of {code}: {by[code]} and {region}")
            shown[code], by[code] = float(value), region
    if not shown:
        raise LabelError(f"no region is a country that the map knows: {', '.join(map(str, series.index[:5]))}")
    return shown, missing


def _scale(values: list[float]) -> tuple[Any, str]:
    """Norm and colours: darker for more; two colours from zero where there are numbers on either side."""
    from matplotlib.colors import Normalize

    low, high = min(values), max(values)
    if low < 0 < high:
        most = max(-low, high)
        return Normalize(-most, most), "PuOr"
    return Normalize(low, high if high > low else low + 1), "cividis_r" if high > 0 else "cividis"


def _label(unit: str, series: pd.Series, say: Say) -> str:
    """What the colours are of."""
    name = say({"gvc": "GVC"}.get(str(series.name), str(series.name))) if series.name else ""
    return f"{name}, {unit[:1].lower()}{unit[1:]}" if name else unit


def _note(ax: Axes, missing: list[str], empty: bool, say: Say) -> None:
    from matplotlib.patches import Patch

    if empty:
        grey = Patch(facecolor=_LAND, edgecolor=_BORDER, linewidth=0.5, label=say.upper("no data"))
        ax.legend(handles=[grey], loc="lower left", fontsize=7, frameon=False, borderaxespad=0.2)
    if missing:
        text = say.upper("not on the map: {}", ", ".join(missing))
        ax.text(1, 0, text, transform=ax.transAxes, fontsize=7, color="#555555", ha="right", va="bottom")


@cache
def outlines() -> dict[str, list[np.ndarray]]:
    """Rings of each country by its ISO code, in thousandths of the unit sphere (Equal Earth)."""
    text = resources.files(__package__).joinpath("outlines.json").read_text(encoding="utf-8")
    return {code: [np.reshape(ring, (-1, 2)) for ring in rings] for code, rings in json.loads(text).items()}
