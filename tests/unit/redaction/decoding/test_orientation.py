"""Each of the eight orientations is undone once: by EXIF, or by a container's own fields."""

import numpy as np
import pytest
from PIL import Image

from redaction.decoding import decode_sized
from redaction.rules import Limits
from tests.planted.boxes import Item, heic, mirror, rotation, still
from tests.planted.exif import exif_block
from tests.planted.marker import Marks

UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
AS_STORED = {
    # EXIF orientation: the properties that say the same (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
    1: (),
    2: (mirror(1),),
    3: (rotation(2),),
    4: (mirror(0),),
    5: (rotation(1), mirror(0)),
    6: (rotation(3),),
    7: (rotation(3), mirror(0)),
    8: (rotation(1),),
}


def stored(upright: Image.Image, orientation: int) -> Image.Image:
    return upright.transpose(UNDO[orientation]) if orientation in UNDO else upright


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_every_orientation_gives_the_same_upright_pixels(
    look, astronaut, encoded, form: str, orientation: int
) -> None:
    upright = astronaut.crop((0, 0, 300, 200))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if form == "WEBP" else {}
    raw = encoded(stored(upright, orientation), form, exif=exif, **options)
    assert np.array_equal(look(raw), np.asarray(upright))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "AVIF"])
def test_lossy_formats_are_turned_too(
    look, astronaut, encoded, form: str, orientation: int
) -> None:
    upright = astronaut.crop((0, 0, 320, 208))
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = encoded(stored(upright, orientation), form, exif=exif, quality=95)
    got = look(raw)
    assert got.shape == (208, 320, 3)
    assert np.abs(got.astype(int) - np.asarray(upright)).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_once_and_not_by_its_exif_too(look, orientation: int) -> None:
    """Phones write both: the container's fields count, the EXIF says the same again."""
    turned = look(heic([still(*AS_STORED[orientation])]))
    plain = Image.fromarray(look(heic([still()])))
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    assert np.abs(turned.astype(int) - np.asarray(stored(plain, inverse)).astype(int)).max() <= 3
    exif = Item(b"Exif", bytes(4) + exif_block(Marks("x"), orientation), refers=((b"cdsc", 1),))
    both = look(heic([still(*AS_STORED[orientation]), exif]))
    assert np.array_equal(both, turned)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_the_size_before_scaling_is_that_of_the_upright_photo(
    encoded, astronaut, form: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = encoded(stored(astronaut.crop((0, 0, 500, 400)), orientation), form, exif=exif)
    decoded = decode_sized(raw, Limits(), longest=100)
    assert (decoded.full_width, decoded.full_height) == (500, 400)
    assert decoded.pixels.shape == (80, 100, 3)
