"""Limits are checked on the header, and enforced where the header lied."""

import struct
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from redaction.types.photo import Reason
from tests.mutations import many_scans
from tests.planted.boxes import full_box, heic, still


def headers(side: int) -> dict[str, bytes]:
    """Return files whose headers promise a square of so many pixels, and hold almost nothing."""
    small = Image.new("RGB", (16, 16))
    made = {}
    for form in ("JPEG", "BMP", "GIF", "TIFF"):
        file = BytesIO()
        small.save(file, form)
        made[form] = bytearray(file.getvalue())
    at = made["JPEG"].index(b"\xff\xc0") + 5
    made["JPEG"][at : at + 4] = struct.pack(">HH", min(side, 65_535), min(side, 65_535))
    made["BMP"][18:26] = struct.pack("<ii", side, side)
    made["GIF"][6:10] = struct.pack("<HH", min(side, 65_535), min(side, 65_535))
    directory = struct.unpack_from("<I", made["TIFF"], 4)[0]
    for index in (0, 1):
        entry = directory + 2 + 12 * index
        made["TIFF"][entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, side)
    canvas = (side - 1).to_bytes(3, "little") * 2
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    made["WEBP"] = bytearray(b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x)
    item = still()
    size = full_box(b"ispe", 0, struct.pack(">II", side, side))
    bomb = type(item)(item.kind, item.data, (item.properties[0], size))
    made["HEIF"] = bytearray(heic([bomb]))
    return {form: bytes(raw) for form, raw in made.items()}


@pytest.mark.parametrize("side", [10_000, 50_000, 300_000])
def test_a_huge_header_is_refused_at_once(look, png, side: int) -> None:
    look(b"warm")
    for form, raw in {"PNG": png(side, side), **headers(side)}.items():
        begin = time.perf_counter()
        assert look(raw) in {
            Reason.TOO_MANY_PIXELS,
            Reason.DAMAGED,
            Reason.TRUNCATED,
            Reason.TOO_COSTLY,
        }, form
        assert time.perf_counter() - begin < 2, form


def test_a_huge_header_is_named(look, png) -> None:
    for side in (8_000, 12_000, 50_000):
        assert look(png(side, side)) is Reason.TOO_MANY_PIXELS
    assert look(headers(10_000)["JPEG"]) is Reason.TOO_MANY_PIXELS


def test_the_size_of_the_file_is_checked_first(look, encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise))
    assert look(raw, max_bytes=len(raw) - 1) is Reason.TOO_MANY_BYTES
    assert look(raw, max_bytes=len(raw)).shape == (64, 80, 3)


def test_the_number_of_pixels_is_checked(look, encoded, noise) -> None:
    for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        raw = encoded(Image.fromarray(noise), form)
        assert look(raw, max_pixels=64 * 80 - 1) is Reason.TOO_MANY_PIXELS, form
        assert look(raw, max_pixels=64 * 80).shape == (64, 80, 3), form
    assert look(heic([still()]), max_pixels=96 * 64 - 1) is Reason.TOO_MANY_PIXELS
    assert look(heic([still()]), max_pixels=96 * 64).shape == (64, 96, 3)


def test_a_photo_that_is_too_small_at_the_working_size_is_refused(look, encoded) -> None:
    strip = encoded(Image.new("RGB", (2000, 18)))
    assert look(strip, longest=2000).shape == (18, 2000, 3)
    assert look(strip, longest=1600) is Reason.TOO_SMALL
    assert look(encoded(Image.new("RGB", (20, 15)))) is Reason.TOO_SMALL


def test_a_heic_whose_pixels_are_more_than_it_said_is_refused(look) -> None:
    item = still()
    small = full_box(b"ispe", 0, struct.pack(">II", 32, 32))
    liar = type(item)(item.kind, item.data, (item.properties[0], small))
    assert isinstance(look(heic([liar]), max_pixels=32 * 32), Reason)


def test_a_photo_that_takes_too_long_costs_itself_alone(look, encoded, noise) -> None:
    begin = time.perf_counter()
    assert look(many_scans(1500, 3000), max_seconds=0.3) is Reason.TOO_COSTLY
    assert time.perf_counter() - begin < 5
    assert look(many_scans(200, 3)).shape == (200, 200, 3)
    assert look(encoded(Image.fromarray(noise))).shape == (64, 80, 3)


def test_a_photo_that_takes_too_much_memory_costs_itself_alone(look, encoded) -> None:
    large = encoded(Image.new("RGB", (6000, 6000)), "PNG", compress_level=1)
    assert look(large, max_memory_mb=256) is Reason.TOO_COSTLY
    assert look(large).shape == (1600, 1600, 3)


def test_a_large_jpeg_is_decoded_at_a_part_of_its_size(look, encoded, astronaut) -> None:
    image = astronaut.resize((2048, 1024))
    got = look(encoded(image, "JPEG", quality=95), longest=500)
    assert got.shape == (250, 500, 3)
    whole = look(encoded(image, "PNG"), longest=500)
    assert np.abs(got.astype(int) - whole).mean() < 5
