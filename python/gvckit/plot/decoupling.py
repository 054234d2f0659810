"""Figure of what regions lose as two of them stop trading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.options import Language
from gvckit.plot.style import (
    axes_of,
    expect_levels,
    find_regions,
    finish,
    from_zero,
    legend_below,
    looks,
    region_line,
    tidy,
)
from gvckit.plot.words import Say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def decoupling(
    frame: pd.DataFrame,
    regions: Sequence[str] | None = None,
    column: str = "share",
    ax: Axes | None = None,
    title: str | None = None,
    *,
    language: Language = "en",
) -> Axes:
    """Draw who loses how much as two regions stop trading.

    Parameters
    ----------
    frame : DataFrame
        As of `gvckit.decouple`.
    regions : sequence of str, optional
        Which to draw, by label or name; by default the pair and the three others that lose most of this column at the
        end. A region has one colour and marker in all panels of a figure.
    column : {"share", "loss", "per_dollar"}
        Loss over the region's value added (per cent), in the table's unit, or per unit of sales cut.
    ax : matplotlib Axes, optional
    title : str, optional
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    say = Say(language)
    unit = say(str(frame.attrs.get("unit") or "unit of the table"))
    labels = {
        "share": say.upper("value added lost (% of the region's)"),
        "loss": say.upper("value added lost ({})", unit),
        "per_dollar": say.upper("value added lost per unit of trade cut"),
    }
    if column not in labels:
        raise OptionError.of("column", column, labels)
    expect_levels(frame, ["cut", "region"])
    ax = axes_of(ax, (6.5, 4.4))
    wide = frame[column].unstack("region").sort_index()  # noqa: PD010
    if regions is None:
        pair = list(frame.attrs.get("pair", ()))
        last = wide.iloc[-1].drop(pair).sort_values(ascending=False)
        regions = [*pair, *last.index[:3]]
    scale = 100 if column == "share" else 1
    names = find_regions(frame, regions)
    look = looks(ax, names)
    for name in names:
        region_line(ax, name, look[name], np.asarray(wide.index, dtype=float) * 100, wide[name].to_numpy() * scale)
    ax.set_xlabel(say.upper("share of the trade that is cut (%)"))
    ax.set_ylabel(labels[column])
    from_zero(ax)
    tidy(ax)
    legend_below(ax, None, 5)
    return finish(ax, title, frame.attrs)
