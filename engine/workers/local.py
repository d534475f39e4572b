"""Worker processes on one machine.

Each process loads the models once. A photo that kills its process (a decoder's fault, memory)
costs itself and nothing else: the photos in flight are tried again one by one, and the one that
kills a process that has seen no other photo counts as lost. Where the machine runs out of memory,
it is to take a worker, and not what counts and publishes.
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
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from engine.workers.errors import WorkersUnready
from engine.workers.interface import Job, R, T

IN_FLIGHT_PER_WORKER = 4
"""Enough to keep a worker busy, few enough that memory does not grow with the photos."""
_TAKEN_FIRST: Final = 500
"""Of 1000: as if the process held half of the machine's memory more than it does."""


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
            for result in self._one_by_one(job, items[done : done + broken], lost):
                done += 1
                yield result

    def _one_by_one(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield each item's result, one at a time in a process; a fresh one after each death."""
        pool, fresh = self._ready_pool(job, 1), True
        try:
            for item in items:
                while True:
                    try:
                        result: R = _submit(pool, _work, item).result()
                        fresh = False
                    except BrokenProcessPool:
                        died_alone = fresh
                        pool.shutdown()
                        pool, fresh = self._ready_pool(job, 1), True
                        # INVARIANT: no item is lost for what another did to its process.
                        if not died_alone:
                            continue
                        result = lost()
                    break
                yield result
        finally:
            pool.shutdown(cancel_futures=True)

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
    _be_taken_first()
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    job.prepare()
    _job = job


def _be_taken_first() -> None:
    """Let a machine without memory end this process sooner than its parent (proc(5))."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "r+", encoding="ascii") as score:
        if int(score.read()) < _TAKEN_FIRST:
            score.seek(0)
            score.write(str(_TAKEN_FIRST))


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
