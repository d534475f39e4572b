"""Sealing: signing a new checkpoint, having it cosigned, putting it in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import require_quorum, verify_cosignature
from audit.durable import read_bytes, replace_file
from audit.errors import (
    LogCut,
    LogForked,
    LogTampered,
    LogUnwritable,
    SignatureUntrusted,
    WitnessMissing,
    WitnessRefused,
)
from audit.hand_over import tell
from audit.history import History
from audit.log_keys import LogKeys
from audit.merkle import consistency_proof
from audit.note import Signature, SignedNote, VerifierKey, sign_note
from audit.own_keys import OwnKeys
from audit.trust import Trust
from audit.witness import DirectoryWitness, Witness, parse_cosignature
from audit.witness_client import HttpWitness

CHECKPOINT = "checkpoint"

Memories = Mapping[VerifierKey, Checkpoint | None]
"""What each witness that answered remembers; None where it has cosigned nothing yet."""


@dataclass(frozen=True)
class Sealer:
    """The log's keys and its witnesses, for one log."""

    path: Path
    trust: Trust
    own: OwnKeys
    witnesses: tuple[Witness, ...]

    def ask(self, history: History, keys: LogKeys) -> Memories:
        """Return what the witnesses remember, having compared it with the log.

        Raises `WitnessMissing` where fewer than the quorum answer, `LogCut` or `LogForked` where
        one remembers more than the log holds or other entries.
        """
        known: dict[VerifierKey, Checkpoint | None] = {}
        for witness in self.witnesses:
            try:
                known[witness.vkey] = witness.latest(keys, len(history.leaves))
            except WitnessMissing:
                continue
        self._require_quorum(len(known))
        for memory in known.values():
            if memory is not None and history.root(memory.size) != memory.root:
                raise LogForked("the witness remembers another history of this log")
        return known

    def seal(self, history: History, keys: LogKeys, known: Memories, at: date) -> None:
        """Sign the tree's head, have it cosigned by the witnesses that answered, and store it.

        INVARIANT: the checkpoint in the folder always has the quorum, because it is put in place
        last; a witness may be ahead of it after a crash, and never behind.
        """
        head = Checkpoint(
            self.trust.log.name, len(history.leaves), history.root(len(history.leaves))
        )
        note = self._signed(head, keys)
        cosignatures: list[Signature] = []
        for witness in self.witnesses:
            if witness.vkey in known:
                memory = known[witness.vkey]
                size = memory.size if memory else 0
                proof = consistency_proof(history.leaves, size) if memory else ()
                try:
                    if keys.newest_from > size:
                        tell(witness, size, history.leaves, head.origin, history.entries)
                    answer = witness.add_checkpoint(size, proof, note.to_bytes(), at)
                except WitnessRefused:
                    raise
                except (WitnessMissing, LogUnwritable):
                    # It answered a moment ago; the quorum may do without one that is gone now, or
                    # whose disk is full.
                    continue
                cosignature = parse_cosignature(answer)
                verify_cosignature(cosignature, note.text, witness.vkey)
                cosignatures.append(cosignature)
        self._require_quorum(len(cosignatures))
        sealed = SignedNote(note.text, (*note.signatures, *cosignatures))
        replace_file(self.path / CHECKPOINT, sealed.to_bytes())

    def _signed(self, head: Checkpoint, keys: LogKeys) -> SignedNote:
        """Return the head as a note, signed by the log's key; by both, at a hand-over."""
        text, before = head.text(), self._before(head)
        signatures: list[Signature] = []
        for key in keys.signers(head.size):
            # A key that was handed over is gone, and what it signed here before still counts.
            kept = [signature for signature in before if signature.is_by(key)]
            signatures += kept or sign_note(text, head.origin, self.own.of(key)).signatures
        return SignedNote(text, tuple(signatures))

    def _before(self, head: Checkpoint) -> tuple[Signature, ...]:
        data = read_bytes(self.path / CHECKPOINT)
        note = SignedNote.parse(data) if data is not None else None
        return note.signatures if note is not None and note.text == head.text() else ()

    def stored(self, history: History, keys: LogKeys) -> SignedCheckpoint:
        """Return the checkpoint in the folder, having compared it with the log's entries."""
        data = read_bytes(self.path / CHECKPOINT)
        if data is None:
            raise LogCut("the log's checkpoint is not there")
        signed = SignedCheckpoint.parse(data)
        if signed.checkpoint.origin != self.trust.log.name:
            raise SignatureUntrusted("this is another log than the trust file names")
        keys.require_signed(signed.note, signed.checkpoint.size)
        if signed.checkpoint.size > len(history.leaves):
            raise LogCut("there are fewer entries than the checkpoint says")
        if history.root(signed.checkpoint.size) != signed.checkpoint.root:
            raise LogTampered("the entries are not the ones that were signed")
        return signed

    def is_current(self, signed: SignedCheckpoint, history: History, known: Memories) -> bool:
        """Say whether nothing needs sealing: all entries, all witnesses, the quorum."""
        size = len(history.leaves)
        if signed.checkpoint.size < size:
            return False
        if any(memory is None or memory.size < size for memory in known.values()):
            return False
        try:
            require_quorum(signed.note, self.trust.witness_keys, self.trust.quorum)
        except WitnessMissing:
            return False
        return True

    def _require_quorum(self, answered: int) -> None:
        if answered < self.trust.quorum:
            raise WitnessMissing(
                "too few witnesses answer, so nothing is written",
                hint="Is the witness's volume mounted, with space on it? Never make a new one to "
                "get past this.",
            )


def reachable_witnesses(trust: Trust) -> tuple[Witness, ...]:
    """Return the witnesses whose folders or URLs the trust file names.

    A folder that is missing is left out; whether a URL answers is found out by asking. Raises
    `SignatureUntrusted` where a folder holds another witness, or one of another log.
    """
    found: list[Witness] = []
    for trusted in trust.witnesses:
        if trusted.url is not None:
            found.append(HttpWitness(trusted.url, trusted.vkey, trust.log))
        if trusted.path is None:
            continue
        try:
            witness = DirectoryWitness.open(trusted.path)
        except WitnessMissing:
            continue
        if witness.vkey != trusted.vkey or witness.log != trust.log:
            raise SignatureUntrusted("a witness is not the one that the trust file names")
        found.append(witness)
    return tuple(found)


def check_known(witnesses: Sequence[Witness], trust: Trust) -> None:
    """Raise `SignatureUntrusted` unless each witness is pinned, and given once."""
    keys = [w.vkey for w in witnesses]
    if len(set(keys)) < len(keys) or not set(keys) <= set(trust.witness_keys):
        raise SignatureUntrusted("a witness is not in the trust file, or is given twice")
