"""Worker processes on one machine.

Each process loads the models once. A photo that kills its process (a decoder's fault, memory)
costs itself and nothing else: the photos in flight are tried again one by one, and the one that
kills again counts as lost.
"""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

from engine.workers.errors import WorkersUnready
from engine.workers.interface import Job, R, T

IN_FLIGHT_PER_WORKER = 4
"""Enough to keep a worker busy, few enough that memory does not grow with the photos."""


def default_count() -> int:
    """Return how many processes suit this machine: one a core that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalWorkers:
    """A pool of `count` processes."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.flying = 0

    def map(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield each item's result in order; `lost()` for one that kills its process twice."""
        done = 0
        while done < len(items):
            flying: deque[Future[R]] = deque()
            with self._ready_pool(job, self.count) as pool:
                try:
                    for result in _ordered(pool, items, done, self.count, flying):
                        done += 1
                        self.flying = len(flying)
                        yield result
                    return
                except BrokenProcessPool:
                    broken = max(1, len(flying))
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
            for item in items[done : done + broken]:
                done += 1
                yield self._alone(job, item, lost)

    def _alone(self, job: Job[T, R], item: T, lost: Callable[[], R]) -> R:
        with self._ready_pool(job, 1) as pool:
            try:
                result: R = _submit(pool, _work, item).result()
                return result
            except BrokenProcessPool:
                return lost()

    def _ready_pool(self, job: Job[T, R], count: int) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(
            max_workers=count,
            # Not fork: threads of the libraries in this process would be copied half-alive.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(job, os.getpid()),
        )
        try:
            # INVARIANT: a machine that can't load the models stops the run; it must not look like
            # a source whose every photo is lost.
            _submit(pool, _ready).result()
        except BrokenProcessPool:
            pool.shutdown()
            raise WorkersUnready(
                "no worker process could load the models",
                hint="Run `crowdlens doctor`; check free memory.",
            ) from None
        return pool


def _ordered(
    pool: ProcessPoolExecutor,
    items: Sequence[T],
    start: int,
    count: int,
    flying: "deque[Future[R]]",
) -> Iterator[R]:
    waiting = iter(islice(items, start, None))
    for item in islice(waiting, count * IN_FLIGHT_PER_WORKER):
        flying.append(_submit(pool, _work, item))
    while flying:
        result = flying[0].result()
        flying.popleft()
        for item in islice(waiting, 1):
            flying.append(_submit(pool, _work, item))
        yield result


def _submit(pool: ProcessPoolExecutor, call: Callable[..., R], *given: Any) -> Future[R]:
    """Submit with interrupts held back: a process that this starts inherits that for good.

    An interrupt (Ctrl-C reaches every process of the terminal) is for the parent to handle; a
    worker would answer it with a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(call, *given)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_job: Job[Any, Any] | None = None


def _start(job: Job[Any, Any], parent: int) -> None:
    """Set a worker process up: quiet, single-threaded inside, gone when its parent is gone."""
    global _job  # noqa: PLW0603  one job a process is what a worker is
    warnings.simplefilter("ignore")
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    job.prepare()
    _job = job


def _leave_with(parent: int) -> None:
    # A killed parent can't tell its workers to stop.
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _ready() -> bool:
    return _job is not None


def _work(item: Any) -> Any:
    assert _job is not None
    return _job(item)
