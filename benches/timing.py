"""Cases that are timed side by side in one run, and what was found."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

#: What was measured: title, and cases with their timings.
MEASURED: list[tuple[str, dict[str, Timing]]] = []


class Timing:
    """Seconds of several runs."""

    def __init__(self, work: Callable[[], object], runs: int) -> None:
        work()
        # OpenBLAS's idle threads of the case before spin for a while and take a core.
        time.sleep(0.3)
        self.runs = []
        for _ in range(runs):
            start = time.perf_counter()
            work()
            self.runs.append(time.perf_counter() - start)

    @property
    def median(self) -> float:
        return float(np.median(self.runs))

    def __str__(self) -> str:
        return f"{self.median * 1e3:9.2f} ms  ({min(self.runs) * 1e3:.2f} to {max(self.runs) * 1e3:.2f})"


def compare(title: str, cases: dict[str, Callable[[], object]], runs: int) -> None:
    """Time all cases; the first is what the others are compared with."""
    print(f"\n{title}")
    found: dict[str, Timing] = {}
    for name, work in cases.items():
        found[name] = timing = Timing(work, runs)
        first = next(iter(found.values()))
        print(f"  {name:<38}{timing}  x {timing.median / first.median:8.2f}", flush=True)
    MEASURED.append((title, found))
