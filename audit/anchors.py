"""Anchors: checkpoints of the log that somebody kept, on paper, in a release's proof or in a mail.

A log must continue every one of them. Where it does not, two histories were signed with one key,
and both heads together prove it to anybody: that is what the evidence folder keeps.
"""

from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import SignedCheckpoint
from audit.durable import create_file, make_directory, read_bytes
from audit.errors import SignatureUntrusted, WitnessMissing
from audit.log_keys import LogKeys
from audit.trust import Trust

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_WORDS = """\
Two heads of one append-only log that can't both be true.

ours.checkpoint      the head of the log that was examined
{theirs}
entries.jsonl        the entries of the log that was examined
log.vkey             the log's first public key, as the examiner's trust file pins it; where
                     its key was changed, entries.jsonl leads from there (key.rotate)

The root over the first lines of entries.jsonl (RFC 6962), as many as a remembered head counts, is
another than that head's. Both heads are signed notes (C2SP signed-note, tlog-checkpoint). A
signature by the log's key under both means that whoever holds the key has shown two histories.
"""


@dataclass(frozen=True)
class Fork:
    """Two heads of one log that can't both be true."""

    remembered_by: str
    """A witness's name, or the name of an anchor's file."""
    ours: bytes
    """The examined log's checkpoint, as a signed note."""
    theirs: bytes
    """The remembered one, signed by the same key."""


def read_anchor(path: Path, keys: LogKeys) -> SignedCheckpoint:
    """Return the checkpoint in a checkpoint file or a proof, signed by the log's key of its size.

    Raises `WitnessMissing` where there is no file, `NoteInvalid` where it does not parse, and
    `SignatureUntrusted` where it is not the log's.
    """
    data = read_bytes(path)
    if data is None:
        raise WitnessMissing(
            "there is no checkpoint at the anchor's path", hint="Check the path after --anchor."
        )
    if data.startswith(PROOF_HEADER.encode()):
        data = data.partition(b"\n\n")[2]
    signed = SignedCheckpoint.parse(data)
    if signed.checkpoint.origin != keys.first.name:
        raise SignatureUntrusted("the anchor is of another log than the trust file names")
    keys.require_signed(signed.note, signed.checkpoint.size)
    return signed


def keep_evidence(directory: Path, forks: tuple[Fork, ...], log_dir: Path, trust: Trust) -> None:
    """Write what proves the forks into a new directory; raises `LogExists`, `LogUnwritable`."""
    make_directory(directory, 0o755)
    names = []
    for number, fork in enumerate(forks, start=1):
        name = f"theirs-{number}.checkpoint"
        create_file(directory / name, fork.theirs)
        names.append(f"{name:<20} remembered by {fork.remembered_by}")
    if forks:
        create_file(directory / "ours.checkpoint", forks[0].ours)
    create_file(directory / "entries.jsonl", read_bytes(log_dir / "entries.jsonl") or b"")
    create_file(directory / "log.vkey", f"{trust.log}\n".encode())
    create_file(directory / "README.txt", _WORDS.format(theirs="\n".join(names)).encode())
