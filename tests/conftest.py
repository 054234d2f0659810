"""Fixtures: worked examples typed in, real tables read in place, and the switch that makes skips fail."""

from __future__ import annotations

import os
import signal
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import gvckit as gk

matplotlib.use("Agg")
# What starts a run in the background may have told it to ignore Ctrl-C, and processes that tests start inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "default", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("default")

#: Third-party data beside the repository, read in place.
DATA = Path(os.environ.get("GVCKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failure")


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    skipped = terminalreporter.stats.get("skipped", [])
    if config.getoption("--no-skips") and skipped:
        terminalreporter.write_line(f"--no-skips: {len(skipped)} tests were skipped", red=True)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = 1


def data_file(name: str) -> Path:
    """Path of a shared data file; skips, with that reason, where the folder is absent."""
    if not DATA.is_dir():
        pytest.skip(f"no folder of shared data ({DATA.name})")
    return DATA / name


@cache
def _wiod(year: int) -> gk.Mrio:
    d = np.load(data_file(f"wiod2013/wiot_{year}.npz"))
    return gk.Mrio.from_arrays(
        d["Z"], d["Y"], d["regions"].tolist(), d["sectors"].tolist(), d["final_demand"].tolist(),
        x=d["x"], year=year, unit="million USD",
    )  # fmt: skip


@pytest.fixture
def wiod():
    """WIOD 2013 release at 35 sectors, by year."""
    data_file("wiod2013")
    return _wiod


@pytest.fixture
def leather() -> gk.Mrio:
    """Three regions, three sectors: the example table of the R package decompr 6.8.0 (data set `leather`)."""
    z = [
        [16.1, 5.1, 1.8, 3.2, 4.3, 0.4, 3.1, 2.8, 4.9],
        [2.4, 8.0, 3.2, 0.1, 3.2, 1.6, 1.2, 3.9, 11.5],
        [0.9, 0.5, 4.0, 0.0, 0.1, 0.3, 0.0, 0.4, 0.5],
        [1.1, 1.9, 0.2, 18.0, 13.2, 6.1, 9.0, 3.1, 8.9],
        [0.3, 2.8, 0.1, 6.1, 28.1, 6.3, 2.1, 2.5, 25.6],
        [0.0, 0.1, 0.3, 4.1, 3.2, 8.9, 0.2, 0.0, 1.8],
        [1.2, 4.2, 0.3, 4.1, 1.2, 0.6, 29.0, 19.5, 17.9],
        [1.3, 1.1, 0.0, 3.2, 4.8, 2.6, 5.1, 29.1, 24.1],
        [2.1, 1.4, 3.0, 4.1, 3.1, 3.9, 11.3, 8.1, 51.3],
    ]  # fmt: skip
    y = [
        [21.5, 6.1, 8.4], [16.2, 1.9, 5.1], [11.0, 0.5, 0.8],
        [7.5, 29.5, 14.2], [8.9, 24.9, 16.9], [1.2, 18.5, 4.9],
        [9.2, 17.9, 51.2], [7.9, 10.1, 38.5], [25.1, 35.2, 68.4],
    ]  # fmt: skip
    regions, sectors = (
        ["Argentina", "Turkey", "Germany"],
        ["Agriculture", "Textile_and_Leather", "Transport_Equipment"],
    )
    return gk.Mrio.from_arrays(z, y, regions, sectors)


@pytest.fixture(scope="session")
def sample() -> gk.Mrio:
    """The embedded table of 2005."""
    return gk.load_sample(2005)
