"""Groups of regions and sectors that the field compares, and mappings to them for `Mrio.aggregate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from gvckit.errors import LabelError, OptionError
from gvckit.table.data import Table, expect_table
from gvckit.table.find import find_region, find_sector
from gvckit.table.industries import Span, span_of, spans
from gvckit.table.names import PROCESSING, economy_of, groups_known, members_of

#: The sample's sector groups.
GROUPS = (
    "Agriculture",
    "Mining",
    "Food, textiles, wood and paper",
    "Refined petroleum",
    "Chemicals, rubber and plastics",
    "Minerals and metals",
    "Machinery",
    "Electrical and optical equipment",
    "Transport equipment",
    "Other manufacturing",
    "Utilities and construction",
    "Trade, transport and hospitality",
    "Business services",
    "Public and personal services",
)
#: Divisions of ISIC rev. 4 (NACE rev. 2): first and last, and the group. Post (53) goes with telecommunications, as in
#: rev. 3; repair of machinery (33) with other manufacturing; recycling, manufacturing in rev. 3, with utilities.
_REV4 = (
    (1, 3, 0), (5, 9, 1), (10, 18, 2), (19, 19, 3), (20, 22, 4), (23, 25, 5), (26, 27, 7), (28, 28, 6), (29, 30, 8),
    (31, 33, 9), (35, 43, 10), (45, 52, 11), (53, 53, 12), (55, 56, 11), (58, 82, 12), (84, 99, 13),
)  # fmt: skip
#: The same of ISIC rev. 3.
_REV3 = (
    (1, 5, 0), (10, 14, 1), (15, 22, 2), (23, 23, 3), (24, 25, 4), (26, 28, 5), (29, 29, 6), (30, 33, 7), (34, 35, 8),
    (36, 37, 9), (40, 45, 10), (50, 63, 11), (64, 74, 12), (75, 99, 13),
)  # fmt: skip
#: Groups of the embedded OECD table that lie across several of the 14.
_BROAD = {"Agriculture, mining, food": "A, B, C10T12", "Other manufacturing": "C13-C33"}


def sector_mapping(t: Table) -> dict[str, str]:
    """Sectors of a table to the 14 groups of the embedded one, by ISIC rev. 3 or 4.

    Parameters
    ----------
    t : Mrio
        With the codes of WIOD 2013 or ADB (c1 to c35), WIOD 2016 (c1 to c56), OECD ICIO, FIGARO, or the sample's own
        names.

    Returns
    -------
    dict of str to str
        For ``t.aggregate(sectors=...)``.

    Raises
    ------
    LabelError
        A sector whose code is not of these classifications, or lies in two groups (as some of Eora26 do).

    Notes
    -----
    Revisions 3 and 4 of ISIC don't match exactly: repair, recycling and publishing changed places.
    """
    expect_table(t)
    if set(t.sectors) <= set(GROUPS):
        return {sector: sector for sector in t.sectors}
    if set(_BROAD) <= set(t.sectors):
        told = " and ".join(f"{name!r} ({isic})" for name, isic in _BROAD.items())
        raise LabelError(
            f"{told} each lie across several of the 14 sector groups, so this table of 11 broad groups can't tell its "
            "industries apart: compare whole economies, or read a table with more sectors, such as gk.read_icio()"
        )
    return {sector: _group(sector, span) for sector, span in zip(t.sectors, spans(t.sectors), strict=True)}


def group_of(code: str) -> str:
    """Group of an ISIC rev. 4 or NACE rev. 2 code such as C10T12, A01_02, 01T03, C24A, CPA_D35, B, R_S."""
    return _group(code, span_of(code))


def _group(code: str, span: Span | None) -> str:
    """Group in which both ends of a span of divisions lie."""
    if span is None:
        raise LabelError(f"the sector {code!r} is not of a classification that is known: pass a mapping of your own")
    # Transport with post (49T53) is transport.
    last = 52 if span.revision == 4 and span.first < span.last == 53 else span.last
    groups = _REV4 if span.revision == 4 else _REV3
    ends = {next((group for low, high, group in groups if low <= k <= high), None) for k in (span.first, last)}
    found = ends.pop()
    if ends or found is None:
        raise LabelError(f"the sector {code!r} lies in no group or in two of the 14: pass a mapping of your own")
    return GROUPS[found]


def division_of(t: Table, sector: str) -> int | None:
    """Division of ISIC rev. 4 that a sector is, alone and whole (C26, CPA_C26, D26, c17 of WIOD 2016), or None."""
    span = spans(t.sectors)[t.sectors.index(sector)]
    alone = span is not None and span.whole and span.revision == 4 and span.first == span.last
    return span.first if span is not None and alone else None


def region_mapping(t: Table, to: str | Sequence[str] = "ISO3", rest: str | None = None) -> dict[str, str]:
    """Regions of a table to other codes, names or groups.

    Parameters
    ----------
    t : Mrio
    to : str or sequence of str
        ``ISO3``, ``ISO2``, ``name``, or groups: EU27, EU28, EA20, G7, G20, BRICS, ASEAN, RCEP, USMCA, OECD. Of several
        groups the first that has a member counts.
    rest : str, optional
        Group for all others; by default they keep their labels.

    Returns
    -------
    dict of str to str
        For ``t.aggregate(regions=...)``. A region that the package doesn't know keeps its label.

    Raises
    ------
    OptionError
        Something else to map to.
    """
    expect_table(t)
    wanted = [to] if isinstance(to, str) else list(to)
    known = groups_known()
    plain = {"ISO3", "ISO2", "name"}
    if not wanted or not (set(wanted) <= set(known) or (len(wanted) == 1 and wanted[0] in plain)):
        raise OptionError.of("to", to, [*sorted(plain), *known])
    found = {}
    for region in t.regions:
        economy = economy_of(PROCESSING.get(region, region))
        if wanted[0] in plain:
            attribute = {"ISO3": "code", "ISO2": "iso2", "name": "name"}[wanted[0]]
            found[region] = str(getattr(economy, attribute) or region) if economy else region
            continue
        groups = [group for group in wanted if economy is not None and economy.code in known[group]]
        found[region] = groups[0] if groups else rest or region
    return found


#: Groups of regions, in the order in which figures show them.
REGION_GROUPS = ("Europe", "North America", "Asia", "Rest")

MEDIUM_HIGH = "Medium- and high-technology manufacturing"
LOW = "Low-technology manufacturing"
PRIMARY = "Primary"
SERVICES = "Utilities, construction and services"

# As in ADB's five-sector aggregation (c8, c9, c11 to c15), which the paper uses.
_BY_CODE = (
    dict.fromkeys(("c1", "c2"), PRIMARY)
    | dict.fromkeys(("c3", "c4", "c5", "c6", "c7", "c10", "c16"), LOW)
    | dict.fromkeys(("c8", "c9", "c11", "c12", "c13", "c14", "c15"), MEDIUM_HIGH)
    | dict.fromkeys((f"c{i}" for i in range(17, 36)), SERVICES)
)
# The sample's groups: rubber and plastics (c10) can't be told from chemicals (c9) there.
_BY_NAME = {
    "Agriculture": PRIMARY,
    "Mining": PRIMARY,
    "Food, textiles, wood and paper": LOW,
    "Refined petroleum": MEDIUM_HIGH,
    "Chemicals, rubber and plastics": MEDIUM_HIGH,
    "Minerals and metals": MEDIUM_HIGH,
    "Machinery": MEDIUM_HIGH,
    "Electrical and optical equipment": MEDIUM_HIGH,
    "Transport equipment": MEDIUM_HIGH,
    "Other manufacturing": LOW,
    "Utilities and construction": SERVICES,
    "Trade, transport and hospitality": SERVICES,
    "Business services": SERVICES,
    "Public and personal services": SERVICES,
}

#: The sectors of the paper's Grubel-Lloyd indices, by the sample's names.
TECHNOLOGY = {"machinery": "Machinery", "electrical": "Electrical and optical equipment"}
#: Industries that the paper names: the sample's group, the division of ISIC rev. 4, and whether the division is needed.
INDUSTRIES: dict[str, tuple[str, int | None, bool]] = {
    "ict": ("Electrical and optical equipment", None, False),
    "motor_vehicles": ("Transport equipment", 29, False),
    "machinery": ("Machinery", 28, False),
    "electrical": ("Electrical and optical equipment", 27, False),
    "electronics": ("Electrical and optical equipment", 26, True),
}
#: The first of the sample's groups are goods: agriculture, mining and manufacturing.
_GOODS = 10


def region_groups(t: Table) -> pd.Series:
    """Group of each region: Europe, North America, Asia, Rest.

    The groups are data (``gvckit/table/economies.csv``, with the rule at its head): UN M49 regions, Mexico in North
    America, Cyprus in Europe. A region that the package doesn't know is in the rest.
    """
    expect_table(t)
    return pd.Series([group_of_region(region) for region in t.regions], index=t.labels.region.view(), name="group")


#: Groups of one's own: region to group, or names of groups that `region_mapping` knows.
Blocs: TypeAlias = "Mapping[str, str] | pd.Series | str | Sequence[str]"


def blocs_of(names: Sequence[str], blocs: Blocs | None) -> list[str]:
    """Group of each region: the regional ones, or one's own, with the rest for what is in none."""
    if blocs is None:
        return [group_of_region(name) for name in names]
    if isinstance(blocs, Mapping | pd.Series):
        told = {find_region(names, str(region)): str(group) for region, group in blocs.items()}
        return [told.get(name, "Rest") for name in names]
    wanted, known = [blocs] if isinstance(blocs, str) else list(blocs), groups_known()
    for group in wanted:
        if group not in known:
            raise OptionError.of("blocs", group, known)
    codes = {name: economy.code for name in names if (economy := economy_of(PROCESSING.get(name, name))) is not None}
    return [next((g for g in wanted if name == g or codes.get(name) in known[g]), "Rest") for name in names]


def group_of_region(region: str) -> str:
    """Group of an economy, or of a group of economies that all lie in one (EU27 is in Europe)."""
    economy = economy_of(PROCESSING.get(region, region))
    if economy is not None:
        return economy.group
    members = {found.group for code in members_of(region) if (found := economy_of(code))}
    return members.pop() if len(members) == 1 else "Rest"


def technology_groups(t: Table) -> pd.Series:
    """Technology group of each sector, by the sample's 14 groups or by a classification that maps to them.

    Medium- and high-technology manufacturing is what ADB's five-sector aggregation puts there: refined petroleum,
    chemicals, minerals, metals, machinery, electrical and transport equipment. In the sample, rubber and plastics
    come with chemicals.

    Raises
    ------
    LabelError
        The table's sectors are of another classification: aggregate with a mapping of your own.
    """
    expect_table(t)
    known = _BY_CODE if set(t.sectors) <= _BY_CODE.keys() else _by_group(t)
    return pd.Series([known[s] for s in t.sectors], index=pd.Index(t.sectors, name="sector"), name="group")


def _by_group(t: Table) -> dict[str, str]:
    """Technology groups by way of the sample's sector groups."""
    try:
        return {sector: _BY_NAME[group] for sector, group in sector_mapping(t).items()}
    except LabelError as error:
        raise LabelError(f"no technology group is known: {error.message} to aggregate()") from error


def technology_sectors(t: Table) -> dict[str, list[str]]:
    """Sectors of machinery and of electrical equipment in the table; `LabelError` where they can't be told."""
    mapping = sector_mapping(t)
    found = {name: [s for s, group in mapping.items() if group == wanted] for name, wanted in TECHNOLOGY.items()}
    for name, sectors in found.items():
        if not sectors:
            raise LabelError(f"the table has no sector for {name}: name it by sectors={{{name!r}: ...}}")
    return found


def industry_sectors(t: Table, name: str) -> list[str]:
    """Sectors of one of `INDUSTRIES` in the table: its division of ISIC rev. 4 where that is apart, else its group.

    Raises
    ------
    LabelError
        The table has no such sector, or only one in which others are too.
    """
    group, division, apart = INDUSTRIES[name]
    members = [sector for sector, found in sector_mapping(t).items() if found == group]
    exact = [sector for sector in members if division is not None and division_of(t, sector) == division]
    if not members or (apart and not exact):
        where = f": it is part of {group.lower()}" if members else ""
        raise LabelError(f"the table has no sector for {name.replace('_', ' ')} apart{where}")
    return exact or members


def one_sector(t: Table, name: str) -> str:
    """The sector that `industry_sectors` finds; `LabelError` where there are several: positions can't be added up."""
    found = industry_sectors(t, name)
    if len(found) > 1:
        raise LabelError(f"{name.replace('_', ' ')} is {len(found)} sectors in this table: aggregate() it first")
    return found[0]


def goods_sectors(t: Table) -> list[str]:
    """Sectors of agriculture, mining and manufacturing, as `sector_mapping` tells them."""
    return [sector for sector, group in sector_mapping(t).items() if group in GROUPS[:_GOODS]]


def sum_sectors(frame: pd.DataFrame, groups: pd.Series | Mapping[str, str]) -> pd.DataFrame:
    """Sum a (..., sector) frame of levels by group of sectors; the level keeps the name `sector`.

    Parameters
    ----------
    frame : DataFrame
        With an index level `sector`.
    groups : Series or mapping of sector to group
        Sectors by label, long name or code, as `Mrio.find_sector` takes them; all of the frame's.

    Raises
    ------
    LabelError
        A sector that is not there, or one of the frame's that goes into no group.
    OptionError
        Shares, which can't be added up.
    """
    if str(frame.attrs.get("unit", "")).startswith("share"):
        raise OptionError("shares can't be added up over sectors: sum levels (shares=False), then divide by the total")
    levels = [str(name) for name in frame.index.names if name != "sector"]
    known = list(map(str, frame.index.unique("sector")))
    told = {find_sector(known, str(sector)): group for sector, group in groups.items()}
    if missing := [sector for sector in known if sector not in told]:
        raise LabelError(f"the sector {missing[0]!r} goes into no group: all {len(known)} of the frame need one")
    names = frame.index.get_level_values("sector").map(told)
    keys = [frame.index.get_level_values(name) for name in levels] + [pd.Index(names, name="sector")]
    return frame.groupby(keys, sort=False).sum()
