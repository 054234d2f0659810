"""How cost grows with the size of the table, what share of the machine is used, and how much memory is held."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import gvckit as gk

SECTORS = 50


def synthetic(n: int, sectors: int = SECTORS) -> gk.Mrio:
    """A productive table with a fifth of its inputs from abroad."""
    rng = np.random.default_rng(n)
    regions = n // sectors
    z = rng.random((n, n))
    z *= 0.16 / n
    for g in range(regions):
        rows = slice(g * sectors, (g + 1) * sectors)
        z[rows, rows] += rng.random((sectors, sectors)) * 0.64 / sectors
    y = rng.random((n, regions)) * 1.2 / regions
    names = [f"R{g}" for g in range(regions)], [f"s{k}" for k in range(sectors)]
    return gk.Mrio.from_arrays(z, y, *names, copy=False)


def seconds(work: Callable[[], object], runs: int) -> float:
    work()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return float(np.median(found))


def growth(quick: bool) -> pd.DataFrame:
    """Seconds by number of rows (index) and measure (columns)."""
    rows = {}
    for n in (200, 400, 800) if quick else (500, 1000, 2000, 4000, 7000, 10_000):
        t, runs = synthetic(n), 3 if n < 5000 else 1
        a = t.A.to_numpy()
        rows[n] = {
            "one matrix product": seconds(lambda a=a: a @ a, runs),
            "leontief_inverse": seconds(lambda a=a: gk.leontief_inverse(a), runs),
            "participation": seconds(lambda t=t: gk.participation(t), runs),
            "flows by importer": seconds(lambda t=t: gk.flows(t), runs),
            "trace, region x product sector": seconds(lambda t=t: gk.trace(_fresh(t), "region", "sector"), runs),
            "counterfactual": seconds(lambda t=t: gk.counterfactual(t, {("R0", "R1"): 0.25}).welfare, runs),
            "upstreamness": seconds(lambda t=t: gk.core.upstream_output(_fresh(t).solver(), t.arrays.x), runs),
        }
        print(f"  n = {n:<6}" + "  ".join(f"{name} {value:.3g} s" for name, value in rows[n].items()), flush=True)
    frame = pd.DataFrame(rows).T
    frame.index.name = "rows"
    return frame


def _fresh(t: gk.Mrio) -> gk.Mrio:
    """The same table with nothing kept."""
    return gk.Mrio.from_arrays(t.arrays.z, t.given.y, t.regions, t.sectors, copy=False)


def exponents(frame: pd.DataFrame) -> pd.Series:
    """Slope of log seconds on log rows, over the upper half of the sizes, where fixed costs no longer count."""
    upper = frame.iloc[len(frame) // 2 - 1 :]
    return pd.Series({name: np.polyfit(np.log(upper.index), np.log(upper[name]), 1)[0] for name in frame})


def roofline(t: gk.Mrio, quick: bool) -> pd.DataFrame:
    """Share of the machine's own rate that a kernel reaches, in the same run."""
    n = 1000 if quick else 4000
    a = np.random.default_rng(0).random((n, n)) * 1.2 / n
    product, inverse = seconds(lambda: a @ a, 3), seconds(lambda: gk.leontief_inverse(a), 3)
    big = synthetic(2000 if quick else 10_000)
    z, z_bytes = big.arrays.z, big.arrays.z.nbytes
    read = seconds(lambda: gk.core.totals("Z", z), 5)
    kernels = {
        "participation, forward": lambda: gk.core.participation_forward(big.arrays),
        "participation, backward": lambda: gk.core.participation_backward(big.arrays),
        "flows by importer": lambda: gk.core.flows_by_importer(big.arrays, big.v.to_numpy(), True),
    }
    rows = [
        ("matrix product", n, 2e-9 * n**3 / product, "GFlop/s", 1.0),
        ("Leontief inverse", n, 2e-9 * n**3 / inverse, "GFlop/s", product / inverse),
        ("sums of rows and columns", len(z), 1e-9 * z_bytes / read, "GB/s", 1.0),
    ]
    for name, work in kernels.items():
        taken = seconds(work, 5)
        rows.append((name, len(z), 1e-9 * z_bytes / taken, "GB/s", read / taken))
    frame = pd.DataFrame(rows, columns=["kernel", "rows", "rate", "unit", "share"])
    print(f"\n{frame.to_string(index=False, float_format='{:.2f}'.format)}")
    return frame


#: Run by itself, so that its peak memory is its own. Z is mapped, and its pages count as long as the system keeps them.
CHILD = """
import sys, time
import numpy as np, gvckit as gk
regions, sectors, path, what = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
z = np.load(path, mmap_mode="r")
y = np.full((len(z), regions), 1.2 / regions)
names = [f"R{g}" for g in range(regions)], [f"s{k}" for k in range(sectors)]
start = time.perf_counter()
t = gk.Mrio.from_arrays(z, y, *names, copy=False)
work = {
    "from_arrays (checked)": lambda: None,
    "participation": lambda: gk.participation(t),
    "flows by importer": lambda: gk.flows(t),
    "upstreamness": lambda: gk.upstreamness(t),
    "lengths": lambda: gk.lengths(t),
    "trace, region x product": lambda: gk.trace(t, "region", "region"),
    "counterfactual": lambda: gk.counterfactual(t, {("R0", "R1"): 0.25}).welfare,
    "counterfactual, new table": lambda: gk.counterfactual(t, {("R0", "R1"): 0.25}).table,
    "leontief_inverse": lambda: gk.core.leontief_inverse(t.arrays.z, t.arrays.x),
}[what]
work()
# Not getrusage: its peak is handed on by the process that started this one.
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.perf_counter() - start, peak)
"""


def large(quick: bool, huge: bool) -> pd.DataFrame:
    """Seconds and peak memory on tables that are mapped from a file; `peak` is in sizes of Z, mapped pages included."""
    shapes = [(8, 50)] if quick else [(81, 50), (49, 200)]
    shapes += [(100, 200)] if huge else []
    rows = []
    for regions, sectors in shapes:
        with tempfile.TemporaryDirectory() as folder:
            path = _write(Path(folder) / "z.npy", regions, sectors)
            n = regions * sectors
            names = ["from_arrays (checked)", "participation", "flows by importer", "upstreamness", "lengths"]
            whole = ["trace, region x product", "counterfactual", "counterfactual, new table", "leontief_inverse"]
            for what in [*names, *(whole if n < 15_000 else [])]:
                command = [sys.executable, "-c", CHILD, str(regions), str(sectors), str(path), what]
                answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
                rows.append((n, what, float(answer[0]), float(answer[1]) / (8 * n * n)))
                print(f"  n = {n}  {what:<24}{rows[-1][2]:8.2f} s   peak {rows[-1][3]:.2f} Z", flush=True)
    return pd.DataFrame(rows, columns=["rows", "measure", "seconds", "peak"])


def _write(path: Path, regions: int, sectors: int) -> Path:
    """Flows of a productive table, two thirds of those between regions 0, written region by region."""
    n = regions * sectors
    rng = np.random.default_rng(0)
    z = np.lib.format.open_memmap(path, "w+", dtype=float, shape=(n, n))
    for g in range(regions):
        rows = slice(g * sectors, (g + 1) * sectors)
        block = rng.random((sectors, n)) * 0.48 / n
        block[rng.random((sectors, n)) < 2 / 3] = 0.0
        block[:, rows] = rng.random((sectors, sectors)) * 0.64 / sectors
        z[rows] = block
    z.flush()
    return path
