"""Run every notebook from top to bottom; a cell that fails is an error that shows the cell.

    python scripts/run_notebooks.py [NAME ...]     # notebooks/NAME.py to NAME.ipynb, with outputs; by default all
    python scripts/run_notebooks.py --check        # runs them, and complains of pairs that are not in step

Each notebook is a script first (jupytext), with its executed pair beside it. Times and versions may differ from run to
run; that the cells of a pair are the same, and that figures are in it, is what is checked.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parents[1] / "notebooks"
#: Bytes that an executed notebook may have, and the colours of its figures: what keeps it small.
LARGEST, COLOURS = 1_000_000, 128


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    scripts = sorted(path for path in FOLDER.glob("*.py") if not options.names or path.stem in options.names)
    if not scripts:
        print("no notebook was found", file=sys.stderr)
        return 1
    wrong: list[str] = []
    for script in scripts:
        started = time.perf_counter()
        notebook = executed(script)
        text = nbformat.writes(notebook) + "\n"
        pair = script.with_suffix(".ipynb")
        if options.check:
            wrong += problems(script, pair)
        else:
            pair.write_text(text, encoding="utf-8")
        if len(text) > LARGEST:
            wrong.append(f"{pair.name} would have {len(text):,} bytes, more than {LARGEST:,}")
        print(f"{script.name}: {len(notebook.cells)} cells, {time.perf_counter() - started:.1f} s, {len(text):,} bytes")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


def executed(script: Path) -> nbformat.NotebookNode:
    """A script's notebook, run from top to bottom, without what differs from run to run for no reason."""
    notebook = jupytext.read(script)
    notebook.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    notebook.metadata.pop("widgets", None)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            # The bar of progress that a notebook lacks is nothing of ours.
            cell.outputs = [output for output in cell.outputs if "IProgress" not in output.get("text", "")]
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                output["data"]["image/png"] = smaller(picture)
    return notebook


def smaller(picture: str) -> str:
    """A figure with a palette."""
    with Image.open(io.BytesIO(base64.b64decode(picture))) as opened:
        image = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def problems(script: Path, pair: Path) -> list[str]:
    """What is wrong with a pair: not there, other cells, cells without outputs that make some."""
    if not pair.exists():
        return [f"{pair.name} is not there: make notebooks"]
    mine, theirs = jupytext.read(script), nbformat.read(pair, as_version=4)
    sources = [[(cell.cell_type, cell.source) for cell in notebook.cells] for notebook in (mine, theirs)]
    if sources[0] != sources[1]:
        return [f"{pair.name} is not in step with {script.name}: make notebooks"]
    code = [cell for cell in theirs.cells if cell.cell_type == "code"]
    if not all(cell.execution_count for cell in code) or not any(cell.outputs for cell in code):
        return [f"{pair.name} has not been run: make notebooks"]
    return []


if __name__ == "__main__":
    sys.exit(main())
