"""Trade networks of value added: nodes, edges, hubs, communities, and how regional they are."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.measures.centrality import centralities as scores_of
from gvckit.measures.flows import flows
from gvckit.options import Backbone, Kind, Partner, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.find import find_region, unknown
from gvckit.table.groups import REGION_GROUPS, Blocs, blocs_of
from gvckit.table.labels import listed
from gvckit.table.shares import share as share_of

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx
    from matplotlib.axes import Axes


class Edge(NamedTuple):
    """One row of `TradeNetwork.edges`."""

    source: str
    target: str
    value: float
    source_share: float
    target_share: float
    largest_supplier: bool
    largest_buyer: bool


@dataclass(frozen=True, eq=False)
class TradeNetwork:
    """A directed network of value-added flows between regions.

    Attributes
    ----------
    flows : DataFrame
        All flows, source x partner, diagonal 0, before any threshold, in the table's unit.
    nodes : DataFrame
        Per region: `group` (Europe, North America, Asia, Rest), `exports` and `imports` of value added (all flows),
        `out_strength`, `in_strength`, `out_degree`, `in_degree` (edges that the threshold leaves).
    edges : DataFrame
        `source`, `target`, `value`, `source_share` (of the source's exports), `target_share` (of the target's
        imports), `largest_supplier` (the source is the target's largest), `largest_buyer` (the target is the
        source's largest); largest value first.
    dropped : DataFrame
        Flows that are negative, as inventories can make them: they count in `flows`, and are no edges.
    attrs : dict
        Kind, partner, sector, unit, year, source.
    """

    flows: pd.DataFrame
    groups: pd.Series
    edges: pd.DataFrame
    dropped: pd.DataFrame
    attrs: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Regions with their exports, imports and strengths."""
        count, (source, target, value) = len(self.flows), self._coded
        flows = self.flows.to_numpy()
        frame = pd.DataFrame(
            {
                "group": self.groups,
                "exports": flows.sum(axis=1),
                "imports": flows.sum(axis=0),
                "out_strength": np.bincount(source, value, count),
                "in_strength": np.bincount(target, value, count),
                "out_degree": np.bincount(source, minlength=count),
                "in_degree": np.bincount(target, minlength=count),
            },
            index=self.flows.index,
        )
        frame.attrs.update(self.attrs)
        return frame

    @cached_property
    def _coded(self) -> tuple[np.ndarray, np.ndarray, Matrix]:
        """Edges as arrays: places of source and target, and value."""
        regions = self.flows.index
        source, target = (regions.get_indexer(pd.Index(self.edges[end])) for end in ("source", "target"))
        return source, target, self.edges["value"].to_numpy(dtype=np.float64)

    def edge_rows(self) -> list[Edge]:
        """Edges as named tuples, largest first."""
        return [Edge(*row) for row in self.edges.itertuples(index=False, name=None)]

    @property
    def title(self) -> str:
        """Kind, sector and year in one line."""
        kind = {"gvc": "GVC"}.get(self.attrs["kind"], str(self.attrs["kind"]).capitalize())
        sector = self.attrs.get("sector")
        name = "whole economy" if sector is None else sector if isinstance(sector, str) else ", ".join(sector)
        year = self.attrs.get("year")
        told = [f"{kind} network", name, year and str(year), self.attrs.get("scenario")]
        return ", ".join(str(part) for part in told if part)

    def __repr__(self) -> str:
        return f"TradeNetwork: {self.title}: {len(self.flows)} nodes, {len(self.edges)} edges"

    def to_networkx(self) -> nx.DiGraph:
        """Convert to a ``networkx.DiGraph`` with the columns of `nodes` and `edges` as attributes.

        ``weight`` is the edge's value. ``networkx.write_graphml`` takes it as it is.
        """
        import networkx as nx

        graph = nx.DiGraph(**{key: str(value) for key, value in self.attrs.items() if value is not None})
        for name, node in self.nodes.iterrows():
            graph.add_node(name, **{str(k): v.item() if hasattr(v, "item") else v for k, v in node.items()})
        for edge in self.edge_rows():
            graph.add_edge(
                edge.source,
                edge.target,
                weight=edge.value,
                value=edge.value,
                source_share=edge.source_share,
                target_share=edge.target_share,
            )
        return graph

    def hubs(self, centralities: bool = True) -> pd.DataFrame:
        """Supply hubs and demand hubs, by several measures of the edges.

        Parameters
        ----------
        centralities : bool, default True
            Also the scores of networkx, `supply_pagerank` to `betweenness`.

        Returns
        -------
        DataFrame
            Per region, in descending order of `supplier_of`, then `out_strength`:

            - `supplier_of`: for how many partners it is the largest source of value added (a supply hub's first
              mark); `buyer_of`: for how many sources it is the largest destination (a demand hub's);
            - `out_strength`, `in_strength`: value of its edges, in the table's unit;
            - `supply_pagerank`, `demand_pagerank`: PageRank weighted by value, on reversed edges (a supplier is
              central if central buyers buy from it) and on the edges (a buyer is central if central suppliers sell
              to it); each sums to one;
            - `hub`, `authority`: scores of HITS (Kleinberg 1999); each sums to one;
            - `eigenvector`: eigenvector centrality by the value of edges in either direction (largest
              absolute entry scaled so that squares sum to one);
            - `betweenness`: share of shortest paths through it, the length of an edge being 1 / value;
            - `supply_rank`, `demand_rank`: 1 is the largest, by `supplier_of` then `out_strength`, and by `buyer_of`
              then `in_strength`.

        Notes
        -----
        Scores as networkx defines them, computed on the matrix of values. A threshold changes the result: use a network
        without one.
        """
        nodes, (supplier_of, buyer_of) = self.nodes, self._partners_led()
        sent, received = (nodes[name].to_numpy() for name in ("out_strength", "in_strength"))
        # Descending, and regions that are alike in the table's order.
        supply, demand = np.lexsort((-sent, -supplier_of)), np.lexsort((-received, -buyer_of))
        columns = {
            "group": nodes["group"].array, "supplier_of": supplier_of, "buyer_of": buyer_of,
            "out_strength": sent, "in_strength": received, **(scores_of(self._weights()) if centralities else {}),
            "supply_rank": np.argsort(supply) + 1, "demand_rank": np.argsort(demand) + 1,
        }  # fmt: skip
        frame = pd.DataFrame(columns, index=nodes.index).iloc[supply]
        frame.attrs.update({**self.attrs, "measure": "hubs"})
        return frame

    def _weights(self) -> Matrix:
        """Values of the edges, source x target, 0 where there is none."""
        source, target, value = self._coded
        out = np.zeros(self.flows.shape)
        out[source, target] = value
        return out

    def _partners_led(self) -> tuple[np.ndarray, np.ndarray]:
        """For how many partners each region is the largest source, and the largest destination."""
        source, target, value = self._coded
        largest = (source[_is_largest(value, target)], target[_is_largest(value, source)])
        supplier_of, buyer_of = (np.bincount(places, minlength=len(self.flows)) for places in largest)
        return supplier_of, buyer_of

    def communities(self, seed: int = 0) -> pd.DataFrame:
        """Communities of the network (Louvain, on values in both directions) beside the regional groups.

        Parameters
        ----------
        seed : int
            Louvain visits nodes in random order; the same seed gives the same communities.

        Returns
        -------
        DataFrame
            `community` (0 is the one with the largest exports) and `group` per region. ``attrs`` hold the modularity of
            both partitions, `modularity_communities` and `modularity_groups`: the closer the second comes to the
            first, the more the network is one of regional factories.
        """
        import networkx as nx

        graph = _undirected(self.to_networkx())
        parts = nx.community.louvain_communities(graph, weight="weight", seed=seed)
        exports = self.nodes["exports"]
        parts = sorted(parts, key=lambda part: -exports.loc[list(part)].sum())
        member = {region: number for number, part in enumerate(parts) for region in part}
        frame = pd.DataFrame({"community": pd.Series(member).reindex(self.flows.index), "group": self.groups})
        frame.index.name = "region"
        groups = [set(names) for _, names in self.groups.groupby(self.groups).groups.items()]
        frame.attrs.update(self.attrs)
        if graph.size(weight="weight") > 0:
            frame.attrs["modularity_communities"] = float(nx.community.modularity(graph, parts))
            frame.attrs["modularity_groups"] = float(nx.community.modularity(graph, groups))
        return frame

    def regionalisation(self) -> pd.DataFrame:
        """How much of the flows stays within a regional group.

        Returns
        -------
        DataFrame
            Per source group: `within` (value added that goes to partners in the same group), `between` (to others),
            in the table's unit; `within_share` and `between_share`, fractions of the group's flows; and the share
            that goes to each group. All flows count, whatever the threshold, negative ones too.
        """
        names = self.groups.to_numpy()
        places = {group: k for k, group in enumerate(REGION_GROUPS)}
        # Groups of one's own as they come, the rest last.
        order = sorted(dict.fromkeys(names), key=lambda group: places.get(group, 0))
        member = (names[:, None] == np.array(order, dtype=object)).astype(np.float64)
        levels = member.T @ self.flows.to_numpy() @ member
        total, within = levels.sum(axis=1), np.diag(levels)
        shares = share_of(np.column_stack([within, total - within, levels]), total)
        values = np.column_stack([within, total - within, shares])
        columns = ["within", "between", "within_share", "between_share", *(f"to {group}" for group in order)]
        frame = pd.DataFrame(values, index=pd.Index(order), columns=columns)
        frame.index.name = "group"
        frame.attrs.update({**self.attrs, "measure": "regionalisation"})
        return frame

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the network as a map of regional groups. See `gvckit.plot.network`."""
        from gvckit.plot.network import network as draw

        return draw(self, ax=ax, **options)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write one self-contained interactive page (needs plotly). See `gvckit.plot.html.networks_html`."""
        from gvckit.plot.html import networks_html

        return networks_html([self], path)


def network(
    t: Table,
    kind: Kind = "complex",
    sector: str | Sequence[str] | None = None,
    threshold: float | None = None,
    share: float | None = None,
    backbone: Backbone | None = None,
    alpha: float = 0.05,
    k: int = 2,
    partner: Partner = "importer",
    exclude: str | Sequence[str] = (),
    groups: Mapping[str, str] | None = None,
    *,
    blocs: Blocs | None = None,
) -> TradeNetwork:
    """Make the network of one kind of value-added flows between regions.

    Parameters
    ----------
    t : Mrio
    kind : {"traditional", "simple", "complex", "gvc", "total"}
        As in `flows`. The value added that stays at home is no edge.
    sector : str or sequence of str, optional
        Only value added that originates in these sectors.
    threshold : float, optional
        Only edges of at least this value, in the table's unit.
    share : float, optional
        Only edges of at least this fraction of the source's exports or of the target's imports.
    backbone : {"disparity", "top"}, optional
        "disparity": edges that are larger than chance would have them for the source or the target, at the level
        `alpha` (Serrano, Boguna and Vespignani 2009): (1 - p)^(d - 1) < alpha, p the edge's share of the node's
        value and d the node's number of edges. "top": the `k` largest edges out of and into each node.
    alpha : float
    k : int
    partner : {"importer", "absorber"}
        As in `flows`.
    exclude : str or sequence of str
        Regions to leave out, such as the rest of the world: as a sum of many economies it is everyone's largest
        partner. Their flows are then in no sum of the network.
    groups : mapping of region to group, optional
        Several regions as one node (EU27); by default, processing zones join their economies.
    blocs : mapping or Series of region to group, or names of groups, optional
        Groups of regions, for `regionalisation` and figures; by default Europe, North America, Asia and the rest.
        Regions by label or name; or groups that `region_mapping` knows, ``["EU27", "ASEAN"]``. What is in none is the
        rest.

    Returns
    -------
    TradeNetwork

    Raises
    ------
    OptionError
        An option that is not known or out of its range.

    Notes
    -----
    Self loops are dropped. Negative flows, which negative inventories can cause, are no edges: they are listed in
    ``dropped`` and stay in ``flows`` and in the sums of ``nodes``.
    """
    expect_table(t)
    if backbone is not None:
        check("backbone", backbone, Backbone)
    for name, value, low, high in (
        ("threshold", threshold, 0.0, np.inf),
        ("share", share, 0.0, 1.0),
        ("alpha", alpha, 0.0, 1.0),
        ("k", k, 1, np.inf),
    ):
        if value is not None and not low <= value <= high:
            raise OptionError(f"{name}={value!r} is out of range: from {low:g} to {high:g}")
    frame = flows(t, kind, partner=partner, sector=sector, groups=groups)
    values = frame.to_numpy().copy()
    np.fill_diagonal(values, 0.0)
    matrix = pd.DataFrame(values, index=frame.index, columns=frame.columns)
    names = list(frame.index)
    left_out = [find_region(names, name) for name in (listed("region", exclude) if exclude else ())]
    matrix = matrix.drop(index=left_out, columns=left_out)
    edges = _edges(matrix)
    dropped = edges[edges["value"] < 0].reset_index(drop=True)
    edges = edges[edges["value"] > 0]
    if threshold is not None:
        edges = edges[edges["value"] >= threshold]
    if share is not None:
        edges = edges[(edges["source_share"] >= share) | (edges["target_share"] >= share)]
    if backbone == "disparity":
        edges = edges[_disparity(edges, "source", alpha) | _disparity(edges, "target", alpha)]
    elif backbone == "top":
        rank = [edges.groupby(end)["value"].rank(method="first", ascending=False) for end in ("source", "target")]
        edges = edges[(rank[0] <= k) | (rank[1] <= k)]
    attrs: dict[str, Any] = {
        **t.attrs,
        "measure": "network",
        "kind": kind,
        "partner": partner,
        "sector": sector,
        "threshold": threshold,
    }
    attrs["excluded"] = left_out
    matrix.attrs.update(attrs)
    regional = pd.Series(blocs_of(list(matrix.index), blocs), index=matrix.index, name="group")
    edges = edges.reset_index(drop=True)
    for part in (edges, dropped):
        part.attrs.update(attrs)
    return TradeNetwork(matrix, regional, edges, dropped, attrs)


def _edges(matrix: pd.DataFrame) -> pd.DataFrame:
    """All flows that are not zero, largest first, with their shares of both ends' sums."""
    values = matrix.to_numpy()
    source, target = np.nonzero(values)
    largest_first = np.argsort(-values[source, target], kind="stable")
    source, target = source[largest_first], target[largest_first]
    size, found = np.abs(values), values[source, target]
    return pd.DataFrame(
        {
            "source": matrix.index.take(source),
            "target": matrix.columns.take(target),
            "value": found,
            "source_share": found / size.sum(axis=1)[source],
            "target_share": found / size.sum(axis=0)[target],
            "largest_supplier": _is_largest(found, target),
            "largest_buyer": _is_largest(found, source),
        }
    )


def _is_largest(values: Matrix, end: np.ndarray) -> np.ndarray:
    """Which edges are the largest at one of their ends; of equal ones, all are."""
    best = np.full(int(end.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, end, values)
    found: np.ndarray = values == best[end]
    return found


def _disparity(edges: pd.DataFrame, end: str, alpha: float) -> pd.Series:
    by_node = edges.groupby(end)["value"]
    share = edges["value"] / by_node.transform("sum")
    degree = by_node.transform("size")
    # A node's only edge can't be larger than chance; it is kept if the other end finds it so.
    return (degree > 1) & ((1.0 - share) ** (degree - 1) < alpha)


def _undirected(graph: nx.DiGraph) -> nx.Graph:
    import networkx as nx

    both = nx.Graph()
    both.add_nodes_from(graph)
    for source, target, weight in graph.edges(data="weight"):
        before = both.get_edge_data(source, target, {"weight": 0.0})["weight"]
        both.add_edge(source, target, weight=before + weight)
    return both


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changed from one network to another.

    Attributes
    ----------
    nodes : DataFrame
        Per region: ranks as supply and demand hub before and after, their change (positive: rose), and the share of
        all exports before, after, and the difference.
    appeared, vanished : DataFrame
        Edges that only the second, or only the first network has.
    """

    nodes: pd.DataFrame
    appeared: pd.DataFrame
    vanished: pd.DataFrame

    def rose(self, count: int = 5) -> pd.DataFrame:
        """Regions whose share of exports rose most."""
        return self.nodes.nlargest(count, "export_share_change")

    def fell(self, count: int = 5) -> pd.DataFrame:
        """Regions whose share of exports fell most."""
        return self.nodes.nsmallest(count, "export_share_change")


def compare(before: TradeNetwork, after: TradeNetwork) -> Comparison:
    """Compare two networks of the same regions: who rose, who fell, which edges appeared.

    Raises
    ------
    LabelError
        The networks are of different regions.
    """
    for region in after.flows.index.symmetric_difference(before.flows.index):
        raise unknown("region in both networks", list(before.flows.index), region)
    old, new = before.hubs(), after.hubs().reindex(before.hubs().index)
    frame = pd.DataFrame({"group": old["group"]})
    for side in ("supply", "demand"):
        frame[f"{side}_rank_before"] = old[f"{side}_rank"]
        frame[f"{side}_rank_after"] = new[f"{side}_rank"]
        frame[f"{side}_rank_change"] = old[f"{side}_rank"] - new[f"{side}_rank"]
    for when, net in (("before", before), ("after", after)):
        exports = net.nodes["exports"]
        frame[f"export_share_{when}"] = exports / exports.sum() if exports.sum() else np.nan
    frame["export_share_change"] = frame["export_share_after"] - frame["export_share_before"]
    ends = [pd.MultiIndex.from_frame(net.edges[["source", "target"]]) for net in (before, after)]
    appeared = after.edges[~ends[1].isin(ends[0])].reset_index(drop=True)
    vanished = before.edges[~ends[0].isin(ends[1])].reset_index(drop=True)
    return Comparison(frame, appeared, vanished)


def regionalisation(t: Table, **options: Any) -> pd.DataFrame:
    """Within- and between-group shares of one network: `network` and its `regionalisation`, for `panel`."""
    return network(t, **options).regionalisation()


def hubs(t: Table, **options: Any) -> pd.DataFrame:
    """Supply and demand hubs of one network: `network` and its `hubs`, for `panel`."""
    return network(t, **options).hubs()
