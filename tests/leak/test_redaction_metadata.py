"""Markers in every place a photo has for words: none comes through redaction or into a copy."""

import pickle
import zlib
from functools import cache

import numpy as np
import pytest

from policies.lexicon import Lexicon
from redaction import RedactedPhoto, RedactionRules, Withheld, png_of, redact
from redaction.decoding import decode
from redaction.encode import encode_png
from tests.development_data import development_data
from tests.places import draw_sign, make_place, write_manifest
from tests.planted import SIZE, Planted, found_in, planted
from tests.planted.marker import STEM

RULES = RedactionRules(Lexicon((("Nike", "Nike"),)))
FORMATS = ("jpeg", "png", "gif", "webp", "tiff", "bmp", "heic", "avif")


@cache
def files() -> dict[str, Planted]:
    return {file.name: file for file in planted()}


def reachable(photo: RedactedPhoto) -> bytes:
    """Everything that can be had from a redacted photo, as bytes."""
    parts = [photo.pixels.tobytes(), pickle.dumps(photo.words), repr(photo).encode()]
    owner = photo.pixels.base
    while owner is not None:
        parts.append(bytes(memoryview(owner)) if not isinstance(owner, bytes) else owner)
        owner = getattr(owner, "base", None)
    return b"\0".join(parts)


@pytest.mark.parametrize("form", FORMATS)
def test_every_marker_is_in_its_file(form: str) -> None:
    """The search finds what is there: every slot that is said to be planted."""
    file = files()[form]
    assert len(file.slots) == len(set(file.slots)) > 2
    assert [slot for slot in file.slots if not found_in(file.raw, slot)] == []


def test_the_search_sees_through_deflate_and_wide_characters() -> None:
    for hidden in (STEM.encode(), STEM.encode("utf-16-le"), STEM.encode("utf-16-be")):
        for level in (0, 1, 6, 9):
            assert found_in(b"before" + zlib.compress(hidden, level) + b"behind")
        assert found_in(b"before" + hidden)
    assert not found_in(b"nothing")


@pytest.mark.parametrize("form", FORMATS)
def test_no_marker_is_in_the_pixels_or_their_copy(form: str, capfd, caplog) -> None:
    raw = files()[form].raw  # drawn first: Pillow tells the log of what it writes, too
    caplog.set_level("DEBUG")
    pixels = decode(raw, RULES.limits, longest=RULES.working_side)
    assert pixels.shape == (SIZE[1], SIZE[0], 3)
    assert not found_in(pixels.tobytes())
    assert not found_in(encode_png(pixels))
    assert STEM not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.models
@pytest.mark.parametrize("form", FORMATS)
def test_no_marker_comes_through_redaction(form: str, caplog, capfd) -> None:
    raw = files()[form].raw
    caplog.set_level("DEBUG")
    photo = redact(raw, RULES)
    assert isinstance(photo, RedactedPhoto)
    assert photo.words == ()
    assert not found_in(reachable(photo))
    assert not found_in(png_of(photo))
    assert STEM not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.models
def test_no_marker_is_in_anything_written_for_a_reviewer(crowdlens, tmp_path) -> None:
    place = make_place(tmp_path / "site")
    source = tmp_path / "source"
    source.mkdir()
    draw_sign(source / "sign.png", "Brightwater")
    for file in files().values():
        (source / f"{STEM}{file.name}").write_bytes(file.raw)
    names = ["sign.png", *(f"{STEM}{form}" for form in FORMATS)]
    write_manifest(source, [(name, f"{STEM}{name}", "2026-06-02") for name in names])
    out = tmp_path / "copies"
    done = crowdlens("redact", source, "--out", out, "--policy", place.policy)
    assert done.code == 0, done.err
    written = [file for file in out.rglob("*") if file.is_file()]
    assert sum(file.suffix == ".png" for file in written) == len(names)
    for file in written:
        assert not found_in(file.read_bytes()), file.name
        assert STEM not in file.name
    assert STEM not in done.out + done.err


@pytest.mark.models
def test_real_camera_files_leave_only_pixels() -> None:
    folder = development_data("metadata", "photos")
    cameras = [f for f in sorted(folder.iterdir()) if f.stat().st_size < 200_000][:3]
    assert cameras
    for file in cameras:
        answer = redact(file.read_bytes(), RULES)
        if isinstance(answer, Withheld):
            continue
        assert {type(answer.pixels), answer.pixels.dtype.type} == {np.ndarray, np.uint8}
        assert all(word.alias == "Nike" for word in answer.words)
