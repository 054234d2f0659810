"""Exports by where their value was made, and indicators by sector and partner, against dense products."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from reference import Literal
from reference_exports import Exports
from strategies import odd_tables, tables


def close(t):
    scale = float(np.abs(t.arrays.x).max()) or 1.0
    return {"rtol": 1e-8, "atol": 1e-10 * scale}


@given(tables())
def test_value_added_by_origin_exporting_sector_and_partner(t):
    e, g = Literal(t), len(t.regions)
    cube = np.einsum("ij,jp->ijp", e.v[:, None] * e.B, e.E)
    cells = cube.reshape(g, e.N, g, e.N, g)
    frame = gk.value_added_in_exports(t, level="sector", exporter="sector", partner=True)
    assert frame.columns.names == ["exporter", "exporter_sector", "partner"]
    off = np.array([s != p for s in range(g) for _ in range(e.N) for p in range(g)], dtype=bool)
    np.testing.assert_allclose(frame, cells.reshape(e.n, -1)[:, off], **close(t))
    frame = gk.value_added_in_exports(t, exporter="sector")
    assert frame.columns.names == ["exporter", "exporter_sector"]
    np.testing.assert_allclose(frame, cells.sum(axis=(1, 4)).reshape(g, -1), **close(t))
    np.testing.assert_allclose(frame.sum(), gk.gross_trade(t, "sector").sum(axis=1), **close(t))
    plain = gk.value_added_in_exports(t, level="sector")
    assert plain.columns.name == "partner"
    np.testing.assert_allclose(plain, cells.sum(axis=(3, 4)).reshape(e.n, g), **close(t))
    factor = pd.Series(np.arange(e.n, dtype=float), index=t.x.index, name="jobs")
    jobs = gk.value_added_in_exports(t, partner=True, factor=factor)
    f = np.divide(factor.to_numpy(), e.x, out=np.zeros(e.n), where=e.x != 0)
    wanted = np.einsum("ij,jp->ijp", f[:, None] * e.B, e.E).reshape(g, e.N, g, e.N, g).sum(axis=(1, 3))
    np.testing.assert_allclose(jobs, wanted.reshape(g, -1)[:, ~np.eye(g, dtype=bool).ravel()], **close(t))
    assert jobs.attrs["factor"] == "jobs"


@given(tables(max_regions=4), st.integers(0, 2**32 - 1))
def test_groups_are_those_of_the_summed_table(t, seed):
    place = np.random.default_rng(seed).integers(0, 2, len(t.regions))
    groups = {region: f"G{k}" for region, k in zip(t.regions, place, strict=True)}
    for options in ({}, {"level": "sector"}, {"exporter": "sector"}, {"partner": True}):
        ours = gk.value_added_in_exports(t, groups=groups, **options)
        fine = gk.value_added_in_exports(t, level="sector", exporter="sector", partner=True)
        inside = [groups[a] == groups[b] for a, _, b in fine.columns]
        fine = fine.loc[:, ~np.array(inside, dtype=bool)]
        np.testing.assert_allclose(ours.to_numpy().sum(), fine.to_numpy().sum(), **close(t))
        if not options.get("partner"):
            exporter = ours.columns.get_level_values(0)
            by = fine.T.groupby(fine.columns.get_level_values("exporter").map(groups)).sum().sum(axis=1)
            np.testing.assert_allclose(ours.T.groupby(exporter).sum().sum(axis=1).loc[by.index], by, **close(t))


@pytest.mark.parametrize("options", [{"level": "world"}, {"exporter": "partner"}])
def test_options_of_value_added_in_exports(sample, options):
    with pytest.raises(gk.OptionError, match="'region'"):
        gk.value_added_in_exports(sample, **options)


def test_selections_of_value_added_in_exports(sample):
    whole = gk.value_added_in_exports(sample, level="sector", exporter="sector")
    some = gk.value_added_in_exports(
        sample, level="sector", exporter="sector", origins="China", exporters=[("USA", "Machinery")], partners="Mexico"
    )
    assert some.shape == (14, 1)
    sold = gk.tiva(sample, level="bilateral_sector").loc[("USA", "Machinery")]["exports"]
    part = whole.loc["CHN", ("USA", "Machinery")] * sold["MEX"] / sold.sum()
    np.testing.assert_allclose(some.iloc[:, 0], part, rtol=1e-10)
    with pytest.raises(gk.OptionError, match="select from the result"):
        gk.value_added_in_exports(sample, groups={"DEU": "EU", "FRA": "EU"}, origins="CHN")


@given(tables())
def test_terms_of_borin_and_mancini_by_origin(t):
    e = Exports(t)
    frame = gk.decompose_exports(t, "bm_source", "sector", by="origin")
    exporting = gk.decompose_exports(t, "bm_source", "sector")
    assert list(frame.columns) == list(exporting.columns)
    pd.testing.assert_index_equal(frame.index, exporting.index)
    np.testing.assert_allclose(
        frame.groupby("region", sort=False).sum(), exporting.groupby("region", sort=False).sum(), **close(t)
    )
    for s, region in enumerate(t.regions):
        cut, own = e.without(s), slice(s * e.N, (s + 1) * e.N)
        goods = np.zeros(e.n)
        goods[own] = e.Estar[own]
        for name, b in (("FC", e.B), ("FVA", cut)):
            made = (e.v * (b @ goods)).reshape(e.G, e.N)
            np.testing.assert_allclose(frame.loc[region, name], np.delete(made, s, axis=0).sum(axis=0), **close(t))
        once = e.v[own] * (e.l(s) @ e.Estar[own])
        np.testing.assert_allclose(frame.loc[region, "DVA"], once, **close(t))
        used = sum((e.demand(s, r) + e.a(s, r) @ e.l(r) @ e.demand(r, r) for r in e.others(s)), np.zeros(e.N))
        np.testing.assert_allclose(frame.loc[region, "DAVAX"], e.v[own] * (e.l(s) @ used), **close(t))
        absorbed = (e.B @ e.Y)[:, s].reshape(e.G, e.N)
        home = sum((e.a(s, r) @ absorbed[r] for r in e.others(s)), np.zeros(e.N))
        np.testing.assert_allclose(frame.loc[region, "REF"], e.v[own] * (e.l(s) @ home), **close(t))


def test_by_origin_is_defined_for_source_based_terms_of_sectors(sample):
    for method, level in (("wwz", "sector"), ("bm_sink", "sector"), ("bm_source", "bilateral")):
        with pytest.raises(gk.OptionError, match="by='origin'"):
            gk.decompose_exports(sample, method, level, by="origin")
    with pytest.raises(gk.OptionError, match="'exporting'"):
        gk.decompose_exports(sample, "bm_source", "sector", by="importing")
    groups = {"DEU": "EU", "FRA": "EU"}
    frame = gk.decompose_exports(sample, "my", "sector", groups=groups, by="origin").groupby("region", sort=False).sum()
    np.testing.assert_allclose(frame, gk.decompose_exports(sample, "my", groups=groups), rtol=1e-9, atol=1e-6)


@given(tables())
def test_indicators_by_sector_and_partner(t):
    e, g = Literal(t), len(t.regions)
    frame = gk.tiva(t, level="bilateral_sector")
    own = e.own.astype(bool)
    vb, vl = (e.v @ np.where(e.home, m, 0.0) for m in (e.B, e.L))
    foreign = e.v @ np.where(e.home, 0.0, e.B)
    absorbed = np.where(own, 0.0, e.v[:, None] * (e.B @ e.Y))
    cells = {
        "exports": e.E, "final_exports": np.where(own, 0.0, e.Y), "domestic_content": vb[:, None] * e.E,
        "direct_domestic": e.v[:, None] * e.E, "indirect_domestic": (vl - e.v)[:, None] * e.E,
        "reimported_domestic": (vb - vl)[:, None] * e.E, "foreign_content": foreign[:, None] * e.E,
        "value_added_exports": absorbed,
    }  # fmt: skip
    cells["intermediate_exports"] = cells["exports"] - cells["final_exports"]
    for name, wanted in cells.items():
        np.testing.assert_allclose(frame[name], wanted[~own], **close(t))
    for sold, bought in (("exports", "imports"), ("value_added_exports", "value_added_imports")):
        wanted = cells[sold].reshape(g, e.N, g).transpose(2, 1, 0).reshape(e.n, g)
        np.testing.assert_allclose(frame[bought], wanted[~own], **close(t))
    whole = gk.tiva(t)
    levels = [name for name in frame.columns if name in whole.columns and not name.endswith("share")]
    for level in ("sector", "bilateral", "bilateral_sector"):
        sums = gk.tiva(t, level=level)
        np.testing.assert_allclose(
            sums.groupby("region", sort=False)[levels].sum().reindex(t.regions, fill_value=0.0),
            whole[levels],
            **close(t),
        )
        ratio = sums["domestic_content"] / sums["exports"].where(sums["exports"] != 0)
        np.testing.assert_allclose(sums["domestic_share"], ratio, rtol=1e-9, atol=1e-12)
    assert set(frame.columns) == set(gk.describe(frame).index)


def test_levels_of_indicators_refuse_what_they_are_not(sample):
    with pytest.raises(gk.OptionError, match="'bilateral_sector'"):
        gk.tiva(sample, level="partner")
    with pytest.raises(gk.OptionError, match="level='region'"):
        gk.tiva(sample, "Machinery", level="sector")
    joined = gk.tiva(sample, groups={"DEU": "EU", "FRA": "EU"}, level="bilateral")
    assert ("EU", "CHN") in joined.index
    assert "DEU" not in joined.index.get_level_values("region")


@given(odd_tables())
@pytest.mark.filterwarnings("ignore::gvckit.GvcWarning")
def test_participation_rates_of_sectors_and_regions_agree(t):
    sectors, regions = gk.participation_rates(t, level="sector"), gk.participation_rates(t)
    exports = gk.gross_trade(t, "sector").sum(axis=1)
    for name in ("backward (VS)", "forward (VS1)", "GVC (BM)"):
        levels = (sectors["exports", name] * exports).where(exports != 0, 0.0)
        if name == "forward (VS1)" and (exports == 0).any():
            # A sector without exports of its own may be in those of others: its rate is not defined.
            continue
        sums = levels.groupby("region", sort=False).sum()
        whole = exports.groupby("region", sort=False).sum()
        np.testing.assert_allclose(sums / whole.where(whole != 0), regions["exports", name], rtol=1e-7, atol=1e-9)


@given(tables())
def test_steps_of_a_chain(t):
    e = Literal(t)
    product = (t.regions[-1], t.sectors[0])
    frame = gk.smile_curve(t, product)
    row = t.labels.rows.get_loc(product)
    goods = np.zeros(e.n)
    goods[row] = e.y[row]
    made = e.B @ goods
    value = e.v * made
    kept = np.flatnonzero(np.abs(value) > 0)
    wanted = pd.Series(value, index=t.labels.rows)
    np.testing.assert_allclose(wanted.loc[frame.index], frame["value"], **close(t))
    np.testing.assert_allclose(frame["value"].sum(), value.sum(), **close(t))
    assert len(frame) <= len(kept)
    if len(frame) and goods[row]:
        np.testing.assert_allclose(frame["value_share"].sum(), 1, rtol=1e-9)
        chain = pd.Series(e.B @ made, index=t.labels.rows) / pd.Series(made, index=t.labels.rows).where(made != 0)
        big = frame.index[np.abs(frame["value"]) > 1e-6 * np.abs(frame["value"]).max()]
        np.testing.assert_allclose(frame.loc[big, "chain_distance"], chain.loc[big], rtol=1e-6)
    np.testing.assert_array_equal(frame["distance"], gk.upstreamness(t).loc[frame.index])


def test_a_smile_curve_is_drawn_and_described(sample):
    frame = gk.smile_curve(sample, ("Germany", "Transport equipment"), steps="Germany")
    assert set(frame.index.get_level_values("region")) == {"DEU"}
    assert set(frame.columns) == set(gk.describe(frame).index)
    traced = gk.trace(sample, "sector", products=[("DEU", "Transport equipment")])["all"]
    np.testing.assert_allclose(frame["value"], traced.loc[frame.index])
    assert gk.plot.smile(frame.droplevel("region")).get_title(loc="left") == ""
    own = pd.Series(2.0 * sample.va, name="pay")
    paid = gk.smile_curve(sample, ("Germany", "Transport equipment"), factor=own)
    assert paid.attrs["factor"] == "pay"


@given(tables())
def test_levels_of_upstreamness_are_means_weighted_by_output(t):
    x = t.x
    for measure in (gk.upstreamness, gk.downstreamness):
        sectors = measure(t)
        for level, groups in (("region", x.index.get_level_values("region")), ("world", np.repeat("world", len(x)))):
            found = measure(t, level=level)
            wanted = (sectors * x).groupby(groups, sort=False).sum() / x.groupby(groups, sort=False).sum().replace(
                0, np.nan
            )
            np.testing.assert_allclose(found, wanted, rtol=1e-9)
            assert list(found.index) == list(wanted.index)
    with pytest.raises(gk.OptionError, match="'world'"):
        gk.upstreamness(t, level="bilateral")


def type_two(t, households, pay):
    """A bordered by a row and a column for the households of each region, inverted."""
    e, g = Literal(t), len(t.regions)
    bought = t.given.y.reshape(e.n, g, -1)[:, :, households].sum(axis=2)
    paid = np.divide(pay, e.x, out=np.zeros(e.n), where=e.x != 0)
    earned = (paid * e.x).reshape(g, -1).sum(axis=1)
    whole = np.maximum(earned, bought.sum(axis=0))
    spending = np.divide(bought, whole, out=np.zeros_like(bought), where=whole != 0) * (earned > 0)
    bordered = np.block([[e.A, spending], [paid[:, None].T * e.own.T, np.zeros((g, g))]])
    return np.linalg.inv(np.eye(e.n + g) - bordered)[: e.n, : e.n].sum(axis=0)


@given(tables(negative_inventories=False), st.integers(0, 2**32 - 1))
def test_type_two_multipliers(t, seed):
    pay = pd.Series(np.random.default_rng(seed).uniform(0.2, 0.8, len(t.x)) * t.x, name="wages")
    frame = gk.multipliers(t, households=t.categories[:1], pay=pay)
    np.testing.assert_allclose(frame["output_type2"], type_two(t, [0], pay.to_numpy()), rtol=1e-7)
    assert set(frame.columns) == set(gk.describe(frame).index)


def test_options_of_type_two_multipliers(sample):
    frame = gk.multipliers(sample, households="HFCE")
    assert (frame["output_type2"] >= frame["output"] - 1e-12).all()
    with pytest.raises(gk.LabelError, match="HFCE"):
        gk.multipliers(sample, households="households")
    with pytest.raises(gk.OptionError, match="households="):
        gk.multipliers(sample, pay=sample.va)
    z, y = np.array([[0.0]]), np.array([[10.0]])
    with pytest.raises(gk.NotProductiveError, match="no end"):
        gk.multipliers(gk.Mrio.from_arrays(z, y, ["A"], ["s"]), households="final")


@given(tables())
def test_linkages_have_both_kinds_of_rows(t):
    e = Literal(t)
    rows = np.where(e.x != 0, e.B.sum(axis=1), np.nan)
    np.testing.assert_allclose(gk.linkages(t)["forward_leontief"], rows / np.nanmean(rows), rtol=1e-8)


def test_intra_industry_trade_weighted_by_trade(sample):
    cells = gk.tiva(sample, level="bilateral_sector")["exports"]
    sold, bought = (cells.xs(pair, level=("region", "partner")) for pair in (("CHN", "USA"), ("USA", "CHN")))
    index = 1 - (sold - bought).abs().sum() / (sold + bought).sum()
    assert gk.trade_indicators(sample)["grubel_lloyd"].iloc[0] == pytest.approx(index, rel=1e-12)


@given(odd_tables())
@pytest.mark.filterwarnings("ignore::gvckit.GvcWarning")
def test_odd_tables_add_up_to_the_exporter_too(t):
    exporting = gk.decompose_exports(t, "bm_source").drop(columns="exports")
    origin = gk.decompose_exports(t, "bm_source", "sector", by="origin").groupby("region", sort=False).sum()
    names = [name for name in exporting if not name.startswith("GVC")]
    np.testing.assert_allclose(origin[names], exporting[names], **close(t))
    whole, sums = gk.tiva(t), gk.tiva(t, level="sector").groupby("region", sort=False).sum()
    for name in ("exports", "imports", "domestic_content", "foreign_content", "value_added_exports"):
        np.testing.assert_allclose(sums[name], whole[name], **close(t))
    content = gk.value_added_in_exports(t, level="sector", exporter="sector")
    summed = content.groupby("region", sort=False).sum().T.groupby("exporter", sort=False).sum().T
    np.testing.assert_allclose(summed, gk.value_added_in_exports(t), **close(t))
