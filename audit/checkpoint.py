"""Checkpoints: the signed head of a log's tree (C2SP tlog-checkpoint).

The text is three lines: origin, tree size, root. Extension lines are refused, since no monitor
can audit them.
"""

import re
from dataclasses import dataclass
from typing import Self

from audit.errors import NoteInvalid
from audit.merkle import HASH_BYTES
from audit.note import SignedNote, decode_base64, encode_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
_ORIGIN = re.compile(r"[^\s+\x00-\x20\x7f]{1,255}")


@dataclass(frozen=True)
class Checkpoint:
    """The size and root of one log's tree at one moment."""

    origin: str
    size: int
    root: bytes
    """32 bytes: the RFC 6962 root of the first `size` entries."""

    def text(self) -> str:
        """Return the note text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint's text; raises `NoteInvalid`."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] != "":
            raise NoteInvalid("a checkpoint has exactly three lines")
        if not _ORIGIN.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
            raise NoteInvalid("a checkpoint needs an origin and a size")
        root = decode_base64(lines[2])
        if len(root) != HASH_BYTES:
            raise NoteInvalid("a checkpoint's root has 32 bytes")
        return cls(lines[0], int(lines[1]), root)


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint with the note that carries it; its signatures are not verified by parsing."""

    checkpoint: Checkpoint
    note: SignedNote

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a `checkpoint` file; raises `NoteInvalid`."""
        note = SignedNote.parse(data)
        return cls(Checkpoint.parse(note.text), note)
