"""The writer of the append-only log.

Every write is one step under the log's lock: read what others appended, ask the witnesses, check
the rules, write the entry, fsync, sign the new checkpoint, have it cosigned, put it in place. A
crash between any two leaves a log that opens, verifies, and never shows less spent than published.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Self

from audit.bodies import (
    Body,
    DatasetDeclare,
    KeyRotate,
    LogOpen,
    PolicyAdopt,
    PolicyRevoke,
    RunEnd,
    RunStart,
    amounts_of,
    expressible,
)
from audit.checkpoint import Checkpoint
from audit.durable import (
    append_bytes,
    create_file,
    locked,
    make_directory,
    read_bytes,
    replace_file,
    truncate,
)
from audit.entries import Entry, make_entry
from audit.errors import (
    LifecycleBroken,
    LogCut,
    LogTampered,
    SignatureUntrusted,
    WitnessMissing,
)
from audit.files import ENTRIES
from audit.hand_over import HandOver, follow
from audit.history import History, parse_line, split_lines
from audit.keys import public_bytes
from audit.ledger import Account, require_declared
from audit.log_keys import LogKeys
from audit.note import ED25519, VerifierKey
from audit.own_keys import OwnKeys
from audit.runs import RunHandle, RunLock
from audit.sealing import Memories, Sealer, check_known, reachable_witnesses
from audit.standing import Objection
from audit.trust import Trust
from audit.verify import examine
from audit.witness import Witness
from policies.amounts import Loss
from policies.revocation import Revocation, is_signed

_LOCK = "lock"
_PRIVATE = "private"
_RUNS = "runs"
_NEXT = "next"
"""The line that is about to be added: what may be found unsealed after a crash."""


class Log:
    """An open log: verified when it was opened, and again wherever it grows.

    Any number of processes and threads may hold the same log open.
    """

    def __init__(self, path: Path, at: date, sealer: Sealer) -> None:
        # A datetime is a date to Python: its hours must not reach the log.
        self.path, self.at = path, date(at.year, at.month, at.day)
        self._given, self._sealer = sealer.trust, sealer
        self._history = History()
        self._offset = 0
        self._keys = LogKeys(self._given.log, (), self._given.revoked)
        self._rotated: Entry | None = None
        """The rotation that a killed process had begun and this one finished."""

    @classmethod
    def create(cls, path: Path, *, at: date) -> Self:
        """Make a new log with a random origin and a key of its own; raises `LogExists`.

        The log returned has no witness. Make one with `DirectoryWitness.create(..., log.vkey)`,
        write a `Trust` that names it, and open the log with that.
        """
        make_directory(path, 0o755)
        make_directory(path / _PRIVATE, 0o700)
        make_directory(path / _PRIVATE / _RUNS, 0o700)
        own = OwnKeys(path / _PRIVATE)
        private = own.create()
        origin = f"crowdlens/{secrets.token_hex(16)}"
        trust = Trust(VerifierKey(origin, ED25519, public_bytes(private)))
        log = cls(path, at, Sealer(path, trust, own, ()))
        entry = make_entry(LogOpen(origin=origin), seq=0, at=at, run=None)
        with locked(path / _LOCK):
            create_file(path / ENTRIES, entry.line() + b"\n")
            log._take_lines()
            log._sealer.seal(log._history, log._keys, {}, at)
        return log

    @classmethod
    def open(
        cls, path: Path, trust: Trust, at: date, *, witnesses: Sequence[Witness] | None = None
    ) -> Self:
        """Verify a log and open it for writing, on the UTC date `at`.

        `witnesses` are those that can be asked; left out, the trust file's folders and URLs. Drops
        a torn tail beyond what was sealed, seals what a crash left unsealed, and brings witnesses
        that lag up to date. Raises `LogTampered` or `LogForked` (3), `LogCut` (4),
        `SignatureUntrusted` (5), `WitnessMissing` (6), `LifecycleBroken` or `BudgetRefused` (7),
        `LogUnwritable` (10).
        """
        if read_bytes(path / ENTRIES) is None and not (path / _LOCK).exists():
            raise LogCut("there is no log at this path, or it was deleted")
        own = OwnKeys(path / _PRIVATE)
        own.load()
        asked = reachable_witnesses(trust) if witnesses is None else tuple(witnesses)
        check_known(asked, trust)
        log = cls(path, at, Sealer(path, trust, own, asked))
        with locked(path / _LOCK):
            _require_sound(path, trust)
            known = log._catch_up()
            own.of(log._keys.newest)
            stored = log._sealer.stored(log._history, log._keys)
            if not log._sealer.is_current(stored, log._history, known):
                log._sealer.seal(log._history, log._keys, known, log._day())
        return log

    @property
    def vkey(self) -> VerifierKey:
        """The log's first public key, which trust files pin; its name is the log's origin."""
        return self._given.log

    @property
    def trust(self) -> Trust:
        """The trust that the log was opened with, and the later keys that it leads to."""
        return replace(self._given, successors=self._keys.later)

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, those of other processes too."""
        with self._session():
            return tuple(self._history.entries)

    def account(self, dataset: str) -> Account:
        """Return a dataset's account; raises `BudgetRefused` where it was never declared."""
        with self._session():
            return self._history.ledger.account(dataset)

    def append(self, body: Body, run: str | None = None) -> Entry:
        """Write an entry, durable and witnessed when this returns.

        Raises `EntryInvalid`, `LifecycleBroken` or `BudgetRefused` with nothing written; any
        other `AuditError` leaves an entry that is whole and counts, or none.
        """
        if isinstance(body, KeyRotate):
            raise LifecycleBroken("a log is handed over by `rotate_key` alone")
        if isinstance(body, PolicyRevoke):
            raise LifecycleBroken("a policy is revoked by `revoke_policy` alone")
        with self._session() as known:
            return self._write(body, run, known)

    def rotate_key(self) -> Entry:
        """Hand the log over to a new key, made here and now, and drop the old one.

        Both keys sign the entry and the checkpoint over it; later ones are signed by the new key
        alone. Where a killed process had begun this and `open` has finished it, nothing more is
        done. Killed anywhere in it, the log opens, and whoever opens it finishes.
        """
        with self._session() as known:
            if self._rotated is not None:
                entry, self._rotated = self._rotated, None
                return entry
            old, own = self._keys.newest, self._sealer.own
            private = own.make_next()
            size = len(self._history.leaves)
            before = Checkpoint(old.name, size, self._history.root(size))
            over = HandOver(before, old, VerifierKey(old.name, ED25519, public_bytes(private)))
            entry = self._write(over.signed(own.of(old), private), None, known)
            own.settle(self._keys.newest)
            return entry

    def declare_dataset(self, dataset: str, total: Loss) -> Entry | None:
        """Declare what a dataset may lose in all; does nothing where that is declared already.

        Raises `BudgetRefused` where another total is: the first declaration binds for ever.
        """
        with expressible():
            body = DatasetDeclare(dataset=dataset, total=amounts_of(total))
        with self._session() as known:
            if dataset in self._history.ledger.datasets:
                declared = self._history.ledger.account(dataset).total
                require_declared(dataset, declared, body.total.loss())
                return None
            return self._write(body, None, known)

    def last_period(self, policy: str, dataset: str) -> str | None:
        """Return the last period that a continual study has released; None for none."""
        with self._session():
            return self._history.lifecycle.closed.get((policy, dataset))

    def adopt_policy(self, body: PolicyAdopt) -> Entry | None:
        """Write that a policy is adopted; does nothing where the same is written already."""
        with self._session() as known:
            if self._history.lifecycle.adopted.get(body.policy) == body:
                return None
            return self._write(body, None, known)

    def revoke_policy(self, revocation: Revocation) -> Entry | None:
        """Write that a policy is revoked; does nothing where the same is written already.

        From then on nothing starts, is spent or is released under it, in any process. Raises
        `SignatureUntrusted` unless a key that the trust file pins has signed it, for this log.
        """
        if not any(
            (a.role, a.key) == (revocation.role, revocation.key) for a in self._given.approvers
        ):
            raise SignatureUntrusted("the revocation is by a key that is not trusted in this role")
        if not is_signed(revocation, self.vkey.name):
            raise SignatureUntrusted("the revocation is not signed by the key that it names")
        with expressible():
            body = PolicyRevoke(**revocation.model_dump())
        with self._session() as known:
            if any(entry.body == body for entry in self._history.entries):
                return None
            return self._write(body, None, known)

    def objection(self, body: PolicyAdopt) -> Objection | None:
        """Return why a policy may not be adopted, or used again; None where it may."""
        with self._session():
            return self._history.lifecycle.standing.to_adopting(body)

    def start_run(self, body: RunStart) -> RunHandle:
        """Start a run under a new random id; the handle marks it as live until it is closed."""
        run = secrets.token_hex(16)
        # The lock comes first: there is no moment at which a run stands in the log unheld.
        lock = RunLock.take(self._runs, run)
        if lock is None:
            raise LifecycleBroken("the new run is held by another process")
        try:
            self.append(body, run)
        except BaseException:
            lock.drop()
            raise
        return RunHandle(self, run, body, lock)

    def resume_run(self, run: str) -> RunHandle:
        """Take up a killed process's run; raises `LifecycleBroken` if it is live or over."""
        with self._session():
            if run not in self._history.lifecycle.open_runs():
                raise LifecycleBroken("there is no such run, or it has ended")
            lock = RunLock.take(self._runs, run)
            if lock is None:
                raise LifecycleBroken("the run is held by another process")
            state = self._history.lifecycle.runs[run]
            return RunHandle(self, run, state.start, lock, state.committed, state.spent)

    def end_dangling_runs(self) -> tuple[Entry, ...]:
        """End, as interrupted, every run that nobody holds; its spend stands."""
        ended = []
        with self._session():
            for run in self._history.lifecycle.open_runs():
                lock = RunLock.take(self._runs, run)
                if lock is None:
                    continue
                try:
                    known = self._sealer.ask(self._history, self._keys)
                    ended.append(self._write(RunEnd(outcome="interrupted"), run, known))
                finally:
                    lock.drop()
        return tuple(ended)

    @property
    def _runs(self) -> Path:
        return self.path / _PRIVATE / _RUNS

    def _day(self) -> date:
        # INVARIANT: dates never go back, so that a clock put back can't revive a policy.
        return max(self.at, self._history.last_day())

    @contextmanager
    def _session(self) -> Iterator[Memories]:
        with locked(self.path / _LOCK):
            yield self._catch_up()

    def _catch_up(self) -> Memories:
        """Take in what others appended and compare with checkpoint and witnesses; lock held."""
        torn = self._take_lines()
        sealed = self._sealer.stored(self._history, self._keys).checkpoint.size
        known = self._sealer.ask(self._history, self._keys)
        if sealed < len(self._history.leaves):
            # What a witness remembers was signed too.
            self._require_intended(max([sealed, *(m.size for m in known.values() if m)]))
            self._sealer.seal(self._history, self._keys, known, self._day())
            known = self._sealer.ask(self._history, self._keys)
        if torn:
            # Sealed and witnessed entries are all complete by now, so this was never sealed.
            truncate(self.path / ENTRIES, self._offset)
        if self._keys.later and self._sealer.own.settle(self._keys.newest):
            self._rotated = self._history.entries[self._keys.newest_from - 1]
        return known

    def _require_intended(self, signed: int) -> None:
        """Raise `LogTampered` unless what a crash left unsealed is what its writer meant to add.

        INVARIANT: an entry gets a signature only if it was announced in the private folder, where
        nobody writes who could not sign it anyway.
        """
        unsigned = self._history.entries[signed:]
        meant = read_bytes(self.path / _PRIVATE / _NEXT)
        if [entry.line() for entry in unsigned] not in ([], [meant]):
            raise LogTampered("an entry after the signed ones was not written by this log's owner")

    def _take_lines(self) -> bytes:
        data = read_bytes(self.path / ENTRIES)
        if data is None or len(data) < self._offset:
            raise LogCut("the log was shortened while it was open")
        lines, torn = split_lines(data[self._offset :])
        for line in lines:
            entry = parse_line(line)
            self._history.check(entry)
            self._record(entry)
            self._offset += len(line) + 1
        return torn

    def _record(self, entry: Entry) -> None:
        if isinstance(entry.body, KeyRotate):
            entries, size = [*self._history.entries, entry], entry.seq + 1
            # Hand-overs that the trust file names may still lie ahead.
            named = tuple(s for s in self._given.successors if s.size <= size)
            given = replace(self._given, successors=named)
            self._keys = follow(given, entries, self._history.root, size)
        self._history.record(entry)

    def _write(self, body: Body, run: str | None, known: Memories) -> Entry:
        day = self._day()
        entry = make_entry(body, seq=len(self._history.entries), at=day, run=run)
        self._history.check(entry)
        replace_file(self.path / _PRIVATE / _NEXT, entry.line(), mode=0o600)
        line = entry.line() + b"\n"
        append_bytes(self.path / ENTRIES, line, at=self._offset)
        self._record(entry)
        self._offset += len(line)
        self._sealer.seal(self._history, self._keys, known, day)
        return entry


def _require_sound(path: Path, trust: Trust) -> None:
    """Raise the gravest thing that verification finds, but for a quorum that sealing makes up."""
    errors = [
        check.error
        for check in examine(path, trust).checks
        if check.error is not None
        and not (check.name == "witness quorum" and isinstance(check.error, WitnessMissing))
    ]
    if errors:
        raise min(errors, key=lambda error: error.exit_code)
