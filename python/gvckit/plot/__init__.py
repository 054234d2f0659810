"""Figures of results: they draw a frame and compute nothing. matplotlib is imported when a figure is drawn."""

from gvckit.plot.participation import participation

__all__ = ["participation"]
