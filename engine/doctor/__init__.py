"""What is wrong with a set-up, and how to mend it? No check ends the others."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from audit import Trust
from audit.errors import AuditError
from engine.doctor import keeping, machine, study
from engine.doctor.finding import Finding
from engine.doctor.study import OptOuts

__all__ = ["Finding", "OptOuts", "examine"]


def examine(
    today: date,
    *,
    log: Path | None = None,
    trust: Path | None = None,
    policy: Path | None = None,
    optouts: OptOuts | None = None,
    online: bool = False,
) -> Iterator[Finding]:
    """Yield a finding for each check of the machine, and of what is given beside it.

    Args:
        today: the UTC date by which lists, salts and policies are old.
        log: a log to verify, with its keys and salts.
        trust: the trust file to verify it by.
        policy: a policy that is to run here.
        optouts: an opt-out list that is to be applied.
        online: ask witnesses on other machines, over the network.
    """
    yield from machine.machine(log if log is not None and log.exists() else Path.cwd())
    if optouts is not None:
        yield study.list_fresh(optouts, today)
    keys, last = None, None
    if trust is not None and log is not None:
        yield keeping.trust_pinned(trust, log)
    if trust is not None and trust.is_file():
        try:
            keys = Trust.load(trust)
        except AuditError as error:
            yield keeping.unreadable(error)
    if log is None:
        yield Finding("log", "not checked", "none was given", "Give --log to have it verified.")
    elif keys is not None:
        yield from keeping.witnesses(keys, log, online=online)
        try:
            result, checks = keeping.log_sound(log, keys, online=online)
        except AuditError as error:
            yield keeping.unreadable(error)
        else:
            yield from checks
            last = result.entries[-1].day if result.entries else None
            yield study.apart_from_tests(result, policy)
            folders = [w.path for w in keys.witnesses if w.path is not None]
            yield from keeping.private_keys(log, folders)
            yield keeping.salts(log, today)
    yield machine.clock(today, last)
    if policy is not None:
        yield from study.policy_ready(policy, keys, today)
