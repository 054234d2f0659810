"""One measure over many tables: years, files, scenarios or draws, on threads, processes or a cluster."""

from __future__ import annotations

import json
import os
import pickle
import queue
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from gvckit._core import __version__
from gvckit.errors import GvcWarning, MissingDependencyError, OptionError, PanelError, ReadError, TableError
from gvckit.mrio import Mrio
from gvckit.options import PanelErrors, check
from gvckit.readers import load_sample, read, tables_in
from gvckit.write import replacing

Source = Mrio | str | os.PathLike[str] | int
#: Where a kept part holds the year of its table.
_YEAR = "_year"
#: Threads, where nothing else is said: the kernels use all cores themselves, and each thread holds a table.
_THREADS = 2


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
        and goes on; a part whose table has changed is computed again.
    errors : {"raise", "warn"}
        What to do at the end when parts have failed: `PanelError` with the finished parts in ``partial``, or a warning
        and the frame of the others. Nothing is lost either way.
    by : str, default "year"
        Name of the level that names the parts, such as ``scenario``.
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
        Two tables with the same name; a checkpoint of something else; an option that the measure refuses.
    """
    from tqdm.auto import tqdm

    check("errors", errors, PanelErrors)
    store = None if checkpoint is None else _Checkpoint(Path(checkpoint), measure, options)
    jobs = _jobs(measure, tables, options, store)
    parts: dict[int, tuple[Any, pd.DataFrame]] = {}
    failed: dict[Any, BaseException] = {}
    total = len(tables) if isinstance(tables, Sized) and not isinstance(tables, str) else None
    seen: dict[Any, int] = {}
    with tqdm(total=total, disable=not progress, desc=name_of(measure), unit="table") as bar:
        for job, outcome in _run(jobs, executor, workers):
            if isinstance(outcome, OptionError) and not parts:
                # Refused by the first: a mistake in the call, the same for all tables.
                outcome.add_note(f"in the table {job.name}")
                raise outcome
            if isinstance(outcome, BaseException):
                failed[job.name if job.name not in failed else f"{job.name} ({job.number + 1})"] = outcome
            else:
                if seen.setdefault(outcome[0], job.number) != job.number:
                    raise OptionError(f"two tables are named {outcome[0]!r}: give a mapping with names of your own")
                parts[job.number] = outcome
                if store is not None and not job.stored:
                    store.keep(job, outcome[1])
            bar.update()
    return _stacked(parts, failed, errors, by)


@dataclass(frozen=True)
class _Job:
    """One table of a panel."""

    number: int
    key: Any
    source: Source | Exception
    measure: Callable[..., pd.DataFrame]
    options: dict[str, Any]
    stored: Path | None

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
    measure: Callable[..., pd.DataFrame], tables: Any, options: dict[str, Any], store: _Checkpoint | None
) -> Iterator[_Job]:
    """Jobs as they are asked for, so that a generator is not drawn from ahead of the workers."""
    if isinstance(tables, str | os.PathLike):
        tables = tables_in(Path(tables))
    pairs = tables.items() if isinstance(tables, Mapping) else ((None, source) for source in tables)
    for number, (key, source) in enumerate(_unbroken(pairs)):
        if isinstance(key, tuple):
            raise OptionError(f"the name {key!r} is a tuple: one label a table is needed")
        job = _Job(number, key, source, measure, options, None)
        path = None if store is None else store.finished(job)
        yield job if path is None else _Job(number, key, source, measure, options, path)


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


def _work(job: _Job) -> tuple[Any, pd.DataFrame]:
    """Name and result of one part; runs anywhere."""
    if isinstance(job.source, Exception):
        raise job.source
    if job.stored is not None:
        frame = pd.read_parquet(job.stored)
        return job.named(frame.attrs.pop(_YEAR)), frame
    try:
        table = _table(job.source)
    except OptionError as error:
        # About this table, not about the call.
        raise ReadError(str(error)) from error
    frame = job.measure(table, **job.options)
    frame.attrs.setdefault("year", table.year)
    return job.named(table.year), frame


def _run(
    jobs: Iterator[_Job], executor: Executor | Any, workers: int | None
) -> Iterator[tuple[_Job, tuple[Any, pd.DataFrame] | BaseException]]:
    """Jobs with their outcomes as they are ready; never more under way than there are workers."""
    if workers is not None and workers < 1:
        raise OptionError(f"workers={workers}: one or more are needed")
    if executor is None and workers == 1:
        for job in jobs:
            try:
                yield job, _work(job)
            except Exception as error:
                yield job, error
        return
    if executor is None:
        with ThreadPoolExecutor(workers or _THREADS) as threads:
            yield from _submitted(jobs, threads, workers or _THREADS)
        return
    yield from _submitted(jobs, executor, workers or _size(executor))


def _submitted(
    jobs: Iterator[_Job], executor: Any, room: int
) -> Iterator[tuple[_Job, tuple[Any, pd.DataFrame] | BaseException]]:
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # Dask would take two equal calls for one.
    extra = {"pure": False} if type(executor).__module__.startswith("distributed") else {}
    under_way: dict[Any, _Job] = {}
    try:
        while True:
            while len(under_way) < room and (job := next(jobs, None)) is not None:
                try:
                    future = executor.submit(_work, job, **extra)
                except Exception as error:
                    # Its workers have died: what is finished is not lost.
                    yield job, error
                    continue
                under_way[future] = job
                future.add_done_callback(ready.put)
            if not under_way:
                return
            future = ready.get()
            job = under_way.pop(future)
            try:
                outcome: Any = future.result()
            except Exception as error:
                outcome = error
            yield job, outcome
    finally:
        for future in under_way:
            future.cancel()


def _size(executor: Any) -> int:
    """How many workers an executor has."""
    if hasattr(executor, "ncores"):
        return max(int(sum(executor.ncores().values())), 1)
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


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
            f"{name}: {reason}" for name, reason in reasons.items()
        )
        result.attrs["failed"] = reasons
        if errors == "raise":
            raise PanelError(message, result, failed) from next(iter(failed.values()))
        warnings.warn(message, GvcWarning, stacklevel=3)
    return result


class _Checkpoint:
    """A folder of finished parts, and what they are parts of."""

    def __init__(self, folder: Path, measure: Callable[..., pd.DataFrame], options: Mapping[str, Any]) -> None:
        try:
            import pyarrow as _  # noqa: F401
        except ImportError as error:
            raise MissingDependencyError.of("pyarrow", "a checkpoint", "parquet") from error
        self.folder = folder
        told = {
            "gvckit": __version__,
            "measure": _identity(measure),
            "options": {name: f"{value!r:.60}, {_digest(value)}" for name, value in sorted(options.items())},
        }
        folder.mkdir(parents=True, exist_ok=True)
        card = folder / "panel.json"
        if card.exists():
            found = json.loads(card.read_text(encoding="utf-8"))
            if found != told:
                raise OptionError(f"{folder} is the checkpoint of {found}, not of {told}: name another folder")
        else:
            with replacing(card) as temporary:
                temporary.write_text(json.dumps(told), encoding="utf-8")

    def _path(self, job: _Job) -> Path:
        return self.folder / f"{quote(f'{_key(job)}-{_fingerprint(job.source)}', safe='')}.parquet"

    def finished(self, job: _Job) -> Path | None:
        """File of a part that is there."""
        path = self._path(job)
        return path if path.exists() else None

    def keep(self, job: _Job, frame: pd.DataFrame) -> None:
        """Write a finished part."""
        kept = frame.copy(deep=False)
        kept.attrs = {key: value for key, value in frame.attrs.items() if _plain(value)}
        kept.attrs[_YEAR] = frame.attrs.get("year")
        with replacing(self._path(job)) as temporary:
            kept.to_parquet(temporary)


def _key(job: _Job) -> str:
    if job.key is not None:
        return str(job.key)
    return Path(job.source).name if isinstance(job.source, str | os.PathLike) else ""


def _fingerprint(source: Source | Exception) -> str:
    """What tells a table from another: the contents of a table, size and time of files."""
    if isinstance(source, Exception):
        return "broken"
    if isinstance(source, Mrio):
        return f"{source.year}-{_digest(source)}"
    if isinstance(source, int | np.integer):
        return f"sample{int(source)}"
    path = Path(source)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    found = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.is_file()]
    return _digest(found) if found else "missing"


def _digest(value: object) -> str:
    """Short hash of contents; `OptionError` where there is none to be had."""
    try:
        # Two buffers of the same frame may be laid out apart: its values and labels are what counts.
        plain = (value.to_numpy(), value.axes, value.attrs) if isinstance(value, pd.DataFrame | pd.Series) else value
        return blake2b(pickle.dumps(plain), digest_size=8).hexdigest()
    except Exception as error:
        raise OptionError(f"a checkpoint can't tell {value!r:.60} from another: {error}") from error


def _identity(measure: Callable[..., Any]) -> str:
    """What tells a measure from another, edited ones and lambdas too: name, code, defaults, what it closes over."""
    if isinstance(measure, partial):
        return f"{_identity(measure.func)}, {_digest((measure.args, measure.keywords))}"
    name = f"{measure.__module__}.{getattr(measure, '__qualname__', type(measure).__qualname__)}"
    code = getattr(measure, "__code__", None)
    if code is None:
        return f"{name}, {_digest(measure)}"
    closed = [cell.cell_contents for cell in getattr(measure, "__closure__", None) or ()]
    inside = [_code(code), repr(getattr(measure, "__defaults__", None)), [_contents(value) for value in closed]]
    return f"{name}, {_digest(inside)}"


def _code(code: Any) -> list[Any]:
    """Instructions, names and constants; of functions inside a function too."""
    constants = [_code(c) if hasattr(c, "co_code") else repr(c) for c in code.co_consts]
    return [code.co_code, code.co_names, constants]


def _contents(value: Any) -> str:
    """Digest of what a function closes over; a list that grows while it runs counts by its kind."""
    return _identity(value) if callable(value) else type(value).__name__ if isinstance(value, list) else _digest(value)


def name_of(measure: Callable[..., Any]) -> str:
    """Name of a measure for a progress bar."""
    return str(getattr(measure, "__name__", None) or getattr(getattr(measure, "func", None), "__name__", "measure"))


def _plain(value: object) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _table(source: Source) -> Mrio:
    if isinstance(source, Mrio):
        return source
    if not isinstance(source, str | os.PathLike | int | np.integer):
        raise TableError.of(source)
    if isinstance(source, int | np.integer):
        return load_sample(int(source))
    return read(source)
