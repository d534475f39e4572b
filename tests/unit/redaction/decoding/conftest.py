"""What the tests of decoding share: a look at one photo, under the usual limits or others."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from redaction.decoding import Undecodable, decode
from redaction.rules import Limits
from redaction.types.photo import Reason

Look = Callable[..., "NDArray[np.uint8] | Reason"]


@pytest.fixture(scope="session")
def look() -> Look:
    """Decode, and give the pixels or the reason why there are none."""

    def at(raw: bytes, *, longest: int = 1600, **limits: object) -> NDArray[np.uint8] | Reason:
        try:
            return decode(raw, Limits(**limits), longest=longest)
        except Undecodable as refusal:
            return refusal.reason

    return at


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """Write a PNG file by hand: header fields, rows (or any bytes) and further chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    def write(
        width: int,
        height: int,
        *,
        bits: int = 8,
        colour: int = 2,
        rows: bytes = b"",
        before: tuple[tuple[bytes, bytes], ...] = (),
    ) -> bytes:
        head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
        chunks = [(b"IHDR", head), *before, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks)

    return write
