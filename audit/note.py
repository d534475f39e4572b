"""Signed notes and verifier keys (C2SP signed-note, https://c2sp.org/signed-note).

A note is text ending in a newline, an empty line, and signature lines. What does not parse raises
`NoteInvalid` and nothing else; what parses is not trusted before `verify_by` has said so.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import NoteInvalid, SignatureUntrusted

ED25519 = 0x01
"""Signature type: Ed25519 over the note's text."""
COSIGNATURE = 0x04
"""Signature type: timestamped Ed25519 cosignature of a witness."""

MAX_NOTE_BYTES = 64 * 1024
_MAX_SIGNATURES = 32
_KEY_ID_BYTES = 4
_PUBLIC_BYTES = 32
# Half of a surrogate pair is no character: it has no bytes that could be signed.
_NAME = re.compile(r"[^\s+\x00-\x20\x7f\ud800-\udfff]{1,255}")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one canonical spelling, or raise `NoteInvalid`."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteInvalid("base64 that does not decode") from error
    # INVARIANT: one spelling per value, so that no bit of a file can change unnoticed.
    if base64.b64encode(data).decode("ascii") != text:
        raise NoteInvalid("base64 that is not canonical")
    return data


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name and the signature type it may be used for."""

    name: str
    algorithm: int
    public: bytes
    """32 bytes of Ed25519."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise NoteInvalid("a key name must be non-empty, without spaces and plus signs")
        if self.algorithm not in (ED25519, COSIGNATURE) or len(self.public) != _PUBLIC_BYTES:
            raise NoteInvalid("a key of an unknown type")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+hexkeyid+base64(type || public key)`; raises `NoteInvalid`."""
        match = _VKEY.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise NoteInvalid("a verifier key must read name+keyid+base64")
        data = decode_base64(match[3])
        if not data:
            raise NoteInvalid("a verifier key without a key")
        key = cls(match[1], data[0], data[1:])
        if key.key_id.hex() != match[2]:
            raise NoteInvalid("a verifier key whose id does not belong to it")
        return key

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || type || public key)."""
        material = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(material).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """Return the vkey text."""
        return f"{self.name}+{self.key_id.hex()}+" + encode_base64(
            bytes([self.algorithm]) + self.public
        )

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `SignatureUntrusted` unless the Ed25519 signature is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise SignatureUntrusted(f"the signature by {self.name} does not verify") from error


@dataclass(frozen=True)
class Signature:
    """One signature line: who signed, with which key, and the bytes."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """Return the line with its newline."""
        return f"\u2014 {self.name} {encode_base64(self.key_id + self.blob)}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line without its newline; raises `NoteInvalid`."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not _NAME.fullmatch(parts[1]):
            raise NoteInvalid("a signature line must read: em dash, name, base64")
        data = decode_base64(parts[2])
        if len(data) <= _KEY_ID_BYTES:
            raise NoteInvalid("a signature without bytes")
        return cls(parts[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])

    def is_by(self, key: VerifierKey) -> bool:
        """Say whether name and key id are the key's; that alone proves nothing."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True)
class SignedNote:
    """A note's text and its signatures, none of them verified."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a note; raises `NoteInvalid` whatever is wrong with it."""
        if len(data) > MAX_NOTE_BYTES:
            raise NoteInvalid("a note that is too long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteInvalid("a note that is not UTF-8") from error
        if any(c < " " and c != "\n" for c in whole):
            raise NoteInvalid("a note with control characters")
        at = whole.rfind("\n\n")
        if at < 1 or not whole.endswith("\n") or at + 2 >= len(whole):
            raise NoteInvalid("a note needs text, an empty line and signatures")
        lines = whole[at + 2 : -1].split("\n")
        if len(lines) > _MAX_SIGNATURES:
            raise NoteInvalid("a note with too many signatures")
        return cls(whole[: at + 1], tuple(Signature.parse(line) for line in lines))

    def to_bytes(self) -> bytes:
        """Return the note as it is written to a file."""
        return (self.text + "\n" + "".join(s.line() for s in self.signatures)).encode()

    def verify_by(self, key: VerifierKey) -> None:
        """Raise `SignatureUntrusted` unless `key` (type 0x01) signed the text.

        Signatures by other keys are ignored; a wrong one by this key rejects the note.
        """
        if key.algorithm != ED25519:
            raise SignatureUntrusted(f"{key.name} is not a key that signs notes")
        mine = [s for s in self.signatures if s.is_by(key)]
        if not mine:
            raise SignatureUntrusted(f"there is no signature by {key.name}")
        for signature in mine:
            key.verify(signature.blob, self.text.encode())


def sign_note(text: str, name: str, private: Ed25519PrivateKey) -> SignedNote:
    """Return the note with one Ed25519 signature (type 0x01) under `name`."""
    if not text.endswith("\n"):
        raise NoteInvalid("a note's text must end in a newline")
    key = VerifierKey(name, ED25519, private.public_key().public_bytes_raw())
    return SignedNote(text, (Signature(name, key.key_id, private.sign(text.encode())),))
