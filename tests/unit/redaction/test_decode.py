import logging
import struct
import time
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from redaction.decode import BACKDROP, Undecodable, decode
from redaction.rules import Limits
from redaction.types.photo import Reason


def reason(raw: bytes, limits: Limits | None = None) -> Reason:
    with pytest.raises(Undecodable) as caught:
        decode(raw, limits or Limits(), enough=1600)
    return caught.value.reason


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", Reason.EMPTY),
        (b"not a picture at all", Reason.NOT_AN_IMAGE),
        (b"\xff\xd8\xff\xe0", Reason.DAMAGED),
        (b"\0\0\0\x18ftypheic" + bytes(40), Reason.UNSUPPORTED_FORMAT),
        (b"%PDF-1.7\n", Reason.UNSUPPORTED_FORMAT),
    ],
)
def test_what_is_no_photo_is_named(raw: bytes, expected: Reason) -> None:
    assert reason(raw) is expected


def test_other_decoders_are_never_tried(encoded, noise) -> None:
    for form in ("PPM", "TGA", "ICO", "PCX"):
        assert reason(encoded(Image.fromarray(noise), form)) in {
            Reason.NOT_AN_IMAGE,
            Reason.UNSUPPORTED_FORMAT,
        }


def test_a_huge_header_is_refused_at_once() -> None:
    for side in (8_000, 12_000, 50_000):
        begin = time.perf_counter()
        assert reason(png_header(side, side)) is Reason.TOO_MANY_PIXELS
        assert time.perf_counter() - begin < 0.1


def test_the_size_of_the_file_is_checked_first(encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise))
    assert reason(raw, Limits(max_bytes=len(raw) - 1)) is Reason.TOO_MANY_BYTES
    assert decode(raw, Limits(max_bytes=len(raw)), enough=1600).shape == (64, 80, 3)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_truncated_file_is_refused(form, encoded, noise, monkeypatch) -> None:
    raw = encoded(Image.fromarray(noise), form)
    assert decode(raw, Limits(), enough=1600).shape == (64, 80, 3)
    # Another library may have switched this on; ours must not depend on it.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    for share in (0.3, 0.6, 0.9):
        assert reason(raw[: int(len(raw) * share)]) in {Reason.TRUNCATED, Reason.DAMAGED}


def test_a_tiff_that_points_past_its_end_is_refused_before_it_is_read(
    encoded, noise, capfd
) -> None:
    raw = encoded(Image.fromarray(noise), "TIFF", compression="tiff_lzw")
    at = raw.index(struct.pack("<HHI", 279, 4, 1))
    count = struct.unpack_from("<I", raw, at + 8)[0]
    assert count < len(raw)
    forged = raw[: at + 8] + struct.pack("<I", len(raw) * 9) + raw[at + 12 :]
    assert reason(forged) is Reason.TRUNCATED
    assert capfd.readouterr().err == ""  # libtiff would have complained there


def test_fax_pages_are_refused(encoded) -> None:
    raw = encoded(Image.new("1", (64, 64), 1), "TIFF", compression="group4")
    assert reason(raw) is Reason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_more_frames_than_allowed_are_refused(form, encoded, noise) -> None:
    frames = [Image.fromarray(np.roll(noise, i, axis=1)) for i in range(3)]
    raw = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert reason(raw) is Reason.TOO_MANY_FRAMES
    assert reason(raw, Limits(max_frames=2)) is Reason.TOO_MANY_FRAMES
    assert decode(raw, Limits(max_frames=3), enough=1600).shape == (64, 80, 3)


def test_the_first_picture_of_a_camera_file_is_the_photo(encoded, noise) -> None:
    main, second = Image.fromarray(noise), Image.new("RGB", (80, 64), (255, 0, 0))
    raw = encoded(main, "MPO", save_all=True, append_images=[second], quality=95)
    alone = decode(encoded(main, "JPEG", quality=95), Limits(), enough=1600)
    assert np.abs(decode(raw, Limits(), enough=1600).astype(int) - alone).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_same_upright_pixels(orientation, astronaut, encoded) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = astronaut.crop((0, 0, 300, 200))
    upright = np.asarray(stored)
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    for form in ("PNG", "TIFF", "WEBP"):
        options = {"lossless": True} if form == "WEBP" else {}
        raw = encoded(stored, form, exif=exif, **options)
        assert np.array_equal(decode(raw, Limits(), enough=1600), upright), form


def test_sixteen_bits_are_scaled_not_cut(encoded) -> None:
    values = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    expected = np.rint(values / 257.0)
    for form in ("PNG", "TIFF"):
        got = decode(encoded(Image.fromarray(values), form), Limits(), enough=1600)
        assert np.abs(got - expected[:, :, None]).max() <= 1, form


def test_sixteen_bit_colours_are_scaled_not_cut() -> None:
    rows = bytearray()
    for y in range(32):
        rows += b"\0" + b"".join(struct.pack(">HHH", y * 2000, 40_000, 65_535) for _ in range(32))
    head = struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0)
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows)))
    got = decode(raw + chunk(b"IEND", b""), Limits(), enough=1600)
    assert abs(int(got[16, 0, 0]) - 32_000 / 257) <= 1
    assert abs(int(got[0, 0, 1]) - 40_000 / 257) <= 1


def test_floats_without_end_are_refused(encoded) -> None:
    values = np.full((20, 20), np.nan, dtype=np.float32)
    assert reason(encoded(Image.fromarray(values), "TIFF")) is Reason.DAMAGED


def test_cmyk_becomes_rgb(encoded) -> None:
    image = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    red = decode(encoded(image, "JPEG", quality=95), Limits(), enough=1600)[20, 20]
    assert red[0] > 200
    assert red[1] < 60


def test_colours_under_transparent_pixels_are_gone(encoded, noise) -> None:
    hidden = np.dstack([noise, np.zeros(noise.shape[:2], dtype=np.uint8)])
    got = decode(encoded(Image.fromarray(hidden)), Limits(), enough=1600)
    assert (got == BACKDROP).all()


def test_palettes_and_grey_become_rgb(encoded, noise) -> None:
    for mode in ("P", "L", "1", "LA", "PA"):
        form = "TIFF" if mode == "PA" else "PNG"
        image = Image.fromarray(noise).convert(mode)
        got = decode(encoded(image, form), Limits(), enough=1600)
        assert got.shape == (64, 80, 3)
        assert got.dtype == np.uint8


def test_a_large_jpeg_is_decoded_small_enough_but_no_smaller(encoded, noise) -> None:
    image = Image.fromarray(noise).resize((1000, 800))
    got = decode(encoded(image, "JPEG"), Limits(), enough=240)
    assert got.shape == (200 * 2, 250 * 2, 3)


def test_broken_metadata_does_not_matter_and_does_not_warn(encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(raw, Limits(), enough=1600).shape == (64, 80, 3)


def test_pillow_logs_no_metadata(encoded, noise, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    exif = Image.Exif()
    exif[0x010E] = "CANARY-IN-A-LOG"
    decode(encoded(Image.fromarray(noise), "TIFF", exif=exif), Limits(), enough=1600)
    assert "CANARY" not in caplog.text
