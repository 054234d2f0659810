"""Where nodes of a network map stand: regional groups apart, the largest node of a group in its middle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.table.groups import REGION_GROUPS

if TYPE_CHECKING:
    from gvckit.plot.drawn import Network

#: Centres of the groups on the unit square: as on a map with the Atlantic in the middle, Europe raised so that what
#: crosses the Pacific passes below it, the rest at the bottom.
CENTRES = {"North America": (0.14, 0.46), "Europe": (0.48, 0.76), "Asia": (0.84, 0.46), "Rest": (0.48, 0.14)}
#: Radius of the largest and of the smallest node.
LARGEST, SMALLEST = 0.085, 0.024
_GAP = 0.006


def radii(exports: pd.Series) -> pd.Series:
    """Radius of each node: its area grows with exports, down to a size that can still be labelled."""
    size = np.sqrt(exports.clip(lower=0.0))
    top = float(size.max())
    scaled = size / top * LARGEST if top > 0 else size
    clipped: pd.Series = scaled.clip(lower=SMALLEST)
    return clipped


def layout(networks: Sequence[Network]) -> pd.DataFrame:
    """Positions that suit all networks of a figure, so that a region stands in the same place in each.

    Returns
    -------
    DataFrame
        `x` and `y` per region, on the unit square. The same input gives the same places.
    """
    first = networks[0]
    space = pd.concat([radii(net.nodes["exports"]) for net in networks], axis=1).max(axis=1)
    importance = pd.concat([net.nodes["exports"] for net in networks], axis=1).max(axis=1)
    groups = first.groups
    places: dict[str, tuple[float, float, float]] = {}
    for group in REGION_GROUPS:
        members = importance[groups == group].sort_values(ascending=False, kind="stable").index
        for region in members:
            x, y = _free(CENTRES[group], float(space[region]), list(places.values()))
            places[str(region)] = (x, y, float(space[region]))
    return pd.DataFrame({r: places[r][:2] for r in map(str, first.flows.index)}, index=["x", "y"]).T


def _free(
    centre: tuple[float, float], radius: float, taken: Sequence[tuple[float, float, float]]
) -> tuple[float, float]:
    """The first place on a spiral from the centre where the node touches no other."""
    step = 0.0
    while True:
        distance, angle = 0.0022 * step**0.75, 2.399963 * step
        x, y = centre[0] + 1.15 * distance * math.cos(angle), centre[1] + distance * math.sin(angle)
        if all(math.hypot(x - a, y - b) > radius + r + _GAP for a, b, r in taken):
            return x, y
        step += 1.0
