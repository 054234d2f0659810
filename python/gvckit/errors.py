"""Errors of the package: one base, and children that are also the built-in class that a caller expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any


class GvcError(Exception):
    """Base of every error that gvckit raises on purpose.

    Attributes
    ----------
    row, col : int or None
        Position in the table that the error is about, counted from 0.
    """

    def __init__(self, message: str, row: int | None = None, col: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.row = row
        self.col = col

    def __str__(self) -> str:
        # KeyError, a base of LabelError, would print the repr.
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.__dict__))


def _restore(kind: type[GvcError], state: dict[str, object]) -> GvcError:
    error = kind.__new__(kind, state["message"])
    error.__dict__.update(state)
    error.args = (state["message"],)
    return error


class ShapeError(GvcError, ValueError):
    """Arrays or frames that don't fit together."""


class TableError(GvcError, TypeError):
    """Something else where a table is wanted; the message says how to make one."""

    @classmethod
    def not_called(cls, name: str) -> TableError:
        """Say what to call instead of ``Mrio(Z, Y)``."""
        return cls(
            f"{name}(...) isn't called: make a table with Mrio.from_arrays(Z, Y, regions, sectors), or of labelled "
            "frames with Mrio.from_frames(Z, Y)"
        )

    @classmethod
    def of(cls, value: object) -> TableError:
        """Say what came, and how to make a table of it."""
        kind = type(value).__name__
        if isinstance(value, str | PathLike):
            how = f"read the file first, gk.read({str(value)!r})"
        elif isinstance(value, int):
            how = f"gk.load_sample({value}) is the embedded table of that year"
        elif hasattr(value, "columns"):
            how = "make one of labelled frames, gk.Mrio.from_frames(Z, Y)"
        elif hasattr(value, "shape"):
            how = "make one of arrays, gk.Mrio.from_arrays(Z, Y, regions, sectors)"
        elif isinstance(value, Mapping | list | tuple):
            how = "for many tables there is gk.panel(measure, tables)"
        else:
            how = "see gk.read, gk.Mrio.from_frames and gk.Mrio.from_arrays"
        return cls(f"a table (gvckit.Mrio) is wanted, not a {kind}: {how}")


class NonFiniteError(GvcError, ValueError):
    """NaN or infinity in an input."""


class LabelError(GvcError, KeyError, ValueError):
    """A label that is unknown, missing or used twice."""


class NotProductiveError(GvcError, ArithmeticError):
    """An economy that uses up more than it makes: I - A has a pivot that is not positive."""


class SingularError(GvcError, ArithmeticError):
    """I - A is singular, or so nearly that the result would have no right digits."""


class OptionError(GvcError, ValueError):
    """An option with a value that is not allowed; the message lists what is."""

    @classmethod
    def of(cls, name: str, value: object, allowed: Iterable[object]) -> OptionError:
        """Say which option, what came, and what is allowed."""
        choices = ", ".join(repr(choice) for choice in allowed)
        return cls(f"{name}={value!r} is not known; allowed are {choices}")


class PairError(LabelError, OptionError):
    """A shock to a pair of regions, or to a good, that the table doesn't have."""


class IndicatorError(GvcError, ValueError):
    """An indicator that can't be brought into an index; the message names it, and the row where it is about one."""


class BalanceError(GvcError, ArithmeticError):
    """Totals that no scaling of a table's cells reaches."""


class EquilibriumError(GvcError, ArithmeticError):
    """A counterfactual without a solution, or one that is not reached; the message names the good, sector or region."""


class DownloadError(GvcError, OSError):
    """A file that can't be fetched, or not without a person; the message says what to do."""


class WriteError(GvcError, OSError):
    """A file that can't be written; the message says which, why, and what to do."""


class PanelError(GvcError):
    """Tables of a panel that failed.

    Attributes
    ----------
    partial : DataFrame
        The parts that are finished.
    failed : dict
        Name of each failed part with its error.
    """

    def __init__(self, message: str, partial: Any, failed: dict[Any, BaseException]) -> None:
        super().__init__(message)
        self.partial = partial
        self.failed = failed


class MissingDependencyError(GvcError, ImportError):
    """An optional library that is not installed; the message has the line to type."""

    @classmethod
    def of(cls, library: str, purpose: str, extra: str) -> MissingDependencyError:
        """Name the library, what it is for, and the extra that installs it."""
        return cls(f"{purpose} needs {library}: pip install 'gvckit[{extra}]'")


class TooLargeError(GvcError, MemoryError):
    """A result that this machine's memory can't hold; the message says how large it would be."""


class ReadError(GvcError, ValueError):
    """A file that can't be read as what it claims to be.

    Attributes
    ----------
    path : str or None
        The file.
    sheet, cell : str or None
        Sheet of a workbook and cell such as ``E8``, or the line of a text file, where known.
    """

    def __init__(
        self,
        message: str,
        path: str | PathLike[str] | None = None,
        sheet: str | None = None,
        cell: str | None = None,
    ) -> None:
        self.reason = message
        self.path = None if path is None else str(path)
        self.sheet = sheet
        self.cell = cell
        super().__init__(self._text())

    def _text(self) -> str:
        places = [self.path, self.sheet and f"sheet {self.sheet!r}", self.cell and f"cell {self.cell}"]
        where = ", ".join(place for place in places if place)
        return f"{where}: {self.reason}" if where else self.reason

    def at(self, path: str | PathLike[str]) -> ReadError:
        """Return the same error with the file's name."""
        return ReadError(self.reason, path, self.sheet, self.cell)


class GvcWarning(UserWarning):
    """Something that a careful user wants to know, and that doesn't stop the work."""
