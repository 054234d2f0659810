"""Rules of the claims: the years that decide, the thresholds, and from measures in those years to yes or no."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gvckit.errors import ShapeError

#: The paper's first year of networks.
NETWORK_START = 2000
#: "Stable", "little": a change of less than this share of the first value.
STABLE = 0.1
#: "About 50%" and "about 30%": within this much of it.
ABOUT = 0.05
#: "Hubs": supply hubs up to this rank; "among the largest": up to this one.
HUBS, AMONG = 2, 3
#: "A tie": this share of the partner's imports of value added. "Depends highly": this share of its final demand.
TIE, HIGH = 0.05, 0.03
#: "Tied to China": output of which Chinese value added is at least this share, and what else is shown.
TIED, TIED_SHOWN = 0.02, (0.01, 0.03, 0.05)
#: "Four fifths".
FOUR_FIFTHS = 0.8


@dataclass(frozen=True)
class Window:
    """Years that decide about a claim.

    Attributes
    ----------
    start, end : int or None
        The paper's years; those of the table that lie within are used. None: from the first, to the last.
    least : int
        How many years there must be from the first to the last.
    """

    start: int | None = None
    end: int | None = None
    least: int = 1

    def cut(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the window that have all values; `ShapeError` says why they don't suffice."""
        full = frame.dropna()
        years = full.index
        inside = full[(years >= (self.start or years.min())) & (years <= (self.end or years.max()))]
        if len(inside) < 2 or inside.index[-1] - inside.index[0] < self.least:
            there = f"{years[0]} to {years[-1]}" if len(years) else "none"
            needed = f"{_years(self.start, self.end)}, at least {self.least} years apart"
            raise ShapeError(f"it needs {needed}; there are values of {there}")
        return inside

    def shortfall(self, inside: pd.DataFrame) -> str:
        """What the years that were used lack of the paper's, in words; empty where nothing."""
        used = (inside.index[0], inside.index[-1])
        if self.start in (None, used[0]) and self.end in (None, used[1]):
            return ""
        return f"{used[0]} to {used[1]} stand for the paper's {_years(self.start, self.end)}"


def _years(start: int | None, end: int | None) -> str:
    """The paper's years in words."""
    if start is None and end is None:
        return "years"
    return f"years from {start} on" if end is None else f"{start} to {end}"


ALL_YEARS = Window()
#: The paper's years of networks and positions, and those of participation.
NETWORK_YEARS, PARTICIPATION_YEARS = Window(NETWORK_START, 2017, least=5), Window(2010, 2017, least=3)
#: Two databases, a year of each.
TWO_DATABASES = Window(least=5)
SINCE_2000, SINCE_2010 = Window(NETWORK_START, None, least=3), Window(2010, None, least=3)
DIP_YEARS = Window(2017, 2019, least=2)


def _ends(frame: pd.DataFrame, column: int = 0) -> tuple[float, float]:
    """Values of the first and the last year."""
    values = frame.to_numpy()[:, column]
    return float(values[0]), float(values[-1])


def falls(frame: pd.DataFrame) -> bool:
    """Lower in the last year than in the first, in the first column."""
    first, last = _ends(frame)
    return last < first


def rises(frame: pd.DataFrame) -> bool:
    """Higher in the last year than in the first, in the first column."""
    first, last = _ends(frame)
    return last > first


def becomes_first(frame: pd.DataFrame) -> bool:
    """Rank 1 in the last year, and not in the first, in the first column."""
    first, last = _ends(frame)
    return first > 1 and last == 1


def becomes_second(frame: pd.DataFrame) -> bool:
    """Rank 2 in the last year, and a lower place in the first, in the first column."""
    first, last = _ends(frame)
    return first > 2 and last == 2


def are_first(frame: pd.DataFrame) -> bool:
    """Rank 1 by all measures in the last year."""
    return all(_ends(frame, column)[1] == 1 for column in range(frame.shape[1]))


def are_hubs(frame: pd.DataFrame) -> bool:
    """The first two columns, ranks, are at most `HUBS` in the last year."""
    return all(_ends(frame, column)[1] <= HUBS for column in (0, 1))


def loses(frame: pd.DataFrame) -> bool:
    """The share (first column) falls, and the rank (second column) is a worse one."""
    first, last = _ends(frame, 1)
    return falls(frame) and last > first


def positive(frame: pd.DataFrame) -> bool:
    """Above zero in all years, in the first column."""
    return bool((frame.to_numpy()[:, 0] > 0).all())


def stable(frame: pd.DataFrame) -> bool:
    """Changed by less than `STABLE` of the first value."""
    first, last = _ends(frame)
    return abs(last - first) < STABLE * abs(first)


def dips(frame: pd.DataFrame) -> bool:
    """Lower in 2018 than in 2017 and in 2019; all three years must be there."""
    values = dict(zip(frame.index, frame.to_numpy()[:, 0], strict=True))
    if not {2017, 2018, 2019} <= values.keys():
        raise ShapeError("values of 2017, 2018 and 2019 are needed")
    return bool(values[2018] < min(values[2017], values[2019]))


def rises_more(frame: pd.DataFrame) -> bool:
    """The first column rises, and by more than the second."""
    changes = [last - first for first, last in (_ends(frame, 0), _ends(frame, 1))]
    return changes[0] > max(changes[1], 0.0)


def changes_most(frame: pd.DataFrame) -> bool:
    """The first column is the largest in the last year, and the others are less than `STABLE` there."""
    first, *others = frame.to_numpy()[-1]
    return bool(first > max(others) and max(others) < STABLE)


def broadens(frame: pd.DataFrame) -> bool:
    """All columns are higher in the last year than in the first."""
    return all(last > first for first, last in (_ends(frame, column) for column in range(frame.shape[1])))


def shifts(frame: pd.DataFrame) -> bool:
    """The first column falls, and the second rises."""
    first, last = _ends(frame, 1)
    return falls(frame) and last > first


def grows_and_shrinks(frame: pd.DataFrame, little: float = STABLE) -> bool:
    """Columns of Asia rise; those of other groups fall, by less than `little`."""
    for column, name in enumerate(frame.columns):
        first, last = _ends(frame, column)
        if not (last > first if name.startswith("Asia") else first - little < last < first):
            return False
    return True


def shrinks_much(frame: pd.DataFrame) -> bool:
    """The same, whatever the size of the falls."""
    return grows_and_shrinks(frame, float("inf"))


def rises_above_all(frame: pd.DataFrame) -> bool:
    """The first column rises, and the second is above the third in the last year."""
    return rises(frame) and _ends(frame, 1)[1] > _ends(frame, 2)[1]


def among_the_largest(frame: pd.DataFrame) -> bool:
    """Rank up to `AMONG` in the last year, in the first column."""
    return _ends(frame)[1] <= AMONG


def about_four_fifths(frame: pd.DataFrame) -> bool:
    """Within `ABOUT` of 0.8 in the last year, in the first column."""
    return abs(_ends(frame)[1] - FOUR_FIFTHS) <= ABOUT


def more_than_four_fifths(frame: pd.DataFrame) -> bool:
    """Further above 0.8 in the last year than `ABOUT`, in the first column."""
    return _ends(frame)[1] > FOUR_FIFTHS + ABOUT


def steady_and_fastest(frame: pd.DataFrame) -> bool:
    """The first column rises from each year to the next, and the second, a rank of growth, is 1 in the last."""
    values = frame.to_numpy()
    return bool((values[1:, 0] > values[:-1, 0]).all() and values[-1, 1] == 1)


def closes(frame: pd.DataFrame) -> bool:
    """The gap (first column) is nearer to zero in the last year."""
    first, last = _ends(frame)
    return abs(last) < abs(first)


def from_half_to_a_third(frame: pd.DataFrame) -> bool:
    """From within `ABOUT` of 0.5 in the first year to within `ABOUT` of 0.3 in the last."""
    first, last = _ends(frame)
    return abs(first - 0.5) <= ABOUT and abs(last - 0.3) <= ABOUT
