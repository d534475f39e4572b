"""Canonical JSON (RFC 8785) and the digests taken over it.

One value, one byte string: what is signed, logged or compared is always this form.
"""

import hashlib
import json
from typing import Any, Final

import rfc8785

LARGEST_INTEGER: Final = 2**53 - 1
"""RFC 8785 writes no larger whole number (I-JSON, RFC 7493)."""


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raises `ValueError` where there are none."""
    if _is_plain(value):
        # Of such values Python's own encoder writes the same bytes, in a tenth of the time.
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ValueError("not representable as canonical JSON") from error


def _is_plain(value: Any) -> bool:
    """Say whether a value is made of texts, whole numbers, lists and ASCII keys alone.

    Without floats nothing is left of RFC 8785 but one order of keys, which is that of their code
    points where they are ASCII, and one way of writing texts, which is Python's.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    if kind is list:
        return all(_is_plain(item) for item in value)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items()
        )
    return False


def digest(value: Any) -> str:
    """Return `sha256:` and the hex SHA-256 of the value's canonical JSON."""
    return digest_of_bytes(canonical_json(value))


def digest_of_bytes(data: bytes) -> str:
    """Return `sha256:` and the hex SHA-256 of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
