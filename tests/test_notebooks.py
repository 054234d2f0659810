"""Notebooks as people open them: scripts and their executed pairs, in step, with figures inside, small."""

from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
nbformat = pytest.importorskip("nbformat")

FOLDER = Path(__file__).parents[1] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
#: Notebooks that draw nothing.
WITHOUT_FIGURES = {"06_from_pandas"}


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_and_its_executed_pair_are_in_step(script):
    pair = script.with_suffix(".ipynb")
    mine, theirs = jupytext.read(script), nbformat.read(pair, as_version=4)
    nbformat.validate(theirs)
    assert [(c.cell_type, c.source) for c in mine.cells] == [(c.cell_type, c.source) for c in theirs.cells]
    assert all(cell.execution_count for cell in theirs.cells if cell.cell_type == "code")
    assert pair.stat().st_size < 1_000_000
    found = outputs(theirs)
    assert not [output for output in found if output.output_type == "error" or output.get("name") == "stderr"]
    figures = [output for output in found if "image/png" in output.get("data", {})]
    assert bool(figures) == (script.stem not in WITHOUT_FIGURES)
    # Nothing of the machine that ran it.
    text = pair.read_text(encoding="utf-8")
    assert "site-packages" not in text
    assert "/home/" not in text


def test_the_chinese_copy_has_the_same_code_and_figures():
    english, chinese = (nbformat.read(FOLDER / f"00_the_paper{ending}.ipynb", as_version=4) for ending in ("", "_zh"))
    kinds = [[cell.cell_type for cell in notebook.cells] for notebook in (english, chinese)]
    assert kinds[0] == kinds[1]
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if one.cell_type == "code":
            assert one.source.replace('LANGUAGE = "en"', 'LANGUAGE = "zh"') == other.source
        else:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in other.source)
    counts = [sum("image/png" in o.get("data", {}) for o in outputs(notebook)) for notebook in (english, chinese)]
    assert counts[0] == counts[1] > 10
    # Headings and captions of the English one are in Chinese too.
    headings = [line for cell in english.cells for line in cell.source.splitlines() if line.startswith("#")]
    said = [o["data"]["text/markdown"] for o in outputs(english) if "text/markdown" in o.get("data", {})]
    captions = [text for text in said if text.startswith("*Figure") or text.startswith("*Table")]
    assert len(captions) == counts[0] + 2
    for text in [h for h in headings[1:] if h.startswith("##") and "LANGUAGE" not in h] + captions:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text), text


def test_every_statement_has_its_chinese():
    from gvckit.study import claims

    found = claims.statements_zh()
    assert list(found.index) == [claim.name for claim in claims.CLAIMS]
    assert found.str.endswith("。").all()
