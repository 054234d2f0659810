"""Sphinx: Markdown pages, and a reference from the docstrings. Warnings are errors (`make docs`)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

import gvckit
from gvckit.__main__ import parser
from gvckit.meaning.cite import cited, papers, sources

project = "gvckit"
author = "the gvckit authors"
copyright = author
release = version = gvckit.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
# Single backticks in docstrings name parameters, columns and objects: a link where there is an object, code elsewhere.
default_role = "py:obj"
# Words such as `sectors` are the names of an argument here and of an attribute of two classes there.
suppress_warnings = ["ref.python"]

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3

autosummary_generate = False
# Types stand in the docstrings, in words.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
# Columns and fields are described where the class is, not as objects of their own.
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_google_docstring = False
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 110

# Written out as MathML, which browsers draw by themselves: the site needs no script and no network.
html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "gvckit"
html_static_path = ["_static"]
html_css_files = ["gvckit.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 8,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
# Pages without others below them have nothing to show at the left.
_ALONE = ("index", "tutorial", "data", "coming_from", "glossary", "citing", "benchmarks", "zh")
html_sidebars: dict[str, list[str]] = {page: [] for page in _ALONE}

#: Names of the package that are documented as pages of their own.
_MODULES = {"core", "errors", "plot", "schemes"}


def setup(app: Sphinx) -> None:
    """Write what the package itself says, and check that the reference has every public name."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("builder-inited", _write_generated)
    app.connect("env-updated", _check_reference)


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def _write_generated(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "_build" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    # argparse folds its lines to the terminal.
    os.environ["COLUMNS"] = "100"
    for name, command in _commands().items():
        (folder / f"cli_{name}.txt").write_text(command.format_help(), encoding="utf-8")
    lines = ["| measure or method | source |", "|---|---|", *(f"| `{name}` | {sources(name)} |" for name in cited())]
    (folder / "sources.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    texts = "\n".join(f"- {paper.text}" for paper in papers().values())
    (folder / "papers.md").write_text(texts + "\n", encoding="utf-8")
    parts = []
    for name in gvckit.describe().index:
        frame = gvckit.describe(name)
        lines = [f"## {name}", f"{frame.attrs['source']}.", "", "| column | what it is | meaning |", "|---|---|---|"]
        lines += [f"| `{row.Index}` | {row.content} | {row.meaning} |" for row in frame.itertuples()]
        parts.append("\n".join(lines))
    (folder / "columns.md").write_text("\n\n".join(parts).replace("VS1*", r"VS1\*") + "\n", encoding="utf-8")


def _commands() -> dict[str, argparse.ArgumentParser]:
    top = parser()
    found = {"gvckit": top}
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def _check_reference(app: Sphinx, env: BuildEnvironment) -> None:
    objects = env.get_domain("py").objects
    wanted = [f"gvckit.{name}" for name in gvckit.__all__]
    for module in (gvckit.core, gvckit.plot):
        wanted += [f"{module.__name__}.{name}" for name in module.__all__]
    for module in (gvckit.errors, gvckit.schemes):
        own = (name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__)
        wanted += [f"{module.__name__}.{name}" for name in own if not name.startswith("_")]
    lacking = [name for name in wanted if name not in objects]
    if lacking:
        raise ExtensionError(f"the reference lacks {', '.join(lacking)}")
