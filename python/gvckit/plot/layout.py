"""Where nodes of a network map stand, and how its arrows run: on a ring, so that none runs behind another node.

Groups of regions are arcs of the ring, about where they lie on a map with the Atlantic in the middle; the largest node
of a group is in the middle of its arc. Arrows bend into the ring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.table.groups import group_of_region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gvckit.plot.drawn import Edge, Network

#: Centre and radius of the ring on the unit square.
CENTRE, RING = 0.5, 0.4
#: Radius of the largest node; room along the ring between nodes, of the smallest with its label, and between groups.
_LARGEST, _GAP, _LEAST, _BETWEEN = 0.1, 0.008, 0.046, 0.05
#: Width of the widest arrow and of the thinnest, how far an arrow stays from nodes that it passes,
#: and the width from which a white rim sets it off from what it crosses.
WIDEST, THINNEST, _CLEAR, _RIM = 0.024, 0.0012, 0.006, 0.004
#: Where groups lie, as angles of the ring.
_ANGLES = {"North America": math.pi, "Europe": math.pi / 2, "Asia": 0.0, "Rest": -math.pi / 2}
#: Points of an arrow's curve.
_POINTS = 18


class Scale(NamedTuple):
    """What the largest node and the widest arrow stand for.

    Attributes
    ----------
    exports, edge : float
        Value of the largest node, and of the widest arrow.
    largest : float
        Radius of the largest node.
    """

    exports: float
    edge: float
    largest: float

    def radius(self, exports: pd.Series) -> pd.Series:
        """Radius of each node: its area is proportional to its exports."""
        found: pd.Series = np.sqrt(exports.clip(lower=0.0) / self.exports) * self.largest
        return found

    def width(self, value: float) -> float:
        """Width of an arrow, proportional to its value down to the thinnest that can be seen."""
        return max(WIDEST * value / self.edge, THINNEST)

    @property
    def thinnest(self) -> float:
        """Value below which arrows have the least width."""
        return self.edge * THINNEST / WIDEST


def scale_of(networks: Sequence[Network]) -> Scale:
    """One scale for networks of the same regions."""
    exports = max(float(net.nodes["exports"].max()) for net in networks)
    edge = max((float(net.edges["value"].max()) for net in networks if len(net.edges)), default=1.0)
    raw = Scale(exports if exports > 0 else 1.0, edge, _LARGEST)
    sizes, groups = _sizes(networks, raw), networks[0].groups.nunique()
    low, high = 0.0, 1.0
    if _length(sizes, groups) > 2 * math.pi * RING:
        # As large as the ring can hold.
        for _ in range(30):
            middle = (low + high) / 2
            fits = _length(sizes * middle, groups) <= 2 * math.pi * RING
            low, high = (middle, high) if fits else (low, middle)
        return raw._replace(largest=_LARGEST * low)
    return raw


def layout(networks: Sequence[Network], scale: Scale | None = None) -> pd.DataFrame:
    """Positions that suit all networks of a figure, so that a region stands in the same place in each.

    Returns
    -------
    DataFrame
        `x` and `y` per region, on the unit square. The same input gives the same places.

    Raises
    ------
    LabelError
        Networks of different regions.
    """
    first = networks[0]
    sizes = _sizes(networks, scale_of(networks) if scale is None else scale)
    order = [region for group in group_order(first.groups) for region in _largest_inside(sizes, first.groups, group)]
    room = _room(sizes[order])
    groups = first.groups[order]
    # Half of the room between groups on either side of a border, also where the ring closes.
    border = (groups.to_numpy() != np.roll(groups.to_numpy(), 1)) * _BETWEEN
    spread = 2 * math.pi / float(room.sum() + border.sum())
    ends = np.cumsum((room.to_numpy() + border) * spread)
    # Clockwise.
    angles = pd.Series(-(ends - room.to_numpy() * spread / 2), index=order)
    angles += _turn(angles, groups)
    place = pd.DataFrame({"x": CENTRE + RING * np.cos(angles), "y": CENTRE + RING * np.sin(angles)}, index=order)
    return place.loc[list(first.flows.index)]


def group_order(groups: pd.Series) -> list[str]:
    """Groups clockwise from the left, those of one part of the world beside each other."""
    clockwise = list(_ANGLES)
    names = list(map(str, groups.unique()))
    return sorted(names, key=lambda name: clockwise.index(_home(name, groups)))


def _home(group: str, groups: pd.Series) -> str:
    """Part of the world in which a group lies: that of most of its members."""
    if group in _ANGLES:
        return group
    homes = pd.Series([group_of_region(str(region)) for region in groups.index[groups == group]])
    return str(homes.value_counts(sort=True).index[0])


def _sizes(networks: Sequence[Network], scale: Scale) -> pd.Series:
    """Largest radius of each region over all networks."""
    regions = networks[0].flows.index
    for net in networks[1:]:
        different = regions.symmetric_difference(net.flows.index)
        if len(different):
            raise LabelError(
                f"networks that are compared must be of the same regions: {different[0]!r} is in one alone"
            )
    radii = pd.concat([scale.radius(net.nodes["exports"]) for net in networks], axis=1)
    found: pd.Series = radii.max(axis=1).fillna(0.0)
    return found


def _room(sizes: pd.Series) -> pd.Series:
    """Length of the ring that each node takes: its circle, or its label."""
    least = min(_LEAST, 0.8 * 2 * math.pi * RING / len(sizes))
    found: pd.Series = (2 * sizes + _GAP).clip(lower=least)
    return found


def _length(sizes: pd.Series, groups: int) -> float:
    return float(_room(sizes).sum()) + _BETWEEN * groups


def _largest_inside(sizes: pd.Series, groups: pd.Series, group: str) -> list[str]:
    """Members of a group, the largest in the middle, smaller ones to either side by turns."""
    falling = list(sizes[groups == group].sort_values(ascending=False, kind="stable").index)
    return [*falling[1::2][::-1], *falling[::2]]


def _turn(angles: pd.Series, groups: pd.Series) -> float:
    """How far to turn the ring so that groups come near to where they lie."""
    pull = 0j
    for group in groups.unique():
        own = angles[(groups == group).to_numpy()]
        pull += len(own) * np.exp(1j * (_ANGLES[_home(str(group), groups)] - float(own.mean())))
    return float(np.angle(pull))


class Arrow(NamedTuple):
    """An edge as it is drawn: the outline of its arrow, a point in the middle of it, and whether a rim sets it off."""

    edge: Edge
    outline: NDArray[np.float64]
    middle: NDArray[np.float64]
    rimmed: bool

    @property
    def strong(self) -> bool:
        """Whether it is a strongest tie: the target's largest supplier, or the source's largest buyer."""
        return self.edge.largest_supplier or self.edge.largest_buyer


def arrows(net: Network, place: pd.DataFrame, scale: Scale) -> list[Arrow]:
    """Arrows in the order in which to draw them: strongest ties over others, and thin ones over wide ones."""
    radius = scale.radius(net.nodes["exports"])
    spots, sizes = place.to_numpy(), radius[place.index].to_numpy()
    at = {name: k for k, name in enumerate(place.index)}
    found = []
    for edge in net.edge_rows():
        width = scale.width(edge.value)
        curve, outline = _route(spots, sizes, at[edge.source], at[edge.target], width)
        strong = edge.largest_supplier or edge.largest_buyer
        # A rim would hide the colour of a thin arrow.
        found.append(Arrow(edge, outline, curve[len(curve) // 2], strong and width > _RIM))
    return sorted(found, key=lambda arrow: (arrow.strong, -arrow.edge.value))


def _route(
    spots: NDArray[np.float64], sizes: NDArray[np.float64], source: int, target: int, width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Curve from the rim of one node to that of another, and its outline: the flattest that is clear of all nodes."""
    start, end = spots[source], spots[target]
    across = end - start
    aside = np.array([-across[1], across[0]])
    middle = (start + end) / 2
    inward = CENTRE - middle
    clear = sizes + _CLEAR
    clear[[source, target]] -= _CLEAR
    # How far the bend is drawn to the centre of the ring, less for near nodes; the two directions of a pair bend apart.
    pull = 0.35 * min(1.0, float(np.hypot(*across)) / RING)
    for _ in range(14):
        curve = _curve(start, middle + pull * inward + 0.06 * aside, end, sizes[source], sizes[target])
        outline = _outline(curve, width)
        away = np.hypot(*(outline[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
        long = float(np.hypot(*np.diff(curve, axis=0).T).sum()) > 2.2 * _head(width)
        if long and (away > clear).all():
            break
        pull = min(1.25 * pull + 0.02, 1.4)
    return curve, outline


def _head(width: float) -> float:
    """Length of an arrow's head."""
    return 0.009 + 1.1 * width


def _curve(
    start: NDArray[np.float64], bend: NDArray[np.float64], end: NDArray[np.float64], leave: float, arrive: float
) -> NDArray[np.float64]:
    """Points of a quadratic curve between the rims of two nodes."""
    first = start + (bend - start) / max(math.dist(bend, start), 1e-9) * (leave + 0.002)
    last = end + (bend - end) / max(math.dist(bend, end), 1e-9) * (arrive + 0.003)
    t = np.linspace(0, 1, _POINTS)[:, None]
    found: NDArray[np.float64] = (1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * last
    return found


def _outline(curve: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Outline of an arrow along a curve: a band of one width, and a head whose point is the curve's end."""
    steps = np.hypot(*np.diff(curve, axis=0).T)
    left = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
    head = min(_head(width), 0.45 * float(left[0]))
    body = curve[left > head]
    base = np.array([np.interp(head, left[::-1], curve[::-1, k]) for k in (0, 1)])
    body = np.vstack([body, base])
    ahead = np.gradient(body, axis=0)
    ahead[-1] = curve[-1] - base
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    normal /= np.maximum(np.hypot(*normal.T), 1e-12)[:, None]
    half, barb = width / 2 * normal, (width / 2 + 0.0035 + 0.25 * width) * normal[-1]
    return np.vstack([body + half, base + barb, curve[-1], base - barb, (body - half)[::-1]])
