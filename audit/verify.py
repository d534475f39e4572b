"""Verification of a log by somebody who trusts only the trust file.

Reads, never writes; needs no private key and no photo.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.anchors import Fork
from audit.checks import Check, Examination
from audit.entries import Entry
from audit.errors import AuditError
from audit.files import Files
from audit.ledger import Ledger
from audit.stamps import TimeStamp, kept_tokens
from audit.timestamp import TimeAuthority
from audit.trust import Trust


@dataclass(frozen=True)
class Verification:
    """Every check, in order, and what the log's checkpoint says."""

    checks: tuple[Check, ...]
    size: int
    """Sealed entries, as the checkpoint says; 0 where it does not parse."""
    root: bytes
    origin: str
    unsealed_tail: bool
    """Whether something follows the sealed entries, as after a crash; not a failure."""
    entries: tuple[Entry, ...]
    """The signed entries that could be read, to be believed only if `exit_code` is 0."""
    ledger: Ledger
    """Their accounts, to be believed only if `exit_code` is 0."""
    forks: tuple[Fork, ...] = ()
    """Heads that somebody remembers and that this log does not continue."""
    checkpoint: bytes = b""
    """The checkpoint file as it was read."""
    stamps: tuple[TimeStamp, ...] = ()
    """The time stamps that were believed, those over fewer entries first."""
    remembered: bool = False
    """Whether a witness's memory or a kept head was compared and agrees. Without one nobody can
    tell here whether an older copy of the log was put back."""

    @property
    def failure(self) -> AuditError | None:
        """The failed check's error that takes precedence, None where none failed."""
        errors = [c.error for c in self.checks if c.error is not None]
        return min(errors, key=lambda e: e.exit_code, default=None)

    @property
    def exit_code(self) -> int:
        """0, or the least exit code among the failed checks: 3 before 4 before 5 and so on."""
        return self.failure.exit_code if self.failure else 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through a long log's entries, which all live."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def examine(log_dir: Path, trust: Trust) -> Verification:
    """Run the checks that writer and verifier share, from parsing to the budget; reads only."""
    return _result(_shared(Files.read(log_dir, trust), trust))


def _shared(files: Files, trust: Trust) -> Examination:
    examination = Examination(files, trust)
    examination.read()
    examination.key_spans()
    examination.root()
    examination.signatures()
    examination.memories()
    examination.unsealed()
    examination.rules()
    return examination


@_uncollected()
def verify(
    log_dir: Path,
    trust: Trust,
    *,
    releases: Iterable[Path] = (),
    anchors: Iterable[Path] = (),
    policies: Iterable[Path] = (),
    authority: TimeAuthority | None = None,
    online: bool = False,
) -> Verification:
    """Verify a log and the releases given; never writes and never raises for what it finds.

    `anchors` are files with checkpoints that somebody kept: a log must continue each of them.
    `policies` are policy files with their approvals beside them, held against the log.
    `authority` says whose time stamps are believed, of those that are kept beside the log.
    With `online`, witnesses that the trust file names by URL are asked; otherwise nothing is.

    Raises `LogUnreadable` where this user may not read the files, and `PolicyInvalid` where a
    policy file given is none.
    """
    # First the time stamps: a live writer may add entries, and one over them, at any moment.
    kept = kept_tokens(log_dir)
    examination = _shared(Files.read(log_dir, trust, online=online), trust)
    examination.anchors(tuple(anchors))
    examination.time_stamps(kept, authority)
    examination.budget_again()
    examination.approvers()
    examination.policies()
    examination.policy_files(tuple(policies))
    examination.outputs(tuple(releases))
    return _result(examination)


def _result(examination: Examination) -> Verification:
    head = examination.head
    sealed = head.size if head else 0
    beyond = len(examination.lines) > sealed or bool(examination.tail)
    return Verification(
        tuple(examination.checks),
        sealed,
        head.root if head else b"",
        head.origin if head else "",
        head is not None and beyond,
        tuple(examination.believed),
        examination.history.ledger,
        tuple(examination.forks),
        examination.files.checkpoint or b"",
        tuple(examination.stamps),
        examination.remembered,
    )
