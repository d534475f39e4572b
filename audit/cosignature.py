"""Cosignatures: a witness's statement about a checkpoint (C2SP tlog-cosignature, cosignature/v1).

The timestamp is the midnight (UTC) of the caller's date, so that no duration can be read from a
log; see PRIVACY.md on what the log holds.
"""

import struct
from collections.abc import Iterable
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.errors import SignatureUntrusted, WitnessMissing
from audit.note import COSIGNATURE, Signature, SignedNote, VerifierKey

_STAMP_BYTES = 8
_BLOB_BYTES = _STAMP_BYTES + 64


def midnight(at: date) -> int:
    """Return the POSIX time, in seconds, at which the UTC date begins."""
    return int(datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp())


def _message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def cosign(text: str, key: VerifierKey, private: Ed25519PrivateKey, at: date) -> Signature:
    """Return the cosignature (type 0x04) of a checkpoint's text."""
    stamp = midnight(at)
    signed = private.sign(_message(text, stamp))
    return Signature(key.name, key.key_id, struct.pack(">Q", stamp) + signed)


def verify_cosignature(signature: Signature, text: str, key: VerifierKey) -> None:
    """Raise `SignatureUntrusted` unless `key` cosigned the checkpoint's text."""
    if key.algorithm != COSIGNATURE or not signature.is_by(key):
        raise SignatureUntrusted(f"there is no cosignature by {key.name}")
    if len(signature.blob) != _BLOB_BYTES:
        raise SignatureUntrusted(f"the cosignature by {key.name} has the wrong length")
    (stamp,) = struct.unpack(">Q", signature.blob[:_STAMP_BYTES])
    # INVARIANT: midnights only, so that a cosignature can't time a run.
    if stamp >= 1 << 63 or stamp % 86_400:
        raise SignatureUntrusted(f"the cosignature by {key.name} is not stamped with a date")
    key.verify(signature.blob[_STAMP_BYTES:], _message(text, stamp))


def cosigners(note: SignedNote, trusted: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the trusted witnesses that cosigned the note, each once.

    Unknown signatures are ignored; a wrong one under a trusted name and key id raises
    `SignatureUntrusted`.
    """
    found = []
    for key in trusted:
        mine = [s for s in note.signatures if s.is_by(key)]
        for signature in mine:
            verify_cosignature(signature, note.text, key)
        if mine:
            found.append(key)
    return tuple(found)


def require_quorum(note: SignedNote, trusted: Iterable[VerifierKey], quorum: int) -> None:
    """Raise `WitnessMissing` unless at least `quorum` trusted witnesses cosigned the note."""
    if len(cosigners(note, trusted)) < quorum:
        raise WitnessMissing("too few trusted witnesses cosigned the checkpoint")
