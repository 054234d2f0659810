"""The benchmarks' page of the docs, written from what was measured."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import history
import matplotlib as mpl
import pandas as pd
from growth import exponents
from peers import VERSIONS

LIBRARIES = ("numpy", "scipy", "pandas", "pymrio", "scipy-openblas32")


def write_page(
    path: Path,
    measured: list[tuple[str, dict[str, Any]]],
    grown: pd.DataFrame,
    limits: pd.DataFrame,
    held: pd.DataFrame,
) -> None:
    """Write the page, and the figure of cost growth beside the other figures."""
    figure = path.parent / "figures" / "cost_growth.png"
    draw_growth(grown, figure)
    past = path.parent / "figures" / "bench_history.png"
    history.draw(history.record(measured, processor()), past)
    parts = [
        "# Benchmarks",
        f"Written by `make bench` on {datetime.date.today():%d %B %Y}. Each case is compared with gvckit in the same "
        "run; the ratio is its median over that of the first case (above one: the first is faster).",
        machine(),
        *(_group(title, cases) for title, cases in measured),
        "## By version",
        f"![Milliseconds of each call by run](figures/{past.name})",
        "`benches/history.csv` holds what the calls of the first table took, by version, commit and machine.",
        "## Share of the machine",
        "Rates against the machine's own, measured in the same run: a NumPy matrix product for the inverse "
        "(2 n^3 operations), one pass that sums rows and columns for everything that reads Z once.",
        _table(limits, {"rate": "{:.1f}", "share": "{:.2f}"}),
        "## Growth with the size of the table",
        f"![Seconds against rows, both axes logarithmic](figures/{figure.name})",
        _table(grown.reset_index(), dict.fromkeys(grown, "{:.3g}")),
        "Fitted exponents, upper half of the sizes: "
        + ", ".join(f"{name} {slope:.2f}" for name, slope in exponents(grown).items())
        + ". Upstreamness of a fresh table is solved by rounds over Z, without factors (`Mrio.solver`).",
        "## Large tables, mapped from a file",
        "Each measure in a process of its own. `peak` is the largest memory that it held, in sizes of Z, with the "
        "mapped pages of Z (up to one) that the system can drop at any time.",
        _table(held, {"seconds": "{:.2f}", "peak": "{:.2f}"}),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"\n{path}")


def machine() -> str:
    """What it ran on, and what could not be compared."""
    lines = [
        f"- {processor()}, {os.cpu_count()} logical cores, {platform.system()}, Python {platform.python_version()}",
        "- " + ", ".join(f"{name} {version(name)}" for name in ("gvckit", *LIBRARIES)),
    ]
    if VERSIONS:
        lines.append(
            "- R: " + ", ".join(f"{name} {number}" for name, number in VERSIONS.items()) + ", with R's own BLAS"
        )
    else:
        lines.append(
            "- R with decompr or exvatools is not installed here: they are not timed (tests compare their numbers)."
        )
    return "\n".join(lines)


def processor() -> str:
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _group(title: str, cases: dict[str, Any]) -> str:
    ours = next(iter(cases.values())).median
    lines = [
        f"## {title[0].upper()}{title[1:]}",
        "",
        "| case | median (ms) | fastest to slowest | ratio |",
        "|---|---:|---:|---:|",
    ]
    for name, timing in cases.items():
        low, high = min(timing.runs) * 1e3, max(timing.runs) * 1e3
        lines.append(
            f"| {name} | {timing.median * 1e3:,.2f} | {low:,.2f} to {high:,.2f} | {timing.median / ours:.2f} |"
        )
    return "\n".join(lines)


def _table(frame: pd.DataFrame, formats: dict[str, str]) -> str:
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "|---" * len(frame.columns) + "|"]
    for row in frame.itertuples(index=False):
        cells = (formats.get(name, "{}").format(value) for name, value in zip(frame.columns, row, strict=True))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw_growth(frame: pd.DataFrame, path: Path) -> None:
    """Seconds against rows on logarithmic axes, each line named at its end."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
    slopes = exponents(frame)
    for name, marker, style in zip(frame, "osD^vPX", ("--", *["-"] * 6), strict=True):
        ax.plot(frame.index, frame[name], marker=marker, linestyle=style, label=f"{name} (exponent {slopes[name]:.1f})")
    ax.set(xscale="log", yscale="log", xlabel="Rows of the table", ylabel="Seconds", title="Cost and size of the table")
    ax.set_xticks(frame.index, [f"{n:,}" for n in frame.index])
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.legend(frameon=False, fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
