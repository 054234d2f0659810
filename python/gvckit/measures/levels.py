"""Rows summed to the level that is asked for."""

from __future__ import annotations

import pandas as pd

from gvckit.options import Level
from gvckit.table.data import Matrix, Table


def at_level(t: Table, values: Matrix, level: Level) -> tuple[Matrix, pd.Index]:
    """Sum rows (n, k) to sectors (as they are), regions (G, k) or the world (1, k), with the index they then have."""
    if level == "sector":
        return values, t.labels.rows
    if level == "region":
        return t.labels.by_region(values), t.labels.region
    return values.sum(axis=0, keepdims=True), t.labels.world
