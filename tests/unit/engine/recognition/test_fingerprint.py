"""Near for the same picture, far for another, none where there is nothing to tell it by."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from skimage import data

from engine.recognition.fingerprint import BYTES, fingerprint_of
from redaction import RedactedPhoto
from redaction.types.photo import seal

PICTURES = (data.astronaut, data.coffee, data.rocket, data.chelsea, data.brick, data.camera)
NEAR, FAR = 72, 90


def photo(pixels: np.ndarray) -> RedactedPhoto:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return seal(np.ascontiguousarray(pixels[..., :3].astype(np.uint8)), (), frozenset())


def of(pixels: np.ndarray) -> bytes:
    made = fingerprint_of(photo(pixels))
    assert made is not None
    assert len(made) == BYTES
    return made


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _jpeg(pixels: np.ndarray) -> np.ndarray:
    packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]


def _half(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _brighter(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels * 1.15, 0, 255)


def _cut(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    return pixels[height // 60 : -(height // 60), width // 60 : -(width // 60)]


@pytest.mark.parametrize("change", [_jpeg, _half, _brighter, _cut], ids=lambda c: c.__name__)
@pytest.mark.parametrize("picture", PICTURES[:4], ids=lambda p: p.__name__)
def test_the_same_picture_stays_near(picture, change) -> None:
    pixels = picture()
    assert apart(of(pixels), of(change(pixels))) <= NEAR


def test_other_pictures_are_far() -> None:
    every = [of(picture()) for picture in PICTURES]
    assert min(apart(*pair) for pair in combinations(every, 2)) > FAR


def test_it_follows_from_the_pixels_alone() -> None:
    assert of(data.coffee()) == of(data.coffee().copy())
    big_ended = np.asfortranarray(data.coffee())
    assert fingerprint_of(seal(big_ended, (), frozenset())) == of(data.coffee())


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 8, 3), (3000, 2, 3), (64, 64, 3)])
def test_what_is_plain_has_none(shape: tuple[int, int, int]) -> None:
    assert fingerprint_of(photo(np.full(shape, 200, np.uint8))) is None
    # A veil in one colour on one colour is plain as well.
    veiled = np.full((240, 320, 3), 230, np.uint8)
    veiled[100:110, 100:140] = 90
    assert fingerprint_of(photo(veiled)) is None


def test_nothing_but_a_redacted_photo_has_one() -> None:
    with pytest.raises(TypeError):
        fingerprint_of(data.coffee())  # type: ignore[arg-type]
