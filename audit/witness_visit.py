"""A witness that comes to the log by itself: on a stick, over a mount, to a copy that was sent.

It reads the log's files, finds that they continue what it remembers, and remembers the new head.
It does not judge the entries; that is what verification is for.
"""

from datetime import date
from pathlib import Path

from audit.checkpoint import SignedCheckpoint
from audit.durable import read_bytes
from audit.errors import LogCut, LogTampered
from audit.files import ENTRIES
from audit.hand_over import tell
from audit.history import parse_line, split_lines
from audit.merkle import consistency_proof, leaf_hash, root_hash
from audit.sealing import CHECKPOINT
from audit.witness import DirectoryWitness

_ROTATION = b'"type":"key.rotate"'


def visit(witness: DirectoryWitness, log_dir: Path, at: date) -> str:
    """Cosign the log's newest checkpoint on the UTC date `at`; return the cosignature line.

    Raises `LogCut` where the log is shorter than its checkpoint or the memory, `LogTampered` where
    its entries are not those that were signed, `LogForked` where it does not continue the memory,
    `SignatureUntrusted` for another log.
    """
    head, entries = read_bytes(log_dir / CHECKPOINT), read_bytes(log_dir / ENTRIES)
    if head is None or entries is None:
        raise LogCut("there is no log at this path, or it was deleted")
    new = SignedCheckpoint.parse(head).checkpoint
    lines, _ = split_lines(entries)
    if len(lines) < new.size:
        raise LogCut("there are fewer entries than the checkpoint says")
    leaves = [leaf_hash(line) for line in lines[: new.size]]
    if root_hash(leaves) != new.root:
        raise LogTampered("the entries are not the ones that were signed")
    memory = witness.latest()
    known = memory.size if memory else 0
    # Only lines that say so are looked at as entries: it does not judge the others.
    rotated = [parse_line(line) for line in lines[known : new.size] if _ROTATION in line]
    tell(witness, known, leaves, witness.log.name, rotated)
    proof = consistency_proof(leaves, known) if 0 < known <= new.size else ()
    return witness.add_checkpoint(known, proof, head, at)
