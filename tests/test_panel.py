from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pandas as pd
import pytest

import gvckit as gk


def test_years_files_and_tables_are_stacked(tmp_path, sample):
    sample.save(tmp_path / "a.gvc")
    frame = gk.panel(gk.participation, [2004, sample], progress=False, level="region")
    assert frame.index.names == ["year", "region"]
    assert frame.index.levels[0].tolist() == [2004, 2005]
    pd.testing.assert_frame_equal(frame.loc[2005], gk.participation(sample, level="region"), check_names=False)
    assert "year" not in frame.attrs
    assert frame.attrs["unit"] == "million USD"
    named = gk.panel(gk.participation, {"base": tmp_path / "a.gvc", "other": 2004}, progress=False, level="region")
    assert named.loc["base"].equals(frame.loc[2005])


def test_executors_give_the_same(sample):
    serial = gk.panel(gk.participation, [2004, 2005, 2006], progress=False)
    with ThreadPoolExecutor(2) as threads:
        assert gk.panel(gk.participation, [2004, 2005, 2006], threads, progress=False).equals(serial)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert gk.panel(gk.participation, [2004, 2005, 2006], processes, progress=False).equals(serial)


def test_errors_name_the_table(sample):
    with pytest.raises(gk.OptionError, match="empty"):
        gk.panel(gk.participation, [], progress=False)
    with pytest.raises(gk.OptionError, match="two tables are named 2005"):
        gk.panel(gk.participation, [sample, 2005], progress=False)
    with pytest.raises(gk.OptionError, match="allowed") as caught:
        gk.panel(gk.participation, {"mine": sample}, progress=False, level="x")
    assert "mine" in caught.value.__notes__[0]
