"""Measures that test the claims: each a frame by year; the first column is the one that the summary shows."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Direction, Kind
from gvckit.study.results import Results
from gvckit.table.groups import one_sector, region_groups

#: Groups of regions that the paper calls regional factories.
FACTORIES = ("Europe", "North America", "Asia")

#: What the two forms of the index are called.
INDEX_FORMS = {
    "table": "index, trade and technology from the table",
    "goods": "index, goods trade and tariffs on all partners",
}


def _of(frame: pd.DataFrame, region: str, column: str) -> pd.Series:
    return frame[column].xs(region, level="region")


def _rank(frame: pd.DataFrame, column: str) -> pd.Series:
    """Place by a column within each year; 1 has the largest."""
    return frame[column].groupby(level="year").rank(ascending=False)


def asian_place(network: str, kind: Kind) -> Callable[[Results], pd.DataFrame]:
    """China's and Japan's places among the supply hubs of Asia."""

    def values(results: Results) -> pd.DataFrame:
        places = {name: results.table.find(name) for name in ("China", "Japan")}
        frame = results.hubs(network, kind)
        groups = frame.index.get_level_values("region").map(region_groups(results.table).to_dict())
        asia = frame[groups == "Asia"]["supply_rank"].groupby(level="year").rank()
        found = {f"{name}'s place among Asia's supply hubs": asia.xs(r, level="region") for name, r in places.items()}
        found["partners whose largest supplier is China"] = _of(frame, places["China"], "supplier_of")
        return pd.DataFrame(found)

    return values


def complex_hubs(results: Results) -> pd.DataFrame:
    """Ranks of three economies as supply hubs of complex value chains."""
    frame = results.hubs("whole_economy", "complex")
    names = {"United States": "the United States", "Germany": "Germany", "China": "China"}
    return pd.DataFrame(
        {f"rank of {said} as supply hub": _of(frame, results.table.find(n), "supply_rank") for n, said in names.items()}
    )


def supplier_rank(results: Results) -> pd.DataFrame:
    """China's rank in the world by exports of value added."""
    china = results.table.find("China")
    ranks = _rank(results.hubs("whole_economy", "total"), "exports").xs(china, level="region")
    return pd.DataFrame({"China's rank by exports of value added": ranks})


def ict_demand(results: Results) -> pd.DataFrame:
    """China's ranks as a buyer of ICT value added."""
    china, frame = results.table.find("China"), results.hubs("ict", "gvc")
    return pd.DataFrame(
        {
            "China's rank as demand hub of ICT": _of(frame, china, "demand_rank"),
            "China's rank by imports of ICT value added": _rank(frame, "imports").xs(china, level="region"),
        }
    )


def ict_japan(results: Results) -> pd.DataFrame:
    """Japan's weight as a supplier of ICT value added."""
    japan, frame = results.table.find("Japan"), results.hubs("ict", "gvc")
    shares = _of(frame, japan, "exports") / frame["exports"].groupby(level="year").sum()
    rank = _of(frame, japan, "supply_rank")
    return pd.DataFrame({"Japan's share of ICT value-added exports": shares, "Japan's rank as supply hub of ICT": rank})


def _has_several(results: Results, group: str) -> None:
    """Refuse a group of less than two economies: nothing can stay within it."""
    count = int((region_groups(results.table) == group).sum())
    if count < 2:
        raise LabelError(f"{group} has {count} economies in this table: two or more are needed")


def within(group: str) -> Callable[[Results], pd.DataFrame]:
    """How much of a group's complex flows stays within the group."""

    def values(results: Results) -> pd.DataFrame:
        _has_several(results, group)
        frame = results.regionalisation("whole_economy").xs("complex")["within_share"]
        return pd.DataFrame({f"share of {group}'s complex flows within the group": frame.xs(group, level="group")})

    return values


def factories(results: Results) -> pd.DataFrame:
    """Within share of each group, less the group's share of all such imports: what blind trade would give."""
    frame = results.regionalisation("whole_economy").xs("complex")
    total = frame["within"] + frame["between"]
    found = {}
    for group in FACTORIES:
        _has_several(results, group)
        bought = (frame[f"to {group}"] * total).groupby(level="year").sum() / total.groupby(level="year").sum()
        found[f"{group}: share within the group less its share of all imports"] = (
            frame["within_share"].xs(group, level="group") - bought
        )
    each = pd.DataFrame(found)
    each.insert(0, "smallest excess of a group's share within itself", each.min(axis=1))
    return each


def medium_high(direction: Direction) -> Callable[[Results], pd.DataFrame]:
    """China's participation in medium- and high-technology manufacturing."""

    def values(results: Results) -> pd.DataFrame:
        china = results.table.find("China")
        shares = _of(results.medium_high[direction], china, "gvc")
        return pd.DataFrame({f"China's {direction} participation in medium- and high-technology manufacturing": shares})

    return values


def index(form: str) -> Callable[[Results], pd.DataFrame]:
    """One form of the index, with its coverage."""

    def values(results: Results) -> pd.DataFrame:
        found = results.index[form]
        return pd.DataFrame({INDEX_FORMS[form]: found.index, "coverage of the weights": found.coverage})

    return values


def gap(results: Results) -> pd.DataFrame:
    """Trade over value added: how much more one side depends."""
    sides = results.sides
    names = {"TC": "trade with the US over China's value added", "TA": "trade with China over US value added"}
    gap = pd.DataFrame({"trade over value added, China less the US": sides["TC"] - sides["TA"]})
    return gap.join(sides[list(names)].rename(columns=names))


def goods(column: str, name: str) -> Callable[[Results], pd.DataFrame]:
    """An indicator of the index's inputs, by a name that can be read."""
    return lambda results: results.index_inputs[[column]].rename(columns={column: name})


def grubel_lloyd(results: Results) -> pd.DataFrame:
    """Grubel-Lloyd indices of the pair."""
    names = {"machinery": "Grubel-Lloyd, machinery", "electrical": "Grubel-Lloyd, electrical equipment"}
    return results.index_inputs[list(names)].rename(columns=names)


def position(industry: str, gap: bool) -> Callable[[Results], pd.DataFrame]:
    """Positions of the pair in an industry, or first the gap between them."""

    def values(results: Results) -> pd.DataFrame:
        sector = one_sector(results.table, industry)
        where = results.position["position"].xs(sector, level="sector")
        china, states = (where.xs(region, level="region") for region in results.pair)
        found = {f"position of China, {sector}": china, f"position of the US, {sector}": states}
        if gap:
            found = {f"position of China less the US, {sector}": china - states} | found
        return pd.DataFrame(found)

    return values


def imported_inputs(results: Results) -> pd.DataFrame:
    """Imported inputs in China's exports of goods."""
    china = results.table.find("China")
    inputs = _of(results.goods_inputs, china, "imported_input_share")
    return pd.DataFrame({"imported inputs in China's goods exports": inputs})
