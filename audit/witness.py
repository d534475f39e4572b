"""Witnesses: somebody else's memory of the log (C2SP tlog-witness).

A log on one disk can't notice that an older copy of itself was put back; a witness in another
trust domain (another user, host, or a stick in a drawer) can. It remembers the newest checkpoint
it cosigned, and cosigns only what provably continues it. Log and witness put back together are
not noticed; PRIVACY.md says so.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import cosign, require_quorum
from audit.durable import create_file, locked, make_directory, read_bytes, replace_file
from audit.errors import (
    LogCut,
    LogForked,
    NoteInvalid,
    ProofInvalid,
    SignatureUntrusted,
    WitnessMissing,
    WitnessRefused,
)
from audit.hand_over import HandOver
from audit.keys import create_key, load_key, public_bytes
from audit.log_keys import LogKeys, Successor
from audit.merkle import verify_consistency
from audit.note import COSIGNATURE, Signature, SignedNote, VerifierKey

_STATE = "checkpoint"
_LOG = "log.vkey"
_LATER = "log.successors"
_NAME = "witness.vkey"
_KEY = "witness.key"
_LOCK = "lock"


class Witness(Protocol):
    """What a log asks of a witness; a folder here, another machine elsewhere."""

    @property
    def vkey(self) -> VerifierKey:
        """The key (type 0x04) under which it cosigns."""
        ...

    def latest(self, keys: LogKeys | None = None, size: int | None = None) -> Checkpoint | None:
        """Return the newest checkpoint it cosigned, None where it has cosigned none.

        It is believed where `keys`, the log's, have signed it; left out, those that are known here.
        Raises `LogCut` where it is of more entries than `size`, whoever of the log signed it.
        """
        ...

    def hand_over(self, old_size: int, proof: Sequence[bytes], statement: bytes) -> None:
        """Take note that the log goes over to another key, as both keys have signed."""
        ...

    def add_checkpoint(
        self, old_size: int, proof: Sequence[bytes], signed_checkpoint: bytes, at: date
    ) -> str:
        """Remember the checkpoint, then return its cosignature line."""
        ...


def recall(
    path: Path, key: VerifierKey, log: LogKeys, size: int | None = None
) -> SignedCheckpoint | None:
    """Return what the witness in the folder remembers, None where it has cosigned nothing yet.

    Reads only, and needs no private key. Raises `WitnessMissing` where the memory is gone, and
    `SignatureUntrusted` where it is not a checkpoint signed by the log and the witness, `LogCut`
    where it is of more entries than `size`.
    """
    state = read_memory(path)
    return believed_memory(state, key, log, size) if state else None


def read_memory(path: Path) -> bytes:
    """Return what stands in the folder, empty for nothing yet; raises `WitnessMissing`."""
    state = read_bytes(path / _STATE)
    if state is None:
        raise WitnessMissing(
            "the witness's memory is not there",
            hint="Is the witness's volume mounted? Never make a new witness to get past this.",
        )
    return state


def believed_memory(
    state: bytes, key: VerifierKey, log: LogKeys, size: int | None = None
) -> SignedCheckpoint:
    """Return a witness's memory, having checked that the witness cosigned it and the log signed.

    Raises `SignatureUntrusted`, and `LogCut` where it is of more entries than `size`. That the
    witness cosigned it is enough for that: a log that was put back to before a hand-over knows
    nothing of the key that signed it.
    """
    try:
        signed = SignedCheckpoint.parse(state)
    except NoteInvalid as error:
        raise SignatureUntrusted("the witness's memory does not parse") from error
    if signed.checkpoint.origin != log.first.name:
        raise SignatureUntrusted("the witness remembers a different log")
    try:
        require_quorum(signed.note, [key], 1)
    except WitnessMissing as error:
        raise SignatureUntrusted("the witness's memory is not cosigned by the witness") from error
    if size is not None and signed.checkpoint.size > size:
        raise LogCut("the log is shorter than its witness remembers")
    log.require_signed(signed.note, signed.checkpoint.size)
    return signed


@dataclass(frozen=True)
class DirectoryWitness:
    """A witness whose memory is a folder: its key, the log's pinned key, the newest checkpoint."""

    path: Path
    vkey: VerifierKey
    log: VerifierKey
    """The log's first key."""
    _private: Ed25519PrivateKey

    @classmethod
    def create(cls, path: Path, log: VerifierKey) -> Self:
        """Make a witness of that one log, with a key of its own; raises `LogExists`."""
        make_directory(path, 0o755)
        private = create_key(path / _KEY)
        name = f"crowdlens-witness/{secrets.token_hex(16)}"
        vkey = VerifierKey(name, COSIGNATURE, public_bytes(private))
        create_file(path / _NAME, f"{vkey}\n".encode())
        create_file(path / _LOG, f"{log}\n".encode())
        # An empty memory is a file, so that a lost one is not taken for a new witness.
        create_file(path / _STATE, b"")
        return cls(path, vkey, log, private)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a witness; raises `WitnessMissing`, or `SignatureUntrusted` for a wrong key."""
        texts = [read_bytes(path / name) for name in (_NAME, _LOG)]
        if None in texts or not (path / _STATE).is_file():
            raise WitnessMissing(
                "the witness is not there",
                hint="Is the witness's volume mounted? Never make a new one to get past this.",
            )
        try:
            vkey, log = (
                VerifierKey.parse((t or b"").decode("utf-8", "replace").removesuffix("\n"))
                for t in texts
            )
        except NoteInvalid as error:
            raise WitnessMissing("the witness's keys do not parse") from error
        private = load_key(path / _KEY)
        if public_bytes(private) != vkey.public:
            raise SignatureUntrusted("the witness's private key is not the one it was made with")
        return cls(path, vkey, log, private)

    def log_keys(self) -> LogKeys:
        """Return the log's keys: the one it was made with, and those handed over to since.

        Raises `WitnessMissing` where they can't be read.
        """
        keys = LogKeys(self.log)
        for line in (read_bytes(self.path / _LATER) or b"").decode("utf-8", "replace").split("\n"):
            size, _, vkey = line.partition(" ")
            try:
                if line:
                    keys = keys.followed_by(Successor(VerifierKey.parse(vkey), int(size)))
            except (NoteInvalid, ValueError) as error:
                raise WitnessMissing("the witness's keys do not parse") from error
        return keys

    def latest(self, keys: LogKeys | None = None, size: int | None = None) -> Checkpoint | None:
        """Return the newest checkpoint it cosigned, None where it has cosigned none."""
        memory = recall(self.path, self.vkey, keys or self.log_keys(), size)
        return memory.checkpoint if memory else None

    def hand_over(self, old_size: int, proof: Sequence[bytes], statement: bytes) -> None:
        """Take note that the log goes over to another key; the same again changes nothing.

        The statement of `audit.hand_over` is a note that both keys signed. It must start from what
        is remembered, as a checkpoint must, and be by the newest key known. From then on the
        checkpoint of its size counts with both signatures, later ones with the new key's alone.
        Raises as `add_checkpoint`.
        """
        note = SignedNote.parse(statement)
        over = HandOver.parse(note.text)
        if over.before.origin != self.log.name:
            raise SignatureUntrusted("the witness does not know this log")
        for key in (over.old, over.new):
            note.verify_by(key)
        with locked(self.path / _LOCK):
            keys, successor = self.log_keys(), Successor(over.new, over.size)
            if successor in keys.later:
                return
            known = {*(key.public for key in keys.every), self.vkey.public}
            if over.old != keys.newest or over.new.public in known:
                raise SignatureUntrusted("the hand-over is not by the log's present key")
            self._admit(self.latest(keys), old_size, proof, over.before)
            if over.size <= keys.newest_from:
                raise SignatureUntrusted("the hand-over is not by the log's present key")
            lines = [f"{s.size} {s.vkey}\n" for s in (*keys.later, successor)]
            replace_file(self.path / _LATER, "".join(lines).encode())

    def add_checkpoint(
        self, old_size: int, proof: Sequence[bytes], signed_checkpoint: bytes, at: date
    ) -> str:
        """Remember the checkpoint, then return its cosignature line, with its newline.

        Raises, in this order: `NoteInvalid`; `SignatureUntrusted` for another log or key;
        `LogCut` for a checkpoint smaller than what it remembers; `WitnessRefused` where the old
        size is not what it remembers; `LogForked` for another root or a proof that fails.
        """
        signed = SignedCheckpoint.parse(signed_checkpoint)
        new = signed.checkpoint
        if new.origin != self.log.name:
            raise SignatureUntrusted("the witness does not know this log")
        # INVARIANT: check and persist are one step under the lock, and the memory is durable
        # before the answer exists; otherwise two requests could roll the memory back.
        with locked(self.path / _LOCK):
            keys = self.log_keys()
            keys.require_signed(signed.note, new.size)
            self._admit(self.latest(keys), old_size, proof, new)
            signature = cosign(signed.note.text, self.vkey, self._private, at)
            kept = tuple(
                s for s in signed.note.signatures if any(map(s.is_by, keys.signers(new.size)))
            )
            state = SignedNote(signed.note.text, (*kept, signature))
            replace_file(self.path / _STATE, state.to_bytes())
        return signature.line()

    @staticmethod
    def _admit(
        before: Checkpoint | None, old_size: int, proof: Sequence[bytes], new: Checkpoint
    ) -> None:
        known = before.size if before else 0
        if new.size < known:
            raise LogCut("the log is shorter than its witness remembers")
        if old_size != known:
            raise WitnessRefused("the request does not start from what the witness remembers")
        if before is None or known == 0:
            if proof:
                raise WitnessRefused("a first checkpoint comes without a proof")
            return
        try:
            verify_consistency(known, new.size, before.root, new.root, proof)
        except ProofInvalid as error:
            raise LogForked("the log does not continue what its witness remembers") from error


def parse_cosignature(line: str) -> Signature:
    """Read a witness's answer; raises `NoteInvalid`."""
    return Signature.parse(line.removesuffix("\n"))
