"""Work on threads, processes or a cluster: no more under way than there is room for, and stopped at once by Ctrl-C."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

import gvckit._core as _core
from gvckit.errors import OptionError
from gvckit.options import whole_number

Job = TypeVar("Job")
Result = TypeVar("Result")

#: Threads, where nothing else is said: each holds a table, and where there are more cores than threads the kernels use
#: all of them.
THREADS = 2
#: Seconds between two looks for a signal, where waiting isn't ended by one (Windows).
_LOOK = 0.1
#: Seconds that threads get to end what they do, once they are told to.
_GRACE = 0.5


def outcomes(
    jobs: Iterator[Job], work: Callable[[Job], Result], executor: Executor | Any = None, workers: int | None = None
) -> Generator[tuple[Job, Result | Exception], None, None]:
    """Jobs with their results or errors as they are ready, drawn from `jobs` as workers become free.

    Without an executor on threads of its own (by default 2), or with one worker here. When it is left early, by Ctrl-C
    or by any other exception, what is not begun is dropped and what is under way is not waited for.
    """
    if workers is not None:
        whole_number("workers", workers, 1)
    if executor is None and workers == 1:
        for job in jobs:
            try:
                outcome: Result | Exception = work(job)
            except Exception as error:
                outcome = error
            yield job, outcome
    elif executor is None:
        threads = _Threads(workers or THREADS)
        try:
            yield from _submitted(jobs, work, threads, workers or THREADS)
        except GeneratorExit:
            threads.end()
            raise
        except BaseException:
            threads.end(now=True)
            raise
        threads.end()
    elif callable(getattr(executor, "submit", None)):
        yield from _submitted(jobs, work, executor, workers or _size(executor))
    else:
        raise OptionError(f"executor={executor!r:.60}: one of concurrent.futures, or a Dask client, is wanted")


def _submitted(
    jobs: Iterator[Job], work: Callable[[Job], Result], executor: Any, room: int
) -> Generator[tuple[Job, Result | Exception], None, None]:
    ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # Dask would take two equal calls for one.
    extra = {"pure": False} if type(executor).__module__.startswith("distributed") else {}
    under_way: dict[Any, Job] = {}
    try:
        while True:
            while len(under_way) < room and (job := next(jobs, _NONE)) is not _NONE:
                try:
                    future = executor.submit(work, job, **extra)
                except Exception as error:
                    # Its workers have died: what is finished is not lost.
                    yield job, error
                    continue
                under_way[future] = job
                future.add_done_callback(ready.put)
            if not under_way:
                return
            future = _next(ready)
            job = under_way.pop(future)
            try:
                outcome: Result | Exception = future.result()
            except Exception as error:
                outcome = error
            yield job, outcome
    finally:
        for future in under_way:
            future.cancel()


_NONE: Any = object()


def _next(ready: queue.SimpleQueue[Any]) -> Any:
    while True:
        try:
            return ready.get(timeout=_LOOK)
        except queue.Empty:
            continue


class _Threads:
    """Threads that the interpreter doesn't wait for when it ends, as it does for those of the standard library."""

    def __init__(self, count: int) -> None:
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(count)]
        self._busy: set[Future[Any]] = set()
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Job], Result], job: Job) -> Future[Result]:
        future: Future[Result] = Future()
        self._busy.add(future)
        future.add_done_callback(self._busy.discard)
        self._waiting.put((future, lambda: work(job)))
        return future

    def _serve(self) -> None:
        alone = _core.join_workers(len(self._threads))
        try:
            self._work()
        finally:
            if alone:
                _core.leave_workers()

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            future, call = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:
                    future.set_exception(error)
            # Its table may be large, and the next job may be long in coming.
            del item, future, call

    def end(self, now: bool = False) -> None:
        """Let threads go; `now`: where one is still at work, tell the kernels to stop, and wait a little for them."""
        for _ in self._threads:
            self._waiting.put(None)
        until = time.monotonic() + _GRACE
        while now and self._busy and time.monotonic() < until:
            # Only the main thread sees signals: it stops the kernels that run now, again for those of a next step.
            _core.stop_all()
            time.sleep(0.01)


def _size(executor: Any) -> int:
    """How many workers an executor has."""
    if hasattr(executor, "ncores"):
        return max(int(sum(executor.ncores().values())), 1)
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
