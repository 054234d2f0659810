"""What calls took, by version and machine: a csv that every run adds to, and a picture of it."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd

import gvckit as gk

FILE = Path(__file__).with_name("history.csv")
#: The group of cases that is kept, by the start of its title.
KEPT = "as users call it"


def record(measured: list[tuple[str, dict[str, Any]]], machine: str, path: Path = FILE) -> pd.DataFrame:
    """Add the medians of this run, in milliseconds, in place of those of the same version, commit and machine."""
    cases = next(cases for title, cases in measured if title.startswith(KEPT))
    key = {
        "date": f"{datetime.date.today():%Y-%m-%d}",
        "version": gk.__version__,
        "commit": _commit(),
        "machine": machine,
    }
    rows = pd.DataFrame([{**key, "case": name, "ms": round(1e3 * case.median, 4)} for name, case in cases.items()])
    if path.exists():
        old = pd.read_csv(path, dtype={"version": str, "commit": str})
        same = (old[["version", "commit", "machine"]] == [key[k] for k in ("version", "commit", "machine")]).all(axis=1)
        rows = pd.concat([old[~same], rows], ignore_index=True)
    rows.to_csv(path, index=False)
    return rows


def _commit() -> str:
    command = ["git", "-C", str(FILE.parent), "rev-parse", "--short=7", "HEAD"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "none"


def draw(history: pd.DataFrame, path: Path) -> None:
    """Milliseconds by run, one panel a machine, each line named at its end."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    machines = list(dict.fromkeys(history["machine"]))
    figure, axes = plt.subplots(1, len(machines), figsize=(7.5 * len(machines), 5), layout="constrained", squeeze=False)
    for ax, machine in zip(axes[0], machines, strict=True):
        part = history[history["machine"] == machine].assign(run=lambda rows: rows["date"] + "\n" + rows["commit"])
        wide = part.pivot_table(index="run", columns="case", values="ms", sort=False)
        for k, name in enumerate(wide):
            ax.plot(
                range(len(wide)), wide[name], marker="osD^vPX<"[k % 8], color=f"C{k % 10}", markersize=4, linewidth=1.2
            )
        places = _spread(wide.ffill().iloc[-1])
        for name, at in places.items():
            ax.annotate(f"  {name}", (len(wide) - 1, at), fontsize=7, va="center", annotation_clip=False)
        ax.set_xticks(range(len(wide)), list(wide.index), fontsize=8)
        ax.set(yscale="log", ylabel="Milliseconds, fresh table of 574 rows", title=machine)
        ax.set_xlim(-0.2, max(len(wide) - 1, 0.5) * 1.45)
        ax.grid(axis="y", alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _spread(last: pd.Series, apart: float = 1.09) -> dict[str, float]:
    """Where names stand: at the end of their line, pushed up where another would lie under them."""
    places: dict[str, float] = {}
    at = 0.0
    for name, value in last.sort_values().items():
        at = max(float(value), at * apart)
        places[str(name)] = at
    return places
