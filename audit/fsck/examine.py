"""The examination of a log by the second verifier: what is asked, in which order.

Reads, never writes, and needs neither a private key nor a photo. It agrees with `audit.verify` on
what is sound, what is cut and what is tampered with; a property test holds the two together.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audit.fsck import tree
from audit.fsck.files import Log, bytes_of, digests_in, read_log
from audit.fsck.notes import Head, Key, readable, revocation_signed
from audit.fsck.pins import Pins
from audit.fsck.problem import Problem, tampered, untrusted
from audit.fsck.rules import Fold
from audit.fsck.spans import Spans, follow, places


@dataclass(frozen=True)
class Finding:
    """One question, and the answer."""

    name: str
    status: Literal["passed", "failed", "not-checked"]
    explanation: str
    exit_code: int = 0


@dataclass
class Findings:
    """What was asked of a log, in order."""

    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    """Entries that the checkpoint covers."""
    fold: Fold = field(default_factory=Fold)
    """What follows from the signed entries, to be believed only if `exit_code` is 0."""

    @property
    def exit_code(self) -> int:
        """0, or the least exit code of what failed."""
        return min((f.exit_code for f in self.findings if f.exit_code), default=0)

    @property
    def remembered(self) -> bool:
        """Whether a witness's memory or a kept head was compared and agrees."""
        memories = ("witness memory ", "anchor ")
        return any(f.status == "passed" and f.name.startswith(memories) for f in self.findings)

    def ask(self, name: str, question: Callable[[], str | None]) -> bool:
        """Record the answer: passed, failed where `Problem` is raised, not checked for a text."""
        try:
            why = question()
        except Problem as problem:
            self.findings.append(Finding(name, "failed", str(problem), problem.exit_code))
            return False
        self.findings.append(Finding(name, "not-checked" if why else "passed", why or "it holds"))
        return not why


@contextmanager
def _uncollected() -> Iterator[None]:
    # All that is read lives to the end: looking for garbage finds none, and takes its time.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def fsck(
    log_dir: Path,
    trust_file: Path,
    anchors: Sequence[Path] = (),
    releases: Sequence[Path] = (),
) -> Findings:
    """Examine a log once more, with other code; never raises and never writes.

    `anchors` are checkpoints that somebody kept, or proofs; `releases` are published directories.
    """
    found = Findings()
    try:
        log = read_log(log_dir, Pins.load(trust_file))
        kept = [(path.name, bytes_of(path)) for path in anchors]
        published = [(path.name, digests_in(path)) for path in releases]
    except Problem as problem:
        found.findings.append(Finding("files", "failed", str(problem), problem.exit_code))
        return found
    found.size = log.signed
    entries: list[dict[str, Any]] = []
    whole = found.ask("entries", lambda: entries.extend(log.entries()))
    heads = [head for _, m in log.memories if isinstance(m, bytes) for head in [readable(m)]]
    heads += [readable(_head_in(data or b"")) for _, data in kept]
    sizes = {h.size for h in [log.head, *heads] if isinstance(h, Head)}
    roots = tree.roots(log.lines, sizes | places(entries))
    spans = [Spans.of_pins(log.pins)]
    if whole:
        found.ask("key spans", lambda: _spans(log, entries, roots, spans))
    else:
        found.ask("key spans", lambda: "the entries could not be read")
    by = spans[-1]
    found.ask("checkpoint", lambda: _checkpoint(log, roots))
    found.ask("log signature", lambda: _signature(log, by))
    found.ask("witness quorum", lambda: _quorum(log))
    signed = log.signed
    for key, memory in log.memories:
        name = f"witness memory {key.name}"
        if found.ask(name, lambda k=key, m=memory: _memory(log, k, m, roots, by)):  # type: ignore[misc]
            signed = max(signed, Head.read(memory).size)  # type: ignore[arg-type]
    for name, data in kept:
        found.ask(f"anchor {name}", lambda d=data: _anchor(log, d, roots, by))  # type: ignore[misc]
    found.ask("after the seal", lambda: _after(log, signed))
    if not whole:
        found.ask("rules and budget", lambda: "the entries could not be read")
        return found
    found.ask("rules and budget", lambda: _rules(found.fold, entries, signed))
    found.ask("approvers", lambda: _approvers(log.pins, entries[:signed]))
    found.ask("policies", lambda: _policies(log.pins, entries[:signed]))
    for name, digests in published:
        found.ask(f"release {name}", lambda d=digests: _released(d, entries[:signed]))  # type: ignore[misc]
    return found


def _checkpoint(log: Log, roots: dict[int, bytes]) -> str | None:
    if log.missing:
        raise Problem(4, "the log or its checkpoint is not there")
    if isinstance(log.head, Problem):
        raise log.head
    if log.head.size > len(log.lines):
        raise Problem(4, "there are fewer entries than the checkpoint says")
    if roots[log.head.size] != log.head.root:
        raise tampered("the entries are not the ones that were signed")
    return None


def _spans(
    log: Log, entries: list[dict[str, Any]], roots: dict[int, bytes], spans: list[Spans]
) -> str | None:
    spans.append(follow(log.pins, entries, roots))
    return None


def _signature(log: Log, by: Spans) -> str | None:
    if isinstance(log.head, Problem):
        return "the checkpoint could not be read"
    by.check(log.head)
    return None


def _quorum(log: Log) -> str | None:
    if isinstance(log.head, Problem):
        return "the checkpoint could not be read"
    if sum([log.head.cosigned(key) for key, _ in log.pins.witnesses]) < log.pins.quorum:
        raise Problem(6, "too few trusted witnesses cosigned the checkpoint")
    return None if log.pins.quorum else "the trust file asks for no witness"


def _memory(
    log: Log, key: Key, kept: bytes | str, roots: dict[int, bytes], by: Spans
) -> str | None:
    head = log.head
    if isinstance(head, Head) and head.origin != log.pins.log.name:
        return "this is another log than the witness knows"
    if isinstance(kept, str):
        return kept
    cosigned = isinstance(head, Head) and bool(head.by(key))
    if not kept:
        if cosigned:
            raise Problem(6, "the witness has lost its memory")
        return "the witness remembers nothing of this log yet"
    memory = readable(kept)
    if isinstance(memory, Problem):
        raise untrusted("the witness's memory does not parse")
    if memory.origin != log.pins.log.name or not memory.cosigned(key):
        raise untrusted("the witness's memory is not of this log, and cosigned by the witness")
    # The witness's word is enough for that: a log from before a hand-over can't know its key.
    if memory.size > len(log.lines):
        raise Problem(4, "the log is shorter than was remembered")
    by.check(memory)
    _continues(log, memory, roots)
    if cosigned and isinstance(head, Head) and memory.size < head.size:
        raise Problem(6, "the witness's memory was put back to an earlier state")
    return None


def _anchor(log: Log, data: bytes | None, roots: dict[int, bytes], by: Spans) -> str | None:
    if data is None:
        raise Problem(6, "there is no checkpoint at the anchor's path")
    anchor = Head.read(_head_in(data))
    by.check(anchor)
    if anchor.size == 0:
        return "a checkpoint of an empty log remembers nothing"
    _continues(log, anchor, roots)
    return None


def _head_in(data: bytes) -> bytes:
    """Return a checkpoint file's bytes, or the checkpoint that a proof ends in."""
    return data.partition(b"\n\n")[2] if data.startswith(b"c2sp.org/tlog-proof@v1") else data


def _continues(log: Log, memory: Head, roots: dict[int, bytes]) -> None:
    if memory.size > len(log.lines):
        raise Problem(4, "the log is shorter than was remembered")
    if roots[memory.size] != memory.root:
        raise tampered("another history of this log is remembered")


def _after(log: Log, signed: int) -> str | None:
    if len(log.lines) > signed + 1:
        raise tampered("more stands after the signed entries than a crash can leave")
    return None


def _rules(fold: Fold, entries: list[dict[str, Any]], signed: int) -> str | None:
    for place, entry in enumerate(entries):
        fold.take(entry, keep=place < signed)
    return None


def _approvers(pins: Pins, entries: list[dict[str, Any]]) -> str | None:
    revoked = [entry["body"] for entry in entries if entry["type"] == "policy.revoke"]
    if not all(revocation_signed(body, pins.log.name) for body in revoked):
        raise untrusted("a revocation is not signed by the key that it names")
    if not pins.approvers:
        return "the trust file names no approver"
    named = {(body["role"], body["key"]) for body in revoked} | {
        (approval["role"], approval["key"])
        for entry in entries
        if entry["type"] == "policy.adopt"
        for approval in entry["body"]["approvals"]
    }
    if not named <= pins.approvers:
        raise untrusted("an approval or a revocation is by a key not trusted")
    return None


def _released(digests: list[dict[str, str]], entries: list[dict[str, Any]]) -> str | None:
    recorded = [e["body"]["outputs"] for e in entries if e["type"] == "release"]
    if not digests or digests not in recorded:
        raise Problem(8, "the files are not those of any recorded release")
    return None


def _policies(pins: Pins, entries: list[dict[str, Any]]) -> str | None:
    approved: dict[str, bool] = {}
    asked = False
    for entry in entries:
        body = entry["body"]
        if entry["type"] == "policy.adopt":
            asked = asked or body["class"] != "test"
            approved[body["policy"]] = body["class"] == "test" or bool(body["approvals"])
        elif entry["type"] == "budget.reserve" and not approved.get(body["policy"]):
            raise Problem(7, "a spend stands under a policy that nobody had approved")
    return "the trust file names no approver" if asked and not pins.approvers else None
