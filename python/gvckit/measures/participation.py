"""Participation in global value chains, forward and backward (Wang, Wei, Yu and Zhu 2017)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.options import Direction, Level, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.factor import traced
from gvckit.table.joined import Joined, joined
from gvckit.table.labels import named
from gvckit.table.shares import share

#: The four terms, from the core.
TERMS: list[str] = _core.participation_terms()
_SIMPLE, _COMPLEX = TERMS.index("simple"), TERMS.index("complex")


def participation(
    t: Table,
    direction: Direction = "forward",
    level: Level = "sector",
    shares: bool = False,
    detail: bool = False,
    factor: str | pd.Series | None = None,
    groups: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Decompose value added (forward) or final goods (backward) by how it crosses borders.

    ``V^ B Y^ = V^ L Y^D + V^ L Y^F + V^ L A^F L Y^D + V^ L A^F (B Y^ - L Y^D)``, summed over rows (forward: where does
    the value added of a sector go) or columns (backward: what are the final goods of a sector made of).

    Parameters
    ----------
    t : Mrio
    direction : {"forward", "backward"}
    level : {"sector", "region", "world"}
        Regions and the world are sums over sectors, and shares are ratios of the sums.
    shares : bool, default False
        Fractions of `total` instead of levels; NaN where the total is 0.
    detail : bool, default False
        Split `complex` into `returned` and `third`. Forward, `returned` is value added of the sector that its own
        country absorbs after it crossed borders: v_s [(B Y)_ss - L_ss Y_ss]. Backward, it is value added of the
        final goods producer's own country that left as an intermediate and came back: v_r (B_rr - L_rr) y_r.
        These are two different quantities. `third` is the rest of complex: absorbed elsewhere, or from elsewhere.
    factor : str or Series, optional
        An item of ``t.extensions`` (CO2, employment, a component of value added), or amounts by (region, sector), in
        place of value added.
        Backward, `total` is then the factor that final goods embody.
    groups : mapping of region to group, optional
        Several regions as one economy: trade inside a group is domestic. By default, the processing zones of ICIO's
        extended tables join theirs (CN1, CN2 and CHN, MX1, MX2 and MEX).

    Returns
    -------
    DataFrame
        In the table's unit (or shares). Columns `domestic` (never crosses a border), `traditional` (crosses once,
        in a final good), `simple` (crosses once for production), `complex` (crosses at least twice), `gvc`
        (simple + complex), `total`. Forward total is value added; backward total is final goods output, home and
        abroad. Index (region, sector), region, or ``world``.

    Raises
    ------
    OptionError
        A direction or level that is not known.
    NotProductiveError
        A country's domestic coefficients are not productive.

    Notes
    -----
    Wang, Wei, Yu and Zhu (2017), NBER working paper 23222, equations 5 to 9. No n x n inverse and no copy of Z: one
    pass over Z and G local systems of N equations. ``detail=True`` solves with G
    right-hand sides (`Mrio.solver`). With ``va=`` given to the table, `total` stays value added or final goods, and the
    terms add up to v x or v'B y: the gap is that of the table (see `Mrio.audit`).
    """
    expect_table(t)
    check("direction", direction, Direction)
    check("level", level, Level)
    e, row, forward = joined(t, groups), traced(t, factor), direction == "forward"
    weights = e.ordered(row.per_unit)
    with t.labels.naming():
        terms, total = forward_terms(e, weights) if forward else backward_terms(e, weights, e.embodied(row.per_unit))
        columns, names = [*terms.T], [*TERMS]
        if detail:
            returned = _core.participation_returned(e.arrays, e.solver(len(e.names)), forward, weights)
            columns += [returned, columns[_COMPLEX] - returned]
            names += ["returned", "third"]
    columns += [columns[_SIMPLE] + columns[_COMPLEX], total]
    values, index = e.at_level(np.column_stack(columns), level)
    told = {"measure": "participation", "direction": direction, "level": level, "shares": shares, **row.words}
    if shares:
        values = share(values, values[:, -1])
        told["share_of"] = row.name or ("value added" if forward else "final goods output")
    return t.frame(values, index, named((*names, "gvc", "total"), "term"), **told)


def forward_terms(e: Joined, weights: Matrix) -> tuple[Matrix, Matrix]:
    """Terms by row, and what they add up to: ``v o (B y)``."""
    return _core.participation_forward(e.arrays, weights, e.made), weights * (e.x if e.made is None else e.made)


def backward_terms(e: Joined, weights: Matrix, embodied: Matrix | None) -> tuple[Matrix, Matrix]:
    """Terms by column, and what they add up to: final goods, or what these embody where that is not all of them."""
    goods = e.y.sum(axis=1)
    if embodied is None:
        return _core.participation_backward(e.arrays), goods
    return _core.participation_backward(e.arrays, embodied, weights), goods * embodied
