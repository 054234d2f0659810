"""Results carry where they come from, into files too."""

import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from gvckit.write import misfit, provenance, write_frame
from strategies import tables


@pytest.mark.parametrize("measure", [gk.participation, gk.flows, gk.tiva, gk.position, gk.upstreamness, gk.gross_trade])
def test_results_say_where_they_come_from(sample, measure):
    attrs = measure(sample).attrs
    assert attrs["source"] == sample.source
    assert attrs["year"] == 2005
    assert attrs["version"] == gk.__version__
    assert attrs["unit"]


def test_a_panel_keeps_what_its_parts_share():
    attrs = gk.panel(gk.position, [2004, 2005], progress=False).attrs
    assert "year" not in attrs
    assert attrs["version"] == gk.__version__
    assert attrs["source"].startswith("WIOD 2013")


def test_provenance_in_one_line(sample):
    line = provenance(gk.flows(sample).attrs)
    assert line == f"{sample.source}, 2005, million USD, gvckit {gk.__version__}"
    assert provenance({"unit": "share"}) == "share"


def test_files_carry_it_where_they_can(tmp_path, sample):
    frame = gk.decouple(sample, "CHN", "USA")
    parquet = pd.read_parquet(write_frame(frame, tmp_path / "a.parquet"))
    assert parquet.attrs["source"] == sample.source
    assert parquet.attrs["version"] == gk.__version__
    book = write_frame(frame, tmp_path / "a.xlsx")
    about = pd.read_excel(book, sheet_name="about", index_col=0, engine="openpyxl")["value"]
    assert about["provenance"] == provenance(frame.attrs)
    assert about["measure"] == "decouple"
    result = pd.read_excel(book, index_col=[0, 1], engine="openpyxl")
    assert list(result.columns) == list(frame.columns)
    csv = pd.read_csv(write_frame(frame, tmp_path / "a.csv"), index_col=[0, 1])
    assert list(csv.columns) == list(frame.columns)


def test_the_citation_file_has_the_version():
    text = Path(__file__).parents[1].joinpath("CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", text, re.MULTILINE) == [gk.__version__]


@given(tables())
def test_words_of_results_as_they_come_fit(t):
    for frame in (
        gk.participation(t), gk.participation(t, shares=True), gk.participation(t, "backward", shares=True),
        gk.lengths(t), gk.tiva(t), gk.decompose_exports(t, "kww"),
    ):  # fmt: skip
        assert misfit(frame) is None


def test_numbers_that_no_longer_fit_their_words(tmp_path, sample):
    levels = gk.participation(sample, level="region")
    shares = gk.participation(sample, level="region", shares=True)
    exports = gk.decompose_exports(sample, "bm_source")
    by_hand = levels.div(levels["total"], axis=0)
    assert by_hand.attrs["unit"] == "million USD"
    sums = gk.participation(sample, shares=True).groupby("region").sum()
    sums.attrs.update(shares.attrs)
    cases = {
        "share of total": by_hand,
        "% of total": 100 * by_hand,
        "share of exports": exports.div(exports["exports"], axis=0),
        "sum of shares": sums,
    }
    for unit, frame in cases.items():
        assert misfit(frame).unit == unit
        with pytest.warns(gk.GvcWarning, match=f"{unit!r} is written instead"):
            path = write_frame(frame, tmp_path / "a.parquet")
        attrs = pd.read_parquet(path).attrs
        assert attrs["unit"] == unit
        assert attrs.get("shares") is not False
        with pytest.warns(gk.GvcWarning):
            book = write_frame(frame, tmp_path / "a.xlsx")
        about = pd.read_excel(book, sheet_name="about", index_col=0, engine="openpyxl")["value"]
        assert unit in about["provenance"]
        assert frame.attrs["unit"] != unit  # the frame itself is the caller's
    with pytest.warns(gk.GvcWarning, match="per cent"):
        write_frame(100 * shares, tmp_path / "a.csv")
    for frame in (levels, shares, levels[["gvc"]], levels.iloc[:0], pd.DataFrame({"total": [1.0]})):
        assert misfit(frame) is None


def test_labels_that_look_like_formulas_are_text(tmp_path):
    odd = ["=1+1", "+cmd", "-a", "@b", "plain"]
    frame = pd.DataFrame(np.arange(10.0).reshape(5, 2), index=pd.Index(odd, name="=region"), columns=["=2", "x"])
    frame.attrs = {"source": "=HYPERLINK()", "unit": "u", "years": (1, 2), "odd": {1, 2}}
    book = openpyxl.load_workbook(write_frame(frame, tmp_path / "a.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells if cell.quotePrefix} == {
        "=1+1",
        "+cmd",
        "-a",
        "@b",
        "=region",
        "=2",
        "=HYPERLINK()",
        "=HYPERLINK(), u",
    }
    assert pd.read_excel(tmp_path / "a.xlsx", index_col=0, engine="openpyxl").index.tolist() == odd
    assert pd.read_parquet(write_frame(frame, tmp_path / "a.parquet")).attrs["odd"] == "{1, 2}"


def test_what_can_not_be_written(tmp_path):
    with pytest.raises(gk.ShapeError, match="not a list"):
        write_frame([1], tmp_path / "a.csv")
    with pytest.raises(gk.OptionError, match="a sheet holds 1,048,575 rows"):
        write_frame(pd.DataFrame({"a": np.zeros(1_048_575)}), tmp_path / "a.xlsx")
    with pytest.raises(gk.WriteError, match="is a file, not a folder"):
        write_frame(pd.DataFrame({"a": [1.0]}), write_frame(pd.DataFrame({"a": [1.0]}), tmp_path / "a.csv") / "b.csv")
