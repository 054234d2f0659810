"""What-ifs: a table with other demand, inputs or sources, solved anew, its identities kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError
from gvckit.models.costs import TARIFF, Pairs, by_pair
from gvckit.table.data import Matrix, Table, per_output

T = TypeVar("T", bound=Table)
Key = Sequence[str] | str
ANY = "*"
_EXAMPLES = {
    "demand": "{'USA': 1.1} or {('CHN', '*', 'USA'): 0.5}",
    "inputs": "{('CHN', '*', 'USA', '*'): 0.5}",
}


def scenario(
    t: T,
    *,
    demand: Mapping[Key, float] | None = None,
    inputs: Mapping[Key, float] | None = None,
    tariffs: Pairs | None = None,
    elasticity: float = 4.0,
    name: str | None = None,
) -> T:
    """Make a table of a what-if: change, then solve output again with ``x = (I - A)^-1 y``.

    Keys name cells by labels; ``"*"`` is all. Changes are applied in the order of the arguments, and of the mapping.

    Parameters
    ----------
    t : Mrio
    demand : mapping of (source, sector, partner) or partner to factor
        Multiply final demand: ``{"USA": 1.1}`` is 10% more final demand of the US, ``{("CHN", "*", "USA"): 0.5}`` half
        of what it buys from China.
    inputs : mapping of (source, sector, partner, partner_sector) to factor
        Multiply input coefficients. Value added per unit of output takes up the difference (unless it was given: then
        it stays).
    tariffs : frame, Series or mapping
        Rates (0.25) on what an importer buys: a frame exporter x importer, or a Series or mapping by (exporter,
        importer) or (exporter, importer, sector of the good), ``"*"`` for all; later entries overwrite earlier ones. Of
        each product that the importer uses, the share of a taxed source is multiplied by ``(1 + rate) ** -elasticity``,
        and the shares of all sources, home included, are scaled to their sum again (Armington 1969): inputs by product,
        value added per unit and final demand by product stay. Where cells of both signs meet (changes in inventories)
        there are no shares, and they stay as they are.
    elasticity : float, default 4
        Of substitution between sources.
    name : str, optional
        Put behind the source of the table.

    Returns
    -------
    Mrio
        Its output is ``Z 1 + Y 1`` as ever; flows are quantities at the prices of the table.

    Raises
    ------
    LabelError
        A label that is not there, or a key of another length.
    OptionError
        Factors that are negative, a tariff of -100% or less, a tariff of a region on itself.
    NotProductiveError
        Coefficients that use up more than is made.

    Notes
    -----
    A fixed-price quantity model: prices, incomes and capacities don't react (in `counterfactual` they do). Holds two
    n x n arrays beside the table.
    """
    for what, given in (("demand", demand), ("inputs", inputs)):
        if given is not None and not isinstance(given, Mapping | pd.Series):
            raise OptionError(f"{what}={given!r:.60}: a mapping is wanted, such as {_EXAMPLES[what]}")
    z, y = t.arrays.z, t.given.y
    a = _core.input_coefficients(z, t.arrays.x)
    y = y.copy()
    _multiply(t, "demand", demand, None, y)
    _multiply(t, "inputs", inputs, a, None)
    if not 0 <= elasticity < np.inf:
        raise OptionError(f"elasticity={elasticity}: a number that is not negative is needed")
    if tariffs is not None:
        _shift(t, (1 + by_pair(t, "tariffs", tariffs, TARIFF)) ** -elasticity, a, y)
    return solved(t, a, y, name)


def solved(t: T, a: Matrix, y: Matrix, name: str | None = None) -> T:
    """Table of coefficients and final demand: ``x = (I - A)^-1 y``, ``Z = A diag(x)``.

    A value-added row that was given and the accounts of ``t`` go with output, per unit as they were.
    """
    with t.labels.naming():
        x = _core.factor(a, np.ones(len(a))).solve(np.ascontiguousarray(y.sum(axis=1))[:, None])[:, 0]
    meta = {"source": f"{t.source or 'table'}, {name}"} if name else {}
    growth = per_output(x, t.arrays.x)
    va = None if t.given.va is None else t.given.va * growth
    extensions = {}
    for key, frame in t.given.extensions.items():
        extensions[key] = pd.DataFrame(frame.to_numpy() * growth, index=frame.index, columns=frame.columns)
        extensions[key].attrs.update(frame.attrs)
    return t.replaced(meta=meta, z=a * x, y=y, x=None, va=va, extensions=extensions)


def scenario_effect(measure: Callable[..., pd.DataFrame], base: Table, other: Table, **options: Any) -> pd.DataFrame:
    """Difference that a scenario makes to a measure: with it less without it.

    Parameters
    ----------
    measure : callable
        ``measure(table, **options)`` that returns a frame.
    base, other : Mrio
        With the same labels.

    Returns
    -------
    DataFrame
        As the measure's, in levels; ``attrs`` are those of the base.
    """
    before, after = measure(base, **options), measure(other, **options)
    if not (before.index.equals(after.index) and before.columns.equals(after.columns)):
        raise LabelError("the two tables give frames with other labels")
    change = after - before
    change.attrs.update(before.attrs)
    return change


def _multiply(t: Table, what: str, factors: Mapping[Key, float] | None, a: Matrix | None, y: Matrix | None) -> None:
    """Multiply cells of A or Y in place."""
    for key, factor in (factors or {}).items():
        if not isinstance(factor, int | float | np.number) or not 0 <= factor < np.inf:
            raise OptionError(f"the factor {factor!r} of {what} {key!r} is not a number from 0")
        parts = (ANY, ANY, key) if isinstance(key, str) else tuple(key)
        if y is not None:
            rows, partners = _rows(t, parts, 3, what), _regions(t, parts[2])
            columns = np.repeat(partners, len(t.categories))
            y[np.ix_(rows, columns)] *= factor
        elif a is not None:
            rows = _rows(t, parts, 4, what)
            columns = _mask(t, parts[2], parts[3])
            a[np.ix_(rows, columns)] *= factor


def _shift(t: Table, scales: Matrix, a: Matrix, y: Matrix) -> None:
    """Shift the shares of sources by a scale for each row and importer, in place; sums by product and column stay."""
    count, kinds = len(t.sectors), len(t.categories)
    for importer in np.flatnonzero((scales != 1).any(axis=0)):
        for cells, width in ((a, count), (y, kinds)):
            columns = slice(importer * width, (importer + 1) * width)
            cells[:, columns] = _rescaled(cells[:, columns], scales[:, importer], count)


def _rescaled(block: Matrix, scale: Matrix, sectors: int) -> Matrix:
    """Rows times scale, then all sources of a product to their sum before; as it was where signs are mixed."""
    by_product = block.reshape(-1, sectors, block.shape[1])
    changed = (block * scale[:, None]).reshape(by_product.shape)
    before, after = by_product.sum(axis=0), changed.sum(axis=0)
    ratio = np.divide(before, after, out=np.ones_like(before), where=after != 0)
    mixed = (by_product > 0).any(axis=0) & (by_product < 0).any(axis=0)
    lost = mixed | ((after == 0) & (before != 0))
    out: Matrix = np.where(lost, by_product, changed * ratio).reshape(block.shape)
    return out


def _rows(t: Table, parts: Sequence[str], length: int, what: str) -> np.ndarray:
    if len(parts) != length:
        raise LabelError(f"the key {tuple(parts)!r} of {what} has {len(parts)} labels, expected {length}")
    return _mask(t, parts[0], parts[1])


def _mask(t: Table, region: str, sector: str) -> np.ndarray:
    """Rows of a region and sector; ``*`` is all."""
    count = len(t.sectors)
    sectors = (
        np.ones(count, dtype=bool)
        if sector == ANY
        else np.array([s == t.labels.find_sector(sector) for s in t.sectors])
    )
    mask: np.ndarray = np.repeat(_regions(t, region), count) & np.tile(sectors, len(t.regions))
    return mask


def _regions(t: Table, region: str) -> np.ndarray:
    if region == ANY:
        return np.ones(len(t.regions), dtype=bool)
    found = t.find(region)
    return np.array([name == found for name in t.regions])
