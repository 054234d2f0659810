"""Parts of a self-contained HTML page: sections, tables, figures as data, all text escaped."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

#: Widest figure in a page, in pixels, and its colours: what keeps a page of many figures small.
WIDEST, COLOURS = 2000, 256

Format = Callable[[Any], str]


def page(title: str, header: str, sections: Mapping[str, tuple[str, str]]) -> str:
    """One page: header, contents, and sections by id, each with its heading and its HTML."""
    css = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    links = "".join(f'<li><a href="#{escape(name)}">{escape(h)}</a></li>' for name, (h, _) in sections.items())
    parts = "\n".join(
        f'<section id="{escape(name)}">\n<h2>{escape(heading)}</h2>\n{body}\n</section>'
        for name, (heading, body) in sections.items()
    )
    # The empty icon keeps a browser from asking for one.
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<header>\n<h1>{escape(title)}</h1>\n"
        f"{header}\n</header>\n<nav><ul>{links}</ul></nav>\n<main>\n{parts}\n</main>\n</body>\n</html>\n"
    )


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def heading(text: str) -> str:
    """A heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def bullets(items: Iterable[str]) -> str:
    """A list of plain texts."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def facts(pairs: Mapping[str, object]) -> str:
    """Names with what they are."""
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs.items())
    return f"<dl>{''.join(rows)}</dl>"


def table(frame: pd.DataFrame, caption: str, formats: Mapping[str, Format] | Format = "{:.3f}".format) -> str:
    """A table with its index as first columns; numbers by a format, or a format for each column."""
    shown = frame.reset_index()
    index = len(shown.columns) - len(frame.columns)
    head = "".join(
        f'<th scope="col"{_class(k >= index and _is_number(shown.iloc[:, k]))}>{escape(str(name))}</th>'
        for k, name in enumerate(shown.columns)
    )
    rows = []
    for values in shown.itertuples(index=False, name=None):
        cells = [f'<th scope="row">{escape(str(value))}</th>' for value in values[:index]]
        for name, value in zip(frame.columns, values[index:], strict=True):
            chosen = formats if callable(formats) else formats.get(str(name), str)
            text = str(value) if isinstance(value, str) else "" if pd.isna(value) else chosen(value)
            cells.append(f"<td{_class(not isinstance(value, str))}>{escape(text)}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return wrapped(f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>", caption)


def wrapped(rows: str, caption: str, name: str = "") -> str:
    """A table of rows that are HTML already; a wide one scrolls by itself."""
    kind = f' class="{name}"' if name else ""
    return f'<div class="scroll"><table{kind}>\n<caption>{escape(caption)}</caption>\n{rows}\n</table></div>'


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _class(number: bool) -> str:
    return ' class="number"' if number else ""


def figure(path: Path, alt: str, caption: str, narrow: bool = False) -> str:
    """A PNG as data within the page, with what it shows for those who can't see it."""
    data = base64.b64encode(_smaller(path)).decode("ascii")
    kind = ' class="narrow"' if narrow else ""
    image = f'<img src="data:image/png;base64,{data}" alt="{escape(alt)}" title="{escape(alt)}">'
    return f"<figure{kind}>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _smaller(path: Path) -> bytes:
    """The picture with a palette, and not wider than `WIDEST`; Pillow comes with matplotlib."""
    from PIL import Image

    with Image.open(path) as opened:
        image = opened.convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
