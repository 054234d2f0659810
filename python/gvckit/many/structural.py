"""Structural decomposition: how much of a change in a measure is final demand, technology, sourcing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError
from gvckit.many.draws import alike, as_frame, label_tuples
from gvckit.models.scenario import solved
from gvckit.options import Form, check
from gvckit.table.data import Matrix, Table, expect_table

#: What a table is made of, in the order of the first polar form.
DETERMINANTS = ("demand", "technology", "sourcing")


def decompose_change(
    measure: Callable[..., pd.DataFrame], earlier: Table, later: Table, form: Form = "average", **options: Any
) -> pd.DataFrame:
    """Share out the change in a measure between two tables to what has changed.

    Parameters
    ----------
    measure : callable
        ``measure(table, **options)`` that returns a frame of numbers.
    earlier, later : Table
        With the same labels, and at the same prices if volumes are meant.
    form : {"average", "polar", "forward", "backward"}
        Mean over all 6 orders in which the three can change; mean of the two polar orders; or one of these: demand,
        technology, sourcing, or the reverse. Forms differ by the interactions that they give to each.
    **options
        Passed on to the measure.

    Returns
    -------
    DataFrame
        Rows as the measure's; columns (determinant, column of the measure), with the determinants ``demand`` (how much
        of each product each region's final demand buys), ``technology`` (how much of each product each industry uses a
        unit of output, and so value added), ``sourcing`` (from which region each buys it, inputs and final goods), and
        ``total``, the change. The first three add up to it.

    Raises
    ------
    LabelError
        Tables with other labels.
    OptionError
        A form that is not known.

    Notes
    -----
    Dietzenbacher and Los (1998), Economic Systems Research 10(4): 307-323. ``A = S o T``: T sums inputs over sources, S
    holds the sources' shares, and likewise for final demand. A product that a column buys in one of the years alone has
    its shares of that year in both. The measure is computed for all 8 mixes of the two tables. A mix takes inputs and
    value added per unit of output from one of the tables: a sector without output there has none of either (A = 0 and
    v = 0, as in their v'L y), whether value added was given or is what inputs leave. What it makes of the other year's
    demand is then in no value added, and ``demand`` alone doesn't add up to final demand; ``total`` does.
    """
    check("form", form, Form)
    for t in (earlier, later):
        expect_table(t)
    if earlier.labels != later.labels:
        raise LabelError("the two tables have other regions, sectors or categories: aggregate them to the same")
    parts = [_parts(earlier, later), _parts(later, earlier)]
    found: dict[tuple[int, ...], Matrix] = {}
    frame = as_frame(measure(_mixed((earlier, later), parts, (0, 0, 0)), **options))
    for mix in product((0, 1), repeat=len(DETERMINANTS)):
        other = as_frame(measure(_mixed((earlier, later), parts, mix), **options)) if any(mix) else frame
        found[mix] = alike(frame, other)
    effects = _effects(found, form) | {"total": found[1, 1, 1] - found[0, 0, 0]}
    columns = [(name, *label) for name in effects for label in label_tuples(frame.columns)]
    out = pd.DataFrame(
        np.hstack(list(effects.values())),
        index=frame.index,
        columns=pd.MultiIndex.from_tuples(columns, names=["determinant", *frame.columns.names]),
    )
    out.attrs.update({**frame.attrs, "form": form})
    out.attrs.pop("year", None)
    out.attrs["years"] = (earlier.year, later.year)
    return out


def _effects(found: dict[tuple[int, ...], Matrix], form: Form) -> dict[str, Matrix]:
    """Change that each determinant makes, averaged over the orders of the form."""
    places = tuple(range(len(DETERMINANTS)))
    orders = {
        "average": list(permutations(places)),
        "polar": [places, places[::-1]],
        "forward": [places],
        "backward": [places[::-1]],
    }[form]
    assert form != "average" or len(orders) == factorial(len(DETERMINANTS))
    effects = {name: np.zeros_like(found[0, 0, 0]) for name in DETERMINANTS}
    for order in orders:
        at = [0] * len(DETERMINANTS)
        for place in order:
            before = found[tuple(at)]
            at[place] = 1
            effects[DETERMINANTS[place]] += (found[tuple(at)] - before) / len(orders)
    return effects


def _parts(t: Table, other: Table) -> tuple[tuple[Matrix, Matrix], tuple[Matrix, Matrix]]:
    """(sums over sources, shares of sources) of A and of Y."""
    pairs = []
    for get in (_coefficients, lambda table: table.given.y):
        cells, instead = _by_source(t, get(t)), _by_source(other, get(other))
        sums = _sums(cells)
        pairs.append((sums, _shares(cells, sums, _shares(instead, _sums(instead), np.zeros_like(cells)))))
    return pairs[0], pairs[1]


def _sums(cells: Matrix) -> Matrix:
    """Sums over sources; of absolute cells where signs are mixed, so that shares stay between -1 and 1."""
    mixed = (cells > 0).any(axis=0) & (cells < 0).any(axis=0)
    found: Matrix = np.where(mixed, np.abs(cells).sum(axis=0), cells.sum(axis=0))
    return found


def _coefficients(t: Table) -> Matrix:
    return _core.input_coefficients(t.arrays.z, t.arrays.x)


def _by_source(t: Table, cells: Matrix) -> Matrix:
    """Sources x products x columns."""
    return cells.reshape(len(t.regions), len(t.sectors), -1)


def _shares(cells: Matrix, sums: Matrix, instead: Matrix) -> Matrix:
    shares: Matrix = np.divide(cells, sums, out=instead.copy(), where=sums != 0)
    return shares


def _mixed(tables: tuple[Table, Table], parts: list[Any], mix: tuple[int, ...]) -> Table:
    """Table with each determinant of the earlier (0) or later (1); value added and accounts per unit are technology.

    `solved` takes value added as what inputs leave: all of the output of a sector that has none in the table of the
    technology, and so no inputs. There v is 0, and so it is given.
    """
    demand, technology, sourcing = mix
    t = tables[technology]
    n = len(t.arrays.x)
    a = (parts[technology][0][0] * parts[sourcing][0][1]).reshape(n, -1)
    y = (parts[demand][1][0] * parts[sourcing][1][1]).reshape(n, -1)
    made = solved(t, np.ascontiguousarray(a), np.ascontiguousarray(y))
    begun = (t.arrays.x == 0) & (made.arrays.x != 0)
    return made.replaced(va=t.per_unit * made.arrays.x) if begun.any() and t.given.va is None else made
