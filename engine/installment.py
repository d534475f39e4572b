"""Of a study that runs period by period: which periods a run closes, and what it goes on from."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, Final

from audit import Log
from audit.bodies import BudgetReserve
from engine.durable import write_new
from engine.errors import EngineError, OutputUnwritable
from engine.statistics import (
    Continuation,
    RunningTotal,
    Study,
    TrendStore,
    Window,
    costs,
    study_within,
)
from policies.amounts import Loss
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from policies.periods import days_of

KEY_BYTES: Final = 32


class StateNeeded(EngineError):
    """A study with running totals was run without a place for their state."""

    code: ClassVar[str] = "state-needed"
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True)
class StatePlace:
    """Where what goes on from run to run lies: the states, and in another place their key."""

    directory: Path
    key: Path


@dataclass(frozen=True)
class Installment:
    """What one run reads and releases."""

    days: tuple[date, date]
    """First and last day of the photos that are opened."""
    contributor_key: bytes
    """Under which accounts are keyed: the run's own, unless a running total has to know them."""
    continuation: Continuation | None = None

    @property
    def periods(self) -> tuple[str, ...]:
        """The first and the last period that the log records; none for a study that runs once."""
        closed = self.continuation.window.closed if self.continuation is not None else ()
        return closed[:1] + closed[-1:]

    @property
    def paid(self) -> frozenset[str]:
        """The statistics that an earlier run has paid for."""
        return self.continuation.paid if self.continuation is not None else frozenset()

    def costs(self, study: Study) -> dict[str, Loss]:
        """Return what each statistic of the run costs, by id; what is paid for costs nothing."""
        if self.continuation is None:
            return costs(study)
        return costs(study_within(study, self.continuation.window), self.paid)

    @contextmanager
    def taken(self, study: Study) -> Iterator[None]:
        """Keep other runs away from the states, from before they are read until all is out."""
        if self.continuation is None or self.continuation.store is None:
            yield
            return
        with self.continuation.store.taken(study):
            yield


def installment(
    rules: StudyRules,
    study: Study,
    log: Log,
    today: date,
    own_key: bytes,
    through: str | None = None,
    state: StatePlace | None = None,
) -> Installment:
    """Return what a run today is to read and release.

    `own_key` is the run's own for accounts, used unless a running total has to know them. A
    continual study closes every period that has ended and was not released, up to `through`.

    Raises:
        PolicyRefuses: there is none (PL-RUN-004), `through` is no period of the study (PL-RUN-003)
            or has not ended (PL-RUN-005).
        StateNeeded: the study has running totals, and no place for their state was given.
        TrendStateUnusable: their state is missing, or not the latest.
    """
    policy = rules.policy
    if policy.continual is None:
        if through is not None:
            raise PolicyRefuses(
                "PL-RUN-006",
                "the study is not continual, and releases its periods all at once",
                hint=f"Leave {through} out, or write continual into the policy.",
            )
        return Installment(policy.dimensions.days, own_key)
    keys = policy.dimensions.keys(policy.continual.by)
    last = log.last_period(policy.digest, policy.dataset.id)
    window = _window(keys, policy.continual.by, last, today, through)
    first, last_one = (days_of(policy.continual.by, window.closed[end]) for end in (0, -1))
    days = first[0], last_one[1]
    totals = [s for s in study.statistics if isinstance(s.measure, RunningTotal)]
    if not totals:
        return Installment(days, own_key, Continuation(window))
    if state is None:
        raise StateNeeded(
            "the study has running totals, which go on from run to run",
            hint="Give --state, a private directory, and --state-key, a file in another place.",
        )
    key = _state_key(state, fresh=window.first == 0)
    store = TrendStore(state.directory, key, policy.digest, policy.dataset.id)
    reserved = _reservations(log, policy.digest, policy.dataset.id)
    paid = _paid(reserved)
    closed = store.closed(study, window.first)
    if _reserved_in_vain(reserved, last):
        # INVARIANT: what is drawn again is paid again. Only what a dead run kept is not drawn.
        paid &= {name for name, periods in closed.items() if periods > window.first}
    contributors = blake2b(policy.dataset.id.encode(), key=key, person=b"cl-trend-contr").digest()
    going_on = Continuation(window, paid & {s.id for s in totals}, store)
    return Installment(days, contributors[:KEY_BYTES], going_on)


def _window(
    keys: tuple[str, ...], by: str, last: str | None, today: date, through: str | None
) -> Window:
    first = 0 if last is None else keys.index(last) + 1
    if through is not None and through not in keys:
        raise PolicyRefuses(
            "PL-RUN-003",
            f"{through} is no {by} of the study",
            hint=f"It runs from {keys[0]} to {keys[-1]}.",
        )
    ended = sum(1 for key in keys if days_of(by, key)[1] < today)
    until = ended if through is None else keys.index(through) + 1
    if until > ended:
        raise PolicyRefuses(
            "PL-RUN-005",
            f"the {by} {through} has not ended",
            hint="A period is released once, when all of it is there.",
        )
    if until <= first:
        done = (
            f"up to {last} everything is released, once and for all" if last else "none has ended"
        )
        raise PolicyRefuses(
            "PL-RUN-004",
            f"there is no {by} to release: {done}",
            hint="Wait for the next one to end; an earlier release stays in its directory.",
        )
    return Window(keys, first, until)


def _reservations(log: Log, policy: str, dataset: str) -> tuple[BudgetReserve, ...]:
    """Return every spend of the policy on the dataset, released or not."""
    return tuple(
        entry.body
        for entry in log.entries()
        if isinstance(entry.body, BudgetReserve)
        and (entry.body.policy, entry.body.dataset) == (policy, dataset)
    )


def _paid(reserved: Sequence[BudgetReserve]) -> frozenset[str]:
    """Return every statistic of the policy that was ever paid for, released or not."""
    return frozenset(spend.id for body in reserved for spend in body.statistics)


def _reserved_in_vain(reserved: Sequence[BudgetReserve], last: str | None) -> bool:
    """Say whether a run has paid for periods that are not out yet: it may have drawn them."""
    return any(
        bool(body.periods) and (last is None or body.periods[-1] > last) for body in reserved
    )


def _state_key(state: StatePlace, *, fresh: bool) -> bytes:
    """Read the key; make one where nothing was released yet and there is none."""
    try:
        if fresh and not state.key.exists():
            write_new(state.key, secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n", 0o600)
        state.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = bytes.fromhex(state.key.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise StateNeeded(
            "the key of the running totals is not there",
            hint="Give the file that the first run wrote; without it they can't go on.",
        ) from None
    except OSError as error:
        raise OutputUnwritable(
            f"the state of the running totals can't be reached: {error.strerror}",
            hint="Check --state and --state-key and their permissions.",
        ) from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StateNeeded(
            "the key of the running totals is no key",
            hint="Give the file that the first run wrote.",
        )
    return key
