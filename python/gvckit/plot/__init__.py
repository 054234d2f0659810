"""Figures of results: they draw a frame and compute nothing. matplotlib is imported when a figure is drawn."""

from gvckit.plot.decoupling import decoupling
from gvckit.plot.exports import exports
from gvckit.plot.index import asymmetry, fan, pillars
from gvckit.plot.network import network, network_matrix, networks
from gvckit.plot.participation import bands, participation
from gvckit.plot.position import position
from gvckit.plot.timeline import timeline

__all__ = [
    "asymmetry",
    "bands",
    "decoupling",
    "exports",
    "fan",
    "network",
    "network_matrix",
    "networks",
    "participation",
    "pillars",
    "position",
    "timeline",
]
