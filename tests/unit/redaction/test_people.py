"""Whole people: what the net finds, what a face adds, and what may not pass in silence."""

import hashlib
import os
from itertools import pairwise

import cv2
import numpy as np
import pytest

from redaction import people
from redaction.errors import ModelUnusable
from redaction.people import body, find_people, person_boxes, turned_back
from redaction.regions import mask_of
from redaction.types.region import Region
from redaction.weights import PERSON

models = pytest.mark.models
NONE = np.empty((0, 4))


def mask(shapes, height: int, width: int) -> np.ndarray:
    return mask_of([Region("person", corners) for corners in shapes], height, width)


def is_convex(corners: np.ndarray) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    turns = [a[0] * b[1] - a[1] * b[0] for a, b in pairwise([*sides, sides[0]])]
    return all(t >= 0 for t in turns) or all(t <= 0 for t in turns)


@models
def test_a_portrait_is_covered_from_hair_to_waist(astronaut) -> None:
    pixels = np.asarray(astronaut)
    got = mask(find_people(pixels, NONE), 512, 512)
    # Hair, both eyes, the chin, the name tag and both upper arms.
    for x, y in ((230, 30), (203, 102), (249, 102), (226, 170), (150, 300), (90, 330), (330, 330)):
        assert got[y, x]
    assert not got.all()


@models
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_on_its_side_is_covered_too(turns, astronaut) -> None:
    turned = np.ascontiguousarray(np.rot90(np.asarray(astronaut), turns))
    got = np.rot90(mask(find_people(turned, NONE), 512, 512), -turns)
    assert got[60:500, 150:320].mean() > 0.95


@models
def test_people_far_away_are_found(astronaut) -> None:
    # Head and shoulders, 90 pixels high, in a plain scene of 1280 x 960.
    scene = np.full((960, 1280, 3), (150, 160, 140), np.uint8)
    small = cv2.resize(np.asarray(astronaut), (90, 90), interpolation=cv2.INTER_AREA)
    scene[400:490, 700:790] = small
    got = mask(find_people(scene, NONE), 960, 1280)
    assert got[405:485, 720:755].mean() > 0.9
    assert got.mean() < 0.1


@models
def test_a_plain_wall_is_nobody() -> None:
    assert find_people(np.full((480, 640, 3), 180, np.uint8), NONE) == ()


@models
@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (1, 1), (33, 4000)])
def test_small_and_narrow_photos_do_not_break_it(shape) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for corners in find_people(pixels, NONE):
        assert corners.shape == (4, 2)
        assert np.isfinite(corners).all()


@models
def test_the_same_photo_gives_the_same_shapes(astronaut) -> None:
    pixels = np.asarray(astronaut)
    first, again = find_people(pixels, NONE), find_people(pixels.copy(), NONE)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@models
def test_boxes_are_in_the_photos_own_pixels(astronaut) -> None:
    wide = cv2.resize(np.asarray(astronaut), (1024, 512), interpolation=cv2.INTER_LINEAR)
    box = person_boxes(np.asarray(astronaut))[0]
    assert abs(np.diff(box[[1, 3]])[0] - 495) < 40
    assert box[4] > 0.6
    best = person_boxes(wide)[0]
    assert abs(best[2] - 2 * box[2]) < 80


@models
def test_a_face_that_no_person_was_found_around_gets_a_body() -> None:
    wall = np.full((900, 600, 3), 180, np.uint8)
    shapes = find_people(wall, np.array([[280.0, 100.0, 320.0, 150.0]]))
    assert len(shapes) == 1
    got = mask(shapes, 900, 600)
    assert got[80:540, 300].all()  # crown to feet
    assert got[250, 240:360].all()  # shoulders, three face widths
    assert not got[60].any()
    assert not got[600].any()


def test_a_body_is_convex_and_wider_than_its_face() -> None:
    face = np.array([100.0, 100.0, 160.0, 180.0])
    corners = body(face, np.empty((0, 5)))
    assert is_convex(corners)
    assert np.ptp(corners[:, 0]) >= 3 * 60
    assert np.ptp(corners[:, 1]) >= 7.5 * 80
    # Hair, and what is beside the ears.
    assert corners[:, 1].min() <= 100 - 0.4 * 80
    # A face turned aside is narrow; the shoulders are not.
    profile = body(np.array([100.0, 100.0, 130.0, 180.0]), np.empty((0, 5)))
    assert np.ptp(profile[:, 0]) >= 3 * 0.8 * 80


def test_a_body_ends_with_the_person_who_was_surely_found() -> None:
    face = np.array([100.0, 100.0, 160.0, 180.0])
    sitting = np.array([[60.0, 60.0, 220.0, 400.0, 0.9]])
    assert body(face, sitting)[:, 1].max() == pytest.approx(400 + 0.1 * 340)
    doubtful, elsewhere = sitting.copy(), sitting.copy()
    doubtful[0, 4] = 0.3
    elsewhere[0, [0, 2]] += 500
    standing = body(face, np.empty((0, 5)))
    assert np.array_equal(body(face, doubtful), standing)
    assert np.array_equal(body(face, elsewhere), standing)
    # A box that holds hardly more than the face says nothing of the body.
    bust = np.array([[60.0, 60.0, 220.0, 200.0, 0.9]])
    assert np.array_equal(body(face, bust), standing)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turning_back(turns) -> None:
    photo = np.zeros((50, 80), np.uint8)
    photo[10:25, 30:70] = 1
    y, x = np.nonzero(np.rot90(photo, turns))
    box = np.array([[x.min(), y.min(), x.max() + 1, y.max() + 1]], dtype=np.float64)
    assert turned_back(box, turns, (80, 50)).tolist() == [[30, 10, 70, 25]]


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_an_answer_that_is_no_number_is_an_error(broken, monkeypatch) -> None:
    class Sick:
        def run(self, _: object, given: dict[str, np.ndarray]) -> list[np.ndarray]:
            rows, columns = given["pixels"].shape[2:]
            levels = [np.full((1, 45, rows // s, columns // s), -9.0, "f4") for s in (8, 16, 32)]
            levels[1][0, :, 0, 0] = broken
            return levels

    monkeypatch.setattr(people, "load", Sick)
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ValueError, match="no numbers"),
    ):
        find_people(np.zeros((200, 300, 3), np.uint8), NONE)


def test_missing_weights_are_said(monkeypatch, tmp_path) -> None:
    people.load.cache_clear()
    monkeypatch.setattr(people.precision, "person", lambda: tmp_path / "person.onnx")
    try:
        with pytest.raises(ModelUnusable):
            people.load()
    finally:
        people.load.cache_clear()


def test_the_weights_are_small_and_the_ones_that_were_measured() -> None:
    assert os.path.getsize(PERSON) < 8_000_000
    digest = hashlib.sha256(PERSON.read_bytes()).hexdigest()
    assert digest == "7baf89afe098783d83269da698f952cd10220a5a0c40ab8b3b3204a6edcfdee1"
