"""Processes, threads, signals and memory: calls of the core end, whatever happens around them."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import gvckit as gk
from gvckit import core

posix = pytest.mark.skipif(os.name == "nt", reason="forks and signals are POSIX")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the address space is limited by Linux alone")

#: Every kind of work that runs in threads: a pass, solves, products, draws, balancing, reading.
WORK = """
import io, os, sys, time
import numpy as np
import gvckit as gk
from gvckit import core

t = gk.load_sample(2005)
z, y, x, va, sectors = (np.array(a) if isinstance(a, np.ndarray) else a for a in t.arrays)
table = (z, y, x, va, sectors)
cells = np.random.default_rng(0).random((200, 90))

def work():
    limits, means = np.full((2, 4), np.nan), ["arithmetic"]
    design = core.IndexDesign([1.0, 1.0], ["minmax"] * 2, limits, (1.0, 2.0), [[0, 1]], [0.5, 0.5], means)
    text = b"h,a,b\\n" + b"x,1,2\\n" * 5000
    return [
        core.participation_forward(table).sum(),
        core.flows_by_importer(table, va / np.where(x == 0, 1, x), True)[1].sum(),
        core.leontief_inverse(z, x)[0].sum(),
        core.factor(z, x).solve(y).sum(),
        core.gras(cells, cells.sum(1) * 1.1, cells.sum(0) * 1.1, 1e-9, 100)[0].sum(),
        core.disturb(cells, np.full(cells.shape, 0.1), 1, 1, None, 1e-9, 100).sum(),
        design.simulate(cells[:9, :2], 2000, 1, 20.0, [], [], [0.1, 0.1]).sum(),
        core.table_totals(z, y, 1)[0].sum(),
        np.nansum(gk._core.read_delimited(text, None, ",")[0][0]),
    ]

wanted = work()
"""


def run(code, timeout=120, **environment):
    """Run code in a fresh Python, within a time."""
    code = WORK + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@posix
@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_forked_child_works_after_its_parent_has(threads):
    code = """
    for _ in range(3):
        child = os.fork()
        if child == 0:
            try:
                grandchild = os.fork()
                same = np.allclose(work(), wanted, rtol=1e-12)
                if grandchild == 0:
                    os._exit(0 if same else 1)
                _, status = os.waitpid(grandchild, 0)
                os._exit(0 if same and status == 0 else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
        assert np.allclose(work(), wanted, rtol=1e-12)
    print("done")
    """
    assert run(code, RAYON_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads) == ["done"]


@posix
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes(method, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        WORK
        + textwrap.dedent(f"""
    def again(_):
        return work()

    if __name__ == "__main__":
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(2, mp_context=get_context({method!r})) as pool:
            assert all(np.allclose(found, wanted, rtol=1e-12) for found in pool.map(again, range(4)))
        print("done")
    """)
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout.split()) == (0, ["done"]), done.stderr


def test_the_number_of_threads_is_the_one_asked_for():
    code = """
    names = [open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")]
    print(sum(name.startswith("gvckit") for name in names))
    """
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("counts threads by /proc")
    for threads in (1, 3):
        # The caller is one of them.
        assert run(code, RAYON_NUM_THREADS=str(threads)) == [str(threads - 1)]


def test_many_threads_call_at_once():
    code = """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        assert all(np.allclose(found, wanted, rtol=1e-12) for found in pool.map(lambda _: work(), range(24)))
    print("done")
    """
    for threads in ("1", "2"):
        assert run(code, RAYON_NUM_THREADS=threads) == ["done"]


# ---- signals -----------------------------------------------------------------------------------------------------


def interrupted(code, signum=signal.SIGINT):
    """Send a signal to code that says `ready`; its last words and how long it took to end.

    A second is what a user waits on a quiet machine, half a minute what a busy one may need.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(1.5)
        asked = time.perf_counter()
        process.send_signal(signum)
        output, errors = process.communicate(timeout=60)
        return output, errors, time.perf_counter() - asked
    finally:
        process.kill()


LONG = {
    "inverse": "core.leontief_inverse(np.full((9000, 9000), 0.5 / 9000))",
    "factor": "core.factor(np.full((11000, 11000), 0.5 / 11000), np.ones(11000))",
    "gras": "core.gras(np.ones((900, 900)), np.arange(900.0) + 1, np.arange(900.0) + 1.1, 1e-15, 10**9)",
    "draws": "core.disturb(np.ones((6000, 6000)), np.full((6000, 6000), 0.1), 1, 1, None, 1e-9, 9)",
    "index": (
        "core.IndexDesign([1, 1], ['minmax'] * 2, np.full((2, 4), np.nan), (1, 2), [[0, 1]], [0.5] * 2, ['arithmetic'])"
        ".simulate(np.random.rand(50, 2), 3_000_000, 1, 20.0, [], [], [0.1, 0.1])"
    ),
}


@posix
@pytest.mark.parametrize("kernel", LONG)
def test_ctrl_c_stops_any_long_kernel(kernel):
    code = f"""
    import numpy as np
    from gvckit import core
    print("ready", flush=True)
    while True:
        {LONG[kernel]}
    """
    _, errors, seconds = interrupted(code)
    assert "KeyboardInterrupt" in errors
    assert seconds < 30


@posix
def test_the_exception_of_a_signal_handler_is_the_one_that_comes():
    code = f"""
    import signal
    import numpy as np
    from gvckit import core
    class TooLong(Exception): pass
    def handler(*_): raise TooLong("two seconds")
    signal.signal(signal.SIGUSR1, handler)
    print("ready", flush=True)
    try:
        {LONG["inverse"]}
    except TooLong as error:
        print(repr(error), core.totals("Z", np.ones((2, 2)))[0].sum())
    """
    output, _, seconds = interrupted(code, signal.SIGUSR1 if os.name != "nt" else None)
    assert output.split("\n")[0] == "TooLong('two seconds') 4.0"
    assert seconds < 30


@posix
def test_a_handler_that_raises_nothing_stops_nothing():
    code = """
    import signal
    import numpy as np
    from gvckit import core
    seen = []
    signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    print("ready", flush=True)
    calls = 0
    while not seen:
        calls += core.leontief_inverse(np.full((1500, 1500), 0.5 / 1500))[0].shape == (1500, 1500)
    print(len(seen), calls > 0)
    """
    output, errors, _ = interrupted(code, signal.SIGUSR1 if os.name != "nt" else None)
    assert output == "1 True\n", errors


@posix
def test_ctrl_c_is_passed_on_to_worker_threads():
    code = """
    import time
    import numpy as np
    from concurrent.futures import ThreadPoolExecutor
    from gvckit import core
    pool = ThreadPoolExecutor(2)
    a = np.full((9000, 9000), 0.5 / 9000)
    jobs = [pool.submit(core.leontief_inverse, a) for _ in range(2)]
    print("ready", flush=True)
    try:
        [job.result() for job in jobs]
    except KeyboardInterrupt:
        core.stop_all()
        print([type(job.exception()).__name__ for job in jobs])
        # Later calls are not stopped.
        print(core.leontief_inverse(np.full((200, 200), 0.001))[0].shape)
    """
    output, errors, seconds = interrupted(code)
    assert output.splitlines() == ["['KeyboardInterrupt', 'KeyboardInterrupt']", "(200, 200)"], errors
    assert seconds < 30


@posix
def test_ctrl_c_in_a_workbook_is_no_error_of_a_cell(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "large.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    for name, formula in (("plain", None), ("formulas", "=1+1")):
        sheet = book.add_worksheet(name)
        for row in range(600):
            for col in range(150):
                sheet.write_number(row, col, row + col / 7)
        if formula:
            sheet.write_formula(600, 0, formula, value=2)
    book.close()
    for sheet in ("plain", "formulas"):
        code = f"""
        from gvckit import _core
        print("ready", flush=True)
        while True:
            _core.read_sheet({str(path)!r}, {sheet!r})
        """
        _, errors, seconds = interrupted(code)
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert "ReadError" not in errors
        assert seconds < 30


# ---- memory ------------------------------------------------------------------------------------------------------


def huge(rows, cols=None):
    """A matrix of zeros that takes no memory."""
    return np.broadcast_to(0.0, (rows, cols or rows))


@linux
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: core.leontief_inverse(huge(n)), r"of 600,000 rows needs 2\.9 TB \(B\) and 1\.4 TB \(workspace\)"),
        (lambda n: core.leontief_inverse(huge(n), np.ones(n)), r"2\.9 TB \(B\)"),
        (lambda n: core.ghosh_inverse(huge(n), np.ones(n)), r"2\.9 TB"),
        (lambda n: core.input_coefficients(huge(n), np.ones(n)), r"2\.9 TB \(A\)"),
        (lambda n: core.factor(huge(n), np.ones(n)), r"2\.9 TB \(LU\)"),
        (lambda n: core.local_inverse(huge(n), np.ones(n), n // 2), r"1\.4 TB \(L\)"),
        (lambda n: core.iteration(huge(n), np.ones(n), n // 2), r"1\.4 TB \(LU\)"),
        (lambda n: core.gras(huge(n), np.ones(n), np.ones(n), 1e-9, 9), r"gras of 600,000 rows needs 2\.9 TB"),
        (lambda n: core.disturb(huge(n), huge(n), 1, 1, None, 1e-9, 9), r"disturb of 600,000 rows needs 2\.9 TB"),
        (
            lambda n: core.factor(np.broadcast_to(np.int8(1), (n, n)), np.ones(n)),
            r"float64 of 600,000 rows needs 2\.9 TB",
        ),
    ],
)
def test_a_request_that_no_machine_holds_is_a_memory_error(call, message):
    with pytest.raises(MemoryError, match=message):
        call(600_000)


@linux
def test_a_request_that_this_machine_can_not_hold_says_what_is_free():
    with pytest.raises(
        MemoryError, match=r"leontief_inverse of 60,000 rows needs 28\.8 GB \(B\) and 14\.4 GB"
    ) as caught:
        core.leontief_inverse(huge(60_000))
    assert "are free" in str(caught.value)


@linux
def test_solves_with_too_many_right_hand_sides():
    z, y = np.full((40, 40), 0.1), np.ones((40, 2))
    x = z.sum(axis=1) + y.sum(axis=1)
    for solver in (core.factor(z, x), core.iteration(z, x, 20)):
        with pytest.raises(MemoryError, match="a solve of 40 rows needs"):
            solver.solve(huge(40, 10**11))


@linux
def test_under_a_limit_of_the_address_space():
    code = """
    import json, resource
    n = 3000
    z, x = np.random.default_rng(0).random((n, n)), np.full(n, 2.0 * n)
    small = core.factor(np.ones((40, 40)), np.full(40, 99.0))
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000,) * 2)
    said = {}
    for name, call in {
        "inverse": lambda: core.leontief_inverse(z, x),
        "factor": lambda: core.factor(z, x),
        "coefficients": lambda: core.input_coefficients(z, x),
        "local": lambda: core.local_inverse(z, x, n),
        "ghosh": lambda: core.ghosh_inverse(z, x),
        "gras": lambda: core.gras(z, z.sum(1), z.sum(0), 1e-9, 9),
        "solve": lambda: small.solve(np.broadcast_to(1.0, (40, 400_000))),
        "copy": lambda: core.totals("Z", np.broadcast_to(np.int8(1), (n, n))),
    }.items():
        try:
            call()
            said[name] = "no error"
        except MemoryError as error:
            said[name] = str(error)
    said["small"] = float(small.solve(np.ones((40, 1))).sum())
    print(json.dumps(said))
    """
    done = subprocess.run(
        [sys.executable, "-c", WORK + textwrap.dedent(code)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.pop("small") == pytest.approx(40 / (1 - 40 / 99))
    assert all("needs" in text and "are free" in text for text in said.values()), said


def test_the_errors_of_the_core_reach_python_from_its_threads():
    with pytest.raises(gk.NotProductiveError) as caught:
        core.factor(np.array([[0.9, 0.4], [0.4, 0.9]]), np.ones(2))
    assert caught.value.col == 0
