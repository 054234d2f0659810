"""First calls: imports, pools and caches are paid once a process. Each measure in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from timing import Timing, report

MEASURES = {
    "leontief_inverse": "gk.leontief_inverse(t)",
    "participation": "gk.participation(t)",
    "position": "gk.position(t)",
    "dependence": "gk.dependence(t, 'CHN', 'USA')",
    "tiva": "gk.tiva(t)",
    "lengths": "gk.lengths(t)",
    "hubs": "gk.hubs(t)",
    "decompose_exports, wwz": "gk.decompose_exports(t, 'wwz')",
    "trace": "gk.trace(t, 'region', 'sector')",
    "extract": "gk.extract(t, 'CHN', 'USA')",
    "price_effect": "gk.price_effect(t, costs={'CHN': 1.1})",
    "counterfactual": "gk.counterfactual(t, trade_costs={('CHN', 'USA'): 1.1}, clean=True)",
    "table_bands, 2 draws": "gk.table_bands(t, gk.participation, 2, progress=False)",
    "panel": "gk.panel(gk.participation, {2008: t}, progress=False)",
}
SCRIPT = """
import json, time, warnings
import pandas
start = time.perf_counter()
import gvckit as gk
loaded = time.perf_counter() - start
warnings.simplefilter("ignore")
t = gk.load_sample(2008)
start = time.perf_counter()
{call}
print(json.dumps([loaded, time.perf_counter() - start]))
"""


def first_calls(runs: int = 3) -> None:
    """Import over pandas, and the first call of each measure after it, in seconds of processes of their own."""
    loaded: list[float] = []
    found: dict[str, Timing] = {}
    with tempfile.TemporaryDirectory() as compiled:
        for name, call in MEASURES.items():
            code = SCRIPT.format(call=call)
            # Modules are compiled once, at the first run.
            took = [json.loads(_said(code, compiled)) for _ in range(runs + 1)][1:]
            loaded += [first for first, _ in took]
            found[name] = Timing.of([second for _, second in took])
    report(
        "first calls, n = 574, each in a process of its own", {"import gvckit, over pandas": Timing.of(loaded), **found}
    )


def _said(code: str, compiled: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
