"""Figures of results: they draw a frame and compute nothing. matplotlib is imported when a figure is drawn."""

from gvckit.plot.exports import exports, position
from gvckit.plot.network import network, network_matrix, networks
from gvckit.plot.participation import participation

__all__ = ["exports", "network", "network_matrix", "networks", "participation", "position"]
