"""Build the sdist, the wheel from the sdist, and try the wheel where there is no compiler.

Run by `make wheel` in an environment with maturin and scipy-openblas32: ``check_wheel.py [FOLDER]``.
``check_wheel.py --wheel FILE`` looks at and tries a wheel that is there. Ends with what went wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Megabytes that the wheel may have: the embedded tables and the core.
LARGEST = 8.0
SOURCES = (
    "Cargo.toml", "Cargo.lock", "build.rs", "pyproject.toml", "README.md", "LICENSE", "src/lib.rs", "tests/conftest.py",
    "python/gvckit/__init__.py", "python/gvckit/_core.pyi", "python/gvckit/readers/sample.zip",
)  # fmt: skip
INSTALLED = (
    "gvckit/__init__.py", "gvckit/_core.pyi", "gvckit/py.typed", "gvckit/readers/sample.zip",
    "gvckit/readers/icio2020.npz",
    "gvckit/meaning/papers.bib", "gvckit/meaning/cited.toml", "gvckit/meaning/columns.csv",
    "gvckit/table/economies.csv", "gvckit/table/groups.csv", "gvckit/study/us_china.csv", "gvckit/study/indicators.csv",
    "gvckit/study/us_policies.csv", "gvckit/readers/SOURCES.md",
)  # fmt: skip
JUNK = (
    "__pycache__",
    ".pyc",
    ".ipynb_checkpoints",
    "/target/",
    "/results/",
    "/.venv/",
    "/.git/",
    "_build/",
    ".DS_Store",
)
SMOKE = """
import sys
import gvckit as gk

assert "site-packages" in gk.__file__, gk.__file__
t = gk.load_sample(2005)
shares = gk.participation(t, level="region", shares=True)
assert abs(shares[["domestic", "traditional", "gvc"]].sum(axis=1) - 1).max() < 1e-9
b = gk.leontief_inverse(t).to_numpy()
assert abs(b @ t.Y.to_numpy().sum(axis=1) / t.x.clip(lower=1) - 1).where(t.x > 1).max() < 1e-9
years = gk.panel(gk.participation, [2004, 2005], progress=False, level="region", shares=True)
gk.plot.participation(years, ["CHN", "USA"]).figure.savefig("figure.png")
gk.network(t).hubs()
"""


def main() -> int:
    """Build, look and try; 1 with a message where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where the archives go")
    parser.add_argument("--wheel", type=Path, help="a wheel to try instead of building one")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            out = options.folder.resolve()
            wheel = options.wheel or build_wheel(build_sdist(out), out, Path(folder))
            look_at(wheel)
            try_wheel(wheel.resolve(), Path(folder))
    except (AssertionError, subprocess.CalledProcessError) as error:
        print(f"check_wheel: {error}", file=sys.stderr)
        return 1
    return 0


def build_sdist(out: Path) -> Path:
    """Source archive, with all that a build and the tests need, and nothing else."""
    run([sys.executable, "-m", "maturin", "sdist", "--out", str(out)], ROOT)
    sdist = newest(out.glob("gvckit-*.tar.gz"))
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    complete(sdist.name, names, SOURCES)
    compiled = [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
    assert not compiled, f"{sdist.name} holds compiled files: {compiled}"
    print(f"{sdist.name}: {len(names)} files, {sdist.stat().st_size / 1e6:.1f} MB")
    return sdist


def build_wheel(sdist: Path, out: Path, folder: Path) -> Path:
    """Wheel from the unpacked source archive."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    source = next((folder / "source").iterdir())
    # Compiled crates are kept from one run to the next.
    target = {"CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))}
    # OpenBLAS comes with scipy-openblas32, a run-time dependency: it must not be copied into the wheel.
    command = [sys.executable, "-m", "maturin", "build", "--release", "--auditwheel", "skip", "--out", str(out)]
    run([*command, "-i", sys.executable], source, target)
    return newest(out.glob("gvckit-*.whl"))


def look_at(wheel: Path) -> None:
    """Small, for any Python from 3.11 on, complete, and without OpenBLAS in it."""
    assert "-cp311-abi3-" in wheel.name, f"{wheel.name} is not for the stable interface of Python 3.11"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    complete(wheel.name, names, INSTALLED)
    assert any(name.endswith("licenses/LICENSE") for name in names), f"{wheel.name} lacks the licence"
    assert not [name for name in names if "openblas" in name.lower()], f"{wheel.name} holds OpenBLAS"
    size = wheel.stat().st_size / 1e6
    assert size < LARGEST, f"{wheel.name} has {size:.1f} MB, more than {LARGEST}"
    print(f"{wheel.name}: {len(names)} files, {size:.1f} MB")


def try_wheel(wheel: Path, folder: Path) -> None:
    """Install it into a fresh environment without a compiler, and use it from another folder."""
    home = folder / "venv"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYO3", "CARGO", "VIRTUAL"))
    }
    env |= {"PATH": str(scripts), "MPLBACKEND": "Agg"}
    found = [name for name in ("cc", "gcc", "clang", "cargo", "rustc") if shutil.which(name, path=env["PATH"])]
    assert not found, f"a compiler is on PATH: {found}"
    python = str(scripts / "python")
    run([python, "-m", "pip", "install", "-q", "--only-binary", ":all:", str(wheel)], folder, env, clean=True)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    run([python, "-c", SMOKE], elsewhere, env, clean=True)
    run([str(scripts / "gvckit"), "--version"], elsewhere, env, clean=True)
    print(f"{wheel.name}: installed and used without a compiler")


def run(command: list[str], folder: Path, env: dict[str, str] | None = None, clean: bool = False) -> None:
    """Run a command; ``env`` is added to this environment, or is all of it."""
    subprocess.run(command, cwd=folder, env=env if clean else {**os.environ, **(env or {})}, check=True)


def complete(what: str, names: Iterable[str], needed: Iterable[str]) -> None:
    """Nothing is missing, and nothing is there that doesn't belong."""
    names = list(names)
    missing = [name for name in needed if name not in names]
    assert not missing, f"{what} lacks {', '.join(missing)}"
    junk = [name for name in names if any(part in f"/{name}" for part in JUNK)]
    assert not junk, f"{what} holds what doesn't belong there: {', '.join(junk[:5])}"


def newest(files: Iterable[Path]) -> Path:
    """The file that was just written."""
    return max(files, key=lambda path: path.stat().st_mtime)


if __name__ == "__main__":
    sys.exit(main())
