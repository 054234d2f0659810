"""One self-contained interactive page of networks, with plotly: the map of the print, years, kinds and a search."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import MissingDependencyError, OptionError
from gvckit.options import Language
from gvckit.plot.layout import CENTRE, RING, arrows, group_order, layout, scale_of
from gvckit.plot.style import HOLLOW, OTHER, amount, arrow_colour, group_colours, source_of
from gvckit.plot.words import HELP, Say, title_of
from gvckit.table.names import economy_of
from gvckit.write import replacing

if TYPE_CHECKING:
    import pandas as pd

    from gvckit.plot.drawn import Network
    from gvckit.plot.layout import Scale

#: Side of the square that holds the map, in pixels, and what of the map's units lies outside the ring on each side.
_PIXELS, _MARGIN = 820.0, 0.16
#: Pixels of a unit of the map.
_UNIT = _PIXELS / (2 * (RING + _MARGIN))


def networks_html(networks: Sequence[Network], path: str | os.PathLike[str], *, language: Language = "en") -> Path:
    """Write networks to one page that opens anywhere: the map of the print, with years, kinds and a search.

    Circles and arrows are on one scale for all networks of the page. A region that is searched for, by label or name,
    is shown with its own arrows alone.

    Parameters
    ----------
    networks : sequence of TradeNetwork
        Of the same regions; each has a year and a kind of its own.
    path : path
    language : {"en", "zh"}

    Returns
    -------
    Path

    Raises
    ------
    MissingDependencyError
        plotly is not installed: ``pip install 'gvckit[html]'``.
    OptionError
        No network, or two of one year and kind.
    LabelError
        Networks of different regions.
    """
    try:
        import plotly.io
    except ImportError as error:
        raise MissingDependencyError.of("plotly", "an interactive page", "html") from error
    if not networks:
        raise OptionError("networks is empty: there is nothing to show")
    say = Say(language)
    nets = sorted(networks, key=lambda net: str(net.attrs.get("year") or ""))
    scale = scale_of(nets)
    place = layout(nets, scale)
    entries = [_network(net, place, scale, say) for net in nets]
    _told_apart(entries)
    colours = group_colours(group_order(nets[0].groups))
    data = {
        "regions": _regions(nets[0], place),
        "groups": [{"name": name, "label": say(name), "colour": colour} for name, colour in colours.items()],
        "kinds": {entry["kind"]: say({"gvc": "GVC"}.get(entry["kind"], entry["kind"])) for entry in entries},
        "networks": entries,
        "layout": _frame(),
    }
    parts = {
        "lang": "zh-Hans" if language == "zh" else "en",
        "title": escape(entries[0]["title"]),
        "source": escape(source_of(nets[0].attrs, say)),
        **{f"word_{key}": escape(say(text)) for key, text in _WORDS.items()},
        "figure": plotly.io.to_html({"data": []}, include_plotlyjs=True, full_html=False, div_id="network"),
        # "<" could end the script element that holds it.
        "data": json.dumps(data).replace("<", "\\u003c"),
    }
    page = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"@@{name}@@", text)
    target = Path(path)
    with replacing(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target


_WORDS = {
    "year": "Year",
    "kind": "Kind",
    "find": "Find a region",
    "none": "no network",
    "help": HELP,
}


def _told_apart(entries: Sequence[dict[str, Any]]) -> None:
    seen = set()
    for entry in entries:
        if (entry["year"], entry["kind"]) in seen:
            raise OptionError(f"two networks are of {entry['year'] or 'no year'}, {entry['kind']}: the page shows one")
        seen.add((entry["year"], entry["kind"]))


def _frame() -> dict[str, Any]:
    axis = {"visible": False, "range": [CENTRE - RING - _MARGIN, CENTRE + RING + _MARGIN]}
    return {
        "width": _PIXELS + 150,
        "height": _PIXELS,
        "plot_bgcolor": "white",
        "margin": {"l": 0, "r": 150, "t": 0, "b": 0},
        "xaxis": axis,
        "yaxis": axis,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "white"},
        "legend": {"x": 1.0, "y": 0.98, "itemsizing": "constant"},
    }


def _regions(net: Network, place: pd.DataFrame) -> list[dict[str, Any]]:
    """Regions with where they stand, how their labels lie, and the names that find them."""
    found = []
    for region, (x, y) in zip(map(str, place.index), place.to_numpy(), strict=True):
        out = np.array([x - CENTRE, y - CENTRE]) / RING
        turn = float(np.degrees(np.arctan2(out[1], out[0])))
        economy = economy_of(region)
        names = () if economy is None else (economy.name, economy.code, economy.iso2, economy.zh, *economy.aliases)
        found.append(
            {
                "names": list(dict.fromkeys(name for name in (region, *names) if name)),
                "group": str(net.groups[region]),
                "x": round(float(x), 4),
                "y": round(float(y), 4),
                "out": [round(float(part), 4) for part in out],
                # Clockwise, never upside down.
                "turn": round(-(turn + 180 if abs(turn) > 90 else turn), 1),
                # Half of the label and a gap, in pixels.
                "long": 5 + 3.8 * len(region),
            }
        )
    return found


def _network(net: Network, place: pd.DataFrame, scale: Scale, say: Say) -> dict[str, Any]:
    """A network as the page draws it."""
    unit, at = net.attrs.get("unit"), {name: k for k, name in enumerate(place.index)}
    colours = group_colours(group_order(net.groups))
    nodes = net.nodes.loc[place.index]
    edges = []
    for arrow in arrows(net, place, scale):
        edge, outline = arrow.edge, np.round(arrow.outline, 4)
        edges.append(
            {
                "source": at[edge.source],
                "target": at[edge.target],
                "path": "M" + "L".join(f"{x:g},{y:g}" for x, y in outline) + "Z",
                "colour": arrow_colour(colours[str(net.groups[edge.source])]) if arrow.strong else HOLLOW,
                "line": "white" if arrow.rimmed else "" if arrow.strong else OTHER,
                "x": round(float(arrow.middle[0]), 4),
                "y": round(float(arrow.middle[1]), 4),
                "text": f"{escape(edge.source)} → {escape(edge.target)}<br>{amount(edge.value, unit, say)}<br>"
                + say("{} of the source's exports", f"{edge.source_share:.1%}")
                + "<br>"
                + say("{} of the target's imports", f"{edge.target_share:.1%}"),
            }
        )
    return {
        "year": str(net.attrs.get("year") or ""),
        "kind": net.attrs["kind"],
        "title": title_of(net, say),
        "sizes": [round(2 * size * _UNIT, 2) for size in scale.radius(nodes["exports"]).fillna(0.0)],
        "texts": [
            f"<b>{escape(str(name))}</b> ({escape(say(str(row['group'])))})"
            f"<br>{say.upper('exports of value added')}: {amount(float(row['exports']), unit, say)}"
            f"<br>{say.upper('imports of value added')}: {amount(float(row['imports']), unit, say)}"
            for name, row in nodes.iterrows()
        ],
        "edges": edges,
    }
