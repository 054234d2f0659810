"""Centralities of a directed network on its matrix of weights, as networkx defines them."""

from __future__ import annotations

import numpy as np

from gvckit.table.data import Matrix

#: PageRank as networkx has it: damping, most rounds, and the change of a node in the last one.
_DAMPING, _ROUNDS, _CHANGE = 0.85, 100, 1e-6


def centralities(weights: Matrix) -> dict[str, Matrix]:
    """Scores by node of weights of edges (G, G), 0 where there is none; without an edge all are 0."""
    if not weights.any():
        names = ("supply_pagerank", "demand_pagerank", "hub", "authority", "eigenvector", "betweenness")
        return {name: np.zeros(len(weights)) for name in names}
    hub, authority = _hits(weights)
    return {
        "supply_pagerank": _pagerank(weights.T),
        "demand_pagerank": _pagerank(weights),
        "hub": hub,
        "authority": authority,
        "eigenvector": _eigenvector(weights),
        "betweenness": _betweenness(weights),
    }


def _pagerank(weights: Matrix) -> Matrix:
    """Where a walk along the edges is, if it starts anew now and then and from nodes without an edge."""
    count = len(weights)
    out = weights.sum(axis=1)
    steps = np.divide(weights, out[:, None], out=np.zeros(weights.shape), where=out[:, None] > 0)
    found = np.full(count, 1 / count)
    for _ in range(_ROUNDS):
        before = found
        found = _DAMPING * (found @ steps + found[out == 0].sum() / count) + (1 - _DAMPING) / count
        if np.abs(found - before).sum() < count * _CHANGE:
            break
    return found


def _hits(weights: Matrix) -> tuple[Matrix, Matrix]:
    """Hubs and authorities: the first pair of singular vectors, each adding up to one."""
    authority = np.linalg.svd(weights)[2][0]
    hub = weights @ authority
    return hub / hub.sum(), authority / authority.sum()


def _eigenvector(weights: Matrix) -> Matrix:
    """Eigenvector centrality of the largest connected part, 0 outside it: elsewhere it is not unique."""
    from scipy.sparse.csgraph import connected_components

    both = weights + weights.T
    part = connected_components(both, directed=False)[1]
    inside = part == np.bincount(part).argmax()
    vector = np.linalg.eigh(both[np.ix_(inside, inside)])[1][:, -1]
    scores = np.zeros(len(weights))
    scores[inside] = vector * np.sign(vector.sum())
    return scores


def _betweenness(weights: Matrix) -> Matrix:
    """Share of shortest paths through each node, the length of an edge being 1 / value (Brandes 2001)."""
    from scipy.sparse.csgraph import dijkstra

    count = len(weights)
    lengths = np.divide(1.0, weights, out=np.zeros(weights.shape), where=weights > 0)
    distance, before = dijkstra(lengths, return_predecessors=True)
    if count < 3:
        return np.zeros(count)
    if _has_ties(lengths, distance):
        return _of_tied_paths(lengths)
    # Each path is the only one: a node is passed on the way to all that come behind it, farthest nodes first.
    behind = np.zeros((count, count))
    sources = np.arange(count)
    for places in np.argsort(-distance, axis=1, kind="stable").T:
        last = before[sources, places]
        there = last >= 0
        passed = 1 + behind[sources[there], places[there]]
        np.add.at(behind, (sources[there], last[there]), passed)
    np.fill_diagonal(behind, 0.0)
    found: Matrix = behind.sum(axis=0) / ((count - 1) * (count - 2))
    return found


def _has_ties(lengths: Matrix, distance: Matrix) -> bool:
    """Whether a node is reached by two shortest paths."""
    edge = lengths > 0
    for source in distance:
        reached = np.isfinite(source)
        arrives = edge & reached[:, None] & (source[:, None] + lengths == source[None, :])
        if (arrives.sum(axis=0) > 1).any():
            return True
    return False


def _of_tied_paths(lengths: Matrix) -> Matrix:
    """By networkx, which shares out pairs between paths of the same length."""
    import networkx as nx

    graph = nx.from_numpy_array(lengths, create_using=nx.DiGraph)
    scores = nx.betweenness_centrality(graph, weight="weight")
    return np.array([scores[node] for node in range(len(lengths))])
