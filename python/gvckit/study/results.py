"""What the reproduction computes, once: its tables, claims and report take their frames from here."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from gvckit.errors import IndicatorError, LabelError, OptionError, ShapeError
from gvckit.index.composite import CompositeIndex
from gvckit.index.uncertainty import Uncertainty
from gvckit.many.panel import panel
from gvckit.measures.dependence import dependence
from gvckit.measures.lengths import position
from gvckit.measures.network import TradeNetwork, network, regionalisation
from gvckit.measures.participation import participation
from gvckit.measures.tiva import tiva
from gvckit.models.extraction import decouple
from gvckit.mrio import Mrio
from gvckit.options import Direction, Kind
from gvckit.readers.folder import tables_by_year
from gvckit.study import china_us as schemes
from gvckit.table.groups import MEDIUM_HIGH, goods_sectors, industry_sectors, one_sector, sum_sectors, technology_groups
from gvckit.table.names import is_aggregate
from gvckit.table.shares import share

log = logging.getLogger("gvckit.results")

KINDS: tuple[Kind, Kind, Kind] = ("traditional", "simple", "complex")
DIRECTIONS: tuple[Direction, Direction] = ("forward", "backward")
#: The paper's three networks: name in files, and name in titles.
NETWORKS = {"whole_economy": "whole economy", "ict": "ICT", "motor_vehicles": "motor vehicles"}
#: Draws behind the bands of the index, and the relative error that each input is given in them.
INDEX_DRAWS, INPUT_ERROR = 10_000, 0.05
#: The two forms of the index: with the table's trade, and with goods trade and tariffs on all partners.
INDEX_FORMS: dict[str, dict[str, Any]] = {"table": {}, "goods": {"trade": "goods", "tariffs": "all_partners"}}
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

    Attributes
    ----------
    tables : dict of int to Mrio
        In order of years.
    skipped : dict of str to str
        Parts that the tables could not answer, with the reason.
    """

    def __init__(self, tables: Mapping[int, Mrio], progress: bool = False) -> None:
        if not tables:
            raise OptionError("tables is empty: there is nothing to reproduce")
        self.tables = dict(sorted(tables.items()))
        self.progress = progress
        self.skipped: dict[str, str] = {}
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

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Skip a part that the tables can't answer, with a line in the log that says why."""
        try:
            yield
        except (LabelError, IndicatorError, ShapeError) as error:
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

    @cached_property
    def _hubs(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def hubs(self, name: str, kind: Kind) -> pd.DataFrame:
        """Hubs by year and region, without centralities, with `exports` and `imports` of value added."""
        if (name, kind) not in self._hubs:
            found = {}
            for year in self.tables:
                net = self.network(name, kind, year)
                found[year] = net.hubs(centralities=False).join(net.nodes[["exports", "imports"]])
            self._hubs[name, kind] = pd.concat(found, names=["year"])
        return self._hubs[name, kind]

    @cached_property
    def _regional(self) -> dict[str, pd.DataFrame]:
        return {}

    def regionalisation(self, name: str) -> pd.DataFrame:
        """Within- and between-group shares of the networks by kind, year and group."""
        if name not in self._regional:
            options = self.network_options(name)
            parts = {kind: self.panel(regionalisation, kind=kind, **options) for kind in KINDS}
            self._regional[name] = pd.concat(parts, names=["kind"])
        return self._regional[name]

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
        """Indicators of the China-US index by year."""
        return schemes.china_us_inputs(self.tables)

    @cached_property
    def index(self) -> dict[str, CompositeIndex]:
        """Both forms of the index, with bands."""
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
