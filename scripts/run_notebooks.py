"""Run every notebook from top to bottom; a cell that fails is an error that shows the cell."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import jupytext
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"


def main() -> int:
    scripts = sorted(FOLDER.glob("*.py"))
    if not scripts:
        print("no notebook was found", file=sys.stderr)
        return 1
    for script in scripts:
        started = time.perf_counter()
        notebook = jupytext.read(script)
        NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
        if "--write" in sys.argv:
            jupytext.write(notebook, script.with_suffix(".ipynb"))
        print(f"{script.name}: {len(notebook.cells)} cells, {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
