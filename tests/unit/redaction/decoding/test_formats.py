"""Every format that photos come in, and every way in which its pixels are stored."""

import logging
import struct
import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile

from redaction.decoding.picture import BACKDROP
from redaction.types.photo import Reason
from tests.planted.boxes import Item, box, full_box, heic, still


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", Reason.EMPTY),
        (b"not a picture at all", Reason.NOT_AN_IMAGE),
        (b"\xff\xd8\xff\xe0", Reason.DAMAGED),
        (b"\0\0\0\x18ftypqt  " + bytes(40), Reason.UNSUPPORTED_FORMAT),
        (b"\0\0\0\x18ftypheic" + bytes(40), Reason.DAMAGED),
        (b"%PDF-1.7\n", Reason.UNSUPPORTED_FORMAT),
        (b"RIFF\x10\0\0\0WAVEfmt ", Reason.UNSUPPORTED_FORMAT),
    ],
)
def test_what_is_no_photo_is_named(look, raw: bytes, expected: Reason) -> None:
    assert look(raw) is expected


@pytest.mark.parametrize("form", ["PPM", "TGA", "ICO", "PCX", "DDS", "ICNS", "JPEG2000", "SGI"])
def test_other_decoders_are_never_tried(look, encoded, noise, form: str) -> None:
    raw = encoded(Image.fromarray(noise), form)
    assert look(raw) in {Reason.NOT_AN_IMAGE, Reason.UNSUPPORTED_FORMAT}


@pytest.mark.parametrize(
    ("form", "options", "off"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", {"compression": "packbits"}, 0),
        ("TIFF", {"big_tiff": True}, 0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 6),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
        ("JPEG", {"quality": 95}, 6),
        ("JPEG", {"quality": 95, "progressive": True}, 6),
        ("AVIF", {"quality": 95}, 12),
        ("GIF", {}, 40),
    ],
)
def test_each_format_gives_its_pixels(look, encoded, astronaut, form, options, off) -> None:
    image = astronaut.crop((100, 0, 300, 150))
    got = look(encoded(image, form, **options))
    assert got.shape == (150, 200, 3)
    assert got.flags.writeable
    assert np.abs(got.astype(int) - np.asarray(image)).mean() <= off


def test_a_heic_still_gives_its_pixels(look) -> None:
    got = look(heic([still()]))
    assert got.shape == (64, 96, 3)
    quarters = [got[16, 24], got[16, 72], got[48, 24], got[48, 72]]
    truth = [(200, 60, 40), (40, 180, 60), (40, 60, 200), (220, 220, 220)]
    assert np.abs(np.array(quarters).astype(int) - truth).max() <= 3


def test_a_coding_of_heif_without_a_decoder_is_unsupported(look) -> None:
    item = still()
    other = Item(b"j2k1", item.data, item.properties[1:])
    assert look(heic([other])) in {Reason.UNSUPPORTED_FORMAT, Reason.DAMAGED}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_a_truncated_file_is_refused(look, encoded, noise, form, monkeypatch) -> None:
    raw = encoded(Image.fromarray(noise), form)
    assert look(raw).shape == (64, 80, 3)
    # Another library may have switched this on; ours must not depend on it.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    for share in (0.3, 0.6, 0.9):
        assert look(raw[: int(len(raw) * share)]) in {Reason.TRUNCATED, Reason.DAMAGED}


def test_a_truncated_heic_is_refused(look) -> None:
    raw = heic([still()])
    for share in (0.1, 0.5, 0.8):
        assert look(raw[: int(len(raw) * share)]) in {Reason.TRUNCATED, Reason.DAMAGED}


def test_a_tiff_that_points_past_its_end_is_refused(look, encoded, noise, capfd) -> None:
    raw = encoded(Image.fromarray(noise), "TIFF", compression="tiff_lzw")
    at = raw.index(struct.pack("<HHI", 279, 4, 1))
    forged = raw[: at + 8] + struct.pack("<I", len(raw) * 9) + raw[at + 12 :]
    assert look(forged) is Reason.TRUNCATED
    assert capfd.readouterr() == ("", "")


def test_what_a_decoder_says_is_not_heard(look, encoded, noise, capfd) -> None:
    raw = bytearray(encoded(Image.fromarray(noise), "TIFF", compression="tiff_lzw"))
    raw[60:400] = bytes(340)
    assert look(bytes(raw)) in {Reason.TRUNCATED, Reason.DAMAGED}
    assert capfd.readouterr() == ("", "")


def test_fax_pages_are_refused(look, encoded) -> None:
    raw = encoded(Image.new("1", (64, 64), 1), "TIFF", compression="group4")
    assert look(raw) is Reason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_is_the_photo(look, encoded, noise, form) -> None:
    frames = [Image.fromarray(np.roll(noise, 8 * i, axis=1)) for i in range(3)]
    options = {"lossless": True} if form == "WEBP" else {"quality": 100} if form == "AVIF" else {}
    raw = encoded(frames[0], form, save_all=True, append_images=frames[1:], **options)
    first, alone = look(raw), look(encoded(frames[0], form, **options))
    assert np.abs(first.astype(int) - alone).mean() < 8
    assert look(raw, animations="withhold") is Reason.TOO_MANY_FRAMES
    assert not isinstance(look(encoded(frames[0], form), animations="withhold"), Reason)


def test_the_primary_picture_of_a_heic_file_is_the_photo(look) -> None:
    raw = heic([still(), still(name=b"second")])
    assert np.array_equal(look(raw), look(heic([still()])))
    assert look(raw, animations="withhold") is Reason.TOO_MANY_FRAMES


def test_what_is_not_the_photo_is_not_opened(look, encoded, noise) -> None:
    """Further pictures may be as broken as they like: nothing looks at them."""
    picture = Image.fromarray(noise)
    depth = full_box(b"auxC", 0, b"urn:mpeg:hevc:2015:auxid:2\0")
    aux = Item(b"hvc1", b"\xff" * 9, (*still().properties, depth), refers=((b"auxl", 1),))
    thumb = Item(b"hvc1", b"\xff" * 9, still().properties, refers=((b"thmb", 1),))
    assert look(heic([still(), aux, thumb])).shape == (64, 96, 3)
    for form in ("GIF", "WEBP"):
        raw = encoded(picture, form, save_all=True, append_images=[picture.transpose(0)])
        whole = look(raw)
        broken = bytearray(raw)
        broken[-40:-8] = b"\xff" * 32
        assert np.array_equal(look(bytes(broken)), whole), form
    pages = encoded(picture, "TIFF", save_all=True, append_images=[picture])
    first_directory = struct.unpack_from("<I", pages, 4)[0]
    entries = struct.unpack_from("<H", pages, first_directory)[0]
    link = first_directory + 2 + 12 * entries
    second = struct.unpack_from("<I", pages, link)[0]
    broken = bytearray(pages)
    broken[second + 2 : second + 40] = b"\xff" * 38
    assert np.array_equal(look(bytes(broken)), noise)


def test_the_first_picture_of_a_camera_file_is_the_photo(look, encoded, noise) -> None:
    main, second = Image.fromarray(noise), Image.new("RGB", (80, 64), (255, 0, 0))
    raw = encoded(main, "MPO", save_all=True, append_images=[second], quality=95)
    alone = look(encoded(main, "JPEG", quality=95))
    assert np.abs(look(raw).astype(int) - alone).max() <= 2
    # Many phones' photos are such files: they are no animations.
    assert np.array_equal(look(raw, animations="withhold"), look(raw))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_cut(look, encoded, form) -> None:
    values = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    expected = np.rint(values / 257.0)
    got = look(encoded(Image.fromarray(values), form))
    assert np.abs(got - expected[:, :, None]).max() <= 1


@pytest.mark.parametrize(("colour", "bands"), [(2, 3), (6, 4), (0, 1), (4, 2)])
def test_sixteen_bit_colours_are_scaled_not_cut(look, png, colour: int, bands: int) -> None:
    row = [40_000, 20_000, 65_535, 65_535] if bands in {3, 4} else [40_000, 65_535]
    rows = (b"\0" + struct.pack(f">{bands}H", *row[:bands]) * 32) * 32
    got = look(png(32, 32, bits=16, colour=colour, rows=rows))
    assert abs(int(got[16, 16, 0]) - 40_000 / 257) <= 1
    assert got[16, 16, 1] == got[16, 16, 0] or abs(int(got[16, 16, 1]) - 20_000 / 257) <= 1


def test_a_deep_picture_of_many_bands_is_scaled_as_one(look, encoded) -> None:
    values = np.linspace(-5, 5, 1200 * 1000).reshape(1200, 1000).astype(np.float32)
    got = look(encoded(Image.fromarray(values), "TIFF"))
    assert (got[0, 0, 0], got[-1, -1, 0]) == (0, 255)
    assert abs(int(got[600, 500, 0]) - 128) <= 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_floats_without_end_are_refused(look, encoded, bad: float) -> None:
    values = np.full((20, 20), 0.5, dtype=np.float32)
    values[10, 10] = bad
    assert look(encoded(Image.fromarray(values), "TIFF")) is Reason.DAMAGED


def test_cmyk_becomes_rgb(look, encoded) -> None:
    red = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    for form, options in (("JPEG", {"quality": 95}), ("TIFF", {})):
        got = look(encoded(red, form, **options))[20, 20]
        assert got[0] > 200, form
        assert got[1] < 60, form


@pytest.mark.parametrize("transform", [0, 2])
def test_inverted_inks_are_told_by_adobes_mark(look, encoded, transform: int) -> None:
    """CMYK and YCCK as Adobe's programs write them: 255 stands for no ink."""
    image = Image.new("CMYK", (40, 40), (10, 200, 60, 30))
    raw = encoded(image, "JPEG", quality=100, subsampling=0)
    mark = raw.index(b"Adobe")
    forged = raw[: mark + 11] + bytes([transform]) + raw[mark + 12 :]
    got = look(forged)[20, 20].astype(int)
    with Image.open(BytesIO(forged)) as opened:
        expected = np.asarray(opened.convert("RGB"))[20, 20].astype(int)
    assert np.abs(got - expected).max() <= 2
    if transform == 0:
        assert np.abs(got - np.asarray(image.convert("RGB"))[20, 20]).max() <= 4


def test_a_jpeg_of_twelve_bits_is_unsupported(look, encoded, noise) -> None:
    raw = bytearray(encoded(Image.fromarray(noise), "JPEG"))
    at = raw.index(b"\xff\xc0")
    raw[at + 4] = 12
    assert look(bytes(raw)) is Reason.UNSUPPORTED_FORMAT
    raw[at + 4] = 8
    raw[at + 1] = 0xC3  # lossless
    assert look(bytes(raw)) is Reason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_colours_under_transparent_pixels_are_gone(look, encoded, noise, form) -> None:
    hidden = np.dstack([noise, np.zeros(noise.shape[:2], dtype=np.uint8)])
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    raw = encoded(Image.fromarray(hidden), form, **options)
    assert (look(raw) == BACKDROP).all()
    # Nor do they bleed into their neighbours where the picture is scaled down.
    assert (look(raw, longest=40) == BACKDROP).all()


def test_palettes_and_grey_become_rgb(look, encoded, noise) -> None:
    for mode in ("P", "L", "1", "LA", "PA"):
        form = "TIFF" if mode == "PA" else "PNG"
        image = Image.fromarray(noise).convert(mode)
        for longest in (1600, 40):
            got = look(encoded(image, form), longest=longest)
            assert got.shape == ((64, 80, 3) if longest == 1600 else (32, 40, 3))
            assert got.dtype == np.uint8


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_small_palettes_and_see_through_colours(look, png, bits: int) -> None:
    palette = bytes(range(3 << bits))[: 3 << bits] if bits < 7 else bytes(range(256)) * 3
    row = b"\0" + bytes(-(-32 * bits // 8))
    chunks = ((b"PLTE", palette), (b"tRNS", b"\0"))
    opaque = look(png(32, 32, bits=bits, colour=3, rows=row * 32, before=chunks[:1]))
    assert tuple(opaque[0, 0]) == tuple(palette[:3])
    seen_through = look(png(32, 32, bits=bits, colour=3, rows=row * 32, before=chunks))
    assert (seen_through == BACKDROP).all()


def test_lab_pictures_become_rgb(look, encoded) -> None:
    got = look(encoded(Image.new("LAB", (40, 40), (128, 128, 128)), "TIFF"))
    assert abs(int(got[20, 20, 0]) - int(got[20, 20, 2])) < 12


def test_an_interlaced_png_is_whole(look) -> None:
    import zlib

    rows = b""  # Adam7 of an 8 by 8 grey picture: one filter byte a row of each pass
    for width, height in ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)):
        rows += (b"\0" + bytes([77] * width)) * height
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)
    raw = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        raw += struct.pack(">I", len(data)) + kind + data
        raw += struct.pack(">I", zlib.crc32(kind + data))
    assert (look(raw, min_side=1) == 77).all()


def test_broken_metadata_does_not_matter_and_does_not_warn(look, encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert look(raw).shape == (64, 80, 3)


def test_no_metadata_is_logged(look, encoded, noise, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    exif = Image.Exif()
    exif[0x010E] = "CANARY-IN-A-LOG"
    look(encoded(Image.fromarray(noise), "TIFF", exif=exif))
    assert "CANARY" not in caplog.text


def test_a_file_is_what_its_major_brand_says(look) -> None:
    raw = heic([still()])
    assert look(raw.replace(b"heic", b"avif")) in {Reason.DAMAGED, Reason.UNSUPPORTED_FORMAT}
    assert look(raw.replace(b"heic\0\0\0\0mif1", b"mif1\0\0\0\0mif1")).shape == (64, 96, 3)
    assert look(box(b"ftyp", b"mif1", bytes(4), b"mif1") + raw[24:]) is Reason.UNSUPPORTED_FORMAT
