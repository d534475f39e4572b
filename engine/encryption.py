"""Content that touches the disk only encrypted.

A first line that names the form, a nonce of 12 bytes, then AES-256-GCM (NIST SP 800-38D) over the
content, with the first line and what the caller says the content is as associated data: content of
another form, place or key does not open, nor does any with a changed byte. Inside is the length of
the content (8 bytes), the content, and zeros up to a power of two, so that its size on disk says
little about how much there is.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
SMALLEST: Final = 1 << 16
"""Bytes of the content at least, zeros included."""
_NONCE_BYTES: Final = 12
_LENGTH_BYTES: Final = 8


class NotOurs(Exception):
    """What was read is of another form, key or place, or was changed. Never leaves its caller."""


def encrypted(form: bytes, key: bytes, place: bytes, content: bytes) -> bytes:
    """Return the content as it may lie on the disk; `form` ends with a newline.

    `place` says what the content is: the same has to be said to open it.
    """
    size = max(SMALLEST, 1 << (_LENGTH_BYTES + len(content) - 1).bit_length())
    padded = (len(content).to_bytes(_LENGTH_BYTES, "big") + content).ljust(size, b"\0")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return form + nonce + AESGCM(key).encrypt(nonce, padded, form + place)


def decrypted(form: bytes, key: bytes, place: bytes, sealed: bytes) -> bytes:
    """Return the content; raises `NotOurs`."""
    if not sealed.startswith(form):
        raise NotOurs
    start = len(form)
    nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
    try:
        padded = AESGCM(key).decrypt(nonce, body, form + place)
    except (InvalidTag, ValueError):
        raise NotOurs from None
    # Only bytes that were made above get here.
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
