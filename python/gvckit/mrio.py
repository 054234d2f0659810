"""`Mrio`: the table as people use it, with its verbs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from numpy.typing import ArrayLike

from gvckit.errors import NonFiniteError
from gvckit.models.scenario import scenario
from gvckit.options import Balancing
from gvckit.table import build, convert, frames, store
from gvckit.table.aggregate import Groups, aggregate, rename
from gvckit.table.audit import audit
from gvckit.table.balance import balance
from gvckit.table.data import Table, stored

if TYPE_CHECKING:
    import pymrio
    import xarray


class Mrio(Table):
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
    arrays : Arrays
        The numbers as the core takes them: z (n, n), y (n, G), x, va (n,), and N.
    given : Given
        What the table was made of: z in its own precision, y by category (n, G F), x and va as a file gave them.
    lu : Factor
        LU factors of I - A, computed once; ``solver(k)`` is what solves for k right-hand sides at the least cost.

    Notes
    -----
    Z and Y are held once, as float64. Value added as ``x - 1'Z`` includes taxes and margins on inputs: it is not
    quite GDP.
    """

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
        sector_names: Mapping[str, str] | None = None,
        notes: Sequence[str] = (),
        check: bool = True,
        copy: bool = True,
    ) -> Self:
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
        sector_names : mapping of str to str, optional
            Long names of sectors; by default those of their codes, where these are of a known classification.
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
            A label that comes twice or is empty; labels of a frame or Series that are not the table's.

        Notes
        -----
        Frames and Series with labels of their own are put in order by them; arrays, and frames with a plain range
        as their index, are taken as they lie.
        """
        meta = {"year": year, "unit": unit, "source": source}
        parts = build.given(
            Z, Y, regions, sectors, categories, x=x, va=va, meta=meta, extensions=extensions,
            sector_names=sector_names, notes=notes, check=check, copy=copy,
        )  # fmt: skip
        table = cls(parts, check=check)
        if check:
            build.say_doubts(table)
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
    ) -> Self:
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
        Z, Y = frames.as_pandas("Z", Z), frames.as_pandas("Y", Y)
        meta: dict[str, Any] = {
            key: told if told is not None else Z.attrs.get(key)
            for key, told in (("year", year), ("unit", unit), ("source", source))
        }
        names = frames.labels_of(Z, Y, regions, sectors)
        return cls.from_arrays(Z, Y, **names, x=x, va=va, **meta, extensions=extensions, copy=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str], mmap: bool = False) -> Self:
        """Read a table that `save` wrote, or map it into memory.

        Parameters
        ----------
        path : path
        mmap : bool, default False
            Map Z and Y instead of reading them, for tables larger than memory; the file must have been saved with
            ``compress=False`` and must not change. Pages are read when they are needed; their checksums are not.

        Raises
        ------
        ReadError
            The file is not such a table, is damaged, or can't be mapped.
        """
        return store.load(cls, path, mmap)

    @classmethod
    def from_pymrio(cls, io: pymrio.IOSystem) -> Self:
        """Convert from a ``pymrio.IOSystem`` that has Z and Y."""
        return cls.from_frames(**convert.from_pymrio(io))

    @classmethod
    def from_xarray(cls, data: xarray.Dataset) -> Self:
        """Convert from an ``xarray.Dataset`` as `to_xarray` makes it."""
        return cls.from_arrays(**convert.from_xarray(data))

    # ---- what can be done with it -----------------------------------------------------------------------------

    def audit(self, rtol: float = 1e-6) -> pd.DataFrame:
        """Report what is unusual in the table; nothing is mended.

        Parameters
        ----------
        rtol : float, default 1e-6
            Gaps of balance up to this share of output are not reported.

        Returns
        -------
        DataFrame
            One row a finding: `check`, `row` and `column` (labels, empty where they don't apply) and `value` (in the
            table's unit; ``gvckit.describe("audit")`` says what it is for each check). Largest first within a check.
            ``attrs["largest_gap"]`` is the largest relative gap of balance, if the table came with output.
        """
        return audit(self, rtol=rtol)

    def aggregate(self, regions: Groups | None = None, sectors: Groups | None = None) -> Self:
        """Sum regions or sectors into groups.

        Parameters
        ----------
        regions, sectors : mapping, list, Series, or 0/1 matrix, optional
            Old labels to new ones (regions by any name that `find` knows); new labels to lists of old ones; one new
            label for each old one, in the table's order; or a 0/1 frame or array of new by old. Labels that a mapping
            leaves out stay as they are. Groups stand where their first member stood.

        Raises
        ------
        LabelError
            A region or sector that the table doesn't have, or that goes into two groups.
        """
        return aggregate(self, regions, sectors)

    def rename(self, regions: Mapping[str, str] | None = None, sectors: Mapping[str, str] | None = None) -> Self:
        """Give regions or sectors other names; names that would come twice are refused (`aggregate` sums).

        Parameters
        ----------
        regions, sectors : mapping of old label to new label, optional

        Raises
        ------
        LabelError
            A label that the table doesn't have, or a new one that comes twice.
        """
        return rename(self, regions, sectors)

    def with_extensions(self, extensions: Mapping[str, pd.DataFrame]) -> Self:
        """Add accounts beside the flows, or replace those of the same name.

        Parameters
        ----------
        extensions : mapping of str to DataFrame
            Rows are items, columns (region, sector) in any order; ``attrs["unit"]`` a unit, or a mapping of item to
            unit.

        Raises
        ------
        LabelError, ShapeError, NonFiniteError
            Labels that are not the table's, cells that are not numbers; the message names the place.
        """
        added = build.accounts(extensions, self.labels)
        return self.replaced(extensions={**self.given.extensions, **added})

    def scenario(self, **changes: Any) -> Self:
        """Change demand, inputs or sources, and solve again. See `gvckit.models.scenario.scenario`."""
        return scenario(self, **changes)

    def balance(self, method: Balancing = "gras", **options: Any) -> tuple[Self, pd.DataFrame]:
        """Scale the cells to given totals, with a report of what moved. See `gvckit.table.balance.balance`."""
        return balance(self, method, **options)

    def save(self, path: str | os.PathLike[str], compress: bool = True) -> None:
        """Write the table to one file that `Mrio.load` reads.

        Parameters
        ----------
        path : path
            Any name; nothing is appended. The file appears only when it is complete.
        compress : bool, default True
            Without it the file is as large as the arrays, loads at disk speed, and can be mapped.
        """
        store.save(self, path, compress=compress)

    def to_pymrio(self) -> pymrio.IOSystem:
        """Convert to a ``pymrio.IOSystem`` with Z and Y (needs pymrio)."""
        return convert.to_pymrio(self)

    def to_xarray(self) -> xarray.Dataset:
        """Convert to an ``xarray.Dataset`` with Z, Y, x and va (needs xarray)."""
        return convert.to_xarray(self)

    def to_long(self, zeros: bool = False) -> pd.DataFrame:
        """Convert to one row a cell.

        Parameters
        ----------
        zeros : bool, default False
            Keep cells that are 0.

        Returns
        -------
        DataFrame
            `region`, `sector`, `partner`, `partner_sector` (a sector, or a category), `use` (``input`` or ``final``),
            `value`; labels as categories. ``read_table(path, "flat")`` reads it back from a file.
        """
        return convert.to_long(self, zeros)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write one row a cell as parquet, for other programs; the file appears when it is complete."""
        convert.to_parquet(self, path)

    def to_arrow(self) -> Any:
        """Convert to a ``pyarrow.Table`` of one row a cell, with unit, year and source in its metadata."""
        return convert.to_arrow(self)

    @property
    def factor(self) -> Any:
        """The same as `lu`."""
        return self.lu

    # ---- how it shows itself ----------------------------------------------------------------------------------

    def summary(self) -> dict[str, str]:
        """What the table is, as a few lines of text."""
        arrays = stored(self)
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


def _some(names: Sequence[str], count: int = 6) -> str:
    return ", ".join(names[:count]) + (f", ... {names[-1]}" if len(names) > count else "")
