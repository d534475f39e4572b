"""The questions that verification asks of a log, each answered on its own.

Every check is recorded as passed, failed or not-checked, and what was not checked is never shown
as passed. Reads, never writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal

from audit.anchors import Fork, read_anchor
from audit.approval import policy_file_problem
from audit.bodies import PolicyAdopt, PolicyRevoke
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import cosigners
from audit.durable import read_bytes
from audit.entries import Entry, parse_canonical, parse_entry
from audit.errors import (
    AuditError,
    EntryInvalid,
    LifecycleBroken,
    LogCut,
    LogForked,
    LogTampered,
    LogUnreadable,
    SignatureUntrusted,
    TimestampInvalid,
    WitnessMissing,
)
from audit.files import Files
from audit.hand_over import follow
from audit.history import History, could_be_torn, parse_json, split_lines
from audit.ledger import Ledger
from audit.lifecycle import Lifecycle
from audit.outputs import check_outputs
from audit.second_look import (
    asks_for_approval,
    budget_problem,
    policy_problem,
    revocation_problem,
)
from audit.stamps import KeptToken, TimeStamp, latest_day
from audit.timestamp import TimeAuthority
from audit.trust import Trust, TrustedWitness
from audit.witness import believed_memory

Status = Literal["passed", "failed", "not-checked"]
_PARSES = "every line and the checkpoint parse"
_IN_SCHEMA = "every entry is in the closed schema"
_CANONICAL = "every line is in its one canonical form"


@dataclass(frozen=True)
class Check:
    """One question asked of the log, and the answer."""

    name: str
    status: Status
    explanation: str
    error: AuditError | None = None
    """Why it failed, for the exit code; None unless failed."""


class Examination:
    """Runs the checks and collects their answers, in the order in which they are called."""

    def __init__(self, files: Files, trust: Trust) -> None:
        self.files, self.trust = files, trust
        self.checks: list[Check] = []
        self.history = History()
        self.lines, self.tail = split_lines(files.entries or b"")
        self.signed: SignedCheckpoint | None = None
        self.whole = False
        """Whether every complete line was read as an entry."""
        self.forks: list[Fork] = []
        self.stamps: list[TimeStamp] = []
        """The time stamps that were believed."""
        self.keys = trust.log_keys
        """The log's keys; those that the trust file names, until `key_spans` has followed them."""
        self.witnessed = 0
        """How many entries a witness remembers that was reached and agrees."""
        self.remembered = False
        """Whether anybody's memory of the log, a witness's or a kept head, agrees with it."""

    def answer(self, name: str, error: AuditError | None, passed: str) -> bool:
        """Record a check that was made."""
        status: Status = "failed" if error else "passed"
        self.checks.append(Check(name, status, str(error) if error else passed, error))
        return error is None

    def skip(self, name: str, why: str) -> None:
        """Record a check that could not be made."""
        self.checks.append(Check(name, "not-checked", why))

    @property
    def head(self) -> Checkpoint | None:
        """What the checkpoint says, verified or not."""
        return self.signed.checkpoint if self.signed else None

    @property
    def believed(self) -> list[Entry]:
        """The entries that were signed, by the log or for a witness.

        INVARIANT: nothing that stands after them counts, for whoever can write the file can add
        a line; it tells of a crash at most.
        """
        return self.history.entries[: self._signed_size]

    @property
    def _signed_size(self) -> int:
        return max(self.head.size if self.head else 0, self.witnessed)

    def read(self) -> None:
        """Parse, schema, canonical bytes, sequence: each over every complete line."""
        found = list(takewhile(lambda e: e is not None, map(parse_canonical, self.lines)))
        if len(found) == len(self.lines):
            # What passes three questions in one pass passes each of them.
            entries = [entry for entry in found if entry is not None]
            self.answer("parse", self._files_problem(), _PARSES)
            self.answer("schema", None, _IN_SCHEMA)
            self.answer("canonical bytes", None, _CANONICAL)
            self._sequence(entries, same=True)
        else:
            self._read_one_by_one()

    def _read_one_by_one(self) -> None:
        """Ask each question of every line on its own, to say which it is that a log fails."""
        values: list[object] = []
        entries: list[Entry] = []
        self.answer("parse", self._parse(values), _PARSES)
        problem: AuditError | None = None
        if len(values) < len(self.lines):
            for name in ("schema", "canonical bytes", "sequence"):
                self.skip(name, "not every line parses")
            return
        try:
            entries.extend(parse_entry(value) for value in values)
        except EntryInvalid as error:
            problem = LogTampered(str(error))
        if not self.answer("schema", problem, _IN_SCHEMA):
            for name in ("canonical bytes", "sequence"):
                self.skip(name, "not every entry is in the schema")
            return
        same = all(e.line() == line for e, line in zip(entries, self.lines, strict=True))
        problem = None if same else LogTampered("an entry is not in its canonical form")
        self.answer("canonical bytes", problem, _CANONICAL)
        self._sequence(entries, same=same)

    def _sequence(self, entries: list[Entry], *, same: bool) -> None:
        problem: AuditError | None = None
        for entry, line in zip(entries, self.lines, strict=True):
            try:
                self.history.check_sequence(entry)
            except LogTampered as error:
                problem = problem or error
            self.history.add_leaf(entry, line)
        self.whole = same and problem is None
        if self.whole and entries:
            problem = self._origin_problem()
        self.answer("sequence", problem, "entries are numbered from 0 and dates never go back")

    def _parse(self, values: list[object]) -> AuditError | None:
        problem: AuditError | None = None
        for line in self.lines:
            try:
                values.append(parse_json(line))
            except LogTampered as error:
                problem = problem or error
        return problem or self._files_problem()

    def _files_problem(self) -> AuditError | None:
        """Return what is wrong beside the complete lines: the tail, a missing file, the head."""
        if not could_be_torn(self.tail):
            return LogTampered("the last line was changed")
        if self.files.checkpoint is None or self.files.entries is None:
            return LogCut("the log or its checkpoint is not there")
        try:
            self.signed = SignedCheckpoint.parse(self.files.checkpoint)
        except LogTampered as error:
            return error
        return None

    def _origin_problem(self) -> AuditError | None:
        try:
            origin = self.history.origin()
        except LogTampered as error:
            return error
        if self.head is not None and origin != self.head.origin:
            return LogTampered("the entries and the checkpoint are of different logs")
        return None

    def key_spans(self) -> None:
        """Each key of the log took over by the word of the one before."""
        if not self.whole:
            self.skip("key spans", "the entries could not be read")
            return
        problem: AuditError | None = None
        try:
            entries = self.history.entries
            self.keys = follow(self.trust, entries, self.history.root, len(entries))
        except AuditError as error:
            problem = error
        count = len(self.keys.later)
        handed = f"{count} hand-over{'s' * (count != 1)}, by the word of both keys"
        self.answer("key spans", problem, handed if count else "the log has had one key")

    def root(self) -> None:
        """The sealed entries are those whose root was signed."""
        head = self.head
        if head is None:
            self.skip("root", "the checkpoint could not be read")
            return
        problem: AuditError | None = None
        if len(self.lines) < head.size:
            problem = LogCut("there are fewer entries than the checkpoint says")
        elif len(self.history.leaves) < head.size:
            self.skip("root", "the entries could not be read")
            return
        elif self.history.root(head.size) != head.root:
            problem = LogTampered("the entries are not the ones that were signed")
        self.answer("root", problem, "the entries are the ones that were signed")

    def signatures(self) -> None:
        """The checkpoint is signed by the pinned log key, and by enough witnesses."""
        signed, trust = self.signed, self.trust
        if signed is None:
            self.skip("log signature", "the checkpoint could not be read")
            self.skip("witness quorum", "the checkpoint could not be read")
            return
        problem: AuditError | None = None
        try:
            if signed.checkpoint.origin != trust.log.name:
                raise SignatureUntrusted("this is another log than the trust file names")
            self.keys.require_signed(signed.note, signed.checkpoint.size)
        except SignatureUntrusted as error:
            problem = error
        by = "the pinned key" if not self.keys.later else "the key of its size"
        self.answer("log signature", problem, f"the checkpoint is signed by {by}")
        problem, found = None, 0
        try:
            found = len(cosigners(signed.note, trust.witness_keys))
            if found < trust.quorum:
                problem = WitnessMissing("too few trusted witnesses cosigned the checkpoint")
        except SignatureUntrusted as error:
            problem = error
        if problem is None and trust.quorum == 0:
            self.skip("witness quorum", "the trust file asks for no witness")
        else:
            self.answer("witness quorum", problem, "enough witnesses cosigned the checkpoint")

    def memories(self) -> None:
        """The log continues what each witness remembers, as far as they can be asked."""
        reached = {witness.vkey: self._believed(witness, m) for witness, m in self.files.memories}
        for witness in self.trust.witnesses:
            name = f"witness memory {witness.vkey.name}"
            memory = reached.get(witness.vkey)
            if self.head is not None and self.head.origin != self.trust.log.name:
                self.skip(name, "this is another log than the witness knows")
            elif witness.vkey not in reached:
                more = "" if witness.url is None else "; it can be asked, with --online"
                self.skip(name, "its memory is elsewhere" + more)
            elif isinstance(memory, (WitnessMissing, LogUnreadable)):
                self.skip(name, str(memory))
            elif isinstance(memory, AuditError):
                self.answer(name, memory, "")
            elif memory is None:
                self._never_cosigned(name, witness)
            else:
                problem = self._continues(memory, witness.vkey.name) or self._behind(
                    witness, memory
                )
                if self.answer(name, problem, "it remembers this history"):
                    self.remembered = True
                    self.witnessed = max(self.witnessed, memory.checkpoint.size)

    def _believed(
        self, witness: TrustedWitness, kept: bytes | AuditError
    ) -> SignedCheckpoint | AuditError | None:
        if isinstance(kept, AuditError) or not kept:
            return kept or None
        try:
            return believed_memory(kept, witness.vkey, self.keys, len(self.lines))
        except AuditError as error:
            return error

    def _never_cosigned(self, name: str, witness: TrustedWitness) -> None:
        if self._cosigned_by(witness):
            self.answer(name, WitnessMissing("the witness has lost its memory"), "")
        else:
            self.skip(name, "the witness remembers nothing of this log yet")

    def _cosigned_by(self, witness: TrustedWitness) -> bool:
        return self.signed is not None and any(
            s.is_by(witness.vkey) for s in self.signed.note.signatures
        )

    def _continues(self, memory: SignedCheckpoint, remembered_by: str) -> AuditError | None:
        old = memory.checkpoint
        if old.size > len(self.lines):
            return LogCut(f"the log is shorter than {remembered_by} remembers")
        if len(self.history.leaves) < old.size:
            return LogTampered("the entries that are remembered could not be read")
        if self.history.root(old.size) != old.root:
            ours = self.signed.note.to_bytes() if self.signed else b""
            self.forks.append(Fork(remembered_by, ours, memory.note.to_bytes()))
            return LogForked(f"{remembered_by} remembers another history of this log")
        return None

    def _behind(self, witness: TrustedWitness, memory: SignedCheckpoint) -> AuditError | None:
        # A witness persists before it answers, so its memory is never behind its signature.
        if self.head and self._cosigned_by(witness) and memory.checkpoint.size < self.head.size:
            return WitnessMissing("the witness's memory was put back to an earlier state")
        return None

    def anchors(self, paths: Sequence[Path]) -> None:
        """The log continues every checkpoint that somebody kept."""
        if not paths:
            self.skip("anchors", "no checkpoint was given that somebody kept")
        for path in paths:
            name = f"anchor {path.name}"
            try:
                anchor = read_anchor(path, self.keys)
            except AuditError as error:
                self.answer(name, error, "")
                continue
            if anchor.checkpoint.size == 0:
                self.skip(name, "a checkpoint of an empty log remembers nothing")
                continue
            said = f"the log continues its {anchor.checkpoint.size} entries"
            if self.answer(name, self._continues(anchor, path.name), said):
                self.remembered = True

    def time_stamps(self, kept: Sequence[KeptToken], authority: TimeAuthority | None) -> None:
        """Each time stamp beside the log is by the authority given, and over this history."""
        name = "time stamps"
        if not kept:
            self.skip(name, "none is kept beside the log")
        elif authority is None:
            self.skip(name, "no certificate of an authority was given, with --tsa")
        else:
            for one in kept:
                try:
                    self.stamps.append(self._time_stamp(one, authority))
                except AuditError as error:
                    self.checks.append(Check(name, "failed", f"{one.name}: {error}", error))
            if len(self.stamps) == len(kept):
                self.answer(name, None, self.stamps[-1].words())

    def _time_stamp(self, kept: KeptToken, authority: TimeAuthority) -> TimeStamp:
        stamped = read_bytes(kept.head)
        if stamped is None:
            raise TimestampInvalid(f"what the time stamp {kept.name} is over is not there")
        head = read_anchor(kept.head, self.keys)
        stamp = TimeStamp(kept.name, head.checkpoint.size, authority.time_of(kept.token, stamped))
        problem = self._continues(head, f"the time stamp {kept.name}")
        if problem is None and self.whole:
            last = self.history.entries[stamp.size - 1] if stamp.size else None
            if last is not None and last.day > latest_day(stamp):
                problem = LifecycleBroken(
                    f"an entry bears a later date than the time stamp {kept.name} over it"
                )
        if problem is not None:
            raise problem
        return stamp

    def unsealed(self) -> None:
        """After the signed entries stands no more than one, which is what a crash can leave."""
        problem: AuditError | None = None
        if len(self.lines) > self._signed_size + 1:
            problem = LogTampered("more stands after the signed entries than a crash can leave")
        self.answer("after the seal", problem, "nothing unsigned is counted")

    def rules(self) -> None:
        """Lifecycle and budget: over the signed entries, and whether a further one would fit."""
        if not self.whole:
            self.skip("lifecycle", "the entries could not be read")
            self.skip("budget", "the entries could not be read")
            return
        lifecycle, ledger = Lifecycle(), Ledger()
        self.history.lifecycle, self.history.ledger = lifecycle, ledger
        problem = self._replay(lifecycle)
        self.answer("lifecycle", problem, "every run follows the order of a run")
        self.answer("budget", self._replay(ledger), "no dataset spent more than its total")

    def _replay(self, state: Lifecycle | Ledger) -> AuditError | None:
        """Return the first error with which the state refuses an entry; keep the signed ones."""
        signed = self._signed_size
        for entry in self.history.entries:
            try:
                state.check(entry)
            except AuditError as error:
                return error
            if entry.seq < signed:
                state.record(entry)
        return None

    def budget_again(self) -> None:
        """The second verifier's fold, over exact fractions, comes to the same accounts."""
        if not self.whole:
            self.skip("budget, other code", "the entries could not be read")
            return
        problem = budget_problem(self.lines[: self._signed_size], self.history.ledger)
        self.answer("budget, other code", problem, "other code comes to the same accounts")

    def approvers(self) -> None:
        """Every approval that the log names is by a pinned approver, in that role."""
        unsigned = revocation_problem(self.believed, self.trust.log.name) if self.whole else None
        if unsigned is not None:
            self.answer("approvers", unsigned, "")
            return
        if not self.trust.approvers or not self.whole:
            self.skip("approvers", "the trust file names no approver, or there is nothing to read")
            return
        pinned = {(a.role, a.key) for a in self.trust.approvers}
        named = {
            (a.role, a.key)
            for e in self.believed
            if isinstance(e.body, PolicyAdopt)
            for a in e.body.approvals
        } | {(e.body.role, e.body.key) for e in self.believed if isinstance(e.body, PolicyRevoke)}
        problem = (
            None
            if named <= pinned
            else SignatureUntrusted("an approval or a revocation is by a key not trusted")
        )
        self.answer("approvers", problem, "every one named is pinned; revocations are signed")

    def policies(self) -> None:
        """Where a spend stands, its policy was adopted, approved and not past its last day."""
        if not self.whole:
            self.skip("policies", "the entries could not be read")
            return
        problem = policy_problem(self.believed)
        if problem is None and asks_for_approval(self.believed) and not self.trust.approvers:
            self.skip("policies", "the trust file does not say whose approvals count")
            return
        self.answer("policies", problem, "every spend's policy was approved and valid by then")

    def policy_files(self, files: Sequence[Path]) -> None:
        """What was spent under each policy given was approved, by signatures."""
        if not files:
            self.skip("policy files", "no policy was given: approvals are names in the log alone")
        for file in files:
            name = f"policy {file.name}"
            if not self.whole:
                self.skip(name, "the entries could not be read")
            elif not self.trust.approvers:
                self.skip(name, "the trust file does not say whose approvals count")
            else:
                problem = policy_file_problem(file, self.believed, self.trust)
                self.answer(name, problem, "what was spent under it was approved, by signatures")

    def outputs(self, releases: Sequence[Path]) -> None:
        """Each directory's files are exactly those of one release."""
        if not releases:
            self.skip("outputs", "no release was given")
            return
        problem: AuditError | None = None
        for directory in releases:
            try:
                check_outputs(directory, self.believed)
            except AuditError as error:
                problem = problem or error
        self.answer("outputs", problem, "every file given is the one that was recorded")
