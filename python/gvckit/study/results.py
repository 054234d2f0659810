"""What the reproduction computes, once: its tables, claims and report take their frames from here."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import EquilibriumError, IndicatorError, LabelError, OptionError, ShapeError
from gvckit.index.composite import CompositeIndex
from gvckit.index.uncertainty import Uncertainty
from gvckit.many.panel import panel
from gvckit.measures.dependence import dependence
from gvckit.measures.flows import flows
from gvckit.measures.lengths import position
from gvckit.measures.network import TradeNetwork, network
from gvckit.measures.participation import participation
from gvckit.measures.tiva import tiva
from gvckit.models.extraction import decouple
from gvckit.mrio import Mrio
from gvckit.options import Direction, FigureFormat, Kind, check
from gvckit.readers.folder import tables_by_year
from gvckit.study import china_us as schemes
from gvckit.study.rules import NETWORK_START
from gvckit.study.what_if import WhatIf
from gvckit.table.groups import (
    LOW,
    MEDIUM_HIGH,
    goods_sectors,
    industry_sectors,
    one_sector,
    sum_sectors,
    technology_groups,
)
from gvckit.table.labels import named
from gvckit.table.names import is_aggregate
from gvckit.table.shares import share

log = logging.getLogger("gvckit.results")

KINDS: tuple[Kind, Kind, Kind] = ("traditional", "simple", "complex")
DIRECTIONS: tuple[Direction, Direction] = ("forward", "backward")
#: The paper's three networks: name in files, and name in titles.
NETWORKS = {"whole_economy": "whole economy", "ict": "ICT", "motor_vehicles": "motor vehicles"}
#: Draws behind the bands of the index, and the relative error that each input is given in them.
INDEX_DRAWS, INPUT_ERROR = 10_000, 0.05
#: The forms of the index: four pillars; three over later years, without and with the surcharges of the trade war.
INDEX_FORMS: dict[str, dict[str, Any]] = {
    "full": {},
    "icio": {"trade": "icio", "tariffs": "icio"},
    "surcharges": {"trade": "icio", "tariffs": "surcharges"},
}
#: The sum of the economies that a table doesn't show.
REST = "ROW"
#: Industries whose position is shown, and what they are called where the table has codes.
POSITION_INDUSTRIES = {
    "electrical": "Electrical",
    "electronics": "Electronics",
    "machinery": "Machinery",
    "motor_vehicles": "Motor vehicles",
}


class Results:
    """Measures of several years, each computed when it is first asked for, and kept.

    Parameters
    ----------
    tables : mapping of year to Mrio
        Of the same sectors.
    progress : bool, default False
        Show a progress bar for each measure.
    late : Mrio, optional
        A table of another database and a later year: whole economies are compared with it (`two_databases`).
    formats : sequence of {"pdf", "svg"}
        In which figures are written too.

    Attributes
    ----------
    tables : dict of int to Mrio
        In order of years.
    skipped : dict of str to str
        Parts that the tables could not answer, with the reason.
    """

    def __init__(
        self,
        tables: Mapping[int, Mrio],
        progress: bool = False,
        late: Mrio | None = None,
        formats: Sequence[FigureFormat] = (),
    ) -> None:
        if not tables:
            raise OptionError("tables is empty: there is nothing to reproduce")
        self.tables = dict(sorted(tables.items()))
        self.progress = progress
        self.late = late
        self.formats = tuple(formats)
        for form in self.formats:
            check("formats", form, FigureFormat)
        self.skipped: dict[str, str] = {}
        self._networks: dict[tuple[str, Kind], dict[int, TradeNetwork]] = {}
        self._regional: dict[str, pd.DataFrame] = {}
        self._check_sectors()

    def _check_sectors(self) -> None:
        for year, t in self.tables.items():
            if t.sectors != self.table.sectors:
                raise OptionError(
                    f"the tables of {self.first} and {year} have different sectors: aggregate() them first"
                )

    @property
    def first(self) -> int:
        """First year."""
        return min(self.tables)

    @property
    def last(self) -> int:
        """Last year."""
        return max(self.tables)

    @property
    def table(self) -> Mrio:
        """Table of the first year: its labels are those of all."""
        return self.tables[self.first]

    @property
    def ends(self) -> list[int]:
        """First and last year, or the only one."""
        return sorted({self.first, self.last})

    @property
    def pair(self) -> tuple[str, str]:
        """Labels of China and the United States; `LabelError` where the table lacks one."""
        return self.table.find("CHN"), self.table.find("USA")

    @property
    def has_pair(self) -> bool:
        """Whether the tables hold China and the United States."""
        try:
            return bool(self.pair)
        except LabelError:
            return False

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Skip a part that the tables can't answer, with a line in the log that says why."""
        try:
            yield
        except (EquilibriumError, IndicatorError, LabelError, ShapeError) as error:
            self.skipped[name] = error.message
            log.warning("%s: skipped: %s", name, error.message)

    def panel(self, measure: Any, **options: Any) -> pd.DataFrame:
        """A measure over all years."""
        return panel(measure, self.tables, progress=self.progress, **options)

    @cached_property
    def participation(self) -> dict[Direction, pd.DataFrame]:
        """Participation by year, region and sector, in levels."""
        return {direction: self.panel(participation, direction=direction) for direction in DIRECTIONS}

    @cached_property
    def medium_high(self) -> dict[Direction, pd.DataFrame]:
        """Participation shares of medium- and high-technology manufacturing by year and region."""
        return {direction: medium_high_shares(levels, self.table) for direction, levels in self.participation.items()}

    def network_options(self, name: str) -> dict[str, Any]:
        """Options of `network` for one of the paper's networks: its sectors, without sums of economies."""
        sector = None if name == "whole_economy" else industry_sectors(self.table, name)
        return {"sector": sector, "exclude": [region for region in self.table.regions if is_aggregate(region)]}

    def network(self, name: str, kind: Kind, year: int, **options: Any) -> TradeNetwork:
        """One of the paper's networks in a year."""
        return network(self.tables[year], kind, **self.network_options(name), **options)

    def networks(self, name: str, kind: Kind) -> dict[int, TradeNetwork]:
        """One of the paper's networks in all years, with all its edges."""
        if (name, kind) not in self._networks:
            self._networks[name, kind] = {year: self.network(name, kind, year) for year in self.tables}
        return self._networks[name, kind]

    def hubs(self, name: str, kind: Kind) -> pd.DataFrame:
        """Hubs by year and region, without centralities, with `exports` and `imports` of value added."""
        nets = self.networks(name, kind).items()
        found = {year: net.hubs(centralities=False).join(net.nodes[["exports", "imports"]]) for year, net in nets}
        return pd.concat(found, names=["year"])

    def regionalisation(self, name: str) -> pd.DataFrame:
        """Within- and between-group shares of the networks by kind, year and group."""
        if name not in self._regional:
            parts = {
                (kind, year): net.regionalisation() for kind in KINDS for year, net in self.networks(name, kind).items()
            }
            self._regional[name] = pd.concat(parts, names=["kind", "year"])
        return self._regional[name]

    @cached_property
    def two_databases(self) -> TwoDatabases | None:
        """The first year beside the later table, on the economies that both have; None where there is no such table."""
        if self.late is None or self.late.year is None or self.late.year <= self.last:
            return None
        first = self.table if self.first >= NETWORK_START else self.tables.get(NETWORK_START, self.table)
        common = set(first.regions) & set(self.late.regions) - {REST}
        joined = {
            int(t.year or self.first): t.aggregate(regions={r: r if r in common else REST for r in t.regions})
            for t in (first, self.late)
        }
        return TwoDatabases(joined, self.progress, formats=self.formats)

    @cached_property
    def absorbed(self) -> pd.DataFrame:
        """Value added by year and source, and by the region that absorbs it in the end."""
        return self.panel(flows, kind="total", partner="absorber")

    @cached_property
    def chinese_content(self) -> pd.DataFrame:
        """Chinese value added per unit of output, `share`, and that `output`, by year, region and sector."""
        return self.panel(content_of, source=self.table.find("China"))

    @cached_property
    def manufacturing(self) -> pd.DataFrame:
        """Value added of manufacturing, by year and region."""
        return self.panel(value_added_of, sectors=manufacturing_sectors(self.table))

    @cached_property
    def goods_trade(self) -> pd.DataFrame:
        """Gross exports and imports of goods, intermediate and final, by year, region and sector."""
        return self.panel(trade_by_use).loc[(slice(None), slice(None), goods_sectors(self.table)), :]

    @cached_property
    def position(self) -> pd.DataFrame:
        """Position by year, region and sector."""
        return self.panel(position)

    @cached_property
    def position_names(self) -> dict[str, str]:
        """Sectors whose position is shown, of those that the table has, and what they are called."""
        names = {}
        for industry, title in POSITION_INDUSTRIES.items():
            with suppress(LabelError):
                sector = one_sector(self.table, industry)
                is_code = any(letter.isdigit() for letter in sector)
                names[sector] = f"{title} ({sector})" if is_code else sector
        if not names:
            raise LabelError("the table has no sector for machinery, electrical or transport equipment")
        return names

    @cached_property
    def goods_inputs(self) -> pd.DataFrame:
        """Imported inputs in exports of goods, by year and region."""
        return self.panel(tiva, sectors=goods_sectors(self.table))

    @cached_property
    def index_inputs(self) -> pd.DataFrame:
        """Indicators of the China-US index by year; of the embedded table where these hold too few years for it."""
        own = schemes.china_us_inputs(self.tables)
        enough = len(own[schemes.china_us().indicators].dropna()) >= schemes.LEAST_YEARS
        return own if enough else schemes.china_us_inputs()

    @cached_property
    def index(self) -> dict[str, CompositeIndex]:
        """All forms of the index, with bands."""
        spread = Uncertainty(draws=INDEX_DRAWS, error=INPUT_ERROR)
        return {
            form: schemes.china_us_index(self.index_inputs, uncertainty=spread, **options)
            for form, options in INDEX_FORMS.items()
        }

    @cached_property
    def sides(self) -> pd.DataFrame:
        """Both sides of the index by year."""
        return schemes.china_us_asymmetry(self.index_inputs)

    @cached_property
    def dependence(self) -> pd.DataFrame:
        """Dependence of the pair by year, measure and sector."""
        a, b = self.pair
        return self.panel(dependence, a=a, b=b)

    @cached_property
    def decoupling(self) -> pd.DataFrame:
        """What the pair loses as it stops trading in the last year."""
        return decouple(self.tables[self.last], *self.pair)

    @cached_property
    def what_if(self) -> WhatIf:
        """Prices, missing supplies and general equilibrium as the pair stops trading in the last year."""
        return WhatIf(self.tables[self.last], self.pair, self.progress)


class TwoDatabases(Results):
    """Results of two years that are of two databases, whose sectors differ: whole economies alone are compared."""

    def _check_sectors(self) -> None:
        """Sectors differ, and nothing here asks for them."""

    def network_options(self, name: str) -> dict[str, Any]:
        """Options of the network of whole economies; `LabelError` for one of some sectors."""
        if name != "whole_economy":
            raise LabelError("the two databases have different sectors: only whole economies can be compared")
        return super().network_options(name)

    @property
    def names(self) -> str:
        """Both databases with their years, in words."""
        return " and ".join(f"{t.source} ({year})" for year, t in self.tables.items())


def content_of(t: Mrio, source: str) -> pd.DataFrame:
    """Value added of one region per unit of the output of each sector, ``v_s'B``, and that output."""
    labels = t.labels
    ours = t.per_unit * (labels.rows.get_level_values("region") == source)
    share_of = t.solver().solve_transposed(ours[:, None])[:, 0]
    values = np.column_stack([share_of, t.arrays.x])
    return t.frame(values, labels.rows, named(("share", "output")), measure="content")


def value_added_of(t: Mrio, sectors: Sequence[str]) -> pd.DataFrame:
    """Value added of some sectors together, by region."""
    values = t.labels.by_region(t.arrays.va * t.labels.rows_of(sectors))
    return t.frame(values[:, None], t.labels.region, named(("value_added",)), measure="value_added")


def trade_by_use(t: Mrio) -> pd.DataFrame:
    """Gross exports and imports by (region, sector) of the good, intermediate and final."""
    g, n = len(t.regions), len(t.sectors)
    z = t.arrays.z.reshape(g, n, g, n).sum(axis=3)
    y = t.arrays.y.reshape(g, n, g)
    found = {}
    for use, flow in (("intermediate", z), ("final", y)):
        flow = np.where(np.eye(g, dtype=bool)[:, None, :], 0.0, flow)
        found[f"{use}_exports"] = flow.sum(axis=2).ravel()
        found[f"{use}_imports"] = flow.sum(axis=0).T.ravel()
    values = np.column_stack(list(found.values()))
    return t.frame(values, t.labels.rows, named(found), measure="trade_by_use")


def manufacturing_sectors(t: Mrio) -> list[str]:
    """Sectors of manufacturing: goods without agriculture and mining."""
    groups = technology_groups(t)
    return [sector for sector in t.sectors if groups[sector] in (MEDIUM_HIGH, LOW)]


def medium_high_shares(levels: pd.DataFrame, t: Mrio) -> pd.DataFrame:
    """Participation shares of medium- and high-technology manufacturing by year and region."""
    sums = sum_sectors(levels, technology_groups(t))
    groups = sums[sums.index.get_level_values("sector") == MEDIUM_HIGH].droplevel("sector")
    shares = pd.DataFrame(share(groups, groups["total"]), index=groups.index, columns=groups.columns)
    whole = "value added" if levels.attrs.get("direction") == "forward" else "final goods output"
    shares.attrs.update(levels.attrs)
    shares.attrs["unit"] = f"share of {whole}"
    return shares


def load_tables(folder: Path, years: Iterable[int] | None = None) -> dict[int, Mrio]:
    """Tables of a folder by year, in any layout that `read` knows.

    Parameters
    ----------
    folder : path
    years : iterable of int, optional
        Only these years; by default all that are there. Files whose names are of other years are not opened.

    Returns
    -------
    dict of int to Mrio
        In order of years.

    Raises
    ------
    OptionError
        A year that no file is of, or that two files are of; a table that doesn't say its year.
    """
    wanted = None if years is None else set(years)
    return tables_by_year(folder, wanted, lambda problem, path: OptionError(f"{path} {problem}"))
