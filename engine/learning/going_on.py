"""A training that was killed after it had paid: taken up again, and never paid for twice."""

from collections.abc import Iterator
from contextlib import contextmanager

from audit import LifecycleBroken, Log, RunHandle
from audit.bodies import BudgetReserve
from audit.errors import AuditError
from engine.errors import EngineError
from engine.learning.checkpoint import TrainingStore
from engine.observer import Observer
from policies.errors import PoliciesError


def gone_on_with(log: Log, store: TrainingStore, observer: Observer) -> RunHandle | None:
    """Take up the run that a killed training had paid for; None where there is none."""
    if store.paid is None:
        return None
    try:
        handle = log.resume_run(store.paid.run)
    except LifecycleBroken:
        handle = None
    if handle is not None and handle.reservation is not None:
        return handle
    if handle is not None:
        handle.end("interrupted")
    elif any(
        e.run_id == store.paid.run and isinstance(e.body, BudgetReserve) for e in log.entries()
    ):
        observer.stage("begin anew: what the killed training reserved is spent and lost")
    store.note(None)
    return None


@contextmanager
def saying_what_is_spent(handle: RunHandle, *, goes_on: bool) -> Iterator[None]:
    """Say of whatever fails after the reservation that it is spent; leave open what can go on."""
    try:
        yield
    except BaseException as error:
        if handle.reservation is None:
            raise
        more = "What was reserved stays spent."
        if goes_on:
            # INVARIANT: its state is on the disk, so that nothing is paid for twice.
            handle.leave_open()
            more += " The same command goes on with it; any other run on this log ends it."
        if isinstance(error, (EngineError, AuditError, PoliciesError)):
            error.hint = f"{error.hint} {more}".strip()
        raise
