"""Cells with labels: what a layout's reader hands over, and what its rows and columns turn out to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gvckit.errors import ReadError
from gvckit.readers.cells import Cells

#: Region and code of a row or column; never joined.
Pair = tuple[str, str]


@dataclass
class Labelled:
    """Cells with the labels of their rows and columns, before it is known what is what.

    Attributes
    ----------
    cells : Cells
    rows, columns : list of (region, code)
    row_at, col_at : list of int
        Where each stands among the cells.
    between : str
        What stands between region and code in the file's labels.
    flat : bool
        Whether absent cells are zero, as in a list of cells.
    final : list of bool
        Which columns a list itself says to be final demand, if it does.
    regions, codes : list of str
        Their order, where it is not that of the rows.
    sector_names : dict of str to str
        Long names of sectors by code, where the file has them.
    head, left : int or None
        Row and column in which the labels stand.
    """

    cells: Cells
    rows: list[Pair]
    row_at: list[int]
    columns: list[Pair]
    col_at: list[int]
    between: str = "_"
    flat: bool = False
    final: Sequence[bool] = ()
    notes: list[str] = field(default_factory=list)
    regions: Sequence[str] = ()
    codes: Sequence[str] = ()
    sector_names: dict[str, str] = field(default_factory=dict)
    head: int | None = None
    left: int | None = None

    def name(self, pair: Pair) -> str:
        """Label as the file writes it."""
        return self.between.join(filter(None, pair))

    def error(self, message: str, row: int | None = None, column: int | None = None) -> ReadError:
        """Error with the file's name, and the cell of the label of a row or column (by its place in the lists)."""
        if row is not None and self.left is not None:
            return self.cells.error(message, (self.row_at[row], self.left))
        if column is not None and self.head is not None:
            return self.cells.error(message, (self.head, self.col_at[column]))
        return self.cells.error(message)


@dataclass
class Kinds:
    """What the rows and columns of a labelled file are, by their places in its lists.

    Attributes
    ----------
    regions, codes : list of str
        Of the industries, in the file's order.
    row_of, col_of : dict of pair to place
        Rows and columns of industries.
    demand : dict of pair to place
        Final demand columns.
    below : list of int
        Rows of value added and other accounts.
    """

    regions: list[str]
    codes: list[str]
    row_of: dict[Pair, int]
    col_of: dict[Pair, int]
    demand: dict[Pair, int] = field(default_factory=dict)
    below: list[int] = field(default_factory=list)
    total_rows: list[int] = field(default_factory=list)
    total_columns: list[int] = field(default_factory=list)
    discrepancies: list[int] = field(default_factory=list)

    @property
    def industries(self) -> list[Pair]:
        """All pairs, region-major."""
        return [(region, code) for region in self.regions for code in self.codes]
