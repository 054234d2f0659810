"""The multi-regional input-output table: arrays, labels and where they come from."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gvckit import _core
from gvckit.doubts import Doubt, doubts
from gvckit.errors import GvcWarning, LabelError, NonFiniteError, ShapeError, TableError
from gvckit.extensions import aligned, same_extensions
from gvckit.labels import Labels, find_region, unique

if TYPE_CHECKING:
    import pymrio
    import xarray

Matrix = NDArray[np.float64]

#: Names of final demand categories that hold changes in inventories, which may be negative.
INVENTORIES = ("INVNT", "INVEN", "INV", "P5M", "P52", "INVENTORIES")

#: Rows a right-hand side from which rounds are cheaper than factors: 25 rounds of 2 n^2 k against 2/3 n^3 flops would
#: be even at half of it, but factors are kept for the next measure.
_ROUNDS_PAY = 300
#: Regions are solved side by side: with fewer than this, rounds are slow and their blocks large.
_SIDE_BY_SIDE = 4


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


class Mrio:
    """A multi-regional input-output table, frozen.

    Make one with `Mrio.from_arrays`, `Mrio.from_frames`, `gvckit.load_sample` or a reader (`gvckit.read`).
    G regions, N sectors, n = G N rows in region-major order, F categories of final demand.

    Attributes
    ----------
    regions, sectors, categories : list of str
        Labels in the table's order.
    year : int or None
    unit : str or None
        Unit of all flows, such as ``million USD``.
    source : str or None
        Where the numbers come from.
    Z, Y, A, B : DataFrame
        Intermediate flows, final demand, input coefficients, global Leontief inverse; rows (region, sector),
        columns (partner, partner_sector) or (partner, category). Frames are made when asked for; B, the only
        costly one, is computed once and kept (one n x n array, and a half while it is computed).
    x, va, v : Series
        Gross output ``Z 1 + Y 1``, value added ``x - 1'Z`` (or the row given as ``va``), and ``va / x`` (0 where
        output is 0).

    Notes
    -----
    Z and Y are held once, as float64. Value added as ``x - 1'Z`` includes taxes and margins on inputs: it is not
    quite GDP.
    """

    def __new__(cls, *args: Any, **parts: Any) -> Mrio:
        """Say what to call instead of ``Mrio(Z, Y)``."""
        if "meta" not in parts:
            raise TableError(
                "Mrio(...) isn't called: make a table with Mrio.from_arrays(Z, Y, regions, sectors), or of labelled "
                "frames with Mrio.from_frames(Z, Y)"
            )
        return super().__new__(cls)

    def __init__(
        self,
        z: Matrix,
        y: Matrix,
        labels: Labels,
        *,
        x_given: Matrix | None,
        va_given: Matrix | None,
        meta: dict[str, Any],
        extensions: Mapping[str, pd.DataFrame] | None = None,
        notes: Sequence[str] = (),
        check: bool = True,
    ) -> None:
        """Use `from_arrays`; here shapes are trusted and arrays are taken over, not copied."""
        put = object.__setattr__
        for name, array in (("_z", z), ("_y", y), ("_x_given", x_given), ("_va_given", va_given)):
            if array is not None:
                array = array.view()
                array.flags.writeable = False
            put(self, name, array)
        put(self, "_labels", labels)
        put(self, "_meta", meta)
        put(self, "_notes", tuple(notes))
        put(self, "_extensions", aligned(extensions, labels))
        put(self, "_base", None)
        if check:
            _ = self._totals

    if TYPE_CHECKING:
        _z: Matrix
        _y: Matrix
        _x_given: Matrix | None
        _va_given: Matrix | None
        _labels: Labels
        _meta: dict[str, Any]
        _notes: tuple[str, ...]
        _extensions: dict[str, pd.DataFrame]
        _base: Mrio | None

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"an Mrio is frozen: make a new one instead of setting {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"an Mrio is frozen: {name!r} can't be deleted")

    # ---- making one -------------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls,
        Z: ArrayLike,
        Y: ArrayLike,
        regions: Sequence[str],
        sectors: Sequence[str],
        categories: Sequence[str] | None = None,
        x: ArrayLike | None = None,
        va: ArrayLike | None = None,
        year: int | None = None,
        unit: str | None = None,
        source: str | None = None,
        *,
        extensions: Mapping[str, pd.DataFrame] | None = None,
        notes: Sequence[str] = (),
        check: bool = True,
        copy: bool = True,
    ) -> Mrio:
        """Make a table from arrays in region-major order (row = region * N + sector).

        Parameters
        ----------
        Z : array_like, shape (n, n)
            Intermediate flows: the row sells to the column. n = G N.
        Y : array_like, shape (n, G F) or (n, G)
            Final demand, columns region-major (region * F + category).
        regions, sectors : sequence of str
            G and N labels.
        categories : sequence of str, optional
            F labels; by default ``final`` for one category, ``f1`` ... for more.
        x : array_like, shape (n,), optional
            Output as the file gives it. It is kept for `audit` alone: `Mrio.x` is always ``Z 1 + Y 1``.
        va : array_like, shape (n,), optional
            A value-added row to use in place of ``x - 1'Z``.
        year, unit, source
            Travel with every result in ``DataFrame.attrs``.
        extensions : mapping of str to DataFrame, optional
            Accounts beside the flows: rows are items (taxes, employment, CO2), columns (region, sector) in any order,
            ``attrs["unit"]`` a unit or a mapping of item to unit.
        notes : sequence of str
            What a reader recognised, dropped and found.
        check : bool, default True
            Refuse cells that are NaN or infinite and labels that come twice. Without the check such a table can be
            audited, but no measure will take it.
        copy : bool, default True
            Copy Z and Y if they are float64 already. Without a copy, changing your array changes the table; Z may be
            mapped into memory (``np.load(path, mmap_mode="r")``), and Z in float32 is kept so, at half the memory:
            participation and flows by importer read it as it is and sum in float64, other measures convert it first.

        Raises
        ------
        ShapeError
            Shapes that don't fit G and N.
        NonFiniteError
            NaN or infinity; the message names the cell.
        LabelError
            A label that comes twice or is empty.
        """
        for what, names in (("regions", regions), ("sectors", sectors)):
            if isinstance(names, str | int):
                raise ShapeError(f"{what}={names!r}: a list of labels is wanted")
        n = len(regions) * len(sectors)
        single = not copy and getattr(Z, "dtype", None) == np.float32
        z = _matrix("Z", Z, copy, np.float32 if single else np.float64)
        y = _matrix("Y", Y, copy)
        if z.shape != (n, n):
            raise ShapeError(
                f"Z has shape {z.shape}, expected {(n, n)} for {len(regions)} regions x {len(sectors)} sectors"
                + _left_over(z.shape[0] - n, z.shape[1] - n)
            )
        width = y.shape[1]
        if y.shape[0] != n or width == 0 or width % len(regions) != 0:
            raise ShapeError(
                f"Y has shape {y.shape}, expected {n} rows and a multiple of the {len(regions)} regions as columns"
                + _odd_demand(width, len(regions), len(sectors))
            )
        count = width // len(regions)
        if categories is None:
            categories = ["final"] if count == 1 else [f"f{k + 1}" for k in range(count)]
        if len(categories) != count:
            raise ShapeError(
                f"Y has {width} columns, {count} for each of {len(regions)} regions, "
                f"but there are {len(categories)} categories"
            )
        name = unique if check else _as_text
        labels = Labels(name("region", regions), name("sector", sectors), name("category", categories))
        table = cls(
            z,
            y,
            labels,
            x_given=None if x is None else _vector("x", x, n),
            va_given=None if va is None else _vector("va", va, n),
            # NumPy's whole numbers can't be written to a file's header.
            meta={"year": None if year is None else int(year), "unit": unit, "source": source},
            extensions=extensions,
            notes=notes,
            check=check,
        )
        for doubt in table.doubts if check else ():
            warnings.warn(doubt.text, GvcWarning, stacklevel=2)
        return table

    @classmethod
    def from_frames(
        cls,
        Z: pd.DataFrame,
        Y: pd.DataFrame,
        x: pd.Series | None = None,
        va: pd.Series | None = None,
        year: int | None = None,
        unit: str | None = None,
        source: str | None = None,
        regions: Sequence[str] | None = None,
        sectors: Sequence[str] | None = None,
        extensions: Mapping[str, pd.DataFrame] | None = None,
    ) -> Mrio:
        """Make a table from labelled frames, in any order of rows and columns.

        Parameters
        ----------
        Z : DataFrame
            Rows and columns a (region, sector) MultiIndex with the same labels. A frame of polars, or of any other
            library that narwhals knows, has its labels in columns `region` and `sector`, and the other columns are
            called region and sector with one of ``_ | : . /`` or a space between (needs narwhals).
        Y : DataFrame
            Rows as Z's; columns a (region, category) MultiIndex, or plain regions.
        x, va : Series, optional
            As in `from_arrays`, with the labels of Z's rows.
        regions, sectors : sequence of str, optional
            The order to use; by default the order in which they first come in the rows of Z. All must be there.
        year, unit, source
            As in `from_arrays`; by default those of ``Z.attrs``.
        extensions : mapping of str to DataFrame, optional
            As in `from_arrays`.

        Raises
        ------
        LabelError
            A label that is missing, unknown, or comes twice: the message names it.
        """
        from gvckit.frames import arrays_of, as_pandas

        Z, Y = as_pandas("Z", Z), as_pandas("Y", Y)
        parts = arrays_of(Z, Y, {"x": x, "va": va}, regions, sectors)
        meta: dict[str, Any] = {
            key: given if given is not None else Z.attrs.get(key)
            for key, given in (("year", year), ("unit", unit), ("source", source))
        }
        return cls.from_arrays(**parts, **meta, extensions=extensions, copy=False)

    # ---- labels and meta --------------------------------------------------------------------------------------

    @property
    def regions(self) -> list[str]:
        """Labels of regions."""
        return list(self._labels.regions)

    @property
    def sectors(self) -> list[str]:
        """Labels of sectors."""
        return list(self._labels.sectors)

    @property
    def categories(self) -> list[str]:
        """Labels of final demand categories."""
        return list(self._labels.categories)

    @property
    def labels(self) -> Labels:
        """Labels with the indexes made from them."""
        return self._labels

    @property
    def year(self) -> int | None:
        """Year of the flows."""
        return self._meta.get("year")

    @property
    def unit(self) -> str | None:
        """Unit of the flows."""
        return self._meta.get("unit")

    @property
    def source(self) -> str | None:
        """Where the numbers come from."""
        return self._meta.get("source")

    @property
    def notes(self) -> list[str]:
        """What the reader recognised, dropped and found, a line each."""
        return list(self._notes)

    @property
    def extensions(self) -> dict[str, pd.DataFrame]:
        """Accounts beside the flows by name: rows are items, columns (region, sector), ``attrs["unit"]`` their unit."""
        return {name: frame.copy(deep=False) for name, frame in self._extensions.items()}

    def with_factor(self, factor: str | pd.Series) -> Mrio:
        """Return the table with a factor in place of value added. See `gvckit.extensions.with_factor`."""
        from gvckit.extensions import with_factor

        return with_factor(self, factor)

    @property
    def attrs(self) -> dict[str, Any]:
        """Unit, year, source, and gvckit's version, as they travel in ``DataFrame.attrs``."""
        return {key: value for key, value in self._meta.items() if value is not None} | {"version": _core.__version__}

    def find(self, name: str) -> str:
        """Return the label of the region that people call ``name``.

        ``t.find("China")``, ``t.find("CN")`` and ``t.find("chn")`` are all CHN; ROM finds ROU, RoW finds ROW.
        `LabelError` with suggestions where there is none.
        """
        return find_region(self._labels.regions, name)

    # ---- numbers ----------------------------------------------------------------------------------------------

    @cached_property
    def _totals(self) -> tuple[Matrix, Matrix, Matrix]:
        """Row sums of Z plus Y, value added, and final demand by region; also the check for NaN and infinity."""
        with self._labels.naming():
            z_rows, z_cols = _core.totals("Z", self._z)
        with self._labels.naming(demand=True):
            y_rows, _ = _core.totals("Y", self._y)
        x = z_rows + y_rows
        va = x - z_cols if self._va_given is None else self._va_given
        for what, row in (("va", self._va_given), ("x", self._x_given)):
            if row is not None and not np.isfinite(row).all():
                at = int(np.flatnonzero(~np.isfinite(row))[0])
                raise NonFiniteError(f"{what} holds {row[at]} at {self._labels.row_name(at)}", row=at)
        count = len(self._labels.categories)
        y = self._y if count == 1 else self._y.reshape(len(x), -1, count).sum(axis=2)
        for array in (x, va, y):
            array.flags.writeable = False
        return x, va, y

    @property
    def doubts(self) -> list[Doubt]:
        """Mistakes that the table's sums give away, as `gvckit.audit` reports them; none in a table with NaN."""
        try:
            x, va, y = self._totals
        except NonFiniteError:
            return []
        demand = y.sum(axis=1)
        z_cols = x - va if self._va_given is None else _core.totals("Z", self._z)[1]
        count = len(self._labels.sectors)
        return doubts(self._z, demand, x - demand, z_cols, self._x_given, self._va_given, count)

    @property
    def stored(self) -> Arrays:
        """Read-only arrays with Z in the precision that it is stored in: what participation and flows take."""
        x, va, y = self._totals
        return Arrays(self._z, y, x, va, len(self._labels.sectors))

    @property
    def arrays(self) -> Arrays:
        """Read-only arrays as the core takes them, all float64: Z in single precision is converted at each call."""
        stored = self.stored
        return stored if stored.z.dtype == np.float64 else stored._replace(z=stored.z.astype(np.float64))

    @property
    def arrays_by_category(self) -> Matrix:
        """Final demand by region and category: read-only, (n, G F)."""
        return self._y

    @property
    def output_given(self) -> Matrix | None:
        """Output as the file gave it, or None."""
        return self._x_given

    @property
    def value_added_given(self) -> Matrix | None:
        """The value-added row that was given in place of ``x - 1'Z``, or None."""
        return self._va_given

    @cached_property
    def factor(self) -> _core.Factor:
        """LU factors of I - A, computed once and shared by all measures that solve. Holds one n x n array."""
        if self._base is not None:
            return self._base.factor
        with self._labels.naming():
            return _core.factor(self.arrays.z, self.arrays.x)

    def solver(self, columns: int = 1) -> _core.Factor | _core.Iteration:
        """Return what solves ``(I - A) z = b`` at the least cost for a number of right-hand sides.

        The factors where they are kept already, or where n is below 300 times the larger of 18 and ``columns``; beyond
        that, rounds of local solves, each a pass over Z, stopped by a proven bound: no other n x n array is held,
        unless the economy contracts too slowly (or a flow is negative) and factors are made after all. Rounds read Z
        at each solve: of a table made with ``copy=False``, the array must not be changed. Z in float32 is converted
        and kept.
        """
        if self._base is not None:
            return self._base.solver(columns)
        many = len(self._labels.regions) >= _SIDE_BY_SIDE and len(self._labels.rows) >= _ROUNDS_PAY * max(18, columns)
        return self.factor if "factor" in self.__dict__ or not many else self._iteration or self.factor

    @cached_property
    def _iteration(self) -> _core.Iteration | None:
        with self._labels.naming():
            return _core.iteration(self.arrays.z, self.arrays.x, len(self._labels.sectors))

    @property
    def has_inverse(self) -> bool:
        """Whether B has been computed and kept."""
        return "_inverse" in self.__dict__

    @cached_property
    def value_added_multiplier(self) -> Matrix | None:
        """``v'B``, or None where it is 1: value added is ``x - 1'Z``, and no sector without output buys or sells."""
        arrays = self.stored
        idle = arrays.x == 0
        if self._va_given is None and not arrays.va[idle].any() and not arrays.y[idle].any():
            return None
        return self.solver().solve_transposed(over_output(arrays.va, arrays.x)[:, None])[:, 0]

    @cached_property
    def _inverse(self) -> Matrix:
        from gvckit.leontief import inverse_of_coefficients

        with self._labels.naming():
            b = inverse_of_coefficients(self.arrays.z, self.arrays.x)
        b.flags.writeable = False
        return b

    @property
    def Z(self) -> pd.DataFrame:
        """Intermediate flows, in `unit`; no copy is made."""
        return self.frame(self._z, self._labels.rows, self._labels.columns)

    @property
    def Y(self) -> pd.DataFrame:
        """Final demand by region and category, in `unit`; no copy is made."""
        return self.frame(self._y, self._labels.rows, self._labels.demand)

    @property
    def A(self) -> pd.DataFrame:
        """Input coefficients ``Z diag(x)^-1``, a share of the column's output."""
        a = _core.input_coefficients(self.arrays.z, self.arrays.x)
        return self.frame(a, self._labels.rows, self._labels.columns, measure="input_coefficients", unit="ratio")

    @property
    def B(self) -> pd.DataFrame:
        """Global Leontief inverse ``(I - A)^-1``: output of the row per unit of final demand for the column."""
        told = {"measure": "leontief_inverse", "unit": "ratio"}
        return self.frame(self._inverse, self._labels.rows, self._labels.columns, **told)

    @property
    def x(self) -> pd.Series:
        """Gross output ``Z 1 + Y 1``, in `unit`."""
        return self.series(self.stored.x, "x")

    @property
    def va(self) -> pd.Series:
        """Value added, in `unit`."""
        return self.series(self.stored.va, "va")

    @property
    def v(self) -> pd.Series:
        """Value added per unit of output, 0 where output is 0."""
        return self.series(over_output(self.stored.va, self.stored.x), "v")

    def frame(self, values: Matrix, index: pd.Index, columns: pd.Index, **attrs: Any) -> pd.DataFrame:
        """Attach labels, unit, year and source to numbers, and what else is said."""
        frame = pd.DataFrame(values, index=index, columns=columns, copy=False)
        frame.attrs.update({**self.attrs, **attrs})
        return frame

    def series(self, values: Matrix, name: str) -> pd.Series:
        """Attach the labels of rows, unit, year and source to numbers."""
        series = pd.Series(values, index=self._labels.rows, name=name, copy=False)
        series.attrs.update(self.attrs)
        return series

    # ---- what can be done with it -----------------------------------------------------------------------------

    def audit(self, rtol: float = 1e-6) -> pd.DataFrame:
        """Report what is unusual in the table; nothing is mended. See `gvckit.audit.audit`."""
        from gvckit.audit import audit

        return audit(self, rtol=rtol)

    def aggregate(self, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None) -> Mrio:
        """Sum regions or sectors into groups. See `gvckit.aggregate.aggregate`."""
        from gvckit.aggregate import aggregate

        return aggregate(self, regions, sectors)

    def scenario(self, **changes: Any) -> Mrio:
        """Change demand, inputs or sources, and solve again. See `gvckit.scenario.scenario`."""
        from gvckit.scenario import scenario

        return scenario(self, **changes)

    def balance(self, method: Literal["ras", "gras"] = "gras", **options: Any) -> tuple[Mrio, pd.DataFrame]:
        """Scale the cells to given totals, with a report of what moved. See `gvckit.balance.balance`."""
        from gvckit.balance import balance

        return balance(self, method, **options)

    def save(self, path: str | os.PathLike[str], compress: bool = True) -> None:
        """Write the table to one file that `Mrio.load` reads. See `gvckit.store`."""
        from gvckit.store import save

        save(self, path, compress=compress)

    @classmethod
    def load(cls, path: str | os.PathLike[str], mmap: bool = False) -> Mrio:
        """Read a table that `save` wrote, or map it into memory. See `gvckit.store.load`."""
        from gvckit.store import load

        return load(path, mmap)

    def to_pymrio(self) -> pymrio.IOSystem:
        """Convert to a ``pymrio.IOSystem`` with Z and Y (needs pymrio)."""
        from gvckit.interop import to_pymrio

        return to_pymrio(self)

    @classmethod
    def from_pymrio(cls, io: pymrio.IOSystem) -> Mrio:
        """Convert from a ``pymrio.IOSystem`` that has Z and Y."""
        from gvckit.interop import from_pymrio

        return from_pymrio(io)

    def to_long(self, zeros: bool = False) -> pd.DataFrame:
        """Convert to one row a cell. See `gvckit.interop.to_long`."""
        from gvckit.interop import to_long

        return to_long(self, zeros)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write one row a cell, for other programs. See `gvckit.interop.to_parquet`."""
        from gvckit.interop import to_parquet

        to_parquet(self, path)

    def to_arrow(self) -> Any:
        """Convert to a ``pyarrow.Table`` of one row a cell. See `gvckit.interop.to_arrow`."""
        from gvckit.interop import to_arrow

        return to_arrow(self)

    @classmethod
    def from_xarray(cls, data: xarray.Dataset) -> Mrio:
        """Convert from an ``xarray.Dataset`` as `to_xarray` makes it."""
        from gvckit.interop import from_xarray

        return from_xarray(data)

    def to_xarray(self) -> xarray.Dataset:
        """Convert to an ``xarray.Dataset`` with Z, Y, x and va (needs xarray)."""
        from gvckit.interop import to_xarray

        return to_xarray(self)

    # ---- how it shows itself ----------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Source, year and unit in one line."""
        parts = [self.source or "MRIO table", self.year and str(self.year), self.unit]
        return ", ".join(part for part in parts if part)

    def summary(self) -> dict[str, str]:
        """What the table is, as a few lines of text."""
        arrays = self.stored
        size = f"{len(self.regions)} regions x {len(self.sectors)} sectors = {len(arrays.x)} rows"
        return {
            "size": f"{size}, {len(self.categories)} final demand categories",
            "regions": _some(self.regions),
            "sectors": _some(self.sectors),
            "output": f"{arrays.x.sum():,.0f}",
            "value added": f"{arrays.va.sum():,.0f}",
        }

    def __repr__(self) -> str:
        lines = [f"Mrio: {self.title}"]
        try:
            lines += [f"  {key:<12}{value}" for key, value in self.summary().items()]
        except NonFiniteError as error:
            lines.append(f"  not usable: {error}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        try:
            rows = self.summary()
        except NonFiniteError as error:
            rows = {"not usable": str(error)}
        cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
        style = "text-align: left"
        return f'<table style="{style}"><caption>Mrio: {escape(self.title)}</caption>{cells}</table>'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mrio):
            return NotImplemented
        return (
            self._labels == other._labels
            and self._meta == other._meta
            and same_extensions(self._extensions, other._extensions)
            and all(
                (mine is None and theirs is None)
                or (mine is not None and theirs is not None and np.array_equal(mine, theirs, equal_nan=True))
                for mine, theirs in zip(self._parts(), other._parts(), strict=True)
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def _parts(self) -> tuple[Matrix | None, ...]:
        return (self._z, self._y, self._x_given, self._va_given)

    def __reduce__(self) -> tuple[object, ...]:
        # What was computed is not sent along: it costs less to compute again than to copy.
        return (_restore, (*self._parts(), self._labels, self._meta, self._extensions, self._notes))


def expect_table(value: object) -> None:
    """`TableError` for anything but a table."""
    if not isinstance(value, Mrio):
        raise TableError.of(value)


def over_output(values: Matrix | float, x: Matrix) -> Matrix:
    """Values per unit of output, 0 where output is 0: the rule of the core, for the labelled layer."""
    per_unit: Matrix = np.divide(values, x, out=np.zeros_like(x), where=x != 0)
    return per_unit


def _restore(
    z: Matrix,
    y: Matrix,
    x: Matrix | None,
    va: Matrix | None,
    labels: Labels,
    meta: dict[str, Any],
    extensions: dict[str, pd.DataFrame],
    notes: tuple[str, ...],
) -> Mrio:
    return Mrio(z, y, labels, x_given=x, va_given=va, meta=meta, extensions=extensions, notes=notes, check=False)


def _as_text(what: Literal["region", "sector", "category"], names: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(name) for name in names)


def _matrix(what: str, values: ArrayLike, copy: bool, dtype: type = np.float64) -> Matrix:
    try:
        array: Matrix = np.array(values, dtype=dtype, order="C", copy=True if copy else None)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"{what} isn't a matrix of numbers: {error}{text_hint(values)}") from error
    if array.ndim != 2:
        hint = ": final demand has a column for each region that buys" if what == "Y" and array.ndim == 1 else ""
        raise ShapeError(f"{what} has {array.ndim} dimensions, expected 2{hint}")
    return array


def _vector(what: str, values: ArrayLike, n: int) -> Matrix:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"{what} isn't a vector of numbers: {error}{text_hint(values)}") from error
    if array.shape != (n,):
        raise ShapeError(f"{what} has shape {array.shape}, expected {(n,)}{_left_over(array.shape[0] - n)}")
    return array


def text_hint(values: Any) -> str:
    """What to do about the first cell that is text."""
    for row, cells in enumerate(np.atleast_2d(np.asarray(values, dtype=object))):
        for col, cell in enumerate(cells):
            if isinstance(cell, str):
                where = f" (row {row}, column {col}, counted from 0)"
                if cell.replace(",", "").replace(" ", "").replace(".", "", 1).lstrip("-").isdigit():
                    return f"{where}: numbers are kept as text; pd.read_csv(..., thousands=',') reads them as numbers"
                return f"{where}: if these are labels, make them the index: pd.read_csv(..., index_col=[0, 1])"
    return ""


def _left_over(*more: int) -> str:
    """What a few rows or columns too many may be."""
    if min(more) >= 0 and 0 < max(more) <= 12:
        return (
            f"; {max(more)} too many: a row or column of totals or of value added left in? Z holds flows between "
            "sectors alone, value added goes into va="
        )
    return ""


def _odd_demand(width: int, regions: int, sectors: int) -> str:
    if width % sectors == 0 and width % regions != 0:
        return f"; {width} is a multiple of {sectors}: are regions and sectors swapped?"
    if width < regions:
        return "; final demand must say which region buys: a block of columns for each region"
    if width % regions == 1:
        return "; one too many: a column of totals left in?"
    return ""


def _some(names: Sequence[str], count: int = 6) -> str:
    return ", ".join(names[:count]) + (f", ... {names[-1]}" if len(names) > count else "")


__all__ = ["INVENTORIES", "Arrays", "LabelError", "Mrio"]
