"""Canaries in every place a photo has for words: none comes through redaction."""

import pickle
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from policies.lexicon import Lexicon
from redaction import RedactedPhoto, RedactionRules, Withheld, redact
from tests.development_data import development_data

CANARY = b"CANARY-7f3a-SOMEBODY"
RULES = RedactionRules(Lexicon((("Nike", "Nike"),)))
pytestmark = pytest.mark.models


def scene() -> Image.Image:
    return Image.linear_gradient("L").resize((240, 160)).convert("RGB")


def exif() -> Image.Exif:
    text = CANARY.decode()
    made = Image.Exif()
    made[0x010E] = made[0x013B] = made[0x8298] = text  # description, artist, copyright
    gps = made.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (52.0, 31.0, 12.0), text
    made.get_ifd(0x8769)[0x927C] = CANARY  # maker note
    return made


def jpeg() -> bytes:
    file = BytesIO()
    scene().save(file, "JPEG", exif=exif(), comment=CANARY, xmp=CANARY, icc_profile=CANARY)
    return file.getvalue() + CANARY  # after the end of the picture


def png() -> bytes:
    file, info = BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Author", CANARY.decode())
    info.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    scene().save(file, "PNG", pnginfo=info, exif=exif(), icc_profile=CANARY)
    return file.getvalue()


def webp() -> bytes:
    file = BytesIO()
    scene().save(file, "WEBP", exif=exif(), xmp=CANARY)
    return file.getvalue()


def gif() -> bytes:
    file = BytesIO()
    scene().save(file, "GIF", comment=CANARY)
    return file.getvalue()


def tiff() -> bytes:
    file = BytesIO()
    scene().save(file, "TIFF", exif=exif())
    return file.getvalue()


def reachable(photo: RedactedPhoto) -> bytes:
    """Everything that can be had from a redacted photo, as bytes."""
    parts = [photo.pixels.tobytes(), pickle.dumps(photo.words), repr(photo).encode()]
    owner = photo.pixels.base
    while owner is not None:
        parts.append(bytes(memoryview(owner)) if not isinstance(owner, bytes) else owner)
        owner = getattr(owner, "base", None)
    return b"\0".join(parts)


@pytest.mark.parametrize("make", [jpeg, png, webp, gif, tiff])
def test_no_canary_comes_through(make, caplog, capfd) -> None:
    raw = make()
    assert CANARY in raw
    caplog.set_level("DEBUG")
    photo = redact(raw, RULES)
    assert isinstance(photo, RedactedPhoto)
    assert CANARY not in reachable(photo)
    assert photo.words == ()
    out = capfd.readouterr()
    assert "CANARY" not in caplog.text + out.out + out.err


def test_real_camera_files_leave_only_pixels() -> None:
    folder = development_data("metadata", "photos")
    files = [f for f in sorted(folder.iterdir()) if f.stat().st_size < 200_000][:8]
    assert files
    for file in files:
        answer = redact(file.read_bytes(), RULES)
        if isinstance(answer, Withheld):
            continue
        assert {type(answer.pixels), answer.pixels.dtype.type} == {np.ndarray, np.uint8}
        assert all(word.alias == "Nike" for word in answer.words)
