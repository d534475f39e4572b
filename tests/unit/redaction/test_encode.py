"""A written copy is its pixels and nothing else."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from redaction import encode
from redaction.encode import check_png, encode_png
from redaction.errors import CopyUnsound

PIXELS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


@given(PIXELS)
def test_any_pixels_come_back_from_any_reader(pixels: np.ndarray) -> None:
    file = encode_png(pixels)
    with Image.open(BytesIO(file)) as image:
        assert image.mode == "RGB"
        assert image.info == {}
        assert np.array_equal(np.asarray(image), pixels)


def test_a_photo_comes_back_and_is_no_larger_than_it_must(astronaut) -> None:
    pixels = np.asarray(astronaut)
    file, usual = encode_png(pixels), BytesIO()
    astronaut.save(usual, "PNG")
    with Image.open(BytesIO(file)) as image:
        assert np.array_equal(np.asarray(image), pixels)
    assert len(file) < 1.25 * len(usual.getvalue())
    assert file == encode_png(pixels.copy())


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        encode_png(pixels)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def parts(file: bytes) -> tuple[bytes, bytes, bytes]:
    """Header with signature, pixels, end."""
    return file[:33], file[33:-12], file[-12:]


def accepted(file: bytes, pixels: np.ndarray) -> bool:
    try:
        check_png(file, pixels)
    except CopyUnsound:
        return False
    return True


def test_every_addition_is_found(noise) -> None:
    file = encode_png(noise)
    head, data, end = parts(file)
    stream = data[8:-4]
    unpacked = zlib.decompress(stream)
    additions = {
        "trailer": file + b"x",
        "text": head + chunk(b"tEXt", b"a\0b") + data + end,
        "text behind": head + data + chunk(b"tEXt", b"a\0b") + end,
        "profile": head + chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x")) + data + end,
        "second data": head + data + chunk(b"IDAT", b"") + end,
        "behind the stream": head + chunk(b"IDAT", stream + b"x") + end,
        "longer stream": head + chunk(b"IDAT", zlib.compress(unpacked + b"x")) + end,
        "shorter stream": head + chunk(b"IDAT", zlib.compress(unpacked[:-1])) + end,
        "another filter": head + chunk(b"IDAT", zlib.compress(b"\4" + unpacked[1:])) + end,
        "end with data": head + data + chunk(b"IEND", b"x"),
        "no end": head + data,
        "before": b"x" + file,
        "damaged stream": head + chunk(b"IDAT", stream[:-1] + b"\0") + end,
    }
    assert accepted(file, noise)
    for name, forged in additions.items():
        assert not accepted(forged, noise), name


def test_every_changed_byte_is_found() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    file = encode_png(pixels)
    for at in range(len(file)):
        for bit in (1, 128):
            forged = bytearray(file)
            forged[at] ^= bit
            assert not accepted(bytes(forged), pixels), at


def test_other_pixels_are_found(noise) -> None:
    other = noise.copy()
    other[3, 4, 1] ^= 1
    with pytest.raises(CopyUnsound):
        check_png(encode_png(other), noise)


def test_what_does_not_pass_is_not_handed_out(noise, monkeypatch: pytest.MonkeyPatch) -> None:
    real = encode._chunk
    monkeypatch.setattr(
        encode, "_chunk", lambda kind, data: real(kind, data) + (b"x" if kind == b"IEND" else b"")
    )
    with pytest.raises(CopyUnsound):
        encode_png(noise)
