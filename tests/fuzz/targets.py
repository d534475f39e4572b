"""Every parser of what an auditor is handed, with what it may raise and files to start from.

Whatever the bytes are, a parser returns, or raises its own package's error, and nothing else.
"""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audit import AuditError, TlogProof, Trust, verify
from audit.checkpoint import SignedCheckpoint
from audit.fsck import fsck
from audit.fsck.form import read
from audit.fsck.notes import Head, Key
from audit.fsck.pins import Pins
from audit.fsck.problem import Problem
from audit.fsck.proofs import check_proof
from audit.hand_over import HandOver
from audit.history import could_be_torn, parse_line
from audit.note import Signature, SignedNote, VerifierKey
from audit.timestamp import TimeAuthority, imprint
from audit.witness import believed_memory, parse_cosignature
from audit.witness_wire import AddRequest, parse_size
from engine.setup import Place
from policies.approvals import Approver, approvals_path, given_approvals, read_approvals
from policies.errors import PoliciesError
from policies.policy import Policy, load_policy
from tests.places import make_place
from tests.time_authority import STAMPING, Authority, Token
from tests.unit.audit.processes import study_type


@dataclass(frozen=True)
class Target:
    """One parser."""

    name: str
    call: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    """What it may raise."""
    seeds: tuple[bytes, ...]
    """Good files, to be changed."""

    def try_one(self, data: bytes) -> None:
        """Feed it these bytes; whatever it may not raise leaves here."""
        try:
            self.call(data)
        except self.errors:
            return


class _Site:
    """A small study with a release, and a place with an approved policy, in a folder of its own."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="crowdlens-fuzz-")
        root = Path(self.folder.name)
        self.study = study_type().create(root / "study")
        self.study.release(root / "study" / "out")
        self.trust: Trust = self.study.trust
        self.proof = (root / "study" / "out" / "release.tlog-proof").read_bytes()
        self.memory = (self.study.witness_dir / "checkpoint").read_bytes()
        self.head = self.study.checkpoint.read_bytes()
        self.place: Place = make_place(root / "site")
        self.policy: Policy = load_policy(self.place.policy)
        trust = Trust.load(self.place.trust)
        self.origin = trust.log.name
        self.pinned = [Approver(a.role, a.key) for a in trust.approvers]
        self.any = root / "any"
        self.spare = self.study.copy(root / "spare")

    def file(self, data: bytes) -> Path:
        self.any.write_bytes(data)
        return self.any

    def log_with(self, name: str, data: bytes) -> None:
        """Have both verifiers look at a copy of the log in which one file is this."""
        path: Path = self.spare.log_dir / name
        path.write_bytes(data)
        found = verify(self.spare.log_dir, self.trust)
        again = fsck(self.spare.log_dir, self.spare.trust_file)
        path.write_bytes((self.study.log_dir / name).read_bytes())
        # Two verifiers that share no code: what one believes, the other does.
        assert (found.exit_code == 0) == (again.exit_code == 0), (found.exit_code, again.exit_code)

    def approvals(self, data: bytes) -> None:
        place = approvals_path(self.any)
        place.write_bytes(data)
        given_approvals(self.policy, read_approvals(place), self.pinned, self.origin)


@cache
def site() -> _Site:
    """Return the files that targets start from."""
    return _Site()


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


@cache
def targets() -> dict[str, Target]:
    """Return all targets by name."""
    at = site()
    trust = at.trust
    lines = tuple(at.study.lines())
    cosignature = at.memory.decode().splitlines()[-1]
    request = AddRequest.of(3, [bytes(32), bytes(32)], at.head).to_bytes()
    later = VerifierKey(trust.log.name, trust.log.algorithm, bytes(range(32)))
    checkpoint = SignedCheckpoint.parse(at.head).checkpoint
    authority, token = _time_stamp(at)
    pins = Pins.load(at.study.trust_file)
    whole = b"".join(line + b"\n" for line in lines)
    approved = approvals_path(at.place.policy).read_bytes()
    own, others, fscks = (AuditError,), (PoliciesError,), (Problem,)
    made = (
        Target("log-line", parse_line, own, lines),
        Target("log-tail", could_be_torn, (), lines),
        Target("log-line-fsck", read, fscks, lines),
        Target("log-entries", lambda data: at.log_with("entries.jsonl", data), (), (whole,)),
        Target("log-checkpoint", lambda data: at.log_with("checkpoint", data), (), (at.head,)),
        Target("checkpoint", SignedCheckpoint.parse, own, (at.head, at.memory)),
        Target("checkpoint-fsck", Head.read, fscks, (at.head, at.memory)),
        Target("note", SignedNote.parse, own, (at.head, at.memory)),
        Target("signature", _text(Signature.parse), own, (cosignature.encode(),)),
        Target("cosignature", _text(parse_cosignature), own, (cosignature.encode(),)),
        Target("key", _text(VerifierKey.parse), own, (str(trust.log).encode(),)),
        Target("key-fsck", _text(Key.read), fscks, (str(trust.log).encode(),)),
        Target("proof", lambda data: TlogProof.parse(data).verify(trust), own, (at.proof,)),
        Target("proof-fsck", lambda data: check_proof(data, pins), fscks, (at.proof,)),
        Target(
            "witness-memory",
            lambda data: believed_memory(data, trust.witnesses[0].vkey, trust.log_keys),
            own,
            (at.memory,),
        ),
        Target("witness-request", AddRequest.parse, own, (request,)),
        Target("witness-size", parse_size, own, (b"12\n",)),
        Target(
            "hand-over",
            _text(HandOver.parse),
            own,
            (HandOver(checkpoint, trust.log, later).text().encode(),),
        ),
        Target("trust", lambda data: Trust.load(at.file(data)), own, _trusts(at)),
        Target("trust-fsck", lambda data: Pins.load(at.file(data)), fscks, _trusts(at)),
        Target("approvals", at.approvals, others, (approved,)),
        Target(
            "policy",
            lambda data: load_policy(at.file(data)),
            others,
            (at.place.policy.read_bytes(),),
        ),
        Target(
            "time-stamp",
            lambda data: (imprint(data), authority.time_of(data, at.head)),
            own,
            (token,),
        ),
    )
    return {target.name: target for target in made}


def _trusts(at: _Site) -> tuple[bytes, ...]:
    return (at.study.trust_file.read_bytes(), at.place.trust.read_bytes())


def _time_stamp(at: _Site) -> tuple[TimeAuthority, bytes]:
    root = Authority.create()
    stamper = Authority.create(by=root, name="Stamper", usage=STAMPING)
    token = Token(stamper, hashlib.sha256(at.head).digest()).to_bytes()
    return TimeAuthority.load([at.file(stamper.pem())]), token
