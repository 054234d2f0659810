"""decompr and exvatools beside gvckit on one table, where R and these packages are there; the same sums are checked."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from timing import Timing, report

import gvckit as gk

SCRIPT = Path(__file__).with_name("peers.R")
#: What both are called, and what of gvckit has the same terms.
CALLS: dict[str, tuple[str, str]] = {
    "decompr: wwz": ("wwz", "bilateral_sector"),
    "decompr: kww": ("kww", "region"),
    "exvatools: bm_src": ("bm_source", "region"),
}
#: Versions of the packages that were timed.
VERSIONS: dict[str, str] = {}


def peers(runs: int) -> None:
    """Time what R has; nothing where it has neither package."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return
    # In this year no sector without output has sales that cancel out, which the packages leave out.
    t = gk.load_sample(2011)
    with tempfile.TemporaryDirectory() as folder:
        _write(t, Path(folder))
        command = [rscript, str(SCRIPT), folder, str(runs)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for kind, name, *parts in (line.split("\t") for line in said.splitlines()):
        if kind == "version":
            VERSIONS[name] = parts[0]
        elif kind == "seconds":
            method, level = CALLS[name]

            def work(method: str = method, level: str = level) -> pd.DataFrame:
                return gk.decompose_exports(_fresh(t), method, level)

            ours = Timing(work, 9)
            title = f"{method} beside R, fresh table, n = {len(t.x)} (same sums checked)"
            report(title, {f"gvckit: {method}, {level}": ours, name: Timing.of([float(part) for part in parts])})
        else:
            method, level = CALLS[name]
            _check(name, dict(part.split("=") for part in parts), gk.decompose_exports(t, method, level).sum())


def _write(t: gk.Mrio, folder: Path) -> None:
    """Z and Y column after column, and the labels."""
    t.arrays.z.T.tofile(folder / "z.bin")
    t.given.y.T.tofile(folder / "y.bin")
    for name, labels in (("regions", t.regions), ("sectors", t.sectors)):
        (folder / f"{name}.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")


def _fresh(t: gk.Mrio) -> gk.Mrio:
    return gk.Mrio.from_arrays(t.arrays.z, t.given.y, t.regions, t.sectors, copy=False)


def _check(name: str, theirs: dict[str, str], ours: pd.Series) -> None:
    """The terms of both add up to the same."""
    shared = [term for term in theirs if term in ours]
    assert shared, f"no term of {list(theirs)} is known"
    np.testing.assert_allclose([float(theirs[term]) for term in shared], ours[shared], rtol=1e-6, err_msg=name)
