"""Signed notes, checkpoints and cosignatures once more (C2SP signed-note, tlog-checkpoint,
tlog-cosignature), with Ed25519 of the `cryptography` package.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.fsck.problem import Problem, tampered, untrusted

_LINE = re.compile(r"\u2014 ([^\s+\x00-\x20\x7f]{1,255}) ([A-Za-z0-9+/]+=*)")
# Half of a surrogate pair is no character: it has no bytes that could be signed.
_ORIGIN = re.compile(r"[^\s+\x00-\x20\x7f\ud800-\udfff]{1,255}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
_DAY = 86_400


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one spelling; raises `Problem`."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        raise tampered("base64 that does not decode") from None
    if base64.b64encode(data) != text.encode():
        raise tampered("base64 in another spelling than its own")
    return data


@dataclass(frozen=True)
class Key:
    """A public key of one type (1: signs notes, 4: cosigns) under one name."""

    name: str
    kind: int
    public: bytes
    key_id: bytes

    @classmethod
    def read(cls, text: str) -> "Key":
        """Read a vkey, `name+id+base64`; raises `Problem`."""
        name, _, rest = text.partition("+")
        written, _, encoded = rest.partition("+")
        data = unbase64(encoded)
        if not _ORIGIN.fullmatch(name):
            raise tampered("a key's name is none")
        key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if written != key_id.hex():
            raise tampered("a key's id is not its own")
        if len(data) != 33 or data[0] not in (1, 4):
            raise tampered("a key of an unknown type")
        return cls(name, data[0], data[1:], key_id)

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Head:
    """A checkpoint and the signatures under it, none of them believed yet."""

    raw: bytes
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]
    """Of each: name, key id, the rest."""

    @classmethod
    def read(cls, data: bytes) -> "Head":
        """Read a checkpoint file; raises `Problem`."""
        try:
            lines = data.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise tampered("a checkpoint is UTF-8") from None
        # Origin, size, root, an empty line, signatures, and nothing after the last newline.
        if len(data) > 65_536 or not 6 <= len(lines) <= 37 or lines[3] or lines[-1]:
            raise tampered("a checkpoint has three lines, an empty one, and signatures")
        origin, size, root = lines[:3]
        if not _ORIGIN.fullmatch(origin) or not _SIZE.fullmatch(size):
            raise tampered("a checkpoint's origin or size can't be read")
        if len(unbase64(root)) != 32:
            raise tampered("a checkpoint's root has 32 bytes")
        signatures = []
        for line in lines[4:-1]:
            match = _LINE.fullmatch(line)
            blob = unbase64(match[2]) if match else b""
            if match is None or len(blob) < 5:
                raise tampered("a signature line can't be read")
            signatures.append((match[1], blob[:4], blob[4:]))
        return cls(data, origin, int(size), unbase64(root), tuple(signatures))

    @property
    def text(self) -> bytes:
        """What is signed."""
        return self.raw.partition(b"\n\n")[0] + b"\n"

    def by(self, key: Key) -> list[bytes]:
        """Return the signatures that name the key."""
        return [
            b for name, key_id, b in self.signatures if (name, key_id) == (key.name, key.key_id)
        ]

    def check_signed(self, log: Key) -> None:
        """Raise `Problem` unless the log's key signed it, and every signature that names it is."""
        if self.origin != log.name:
            raise untrusted("this is another log than the trust file names")
        found = self.by(log)
        if not found or not all(log.signed(blob, self.text) for blob in found):
            raise untrusted("the checkpoint is not signed by the pinned key")

    def cosigned(self, witness: Key) -> bool:
        """Say whether the witness cosigned it; raises `Problem` for a wrong cosignature."""
        found = self.by(witness)
        for blob in found:
            stamp = int.from_bytes(blob[:8], "big")
            message = b"cosignature/v1\ntime %d\n" % stamp + self.text
            # Midnights only: a cosignature must not time a run.
            if len(blob) != 72 or stamp % _DAY or stamp >= 1 << 63:
                raise untrusted("a cosignature is not stamped with a date")
            if not witness.signed(blob[8:], message):
                raise untrusted("a cosignature does not verify")
        return bool(found)


def readable(data: bytes) -> Head | Problem:
    """Return the head, or what is wrong with it."""
    try:
        return Head.read(data)
    except Problem as problem:
        return problem


def revocation_signed(body: dict[str, str], log: str) -> bool:
    """Say whether the key that a `policy.revoke` names signed it (DSSE), for the log of that name.

    The payload is put together again from the entry.
    """
    kind = "application/vnd.crowdlens.revocation+json"
    said = {"log": log, "policy": body["policy"], "revoked": True, "role": body["role"]}
    payload = json.dumps(said, sort_keys=True, separators=(",", ":"))
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} {payload}".encode()
    key = Key("approver", 1, bytes.fromhex(body["key"][-64:]), b"")
    return key.signed(bytes.fromhex(body["signature"]), message)
