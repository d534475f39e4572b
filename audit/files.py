"""The files of a log as verification reads them: once, and never in the middle of a write."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from audit.durable import read_bytes
from audit.errors import AuditError
from audit.sealing import CHECKPOINT
from audit.trust import Trust, TrustedWitness
from audit.witness import read_memory
from audit.witness_client import HttpWitness

ENTRIES = "entries.jsonl"
_READ_AGAIN = 1000
"""Times that files are read anew while a writer is at them; each takes a millisecond or so."""


@dataclass(frozen=True)
class Files:
    """What is examined, read once."""

    checkpoint: bytes | None
    memories: tuple[tuple[TrustedWitness, bytes | AuditError], ...]
    """Of each witness that could be asked, what it keeps, not believed yet; or why it can't."""
    entries: bytes | None

    @classmethod
    def read(cls, log_dir: Path, trust: Trust, *, online: bool = False) -> Self:
        """Read in the reverse of the writer's order, so that a live writer is never misjudged.

        Read again while the checkpoint moves: under one checkpoint a writer adds one entry at
        most, so whatever more stands after it was not written by the log.
        """
        found = cls._read_once(log_dir, trust, online)
        for _ in range(_READ_AGAIN):
            if read_bytes(log_dir / CHECKPOINT) == found.checkpoint:
                break
            found = cls._read_once(log_dir, trust, online)
        return found

    @classmethod
    def _read_once(cls, log_dir: Path, trust: Trust, online: bool) -> Self:
        checkpoint = read_bytes(log_dir / CHECKPOINT)
        memories: list[tuple[TrustedWitness, bytes | AuditError]] = []
        for witness in trust.witnesses:
            try:
                if witness.path is not None:
                    memories.append((witness, read_memory(witness.path)))
                elif online and witness.url is not None:
                    asked = HttpWitness(witness.url, witness.vkey, trust.log)
                    memories.append((witness, asked.read_memory()))
            except AuditError as error:
                memories.append((witness, error))
        return cls(checkpoint, tuple(memories), read_bytes(log_dir / ENTRIES))
