"""Results carry where they come from, into files too."""

import re
from pathlib import Path

import pandas as pd
import pytest

import gvckit as gk
from gvckit.write import provenance, write_frame


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
