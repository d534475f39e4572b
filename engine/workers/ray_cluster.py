"""Workers on a Ray cluster: the same job, in actors that load the models once, on many machines.

An optional extra (`crowdlens[ray]`). What travels is where a photo lies and what was seen in it:
INVARIANT: neither raw nor redacted pixels enter Ray's object store, so that it has none to spill.
Photos, catalogue and nets lie where every node sees them under the same path.

An actor or a node that dies costs the photos that it had in flight one more try each, alone; a
photo that kills a process twice while it is alone counts as lost.
"""

import logging
import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from engine.provenance import source_digest
from engine.workers.errors import WorkersUnready
from engine.workers.interface import Job, R, T
from engine.workers.ray_folder import own_folder

IN_FLIGHT_PER_WORKER: Final = 4
"""Enough to keep an actor busy, few enough that its death costs little."""
AHEAD_PER_WORKER: Final = 16
"""How far results may run ahead of the next in order: what bounds the driver's memory."""
READY_SECONDS: Final = 300.0
"""How long the first actor may take to load the models, and how long a run waits for any at all."""
TRIES_ALONE: Final = 2
STARTS_IN_VAIN: Final = 16
"""How many actors in a row may die before they are ready: as many as a node has, which may die."""
_OBJECT_STORE_BYTES: Final = 80 * 1024 * 1024
"""Ray's smallest: no photo ever goes there."""


class RayWorkers:
    """Actors on the cluster at `address`, or on one that is started here for the time being."""

    def __init__(self, count: int | None = None, address: str | None = None) -> None:
        if find_spec("ray") is None:
            raise WorkersUnready(
                "Ray is not installed", hint="Install it: pip install 'crowdlens[ray]'"
            )
        self.count, self.address = count, address
        self.flying = 0

    def map(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield each item's result in order; `lost()` for one that kills its process.

        Raises `WorkersUnready` where the cluster can't be reached, runs other code than this
        machine, or can't load what the job needs.
        """
        if not items:
            return
        with _connected(self.address, self.count) as count:
            pool = _Pool(job, min(count, len(items)))
            try:
                for result in pool.run(items, lost):
                    self.flying = pool.flying
                    yield result
            finally:
                pool.close()


class _Actor:
    """What runs on a node."""

    def __init__(self, job: Job[Any, Any]) -> None:
        warnings.simplefilter("ignore")
        job.prepare()
        self._job = job

    def code(self) -> str:
        """Say which code the node runs, once everything is loaded."""
        return source_digest()

    def work(self, item: Any) -> Any:
        return self._job(item)


@dataclass(eq=False)
class _Member:
    """An actor, as the driver sees it."""

    handle: Any
    flying: set[int] = field(default_factory=set)
    alone: bool = False
    """Whether it has one item that nothing else may be beside."""


class _Pool:
    """Actors that come and go, and the items that each has in flight."""

    def __init__(self, job: Job[Any, Any], count: int) -> None:
        import ray  # noqa: PLC0415  an extra, and slow to import

        self._ray = ray
        self._count = count
        self._job = ray.put(job)
        self._kind = ray.remote(num_cpus=1, max_restarts=0)(_Actor)
        self._members: list[_Member] = []
        self._coming: dict[Any, Any] = {}
        """Actors that are not ready yet, by the answer that they owe."""
        self._answers: dict[Any, tuple[int, _Member]] = {}
        self._since = time.monotonic()
        self._in_vain = 0
        for _ in range(count):
            self._start_actor()

    def run(self, items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield results in order."""
        fresh = deque(range(len(items)))
        suspects: deque[int] = deque()
        tries: dict[int, int] = {}
        results: dict[int, R] = {}
        following = 0
        while following < len(items):
            self._require_any()
            horizon = following + self._count * AHEAD_PER_WORKER
            self._hand_out(items, fresh, suspects, horizon)
            for index, result, died in self._answered():
                if not died:
                    results[index] = result
                elif tries.setdefault(index, 0) >= TRIES_ALONE:
                    results[index] = lost()
                else:
                    suspects.append(index)
                if died:
                    tries[index] += 1
            while following in results:
                yield results.pop(following)
                following += 1

    @property
    def flying(self) -> int:
        """How many items are handed out."""
        return len(self._answers)

    def close(self) -> None:
        """Let every actor go."""
        for handle in [*(m.handle for m in self._members), *self._coming.values()]:
            self._ray.kill(handle)

    def _start_actor(self) -> None:
        handle: Any = self._kind.remote(self._job)
        self._coming[handle.code.remote()] = handle

    def _hand_out(
        self, items: Sequence[Any], fresh: deque[int], suspects: deque[int], horizon: int
    ) -> None:
        # One actor runs empty for a suspect; the others go on.
        waiting_room = min(
            (m for m in self._members if not m.alone),
            key=lambda m: len(m.flying),
            default=None,
        )
        for member in self._members:
            if suspects and member is waiting_room:
                if not member.flying:
                    member.alone = True
                    self._send(member, suspects.popleft(), items)
                continue
            while (
                not member.alone
                and fresh
                and fresh[0] < horizon
                and len(member.flying) < IN_FLIGHT_PER_WORKER
            ):
                self._send(member, fresh.popleft(), items)

    def _send(self, member: _Member, index: int, items: Sequence[Any]) -> None:
        member.flying.add(index)
        self._answers[member.handle.work.remote(items[index])] = index, member

    def _answered(self) -> Iterator[tuple[int, Any, bool]]:
        """Yield what has come back since: index, result, and whether its actor died instead."""
        waited_for = [*self._answers, *self._coming]
        done, _ = self._ray.wait(waited_for, num_returns=1, timeout=1.0)
        more, _ = self._ray.wait(waited_for, num_returns=len(waited_for), timeout=0)
        for answer in dict.fromkeys([*done, *more]):
            if answer in self._coming:
                self._welcome(answer)
                continue
            index, member = self._answers.pop(answer)
            member.flying.discard(index)
            try:
                result = self._ray.get(answer)
            except (self._ray.exceptions.RayActorError, self._ray.exceptions.RaySystemError):
                self._bury(member)
                yield index, None, True
                continue
            member.alone = False
            yield index, result, False

    def _welcome(self, answer: Any) -> None:
        handle = self._coming.pop(answer)
        try:
            code = self._ray.get(answer)
        except self._ray.exceptions.RayError as error:
            self._in_vain += 1
            # INVARIANT: a machine that can't load the models stops the run; it must not look like
            # a source whose every photo is lost. One that is gone while it loads them does not.
            if getattr(error, "actor_init_failed", True) or self._in_vain > STARTS_IN_VAIN:
                raise WorkersUnready(
                    "an actor of the cluster could not load the models",
                    hint="Run `crowdlens doctor` on each node; check paths and free memory.",
                ) from None
            # It may only be out of reach, and would keep its place.
            self._ray.kill(handle)
            self._start_actor()
            return
        self._in_vain = 0
        if code != source_digest():
            raise WorkersUnready(
                "a node of the cluster runs another version of Crowdlens",
                hint="Install the same one on every node.",
            )
        self._members.append(_Member(handle))

    def _bury(self, member: _Member) -> None:
        if member in self._members:
            self._members.remove(member)
            # Where its node is gone, this one waits for room elsewhere, and nobody for it.
            self._start_actor()

    def _require_any(self) -> None:
        if self._members:
            self._since = time.monotonic()
        elif time.monotonic() - self._since > READY_SECONDS:
            raise WorkersUnready(
                "the cluster has had no place for a single actor for five minutes",
                hint="Check its free processors and memory with `ray status`.",
            )


@contextmanager
def _connected(address: str | None, count: int | None) -> Iterator[int]:
    """Connect to a cluster, or start one here; yield how many actors it is to have."""
    # Read when Ray is imported. It would tell its makers of every start; and on standard output,
    # which is for results, of every worker that died.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".*")
    # It would keep a record of every photo's call, a kilobyte each, in the driver and elsewhere.
    os.environ.setdefault("RAY_task_events_report_interval_ms", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray  # noqa: PLC0415  an extra, and slow to import

    quiet: dict[str, Any] = {
        "log_to_driver": False,
        "configure_logging": False,
        "include_dashboard": False,
    }
    try:
        # What Ray writes about itself goes where it can be removed.
        with own_folder() if address is None else nullcontext() as own:
            try:
                with warnings.catch_warnings(), _private(own):
                    warnings.simplefilter("ignore")
                    if own is not None:
                        processors = count or len(os.sched_getaffinity(0))
                        config = {"automatic_object_spilling_enabled": False}
                        ray.init(
                            num_cpus=processors,
                            object_store_memory=_OBJECT_STORE_BYTES,
                            # Ray opens the folder that it is given to everybody.
                            _temp_dir=str(own / "r"),
                            _system_config=config,
                            **quiet,
                        )
                    else:
                        ray.init(address=address, **quiet)
                resources: Any = ray.cluster_resources
                yield count or max(1, int(resources().get("CPU", 1)))
            finally:
                ray.shutdown()
    except (ConnectionError, TimeoutError, ray.exceptions.RaySystemError):
        raise WorkersUnready(
            "the Ray cluster can't be reached", hint="Check --address; `ray status` says more."
        ) from None


@contextmanager
def _private(own: Path | None) -> Iterator[None]:
    """Let nobody else read what a Ray that starts here writes, the token of its ports before all.

    Ray keeps that in `~/.ray`, for the next time, and would say so; its processes inherit the mask.
    """
    if own is None:
        yield
        return
    logging.getLogger("ray._private.authentication").setLevel(logging.ERROR)
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
