"""The table: arrays, labels and where they come from. What measures and models know of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, NoReturn, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import gvckit._core as _core
from gvckit.errors import GvcWarning, NonFiniteError, TableError
from gvckit.table.find import find_region
from gvckit.table.labels import Labels
from gvckit.table.solve import Rounds, Solver, inverse_of_coefficients

Matrix = NDArray[np.float64]


class Arrays(NamedTuple):
    """What the core takes: read-only arrays and the number of sectors.

    Attributes
    ----------
    z : float64 (n, n)
        Intermediate flows.
    y : float64 (n, G)
        Final demand by consuming region.
    x, va : float64 (n,)
        Gross output and value added.
    sectors : int
        N; n = G N.
    """

    z: Matrix
    y: Matrix
    x: Matrix
    va: Matrix
    sectors: int


@dataclass(frozen=True)
class Given:
    """What a table was made of, as it came.

    Attributes
    ----------
    z : float64 or float32 (n, n)
        Intermediate flows.
    y : float64 (n, G F)
        Final demand by region and category.
    labels : Labels
    x, va : float64 (n,) or None
        Output and value added as a file gave them.
    meta : dict
        `year`, `unit`, `source`, and the name of a what-if as `scenario`.
    extensions : dict of str to DataFrame
        Accounts by name, with columns in the order of rows.
    notes : tuple of str
    demand_accounts : dict of str to DataFrame
        What final demand itself uses or emits, by the name of an extension: the same items, columns (partner,
        category) in the table's order. Extensions without such numbers have none.
    """

    z: Matrix
    y: Matrix
    labels: Labels
    x: Matrix | None
    va: Matrix | None
    meta: Mapping[str, Any]
    extensions: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    demand_accounts: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("z", "y", "x", "va"):
            array = getattr(self, name)
            if array is not None:
                array = array.view()
                array.flags.writeable = False
                object.__setattr__(self, name, array)

    @property
    def arrays(self) -> dict[str, Matrix | None]:
        """The arrays by name."""
        return {"Z": self.z, "Y": self.y, "x": self.x, "va": self.va}


class WithoutOutput(NamedTuple):
    """Rows without output.

    Attributes
    ----------
    buyers : list of int
        They buy inputs: nothing passes through them, and their value added per unit of output is 0.
    cancelling : list of int
        They buy nothing, and their sales cancel out: what they sell is their own value added, v = 1.
    empty : list of int
        They neither buy nor sell.
    """

    buyers: list[int]
    cancelling: list[int]
    empty: list[int]


class Table:
    """Arrays, labels and meta of a multi-regional input-output table, frozen; see `gvckit.Mrio`, which people use.

    Parameters
    ----------
    given : Given
        Shapes are trusted, and arrays are taken over, not copied.
    check : bool, default True
        Refuse NaN and infinity now rather than at the first measure.
    """

    given: Given

    def __init__(self, given: Given | None = None, *others: object, check: bool = True, **named: object) -> None:
        if not isinstance(given, Given) or others or named:
            raise TableError.not_called(type(self).__name__)
        self.__dict__["given"] = given
        if check:
            _ = self._totals

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a table is frozen: make a new one instead of setting {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a table is frozen: {name!r} can't be deleted")

    def replaced(self, check: bool = True, meta: Mapping[str, Any] | None = None, **parts: Any) -> Self:
        """Return a table of the same class with some of what it is made of replaced (`Given`); `meta` is added to."""
        told = {**self.given.meta, **(meta or {})}
        numbers = parts.keys() & {"z", "y", "x", "va", "labels"}
        if "labels" in parts:
            # Accounts of other final demand columns would be wrong: who changes the labels says what becomes of them.
            parts = {"demand_accounts": {}, **parts}
        new = type(self)(replace(self.given, meta=told, **parts), check=check and bool(numbers))
        if not numbers:
            # What was computed of the same numbers serves on.
            new.__dict__.update({name: held for name, held in self.__dict__.items() if name != "given"})
        return new

    # ---- labels and meta --------------------------------------------------------------------------------------

    @property
    def labels(self) -> Labels:
        """Labels with the indexes made from them."""
        return self.given.labels

    @property
    def regions(self) -> list[str]:
        """Labels of regions."""
        return list(self.labels.regions)

    @property
    def sectors(self) -> list[str]:
        """Labels of sectors."""
        return list(self.labels.sectors)

    @property
    def categories(self) -> list[str]:
        """Labels of final demand categories."""
        return list(self.labels.categories)

    @property
    def year(self) -> int | None:
        """Year of the flows."""
        return self.given.meta.get("year")

    @property
    def unit(self) -> str | None:
        """Unit of the flows."""
        return self.given.meta.get("unit")

    @property
    def source(self) -> str | None:
        """Where the numbers come from."""
        return self.given.meta.get("source")

    @property
    def notes(self) -> list[str]:
        """What the reader recognised, dropped and found, a line each."""
        return list(self.given.notes)

    @property
    def extensions(self) -> dict[str, pd.DataFrame]:
        """Accounts beside the flows by name: rows are items, columns (region, sector), ``attrs["unit"]`` their unit."""
        return {name: frame.copy(deep=False) for name, frame in self.given.extensions.items()}

    @property
    def demand_accounts(self) -> dict[str, pd.DataFrame]:
        """What final demand itself uses or emits (F_Y), by the name of an extension: items x (partner, category)."""
        return {name: frame.copy(deep=False) for name, frame in self.given.demand_accounts.items()}

    @property
    def attrs(self) -> dict[str, Any]:
        """Unit, year, source, and gvckit's version, as they travel in ``DataFrame.attrs``."""
        told = {key: value for key, value in self.given.meta.items() if value is not None}
        return told | {"version": _core.__version__}

    @property
    def title(self) -> str:
        """Source, year and unit in one line."""
        parts = [self.source or "MRIO table", self.year and str(self.year), self.unit]
        return ", ".join(part for part in parts if part)

    def find(self, name: str) -> str:
        """Return the label of the region that people call ``name``.

        ``t.find("China")``, ``t.find("CN")`` and ``t.find("chn")`` are all CHN; ROM finds ROU, RoW finds ROW.
        `LabelError` with suggestions where there is none.
        """
        return find_region(self.labels.regions, name)

    def find_sector(self, name: str) -> str:
        """Return the label of the sector that people call ``name``.

        A label in any case, a long name, a code of ISIC or NACE that holds the same divisions (measures take these
        too), or words that one sector alone has: ``t.find_sector("electrical")``; of a table with codes
        ``t.find_sector("C26")``. `LabelError` with the candidates where there are several, with suggestions where there
        is none.
        """
        return self.labels.find_sector(name, words=True)

    @property
    def sector_names(self) -> dict[str, str]:
        """Long names of sectors by label: as the file has them, else by their codes, else the label itself."""
        return dict(self.labels.sector_names)

    # ---- numbers ----------------------------------------------------------------------------------------------

    @cached_property
    def _totals(self) -> tuple[Matrix, Matrix, Matrix]:
        """Output, value added and final demand by region; also the check for NaN and infinity."""
        given = self.given
        with self.labels.naming_cells():
            x, inputs, y = _core.table_totals(given.z, given.y, len(self.labels.categories))
        va = x - inputs if given.va is None else given.va
        for what, row in (("va", given.va), ("x", given.x)):
            if row is not None and not np.isfinite(row).all():
                at = int(np.flatnonzero(~np.isfinite(row))[0])
                raise NonFiniteError(f"{what} holds {row[at]} at {self.labels.row_name(at)}", row=at)
        for array in (x, va, y):
            array.flags.writeable = False
        return x, va, y

    @property
    def arrays(self) -> Arrays:
        """Read-only arrays as the core takes them, all float64: Z in single precision is converted at each call."""
        held = stored(self)
        return held if held.z.dtype == np.float64 else held._replace(z=held.z.astype(np.float64))

    @cached_property
    def per_unit(self) -> Matrix:
        """Value added per unit of output, v (n,).

        Where output is 0: 1 if the sector buys nothing and its sales cancel out (they are its own value added), else 0.
        """
        return _core.value_added_per_output(stored(self))

    @cached_property
    def without_output(self) -> WithoutOutput:
        """Rows without output, by what they buy and sell."""
        return WithoutOutput(*_core.sectors_without_output(stored(self)))

    @cached_property
    def made(self) -> Matrix | None:
        """Output that final demand calls forth, ``B y`` (n,), where it is not output; else None.

        It is less where sectors without output buy: nothing passes through them, and what they buy ends there. The
        first time that a measure asks, it says how much that is.
        """
        buyers = self.without_output.buyers
        if not buyers:
            return None
        ended = float(np.abs(self.arrays.z[:, buyers]).sum())
        names = "; ".join(self.labels.row_name(row) for row in buyers[:5]) + (" ..." if len(buyers) > 5 else "")
        text = (
            f"{len(buyers)} sectors buy inputs and have no output ({names}): {ended:,.6g} {self.unit or ''} of inputs "
            "end there, and no term of a decomposition holds them (t.audit(): zero_output_with_inputs)"
        )
        warnings.warn(text, GvcWarning, stacklevel=2)
        with self.labels.naming():
            return self.solver().solve(stored(self).y.sum(axis=1, keepdims=True))[:, 0]

    @cached_property
    def lu(self) -> _core.Factor:
        """LU factors of I - A, computed once and shared by all measures that solve. Holds one n x n array."""
        with self.labels.naming():
            return _core.factor(self.arrays.z, self.arrays.x)

    def solver(self, columns: int = 1) -> Solver:
        """Return what solves ``(I - A) z = b`` at the least cost for a number of right-hand sides.

        The factors where they are kept already; until it would have paid to have them, rounds of local solves, each a
        pass over Z, stopped by a proven bound: no other n x n array is held, unless the economy contracts too slowly
        (or a flow is negative) and factors are made after all. Both agree to 1e-13. Where memory has no room for
        factors, it is rounds. They read Z at each solve: of a table made with ``copy=False``, the array must not be
        changed. Z in float32 is converted and kept.
        """
        if "lu" not in self.__dict__ and self._rounds.pay(columns) and self._iteration is not None:
            return self._iteration
        try:
            return self.lu
        except MemoryError:
            if self._iteration is None:
                raise
            return self._iteration

    @cached_property
    def _rounds(self) -> Rounds:
        return Rounds(self.labels)

    @cached_property
    def _iteration(self) -> _core.Iteration | None:
        with self.labels.naming():
            return _core.iteration(self.arrays.z, self.arrays.x, len(self.labels.sectors))

    def embodied(self, per_unit: Matrix) -> Matrix | None:
        """Return what a unit of each final good embodies of a row per unit of output, ``v'B``, or None where it is 1.

        It is 1 for value added, ``x - 1'Z`` over x, unless a sector without output buys.
        """
        if per_unit is self.per_unit and self.given.va is None and not self.without_output.buyers:
            return None
        with self.labels.naming():
            return self.solver().solve_transposed(np.ascontiguousarray(per_unit)[:, None])[:, 0]

    @cached_property
    def inverse(self) -> Matrix:
        """Global Leontief inverse, read-only, computed once and kept: one n x n array."""
        with self.labels.naming():
            b = inverse_of_coefficients(self.arrays.z, self.arrays.x)
        b.flags.writeable = False
        return b

    # ---- labelled ---------------------------------------------------------------------------------------------

    @property
    def Z(self) -> pd.DataFrame:
        """Intermediate flows, in `unit`; no copy is made."""
        return self.frame(self.given.z, self.labels.rows, self.labels.columns)

    @property
    def Y(self) -> pd.DataFrame:
        """Final demand by region and category, in `unit`; no copy is made."""
        return self.frame(self.given.y, self.labels.rows, self.labels.demand)

    @property
    def A(self) -> pd.DataFrame:
        """Input coefficients ``Z diag(x)^-1``, a share of the column's output."""
        a = _core.input_coefficients(self.arrays.z, self.arrays.x)
        return self.frame(a, self.labels.rows, self.labels.columns, measure="input_coefficients", unit="ratio")

    @property
    def B(self) -> pd.DataFrame:
        """Global Leontief inverse ``(I - A)^-1``: output of the row per unit of final demand for the column."""
        return self.frame(self.inverse, self.labels.rows, self.labels.columns, measure="leontief_inverse", unit="ratio")

    @property
    def x(self) -> pd.Series:
        """Gross output ``Z 1 + Y 1``, in `unit`."""
        return self.series(stored(self).x, "x")

    @property
    def va(self) -> pd.Series:
        """Value added, in `unit`."""
        return self.series(stored(self).va, "va")

    @property
    def v(self) -> pd.Series:
        """Value added per unit of output, 0 where output is 0."""
        return self.series(self.per_unit, "v", unit="ratio")

    def frame(self, values: Matrix, index: pd.Index, columns: pd.Index, **told: Any) -> pd.DataFrame:
        """Attach labels, and say what the numbers are: the one place where results get their words.

        Parameters
        ----------
        values : float64 (rows, columns)
        index, columns : Index
        **told
            ``measure``, its options, and ``unit`` where it is not the table's; a `share_of` makes it a share.
        """
        # Views: who renames the levels of a result renames nobody else's.
        frame = pd.DataFrame(values, index=index.view(), columns=columns.view(), copy=False)
        frame.attrs.update(self._words(told))
        return frame

    def series(self, values: Matrix, name: str, index: pd.Index | None = None, **told: Any) -> pd.Series:
        """Attach labels, by default those of rows, as `frame` does."""
        index = (self.labels.rows if index is None else index).view()
        series = pd.Series(values, index=index, name=name, copy=False)
        series.attrs.update(self._words(told))
        return series

    def _words(self, told: dict[str, Any]) -> dict[str, Any]:
        whole = told.pop("share_of", None)
        if whole is not None:
            told["unit"] = f"share of {whole}"
        return self.attrs | told

    # ---- comparing and sending --------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        mine, theirs = self.given, other.given
        return (
            mine.labels == theirs.labels
            and dict(mine.meta) == dict(theirs.meta)
            and _same_extensions(mine.extensions, theirs.extensions)
            and _same_extensions(mine.demand_accounts, theirs.demand_accounts)
            and all(_same(one, two) for one, two in zip(mine.arrays.values(), theirs.arrays.values(), strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[object, ...]:
        # What was computed is not sent along: it costs less to compute again than to copy.
        return (_restore, (type(self), self.given))


def expect_table(value: object) -> None:
    """`TableError` for anything but a table."""
    if not isinstance(value, Table):
        raise TableError.of(value)


def stored(t: Table) -> Arrays:
    """Arrays with Z in the precision that it is stored in: what participation and flows take."""
    x, va, y = t._totals
    return Arrays(t.given.z, y, x, va, len(t.labels.sectors))


def per_output(values: Matrix, x: Matrix) -> Matrix:
    """Values per unit of output (n,), 0 where output is 0."""
    return _core.per_output(values, x)


def _restore(kind: type[Table], given: Given) -> Table:
    return kind(given, check=False)


def _same(one: Matrix | None, two: Matrix | None) -> bool:
    if one is None or two is None:
        return one is two
    return np.array_equal(one, two, equal_nan=True)


def _same_extensions(one: Mapping[str, pd.DataFrame], two: Mapping[str, pd.DataFrame]) -> bool:
    """Whether both have the same names, items, numbers and units."""
    return one.keys() == two.keys() and all(
        frame.equals(two[name]) and frame.attrs.get("unit") == two[name].attrs.get("unit")
        for name, frame in one.items()
    )
