import base64
import re

import pandas as pd
import pytest

import gvckit as gk
from gvckit.study.claims import CLAIMS
from gvckit.study.reproduce import reproduce
from test_network import browser

YEARS = (2000, 2011)


@pytest.fixture(scope="module")
def small():
    """Two years of the embedded table with a dozen regions."""
    kept = ("CHN", "USA", "DEU", "JPN", "KOR", "TWN", "FRA", "GBR", "CAN", "MEX", "IND")
    tables = {year: gk.load_sample(year) for year in YEARS}
    return {year: t.aggregate(regions={r: r if r in kept else "ROW" for r in t.regions}) for year, t in tables.items()}


@pytest.fixture(scope="module")
def report(small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    *_, path = reproduce(folder, progress=False, tables=small, report=True)
    return path


def test_the_report_in_a_browser(report, tmp_path):
    assert report.name == "report.html"
    assert report.stat().st_size < 8e6
    driver = browser()
    try:
        driver.get(report.as_uri())
        widths = driver.execute_script("return [...document.images].map(i => i.complete ? i.naturalWidth : 0)")
        assert len(widths) >= 12
        assert min(widths) > 500
        loaded = driver.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        assert [name for name in loaded if not name.startswith("data:")] == []
        rows = driver.execute_script("return [...document.querySelectorAll('.claims tbody tr')].map(r => r.id)")
        assert rows == [f"claim-{claim.name}" for claim in CLAIMS]
        said = driver.execute_script("return [...document.querySelectorAll('.verdict')].map(v => v.textContent)")
        assert set(said) <= {"borne out", "went further", "not borne out", "not testable"}
        # Two verdicts where whole economies can be compared with a later year.
        assert len(said) > len(CLAIMS)
        # Nothing sticks out of the page, on a narrow screen too: wide tables scroll by themselves.
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for width in (1200, 480):
            driver.set_window_size(width, 900)
            assert driver.execute_script(wide) <= 0
        errors = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert errors == []
        pdf = base64.b64decode(driver.print_page())
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 5
    finally:
        driver.quit()


def test_the_report_needs_no_network_and_says_what_it_is(report):
    text = report.read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text) == []
    assert "url(" not in text
    assert "@media print" in text
    for needed in (
        f"gvckit {gk.__version__}",
        f"pandas {pd.__version__}",
        "WIOD 2013",
        "2000 to 2011",
        "Endless Frontier",
    ):
        assert needed in text
    assert text.count("<img") == text.count(' alt="') == text.count("<figcaption>")
    assert text.count("<table") == text.count("<caption>")
    assert "&#34;number" not in text
    assert '<figure class="narrow">' in text
    # The figures of the page are those that were written, and the numbers those of the tables beside it.
    shares = pd.read_csv(report.parent / "participation_medium_high_technology.csv", index_col=[0, 1, 2])["gvc"]
    assert f'<td class="number">{shares["forward", 2011, "CHN"]:.1%}</td>' in text
    bands = pd.read_csv(report.parent / "what_if_welfare_bands.csv", index_col=0)["published"] - 1
    assert f"{bands['CHN']:+.2%} in China and {bands['USA']:+.2%} in the US" in text
    assert "Caliendo" in text
    summary = pd.read_csv(report.parent / "claims.csv")
    assert f"{(summary['verdict'] == 'borne out').sum()} borne out" in text


def test_a_table_without_the_united_states_leaves_parts_out(small, tmp_path, caplog):
    tables = {
        year: t.aggregate(regions={r: "North" if r in ("USA", "CAN") else r for r in t.regions})
        for year, t in small.items()
    }
    *_, path = reproduce(tmp_path, progress=False, tables=tables, report=True)
    text = path.read_text(encoding="utf-8")
    assert "What was skipped" in text
    assert any("skipped: no region" in message for message in caplog.messages)
    assert not (tmp_path / "decoupling.png").exists()
    assert not (tmp_path / "what_if_welfare.png").exists()
    assert (tmp_path / "networks_whole_economy.png").exists()


def test_sectors_that_nobody_knows(leather, tmp_path, caplog):
    """Three economies, three sectors of no classification: what needs neither is written."""
    *_, path = reproduce(tmp_path, progress=False, tables={2010: leather, 2015: leather}, report=True)
    assert "not of a classification" in " ".join(caplog.messages)
    assert set(pd.read_csv(tmp_path / "claims.csv")["verdict"]) == {"not testable"}
    assert (tmp_path / "networks_whole_economy.png").exists()
    assert "What was skipped" in path.read_text(encoding="utf-8")


def test_one_year_alone(small, tmp_path):
    *_, path = reproduce(tmp_path, progress=False, tables={2011: small[2011]}, report=True)
    assert "not testable" in path.read_text(encoding="utf-8")


def test_all_text_is_escaped(small, tmp_path):
    evil = "<script>alert('&')</script>"
    names = {region: f"<b>{region}</b>" if region in ("FRA", "KOR") else region for region in small[2011].regions}
    tables = {2011: small[2011].aggregate(regions=names).replaced(meta={"source": evil})}
    *_, path = reproduce(tmp_path, progress=False, tables=tables, report=True)
    text = path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert text.count("&lt;script&gt;") > 9
    assert "&lt;b&gt;KOR" in text


def test_sources_are_those_of_each_figure(report):
    text = report.read_text(encoding="utf-8")
    alts, captions = re.findall(r' alt="([^"]*)"', text), re.findall("<figcaption>(.*?)</figcaption>", text)
    whole = re.compile(r"(Index with bands|Pillars of the index), China-US interdependence, |Dependence of each side")
    for alt, caption in zip(alts, captions, strict=True):
        assert "Source: " in caption
        assert ("MOFCOM" in caption) == bool(whole.match(alt)), alt
        assert ("OECD" in caption) == ("without investment" in alt or "two databases" in alt), alt
        assert "Census" not in caption
