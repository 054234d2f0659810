"""Damage files of every layout tens of thousands of times: each copy is an error of gvckit or a whole table.

    python scripts/fuzz_readers.py [count] [seed]

The test suite runs a sample of the same (tests/test_read_fuzz.py). Prints how many copies were still tables.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_read_fuzz import attack, kinds_of_files


def main() -> None:
    """Damage so many copies in all."""
    count, seed = map(int, [*sys.argv[1:], *["30000", "1"][len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as folder:
        kinds = kinds_of_files(Path(folder))
        for name, (path, read) in kinds.items():
            start = time.perf_counter()
            each = count // len(kinds)
            readable = attack(path, read, each, random.Random(f"{seed} {name}"))
            print(f"{name}: {each} copies, {readable} still tables, {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
