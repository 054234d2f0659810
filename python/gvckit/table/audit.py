"""What is unusual in a table: found and reported, never mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.table.data import Matrix, Table
from gvckit.table.plausibility import doubts

#: Names of final demand categories that hold changes in inventories, which may be negative.
INVENTORIES = ("INVNT", "INVEN", "INV", "P5M", "P52", "INVENTORIES")

COLUMNS = ["check", "row", "column", "value"]


def audit(t: Table, rtol: float = 1e-6) -> pd.DataFrame:
    """Report what is unusual in a table: `gvckit.Mrio.audit`."""
    findings: list[pd.DataFrame] = []
    # In double precision: sums of single cells would look like gaps.
    z, y = t.given.z.astype(np.float64, copy=False), t.given.y
    labels = t.labels
    row, demand = labels.row_name, labels.demand_name

    def cells(check: str, matrix: Matrix, mask: np.ndarray, column: Callable[[int], str]) -> None:
        where = np.argwhere(mask)
        if len(where):
            findings.append(_findings(check, [row(i) for i, _ in where], [column(j) for _, j in where], matrix[mask]))

    def rows(check: str, values: Matrix, mask: np.ndarray) -> None:
        where = np.flatnonzero(mask)
        if len(where):
            findings.append(_findings(check, [row(int(i)) for i in where], [""] * len(where), values[where]))

    cells("non_finite", z, ~np.isfinite(z), row)
    cells("non_finite", y, ~np.isfinite(y), demand)
    for names in (labels.regions, labels.sectors, labels.categories):
        counts = pd.Series(names).value_counts(sort=False)
        twice = counts[counts > 1]
        if len(twice):
            findings.append(_findings("duplicate_label", list(twice.index), [""] * len(twice), twice.to_numpy()))

    z_clean, y_clean = np.nan_to_num(z, posinf=0.0, neginf=0.0), np.nan_to_num(y, posinf=0.0, neginf=0.0)
    # By the core, so that an output that is rounding is 0 here too.
    x, inputs, _ = _core.table_totals(z_clean, y_clean, len(labels.categories))
    va = x - inputs
    attrs = dict(t.attrs)
    if t.given.x is not None:
        gap = t.given.x - x
        relative = np.abs(gap) / np.maximum(np.maximum(np.abs(x), np.abs(t.given.x)), np.finfo(float).tiny)
        rows("balance_gap", gap, relative > rtol)
        attrs["largest_gap"] = float(relative.max())
    if t.given.va is not None:
        gap = t.given.va - va
        rows("value_added_gap", gap, np.abs(gap) > rtol * np.maximum(np.abs(x), np.finfo(float).tiny))
        va = t.given.va
    findings.extend(_findings(doubt.check, [""], [""], np.array([doubt.value])) for doubt in doubts(t))
    rows("negative_output", x, x < 0)
    sales = np.abs(z_clean).sum(axis=1) + np.abs(y_clean).sum(axis=1)
    rows("zero_output_with_inputs", inputs, (x == 0) & z_clean.any(axis=0))
    rows("zero_output_with_sales", sales, (x == 0) & (sales != 0))
    rows("negative_value_added", va, va < 0)
    cells("negative_intermediate", z, z < 0, row)
    stock = np.tile([is_inventory(name) for name in labels.categories], len(labels.regions))
    cells("negative_final_demand", y, (y < 0) & ~stock, demand)
    cells("negative_inventories", y, (y < 0) & stock, demand)

    empty = _findings("", [], [], np.empty(0))
    report = pd.concat(findings, ignore_index=True) if findings else empty
    report.attrs.update(attrs)
    return report


def is_inventory(category: str) -> bool:
    """Whether a final demand category holds changes in inventories."""
    name = category.upper()
    return name in INVENTORIES or "INVENTOR" in name


def _findings(check: str, rows: Sequence[str], columns: Sequence[str], values: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"check": check, "row": rows, "column": columns, "value": values.astype(np.float64)})
    frame = frame.astype({"check": object, "row": object, "column": object})
    return frame.sort_values("value", key=np.abs, ascending=False, kind="stable")
