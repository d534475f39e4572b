"""What a log says to a witness over HTTP, and what it hears (C2SP tlog-witness, add-checkpoint).

The body is `old` and a size, up to 63 hashes of a consistency proof, an empty line and the
checkpoint. Beyond C2SP, which names no way to read a witness's memory yet, `GET checkpoint` gives
the newest checkpoint that it cosigned; both signatures are under it, so that no server can make
one up. Nor does C2SP name a way in which a witness learns of a log's next key: `POST hand-over`
takes a body of the same form, with the statement of `audit.hand_over` for a checkpoint.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from audit.errors import NoteInvalid
from audit.merkle import HASH_BYTES, MAX_PROOF
from audit.note import MAX_NOTE_BYTES, decode_base64, encode_base64

ADD = "add-checkpoint"
READ = "checkpoint"
HAND_OVER = "hand-over"
SIZE_TYPE = "text/x.tlog.size"
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 64 * 64
_OLD = re.compile(rb"old (0|[1-9][0-9]{0,14})")


@dataclass(frozen=True)
class AddRequest:
    """One request to cosign a checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    """32 bytes each."""
    checkpoint: bytes
    """The signed note, not parsed yet."""

    def to_bytes(self) -> bytes:
        """Return the request's body."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def of(cls, old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> Self:
        """Return the request."""
        return cls(old_size, tuple(proof), checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a body; raises `NoteInvalid` whatever is wrong with it."""
        head, empty, checkpoint = data.partition(b"\n\n")
        first, *rest = head.split(b"\n")
        match = _OLD.fullmatch(first)
        if len(data) > MAX_REQUEST_BYTES or not empty or match is None or len(rest) > MAX_PROOF:
            raise NoteInvalid("a request needs an old size, a proof, an empty line, a checkpoint")
        try:
            proof = tuple(decode_base64(line.decode("ascii")) for line in rest)
        except UnicodeDecodeError as error:
            raise NoteInvalid("a proof's lines are base64") from error
        if any(len(h) != HASH_BYTES for h in proof):
            raise NoteInvalid("a proof's hashes have 32 bytes")
        return cls(int(match[1]), proof, checkpoint)


def size_body(size: int) -> bytes:
    """Return the body of a conflict: the size that the witness remembers."""
    return f"{size}\n".encode()


def parse_size(data: bytes) -> int:
    """Read the body of a conflict; raises `NoteInvalid`."""
    if not re.fullmatch(rb"(0|[1-9][0-9]{0,14})\n", data):
        raise NoteInvalid("a conflict's answer is a size")
    return int(data)
