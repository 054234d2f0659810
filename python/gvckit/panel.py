"""One measure over many tables: years, files or scenarios."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from gvckit.errors import GvcError, OptionError
from gvckit.table import Mrio

Source = Mrio | str | os.PathLike[str] | int


def panel(
    measure: Callable[..., pd.DataFrame],
    tables: Mapping[Any, Source] | Iterable[Source],
    executor: Executor | None = None,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """Call a measure on many tables and stack the results.

    Parameters
    ----------
    measure : callable
        ``measure(table, **options)`` that returns a frame, such as `gvckit.participation`.
    tables : mapping or iterable
        Tables, paths (read where they are used), or years of the embedded table. The keys of a mapping name the
        parts; else a table's year does.
    executor : concurrent.futures.Executor, optional
        Where to run; by default one table after the other (the kernels use all cores themselves).
    progress : bool, default True
        Show a progress bar.
    **options
        Passed on to the measure.

    Returns
    -------
    DataFrame
        The measure's frames under a first index level `year`.

    Raises
    ------
    OptionError
        Two tables with the same name.
    """
    pairs = list(tables.items()) if isinstance(tables, Mapping) else [(None, table) for table in tables]
    if not pairs:
        raise OptionError("tables is empty: there is nothing to measure")
    jobs = [(measure, key, source, options) for key, source in pairs]
    mapped = map(_one, jobs) if executor is None else executor.map(_one, jobs)
    parts: dict[Any, pd.DataFrame] = {}
    attrs: dict[str, Any] = {}
    for key, frame in tqdm(mapped, total=len(jobs), disable=not progress, desc=measure.__name__, unit="table"):
        if key in parts:
            raise OptionError(f"two tables are named {key!r}: give a mapping with names of your own")
        attrs = attrs or {str(k): v for k, v in frame.attrs.items() if k != "year"}
        frame.attrs = {}
        parts[key] = frame
    result: pd.DataFrame = pd.concat(parts, names=["year"])
    result.attrs.update(attrs)
    return result


def _one(job: tuple[Callable[..., pd.DataFrame], Any, Source, dict[str, Any]]) -> tuple[Any, pd.DataFrame]:
    measure, key, source, options = job
    table = _table(source)
    name = table.year if key is None else key
    try:
        return name, measure(table, **options)
    except GvcError as error:
        error.add_note(f"in the table {name!r}")
        raise


def _table(source: Source) -> Mrio:
    if isinstance(source, Mrio):
        return source
    if isinstance(source, int):
        from gvckit.sample import load_sample

        return load_sample(source)
    from gvckit.read import read

    return read(source)
