"""The house: layers, sizes, public names. `docs/house.md` draws it."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from functools import cache
from pathlib import Path

import pytest

import gvckit as gk

ROOT = Path(gk.__file__).parent
#: From the ground up; what stands lower knows nothing of what stands higher.
LAYERS = [
    {"_core", "errors"},
    {"core", "options"},
    {"write", "progress"},
    {"table"},
    {"meaning"},
    {"plot"},
    {"measures", "models"},
    {"mrio", "index"},
    {"readers"},
    {"many"},
    {"study"},
    {"__init__", "__main__"},
]
FLOOR = {name: floor for floor, names in enumerate(LAYERS) for name in names}
MOST_LINES, MOST_ROOT_MODULES, MOST_EDGES = 500, 10, 90


def node(path: Path) -> str:
    """Folder or root module of a file."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py").removesuffix(".pyi")


def for_types_only(tree: ast.AST) -> set[ast.AST]:
    """Everything under ``if TYPE_CHECKING``."""
    return {
        inner
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for inner in ast.walk(branch)
    }


def imported(statement: ast.stmt) -> list[str]:
    """Modules of the package that a statement imports, as paths below it."""
    if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == "gvckit":
        inside = (statement.module or "").split(".")[1:]
        return [".".join([*inside, alias.name]) for alias in statement.names]
    if isinstance(statement, ast.Import):
        return [a.name.removeprefix("gvckit.") for a in statement.names if a.name.startswith("gvckit.")]
    return []


def target(name: str) -> str:
    """The module that a dotted name stands for: `table.data.Matrix` is of `table.data`."""
    parts = name.split(".")
    while parts:
        path = ROOT.joinpath(*parts)
        if path.with_suffix(".py").exists() or path.with_suffix(".pyi").exists():
            return ".".join(parts)
        if (path / "__init__.py").exists():
            return ".".join([*parts, "__init__"])
        parts.pop()
    return "__init__"


@cache
def files() -> dict[str, Path]:
    """Modules by dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in sorted(ROOT.rglob("*.py"))
        if "__pycache__" not in path.parts
    }


@cache
def edges() -> dict[str, set[str]]:
    """What each module imports of the package at its top."""
    found: dict[str, set[str]] = {}
    for name, path in files().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = for_types_only(tree)
        found[name] = {target(to) for s in tree.body if s not in skipped for to in imported(s)} - {name}
    return found


def test_every_folder_and_root_module_has_a_floor():
    assert {node(path) for path in files().values()} | {"_core"} == set(FLOOR)
    assert len(FLOOR) <= 24
    assert len(list(ROOT.glob("*.py"))) <= MOST_ROOT_MODULES


def test_arrows_run_down():
    upward = [
        f"{name} -> {to}"
        for name, tos in edges().items()
        for to in tos
        if node(ROOT / name.replace(".", "/")) != (place := to.split(".")[0])
        and FLOOR[name.split(".")[0]] <= FLOOR[place]
    ]
    assert upward == []
    between = {
        (name.split(".")[0], to.split(".")[0])
        for name, tos in edges().items()
        for to in tos
        if name.split(".")[0] != to.split(".")[0]
    }
    assert len(between) <= MOST_EDGES


def test_no_circle_of_modules():
    left = {name: set(tos) for name, tos in edges().items()}
    while free := [name for name, tos in left.items() if not tos & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_no_circle_of_files_of_the_core():
    """Whom each Rust file uses, tests within it aside; a `mod.rs` stands for its folder's own code."""
    root = Path(__file__).parents[1] / "src"
    names = {".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".mod"): p for p in root.rglob("*.rs")}
    left = {}
    for name, path in names.items():
        code = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod tests")[0]
        above = "crate::" + "".join(f"{part}::" for part in name.split(".")[:-1])
        code = code.replace("use super::", f"use {above}")
        used = {m.replace("::", ".") for m in re.findall(r"crate((?:::[a-z_0-9]+)+)", code)}
        longest = [max((to for to in names if f"{use[1:]}.".startswith(f"{to}.")), key=len, default="") for use in used]
        left[name] = {to for to in longest if to} - {name}
    assert sum(map(len, left.values())) > len(left)
    while free := [name for name, tos in left.items() if not tos & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


#: Names with an underscore that are everyone's.
ALLOWED = ("_core", "__version__")
#: What `import gvckit` must not pay: figures.
LATER = {("measures.network", "plot.network"), ("measures.network", "plot.html")}


def test_the_package_is_imported_at_the_top():
    """Imports inside functions are of optional packages, and of what `import gvckit` must not pay."""
    inside = set()
    for name, path in files().items():
        if name in ("__main__", "__init__"):
            continue  # The command line imports what the command needs.
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = for_types_only(tree)
        for statement in ast.walk(tree):
            if statement not in tree.body and statement not in skipped:
                inside |= {(name, target(to)) for to in imported(statement)}
    assert inside <= LATER


def test_no_module_hides_behind_a_function():
    for name, path in files().items():
        if path.parent == ROOT and name not in ("__init__", "__main__"):
            assert not inspect.isfunction(getattr(gk, name, None)), name


@pytest.mark.parametrize("base", ["python/gvckit", "src"])
def test_no_file_is_long(base):
    root = Path(__file__).parents[1] / base
    if not root.is_dir():
        pytest.fail(f"{base} is not here")
    long = {
        str(path.relative_to(root)): lines
        for path in root.rglob("*")
        if path.suffix in (".py", ".pyi", ".rs")
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_frozen_means_frozen():
    """No module reaches into another's frozen object, or for its private names."""
    for name, path in files().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "object.__setattr__":
                assert ast.unparse(call.args[0]) == "self", f"{name}: {ast.unparse(call)}"
            if isinstance(call, ast.ImportFrom) and (call.module or "").startswith("gvckit"):
                private = [a.name for a in call.names if a.name.startswith("_") and a.name not in ALLOWED]
                assert private == [], f"{name} imports {private}"


# ---- public names ---------------------------------------------------------------------------------------------

NAMES = json.loads((Path(__file__).parent / "public_names.json").read_text())


def parameters(function) -> list[str]:
    """Parameters with kinds."""
    return [f"{p.kind.name[:3]}:{p.name}" for p in inspect.signature(function).parameters.values()]


def owner(where: str):
    return {"gvckit": gk, "Mrio": gk.Mrio, "plot": gk.plot, "schemes": gk.schemes}[where]


@pytest.mark.parametrize(
    ("where", "name", "wanted"),
    [
        (where, name, signature)
        for where, names in NAMES.items()
        for name, signature in (names.items() if isinstance(names, dict) else ((name, None) for name in names))
    ],
)
def test_public_names_and_signatures_stay(where, name, wanted):
    """New parameters may come behind those that were there, or by keyword."""
    found = getattr(owner(where), name)
    if where == "gvckit":
        assert name in gk.__all__
    if wanted is not None:
        got, wanted = parameters(found), [parameter.split("=")[0] for parameter in wanted]
        positional = [p for p in wanted if p.startswith("POS")]
        assert got[: len(positional)] == positional
        assert set(wanted) <= set(got)


def test_all_is_what_can_be_had():
    assert sorted(gk.__all__) == sorted(set(gk.__all__))
    for name in gk.__all__:
        assert getattr(gk, name) is not None
    importlib.import_module("gvckit.plot")


def test_at_most_ten_layers():
    nodes: dict[str, set[str]] = {}
    for name, tos in edges().items():
        here = name.split(".")[0]
        nodes.setdefault(here, set()).update(to.split(".")[0] for to in tos if to.split(".")[0] != here)

    @cache
    def floor(name: str) -> int:
        return 1 + max((floor(to) for to in nodes.get(name, ())), default=0)

    assert max(map(floor, nodes)) <= 10, {name: floor(name) for name in nodes}


def test_contributing_names_files_that_are_there():
    """The table of where new code goes is followed: each file to look at exists, and each folder."""
    root = Path(__file__).parents[1]
    lines = [line for line in (root / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    named = {name for line in lines for name in line.split("`")[1::2] if "/" in name}
    assert len(named) > 20
    missing = [name for name in named if "<" not in name and not (root / name).exists()]
    missing += [name for name in named if "<" in name and not (root / name.split("<")[0]).parent.exists()]
    assert missing == []
