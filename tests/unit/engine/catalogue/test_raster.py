"""PNG and JPEG marks: upright, with their transparency, within limits."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.pictures import Drawer
from tests.unit.engine.catalogue.drawing import crop


def saved(picture: Image.Image, form: str = "PNG", **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **how)  # type: ignore[arg-type]
    return file.getvalue()


def noise(*shape: int) -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(pixels)


def png_of_size(width: int, height: int) -> bytes:
    """Give a short file whose header promises this many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_pixels_come_as_they_are(drawer: Drawer) -> None:
    picture = noise(40, 60, 3)
    assert np.array_equal(drawer.draw(saved(picture)), np.asarray(picture))
    assert drawer.draw(saved(picture, "JPEG")).shape == (40, 60, 3)


def test_transparency_comes_along_where_there_is_any(drawer: Drawer) -> None:
    clear = np.asarray(noise(40, 60, 4)).copy()
    clear[:, :30, 3] = 0
    clear[:, 30:, 3] = 255
    assert np.array_equal(drawer.draw(saved(Image.fromarray(clear))), clear)
    clear[..., 3] = 255
    assert drawer.draw(saved(Image.fromarray(clear))).shape == (40, 60, 3)
    palette = noise(40, 60).convert("P")
    assert drawer.draw(saved(palette, transparency=0)).shape[2] == 4


def test_a_photo_is_turned_upright(drawer: Drawer) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert drawer.draw(saved(noise(40, 60, 3), "JPEG", exif=exif)).shape == (60, 40, 3)
    clear = np.asarray(noise(40, 60, 4)).copy()
    clear[0, 0, 3] = 0
    assert drawer.draw(saved(Image.fromarray(clear), exif=exif)).shape == (60, 40, 4)


def test_a_large_picture_is_made_smaller(drawer: Drawer) -> None:
    assert drawer.draw(saved(noise(600, 2048, 3), "JPEG")).shape == (300, 1024, 3)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", Flaw.NOT_AN_IMAGE),
        (b"hello", Flaw.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", Flaw.NOT_AN_IMAGE),
        (saved(noise(40, 40, 3), "GIF"), Flaw.NOT_AN_IMAGE),
        (saved(noise(40, 40, 3), "WEBP"), Flaw.NOT_AN_IMAGE),
        (saved(noise(40, 40, 3))[:-200], Flaw.DAMAGED),
        (saved(noise(15, 40, 3)), Flaw.TINY),
        (saved(noise(1, 1, 3)), Flaw.TINY),
        (saved(Image.new("RGB", (40, 40), "red")), Flaw.BLANK),
        (saved(Image.new("RGBA", (40, 40), (255, 0, 0, 0))), Flaw.TRANSPARENT),
        (saved(Image.new("RGBA", (40, 40), (255, 0, 0, 200))), Flaw.BLANK),
        (png_of_size(30_000, 30_000), Flaw.TOO_LARGE),
        (png_of_size(6_000, 6_000), Flaw.DAMAGED),
        (b"\xff" * 20_000_001, Flaw.TOO_LARGE),
    ],
)
def test_what_can_not_be_used_is_named(drawer: Drawer, raw: bytes, expected: Flaw) -> None:
    with pytest.raises(Unusable) as caught:
        drawer.draw(raw)
    assert caught.value.flaw is expected


def test_the_picture_after_a_bad_one_is_its_own(drawer: Drawer, tmp_path) -> None:
    good = crop(tmp_path / "a.png").read_bytes()
    with pytest.raises(Unusable):
        drawer.draw(b"bad")
    assert drawer.draw(good).shape == (120, 160, 3)
