"""Structural decomposition: how much of a change in a measure is final demand, technology, sourcing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from math import factorial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError
from gvckit.many.draws import alike, as_frame, label_tuples
from gvckit.models.scenario import solved
from gvckit.options import Form, check
from gvckit.table.data import Matrix, Table, expect_table, per_output

#: What a table is made of, in the order of the first polar form, and what each may be split into.
DETERMINANTS = {
    "demand": ("level", "mix"),
    "technology": ("technology", "intensity"),
    "sourcing": ("input_sourcing", "final_sourcing"),
}


def decompose_change(
    measure: Callable[..., pd.DataFrame],
    earlier: Table,
    later: Table,
    form: Form = "average",
    split: str | Iterable[str] = (),
    **options: Any,
) -> pd.DataFrame:
    """Share out the change in a measure between two tables to what has changed.

    Parameters
    ----------
    measure : callable
        ``measure(table, **options)`` that returns a frame of numbers.
    earlier, later : Table
        With the same labels, and at the same prices if volumes are meant.
    form : {"average", "polar", "forward", "backward"}
        Mean over all orders in which the determinants can change; mean of the two polar orders; or one of these:
        demand, technology, sourcing, or the reverse. Forms differ by the interactions that they give to each.
    split : {"demand", "technology", "sourcing"} or several, optional
        Demand in ``level`` (what each region's final demand comes to) and ``mix`` (which products and categories it
        buys); technology in ``technology`` and ``intensity`` (accounts per unit of output: emissions, employment);
        sourcing in ``input_sourcing`` and ``final_sourcing``.
    **options
        Passed on to the measure.

    Returns
    -------
    DataFrame
        Rows as the measure's; columns (determinant, column of the measure), with the determinants ``demand`` (how much
        of each product each region's final demand buys), ``technology`` (how much of each product each industry uses a
        unit of output, and so value added), ``sourcing`` (from which region each buys it, inputs and final goods), and
        ``total``, the change. The others add up to it.

    Raises
    ------
    LabelError
        Tables with other labels.
    OptionError
        A form or split that is not known.

    Notes
    -----
    Dietzenbacher and Los (1998), Economic Systems Research 10(4): 307-323. ``A = S o T``: T sums inputs over sources, S
    holds the sources' shares, and likewise for final demand. A product that a column buys in one of the years alone has
    its shares of that year in both. The measure is computed for all mixes of the two tables, 8 of them, and twice as
    many with each split. A mix takes inputs and value added per unit of output from one of the tables: a sector without
    output there has none of either (A = 0 and v = 0, as in their v'L y), whether value added was given or is what
    inputs leave. What it makes of the other year's demand is then in no value added, and ``demand`` alone doesn't add
    up to final demand; ``total`` does.
    """
    check("form", form, Form)
    for t in (earlier, later):
        expect_table(t)
    if earlier.labels != later.labels:
        raise LabelError("the two tables have other regions, sectors or categories: aggregate them to the same")
    names = _determinants(split)
    parts = [_parts(earlier, later), _parts(later, earlier)]
    frame: pd.DataFrame | None = None
    found: dict[tuple[int, ...], Matrix] = {}
    for mix in product((0, 1), repeat=len(names)):
        other = as_frame(measure(_mixed((earlier, later), parts, dict(zip(names, mix, strict=True))), **options))
        frame = other if frame is None else frame
        found[mix] = alike(frame, other)
    assert frame is not None
    effects = _effects(found, names, form) | {"total": found[(1,) * len(names)] - found[(0,) * len(names)]}
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


def _determinants(split: str | Iterable[str]) -> list[str]:
    """Names of the determinants in order, each split if it is to be."""
    if not isinstance(split, str | Iterable):
        raise OptionError.of("split", split, list(DETERMINANTS))
    wanted = {split} if isinstance(split, str) else set(split)
    if unknown := wanted - set(DETERMINANTS):
        raise OptionError.of("split", sorted(map(str, unknown))[0], list(DETERMINANTS))
    return [part for name, parts in DETERMINANTS.items() for part in (parts if name in wanted else (name,))]


def _effects(found: dict[tuple[int, ...], Matrix], names: list[str], form: Form) -> dict[str, Matrix]:
    """Change that each determinant makes: of all orders by how many of them have the same others before it."""
    count = len(names)
    effects = {name: np.zeros_like(found[(0,) * count]) for name in names}
    if form == "average":
        for place, name in enumerate(names):
            for mix in (mix for mix in found if not mix[place]):
                weight = factorial(sum(mix)) * factorial(count - 1 - sum(mix)) / factorial(count)
                effects[name] += weight * (found[(*mix[:place], 1, *mix[place + 1 :])] - found[mix])
        return effects
    places = list(range(count))
    orders = {"polar": [places, places[::-1]], "forward": [places], "backward": [places[::-1]]}[form]
    for order in orders:
        at = [0] * count
        for place in order:
            before = found[tuple(at)]
            at[place] = 1
            effects[names[place]] += (found[tuple(at)] - before) / len(orders)
    return effects


class _Parts(NamedTuple):
    """What a table is made of: sums over sources and their shares, of A and of Y; Y's sums by level and mix."""

    technology: Matrix
    input_sourcing: Matrix
    level: Matrix
    mix: Matrix
    final_sourcing: Matrix


def _parts(t: Table, other: Table) -> _Parts:
    """Parts of a table; shares that it doesn't have are those of the other."""
    pairs = []
    for get in (_coefficients, lambda table: table.given.y):
        cells, instead = _by_source(t, get(t)), _by_source(other, get(other))
        sums, others = _sums(cells), _sums(instead)
        pairs.append((sums, _shares(cells, sums, _shares(instead, others, np.zeros_like(cells))), others))
    (technology, inputs, _), (demand, finals, demand_of_other) = pairs
    level, level_of_other = (_levels(t, sums, (demand, demand_of_other)) for sums in (demand, demand_of_other))
    mix = _shares(demand, level, _shares(demand_of_other, level_of_other, np.zeros_like(demand)))
    return _Parts(technology, inputs, level, mix, finals)


def _levels(t: Table, demand: Matrix, both: tuple[Matrix, Matrix]) -> Matrix:
    """What final demand of each region comes to, at each of its columns; its size where either is not above 0."""
    wide = [part.sum(axis=0).reshape(len(t.regions), -1).sum(axis=1) for part in both]
    size = np.abs(demand).sum(axis=0).reshape(len(t.regions), -1).sum(axis=1)
    total = demand.sum(axis=0).reshape(len(t.regions), -1).sum(axis=1)
    return np.repeat(np.where((wide[0] > 0) & (wide[1] > 0), total, size), len(t.categories))


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


def _mixed(tables: tuple[Table, Table], parts: list[_Parts], of: dict[str, int]) -> Table:
    """Table with each determinant of the earlier (0) or later (1); value added per unit of output is technology.

    `solved` takes value added as what inputs leave: all of the output of a sector that has none in the table of the
    technology, and so no inputs. There v is 0, and so it is given.
    """
    t = tables[of["technology"]]
    n = len(t.arrays.x)
    inputs, finals = (parts[of.get(name, of.get("sourcing", 0))] for name in ("input_sourcing", "final_sourcing"))
    level, mix = (parts[of.get(name, of.get("demand", 0))] for name in ("level", "mix"))
    a = (parts[of["technology"]].technology * inputs.input_sourcing).reshape(n, -1)
    y = (level.level * mix.mix * finals.final_sourcing).reshape(n, -1)
    made = solved(t, np.ascontiguousarray(a), np.ascontiguousarray(y))
    if of.get("intensity", of["technology"]) != of["technology"]:
        made = made.replaced(extensions=_accounts(tables[of["intensity"]], made))
    begun = (t.arrays.x == 0) & (made.arrays.x != 0)
    return made.replaced(va=t.per_unit * made.arrays.x) if begun.any() and t.given.va is None else made


def _accounts(t: Table, made: Table) -> dict[str, pd.DataFrame]:
    """Accounts of one table per unit of its output, at the output of another."""
    found = {}
    for name, frame in t.given.extensions.items():
        per_unit = np.vstack([per_output(row, t.arrays.x) for row in frame.to_numpy()]) if len(frame) else frame
        found[name] = pd.DataFrame(per_unit * made.arrays.x, index=frame.index, columns=frame.columns)
        found[name].attrs.update(frame.attrs)
    return found
