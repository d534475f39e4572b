"""Canonical JSON (RFC 8785) and the digests taken over it.

One value, one byte string: what is signed, logged or compared is always this form.
"""

import hashlib
from typing import Any

import rfc8785


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raises `ValueError` where there are none."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ValueError("not representable as canonical JSON") from error


def digest(value: Any) -> str:
    """Return `sha256:` and the hex SHA-256 of the value's canonical JSON."""
    return digest_of_bytes(canonical_json(value))


def digest_of_bytes(data: bytes) -> str:
    """Return `sha256:` and the hex SHA-256 of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
