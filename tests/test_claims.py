import argparse
import logging
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.__main__ import main, years_of
from gvckit.study import claims, evidence, rules
from gvckit.study.claims import CLAIMS
from gvckit.study.results import Results, load_tables
from gvckit.table.groups import MEDIUM_HIGH, division_of

YEARS = (2000, 2010, 2011)


@pytest.fixture(scope="module")
def results():
    return Results({year: gk.load_sample(year) for year in YEARS})


@pytest.fixture(scope="module")
def found(results):
    return claims.by_year(results)


def by_year(*columns, years=None):
    """A frame of measures by year, from lists."""
    rows = zip(*columns, strict=True)
    return pd.DataFrame(list(rows), index=years or [2000 + k for k in range(len(columns[0]))], dtype=float)


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        (rules.falls, [[3, 9, 2]], [[2, 1, 2]]),
        (rules.rises, [[1, 0, 2]], [[2, 3, 2]]),
        (rules.becomes_first, [[2, 3, 1]], [[1, 1, 1]]),
        (rules.becomes_first, [[2, 3, 1]], [[3, 1, 2]]),
        (rules.becomes_second, [[7, 3, 2]], [[7, 3, 1]]),
        (rules.becomes_second, [[7, 3, 2]], [[2, 3, 2]]),
        (rules.are_first, [[4, 1], [2, 1]], [[1, 1], [1, 2]]),
        (rules.are_hubs, [[9, 2], [9, 1], [1, 3]], [[1, 1], [1, 3], [9, 9]]),
        (rules.loses, [[0.2, 0.1], [1, 4]], [[0.2, 0.1], [4, 4]]),
        (rules.loses, [[0.2, 0.1], [1, 4]], [[0.1, 0.2], [1, 4]]),
        (rules.positive, [[0.1, 0.2]], [[0.1, 0.0, 0.1]]),
        (rules.stable, [[1.0, 5.0, 1.09]], [[1.0, 1.0, 0.89]]),
        (rules.rises_more, [[1, 3], [1, 2]], [[1, 3], [1, 4]]),
        (rules.rises_more, [[1, 1.1], [1, 0]], [[1, 0.9], [1, 0]]),
        (rules.closes, [[-0.2, 0.1]], [[-0.1, -0.1]]),
        (rules.from_half_to_a_third, [[0.48, 0.9, 0.33]], [[0.44, 0.9, 0.33]]),
        (rules.from_half_to_a_third, [[0.48, 0.9, 0.33]], [[0.50, 0.36]]),
        (rules.changes_most, [[0, 0.3], [0, 0.09], [0, 0.01]], [[0, 0.3], [0, 0.11], [0, 0.01]]),
        (rules.changes_most, [[0, 0.3], [0, 0.09]], [[0, 0.05], [0, 0.09]]),
        (rules.broadens, [[1, 2], [3, 9]], [[1, 2], [3, 3]]),
        (rules.shifts, [[9, 3], [1, 2]], [[9, 9], [1, 2]]),
        (rules.shifts, [[9, 3], [1, 2]], [[9, 3], [2, 2]]),
        (rules.rises_above_all, [[1, 2], [0, 0.5], [0, 0.4]], [[1, 2], [0, 0.3], [0, 0.4]]),
        (rules.among_the_largest, [[9, 3]], [[1, 4]]),
        (rules.about_four_fifths, [[0, 0.84]], [[0.8, 0.86]]),
        (rules.more_than_four_fifths, [[0, 0.86]], [[0.9, 0.84]]),
        (rules.steady_and_fastest, [[1, 2, 3], [4, 2, 1]], [[1, 3, 2], [4, 2, 1]]),
        (rules.steady_and_fastest, [[1, 2, 3], [4, 2, 1]], [[1, 2, 3], [1, 1, 2]]),
    ],
)
def test_rules_both_ways(rule, yes, no):
    assert rule(by_year(*yes)) is True
    assert rule(by_year(*no)) is False


def test_growth_in_asia_and_little_losses_elsewhere():
    def frame(asia, europe):
        return pd.DataFrame({"Asia, simple: share": asia, "Europe, simple: share": europe}, index=[2000, 2011])

    assert rules.grows_and_shrinks(frame([0.4, 0.5], [0.6, 0.55]))
    assert not rules.grows_and_shrinks(frame([0.4, 0.5], [0.6, 0.4]))
    assert rules.shrinks_much(frame([0.4, 0.5], [0.6, 0.4]))
    assert not rules.shrinks_much(frame([0.4, 0.5], [0.6, 0.61]))
    assert not rules.shrinks_much(frame([0.5, 0.4], [0.6, 0.4]))


def test_a_dip_needs_its_three_years():
    years = [2017, 2018, 2019]
    assert rules.dips(by_year([3, 1, 2], years=years)) is True
    assert rules.dips(by_year([3, 2, 1], years=years)) is False
    with pytest.raises(gk.ShapeError, match="2018"):
        rules.dips(by_year([3, 1], years=[2017, 2019]))


def test_windows():
    frame = by_year([1, 2, 3, 4], years=[1995, 2000, 2011, 2017])
    cut = rules.NETWORK_YEARS.cut(frame)
    assert list(cut.index) == [2000, 2011, 2017]
    assert rules.NETWORK_YEARS.shortfall(cut) == ""
    short = rules.NETWORK_YEARS.cut(frame.loc[:2011])
    assert rules.NETWORK_YEARS.shortfall(short) == "2000 to 2011 stand for the paper's 2000 to 2017"
    with pytest.raises(gk.ShapeError, match="2010 to 2017, at least 3 years apart; there are values of 1995 to 2011"):
        rules.PARTICIPATION_YEARS.cut(frame.loc[:2011])
    # A year without a value is none.
    frame.loc[2017] = np.nan
    assert list(rules.NETWORK_YEARS.cut(frame).index) == [2000, 2011]
    assert list(rules.ALL_YEARS.cut(frame).index) == [1995, 2000, 2011]


def test_verdicts_follow_from_the_values_that_are_shown(found):
    assert tuple(found.columns) == claims.COLUMNS
    assert found["claim"].nunique() == len(CLAIMS) == len({claim.name for claim in CLAIMS})
    for claim in CLAIMS:
        rows = found[found["claim"] == claim.name]
        assert len(rows["verdict"].unique()) == 1
        if rows["verdict"].iloc[0] == claims.NOT_TESTABLE:
            assert rows["note"].iloc[0]
            assert not rows["used"].any()
            continue
        used = rows[rows["used"]]
        wide = used.pivot_table(index="year", columns="measure", values="value")[list(used["measure"].unique())]
        assert claim.verdict(wide) == rows["verdict"].iloc[0], claim.name
        assert rows["tables"].iloc[0]


def test_more_than_was_said_is_said(found):
    """China becomes the first supplier where the paper says the second."""
    rows = found[found["claim"] == "second_supplier"].set_index("year")
    assert rows["value"][[2000, 2011]].tolist() == [7, 1]
    assert set(rows["verdict"]) == {claims.FURTHER}
    claim = next(claim for claim in CLAIMS if claim.name == "second_supplier")
    assert claim.verdict(by_year([7, 2])) == claims.BORNE
    assert claim.verdict(by_year([7, 3])) == claims.NOT_BORNE


def test_what_can_not_be_tested_says_what_to_fetch(found):
    for name in ("participation_forward", "position_electronics_rises"):
        note = found[found["claim"] == name]["note"].iloc[0]
        assert re.search(r"to test it: .*ICIO2023_2016-2020\.zip.*gvckit reproduce --data FOLDER", note)


def test_a_later_year_of_another_database_gives_a_second_verdict(found):
    tables = {2000: gk.load_sample(2000), 2011: gk.load_sample(2011)}
    later = Results(tables, late=gk.load_sample(2020, "icio")).two_databases
    assert list(later.tables) == [2000, 2020]
    assert {*later.tables[2000].regions} == {*later.tables[2020].regions} == {*tables[2000].regions}
    # Nothing is lost where economies are summed.
    assert later.tables[2020].va.sum() == pytest.approx(gk.load_sample(2020, "icio").va.sum())
    second = claims.by_year(later)
    summary = claims.summary(found, second)
    hubs = gk.network(later.tables[2020], "total", exclude="ROW").nodes["exports"].rank(ascending=False)
    assert summary.loc["second_supplier", "later_value"] == hubs["CHN"] == 1
    assert summary.loc["second_supplier", "later_verdict"] == claims.FURTHER
    assert "two databases" in summary.loc["asia_regional", "later_note"]
    for name, reason in (("networks_change", "can't be compared"), ("ict_japan", "different sectors")):
        assert summary.loc[name, "later_verdict"] == claims.NOT_TESTABLE
        assert reason in summary.loc[name, "later_note"]
    # Claims about years of their own have none.
    assert summary.loc["index_rises", "later_verdict"] == ""
    assert "WIOD" in summary.loc["asia_regional", "later_tables"]
    assert "OECD" in summary.loc["asia_regional", "later_tables"]
    with pytest.raises(gk.LabelError, match="only whole economies"):
        later.hubs("ict", "gvc")
    assert Results({2011: tables[2011]}).two_databases is None


def test_values_are_those_of_the_measures(found, sample):
    def value(claim, year, measure=None):
        rows = found[(found["claim"] == claim) & (found["year"] == year)]
        return rows["value"].iloc[0] if measure is None else rows.set_index("measure").loc[measure, "value"]

    t = gk.load_sample(2011)
    hubs = gk.network(t, "complex", exclude="ROW").hubs()
    for economy, code in (("the United States", "USA"), ("Germany", "DEU"), ("China", "CHN")):
        measure = f"rank of {economy} as supply hub"
        assert value("complex_hubs", 2011, measure) == hubs.loc[code, "supply_rank"]
    traditional = gk.network(t, "traditional", exclude="ROW").hubs()
    asia = traditional[traditional["group"] == "Asia"]
    assert value("asia_hub_traditional", 2011) == 1 + list(asia.index).index("CHN")
    exports = gk.network(t, "total", exclude="ROW").nodes["exports"]
    assert value("second_supplier", 2011) == exports.rank(ascending=False)["CHN"]
    ict = gk.network(t, "gvc", sector="Electrical and optical equipment", exclude="ROW").nodes["exports"]
    assert value("ict_japan", 2011) == pytest.approx(ict["JPN"] / ict.sum())
    regional = gk.network(t, "complex", exclude="ROW").regionalisation()
    assert value("asia_regional", 2011) == regional.loc["Asia", "within_share"]
    where = gk.position(t)["position"]
    gap = where["CHN", "Machinery"] - where["USA", "Machinery"]
    assert value("position_machinery_closes", 2011) == pytest.approx(gap)
    goods = gk.tiva(t, sectors=t.sectors[:10])
    assert value("imported_inputs", 2011) == goods.loc["CHN", "imported_input_share"]
    assert value("intra_industry", 2010) == gk.schemes.china_us_inputs([gk.load_sample(2010)]).loc[2010, "machinery"]
    assert value("index_rises", 2005) == gk.schemes.china_us_index().index[2005]
    content = (t.v * (t.B.index.get_level_values("region") == "CHN")) @ t.B
    cars, output = content.xs("Transport equipment", level=-1), t.x.xs("Transport equipment", level="sector")
    assert value("vehicles_tied", 2011) == pytest.approx(output[(cars >= rules.TIED).to_numpy()].sum() / output.sum())
    absorbed = gk.flows(t, "total", partner="absorber")
    share = (absorbed.loc["CHN"] / absorbed.sum()).drop(["CHN", "ROW"])
    assert value("highly_dependent", 2011) == (share >= rules.HIGH).sum()
    gvc = gk.network(t, "gvc", exclude="ROW")
    assert value("ties_broaden", 2011) == ((gvc.flows.loc["CHN"] / gvc.flows.sum()) >= rules.TIE).sum()
    assert value("simple_shifts", 2011) == gk.network(t, "simple", exclude="ROW").hubs().loc["USA", "supplier_of"]
    assert value("large_absorber", 2011) == traditional_imports(t).rank(ascending=False)["CHN"]
    made = t.va[t.va.index.isin(t.sectors[2:10], level="sector")].groupby(level="region").sum()
    assert value("manufacturing_grows", 2011) == pytest.approx(made["CHN"])
    sold = gk.gross_trade(t, "sector").sum(axis=1)["CHN"].iloc[:10]
    high = gk.technology_groups(t)[:10] == MEDIUM_HIGH
    assert value("technology_gains", 2011) == pytest.approx(sold[high.to_numpy()].sum() / sold.sum())
    final = gk.participation(t, "backward").loc["CHN"].iloc[:10].sum()
    assert value("makes_inputs", 2011) == pytest.approx(final["gvc"] / final["total"])


def traditional_imports(t):
    return gk.network(t, "traditional", exclude="ROW").nodes["imports"]


def test_distance_of_networks_by_hand(found):
    rows = found[(found["claim"] == "networks_change") & (found["year"] == 2011)].set_index("measure")["value"]
    moved = []
    for kind in ("traditional", "simple", "complex"):
        parts = []
        for year in (2000, 2011):
            net = gk.network(gk.load_sample(year), kind, exclude="ROW")
            asia = net.groups.index[net.groups == "Asia"]
            flows = net.flows.loc[asia, asia]
            parts.append(flows / flows.to_numpy().sum())
        moved.append((parts[1] - parts[0]).abs().to_numpy().sum() / 2)
    assert rows["Asia: share of flows within the group that moved to other pairs"] == pytest.approx(np.mean(moved))


def test_hubs_without_centralities_are_the_same_hubs(sample):
    net = gk.network(sample, exclude="ROW")
    whole, plain = net.hubs(), net.hubs(centralities=False)
    pd.testing.assert_frame_equal(whole[plain.columns], plain)
    assert "hub" not in plain


def test_the_summary_has_a_row_per_claim(found):
    summary = claims.summary(found)
    assert list(summary.index) == [claim.name for claim in CLAIMS]
    row = summary.loc["asia_regional"]
    rows = found[(found["claim"] == "asia_regional")]
    assert (row["first_year"], row["last_year"]) == (2000, 2011)
    assert row["last_value"] == rows["value"].iloc[-1]
    assert "stand for the paper's" in row["note"]
    late = summary.loc["participation_forward"]
    assert late["verdict"] == claims.NOT_TESTABLE
    assert pd.isna(late["first_year"])
    assert "electrical and optical" in summary.loc["position_electronics_rises", "note"]


def test_without_the_united_states_nothing_crashes(tmp_path):
    tables = {}
    for year in (2000, 2011):
        t = gk.load_sample(year)
        tables[year] = t.aggregate(regions={r: "North" if r in ("USA", "CAN") else r for r in t.regions})
    summary = claims.summary(claims.by_year(Results(tables)))
    for name in ("complex_hubs", "china_depends_more", "position_machinery_rises", "index_rises"):
        assert summary.loc[name, "verdict"] == claims.NOT_TESTABLE
        assert "no region" in summary.loc[name, "note"]
    assert summary.loc["asia_hub_simple", "verdict"] != claims.NOT_TESTABLE


def test_sectors_that_are_apart(sample):
    codes = ("A01", "B", "C10T12", "C19", "C20", "C24", "C28", "C26", "C29", "C31T33", "D", "G", "J", "O")
    t = sample.aggregate(sectors=dict(zip(sample.sectors, codes, strict=True)))
    assert evidence.one_sector(t, "electronics") == "C26"
    assert evidence.one_sector(t, "motor_vehicles") == "C29"
    assert evidence.one_sector(t, "electrical") == "C26"
    wiod_2016 = SimpleNamespace(sectors=tuple(f"c{k}" for k in range(1, 57)))
    assert [division_of(wiod_2016, sector) for sector in ("c17", "c18", "c19", "c20")] == [26, 27, 28, 29]
    with pytest.raises(gk.LabelError, match="apart: it is part of electrical and optical equipment"):
        evidence.one_sector(sample, "electronics")


def test_a_folder_of_tables_with_years(tmp_path, caplog):
    for year in (2004, 2005, 2006):
        t = gk.load_sample(year)
        small = {r: r if r in ("CHN", "USA", "DEU", "JPN", "KOR", "FRA", "CAN") else "ROW" for r in t.regions}
        t.aggregate(regions=small).save(tmp_path / f"table_{year}.gvc")
    assert list(load_tables(tmp_path)) == [2004, 2005, 2006]
    assert list(load_tables(tmp_path, [2004, 2006])) == [2004, 2006]
    with pytest.raises(gk.OptionError, match="no table of 2007: there are"):
        load_tables(tmp_path, [2004, 2007])
    out = tmp_path / "out"
    with caplog.at_level(logging.WARNING, logger="gvckit.results"):
        assert (
            main(["reproduce", "--data", str(tmp_path), "--years", "2004,2006", "-o", str(out), "--no-progress"]) == 0
        )
    assert caplog.messages == []
    summary = pd.read_csv(out / "claims.csv", index_col="claim")
    assert list(summary.index) == [claim.name for claim in CLAIMS]
    years = pd.read_csv(out / "participation_forward_region.csv")["year"].unique()
    assert sorted(years) == [2004, 2006]
    assert (out / "networks_ict.png").exists()


def test_years_of_an_argument():
    assert years_of("2010-2013") == [2010, 2011, 2012, 2013]
    assert years_of("2000,2017") == [2000, 2017]
    assert years_of("2000,2010-2011") == [2000, 2010, 2011]
    for wrong in ("2013-2010", "all", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="year"):
            years_of(wrong)


def test_tables_that_dont_fit_together(sample, leather):
    with pytest.raises(gk.OptionError, match="different sectors"):
        Results({2005: sample, 2006: leather})
    with pytest.raises(gk.OptionError, match="empty"):
        Results({})
