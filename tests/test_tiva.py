import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from gvckit.measures.exports import COLUMNS
from reference_exports import Exports
from strategies import tables


@given(tables())
def test_indicators_equal_their_definitions(t):
    e = Exports(t)
    frame = gk.tiva(t)
    scale = np.abs(t.x).max()
    close = {"rtol": 1e-8, "atol": 1e-10 * scale}
    for s, region in enumerate(t.regions):
        row = frame.loc[region]
        own = e.at[s]
        out = e.Estar[own]
        np.testing.assert_allclose(row["exports"], out.sum(), **close)
        np.testing.assert_allclose(row["domestic_content"], e.vb(s, s) @ out, **close)
        np.testing.assert_allclose(row["foreign_content"], e.foreign(s) @ out, **close)
        others = e.others(s)
        np.testing.assert_allclose(row["indirect"], sum(e.vb(s, r) @ e.Estar[e.at[r]] for r in others), **close)
        np.testing.assert_allclose(row["returned"], sum(e.vb(s, r) @ e.E[e.at[r], s] for r in others), **close)
        absorbed = e.v[own] @ (e.B @ e.Y)[own]
        np.testing.assert_allclose(row["value_added_exports"], absorbed.sum() - absorbed[s], **close)
        imported = sum(e.a(r, s).sum(0) for r in others) if others else np.zeros(e.N)
        np.testing.assert_allclose(row["imported_inputs"], imported @ e.l(s) @ out, **close)
    assert frame["value_added_exports"].sum() == pytest.approx(frame["value_added_imports"].sum(), abs=1e-9 * scale)
    assert frame["exports"].sum() == pytest.approx(frame["imports"].sum(), abs=1e-9 * scale)
    assert set(frame.columns) == set(gk.describe("tiva").index)


def test_goods_exports_of_china_use_fewer_imports_after_2005(wiod):
    goods = [f"c{k}" for k in range(1, 17)]
    shares = {year: gk.tiva(wiod(year), goods).loc["CHN", "imported_input_share"] for year in (1995, 2005, 2009)}
    assert shares[2005] > shares[1995]
    assert shares[2009] < shares[2005]


def test_balassa_by_hand():
    y = np.array([[10.0, 30.0], [10.0, 10.0], [20.0, 10.0], [40.0, 10.0]])
    t = gk.Mrio.from_arrays(np.zeros((4, 4)), y, ["A", "B"], ["s", "t"])
    frame = gk.revealed_advantage(t)
    # Exports: A sends 30 s and 10 t, B sends 20 s and 40 t; the world's share of s is one half.
    np.testing.assert_allclose(frame["gross"], [1.5, 0.5, (20 / 60) / 0.5, (40 / 60) / 0.5])
    np.testing.assert_allclose(frame["value_added"], frame["gross"])


@given(tables())
def test_participation_rates_say_which_is_which(t):
    frame = gk.participation_rates(t)
    assert frame.columns.names == ["base", "measure"]
    np.testing.assert_allclose(
        frame[("value added", "forward")], gk.participation(t, level="region", shares=True)["gvc"]
    )
    tiva = gk.tiva(t)
    np.testing.assert_allclose(frame[("exports", "backward (VS)")], tiva["foreign_share"], rtol=1e-7, atol=1e-9)
    parts = frame[[("exports", "backward (BM)"), ("exports", "forward (BM)")]].sum(axis=1, skipna=False)
    np.testing.assert_allclose(frame[("exports", "GVC (BM)")], parts, rtol=1e-8, atol=1e-10)


def test_every_column_is_described(sample):
    world = COLUMNS["world"]
    assert set(gk.decompose_exports(sample, "bm_sink", perspective="world").columns) == {*world, "exports"}
    for method, columns in COLUMNS.items():
        if method == "world":
            continue
        frame = gk.decompose_exports(sample, method)
        assert set(frame.columns) == set(gk.describe(method).index)
        assert set(columns) <= set(frame.columns)
    results = {
        "participation": gk.participation(sample, detail=True),
        "lengths": gk.lengths(sample),
        "position": gk.position(sample),
        "multipliers": gk.multipliers(sample),
        "linkages": gk.linkages(sample),
    }
    for name, frame in results.items():
        assert set(frame.columns) == set(gk.describe(name).index)
        assert gk.describe(name).attrs["source"]
    with pytest.raises(gk.OptionError, match="'participation'"):
        gk.describe("nothing")
