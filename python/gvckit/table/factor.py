"""What a measure traces: value added, or any other factor by (region, sector) in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import LabelError, OptionError
from gvckit.table.build import accounts
from gvckit.table.data import Table, per_output, stored
from gvckit.table.find import unknown

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traced:
    """A row that a measure traces through the table.

    Attributes
    ----------
    amounts : float64 (n,)
        By row, in `unit`.
    per_unit : float64 (n,)
        Per unit of output.
    unit : str or None
    name : str or None
        Of the factor; None is value added.
    """

    amounts: Matrix
    per_unit: Matrix
    unit: str | None
    name: str | None = None

    @property
    def words(self) -> dict[str, str | None]:
        """What a result of it says: the unit, and the factor's name."""
        return {"unit": self.unit} if self.name is None else {"unit": self.unit, "factor": self.name}


def traced(t: Table, factor: str | pd.Series | None = None) -> Traced:
    """Value added, or a factor: an item of ``t.extensions``, or amounts by (region, sector) in any order.

    A factor of a sector without output goes nowhere, as no flow carries it.

    Raises
    ------
    LabelError, OptionError
        No such item, or one in several extensions; a label that is missing.
    NonFiniteError
        NaN or infinity.
    """
    arrays = stored(t)
    if factor is None:
        return Traced(arrays.va, t.per_unit, t.unit)
    amounts, unit, name = _amounts(t, factor)
    # Value added that is given as a factor is value added, by the one rule for it.
    same = np.array_equal(amounts, arrays.va)
    return Traced(amounts, t.per_unit if same else per_output(amounts, arrays.x), unit, name)


def _amounts(t: Table, factor: str | pd.Series) -> tuple[Matrix, str | None, str]:
    """Amounts by row, unit and name of a factor."""
    if isinstance(factor, pd.Series):
        try:
            frame = accounts({"factor": factor.to_frame().T}, t.labels)["factor"]
        except LabelError as error:
            raise LabelError(f"{error}: factor.reindex(t.x.index, fill_value=0) is 0 where it says nothing") from error
        return frame.to_numpy()[0].copy(), factor.attrs.get("unit"), str(factor.name or "factor")
    if not isinstance(factor, str):
        raise OptionError(
            f"factor is a {type(factor).__name__}: the name of an item of t.extensions is wanted, or a Series by "
            "(region, sector)"
        )
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
    return frame.loc[factor].to_numpy().copy(), unit.get(factor) if isinstance(unit, Mapping) else unit, factor
