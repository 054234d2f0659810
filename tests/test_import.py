"""What `import gvckit` brings along, and that every public name is there."""

import subprocess
import sys

import gvckit as gk

HEAVY = ("matplotlib", "networkx", "scipy", "tqdm", "plotly")


def in_fresh_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_import_leaves_heavy_libraries_alone():
    code = f"import sys, gvckit; print(*[name for name in {HEAVY} if name in sys.modules])"
    assert in_fresh_python(code) == []


def test_every_public_name_resolves():
    assert all(getattr(gk, name) is not None for name in gk.__all__)
    assert set(gk.__all__) <= set(dir(gk))


def test_late_modules_come_when_asked_for():
    code = "from gvckit import *; import gvckit; print(plot is gvckit.plot, callable(gvckit.schemes.china_us_inputs))"
    assert in_fresh_python(code) == ["True", "True"]
    code = "import gvckit; gvckit.plot; print(callable(gvckit.network), callable(gvckit.participation))"
    assert in_fresh_python(code) == ["True", "True"]


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(gk, "partcipation")
