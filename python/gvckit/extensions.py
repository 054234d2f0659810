"""Accounts beside the flows, and any of their items in place of value added: footprints, employment, taxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import LabelError, NonFiniteError, OptionError, ShapeError
from gvckit.labels import Labels, unknown

if TYPE_CHECKING:
    from gvckit.table import Mrio


def with_factor(t: Mrio, factor: str | pd.Series) -> Mrio:
    """Return a table whose value added is another factor: employment, CO2, a component of value added.

    Every measure of value added then traces the factor: `flows` of kind ``total`` by absorber are footprints.

    Parameters
    ----------
    t : Mrio
    factor : str or Series
        An item of ``t.extensions``, or amounts by (region, sector), in any order, with ``attrs["unit"]``.

    Returns
    -------
    Mrio
        Shares the arrays and the LU of ``t``. Results are in the factor's unit. A factor of a sector without output
        goes nowhere, as no flow carries it.

    Raises
    ------
    LabelError, OptionError
        No such item, or one in several extensions; a label that is missing.
    NonFiniteError
        NaN or infinity.
    """
    from gvckit.table import Mrio

    values, unit, name = factor_of(t, factor)
    meta = {"year": t.year, "unit": unit, "source": t.source, "factor": name}
    view = Mrio(
        t.stored.z,
        t.arrays_by_category,
        t.labels,
        x_given=t.output_given,
        va_given=values,
        meta=meta,
        notes=t.notes,
        check=False,
    )
    object.__setattr__(view, "_base", t)
    # The sums over Z are those of the table: no pass is made again.
    view.__dict__["_totals"] = (t.stored.x, values, t.stored.y)
    return view


def over(t: Mrio, factor: str | pd.Series | None) -> Mrio:
    """Return the table itself, or with the factor where one is asked for."""
    return t if factor is None else with_factor(t, factor)


def factor_of(t: Mrio, factor: str | pd.Series) -> tuple[np.ndarray, str | None, str]:
    """Amounts by row, unit and name of a factor."""
    if isinstance(factor, pd.Series):
        frame = aligned({"factor": factor.to_frame().T}, t.labels)["factor"]
        name = str(factor.name or "factor")
        return frame.to_numpy()[0].copy(), factor.attrs.get("unit"), name
    found = {name: frame for name, frame in t.extensions.items() if factor in frame.index}
    if not found:
        known = [str(item) for frame in t.extensions.values() for item in frame.index]
        if not known:
            raise LabelError(f"no factor {factor!r}: the table has no extensions, pass a Series by (region, sector)")
        raise unknown("factor", known, factor)
    if len(found) > 1:
        raise OptionError(f"factor {factor!r} is in several extensions ({', '.join(found)}): pass a Series")
    ((_, frame),) = found.items()
    unit = frame.attrs.get("unit")
    return frame.loc[factor].to_numpy().copy(), unit.get(factor) if isinstance(unit, Mapping) else unit, str(factor)


def aligned(extensions: Mapping[str, pd.DataFrame] | None, labels: Labels) -> dict[str, pd.DataFrame]:
    """Extensions with columns in the order of the table's rows; every label must be there once, and no other."""
    out: dict[str, pd.DataFrame] = {}
    for name, frame in (extensions or {}).items():
        columns = frame.columns
        if not isinstance(columns, pd.MultiIndex) or columns.nlevels != 2:
            raise LabelError(f"the columns of extension {name!r} must be a (region, sector) MultiIndex of two levels")
        if not frame.index.is_unique:
            raise LabelError(f"extension {name!r} has the item {frame.index[frame.index.duplicated()][0]!r} twice")
        if not columns.equals(labels.rows):
            places = columns.get_indexer(labels.rows) if columns.is_unique else np.array([-1])
            if (places < 0).any() or len(columns) != len(labels.rows):
                raise LabelError(
                    f"extension {name!r} has {len(columns)} columns, with other labels than the table's rows"
                )
            frame = frame.iloc[:, places]
        try:
            values = frame.to_numpy(dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ShapeError(f"extension {name!r} holds cells that are not numbers: {error}") from error
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, col = map(int, bad[0])
            place = f"{frame.index[row]}, {labels.row_name(col)}"
            raise NonFiniteError(f"extension {name!r} holds {values[row, col]} at {place}", row, col)
        out[name] = pd.DataFrame(values, index=frame.index, columns=labels.rows)
        out[name].attrs["unit"] = frame.attrs.get("unit")
    return out


def same_extensions(one: Mapping[str, pd.DataFrame], two: Mapping[str, pd.DataFrame]) -> bool:
    """Whether both have the same names, items, numbers and units."""
    return one.keys() == two.keys() and all(
        frame.equals(two[name]) and frame.attrs.get("unit") == two[name].attrs.get("unit")
        for name, frame in one.items()
    )
