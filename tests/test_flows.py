import itertools

import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from reference import Literal
from strategies import tables

KINDS = ("traditional", "simple", "complex", "gvc", "total")


def same(got, want, scale):
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11 * scale)


@given(tables())
def test_every_kind_equals_the_literal_products(t):
    literal = Literal(t)
    scale = np.abs(t.va).max()
    for kind, partner in itertools.product(KINDS, ("importer", "absorber")):
        rows = literal.flow(kind, partner)
        sector = gk.flows(t, kind, level="sector", partner=partner)
        region = gk.flows(t, kind, partner=partner)
        same(sector, rows, scale)
        same(region, rows.reshape(literal.G, literal.N, -1).sum(1), scale)
        assert region.index.tolist() == region.columns.tolist() == t.regions
        assert (region.index.name, region.columns.name) == ("region", "partner")
        assert sector.index.names == ["region", "sector"]


@given(tables())
def test_all_that_a_source_makes_goes_somewhere(t):
    part = gk.participation(t, detail=True)
    scale = np.abs(t.va).max()
    parts = {kind: gk.flows(t, kind, level="sector").sum(axis=1) for kind in ("traditional", "simple", "complex")}
    for kind, values in parts.items():
        same(values, part[kind], scale)
    same(part["domestic"] + sum(parts.values()), t.va, scale)
    for partner in ("importer", "absorber"):
        same(gk.flows(t, "total", level="sector", partner=partner).sum(axis=1), t.va, scale)
    # Complex by importer is complex by absorber (off the diagonal) and what returns (on it).
    by_absorber = gk.flows(t, "complex", partner="absorber")
    same(by_absorber.sum(axis=1), gk.flows(t, "complex").sum(axis=1), scale)
    same(np.diag(by_absorber), gk.participation(t, level="region", detail=True)["returned"], scale)


@given(tables())
def test_sectors_add_up(t):
    whole = gk.flows(t, "complex")
    parts = [gk.flows(t, "complex", sector=name) for name in t.sectors]
    same(sum(parts), whole, np.abs(t.va).max())
    two = t.sectors[:2]
    chosen = gk.flows(t, "gvc", level="sector").loc[(slice(None), two), :].groupby(level="region", sort=False).sum()
    same(gk.flows(t, "gvc", sector=two), chosen, np.abs(t.va).max())


def test_china_to_the_united_states_in_wiod_2008(wiod):
    t = wiod(2008)
    expected = {"traditional": 140_714.8, "simple": 85_456.0, "complex": 21_291.8}
    for kind, value in expected.items():
        assert gk.flows(t, kind).loc["CHN", "USA"] == pytest.approx(value, abs=0.05)
    assert gk.flows(t, "total", partner="absorber").loc["CHN", "USA"] == pytest.approx(275_654.6, abs=0.05)


def test_diagonals(sample):
    for kind in ("traditional", "simple", "complex", "gvc"):
        assert (np.diag(gk.flows(sample, kind)) == 0).all()
    domestic = gk.participation(sample, level="region")["domestic"]
    np.testing.assert_allclose(np.diag(gk.flows(sample, "total")), domestic)


def test_negative_inventories_stay_in_the_flows(leather):
    y = leather.arrays.y.copy()
    y[0, 1] = -0.5
    t = gk.Mrio.from_arrays(leather.arrays.z, y, leather.regions, leather.sectors)
    literal = Literal(t).flow("traditional", "importer")
    np.testing.assert_allclose(gk.flows(t, "traditional", level="sector"), literal, rtol=1e-12)
    assert (literal < 0).any()


def test_bad_options(sample):
    for changes, message in (
        ({"kind": "hard"}, "'traditional', 'simple', 'complex', 'gvc', 'total'"),
        ({"level": "world"}, "'region', 'sector'"),
        ({"partner": "me"}, "'importer', 'absorber'"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            gk.flows(sample, **changes)
    with pytest.raises(gk.LabelError, match="did you mean Machinery"):
        gk.flows(sample, sector="Machinary")
    with pytest.raises(gk.ShapeError):
        gk.core.flows_by_importer(sample.arrays, sample.arrays.x[:-1], True)
    with pytest.raises(gk.ShapeError):
        gk.core.flows_by_absorber(sample.arrays, sample.arrays.x[:-1], sample.lu, True)
