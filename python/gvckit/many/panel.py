"""One measure over many tables: years, files, scenarios or draws, on threads, processes or a cluster."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gvckit.errors import GvcError, GvcWarning, OptionError, PanelError, ReadError, TableError
from gvckit.many.checkpoint import Checkpoint
from gvckit.many.identity import name_of
from gvckit.many.workers import outcomes
from gvckit.mrio import Mrio
from gvckit.options import PanelErrors, check, whole_number
from gvckit.progress import progress_bar
from gvckit.readers import load_sample, read, tables_in

Source = Mrio | str | os.PathLike[str] | int


def panel(
    measure: Callable[..., pd.DataFrame],
    tables: Mapping[Any, Source] | Iterable[Source] | str | os.PathLike[str],
    executor: Executor | Any = None,
    progress: bool = True,
    *,
    workers: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    errors: PanelErrors = "raise",
    by: str = "year",
    **options: Any,
) -> pd.DataFrame:
    """Call a measure on many tables and stack the results.

    Parameters
    ----------
    measure : callable
        ``measure(table, **options)`` that returns a frame, such as `gvckit.participation`.
    tables : mapping, iterable, or folder
        Tables, paths (read where they are used), or years of the embedded table; a folder is all tables in it. The keys
        of a mapping name the parts; else a table's year does. A generator is drawn from as workers become free.
    executor : concurrent.futures.Executor or dask.distributed.Client, optional
        Where to run; by default threads. Processes and clusters get paths as paths, and read them where they run: the
        path must be valid there.
    progress : bool, default True
        Show a progress bar.
    workers : int, optional
        How many tables are worked on at a time, and so how many are in memory; by default 2 threads, or what the
        executor has. 1 is one after the other.
    checkpoint : path, optional
        Folder that keeps each finished part as parquet. A rerun with the same measure and options takes what is there
        and goes on: of the same table (by its contents, or the name, size and times of its file), the same options, and
        a measure with the same code, defaults and outer values. Runs with others may share the folder. A part that is
        damaged is measured again, one that can't be kept is warned of.
    errors : {"raise", "warn"}
        What to do at the end when parts have failed: `PanelError` with the finished parts in ``partial``, or a warning
        and the frame of the others. Nothing is lost either way.
    by : str, default "year"
        Name of the level that names the parts, such as ``scenario``; no level of the measure's own.
    **options
        Passed on to the measure.

    Returns
    -------
    DataFrame
        The measure's frames under a first index level, in the order of the tables. ``attrs["failed"]`` names what
        failed.

    Raises
    ------
    PanelError
        Parts that failed, with the name and the reason of each.
    OptionError
        Two tables with the same name; an option that the measure doesn't have or refuses; a measure that can't be told
        from another, with a checkpoint.
    TypeError
        Of the measure, at the first table: a mistake in the call, and the same for all.
    """
    check("errors", errors, PanelErrors)
    _check_call(measure, options, by)
    if workers is not None:
        whole_number("workers", workers, 1)
    store = None if checkpoint is None else Checkpoint(checkpoint, measure, options)
    total = len(tables) if isinstance(tables, Sized) and not isinstance(tables, str) else None
    jobs = _jobs(measure, tables, options, store)
    done = _Done(by)
    with progress_bar(progress, total, name_of(measure), "table") as bar:

        def unfinished() -> Iterator[_Job]:
            """Jobs to do; what an earlier run has finished is taken on the way."""
            for job in jobs:
                kept = None if store is None or job.kept_at is None else store.find(job.kept_at)
                if kept is None:
                    yield job
                else:
                    done.add(job, kept)
                    bar.done()

        with closing(outcomes(unfinished(), _work, executor, workers)) as running:
            for job, outcome in running:
                done.add(job, outcome)
                if store is not None and job.kept_at is not None and not isinstance(outcome, Exception):
                    store.keep(job.kept_at, *outcome)
                if isinstance(outcome, Exception):
                    bar.failed()
                else:
                    bar.done()
    if store is not None:
        store.tell()
    return _stacked(done.parts, done.failed, errors, by)


def _check_call(measure: Any, options: Mapping[str, Any], by: str) -> None:
    """Refuse a call that no table could answer, before the first is read."""
    if not callable(measure):
        raise OptionError(f"measure={measure!r:.60}: a function is wanted, such as gvckit.participation")
    if not isinstance(by, str) or not by:
        raise OptionError(f"by={by!r:.60}: the name of a level is wanted, such as 'scenario'")
    try:
        inspect.signature(measure).bind(None, **options)
    except ValueError:
        # A callable without a signature to be seen.
        return
    except TypeError as error:
        raise OptionError(f"{name_of(measure)} can't be called so: {error}") from error


class _Done:
    """Results by number of the table, and what failed."""

    def __init__(self, by: str) -> None:
        self.parts: dict[int, tuple[Any, Any]] = {}
        self.failed: dict[Any, BaseException] = {}
        self._by = by
        self._names: dict[Any, int] = {}

    def add(self, job: _Job, outcome: tuple[int | None, Any] | Exception) -> None:
        """Take a result in; a mistake in the call is raised at the first."""
        if isinstance(outcome, Exception):
            if not self.parts and _of_the_call(outcome):
                outcome.add_note(f"in the table {job.name}")
                raise outcome
            self.failed[job.name if job.name not in self.failed else f"{job.name} ({job.number + 1})"] = outcome
            return
        year, result = outcome
        if self._by in result.index.names:
            raise OptionError(f"by={self._by!r} is a level of the measure's own: choose another name")
        name = job.named(year)
        if self._names.setdefault(name, job.number) != job.number:
            raise OptionError(f"two tables are named {name!r}: give a mapping with names of your own")
        self.parts[job.number] = name, result


def _of_the_call(error: Exception) -> bool:
    """Whether an error is the same for all tables: an option that is refused, a measure that is called wrongly."""
    return isinstance(error, OptionError) or (isinstance(error, TypeError) and not isinstance(error, GvcError))


@dataclass(frozen=True)
class _Job:
    """One table of a panel."""

    number: int
    key: Any
    source: Source | Exception
    measure: Callable[..., pd.DataFrame]
    options: dict[str, Any]
    kept_at: Path | None

    @property
    def name(self) -> Any:
        """What a message calls it."""
        if self.key is not None:
            return self.key
        if isinstance(self.source, Mrio):
            return self.source.title
        is_name = isinstance(self.source, str | os.PathLike | int | np.integer)
        return str(self.source) if is_name else f"table {self.number + 1}"

    def named(self, year: int | None) -> Any:
        """What the result calls it: its key, its year, or else its file."""
        if self.key is not None or year is not None:
            return year if self.key is None else self.key
        return Path(self.source).stem if isinstance(self.source, str | os.PathLike) else self.name


def _jobs(
    measure: Callable[..., pd.DataFrame], tables: Any, options: dict[str, Any], store: Checkpoint | None
) -> Iterator[_Job]:
    """Jobs as they are asked for, so that a generator is not drawn from ahead of the workers."""
    if isinstance(tables, str | os.PathLike):
        tables = tables_in(Path(tables))
    if isinstance(tables, Mrio) or not isinstance(tables, Iterable):
        raise OptionError(f"tables is one {type(tables).__name__}: a list or mapping of tables, or a folder, is wanted")
    pairs = tables.items() if isinstance(tables, Mapping) else ((None, source) for source in tables)
    for number, (key, source) in enumerate(_unbroken(pairs)):
        if isinstance(key, tuple):
            raise OptionError(f"the name {key!r} is a tuple: one label a table is needed")
        readable = key if key is not None else Path(source).name if isinstance(source, str | os.PathLike) else ""
        path = None if store is None else store.path(readable, source)
        yield _Job(number, key, source, measure, options, path)


def _unbroken(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Names and tables; an error of a generator becomes the last of them, so that what is finished is not lost."""
    iterator = iter(pairs)
    while True:
        try:
            yield next(iterator)
        except StopIteration:
            return
        except Exception as error:
            yield "tables", error
            return


def _work(job: _Job) -> tuple[int | None, Any]:
    """Year and result of one part; runs anywhere."""
    if isinstance(job.source, Exception):
        raise job.source
    try:
        table = _table(job.source)
    except OptionError as error:
        # About this table, not about the call.
        raise ReadError(str(error)) from error
    result = job.measure(table, **job.options)
    if not isinstance(result, pd.DataFrame | pd.Series):
        raise OptionError(f"{name_of(job.measure)} gives a {type(result).__name__}: a DataFrame is wanted")
    result.attrs.setdefault("year", table.year)
    return table.year, result


def _stacked(
    parts: dict[int, tuple[Any, pd.DataFrame]], failed: dict[Any, BaseException], errors: PanelErrors, by: str
) -> pd.DataFrame:
    if not parts and not failed:
        raise OptionError("tables is empty: there is nothing to measure")
    frames: dict[Any, pd.DataFrame] = {}
    attrs: dict[str, Any] = {}
    units: set[Any] = set()
    for number in sorted(parts):
        name, frame = parts[number]
        own = {str(k): v for k, v in frame.attrs.items() if k != "year"}
        attrs = own if not frames else {k: v for k, v in attrs.items() if k in own and repr(own[k]) == repr(v)}
        units.add(own.get("unit"))
        frames[name] = frame.copy(deep=False)
        frames[name].attrs = {}
    result: pd.DataFrame = pd.concat(frames, names=[by]) if frames else pd.DataFrame()
    result.attrs.update(attrs)
    if len(units) > 1:
        warnings.warn(f"the tables are in different units: {', '.join(map(str, units))}", GvcWarning, stacklevel=3)
    if failed:
        reasons = {str(name): str(error) for name, error in failed.items()}
        message = f"{len(failed)} of {len(failed) + len(frames)} tables failed: " + "; ".join(
            # What a reader says begins with the file already.
            reason if reason.startswith(name) else f"{name}: {reason}"
            for name, reason in reasons.items()
        )
        result.attrs["failed"] = reasons
        if errors == "raise":
            raise PanelError(message, result, failed) from next(iter(failed.values()))
        warnings.warn(message, GvcWarning, stacklevel=3)
    return result


def _table(source: Source) -> Mrio:
    if isinstance(source, Mrio):
        return source
    if not isinstance(source, str | os.PathLike | int | np.integer):
        raise TableError.of(source)
    if isinstance(source, int | np.integer):
        return load_sample(int(source))
    return read(source)
