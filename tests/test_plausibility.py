"""Tables made by hand: what their own sums give away, and no doubt about any real table."""

import warnings

import numpy as np
import pytest

import gvckit as gk
from conftest import data_file

REAL = [f"wiod2013/wiot_{year}.npz" for year in range(1995, 2012)]
REAL += ["icio2023/icio2020_77x11.npz", "icio2023/icio2019_g20_isic.npz", "cp2015/nafta_1993_no_deficits.npz"]


@pytest.fixture(scope="module")
def arrays():
    t = gk.load_sample(2005)
    return t.arrays.z, t.given.y, t.regions, t.sectors, t.categories


def doubted(z, y, regions, sectors, categories) -> list[str]:
    """Doubts that are warned of, and the audit's names for them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        t = gk.Mrio.from_arrays(z, y, regions, sectors, categories)
    checks = [name for name in t.audit()["check"] if name.startswith("perhaps") or name == "unit_factor"]
    assert len(caught) == len(checks)
    return sorted(checks)


@pytest.mark.parametrize("name", REAL)
def test_no_real_table_is_doubted(name):
    d = np.load(data_file(name))
    kinds = d["final_demand"].tolist() if "final_demand" in d.files else None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gk.Mrio.from_arrays(d["Z"], d["Y"], d["regions"].tolist(), d["sectors"].tolist(), kinds)


def test_final_demand_by_category_first(arrays):
    z, y, regions, sectors, kinds = arrays
    turned = y.reshape(len(z), len(regions), len(kinds)).transpose(0, 2, 1).reshape(len(z), -1)
    assert doubted(z, turned, regions, sectors, kinds) == ["perhaps_category_major"]


def test_coefficients_for_flows(arrays):
    z, y, *names = arrays
    a = z / np.maximum(z.sum(1) + y.sum(1), 1e-9)
    assert doubted(a, y, *names) == ["perhaps_coefficients"]


@pytest.mark.parametrize("times", [1e3, 1e6, 1e-3])
def test_final_demand_in_another_unit(arrays, times):
    z, y, *names = arrays
    assert doubted(z, y * times, *names) == ["unit_factor"]


def with_total_sector(z, y, regions, sectors):
    """Flows with a sector in each region that is the sum of the others."""
    g, n = len(regions), len(sectors)
    blocks = z.reshape(g, n, g, n)
    blocks = np.concatenate([blocks, blocks.sum(1, keepdims=True)], 1)
    blocks = np.concatenate([blocks, blocks.sum(3, keepdims=True)], 3)
    demand = y.reshape(g, n, -1)
    demand = np.concatenate([demand, demand.sum(1, keepdims=True)], 1)
    return blocks.reshape(g * (n + 1), -1), demand.reshape(g * (n + 1), -1)


def with_world(z, y, regions, sectors, kinds):
    """Flows with a region that is the sum of all others."""
    g, n, f = len(regions), len(sectors), len(kinds)
    blocks = z.reshape(g, n, g, n)
    blocks = np.concatenate([blocks, blocks.sum(0, keepdims=True)], 0)
    blocks = np.concatenate([blocks, blocks.sum(2, keepdims=True)], 2)
    demand = y.reshape(g, n, g, f)
    demand = np.concatenate([demand, demand.sum(0, keepdims=True)], 0)
    demand = np.concatenate([demand, demand.sum(2, keepdims=True)], 2)
    return blocks.reshape((g + 1) * n, -1), demand.reshape((g + 1) * n, -1)


def test_a_total_left_in(arrays):
    z, y, regions, sectors, kinds = arrays
    assert doubted(*with_total_sector(z, y, regions, sectors), regions, [*sectors, "all"], kinds) == ["perhaps_total"]


def test_a_world_beside_its_members(arrays):
    z, y, regions, sectors, kinds = arrays
    assert doubted(*with_world(z, y, regions, sectors, kinds), [*regions, "WLD"], sectors, kinds) == ["perhaps_total"]


@pytest.mark.parametrize("name", ["EU27", "European Union", "欧盟"])
def test_a_group_beside_its_members(arrays, name):
    z, y, regions, sectors, kinds = arrays
    named = [name if region == "ROW" else region for region in regions]
    assert doubted(z, y, named, sectors, kinds) == ["perhaps_total"]
