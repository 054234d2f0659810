"""Figures of results: they draw a frame and compute nothing. matplotlib is imported when a figure is drawn."""

from gvckit.plot.network import network, network_matrix, networks
from gvckit.plot.participation import participation

__all__ = ["network", "network_matrix", "networks", "participation"]
