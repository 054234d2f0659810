"""The one door for what trade between regions costs: tariffs and trade costs, by exporter, importer and good.

Also for numbers by region and sector (productivity, factor prices, added costs), and by sector (elasticities).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from gvckit.errors import GvcWarning, LabelError, OptionError, PairError
from gvckit.table.build import as_text
from gvckit.table.data import Matrix, Table
from gvckit.table.find import find_region

ANY = "*"
#: A frame exporter x importer (or (exporter, good) x importer), or a Series or mapping by (exporter, importer) or
#: (exporter, importer, sector of the good).
Pairs: TypeAlias = "Mapping[Any, float] | pd.Series | pd.DataFrame"
#: A number, or a Series or mapping by region or (region, sector), or a frame region x sector.
Places: TypeAlias = "float | Mapping[Any, float] | pd.Series | pd.DataFrame"
_Entry = tuple[Hashable, float]


@dataclass(frozen=True)
class Kind:
    """What kind of number is asked for.

    Attributes
    ----------
    unchanged : float
        The number of what is not named.
    allowed : callable
        Whether a number can be meant.
    wanted : str
        What a message says is wanted.
    taxes : bool
        Whether sales of a region to itself have none.
    """

    unchanged: float
    allowed: Callable[[float], bool]
    wanted: str
    taxes: bool = False


TARIFF = Kind(0.0, lambda rate: -1 < rate < np.inf, "rate above -1, such as 0.25", taxes=True)
#: Infinity is a factor too: nothing is traded.
FACTOR = Kind(1.0, lambda factor: factor > 0, "factor above 0, such as 1.1 (inf: no trade)")
POSITIVE = Kind(1.0, lambda factor: 0 < factor < np.inf, "factor above 0, such as 1.1")
COST = Kind(0.0, lambda cost: -np.inf < cost < np.inf, "number: a cost per unit of output, such as 0.02")


# ---- by pair --------------------------------------------------------------------------------------------------


def by_pair(t: Table, what: str, given: Pairs | None, kind: Kind, start: Matrix | None = None) -> Matrix:
    """Numbers by row (exporter and good) and importer, (n, G).

    Parameters
    ----------
    t : Table
    what : str
        Name of the argument, for messages.
    given : frame, Series or mapping, or None
        Later entries overwrite earlier ones; ``"*"`` is all (of regions: all others).
    kind : Kind
    start : float64 (n, G), optional
        What is not named keeps these instead of `Kind.unchanged`.

    Raises
    ------
    PairError
        A region or sector that is not there, or a key of another length.
    OptionError
        A number that can't be meant; a tariff of a region on itself.
    """
    regions, sectors = len(t.regions), len(t.sectors)
    cube = np.full((regions, sectors, regions), kind.unchanged)
    if start is not None:
        cube = start.reshape(cube.shape).copy()
    if given is None:
        return cube.reshape(-1, regions)
    names = Names(t)
    told = list(_entries(what, given))
    for key, value in told:
        exporters, importers, goods = names.pair(what, key)
        _check_number(what, key, value, kind)
        for i in exporters:
            for j in importers:
                if i != j or (len(exporters) == len(importers) == 1):
                    _check_own(what, names.regions[i], i == j, value, kind)
                    cube[i, goods, j] = value
    if names.turned:
        turned = f"{what}: {names.turned[0]!r} is read as (source, sector, partner)"
        said = f"{turned}; the order is now (exporter, importer, sector)"
        warnings.warn(said, GvcWarning, stacklevel=3)
    _doubt_percent(what, [value for _, value in told], kind)
    return cube.reshape(-1, regions)


def _entries(what: str, given: Any) -> Iterator[_Entry]:
    """Keys with their numbers, of any of the forms."""
    if isinstance(given, pd.DataFrame):
        index, columns = as_text(given.index), as_text(given.columns)
        if columns.nlevels != 1 or index.nlevels > 2:
            raise OptionError(f"{what} is a frame of {index.nlevels} x {columns.nlevels} levels: {_FORMS}")
        if not (index.is_unique and columns.is_unique):
            raise PairError(f"{what} has a label twice")
        for row, values in zip(index, _numbers(what, given), strict=True):
            first, *good = row if isinstance(row, tuple) else (row,)
            yield from (((first, column, *good), value) for column, value in zip(columns, values, strict=True))
    elif isinstance(given, pd.Series | Mapping):
        yield from given.items()
    else:
        raise OptionError(f"{what}={given!r:.60}: {_FORMS}")


_FORMS = (
    "wanted is a frame exporter x importer, or a Series or mapping by (exporter, importer) or (exporter, importer, "
    "sector), such as {('CHN', 'USA'): 0.25}"
)


def _numbers(what: str, given: pd.DataFrame) -> list[list[float]]:
    try:
        found: list[list[float]] = given.to_numpy(dtype=np.float64).tolist()
    except (TypeError, ValueError) as error:
        raise OptionError(f"{what} holds cells that are not numbers: {error}") from error
    return found


class Names:
    """Regions and sectors by the names that people type, each looked up once."""

    def __init__(self, t: Table) -> None:
        self.labels, self.regions, self.sectors = t.labels, t.labels.regions, t.labels.sectors
        self._region: dict[object, list[int]] = {ANY: list(range(len(self.regions)))}
        self._sector: dict[object, list[int]] = {ANY: list(range(len(self.sectors)))}
        self._known: dict[object, bool] = {}
        self.turned: list[Hashable] = []

    def region(self, name: object) -> list[int]:
        """Positions of a region; ``"*"`` is all."""
        if name not in self._region:
            self._region[name] = [self.regions.index(find_region(self.regions, str(name)))]
        return self._region[name]

    def sector(self, name: object) -> list[int]:
        """Positions of a sector; ``"*"`` is all."""
        if name not in self._sector:
            self._sector[name] = [self.sectors.index(self.labels.find_sector(name))]
        return self._sector[name]

    def pair(self, what: str, key: Hashable) -> tuple[list[int], list[int], list[int]]:
        """Exporters, importers and goods of a key."""
        parts = key if isinstance(key, tuple) else (key,)
        if len(parts) not in (2, 3):
            raise PairError(
                f"the key {key!r} of {what} has {len(parts)} labels, expected 3, or the first 2 of them: {_FORMS}"
            )
        exporter, importer, good = parts if len(parts) == 3 else (*parts, ANY)
        if self._is_turned(importer, good):
            importer, good = good, importer
            self.turned.append(key)
        try:
            return self.region(exporter), self.region(importer), self.sector(good)
        except LabelError as error:
            raise PairError(f"{what}, {key!r}: {error}") from error

    def _is_turned(self, second: object, third: object) -> bool:
        """Whether a key is (source, sector, partner), as scenarios had it: where the labels leave no doubt."""
        return third != ANY and self._is_region(third) and (second == ANY or not self._is_region(second))

    def _is_region(self, name: object) -> bool:
        if name not in self._known:
            try:
                self._known[name] = bool(self.region(name))
            except LabelError:
                self._known[name] = False
        return self._known[name]


def _check_number(what: str, key: Hashable, value: Any, kind: Kind) -> None:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and kind.allowed(float(value)):
        return
    raise OptionError(f"{value!r} in {what}, {key!r}, is no {kind.wanted}")


def _check_own(what: str, region: str, own: bool, value: float, kind: Kind) -> None:
    if own and kind.taxes and value != 0:
        raise OptionError(f"{what}: {region} can't tax its sales to itself, {value!r} for ({region!r}, {region!r})")


def _doubt_percent(what: str, values: Sequence[float], kind: Kind) -> None:
    """Say so where all rates look like percentages."""
    taxed = [value for value in values if value > 0]
    if kind.taxes and taxed and min(taxed) >= 2:
        said = f"the smallest of {what} is {min(taxed)!r}, which is {min(taxed):.0%}: rates are fractions, 0.25 is 25%"
        warnings.warn(said, GvcWarning, stacklevel=4)


# ---- by region and sector -------------------------------------------------------------------------------------


def by_place(t: Table, what: str, given: Places | None, kind: Kind) -> Matrix:
    """Numbers by row (n,): a number for all, by region, by (region, sector), or a frame region x sector."""
    values = np.full((len(t.regions), len(t.sectors)), kind.unchanged)
    if given is None:
        return values.ravel()
    if isinstance(given, int | float | np.number):
        given = {ANY: float(given)}
    names = Names(t)
    if not isinstance(given, pd.DataFrame | pd.Series | Mapping):
        raise OptionError(f"{what}={given!r:.60}: a number, or a mapping by region or (region, sector), is wanted")
    for key, value in _entries(what, given):
        parts = key if isinstance(key, tuple) else (key, ANY)
        if len(parts) != 2:
            raise PairError(
                f"the key {key!r} of {what} has {len(parts)} labels: a region, or (region, sector), is wanted"
            )
        try:
            places = np.ix_(names.region(parts[0]), names.sector(parts[1]))
        except LabelError as error:
            raise PairError(f"{what}, {key!r}: {error}") from error
        _check_number(what, key, value, kind)
        values[places] = value
    return values.ravel()


# ---- by sector ------------------------------------------------------------------------------------------------


def elasticities(t: Table, given: float | Mapping[str, float] | pd.Series | Sequence[float]) -> Matrix:
    """Trade elasticities by sector (N,): one for all, by sector (each must be there), or in the table's order."""
    count = len(t.sectors)
    if isinstance(given, int | float | np.number):
        found: list[Any] = [float(given)] * count
    elif isinstance(given, Mapping | pd.Series):
        names = Names(t)
        told = {t.sectors[at]: value for key, value in given.items() for at in _sector(names, key)}
        missing = [sector for sector in t.sectors if sector not in told]
        if missing:
            raise OptionError(f"elasticity lacks {', '.join(map(repr, missing))}: one for each sector is wanted")
        found = [told[sector] for sector in t.sectors]
    else:
        found = list(np.ravel(np.asarray(given)).tolist())
    if found and isinstance(found[0], str):
        raise OptionError(f"elasticity={given!r:.40}: numbers are wanted; gk.trade_elasticities(t) has published ones")
    if len(found) != count:
        raise OptionError(f"elasticity has {len(found)} numbers, expected {count}, one for each sector")
    for sector, value in zip(t.sectors, found, strict=True):
        if not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
            raise OptionError(f"elasticity={value!r} ({sector}): a number above 0 is wanted")
    return np.array(found, dtype=np.float64)


def _sector(names: Names, key: Hashable) -> list[int]:
    try:
        return names.sector(key)
    except LabelError as error:
        raise PairError(f"elasticity: {error}") from error


# ---- shocks to write down -------------------------------------------------------------------------------------


def costs_between(t: Table, blocs: Mapping[str, str | Sequence[str]], factor: float = np.inf) -> pd.DataFrame:
    """Trade costs between blocs, for ``counterfactual(t, trade_costs=...)``: decoupling, friend-shoring.

    Parameters
    ----------
    t : Mrio
    blocs : mapping of name to a region or a list of regions
        Two or more; no region in two of them. Trade within a bloc, and with regions of none, stays as it is.
    factor : float, default inf
        What trade between blocs costs, as a factor: 1.1 is ten per cent more, infinity is no trade.

    Returns
    -------
    DataFrame
        Exporter x importer, 1 where nothing changes.

    Raises
    ------
    OptionError, LabelError
        One bloc alone, a region that is unknown or in two blocs, a factor that is not above 0.
    """
    _check_number("factor", "all", factor, FACTOR)
    names = Names(t)
    of: dict[int, str] = {}
    for bloc, members in blocs.items():
        for name in [members] if isinstance(members, str) else members:
            at = names.region(name)[0]
            if of.setdefault(at, bloc) != bloc:
                raise OptionError(f"{t.regions[at]} is in two blocs, {of[at]!r} and {bloc!r}")
    if len(set(of.values())) < 2:
        raise OptionError(f"blocs={dict(blocs)!r:.80}: two or more blocs with regions are wanted")
    costs = np.ones((len(t.regions), len(t.regions)))
    for i, one in of.items():
        for j, other in of.items():
            if one != other:
                costs[i, j] = factor
    return pd.DataFrame(costs, index=pd.Index(t.regions, name="exporter"), columns=pd.Index(t.regions, name="importer"))
