"""Parts that a panel keeps: what they are told apart by, and that damage or a full disk costs no result."""

import functools
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit.many import checkpoint
from gvckit.many.identity import digest
from strategies import tables

YEARS = [2004, 2005, 2006]
SCALE = [1.0]


def keeping(folder, measure, tables=(2005,), **options):
    """The panel with a checkpoint, and the number of tables that were measured for it."""
    measured = []

    @functools.wraps(measure, updated=())
    def counted(t, **given):
        measured.append(t.year)
        return measure(t, **given)

    frame = gk.panel(counted, tables, progress=False, checkpoint=folder, workers=1, **options)
    return frame, len(measured)


def regions(t, *, times=1.0, shift=0.0):
    return gk.participation(t, level="region") * times + shift


def test_two_runs_at_once_in_a_new_folder_keep_to_themselves(tmp_path):
    want = {level: gk.panel(gk.participation, YEARS, progress=False, level=level) for level in ("region", "world")}
    for number in range(4):
        with ThreadPoolExecutor(2) as side:
            runs = {
                level: side.submit(
                    gk.panel, gk.participation, YEARS, progress=False, checkpoint=tmp_path / str(number), level=level
                )
                for level in want
            }
        for level, run in runs.items():
            pd.testing.assert_frame_equal(run.result(), want[level])


class Measure:
    def __init__(self, times):
        self.times = times

    def __call__(self, t):
        return regions(t, times=self.times)

    def method(self, t):
        return regions(t, times=self.times)

    @classmethod
    def of_class(cls, t):
        return regions(t)

    @staticmethod
    def static(t):
        return regions(t, shift=1.0)


def made(times, list_of_times, mapping):
    def measure(t):
        return regions(t, times=times * list_of_times[0] * mapping["a"])

    return measure


def by_global(t):
    return regions(t, times=SCALE[0])


def with_default(default):
    def measure(t, *, times=default):
        return regions(t, times=times)

    return measure


def test_whatever_a_measure_does_is_in_its_identity():
    measures = {
        "plain": regions,
        "partial": functools.partial(regions, times=2.0),
        "partial of another": functools.partial(regions, times=3.0),
        "default": with_default(2.0),
        "another default": with_default(3.0),
        "closure": made(2.0, [1.0], {"a": 1.0}),
        "closure, number": made(3.0, [1.0], {"a": 1.0}),
        "closure, list": made(2.0, [2.0], {"a": 1.0}),
        "closure, mapping": made(2.0, [1.0], {"a": 2.0}),
        "object": Measure(1.0),
        "another object": Measure(2.0),
        "method": Measure(1.0).method,
        "method of another": Measure(2.0).method,
        "of the class": Measure.of_class,
        "static": Measure.static,
        "lambda": lambda t: regions(t),
        "another lambda": lambda t: regions(t, times=2.0),
        "a set": lambda t: regions(t) if t.year in {2001, 2002} else None,
        "library": gk.participation,
        "global": by_global,
    }
    found = {name: digest(measure) for name, measure in measures.items()}
    assert len(set(found.values())) == len(found), found
    assert found == {name: digest(measure) for name, measure in measures.items()}
    assert digest(Measure(1.0).method) == found["method"]
    assert digest(made(2.0, [1.0], {"a": 1.0})) == found["closure"]
    before = digest(by_global)
    SCALE[0] = 5.0
    try:
        assert digest(by_global) != before
    finally:
        SCALE[0] = 1.0
    assert digest(by_global) == before


def test_changed_globals_functions_and_modules_are_seen(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_tools.py").write_text("TIMES = 1.0\ndef helper(x):\n    return x\n")
    (tmp_path / "my_measure.py").write_text(
        "import gvckit as gk\nimport my_tools\nTIMES = 2.0\nUNUSED = 1\n"
        "def inner(x):\n    return my_tools.helper(x)\n"
        "def measure(t):\n    return inner(gk.participation(t, level='world')) * TIMES * my_tools.TIMES\n"
    )
    import my_measure
    import my_tools

    found = [digest(my_measure.measure)]
    my_measure.UNUSED = 2
    assert digest(my_measure.measure) == found[0]
    my_measure.TIMES = 3.0
    found.append(digest(my_measure.measure))
    my_tools.TIMES = 4.0
    found.append(digest(my_measure.measure))
    my_tools.helper = lambda x: x + 1
    found.append(digest(my_measure.measure))
    my_measure.inner = lambda x: x
    found.append(digest(my_measure.measure))
    assert len(set(found)) == len(found)


def test_parts_are_taken_where_nothing_has_changed(tmp_path, sample):
    for measure, options in (
        (regions, {"times": 2.0}),
        (made(1.0, [2.0], {"a": 1}), {}),
        (Measure(3.0).method, {}),
        (gk.upstreamness, {}),
        (gk.participation_rates, {}),
        (lambda t: gk.tiva(t), {}),
    ):
        first, one = keeping(tmp_path, measure, YEARS, **options)
        again, two = keeping(tmp_path, measure, YEARS, **options)
        assert (one, two) == (3, 0)
        (pd.testing.assert_series_equal if isinstance(first, pd.Series) else pd.testing.assert_frame_equal)(
            again, first
        )
        assert again.attrs == first.attrs


def test_long_names_and_names_that_are_no_file_names(tmp_path, sample):
    names = ["情景" * 120, "a/b\\c:d*e?", "..", ".", "", "a b", "a_b", "con", "x" * 300]
    scenarios = {name: sample.scenario(demand={"USA": 1 + k / 10}) for k, name in enumerate(names)}
    first, one = keeping(tmp_path, regions, scenarios, by="情景")
    again, two = keeping(tmp_path, regions, scenarios, by="情景")
    assert (one, two) == (len(names), 0)
    pd.testing.assert_frame_equal(first, again)
    assert first.index.unique("情景").tolist() == names
    for name, t in scenarios.items():
        pd.testing.assert_frame_equal(first.loc[name], regions(t), check_names=False)


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import gvckit as gk
from test_checkpoint import keeping, made
base = gk.load_sample(2005)
steps = {{"base": base, "more": base.scenario(demand={{"USA": 1.1}}).replaced(meta={{"scenario": "more"}})}}
options = {{"level": "region", "factor": base.va * 2}}
print(keeping({folder!r}, gk.participation, steps, **options)[1])
print(keeping({folder!r}, made(1, [2], {{"a": 3}}), steps)[1])
"""


def test_tables_in_memory_are_taken_in_a_new_process(tmp_path):
    script = SCRIPT.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    counts = []
    for seed in ("1", "2"):
        # Another order of sets, and other places in memory.
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        counts.append(done.stdout.split())
    assert counts == [["2", "2"], ["0", "0"]]


def test_a_flipped_bit_is_seen(tmp_path):
    t = gk.Mrio.from_arrays([[1.0, 2], [3, 4]], [[20.0, 3], [4, 50]], ["A", "B"], ["s"], year=2000)
    want, _ = keeping(tmp_path, gk.participation, {"t": t})
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    ends = np.r_[0:8, len(whole) - 8 : len(whole)]
    for place in [*ends, *rng.integers(0, len(whole), 120)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        found, _ = keeping(tmp_path, gk.participation, {"t": t})
        pd.testing.assert_frame_equal(found, want)
        assert found.attrs == want.attrs
    for cut in (0, 10, len(whole) // 2):
        path.write_bytes(whole[:cut])
        assert keeping(tmp_path, gk.participation, {"t": t})[1] == 1
    # It is written again, whole.
    assert keeping(tmp_path, gk.participation, {"t": t})[1] == 0


def test_a_part_that_can_not_be_kept_does_not_cost_the_result(tmp_path, monkeypatch):
    def odd(t):
        return pd.DataFrame({"a": [1.0, {"b": object()}]}, dtype=object)

    with pytest.warns(gk.GvcWarning, match="3 parts couldn't be kept"):
        frame, _ = keeping(tmp_path / "odd", odd, YEARS)
    assert len(frame) == 6

    def fail(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.warns(gk.GvcWarning, match="3 parts couldn't be kept .*no space left"):
        frame, _ = keeping(tmp_path / "full", regions, YEARS)
    pd.testing.assert_frame_equal(frame, gk.panel(regions, YEARS, progress=False))
    assert not list((tmp_path / "full").iterdir())


def test_numbers_that_parquet_would_change_are_not_kept(tmp_path):
    def times(t):
        return pd.DataFrame({1: [1.0], "b": [2.0]})

    with pytest.warns(gk.GvcWarning, match="couldn't be kept"):
        keeping(tmp_path, times)
    assert not list(tmp_path.iterdir())


def test_a_changed_file_is_measured_again(tmp_path):
    path, folder = tmp_path / "t.gvc", tmp_path / "kept"
    for year in (2004, 2005):
        gk.load_sample(year).save(path)
        os.utime(path, (1, 1))
        frame, count = keeping(folder, regions, {"t": path})
        assert count == 1
        assert frame.loc["t"].equals(regions(gk.load_sample(year)))
    assert keeping(folder, regions, {"t": path})[1] == 0


def test_what_can_not_be_told_apart_is_refused(tmp_path, monkeypatch):
    lock = threading.Lock()

    def measure(t):
        with lock:
            return regions(t)

    with pytest.raises(gk.OptionError, match=r"can't tell .* from another"):
        keeping(tmp_path, measure)
    (tmp_path / "file").write_text("")
    with pytest.raises(gk.WriteError, match=r"the checkpoint .*file is no folder"):
        keeping(tmp_path / "file", regions)
    with pytest.raises(gk.OptionError, match="checkpoint=5: a folder is wanted"):
        keeping(5, regions)
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(gk.MissingDependencyError, match=r"pip install 'gvckit\[checkpoint\]'"):
        keeping(tmp_path, regions)


@given(tables(max_regions=2, max_sectors=2), st.integers(0, 3))
def test_tables_are_told_apart_by_their_contents(t, which):
    same = gk.Mrio.from_arrays(
        np.asfortranarray(t.arrays.z), t.given.y, t.regions, t.sectors, t.categories, year=t.year, unit=t.unit
    )
    assert digest(checkpoint.fingerprint(same)) == digest(checkpoint.fingerprint(t))
    other = [
        t.replaced(y=t.given.y * 1.5),
        t.replaced(meta={"unit": "billion USD"}),
        t.replaced(va=t.va.to_numpy() / 2),
        gk.Mrio.from_arrays(t.arrays.z, t.given.y, t.regions, [f"x{s}" for s in t.sectors], t.categories, year=2000),
    ][which]
    assert digest(checkpoint.fingerprint(other)) != digest(checkpoint.fingerprint(t))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.integers() | st.text(max_size=3), max_size=4)
    ),
    max_leaves=8,
)


@given(values, values)
def test_equal_options_have_equal_digests_and_others_have_others(one, two):
    assert (digest(one) == digest(two)) == (repr_of(one) == repr_of(two))


def repr_of(value):
    """Values in words, sets in an order of their own."""
    if isinstance(value, frozenset):
        return ("set", sorted(map(repr, value)))
    if isinstance(value, list | tuple):
        return (type(value), [repr_of(part) for part in value])
    return [(key, repr_of(part)) for key, part in value.items()] if isinstance(value, dict) else repr(value)
