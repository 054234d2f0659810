import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

YEARS = [2004, 2005, 2006]


def slow_participation(t, seconds=0.0, **options):
    """A measure at module level, so that processes find it."""
    time.sleep(seconds)
    return gk.participation(t, **options)


def bad_in_2005(t):
    if t.year == 2005:
        raise gk.ShapeError("not this year")
    return gk.participation(t, level="region")


def test_years_files_and_tables_are_stacked(tmp_path, sample):
    sample.save(tmp_path / "a.gvc")
    frame = gk.panel(gk.participation, [2004, sample], progress=False, level="region")
    assert frame.index.names == ["year", "region"]
    assert frame.index.levels[0].tolist() == [2004, 2005]
    pd.testing.assert_frame_equal(frame.loc[2005], gk.participation(sample, level="region"), check_names=False)
    assert "year" not in frame.attrs
    assert frame.attrs["unit"] == "million USD"
    named = gk.panel(
        gk.participation, {"base": tmp_path / "a.gvc", "other": 2004}, progress=False, by="scenario", level="region"
    )
    assert named.loc["base"].equals(frame.loc[2005])
    assert named.index.names == ["scenario", "region"]
    folder = gk.panel(gk.participation, tmp_path, progress=False, level="region")
    assert folder.loc[2005].equals(frame.loc[2005])


def test_executors_give_the_same():
    serial = gk.panel(gk.participation, YEARS, progress=False, workers=1)
    assert gk.panel(gk.participation, YEARS, progress=False).equals(serial)
    with ThreadPoolExecutor(2) as threads:
        assert gk.panel(gk.participation, YEARS, threads, progress=False).equals(serial)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert gk.panel(gk.participation, YEARS, processes, progress=False).equals(serial)


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_and_survives_a_killed_worker(tmp_path):
    from distributed import Client, LocalCluster

    paths = {}
    for year in YEARS:
        paths[year] = tmp_path / f"{year}.gvc"
        gk.load_sample(year).save(paths[year])
    serial = gk.panel(gk.participation, paths, progress=False, workers=1)
    os.environ["PYTHONPATH"] = os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        assert gk.panel(gk.participation, paths, client, progress=False).equals(serial)
        with ThreadPoolExecutor(1) as side:
            running = side.submit(gk.panel, slow_participation, paths, client, False, seconds=1.5)
            time.sleep(0.7)
            victim = next(iter(cluster.workers.values()))
            os.kill(victim.pid, signal.SIGKILL)
            assert running.result(timeout=60).equals(serial)


def test_a_generator_is_drawn_from_as_workers_are_free():
    drawn, done = [], []

    def tables():
        for year in YEARS * 2:
            drawn.append(year)
            # Two workers, one under way beyond those that are done at the most.
            assert len(drawn) - len(done) <= 3
            yield gk.load_sample(year)

    def measure(t):
        time.sleep(0.02)
        done.append(t.year)
        return gk.participation(t, level="region").assign(number=len(done))

    with pytest.raises(gk.OptionError, match="two tables are named 2004"):
        gk.panel(measure, tables(), progress=False, workers=2)
    # It ends at the second table of a year, with what was under way.
    assert 4 <= len(done) <= 6


def test_a_failing_year_does_not_lose_the_others():
    with pytest.raises(gk.PanelError, match="1 of 3 tables failed: 2005: not this year") as caught:
        gk.panel(bad_in_2005, {y: y for y in YEARS}, progress=False)
    assert caught.value.partial.index.unique("year").tolist() == [2004, 2006]
    assert list(caught.value.failed) == [2005]
    assert isinstance(caught.value.__cause__, gk.ShapeError)
    with pytest.warns(gk.GvcWarning, match="not this year"):
        frame = gk.panel(bad_in_2005, {y: y for y in YEARS}, progress=False, errors="warn")
    assert frame.attrs["failed"] == {"2005": "not this year"}
    with pytest.raises(gk.PanelError, match=r"2 of 2 .*no such file"):
        gk.panel(gk.participation, ["a.xlsx", "b.xlsx"], progress=False)


def test_errors_name_the_table(tmp_path, sample):
    with pytest.raises(gk.OptionError, match="empty"):
        gk.panel(gk.participation, [], progress=False)
    with pytest.raises(gk.OptionError, match="two tables are named 2005"):
        gk.panel(gk.participation, [sample, 2005], progress=False)
    with pytest.raises(gk.OptionError, match="allowed") as caught:
        gk.panel(gk.participation, {"mine": sample}, progress=False, level="x")
    assert "mine" in caught.value.__notes__[0]
    with pytest.raises(gk.OptionError, match="holds no tables"):
        gk.panel(gk.participation, tmp_path, progress=False)
    with pytest.raises(gk.OptionError, match="is not a folder"):
        gk.panel(gk.participation, str(tmp_path / "none"), progress=False)
    with pytest.raises(gk.OptionError, match="workers=0"):
        gk.panel(gk.participation, [2005], progress=False, workers=0)
    with pytest.raises(gk.OptionError, match="'raise', 'warn'"):
        gk.panel(gk.participation, [2005], progress=False, errors="no")


def test_finished_parts_are_kept_and_taken(tmp_path, sample):
    folder = tmp_path / "kept"
    calls = []

    def measure(t, level="region"):
        calls.append(t.year)
        return gk.participation(t, level=level)

    first = gk.panel(measure, YEARS[:2], progress=False, checkpoint=folder)
    again = gk.panel(measure, YEARS, progress=False, checkpoint=folder)
    assert sorted(calls) == YEARS
    pd.testing.assert_frame_equal(again.loc[YEARS[:2]], first)
    assert again.attrs == first.attrs
    # Other options share the folder, and take no part of these.
    world = gk.panel(measure, YEARS, progress=False, checkpoint=folder, level="world")
    assert len(calls) == 6
    pd.testing.assert_frame_equal(world, gk.panel(gk.participation, YEARS, progress=False, level="world"))
    pd.testing.assert_frame_equal(gk.panel(measure, YEARS, progress=False, checkpoint=folder), again)
    assert len(calls) == 6
    # A table that has changed is measured again.
    path = tmp_path / "t.gvc"
    for year in (2004, 2005):
        gk.load_sample(year).save(path)
        frame = gk.panel(measure, {"t": path}, progress=False, checkpoint=folder)
        assert frame.loc["t"].equals(gk.participation(gk.load_sample(year), level="region"))


def dies_in_2005(t):
    if t.year == 2005:
        os._exit(1)
    return gk.participation(t, level="region")


def test_a_worker_that_dies_does_not_lose_the_others():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes, pytest.raises(gk.PanelError) as caught:
        gk.panel(dies_in_2005, {y: y for y in YEARS}, processes, progress=False)
    assert caught.value.partial.index.unique("year").tolist() == [2004]
    assert list(caught.value.failed) == [2005, 2006]


def test_a_checkpoint_tells_measures_options_and_tables_apart(tmp_path, sample):
    def kept(measure, tables, **options):
        return gk.panel(measure, tables, progress=False, checkpoint=tmp_path / "kept", **options)

    for direction in ("forward", "backward"):
        frame = kept(lambda t: gk.participation(t, direction, level="world"), [2005])  # noqa: B023
        assert frame.loc[2005].equals(gk.participation(sample, direction, level="world"))
    factor = sample.va.copy()
    for times in (1, 50):
        factor.iloc[100:400] *= times
        frame = kept(gk.participation, [2005], factor=factor)
        assert frame.loc[2005].equals(gk.participation(sample, factor=factor))
    # The same output and value added, but other labels or other accounts.
    mirror = gk.Mrio.from_arrays(
        sample.arrays.z, sample.given.y, sample.regions[::-1], sample.sectors, sample.categories, year=2005
    )
    for t in (sample, mirror):
        frame = gk.panel(gk.participation, {"t": t}, progress=False, checkpoint=tmp_path / "tables", level="region")
        pd.testing.assert_frame_equal(frame.loc["t"], gk.participation(t, level="region"), check_names=False)
    # The name is that of the call, not of the part that is kept.
    for key in (2005, "2005"):
        named = gk.panel(gk.participation, {key: sample}, progress=False, checkpoint=tmp_path / "named", level="region")
        assert named.index[0] == (key, "AUS")
    numbers = gk.panel(
        gk.participation, np.arange(2004, 2006), progress=False, checkpoint=tmp_path / "np", level="world"
    )
    assert numbers.index.unique("year").tolist() == [2004, 2005]


def test_one_table_that_is_wrong_does_not_lose_the_others(sample):
    with pytest.raises(gk.PanelError, match="1 of 2 tables failed: 2012: year=2012 is not known") as caught:
        gk.panel(gk.participation, [2005, 2012], progress=False, workers=1)
    assert len(caught.value.partial) == 574
    unnamed = [gk.Mrio.from_arrays([[1.0]], [[k]], ["A"], ["s"]) for k in (5.0, 6.0)]
    with pytest.raises(gk.OptionError, match="two tables are named 'MRIO table'"):
        gk.panel(gk.participation, unnamed, progress=False)
    with pytest.raises(gk.OptionError, match="is a tuple"):
        gk.panel(gk.participation, {("a", 1): sample}, progress=False)


def test_a_generator_that_breaks_does_not_lose_what_is_finished():
    def tables():
        yield 2004
        yield 2005
        raise RuntimeError("the disk is gone")

    with pytest.raises(gk.PanelError, match="1 of 3 tables failed: tables: the disk is gone") as caught:
        gk.panel(gk.participation, tables(), progress=False, level="world")
    assert caught.value.partial.index.unique("year").tolist() == [2004, 2005]


def test_files_without_a_year_are_named_by_their_files_and_units_are_compared(tmp_path, sample):
    for name, unit, scale in (("one", "million USD", 1.0), ("two", "billion USD", 1e-3)):
        gk.Mrio.from_arrays(
            sample.arrays.z * scale, sample.arrays.y * scale, sample.regions, sample.sectors, unit=unit
        ).save(tmp_path / f"{name}.gvc")
    with pytest.warns(gk.GvcWarning, match="different units: .*billion USD"):
        frame = gk.panel(gk.participation, tmp_path, progress=False, level="world")
    assert frame.index.unique("year").tolist() == ["one", "two"]
    assert "unit" not in frame.attrs


SCRIPT = """
import sys, time
sys.path.insert(0, {tests!r})
import gvckit as gk
from test_panel import slow_participation
paths = [{folder!r} + f"/{{y}}.gvc" for y in (2004, 2005, 2006)]
frame = gk.panel(slow_participation, paths, progress=False, workers=1, checkpoint={folder!r} + "/kept", seconds=0.6)
frame.to_csv({folder!r} + "/result.csv")
"""


def test_a_run_that_is_killed_goes_on(tmp_path):
    for year in YEARS:
        gk.load_sample(year).save(tmp_path / f"{year}.gvc")
    script = SCRIPT.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script])
    until = time.time() + 60
    while time.time() < until and not list((tmp_path / "kept").glob("[!.]*.parquet")):
        time.sleep(0.05)
    process.kill()
    process.wait()
    # A write under way leaves at most a hidden file beside; what has its name is whole.
    kept = list((tmp_path / "kept").glob("[!.]*.parquet"))
    assert 1 <= len(kept) < 3
    before = {path: path.stat().st_mtime_ns for path in kept}
    subprocess.run([sys.executable, "-c", script], check=True)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    one_run = gk.panel(gk.participation, [tmp_path / f"{y}.gvc" for y in YEARS], progress=False)
    one_run.to_csv(tmp_path / "one.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "result.csv").read_bytes()
    assert all(len(pd.read_parquet(path)) == 574 for path in (tmp_path / "kept").glob("[!.]*.parquet"))


def test_a_mistake_in_the_call_is_said_once(sample):
    calls = []

    def measure(t, level="region"):
        calls.append(t.year)
        return gk.participation(t, level=level) + None

    # Seen before the first table is read.
    with pytest.raises(gk.OptionError, match=r"participation can't be called so: .*'lvl'"):
        gk.panel(gk.participation, YEARS, progress=False, lvl="region")
    with pytest.raises(gk.OptionError, match=r"dependence can't be called so: missing a required argument: 'a'"):
        gk.panel(gk.dependence, YEARS, progress=False)
    with pytest.raises(TypeError) as caught:
        gk.panel(measure, YEARS, progress=False, workers=1)
    assert calls == [2004]
    assert "2004" in caught.value.__notes__[0]
    for tables in (sample, 2005, None):
        with pytest.raises(gk.OptionError, match="a list or mapping of tables"):
            gk.panel(gk.participation, tables, progress=False)
    for bad, message in (
        ({"measure": "participation"}, "a function is wanted"),
        ({"by": 5}, "the name of a level"),
        ({"by": "region"}, "a level of the measure's own"),
        ({"executor": "threads"}, "one of concurrent.futures"),
        ({"workers": 1.5}, "workers=1.5"),
        ({"measure": lambda t: t.regions}, "gives a list: a DataFrame is wanted"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            gk.panel(**{"measure": gk.participation, "tables": [2005], "progress": False, **bad})
    # One table that is none is named; the others are measured.
    with pytest.raises(gk.PanelError, match="1 of 2 tables failed: table 2: a table") as failed:
        gk.panel(gk.participation, [2005, 5.5], progress=False)
    assert len(failed.value.partial) == 574


def test_names_of_any_kind(sample):
    names = {"情景": sample, 2005: sample, "2005": sample, 1.5: sample, True: sample}
    frame = gk.panel(gk.participation, names, progress=False, by="情景", level="world")
    assert frame.index.get_level_values("情景").tolist() == list(names)
