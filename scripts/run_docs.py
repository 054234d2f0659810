"""Run the Python blocks of the pages, each page in one namespace, and compare what they print with what the page shows.

A block shows what it prints and, as a notebook does, the value of its last line. A ```text block that directly follows
must be that. ```python no-run is left out. With --write the ```text blocks are written anew, and figures that a page
has saved replace those of docs/figures.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures"
#: Width of frames, as wide as the pages' code.
WIDTH = 96
FENCE = re.compile(r"^```(\S*)[ \t]*(.*)$")


@dataclass
class Block:
    """A fenced block: its language and options, its lines, and where they are (from 0)."""

    language: str
    options: str
    first: int
    lines: list[str]

    @property
    def end(self) -> int:
        """Line of the closing fence."""
        return self.first + len(self.lines)


class DifferentError(Exception):
    """A page that shows other text than its block prints."""


def blocks_of(lines: list[str]) -> list[Block]:
    found: list[Block] = []
    inside: Block | None = None
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = Block(fence[1], fence[2], number + 1, [])
        elif inside is not None and line.strip() == "```":
            found.append(inside)
            inside = None
        elif inside is not None:
            inside.lines.append(line)
    return found


def shown_after(lines: list[str], block: Block, following: Block | None) -> Block | None:
    """The text block that directly follows: nothing but empty lines between."""
    if following is None or following.language != "text":
        return None
    between = lines[block.end + 1 : following.first - 1]
    return None if any(line.strip() for line in between) else following


def run_block(block: Block, page: Path, namespace: dict[str, object]) -> str:
    """What the block prints, and the value of its last line."""
    # Empty lines before it, so that an error names the line of the page.
    tree = ast.parse("\n" * block.first + "\n".join(block.lines), str(page))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, str(page), "exec", dont_inherit=True), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), str(page), "eval", dont_inherit=True), namespace)
            if value is not None:
                print(repr(value))
    return plain(out.getvalue().splitlines())


def plain(lines: list[str]) -> str:
    """Lines without trailing spaces, and without empty lines at both ends."""
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def run_page(page: Path, write: bool) -> tuple[int, int]:
    """Run a page; returns how many blocks ran and how many were left out."""
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks = blocks_of(lines)
    namespace: dict[str, object] = {"__name__": "__main__"}
    ran = skipped = 0
    changes: list[tuple[Block, list[str]]] = []
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        if block.language != "python":
            continue
        if "no-run" in block.options:
            skipped += 1
            continue
        printed = run_block(block, page, namespace)
        ran += 1
        expected = shown_after(lines, block, following)
        if expected is None:
            continue
        if write:
            changes.append((expected, printed.splitlines()))
        elif printed != plain(expected.lines):
            raise DifferentError(f"{page.relative_to(ROOT)}:{expected.first}: shows other text than\n{printed}")
    for block, new in reversed(changes):
        lines[block.first : block.end] = new
    if changes:
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ran, skipped


def settings() -> None:
    import matplotlib.pyplot as plt
    import pandas as pd

    plt.close("all")
    pd.set_option("display.width", WIDTH)
    pd.set_option("display.max_columns", 20)


def main() -> int:
    os.environ["MPLBACKEND"] = "Agg"
    write = "--write" in sys.argv
    named = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("--")]
    pages = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
    pages = [page for page in pages if page.exists() and "_build" not in page.parts and (not named or page in named)]
    started, ran, skipped = time.perf_counter(), 0, 0
    home = Path.cwd()
    for page in pages:
        at = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                settings()
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    warnings.filterwarnings("ignore", category=DeprecationWarning)
                    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
                    done, left_out = run_page(page, write)
            except DifferentError as error:
                print(error, file=sys.stderr)
                return 1
            except Exception:
                traceback.print_exc()
                print(f"failed: {page.relative_to(ROOT)}", file=sys.stderr)
                return 1
            finally:
                os.chdir(home)
            if write:
                FIGURES.mkdir(exist_ok=True)
                for figure in Path(folder).glob("*.png"):
                    shutil.copy(figure, FIGURES / figure.name)
        ran, skipped = ran + done, skipped + left_out
        if done or left_out:
            print(f"{page.relative_to(ROOT)}: {done} blocks, {time.perf_counter() - at:.1f} s")
    print(f"{ran} blocks ran, {skipped} were left out, {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
