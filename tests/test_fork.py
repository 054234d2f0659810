"""Worker processes begun in each way, after the parent has used the kernels' threads."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has spawn alone")

#: Seconds; a run takes 2 to 5.
LIMIT = 60
SCRIPT = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import gvckit as gk

def main():
    t = gk.load_sample(2005)
    # Of every kind: passes over rows, factors, the inverse, solves, draws.
    for measure in (gk.participation, gk.position, gk.upstreamness, gk.leontief_inverse):
        measure(t)
    gk.perturb(t)
    tables = {year: year for year in (2004, 2005, 2006, 2007)}
    want = gk.panel(gk.position, tables, progress=False, workers=1)
    with ProcessPoolExecutor(2, mp_context=get_context(sys.argv[1])) as executor:
        found = gk.panel(gk.position, tables, executor, progress=False)
        again = gk.panel(gk.participation, [t, 2006], executor, progress=False)
    assert found.equals(want)
    assert again.loc[2005].equals(gk.participation(t))
    # The parent's own threads are as they were.
    assert gk.panel(gk.position, tables, progress=False).equals(want)
    print("same")

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_after_a_measure_in_the_parent(tmp_path, method):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    # A group of its own, so that workers that hang are ended with it.
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(script), method],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, errors = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        pytest.fail(f"workers begun by {method} hang")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode == 0, errors
    assert said == "same\n"
