"""Proofs that travel with a release (C2SP tlog-proof, https://c2sp.org/tlog-proof).

A proof holds an entry's place, the hashes that lead from it to the root, and the cosigned
checkpoint; whoever has the trust file verifies it offline, without the log. The entry's own line
travels in the `extra` line, which nothing signs: it is believed because its hash leads to the root.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from audit.anchors import PROOF_HEADER
from audit.checkpoint import SignedCheckpoint
from audit.cosignature import require_quorum
from audit.durable import read_bytes
from audit.entries import MAX_LINE_BYTES, Entry
from audit.errors import LogCut, NoteInvalid, OutputDiffers, ProofInvalid, SignatureUntrusted
from audit.history import parse_line
from audit.merkle import HASH_BYTES, MAX_PROOF, inclusion_proof, leaf_hash, verify_inclusion
from audit.note import MAX_NOTE_BYTES, decode_base64, encode_base64
from audit.outputs import PROOF_NAME, check_outputs
from audit.sealing import CHECKPOINT
from audit.trust import Trust
from audit.verify import examine

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,14})")
_MAX_BYTES = MAX_NOTE_BYTES + 2 * MAX_LINE_BYTES


@dataclass(frozen=True)
class TlogProof:
    """Where an entry stands in a log, and who says so; nothing is verified by parsing."""

    index: int
    hashes: tuple[bytes, ...]
    """32 bytes each, from the leaf's sibling up."""
    checkpoint: SignedCheckpoint
    extra: bytes | None = None
    """The entry's line, where the proof carries it."""

    def to_bytes(self) -> bytes:
        """Return the proof as it is written to a file."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(h) for h in self.hashes)
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint.note.to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a proof; raises `NoteInvalid` whatever is wrong with it."""
        head, found, note = data.partition(b"\n\n")
        if len(data) > _MAX_BYTES or not found:
            raise NoteInvalid("a proof needs a head, an empty line and a checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise NoteInvalid("a proof's head is plain ASCII") from error
        if lines.pop(0) != PROOF_HEADER:
            raise NoteInvalid("this is not a c2sp.org/tlog-proof@v1")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        match = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if match is None or len(lines) > MAX_PROOF:
            raise NoteInvalid("a proof needs an index and at most 63 hashes")
        hashes = tuple(decode_base64(line) for line in lines)
        if any(len(h) != HASH_BYTES for h in hashes):
            raise NoteInvalid("a proof's hashes have 32 bytes")
        return cls(int(match[1]), hashes, SignedCheckpoint.parse(note), extra)

    def verify(self, trust: Trust, line: bytes | None = None) -> Entry:
        """Return the entry that the proof proves, offline.

        `line` is the entry's line without newline; left out, the one that the proof carries. A
        later key of the log is believed where the trust file names it as a successor.
        Raises `SignatureUntrusted` (5), `WitnessMissing` (6), `ProofInvalid` or `LogTampered` (3).
        """
        note, head = self.checkpoint.note, self.checkpoint.checkpoint
        if head.origin != trust.log.name:
            raise SignatureUntrusted("the proof is of another log than the trust file names")
        try:
            trust.log_keys.require_signed(note, head.size)
        except SignatureUntrusted as error:
            error.hint = "Was the log's key rotated? Then the trust file has to name its successor."
            raise
        require_quorum(note, trust.witness_keys, trust.quorum)
        leaf = self.extra if line is None else line
        if leaf is None:
            raise ProofInvalid("the proof does not carry its entry, and none was given")
        verify_inclusion(leaf_hash(leaf), self.index, head.size, self.hashes, head.root)
        entry = parse_line(leaf)
        if entry.seq != self.index:
            raise ProofInvalid("the entry's number is not its place in the log")
        return entry


def prove(log_dir: Path, trust: Trust, seq: int) -> TlogProof:
    """Return the proof of entry `seq` under the log's checkpoint; reads only.

    Raises what verification of the log finds, and `ProofInvalid` where no such entry is sealed.
    """
    verification = examine(log_dir, trust)
    if verification.failure is not None:
        raise verification.failure
    data = read_bytes(log_dir / CHECKPOINT)
    if data is None:
        raise LogCut("the log's checkpoint is not there")
    signed = SignedCheckpoint.parse(data)
    size = signed.checkpoint.size
    if not 0 <= seq < size <= len(verification.entries):
        raise ProofInvalid(
            "no sealed entry has this number", hint="`crowdlens audit show` numbers them, from 0."
        )
    leaves = [leaf_hash(entry.line()) for entry in verification.entries[:size]]
    hashes = inclusion_proof(leaves, seq)
    return TlogProof(seq, hashes, signed, verification.entries[seq].line())


def verify_release(directory: Path, trust: Trust) -> Entry:
    """Return the release entry of a directory that holds a release and its proof; no log needed.

    Raises as `TlogProof.verify`, and `OutputDiffers` (8) where a file is not the recorded one.
    """
    data = read_bytes(directory / PROOF_NAME)
    if data is None:
        raise OutputDiffers("there is no proof beside the release, so it is not an approved output")
    return check_outputs(directory, [TlogProof.parse(data).verify(trust)])
