"""Groups of regions and sectors that the field compares: data, and one function each to look them up."""

from __future__ import annotations

import pandas as pd

from gvckit.correspondence import GROUPS, division_of, sector_mapping
from gvckit.errors import LabelError
from gvckit.labels import economy_of
from gvckit.table import Mrio, expect_table

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


def region_groups(t: Mrio) -> pd.Series:
    """Group of each region: Europe, North America, Asia, Rest.

    The groups are data (``gvckit/data/economies.csv``, with the rule at its head): UN M49 regions, Mexico in North
    America, Cyprus in Europe. A region that the package doesn't know is in the rest.
    """
    expect_table(t)
    found = [economy_of(region) for region in t.regions]
    groups = ["Rest" if economy is None else economy.group for economy in found]
    return pd.Series(groups, index=t.labels.region, name="group")


def technology_groups(t: Mrio) -> pd.Series:
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


def _by_group(t: Mrio) -> dict[str, str]:
    """Technology groups by way of the sample's sector groups."""
    try:
        return {sector: _BY_NAME[group] for sector, group in sector_mapping(t).items()}
    except LabelError as error:
        raise LabelError(f"no technology group is known: {error.message} to aggregate()") from error


def technology_sectors(t: Mrio) -> dict[str, list[str]]:
    """Sectors of machinery and of electrical equipment in the table; `LabelError` where they can't be told."""
    mapping = sector_mapping(t)
    found = {name: [s for s, group in mapping.items() if group == wanted] for name, wanted in TECHNOLOGY.items()}
    for name, sectors in found.items():
        if not sectors:
            raise LabelError(f"the table has no sector for {name}: name it by sectors={{{name!r}: ...}}")
    return found


def industry_sectors(t: Mrio, name: str) -> list[str]:
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


def one_sector(t: Mrio, name: str) -> str:
    """The sector that `industry_sectors` finds; `LabelError` where there are several: positions can't be added up."""
    found = industry_sectors(t, name)
    if len(found) > 1:
        raise LabelError(f"{name.replace('_', ' ')} is {len(found)} sectors in this table: aggregate() it first")
    return found[0]


def goods_sectors(t: Mrio) -> list[str]:
    """Sectors of agriculture, mining and manufacturing, as `sector_mapping` tells them."""
    return [sector for sector, group in sector_mapping(t).items() if group in GROUPS[:_GOODS]]


def sum_sectors(frame: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Sum a (..., sector) frame of levels by group of sectors; the level keeps the name `sector`."""
    levels = [str(name) for name in frame.index.names if name != "sector"]
    names = frame.index.get_level_values("sector").map(groups.to_dict())
    keys = [frame.index.get_level_values(name) for name in levels] + [pd.Index(names, name="sector")]
    return frame.groupby(keys, sort=False).sum()
