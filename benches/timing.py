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

    @classmethod
    def of(cls, runs: list[float]) -> Timing:
        """Seconds that were taken elsewhere."""
        timing = cls.__new__(cls)
        timing.runs = runs
        return timing

    @property
    def median(self) -> float:
        return float(np.median(self.runs))

    def __str__(self) -> str:
        return f"{self.median * 1e3:9.2f} ms  ({min(self.runs) * 1e3:.2f} to {max(self.runs) * 1e3:.2f})"


def compare(title: str, cases: dict[str, Callable[[], object]], runs: int) -> None:
    """Time all cases; the first is what the others are compared with."""
    report(title, {name: Timing(work, runs) for name, work in cases.items()})


def report(title: str, found: dict[str, Timing]) -> None:
    """Print what was found, and keep it."""
    print(f"\n{title}")
    first = next(iter(found.values()))
    for name, timing in found.items():
        print(f"  {name:<38}{timing}  x {timing.median / first.median:8.2f}", flush=True)
    MEASURED.append((title, found))
