"""One self-contained interactive page of networks, with plotly."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import MissingDependencyError, OptionError
from gvckit.plot.layout import layout, radii
from gvckit.plot.style import GROUPS, amount, text_colour
from gvckit.write import replacing

if TYPE_CHECKING:
    import pandas as pd

    from gvckit.plot.drawn import Network

_WIDTHS = (0.5, 1.5, 3.5, 7.0)
_PIXELS = 620.0

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 1rem; color: #222; }}
label {{ margin-right: 1.5rem; }}
p {{ max-width: 60rem; color: #555; font-size: 0.9rem; }}
</style></head><body>
<h1 style="font-size: 1.3rem" id="heading">{title}</h1>
<div>
<label>Year <select id="year">{years}</select></label>
<label>Kind <select id="kind">{kinds}</select></label>
</div>
{figure}
<p>A node's area is its exports of value added, an edge's width the value added between the pair, both to the scale of
the network shown. Point at a node or at the middle of an edge for values. {source}</p>
<script>
const networks = {networks};
function show() {{
  const year = document.getElementById("year").value, kind = document.getElementById("kind").value;
  const at = networks.findIndex(n => n.year === year && n.kind === kind);
  if (at < 0) return;
  document.getElementById("heading").textContent = networks[at].title;
  const visible = networks.flatMap((n, k) => Array(n.traces).fill(k === at));
  Plotly.restyle("network", {{ visible: visible }});
}}
document.getElementById("year").onchange = show;
document.getElementById("kind").onchange = show;
</script></body></html>
"""


def networks_html(networks: Sequence[Network], path: str | os.PathLike[str]) -> Path:
    """Write networks to one page that opens anywhere, with a switch for year and kind.

    Parameters
    ----------
    networks : sequence of TradeNetwork
        Of the same regions; each has a year and a kind of its own.
    path : path

    Returns
    -------
    Path

    Raises
    ------
    MissingDependencyError
        plotly is not installed: ``pip install 'gvckit[html]'``.
    """
    try:
        import plotly.graph_objects as go
        import plotly.io
    except ImportError as error:
        raise MissingDependencyError.of("plotly", "an interactive page", "html") from error
    if not networks:
        raise OptionError("networks is empty: there is nothing to show")
    positions = layout(networks)
    figure = go.Figure(layout=_frame(positions))
    entries: list[dict[str, Any]] = []
    for k, net in enumerate(networks):
        traces = _traces(net, positions, go)
        for trace in traces:
            figure.add_trace(trace.update(visible=k == 0))
        year = str(net.attrs.get("year") or "")
        entries.append({"year": year, "kind": net.attrs["kind"], "title": net.title, "traces": len(traces)})
    page = _PAGE.format(
        title=escape(networks[0].title),
        years=_choices([entry["year"] for entry in entries]),
        kinds=_choices([entry["kind"] for entry in entries]),
        figure=plotly.io.to_html(figure, include_plotlyjs=True, full_html=False, div_id="network"),
        source=escape(f"Source: {networks[0].attrs['source']}" if networks[0].attrs.get("source") else ""),
        # "<" could end the script element that holds it.
        networks=json.dumps(entries).replace("<", "\\u003c"),
    )
    target = Path(path)
    with replacing(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target


def _choices(values: Sequence[str]) -> str:
    return "".join(f"<option>{escape(value)}</option>" for value in dict.fromkeys(values))


def _frame(positions: pd.DataFrame) -> dict[str, Any]:
    hidden = {"visible": False, "fixedrange": False}
    low, high = positions.min() - 0.1, positions.max() + 0.1
    return {
        "width": _PIXELS * 1.5,
        "height": _PIXELS,
        "plot_bgcolor": "white",
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": {**hidden, "range": [low["x"], high["x"]]},
        "yaxis": {**hidden, "range": [low["y"], high["y"]], "scaleanchor": "x"},
        "hoverlabel": {"bgcolor": "white"},
        "legend": {"orientation": "h"},
    }


def _traces(net: Network, positions: pd.DataFrame, go: Any) -> list[Any]:
    """Edges in four widths, their middles to point at, and the nodes of each group."""
    unit = net.attrs.get("unit")
    edges = net.edges
    ends = {
        end: positions.loc[edges[end]].to_numpy() if len(edges) else np.empty((0, 2)) for end in ("source", "target")
    }
    middle = (ends["source"] + ends["target"]) / 2
    offset = ends["target"] - ends["source"]
    # Bent to the left, so that the two directions of a pair don't hide each other.
    middle = middle + 0.08 * np.column_stack([-offset[:, 1], offset[:, 0]])
    top = float(edges["value"].max()) if len(edges) else 1.0
    level = np.searchsorted([0.02, 0.1, 0.4], edges["value"].to_numpy() / top)
    traces = []
    for k, width in enumerate(_WIDTHS):
        chosen = np.flatnonzero(level == k)
        points = np.full((len(chosen) * 4, 2), np.nan)
        points[0::4], points[1::4] = ends["source"][chosen], middle[chosen]
        points[2::4] = ends["target"][chosen]
        traces.append(
            go.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                mode="lines",
                hoverinfo="skip",
                showlegend=False,
                line={"width": width, "color": "rgba(110,110,110,0.45)", "shape": "spline", "smoothing": 1.0},
            )
        )
    texts = [
        f"{e.source} to {e.target}<br>{amount(e.value, unit)}<br>{e.source_share:.1%} of the source's exports"
        f"<br>{e.target_share:.1%} of the target's imports"
        for e in net.edge_rows()
    ]
    traces.append(
        go.Scatter(
            x=middle[:, 0],
            y=middle[:, 1],
            mode="markers",
            hovertext=texts,
            hoverinfo="text",
            showlegend=False,
            marker={"size": 7, "color": "rgba(110,110,110,0.25)"},
        )
    )
    radius = radii(net.nodes["exports"])
    for group, members in net.nodes.groupby("group", sort=False):
        texts = [
            f"<b>{name}</b> ({group})<br>exports of value added: {amount(float(row['exports']), unit)}"
            f"<br>imports of value added: {amount(float(row['imports']), unit)}"
            for name, row in members.iterrows()
        ]
        traces.append(
            go.Scatter(
                x=positions.loc[members.index, "x"],
                y=positions.loc[members.index, "y"],
                mode="markers+text",
                text=list(members.index),
                hovertext=texts,
                hoverinfo="text",
                name=str(group),
                textfont={"size": 10, "color": text_colour(GROUPS[str(group)])},
                marker={
                    "size": radius[members.index] * 2 * _PIXELS,
                    "color": GROUPS[str(group)],
                    "opacity": 1,
                    "line": {"width": 1, "color": "#333333"},
                },
            )
        )
    return traces
