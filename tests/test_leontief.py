import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from reference import Literal
from strategies import tables

# Miller and Blair (2009), Input-Output Analysis, 2nd edition, ISBN 978-0-521-51713-3, tables 2.3 and 2.4.
MILLER_BLAIR_Z = [[150.0, 500.0], [200.0, 100.0]]
MILLER_BLAIR_Y = [[350.0], [1700.0]]
MILLER_BLAIR_B = [[1.2541, 0.3300], [0.2640, 1.1221]]


def test_miller_and_blair_two_sectors():
    t = gk.Mrio.from_arrays(MILLER_BLAIR_Z, MILLER_BLAIR_Y, ["here"], ["1", "2"])
    assert t.x.tolist() == [1000.0, 2000.0]
    np.testing.assert_allclose(t.A, [[0.15, 0.25], [0.20, 0.05]])
    np.testing.assert_allclose(gk.leontief_inverse(t), MILLER_BLAIR_B, atol=5e-5)
    # New final demand of 600 and 1500 needs 1247.52 and 1841.58 of output (their section 2.3).
    needed = gk.leontief_inverse(t).to_numpy() @ [600.0, 1500.0]
    np.testing.assert_allclose(needed, [1247.52, 1841.58], atol=0.01)


@given(tables())
def test_inverses_equal_numpy(t):
    literal = Literal(t)
    np.testing.assert_allclose(t.A, literal.A, rtol=1e-14)
    np.testing.assert_allclose(t.B, literal.B, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(t.B.to_numpy() @ literal.y, t.x, rtol=1e-10)
    local = gk.local_inverse(t).to_numpy()
    for g in range(literal.G):
        rows = slice(g * literal.N, (g + 1) * literal.N)
        np.testing.assert_allclose(local[rows], literal.L[rows, rows], rtol=1e-9, atol=1e-12)


@given(tables(zero_output=False))
def test_ghosh_inverse_carries_value_added_to_output(t):
    np.testing.assert_allclose(t.va.to_numpy() @ gk.ghosh_inverse(t).to_numpy(), t.x, rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 128, 129, 200, 317])
@pytest.mark.parametrize("order", ["C", "F"])
def test_sizes_around_the_blocks_and_both_memory_orders(n, order):
    rng = np.random.default_rng(n)
    a = np.asarray(rng.random((n, n)) * 1.6 / n, order=order)
    b = gk.leontief_inverse(a)
    assert isinstance(b, np.ndarray)
    np.testing.assert_allclose(b @ (np.eye(n) - a), np.eye(n), atol=1e-12)


def test_frames_keep_their_labels():
    a = pd.DataFrame([[0.1, 0.2], [0.3, 0.1]], index=["p", "q"], columns=["p", "q"])
    b = gk.leontief_inverse(a)
    assert b.index.tolist() == ["p", "q"]
    np.testing.assert_allclose(b.to_numpy(), np.linalg.inv(np.eye(2) - a))


def test_a_waste_economy_is_an_error_that_names_the_column():
    # LAPACK inverts this without a complaint, into negative numbers.
    with pytest.raises(gk.NotProductiveError, match=r"not productive.*1\.3.*column 0") as caught:
        gk.leontief_inverse(np.array([[0.9, 0.4], [0.4, 0.9]]))
    assert isinstance(caught.value, ArithmeticError)
    assert caught.value.col == 0
    z = [[1.0, 2.0], [3.0, 90.0]]
    t = gk.Mrio.from_arrays(z, [[30.0], [-60.0]], ["CHN"], ["c1", "c14"])
    with pytest.raises(gk.NotProductiveError, match="column CHN, c14"):
        _ = t.B


def test_exactly_singular_is_an_error():
    with pytest.raises(gk.GvcError) as caught:
        gk.leontief_inverse(np.array([[0.5, 0.5], [0.5, 0.5]]))
    assert isinstance(caught.value, ArithmeticError)


def test_negative_coefficients_that_need_pivoting_say_so():
    a = np.array([[1.0, -2.0], [1.0, -2.0]])
    with pytest.warns(gk.GvcWarning, match="pivoting"):
        b = gk.leontief_inverse(a)
    np.testing.assert_allclose(b @ (np.eye(2) - a), np.eye(2), atol=1e-12)


def test_negative_value_added_and_negative_output_pass(wiod):
    # 1998: Malta's c8 has negative output; a few sectors have column sums above one.
    t = wiod(1998)
    assert (t.v < 0).any()
    assert (t.x < 0).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(t.B.to_numpy() @ t.Y.sum(axis=1), t.x, rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize(
    ("a", "error", "message"),
    [
        (np.ones((2, 3)) * 0.1, gk.ShapeError, "shape"),
        (np.ones(4), gk.ShapeError, "dimensions"),
        (np.array([[0.1, np.nan], [0.1, 0.1]]), gk.NonFiniteError, "row 0, column 1"),
        (np.array([[0.1, 0.1], [-np.inf, 0.1]]), gk.NonFiniteError, "row 1, column 0"),
    ],
)
def test_bad_coefficients(a, error, message):
    with pytest.raises(error, match=message):
        gk.leontief_inverse(a)


def test_zero_output_is_a_zero_column():
    t = gk.Mrio.from_arrays([[0.0, 0.0], [0.0, 2.0]], [[0.0], [5.0]], ["A"], ["idle", "busy"])
    assert (t.A.to_numpy()[:, 0] == 0).all()
    assert t.v.tolist() == [0.0, 5.0 / 7.0]
    assert np.isfinite(t.B.to_numpy()).all()


def test_two_threads_at_once_and_factor_solves(sample):
    results = {}

    def work(name):
        results[name] = gk.leontief_inverse(sample.A.to_numpy())

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(results[0], results[1])
    factor = sample.lu
    assert (factor.order, factor.pivoted) == (574, False)
    y = sample.arrays.y.copy()
    np.testing.assert_allclose(factor.solve(y), results[0] @ y, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(factor.solve_transposed(y), results[0].T @ y, rtol=1e-9, atol=1e-8)
    with pytest.raises(gk.ShapeError):
        factor.solve(y[:5])


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT as a terminal would")
def test_ctrl_c_stops_a_long_inverse():
    work = (
        "import numpy as np, gvckit as gk\n"
        "a = np.full((9000, 9000), 0.5 / 9000)\n"
        "print('ready', flush=True)\n"
        "gk.leontief_inverse(a)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(2.0)
    asked = time.perf_counter()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    # The whole inverse takes far longer; a second is what a user waits, ten what a busy machine may need.
    assert time.perf_counter() - asked < 10


def synthetic(regions=6, sectors=30, openness=0.2, inputs=0.8, seed=0):
    """A productive table: each column's inputs are a share of its output, a part of them from abroad."""
    rng = np.random.default_rng(seed)
    n = regions * sectors
    home = np.kron(np.eye(regions), np.ones((sectors, sectors))).astype(bool)
    cells = rng.random((n, n))
    a = np.where(home, cells * (1 - openness) / sectors, cells * openness / (n - sectors))
    a *= inputs / a.sum(axis=0)
    x = rng.random(n) * 100 + 1
    spread = (x - a @ x)[:, None] * rng.dirichlet(np.ones(regions), n)
    return a * x, spread, [f"R{g}" for g in range(regions)], [f"s{k}" for k in range(sectors)]


@pytest.mark.parametrize("inputs", [0.1, 0.8, 0.999])
@pytest.mark.parametrize("columns", [1, 2, 7])
def test_rounds_equal_factors(inputs, columns):
    z, y, _, sectors = synthetic(inputs=inputs)
    x = z.sum(axis=1) + y.sum(axis=1)
    iteration, factor = gk.core.iteration(z, x, len(sectors)), gk.core.factor(z, x)
    assert iteration.order == factor.order == len(x)
    b = np.random.default_rng(1).standard_normal((len(x), columns))
    for solve in ("solve", "solve_transposed"):
        found, wanted = getattr(iteration, solve)(b), getattr(factor, solve)(b)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


def test_rounds_are_chosen_by_cost_and_not_where_their_bound_fails(monkeypatch):
    z, y, regions, sectors = synthetic()
    t = gk.Mrio.from_arrays(z, y, regions, sectors)
    assert isinstance(t.solver(), gk.core.Factor)
    monkeypatch.setattr("gvckit.table.solve._ROUNDS_PAY", 1)
    fresh = gk.Mrio.from_arrays(z, y, regions, sectors)
    assert isinstance(fresh.solver(), gk.core.Iteration)
    assert isinstance(fresh.solver(columns=200), gk.core.Factor)
    # Factors that are there already are used.
    assert isinstance(fresh.solver(), gk.core.Factor)
    again = gk.Mrio.from_arrays(z, y, regions, sectors)
    for measure in (gk.upstreamness, gk.downstreamness, gk.lengths, gk.multipliers):
        np.testing.assert_allclose(measure(again), measure(t), rtol=1e-11, atol=1e-11)
    assert "lu" not in vars(again)
    z[3, 40] = -0.5
    negative = gk.Mrio.from_arrays(z, y, regions, sectors)
    assert gk.core.iteration(z, negative.arrays.x, len(sectors)) is None
    assert isinstance(negative.solver(), gk.core.Factor)


def test_without_room_for_factors_it_is_rounds(monkeypatch):
    def no_room(z, x):
        raise MemoryError("factor of 180 rows needs 0.3 MB")

    z, y, regions, sectors = synthetic()
    wanted = gk.multipliers(gk.Mrio.from_arrays(z, y, regions, sectors))
    monkeypatch.setattr("gvckit._core.factor", no_room)
    t = gk.Mrio.from_arrays(z, y, regions, sectors)
    assert isinstance(t.solver(columns=1000), gk.core.Iteration)
    np.testing.assert_allclose(gk.multipliers(t), wanted, rtol=1e-11)
    z[3, 40] = -0.5
    with pytest.raises(MemoryError, match=r"needs 0\.3 MB"):
        gk.Mrio.from_arrays(z, y, regions, sectors).solver()


def test_the_inverse_of_flows_is_that_of_coefficients():
    z, y, _, _ = synthetic()
    x = z.sum(axis=1) + y.sum(axis=1)
    x[7] = 0.0
    flows, _ = gk.core.leontief_inverse(z, x)
    coefficients, _ = gk.core.leontief_inverse(gk.core.input_coefficients(z, x))
    np.testing.assert_array_equal(flows, coefficients)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_badly_scaled_and_barely_productive_tables(scale):
    z, y, _, sectors = synthetic(inputs=0.9999)
    # One region counts in thousands where the others count in units, or the other way round.
    unit = np.where(np.arange(len(z)) < len(sectors), scale, 1.0)
    scaled_z, scaled_y = z * unit[:, None], y * unit[:, None]
    x = z.sum(axis=1) + y.sum(axis=1)
    b, _ = gk.core.leontief_inverse(scaled_z, x * unit)
    plain, _ = gk.core.leontief_inverse(z, x)
    np.testing.assert_allclose(b, plain * unit[:, None] / unit, rtol=1e-8)
    np.testing.assert_allclose(b @ scaled_y.sum(axis=1), x * unit, rtol=1e-8)


def test_single_precision_and_both_orders_give_the_same_participation(tmp_path):
    z, y, regions, sectors = synthetic()
    # Flows that single precision holds exactly.
    z = np.round(z * 64) / 64
    z = z.astype(np.float32).astype(np.float64)
    plain = gk.Mrio.from_arrays(z, y, regions, sectors)
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    for stored in (z.astype(np.float32), mapped):
        t = gk.Mrio.from_arrays(stored, y, regions, sectors, copy=False)
        assert t.given.z.dtype == stored.dtype
        for direction in ("forward", "backward"):
            np.testing.assert_allclose(
                gk.participation(t, direction), gk.participation(plain, direction), rtol=1e-12, atol=1e-12
            )
        np.testing.assert_allclose(gk.flows(t), gk.flows(plain), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(t.B, plain.B, rtol=1e-12)
    by_column = plain.arrays._replace(z=np.asfortranarray(z))
    for kernel in (gk.core.participation_forward, gk.core.participation_backward):
        np.testing.assert_allclose(kernel(by_column), kernel(plain.arrays), rtol=1e-11, atol=1e-11)
    bad = z.astype(np.float32)
    bad[1, 2] = np.nan
    with pytest.raises(gk.NonFiniteError, match="R0, s1"):
        gk.Mrio.from_arrays(bad, y, regions, sectors, copy=False)


DIGITS = """
import hashlib, numpy as np, gvckit as gk
t = gk.load_sample(2005)
parts = [gk.participation(t), gk.participation(t, "backward"), gk.flows(t), t.va.to_frame()]
print(hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts)).hexdigest())
print(repr(float(t.B.to_numpy().sum())))
"""


def test_threads_do_not_change_digits():
    """Passes over Z give the same digits; products of matrices may differ in the last one."""
    found = []
    for threads in ("1", "2", "3"):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", DIGITS], env=environment, capture_output=True, text=True, check=True
        )
        found.append(run.stdout.split())
    assert len({digits for digits, _ in found}) == 1
    np.testing.assert_allclose([float(total) for _, total in found], float(found[0][1]), rtol=1e-13)


COUNT = """
import os, gvckit as gk
threads = lambda: len(os.listdir("/proc/self/task"))
before = threads()
gk.participation(gk.load_sample(2005)), gk.load_sample(2005).B
print(os.environ["RAYON_NUM_THREADS"], threads() - before)
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="counts threads by /proc")
def test_one_variable_limits_all_threads():
    names = ("RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    environment = {key: value for key, value in os.environ.items() if key not in names} | {"OMP_NUM_THREADS": "1"}
    run = subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, check=True)
    # The caller works itself, and nobody beside it.
    assert run.stdout.split() == ["1", "0"]


def backwards(array):
    """The same values, lying backwards in memory."""
    return np.ascontiguousarray(array[::-1])[::-1]


def test_arrays_that_lie_otherwise_in_memory_give_the_same_numbers():
    z, y, _, sectors = synthetic()
    x = z.sum(axis=1) + y.sum(axis=1)
    plain = gk.core.factor(z, x)
    b = np.random.default_rng(0).random((len(x), 5))
    wanted = plain.solve(b), plain.solve_transposed(b)
    wide = np.zeros((2 * len(x), 2 * len(x)))
    wide[::2, ::2] = z
    for layout in (backwards(z), np.asfortranarray(z), wide[::2, ::2], backwards(z.T).T):
        for solver in (gk.core.factor(layout, x), gk.core.iteration(layout, x, len(sectors))):
            np.testing.assert_allclose(solver.solve(b), wanted[0], rtol=1e-11)
            np.testing.assert_allclose(solver.solve_transposed(backwards(b)), wanted[1], rtol=1e-11)
        np.testing.assert_allclose(gk.core.leontief_inverse(layout, x)[0] @ b, wanted[0], rtol=1e-11)
    reversed_x = gk.core.upstream_output(plain, backwards(x))
    np.testing.assert_allclose(reversed_x, gk.core.upstream_output(plain, x), rtol=1e-12)


def test_rounds_that_shrink_slowly_end_in_factors_that_are_kept():
    z, y, _, sectors = synthetic(openness=0.9, inputs=0.98)
    x = z.sum(axis=1) + y.sum(axis=1)
    iteration, b = gk.core.iteration(z, x, len(sectors)), np.ones((len(x), 1))
    wanted = gk.core.factor(z, x).solve(b)
    for _ in range(2):
        np.testing.assert_allclose(iteration.solve(b), wanted, rtol=1e-10)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e-310])
def test_output_that_gives_no_coefficients_is_named(value):
    z, y, _, _ = synthetic(regions=2, sectors=3)
    x = z.sum(axis=1) + y.sum(axis=1)
    x[4] = value
    with pytest.raises(gk.NonFiniteError, match=r"x .*row 4"):
        gk.core.leontief_inverse(z, x)


def test_single_precision_is_read_as_it_is():
    z, y, regions, sectors = synthetic(regions=10, sectors=60)
    t = gk.Mrio.from_arrays(z.astype(np.float32), y, regions, sectors, copy=False)
    tracemalloc.start()
    gk.participation(t), gk.participation(t, "backward"), gk.flows(t), repr(t), t.x, t.va, t.v
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * z.nbytes
    exact = gk.Mrio.from_arrays(t.arrays.z, y, regions, sectors)
    pd.testing.assert_frame_equal(t.audit(), exact.audit())
