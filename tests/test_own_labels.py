"""A result belongs to who asked for it: what is done to its labels changes no table, and no other result."""

import pandas as pd
import pytest

import gvckit as gk

CALLS = {
    "Z": lambda t: t.Z,
    "Y": lambda t: t.Y,
    "x": lambda t: t.x,
    "va": lambda t: t.va,
    "A": lambda t: t.A,
    "B": lambda t: t.B,
    "audit": lambda t: t.audit(),
    "region_groups": gk.region_groups,
    "leontief_inverse": gk.leontief_inverse,
    "ghosh_inverse": gk.ghosh_inverse,
    "participation": gk.participation,
    "participation, region": lambda t: gk.participation(t, level="region"),
    "participation, world": lambda t: gk.participation(t, level="world"),
    "flows": gk.flows,
    "flows, sector": lambda t: gk.flows(t, level="sector"),
    "edges": lambda t: gk.network(t).edges,
    "nodes": lambda t: gk.network(t).nodes,
    "hubs": gk.hubs,
    "lengths": gk.lengths,
    "position": gk.position,
    "upstreamness": gk.upstreamness,
    "downstreamness": gk.downstreamness,
    "wwz": lambda t: gk.decompose_exports(t, "wwz"),
    "wwz, pairs": lambda t: gk.decompose_exports(t, "wwz", "bilateral"),
    "wwz, pairs and sectors": lambda t: gk.decompose_exports(t, "wwz", "bilateral_sector"),
    "tiva": gk.tiva,
    "dependence": lambda t: gk.dependence(t, *t.regions[:2]),
    "dependence_matrix": lambda t: gk.dependence_matrix(t, "input_reliance"),
    "trace": lambda t: gk.trace(t, "region", "sector", "region"),
    "trace, all": lambda t: gk.trace(t, None, None, None),
    "indicators": gk.indicators,
    "multipliers": gk.multipliers,
    "linkages": gk.linkages,
    "extract": lambda t: gk.extract(t, *t.regions[:2]),
    "extraction_matrix": gk.extraction_matrix,
    "consumer prices": lambda t: gk.price_effect(t, costs={t.regions[0]: 1.1}).consumer,
    "welfare": lambda t: gk.counterfactual(t, trade_costs={tuple(t.regions[:2]): 1.1}, clean=True).welfare,
    "sectors after a shock": lambda t: (
        gk.counterfactual(t, trade_costs={tuple(t.regions[:2]): 1.1}, clean=True).sectors
    ),
    "panel": lambda t: gk.panel(gk.participation, {2007: t, 2008: t}, progress=False),
    "extensions": lambda t: t.with_extensions({"jobs": t.x.to_frame("jobs").T}).extensions["jobs"],
}


def names(result):
    return list(result.index.names), list(result.columns.names) if isinstance(result, pd.DataFrame) else []


@pytest.fixture(scope="module")
def t():
    return gk.load_sample(2008)


@pytest.mark.parametrize("call", CALLS)
def test_who_renames_the_levels_of_a_result_renames_nobody_elses(t, call):
    labels = [*t.Z.index.names, *t.Z.columns.names, *t.Y.columns.names, t.labels.region.name]
    found = CALLS[call](t)
    before = names(found)
    found.index.names = [f"my{k}" for k in range(found.index.nlevels)]
    if isinstance(found, pd.DataFrame):
        found.columns.names = [f"mine{k}" for k in range(found.columns.nlevels)]
    assert names(CALLS[call](t)) == before
    assert [*t.Z.index.names, *t.Z.columns.names, *t.Y.columns.names, t.labels.region.name] == labels
