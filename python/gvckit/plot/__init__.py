"""Figures of results: they draw a frame and compute nothing. matplotlib is imported when a figure is drawn."""

from gvckit.plot.decoupling import decoupling
from gvckit.plot.exports import exports
from gvckit.plot.index import asymmetry, fan, pillars
from gvckit.plot.network import network, network_matrix, networks
from gvckit.plot.participation import bands, participation
from gvckit.plot.position import position
from gvckit.plot.ranks import ranks
from gvckit.plot.sankey import sankey
from gvckit.plot.smile import smile
from gvckit.plot.timeline import timeline
from gvckit.plot.welfare import welfare, welfare_path
from gvckit.plot.world import choropleth

__all__ = [
    "asymmetry",
    "bands",
    "choropleth",
    "decoupling",
    "exports",
    "fan",
    "network",
    "network_matrix",
    "networks",
    "participation",
    "pillars",
    "position",
    "ranks",
    "sankey",
    "smile",
    "timeline",
    "welfare",
    "welfare_path",
]
