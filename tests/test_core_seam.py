"""The seam between NumPy and the core: every function takes arrays in any order of memory, or says what is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gvckit as gk
from gvckit import core

G, N = 3, 2
STARTS = [0, 2, 4, 6]


def table(seed=0, regions=G, sectors=N):
    """Whole numbers, so that other types hold them exactly; final demand large enough for a productive economy."""
    rng = np.random.default_rng(seed)
    n = regions * sectors
    z = rng.integers(0, 9, (n, n)).astype(float)
    y = rng.integers(1, 20, (n, regions)).astype(float)
    y[:, 0] += z.sum(axis=0)
    return z, y


def base():
    """The arrays of the cases by name."""
    z, y = table()
    x = z.sum(axis=1) + y.sum(axis=1)
    va = x - z.sum(axis=0)
    rng = np.random.default_rng(1)
    goods = np.hstack([z, y]).reshape(-1, N, len(x) + y.shape[1]).sum(axis=0)
    abroad = np.arange(len(x))[:, None] // N != np.arange(y.shape[1])
    return {
        "goods": goods,
        "costs": np.where(abroad, 1.1**-4.0, 1.0),
        "net": np.where(abroad, 1 / 1.05, 1.0),
        "made more": np.linspace(1.0, 1.1, len(x)),
        "deficit": y.sum(axis=0) - va.reshape(-1, N).sum(axis=1),
        "theta": np.full(N, 4.0),
        "z": z,
        "y": y,
        "x": x,
        "va": va,
        "v": va / x,
        "a": z / x,
        "B": np.linalg.inv(np.eye(len(x)) - z / x),
        "idle": x * (np.arange(len(x)) != 3),
        "made": x + np.arange(len(x)),
        "all": np.linalg.solve(np.eye(len(x)) - (z / x).T, va / x),
        "b": rng.integers(-5, 9, (len(x), 5)).astype(float),
        "cells": z[:4] + 1.0,
        "rows": (z[:4] + 1.0).sum(axis=1) + 2.0,
        "columns": (z[:4] + 1.0).sum(axis=0) + 4.0 / 3.0,
        "sd": rng.integers(0, 2, (4, len(x))) / 4.0,
        "values": rng.integers(1, 30, (7, 3)).astype(float),
        "limits": np.full((3, 4), np.nan),
        "weights": np.tile([0.75, 0.25, 1.0, 0.6, 0.4], (2, 1)),
        "draws": rng.integers(0, 9, (20, 4)).astype(float),
    }


BASE = base()
FACTOR = core.factor(BASE["z"], BASE["x"])


def arrays(a):
    return (a("z"), a("y"), a("x"), a("va"), N)


def idle(a):
    """The same table with a sector that buys without output."""
    return (a("z"), a("y"), a("idle"), a("va"), N)


def design(a):
    means = ["arithmetic"] * 3
    shares = [0.75, 0.25, 1.0, 0.6, 0.4]
    return core.IndexDesign([1, 1, -1], ["minmax"] * 3, a("limits"), (1, 2), [[0, 1], [2], [3, 4]], shares, means)


def evaluated(a):
    choices = [(None, None, None), ("rank", "arithmetic", 3)]
    return design(a).evaluate(a("values"), a("weights"), choices, [0.1] * 3, 5)


def economy(a):
    names = ("z", "y", "costs", "net", "goods", "va", "x", "made more", "deficit", "theta")
    return (*map(a, names), 1.0)


def equilibrium(a):
    return core.equilibrium(economy(a), 1e-12, 10_000)[0]


def exports(name):
    return lambda a: getattr(core, name)(a("z"), a("y"), a("B"), a("x"), a("v"), STARTS, a("made"))


#: A call of every function that takes arrays: `a(name)` gives an array as it is to lie.
CASES = {
    "totals": lambda a: core.totals("Z", a("z")),
    "table_totals": lambda a: core.table_totals(a("z"), a("y"), 1),
    "sectors_without_output": lambda a: core.sectors_without_output(arrays(a)),
    "value_added_per_output": lambda a: core.value_added_per_output(arrays(a)),
    "per_output": lambda a: core.per_output(a("va"), a("x")),
    "output_made": lambda a: core.output_made(idle(a), a("B")),
    "input_coefficients": lambda a: core.input_coefficients(a("z"), a("x")),
    "leontief_inverse": lambda a: core.leontief_inverse(a("a"))[0],
    "leontief_inverse of flows": lambda a: core.leontief_inverse(a("z"), a("x"))[0],
    "ghosh_inverse": lambda a: core.ghosh_inverse(a("z"), a("x"))[0],
    "local_solve": lambda a: core.local_solve(arrays(a), a("x")),
    "equilibrium": equilibrium,
    "equilibrium_flows": lambda a: core.equilibrium_flows(economy(a), equilibrium(given_as(np.copy))),
    "local_inverse": lambda a: core.local_inverse(a("z"), a("x"), N),
    "factor": lambda a: core.factor(a("z"), a("x")).solve(a("b")),
    "Factor": lambda a: FACTOR.solve_transposed(a("b")),
    "iteration": lambda a: core.iteration(a("z"), a("x"), N).solve(a("b")),
    "Iteration": lambda a: core.iteration(a("z"), a("x"), N).solve_transposed(a("b")),
    "production_lengths": lambda a: core.production_lengths(arrays(a), a("B"), True, a("v"), a("made")),
    "production_lengths, backward": lambda a: core.production_lengths(arrays(a), FACTOR, False),
    "upstream_output": lambda a: core.upstream_output(a("B"), a("x")),
    "downstreamness": lambda a: core.downstreamness(a("B")),
    "participation_forward": lambda a: core.participation_forward(arrays(a), a("v"), a("made")),
    "participation_backward": lambda a: core.participation_backward(arrays(a), a("all"), a("v")),
    "participation_returned": lambda a: core.participation_returned(arrays(a), a("B"), True, a("v")),
    "participation_returned, backward": lambda a: core.participation_returned(arrays(a), FACTOR, False),
    "flows_by_importer": lambda a: core.flows_by_importer(arrays(a), a("v"), True, a("made")),
    "flows_by_importer, rows": lambda a: core.flows_by_importer(arrays(a), a("v"), False),
    "flows_by_absorber": lambda a: core.flows_by_absorber(arrays(a), a("v"), a("B"), True),
    "flows_by_absorber, rows": lambda a: core.flows_by_absorber(arrays(a), a("v"), FACTOR, False),
    "export_decomposition": lambda a: core.export_decomposition(
        "tripartite", a("z"), a("y"), a("B"), a("x"), a("v"), STARTS, made=a("made")
    ),
    **{name: exports(name) for name in core.__all__ if name.startswith("exports_")},
    "direct_trade": lambda a: core.direct_trade(arrays(a)),
    "inputs_required": lambda a: core.inputs_required(arrays(a), a("B")),
    "extraction": lambda a: core.extraction(arrays(a), a("B"), [([0, 1], [2, 3], [1])], [0.0, 0.5, 1.0]),
    "extraction_pairs": lambda a: core.extraction_pairs(arrays(a), a("v"), a("B"), False),
    "gras": lambda a: core.gras(a("cells"), a("rows"), a("columns"), 1e-9, 1000)[0],
    "disturb": lambda a: core.disturb(a("cells"), a("sd"), 1, 2, (a("rows"), a("columns")), 1e-9, 1000),
    "IndexDesign": lambda a: design(a).composite(a("values")),
    "IndexDesign, simulate": lambda a: design(a).simulate(a("values"), 9, 3, 20.0, ["rank"], [], [0.1] * 3),
    "IndexDesign, evaluate": evaluated,
    "index_bands": lambda a: core.index_bands(a("draws"), [0.1, 0.5]),
}
#: Functions without arrays.
NAMES = {"stop_all", "export_terms", "flow_kinds", "index_options", "length_columns", "participation_terms"}


def strided(array):
    wide = np.full([2 * side for side in array.shape], np.nan)
    inner = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    inner[...] = array
    return inner


def unaligned(array):
    memory = np.zeros(array.nbytes + 1, np.uint8)
    moved = memory[1:].view(array.dtype).reshape(array.shape)
    moved[...] = array
    assert not moved.flags.aligned
    return moved


def field(array):
    records = np.zeros(array.shape, np.dtype([("a", "i4"), ("b", "f8")]))
    records["b"] = array
    return records["b"]


def backwards(array):
    return np.ascontiguousarray(np.flip(array)).copy()[tuple(slice(None, None, -1) for _ in array.shape)]


def frozen(array):
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def rows_backwards(array):
    return np.ascontiguousarray(array[::-1])[::-1]


LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "backwards": backwards,
    "rows backwards": rows_backwards,
    "strided": strided,
    "unaligned": unaligned,
    "field": field,
    "other byte order": lambda array: array.astype(array.dtype.newbyteorder()),
    "read-only": frozen,
}


def given_as(lay):
    return lambda name: lay(BASE[name])


def flat(result):
    parts = result if isinstance(result, tuple) else (result,)
    return [np.asarray(part) for part in parts]


def same(found, wanted):
    for f, w in zip(flat(found), flat(wanted), strict=True):
        np.testing.assert_allclose(f, w, rtol=1e-11, atol=1e-11 * max(1.0, np.nanmax(np.abs(w), initial=0.0)))


def test_every_function_of_the_core_is_here():
    assert {name.split(",")[0].split(" ")[0] for name in CASES} == set(core.__all__) - NAMES


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", CASES)
def test_any_order_of_memory_gives_the_same_numbers(case, layout):
    same(CASES[case](given_as(LAYOUTS[layout])), CASES[case](given_as(np.copy)))


@given(st.data())
def test_arrays_of_one_call_may_lie_each_in_its_own_way(data):
    case = data.draw(st.sampled_from(sorted(CASES)))

    def lay(name):
        return LAYOUTS[data.draw(st.sampled_from(sorted(LAYOUTS)))](BASE[name])

    same(CASES[case](lay), CASES[case](given_as(np.copy)))


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint16, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize("case", CASES)
def test_other_numbers_are_converted(case, kind):
    def lay(name):
        array = BASE[name]
        holds = np.isfinite(array).all() and (array == array.astype(kind)).all()
        return array.astype(kind) if holds else array

    same(CASES[case](lay), CASES[case](given_as(np.copy)))


def named_arrays(case):
    asked = []
    CASES[case](lambda name: asked.append(name) or BASE[name])
    return dict.fromkeys(asked)


@pytest.mark.parametrize("case", CASES)
def test_wrong_shapes_are_shape_errors(case):
    for broken in named_arrays(case):
        array = BASE[broken]
        other = [array[None], array[..., None], array[0] if array.ndim > 1 else array[:, None]]
        shorter = [] if broken in ("values", "draws") else [array[:-1], np.concatenate([array, array[:1]])]
        if array.ndim == 2 and broken not in ("b", "draws", "cells") and case != "table_totals":
            shorter.append(array[:, :-1])
        for wrong in other + (shorter if len(named_arrays(case)) > 1 else shorter[:0]):
            with pytest.raises(gk.ShapeError):
                CASES[case](lambda name, broken=broken, wrong=wrong: wrong if name == broken else BASE[name])


@pytest.mark.parametrize(
    "wrong",
    [
        [[1.0, 2.0]],
        3.0,
        None,
        np.array([["a", "b"], ["c", "d"]]),
        np.ones((6, 6), complex),
        np.ones((6, 6), object),
        np.ma.masked_array(np.ones((6, 6)), mask=np.eye(6)),
        np.ones((6, 6), "datetime64[D]"),
    ],
    ids=["list", "float", "None", "text", "complex", "object", "masked", "dates"],
)
def test_what_is_no_array_of_numbers_is_named(wrong):
    with pytest.raises(TypeError, match=r"a NumPy array of numbers is wanted, not .*\n.*'z'"):
        core.factor(wrong, BASE["x"])
    with pytest.raises(TypeError, match=r"^y: a NumPy array of numbers is wanted, not"):
        core.participation_forward((BASE["z"], wrong, BASE["x"], BASE["va"], N))
    with pytest.raises(TypeError, match=r"^a Factor, an Iteration or the inverse as an array is wanted, not"):
        core.downstreamness(wrong)


def test_a_table_that_is_no_tuple_of_five():
    for wrong in ([1, 2], (BASE["z"], BASE["y"]), BASE["z"]):
        with pytest.raises(TypeError, match="a tuple of five"):
            core.participation_forward(wrong)


def test_empty_arrays_and_tables_of_one_row():
    nothing, none = np.zeros((0, 0)), np.zeros(0)
    assert core.leontief_inverse(nothing)[0].shape == (0, 0)
    assert [part.shape for part in core.totals("Y", np.zeros((0, 3)))] == [(0,), (3,)]
    assert core.factor(nothing, none).solve(np.zeros((0, 4))).shape == (0, 4)
    assert FACTOR.solve(np.zeros((6, 0))).shape == (6, 0)
    assert core.index_bands(np.zeros((0, 2)), [0.5])[0].shape == (2, 1)
    for call in (core.participation_forward, core.participation_backward, core.direct_trade):
        with pytest.raises(gk.ShapeError):
            call((nothing, nothing, none, none, 1))
    z, y = np.array([[2.0]]), np.array([[6.0]])
    x, va, v = np.array([8.0]), np.array([6.0]), np.array([0.75])
    one = (z, y, x, va, 1)
    np.testing.assert_allclose(core.participation_forward(one), [[6.0, 0, 0, 0]])
    np.testing.assert_allclose(core.participation_backward(one), [[6.0, 0, 0, 0]])
    assert core.flows_by_importer(one, v, True)[1].shape == (3, 1, 1)
    for method in ("kww", "wwz", "bm_source", "bm_sink", "world", "tripartite"):
        terms, sent = core.export_decomposition(method, z, y, np.array([[4.0 / 3.0]]), x, v, [0, 1])
        assert not terms.any()
        assert sent.tolist() == [[0.0]]


def test_names_are_listed_where_one_is_wrong():
    assert core.flow_kinds() == core.participation_terms()[1:] == ["traditional", "simple", "complex"]
    for call, listed in (
        (lambda: core.export_terms("kwz"), "'kww', 'wwz', 'bm_source', 'bm_sink', 'world', 'tripartite'"),
        (lambda: core.totals("X", BASE["z"]), "'Z', 'Y'"),
        (lambda: design(given_as(np.copy)).simulate(BASE["values"], 1, 1, None, ["box"], [], [0] * 3), "'minmax', 'z"),
        (lambda: design(given_as(np.copy)).simulate(BASE["values"], 1, 1, None, [], ["mode"], [0] * 3), "'arithmetic'"),
    ):
        with pytest.raises(gk.OptionError, match=listed):
            call()


@pytest.mark.parametrize("method", ["kww", "wwz", "bm_source", "bm_sink", "world", "tripartite"])
def test_a_solver_does_where_a_method_takes_no_block_of_the_inverse(method):
    rest = [BASE["x"], BASE["v"], [0, 2, 6]]
    y = np.add.reduceat(BASE["y"], [0, 1], axis=1)
    wanted, sent = core.export_decomposition(method, BASE["z"], y, BASE["B"], *rest)
    assert wanted.shape[-1] == len(core.export_terms(method))
    for solver in (FACTOR, core.iteration(BASE["z"], BASE["x"], N)):
        if method in ("kww", "world", "tripartite"):
            same(core.export_decomposition(method, BASE["z"], y, solver, *rest), (wanted, sent))
        else:
            with pytest.raises(gk.ShapeError, match=f"the inverse .* {method} takes blocks of it"):
                core.export_decomposition(method, BASE["z"], y, solver, *rest)


def test_large_arrays_in_every_order_of_memory():
    # Large enough for BLAS, for blocks of the elimination and for many tasks.
    rng = np.random.default_rng(0)
    regions, sectors = 5, 40
    n = regions * sectors
    z, y = rng.random((n, n)), rng.random((n, regions)) * 40 + 20
    x = z.sum(axis=1) + y.sum(axis=1)
    va = x - z.sum(axis=0)
    v, b = va / x, np.linalg.inv(np.eye(n) - z / x)
    starts = list(range(0, n + 1, sectors))
    calls = [
        lambda lay: core.participation_forward((lay(z), lay(y), lay(x), lay(va), sectors)),
        lambda lay: core.flows_by_importer((lay(z), lay(y), lay(x), lay(va), sectors), lay(v), False),
        lambda lay: core.iteration(lay(z), lay(x), sectors).solve(lay(y)),
        lambda lay: core.factor(lay(z), lay(x)).solve_transposed(lay(y)),
        lambda lay: core.exports_bm_sink(lay(z), lay(y), lay(b), lay(x), lay(v), starts),
        lambda lay: core.exports_kww(lay(z), lay(y), lay(b), lay(x), lay(v), starts),
    ]
    for call in calls:
        wanted = call(np.copy)
        for lay in LAYOUTS.values():
            same(call(lay), wanted)
