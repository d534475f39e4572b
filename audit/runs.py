"""A run in progress: who holds it, what it spends, how it ends.

A live run is held by a lock on a private file, so that two processes never end each other's runs;
a killed process lets go of it, and `Log.end_dangling_runs` writes its end.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import InitVar, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Literal, Protocol, Self

from audit import commitments
from audit.bodies import (
    Body,
    BudgetReserve,
    Release,
    RunEnd,
    RunInputs,
    RunStart,
    Training,
    amounts_of,
    expressible,
    outputs_of,
    spend_of,
)
from audit.durable import try_lock, unlock
from audit.entries import Entry
from audit.errors import AuditError, EntryInvalid, LifecycleBroken
from policies.amounts import Accounting, Loss

_MADE_HERE = object()
_NOTHING: Final[Mapping[str, Training]] = MappingProxyType({})
_HELD: set[int] = set()
"""Descriptors of the runs that this process holds."""

Outcome = Literal["failed", "interrupted", "refused"]


@dataclass(frozen=True)
class Reservation:
    """Proof that a spend is in the log, durable and witnessed; noise is drawn against it alone.

    Made by `RunHandle.reserve` and by nothing else.
    """

    run: str
    dataset: str
    policy: str
    loss: Loss
    """As written: the exact sum over the statistics."""
    statistics: tuple[tuple[str, Loss], ...]
    """Each statistic of the policy with its part of the loss, sorted by id."""
    entry_seq: int
    periods: tuple[str, ...] = ()
    training: tuple[tuple[str, Training], ...] = ()
    """Of each model, what the log says is trained for its part of the loss."""
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        # INVARIANT: no reservation without its entry.
        if token is not _MADE_HERE:
            raise TypeError("a Reservation is made by the log alone, when the spend is written")

    @classmethod
    def _of(cls, entry: Entry) -> Self:
        """Return the reservation that a log's own entry is."""
        body = entry.body
        assert isinstance(body, BudgetReserve)
        return cls(
            entry.run_id or "",
            body.dataset,
            body.policy,
            body.loss(),
            tuple((s.id, s.cost.loss()) for s in body.statistics),
            entry.seq,
            body.periods,
            tuple((s.id, s.training) for s in body.statistics if s.training is not None),
            _MADE_HERE,
        )


@dataclass(frozen=True)
class RunLock:
    """The mark of a live run: a locked file that names it."""

    path: Path
    descriptor: int

    @classmethod
    def take(cls, directory: Path, run: str) -> Self | None:
        """Hold the run, or return None where another process does."""
        path = directory / run
        descriptor = try_lock(path)
        if descriptor is None:
            return None
        _HELD.add(descriptor)
        return cls(path, descriptor)

    def drop(self) -> None:
        """Let go of the run and remove the mark; nothing in a process that does not hold it."""
        if self.descriptor in _HELD:
            _HELD.discard(self.descriptor)
            with suppress(OSError):
                self.path.unlink()
            unlock(self.descriptor)


def _let_go_in_child() -> None:
    """Close a forked child's copies: a worker that outlives its run must not keep it alive."""
    for descriptor in _HELD:
        with suppress(OSError):
            os.close(descriptor)
    _HELD.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


class _Writer(Protocol):
    path: Path
    at: date

    def append(self, body: Body, run: str | None = None) -> Entry: ...


class RunHandle:
    """A run that this process holds; a context manager that never leaves a run open.

    Left by an error that means no (exit code 7), it ends as refused; by another, as failed; by a
    keyboard interrupt or without a release, as interrupted.
    """

    def __init__(
        self,
        log: _Writer,
        run: str,
        start: RunStart,
        lock: RunLock,
        committed: RunInputs | None = None,
        spent: Entry | None = None,
    ) -> None:
        self.run, self.start = run, start
        self.committed = committed
        """What a run that goes on said before of what it reads."""
        self.reservation = None if spent is None else Reservation._of(spent)
        """What the run has reserved, before it was killed too; None where nothing is."""
        self._log, self._lock = log, lock
        self._over = False

    def commit(
        self, opening: commitments.Opening, marks: Iterable[bytes], optouts: bytes | None = None
    ) -> None:
        """Write commitments to the rows that the run reads and to the opt-out list it applies.

        Once, before the spend. The salts are kept, privately, where the policy's retention lets
        them be kept after today; else nobody can ever open the commitments. A run that goes on has
        committed before: raises `LifecycleBroken` where that was, under the same salts, to anything
        else.
        """
        body = commitments.body_of(opening.salts, marks, optouts)
        if self.committed is not None:
            # INVARIANT: one run reads one source, however often it is begun.
            if body != self.committed:
                raise LifecycleBroken(
                    "the run that is to go on had read another source, or another opt-out list",
                    hint="Give what it had, or begin another run.",
                )
            return
        if opening.keep_until > self._log.at:
            # INVARIANT: salts first: a commitment that stands in the log can be opened.
            commitments.keep(self._log.path, self.run, opening)
        self._append(body)
        self.committed = body

    def reserve(
        self,
        statistics: Mapping[str, Loss],
        periods: tuple[str, ...] = (),
        accounting: Accounting = "pure-dp",
        training: Mapping[str, Training] = _NOTHING,
    ) -> Reservation:
        """Spend, before any noise is drawn: check and entry are one step under the log's lock.

        `statistics` maps the policy's statistic ids to what each costs; the spend is their exact
        sum, and `accounting` says in what nothing is spent where there are none. `periods` are the
        first and the last that a continual study closes; `training` says of a statistic that is a
        model what is trained for its cost. Raises `BudgetRefused` with nothing written where the
        dataset's total does not allow it, or a training costs more than is to be spent on it.
        There is no refund.
        """
        with expressible():
            if not training.keys() <= statistics.keys():
                raise EntryInvalid("a training is of a statistic that is spent on")
            spends = tuple(
                spend_of(name, loss, training.get(name))
                for name, loss in sorted(statistics.items())
            )
            parts = [spend.cost.loss() for spend in spends]
            accounting = parts[0].accounting if parts else accounting
            if any(part.accounting != accounting for part in parts):
                raise EntryInvalid("a spend is in epsilon, or in rho, as a whole")
            loss = sum(parts, Loss.zero(accounting))
            body = BudgetReserve(
                dataset=self.start.dataset,
                policy=self.start.policy,
                statistics=spends,
                cost=amounts_of(loss),
                periods=periods,
            )
        self.reservation = Reservation._of(self._append(body))
        return self.reservation

    def release(self, digests: Mapping[str, str]) -> Entry:
        """End the run well: record the digests (`sha256:...`) of its outputs, by file name."""
        with expressible():
            body = Release(
                dataset=self.start.dataset,
                policy=self.start.policy,
                outputs=outputs_of(dict(digests)),
            )
        return self._finish(body)

    def end(self, outcome: Outcome) -> Entry:
        """End the run without a release."""
        return self._finish(RunEnd(outcome=outcome))

    def leave_open(self) -> None:
        """Let go of the run as a killed process would, so that `Log.resume_run` can take it up."""
        self._over = True
        self._lock.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._over:
            return
        outcome: Outcome = "interrupted"
        if isinstance(error, Exception):
            outcome = "refused" if getattr(error, "exit_code", 1) == 7 else "failed"
        try:
            self.end(outcome)
        except AuditError:
            # A log that can't be written now has the run ended when it is next put in order.
            if kind is None:
                raise
        finally:
            self._over = True
            self._lock.drop()

    def _append(self, body: Body) -> Entry:
        if self._over:
            raise LifecycleBroken("the run has ended")
        return self._log.append(body, self.run)

    def _finish(self, body: Body) -> Entry:
        entry = self._append(body)
        self._over = True
        self._lock.drop()
        return entry
