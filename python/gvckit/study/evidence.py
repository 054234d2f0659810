"""Measures that test the claims: each a frame by year; the first column is the one that the summary shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.options import Direction, Kind
from gvckit.study import rules
from gvckit.study.results import KINDS, Results
from gvckit.table.groups import (
    MEDIUM_HIGH,
    goods_sectors,
    industry_sectors,
    one_sector,
    region_groups,
    region_mapping,
    technology_groups,
)
from gvckit.table.names import is_aggregate
from gvckit.table.shares import share

#: Groups of regions that the paper calls regional factories.
FACTORIES = ("Europe", "North America", "Asia")

#: What the forms of the index are called.
INDEX_FORMS = {
    "full": "index of four pillars",
    "icio": "index without investment",
    "surcharges": "index without investment, tariffs with surcharges",
}
#: The hubs of the world, to which China's ties may broaden.
WORLD_HUBS = ("United States", "Germany", "Japan")
#: Economies with at least this share of the world's manufacturing in the first year are compared with China.
LARGE = 0.01


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


def within_all(results: Results) -> pd.DataFrame:
    """How much of each group's flows stays within the group, in all three networks."""
    frame = results.regionalisation("whole_economy")["within_share"]
    found = {}
    for group in ("Asia", "Europe", "North America"):
        _has_several(results, group)
        for kind in KINDS:
            found[f"{group}, {kind}: share within the group"] = frame.xs(kind).xs(group, level="group")
    return pd.DataFrame(found)


def network_change(results: Results) -> pd.DataFrame:
    """How far each group's networks are from those of the first year, on average over the three kinds.

    The distance is half the sum of absolute differences of the flows' shares: the part that went to other pairs.
    """
    found = {}
    for group in ("Asia", "Europe", "North America"):
        _has_several(results, group)
        distances = [_moved(results, kind, group) for kind in KINDS]
        found[f"{group}: share of flows within the group that moved to other pairs"] = sum(distances) / len(KINDS)
    return pd.DataFrame(found)


def _moved(results: Results, kind: Kind, group: str) -> pd.Series:
    """Distance of one kind's flows within a group from those of the first year of the paper's networks."""
    nets = {year: net for year, net in results.networks("whole_economy", kind).items() if year >= rules.NETWORK_START}
    parts = {}
    for year, net in nets.items():
        members = net.groups.index[net.groups == group]
        flows = net.flows.loc[members, members].to_numpy()
        parts[year] = flows / flows.sum()
    if not parts:
        raise LabelError(f"there is no year from {rules.NETWORK_START} on")
    first = parts[min(parts)]
    return pd.Series({year: 0.5 * float(abs(part - first).sum()) for year, part in parts.items()}).rename_axis("year")


def ties(results: Results) -> pd.DataFrame:
    """Partners for which China is at least the share `rules.TIE` of their imports of value added: all, and by kind."""
    china = results.table.find("China")
    groups = region_groups(results.table)
    hubs = {results.table.find(name) for name in WORLD_HUBS}
    emerging = {r for r, group in region_mapping(results.table, "BRICS").items() if group == "BRICS"} - {china}
    kinds = {
        "partners with a tie to China": set(results.table.regions),
        "of them hubs of the world (the US, Germany, Japan)": hubs,
        "of them neighbours in Asia": set(groups.index[groups == "Asia"]),
        "of them emerging economies (BRICS)": emerging,
    }
    found = {}
    for year, net in results.networks("whole_economy", "gvc").items():
        sold = net.edges[(net.edges["source"] == china) & (net.edges["target_share"] >= rules.TIE)]["target"]
        found[year] = {name: int(sold.isin(members).sum()) for name, members in kinds.items()}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("year")


def tied_most(results: Results) -> pd.DataFrame:
    """Economies whose largest supplier in the simple network is the US, and whose is China."""
    china, states = results.pair
    frame = results.hubs("whole_economy", "simple")
    return pd.DataFrame(
        {
            "economies whose largest supplier is the US": _of(frame, states, "supplier_of"),
            "economies whose largest supplier is China": _of(frame, china, "supplier_of"),
        }
    )


def highly_dependent(results: Results) -> pd.DataFrame:
    """Economies in whose final demand Chinese value added is at least `rules.HIGH`, and how many of each group are."""
    china = results.table.find("China")
    groups = region_groups(results.table)
    others = [r for r in results.table.regions if r != china and not is_aggregate(r)]
    asian = [r for r in others if groups[r] == "Asia"]
    if not 0 < len(asian) < len(others):
        raise LabelError("economies of Asia and of elsewhere are needed beside China")
    found = {}
    for year in results.tables:
        bought = results.absorbed.xs(year, level="year")[others]
        high = bought.loc[china].to_numpy() >= rules.HIGH * bought.to_numpy().sum(axis=0)
        depends = [r for r, is_high in zip(others, high, strict=True) if is_high]
        found[year] = {
            f"economies with Chinese value added above {rules.HIGH:.0%} of final demand": len(depends),
            "share of Asia's economies that are": len({*depends} & {*asian}) / len(asian),
            "share of the others that are": len({*depends} - {*asian}) / (len(others) - len(asian)),
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("year")


def absorber(results: Results) -> pd.DataFrame:
    """China's rank as a buyer of value added in final goods."""
    china = results.table.find("China")
    ranks = _rank(results.hubs("whole_economy", "traditional"), "imports").xs(china, level="region")
    return pd.DataFrame({"China's rank by imports of value added in final goods": ranks})


def tied_vehicles(results: Results) -> pd.DataFrame:
    """Share of the world's output of motor vehicles of which Chinese value added is at least a threshold."""
    sectors = industry_sectors(results.table, "motor_vehicles")
    content = results.chinese_content
    content = content[content.index.get_level_values("sector").isin(sectors)]
    whole = content["output"].groupby(level="year").sum()
    found = {}
    for least in (rules.TIED, *rules.TIED_SHOWN):
        tied = content["output"].where(content["share"] >= least, 0.0).groupby(level="year").sum()
        found[f"output of motor vehicles with at least {least:.0%} Chinese value added"] = tied / whole
    return pd.DataFrame(found)


def manufacturing(results: Results) -> pd.DataFrame:
    """China's manufacturing value added, and its rank by growth among large manufacturers."""
    china = results.table.find("China")
    wide = results.manufacturing["value_added"].unstack("region")  # noqa: PD010
    single = [r for r in wide.columns if not is_aggregate(str(r))]
    large = [r for r in single if wide[r].iloc[0] >= LARGE * wide.iloc[0].sum()]
    growth = wide[large] / wide[large].iloc[0]
    rank = growth.rank(axis=1, ascending=False)[china] if china in large else pd.Series(np.nan, index=wide.index)
    unit = results.table.unit or "unit of the table"
    return pd.DataFrame(
        {
            f"value added of China's manufacturing, {unit}": wide[china],
            "China's rank by growth since the first year": rank,
            "China's share of the world's manufacturing": wide[china] / wide.sum(axis=1),
        }
    )


def technology_exports(results: Results) -> pd.DataFrame:
    """Medium- and high-technology goods in China's exports of goods."""
    china, trade = results.table.find("China"), results.goods_trade.xs(results.table.find("China"), level="region")
    exports = (trade["intermediate_exports"] + trade["final_exports"]).unstack("sector")  # noqa: PD010
    groups = technology_groups(results.table)
    high = [sector for sector in exports.columns if groups[sector] == MEDIUM_HIGH]
    if not high:
        raise LabelError(f"{china} has no sector of {MEDIUM_HIGH.lower()}")
    name = "medium- and high-technology goods in China's exports of goods"
    return pd.DataFrame({name: exports[high].sum(axis=1) / exports.sum(axis=1)})


def own_inputs(results: Results) -> pd.DataFrame:
    """Imported content of China's final goods, and its exports of inputs over its imports of them."""
    china = results.table.find("China")
    levels = results.participation["backward"].xs(china, level="region")
    levels = levels[levels.index.get_level_values("sector").isin(goods_sectors(results.table))]
    sums = levels.groupby(level="year").sum()
    trade = results.goods_trade.xs(china, level="region").groupby(level="year").sum()
    return pd.DataFrame(
        {
            "content from value chains across borders in China's final goods": share(sums["gvc"], sums["total"]),
            "China's exports of goods as inputs over its imports of them": share(
                trade["intermediate_exports"], trade["intermediate_imports"]
            ),
        },
        index=sums.index,
    )


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
        frame = pd.DataFrame({INDEX_FORMS[form]: found.index, "coverage of the weights": found.coverage})
        return _from(frame, found.indicators.attrs["source"])

    return values


def _from(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """The same frame, with the source of its numbers."""
    frame.attrs = {"source": source}
    return frame


def gap(results: Results) -> pd.DataFrame:
    """Trade over value added: how much more one side depends."""
    inputs = results.index_inputs
    names = {"TC": "trade with the US over China's value added", "TA": "trade with China over US value added"}
    gap = pd.DataFrame({"trade over value added, China less the US": inputs["TC"] - inputs["TA"]})
    return _from(gap.join(inputs[list(names)].rename(columns=names)), inputs.attrs["sources"]["TC"])


def goods(column: str, name: str) -> Callable[[Results], pd.DataFrame]:
    """An indicator of the index's inputs, by a name that can be read."""

    def values(results: Results) -> pd.DataFrame:
        inputs = results.index_inputs
        return _from(inputs[[column]].rename(columns={column: name}), inputs.attrs["sources"][column])

    return values


def grubel_lloyd(results: Results) -> pd.DataFrame:
    """Grubel-Lloyd indices of the pair."""
    inputs = results.index_inputs
    names = {"machinery": "Grubel-Lloyd, machinery", "electrical": "Grubel-Lloyd, electrical equipment"}
    return _from(inputs[list(names)].rename(columns=names), inputs.attrs["sources"]["machinery"])


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
