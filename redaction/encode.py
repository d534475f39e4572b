"""A redacted photo as a PNG file that holds its pixels and nothing else.

Written by a writer of our own (ISO/IEC 15948: IHDR, one IDAT, IEND) and read back, every byte, by
a reader that knows no other chunk. What it can't account for is not handed out.
"""

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.errors import CopyUnsound
from redaction.types.photo import RedactedPhoto

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">IIBBBBB")
_RGB: Final = (8, 2, 0, 0, 0)
"""Bits, colour type, compression, filter method, interlacing."""
_LEFT, _ABOVE = 1, 2  # filter types (ISO/IEC 15948, section 9.2)
_LEVEL: Final = 6


def png_of(photo: RedactedPhoto) -> bytes:
    """Return the photo as a PNG file; raises `CopyUnsound` when the file is more than its pixels.

    The bytes depend on the pixels alone: no date, no name, no software.
    """
    return encode_png(photo.pixels)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return (h, w, 3) `pixels` as a PNG file, checked; raises `ValueError`, `CopyUnsound`."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError("a picture is (h, w, 3) uint8")
    height, width = pixels.shape[:2]
    file = b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", _HEADER.pack(width, height, *_RGB)),
            _chunk(b"IDAT", zlib.compress(_filtered(pixels), _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )
    # INVARIANT: nothing is handed out that was not read back to the last byte.
    check_png(file, pixels)
    return file


def check_png(file: bytes, pixels: NDArray[np.uint8]) -> None:
    """Raise `CopyUnsound` unless every byte of `file` is needed to say exactly `pixels`."""
    if not file.startswith(_SIGNATURE):
        raise CopyUnsound("a copy does not begin as it should")
    at = len(_SIGNATURE)
    header, at = _read_chunk(file, at, b"IHDR")
    data, at = _read_chunk(file, at, b"IDAT")
    end, at = _read_chunk(file, at, b"IEND")
    height, width = pixels.shape[:2]
    if header != _HEADER.pack(width, height, *_RGB) or end or at != len(file):
        raise CopyUnsound("a copy has something besides its pixels")
    size = height * (1 + 3 * width)
    stream = zlib.decompressobj()
    try:
        rows = stream.decompress(data, size + 1)
    except zlib.error:
        raise CopyUnsound("a copy's pixels can't be read back") from None
    if len(rows) != size or not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise CopyUnsound("a copy has something beside its pixels")
    if not np.array_equal(_unfiltered(rows, height, width), pixels):
        raise CopyUnsound("a copy's pixels are not those that were redacted")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _read_chunk(file: bytes, at: int, kind: bytes) -> tuple[bytes, int]:
    size = int.from_bytes(file[at : at + 4], "big")
    data = file[at + 8 : at + 8 + size]
    end = at + 12 + size
    if file[at:end] != _chunk(kind, data):
        raise CopyUnsound("a copy has a chunk that it should not have")
    return data, end


def _filtered(pixels: NDArray[np.uint8]) -> bytes:
    """Return the rows as differences to the left or above, whichever are smaller in sum."""
    height, width = pixels.shape[:2]
    left, above = pixels.copy(), pixels.copy()
    left[:, 1:] -= pixels[:, :-1]
    above[1:] -= pixels[:-1]
    smaller = _cost(above) < _cost(left)
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 0] = np.where(smaller, _ABOVE, _LEFT)
    rows[:, 1:] = np.where(smaller[:, None, None], above, left).reshape(height, -1)
    return rows.tobytes()


def _cost(differences: NDArray[np.uint8]) -> NDArray[np.int64]:
    # As signed bytes: 255 is a step of one down.
    size = np.minimum(differences, np.negative(differences))
    sums: NDArray[np.int64] = size.reshape(len(size), -1).sum(axis=1, dtype=np.int64)
    return sums


def _unfiltered(data: bytes, height: int, width: int) -> NDArray[np.uint8]:
    rows = np.frombuffer(data, dtype=np.uint8).reshape(height, 1 + 3 * width)
    filters = rows[:, 0]
    if not np.isin(filters, (_LEFT, _ABOVE)).all():
        raise CopyUnsound("a copy has a row that it should not have")
    pixels = rows[:, 1:].reshape(height, width, 3).copy()
    for y, kind in enumerate(filters):
        if kind == _LEFT:
            np.cumsum(pixels[y], axis=0, dtype=np.uint8, out=pixels[y])
        elif y:
            pixels[y] += pixels[y - 1]
    return pixels
