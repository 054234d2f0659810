"""Several regions as one economy, in every measure: against dense products whose blocks are the economies."""

import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from conftest import data_file
from reference import Literal
from strategies import tables

TERMS = ["domestic", "traditional", "simple", "complex"]


class Grouped(Literal):
    """The literal products of a table whose regions are in groups: blocks of any rows."""

    def __init__(self, t, groups):
        super().__init__(t)
        target = [groups.get(region, region) for region in t.regions]
        self.names = list(dict.fromkeys(target))
        place = np.array([self.names.index(name) for name in target])
        of = np.repeat(place, self.N)
        self.G = len(self.names)
        own = of[:, None] == np.arange(self.G)[None, :]
        self.own, self.home = own.astype(float), of[:, None] == of[None, :]
        self.Y = np.stack([self.Y[:, place == g].sum(1) for g in range(self.G)], axis=1)
        self.AD = np.where(self.home, self.A, 0.0)
        self.AF = self.A - self.AD
        self.L = np.linalg.inv(np.eye(self.n) - self.AD)
        self.yD, self.yF = (self.Y * own).sum(1), (self.Y * ~own).sum(1)
        self.E = np.where(own, 0.0, self.Y + np.stack([self.Z[:, of == g].sum(1) for g in range(self.G)], axis=1))
        self.sector = np.tile(np.arange(self.N), len(t.regions))
        self.of = of

    def by_sector(self, values):
        out = np.zeros((self.G * self.N, *values.shape[1:]))
        np.add.at(out, self.of * self.N + self.sector, values)
        return out


def check(t, groups, option):
    lit = Grouped(t, groups)
    size = np.abs(lit.x).max()

    def close(found, want):
        np.testing.assert_allclose(np.asarray(found, dtype=float), want, rtol=1e-8, atol=1e-9 * size)

    for direction, axis in (("forward", 1), ("backward", 0)):
        frame = gk.participation(t, direction, groups=option)
        assert list(frame.index.unique("region")) == lit.names
        for k, matrix in enumerate(lit.participation_terms()):
            close(frame[TERMS[k]], lit.by_sector(matrix.sum(axis)))
        sums = {name: lit.by_sector(v) for name, v in lit.lengths(direction == "forward").items()}
        found = gk.lengths(t, direction, groups=option)
        good = np.abs(sums["value_domestic"]) > 1e-6 * size
        close(found["domestic"][good], (sums["domestic"][good] / sums["value_domestic"][good]))
    for kind in ("traditional", "simple", "complex", "total"):
        for partner in ("importer", "absorber"):
            frame = gk.flows(t, kind, partner=partner, groups=option)
            assert list(frame.columns) == lit.names
            close(frame, lit.own.T @ lit.flow(kind, partner))
    absorbed = lit.own.T @ (lit.v[:, None] * (lit.B @ lit.Y))
    shares = np.divide(absorbed, absorbed.sum(1, keepdims=True), out=np.full_like(absorbed, np.nan),
                       where=absorbed.sum(1, keepdims=True) != 0)  # fmt: skip
    close(gk.dependence_matrix(t, "demand_share", groups=option), shares)
    close(gk.gross_trade(t, groups=option), lit.own.T @ lit.E)
    content = lit.own.T @ (lit.v[:, None] * (lit.B @ (lit.E.sum(1)[:, None] * lit.own)))
    tiva = gk.tiva(t, groups=option)
    close(tiva["domestic_content"], np.diag(content))
    close(tiva["foreign_content"], content.sum(0) - np.diag(content))
    close(tiva["imported_inputs"], lit.own.T @ (lit.AF.sum(0) * (lit.L @ lit.E.sum(1))))
    assert list(gk.network(t, groups=option).flows.index) == lit.names
    assert list(gk.indicators(t, "region", groups=option).index) == lit.names


@given(tables(zero_output=False, negative_inventories=False))
def test_groups_of_regions_are_economies(t):
    regions = t.regions
    check(t, {}, {})
    for members in ({regions[0], regions[-1]}, set(regions[::2])):
        groups = dict.fromkeys(members, "E")
        check(t, groups, groups)


def test_processing_zones_join_their_economies_in_every_measure():
    import pandas as pd

    z = pd.read_csv(data_file("worked_examples/exva_iciotest_Z.csv"), index_col=0)
    y = pd.read_csv(data_file("worked_examples/exva_iciotest_Yfd.csv"), index_col=0)
    regions = list(dict.fromkeys(label.split("_")[0] for label in z.columns))
    sectors = list(dict.fromkeys(label.split("_")[1] for label in z.columns))
    wide = np.zeros((len(z), len(regions) * 2))
    for k, name in enumerate(y.columns):
        region, _ = name.split("_")
        wide[:, regions.index(region) * 2 + k % 2] = y[name]
    t = gk.Mrio.from_arrays(z, wide, regions, sectors, ["CONS", "INVST"])
    zones = {"MX1": "MEX", "MX2": "MEX", "CN1": "CHN", "CN2": "CHN"}
    check(t, zones, None)
    assert {"MX1", "CN2"} & set(gk.participation(t, groups={}).index.unique("region"))
    with pytest.raises(gk.LabelError):
        gk.participation(t, groups={"XYZ": "MEX"})
