"""gvckit beside NumPy, SciPy, pandas and the literal method, in one run.

    python benches/bench.py [--quick] [--huge] [--page docs/benchmarks.md]

Each line gives the median of several runs and the spread (fastest to slowest), then the ratio to gvckit. Run on
real WIOD tables where the shared data folder is there, on the embedded table where not. ``--page`` writes what was
measured, the machine, and the growth of cost with the size of the table as a page of the docs.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pymrio
import scipy.linalg
from calls import calls
from first import first_calls
from growth import growth, large, roofline
from models import counterfactuals
from page import write_page
from peers import peers
from timing import MEASURED, compare

import gvckit as gk

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from reference import Literal  # noqa: E402

SHARED = ROOT.parent / "shared"


def table(quick: bool) -> gk.Mrio:
    path = SHARED / "data" / "wiod2013" / "wiot_2008.npz"
    if quick or not path.exists():
        # In most other years a sector without output has sales that cancel out, which the plain routes leave out.
        return gk.load_sample(2011)
    d = np.load(path)
    return gk.Mrio.from_arrays(d["Z"], d["Y"], d["regions"].tolist(), d["sectors"].tolist(), year=2008)


def cheap_numpy(t: gk.Mrio) -> tuple[np.ndarray, ...]:
    """The route without a global inverse, in plain NumPy, forward."""
    z, y, x, _, n = t.arrays
    g = len(x) // n
    scale = np.divide(1.0, x, out=np.zeros_like(x), where=x != 0)
    # With the rule for sectors whose sales cancel out, which plain division leaves out.
    v = t.per_unit
    blocks = z.reshape(g, n, g, n)[np.arange(g), :, np.arange(g), :]
    local = np.eye(n) - blocks * scale.reshape(g, 1, n)
    home = y.reshape(g, n, g)[np.arange(g), :, np.arange(g)]
    abroad = y.sum(1).reshape(g, n) - home
    w = np.linalg.solve(local, home[..., None])[..., 0]
    pair = np.stack([w.ravel() * scale, (scale != 0).astype(float)], axis=1)
    foreign = (z @ pair).reshape(g, n, 2) - np.einsum("gij,gjk->gik", blocks, pair.reshape(g, n, 2))
    right = np.stack([abroad, foreign[..., 0], foreign[..., 1] - foreign[..., 0]], axis=2)
    solved = np.linalg.solve(local, right)
    return (v * w.ravel(), *(v * solved[..., k].ravel() for k in range(3)))


def literal(t: gk.Mrio) -> list[np.ndarray]:
    """Two inverses and dense products."""
    return [m.sum(1) for m in Literal(t).participation_terms()]


def inverse(t: gk.Mrio, runs: int) -> None:
    a = t.A.to_numpy().copy()
    eye = np.eye(len(a))
    cases: dict[str, Callable[[], object]] = {
        "gvckit.leontief_inverse (checked)": lambda: gk.leontief_inverse(a),
        "one matrix product (NumPy)": lambda: a @ a,
        "numpy.linalg.inv": lambda: np.linalg.inv(eye - a),
        "scipy.linalg.inv": lambda: scipy.linalg.inv(eye - a),
        "pymrio.calc_L": lambda: pymrio.calc_L(a),
    }
    compare(f"Leontief inverse, n = {len(a)}", cases, runs)


def small_inverses(runs: int) -> None:
    """Domestic blocks are of these sizes."""
    for n in (35, 56, 200, 574):
        a = np.random.default_rng(n).random((n, n)) * 1.2 / n
        eye = np.eye(n)
        cases: dict[str, Callable[[], object]] = {
            "gvckit.leontief_inverse (checked)": lambda a=a: gk.leontief_inverse(a),
            "one matrix product (NumPy)": lambda a=a: a @ a,
            "numpy.linalg.inv": lambda a=a, eye=eye: np.linalg.inv(eye - a),
            "scipy.linalg.inv": lambda a=a, eye=eye: scipy.linalg.inv(eye - a),
        }
        compare(f"Leontief inverse, n = {n}", cases, runs * 3)


def participation(t: gk.Mrio, runs: int) -> None:
    frame = gk.participation(t)
    for k, term in enumerate(gk.core.participation_terms()):
        for other in (cheap_numpy(t)[k], literal(t)[k]):
            np.testing.assert_allclose(frame[term], other, rtol=1e-8, atol=1e-6)
    cases: dict[str, Callable[[], object]] = {
        "gvckit.core (arrays)": lambda: gk.core.participation_forward(t.arrays),
        "gvckit.participation (frame)": lambda: gk.participation(t),
        "plain NumPy, cheap route": lambda: cheap_numpy(t),
        "Z @ x (NumPy)": lambda: t.arrays.z @ t.arrays.x,
    }
    compare(f"participation, forward, n = {len(t.x)} (same numbers checked)", cases, runs * 5)
    compare(
        "participation against the literal products",
        {"gvckit.core (arrays)": lambda: gk.core.participation_forward(t.arrays), "literal NumPy": lambda: literal(t)},
        max(2, runs // 3),
    )


def years(quick: bool) -> None:
    """Every measure behind the paper's figures over all years of the embedded table."""
    tables = {year: gk.load_sample(year) for year in gk.sample_years()[: 3 if quick else None]}

    def panel(measure: Callable[..., pd.DataFrame], **options: object) -> pd.DataFrame:
        return gk.panel(measure, tables, progress=False, **options)

    measures = {
        "participation": lambda: [panel(gk.participation, direction=way) for way in ("forward", "backward")],
        "regional shares of three networks": lambda: [
            panel(gk.regionalisation, kind=kind) for kind in ("traditional", "simple", "complex")
        ],
        "position": lambda: panel(gk.position),
        "WWZ of all pairs": lambda: panel(gk.decompose_exports, method="wwz", level="bilateral"),
        "TiVA indicators": lambda: panel(gk.tiva),
        "dependence of the pair": lambda: panel(gk.dependence, a="CHN", b="USA"),
        "inputs of the index": lambda: gk.schemes.china_us_inputs(tables),
    }
    everything = {"all of them": lambda: [work() for work in measures.values()]}
    compare(f"measures of reproduce, {len(tables)} years of the embedded table", everything | measures, 3)


def exports_and_lengths(t: gk.Mrio, runs: int) -> None:
    """Each on a fresh table, so that the inverse or the factors that it needs are in its time."""

    def fresh() -> gk.Mrio:
        return gk.Mrio.from_arrays(t.arrays.z, t.given.y, t.regions, t.sectors, copy=False)

    m = np.eye(len(t.x)) - t.A.to_numpy()
    cases: dict[str, Callable[[], object]] = {
        "one LU (SciPy), nothing else": lambda: scipy.linalg.lu_factor(m),
        "lengths, sector level": lambda: gk.lengths(fresh()),
        "networks, all three kinds": lambda: [gk.network(fresh(), k) for k in ("traditional", "simple", "complex")],
        "KWW, all exporters": lambda: gk.decompose_exports(fresh(), "kww"),
        "WWZ, exporter x sector x partner": lambda: gk.decompose_exports(fresh(), "wwz", "bilateral_sector"),
        "BM source, all exporters": lambda: gk.decompose_exports(fresh(), "bm_source"),
        "BM sink, all exporters": lambda: gk.decompose_exports(fresh(), "bm_sink"),
    }
    compare(f"measures from a fresh table, n = {len(t.x)}", cases, runs)


def extraction(t: gk.Mrio, runs: int) -> None:
    """One link, and all pairs, against solving the economy anew."""
    n, pair = len(t.sectors), [t.regions.index("CHN"), t.regions.index("USA")]
    a, y, v = t.A.to_numpy(), t.arrays.y, t.v.to_numpy()
    rows, cols = (slice(k * n, (k + 1) * n) for k in pair)

    def literal_link() -> np.ndarray:
        left, demand = np.eye(len(a)) - a, y.sum(axis=1)
        left[rows, cols] = 0.0
        demand[rows] -= y[rows, pair[1]]
        return v * (t.arrays.x - np.linalg.solve(left, demand))

    np.testing.assert_allclose(gk.extract(t, "CHN", "USA")["loss"], literal_link(), rtol=1e-6, atol=1e-3)
    cases: dict[str, Callable[[], object]] = {
        "gvckit.extract, CHN to USA": lambda: gk.extract(t, "CHN", "USA"),
        "numpy.linalg.solve of the rest": literal_link,
        "gvckit.extraction_matrix": lambda: gk.extraction_matrix(t),
        "gvckit.decouple, 5 steps": lambda: gk.decouple(t, "CHN", "USA"),
    }
    compare(f"hypothetical extraction, n = {len(t.x)}, factors kept", cases, runs)


def index(runs: int, quick: bool) -> None:
    """Draws of a 20-year, 6-indicator index, against the same in NumPy."""
    draws = 10_000 if quick else 100_000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((20, 6)), index=range(2000, 2020), columns=list("abcdef"))
    levels = {"p": ["a", "b"], "q": ["c", "d"], "r": ["e", "f"]}
    scheme = gk.Scheme(levels, bounds=(1, 100))
    spread = gk.Uncertainty(draws=draws, error=0.05)

    def numpy_draws() -> tuple[np.ndarray, np.ndarray]:
        values = frame.to_numpy() * np.exp(0.05 * rng.standard_normal((draws, 20, 6)) - 0.05**2 / 2)
        low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
        scaled = 1 + 99 * (values - low) / (high - low)
        inner = rng.dirichlet([25.0, 25.0], (draws, 3))
        pillars = (scaled.reshape(draws, 20, 3, 2) * inner[:, None]).sum(axis=-1)
        found = np.einsum("dup,dp->du", pillars, rng.dirichlet([50 / 3] * 3, draws))
        ranks = (-found).argsort(axis=1).argsort(axis=1) + 1
        return np.quantile(found, spread.quantiles, axis=0), np.quantile(ranks, spread.quantiles, axis=0)

    ours = gk.composite_index(frame, scheme, spread).bands.to_numpy().T
    np.testing.assert_allclose(ours, numpy_draws()[0], atol=1.5)
    cases: dict[str, Callable[[], object]] = {
        "gvckit.composite_index": lambda: gk.composite_index(frame, scheme, spread),
        "NumPy, all draws at once": numpy_draws,
    }
    compare(f"bands of an index, {draws:,} draws", cases, runs)


def delimited(runs: int, quick: bool) -> None:
    """An ICIO csv and a flat FIGARO file against pandas' C parser."""
    from fixtures import texts

    regions = [f"R{k:02d}" for k in range(10 if quick else 60)]
    rng = np.random.default_rng(0)
    n = len(regions) * 50
    z, y = rng.random((n, n)) * 1000, rng.random((n, 6 * len(regions))) * 1000
    names = texts.ICIO["2023"][0]
    t = gk.Mrio.from_arrays(z.round(3), y.round(3), regions, [f"A{k:02d}" for k in range(50)], names, year=2018)
    with tempfile.TemporaryDirectory() as folder:
        path = texts.write_rows(Path(folder) / "2018.csv", texts.icio_rows(t, "2023"))
        np.testing.assert_array_equal(gk.read_icio(path).arrays.z, t.arrays.z)
        cases: dict[str, Callable[[], object]] = {
            "gvckit.read_icio": lambda: gk.read_icio(path),
            "pandas, C parser": lambda: pd.read_csv(path, index_col=0, engine="c"),
        }
        compare(f"OECD ICIO csv, {path.stat().st_size / 1e6:.0f} MB", cases, runs)
        demand = ["GGFC", "HFCE", "NPISH", "GFCF", "INVNT"]
        some = regions[: 4 if quick else 20]
        n = len(some) * 50
        t = gk.Mrio.from_arrays(z[:n, :n].round(3), y[:n, : 5 * len(some)].round(3), some, t.sectors, demand, year=2021)
        flat = texts.write_rows(Path(folder) / "flatfile_2021.csv", texts.figaro_flat_rows(t))
        rows, columns = ["refArea", "rowIi"], ["counterpartArea", "colIi"]
        cases = {
            "gvckit.read_figaro": lambda: gk.read_figaro(flat),
            "pandas, read and pivot": lambda: pd.read_csv(flat).pivot(index=rows, columns=columns, values="obsValue"),  # noqa: PD010
            "pandas, read alone": lambda: pd.read_csv(flat),
        }
        compare(f"FIGARO flat csv, {flat.stat().st_size / 1e6:.0f} MB", cases, runs)


def draws(t: gk.Mrio, quick: bool) -> None:
    """Draws of a table, balanced, with a measure of each."""
    count = 20 if quick else 100
    cases: dict[str, Callable[[], object]] = {
        f"gvckit.table_bands, {count} draws": lambda: gk.table_bands(t, gk.participation, count, progress=False),
    }
    compare(f"participation with bands, n = {len(t.x)}", cases, 3)


def workbook(runs: int, quick: bool) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from python_calamine import CalamineWorkbook

    from fixtures.workbooks import adb_rows, write_xlsx

    economies = 10 if quick else 63
    rng = np.random.default_rng(0)
    n = economies * 35
    z, y = rng.random((n, n)) * 1000, rng.random((n, economies * 5)) * 1000
    names = [f"R{k:02d}" for k in range(economies)]
    t = gk.Mrio.from_arrays(z, y, names, [f"c{k + 1}" for k in range(35)], year=2017)
    with tempfile.TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder) / "ADB-MRIO-2017.xlsx", adb_rows(t), inline=True)
        np.testing.assert_allclose(gk.read_adb(path).arrays.z, z, rtol=1e-14)
        t.save(Path(folder) / "t.gvc")
        cases: dict[str, Callable[[], object]] = {
            "gvckit.read_adb": lambda: gk.read_adb(path),
            "gvckit, saved and loaded again": lambda: gk.Mrio.load(Path(folder) / "t.gvc"),
            "python-calamine, cells only": lambda: (
                CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
            ),
            "pandas with calamine": lambda: pd.read_excel(path, header=None, engine="calamine"),
        }
        compare(f"ADB workbook, {economies} economies, {path.stat().st_size / 1e6:.0f} MB", cases, runs)
        if not quick:
            slow = {
                "gvckit.read_adb": lambda: gk.read_adb(path),
                "pandas with openpyxl": lambda: pd.read_excel(path, header=None, engine="openpyxl"),
            }
            compare("the same with openpyxl (one run, after one to warm up)", slow, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small tables, seconds")
    parser.add_argument("--huge", action="store_true", help="also 20,000 rows: needs 3.2 GB of disk")
    parser.add_argument("--page", type=Path, help="write what was measured as a page of the docs")
    options = parser.parse_args()
    quick = options.quick
    warnings.simplefilter("ignore")
    print(f"gvckit {gk.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}, {platform.machine()}")
    runs = 3 if quick else 9
    t = table(quick)
    calls(gk.load_sample(2008), 3 * runs)
    participation(t, runs)
    inverse(t, runs)
    small_inverses(runs)
    peers(2 if quick else 5)
    first_calls()
    years(quick)
    exports_and_lengths(t, max(3, runs // 2))
    extraction(t, runs)
    index(3, quick)
    draws(gk.load_sample(2008), quick)
    counterfactuals(3, quick)
    delimited(3, quick)
    workbook(3, quick)
    grown = growth(quick)
    limits = roofline(t, quick)
    held = large(quick, options.huge)
    if options.page:
        write_page(options.page, MEASURED, grown, limits, held)


if __name__ == "__main__":
    main()
