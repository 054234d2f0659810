"""What every column of every result means, in one line, with its source: ``columns.csv``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from gvckit.meaning.cite import cited, name_in, sources


@cache
def _columns() -> pd.DataFrame:
    with resources.files(__package__).joinpath("columns.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False).set_index(["measure", "column"])


def describe(name: str | Callable[..., Any] | Any = None) -> pd.DataFrame:
    """Say what the columns of a result mean.

    Parameters
    ----------
    name : str, callable, or a result, optional
        A measure that gives a frame (``"participation"``, ``"network"``, ``"tiva"`` ...), a method of
        `decompose_exports` (``"kww"``, ``"wwz"``, ``"bm_source"``, ``"bm_sink"``, ``"my"``, ``"oecd"``,
        ``"tripartite"``), ``"audit"`` (what each check's value is), the function itself, or a result: of that, the
        columns that it has. Without it, a list of what there is.

    Returns
    -------
    DataFrame
        Indexed by column: `content` (domestic, foreign, double counted, or the kind of number) and `meaning`. Where
        columns are labels, the one line is of a cell, ``(cell)``, and of `flows` there is a line for each kind.
        ``attrs["source"]`` is the paper; `cite` has it in full. Of a result, ``attrs["unit"]`` is its unit. The list
        is indexed by name: `columns` and `source`.

    Raises
    ------
    OptionError
        Nothing of that name, or a result that doesn't say what it is.
    """
    known = _columns()
    names = list(dict.fromkeys(known.index.get_level_values("measure")))
    if name is None:
        rows = {one: (", ".join(known.loc[one].index), _source(one)) for one in names}
        listed = pd.DataFrame.from_dict(rows, orient="index", columns=["columns", "source"])
        return listed.rename_axis("name")
    key = name_in(name, names)
    frame = known.loc[[key]].droplevel("measure")
    if isinstance(name, pd.DataFrame) and frame.index.isin(name.columns).any():
        frame = frame.loc[frame.index.isin(name.columns)]
    unit = getattr(name, "attrs", {}).get("unit")
    frame.attrs.update({"source": _source(key)} | ({"unit": unit} if unit else {}))
    return frame


def _source(name: str) -> str:
    """Papers of a measure; what needs none is defined by the statistics of trade."""
    return sources(name) if name in cited() else "definition of trade statistics"
