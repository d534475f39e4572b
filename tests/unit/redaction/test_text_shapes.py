"""From the detector's map to shapes, on maps that are drawn."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from redaction.text import Line, plate_like
from redaction.text.finding import is_phantom, near_scale, says_nothing, share_of
from redaction.text.line import Outline
from redaction.text.plates import plate_border
from redaction.text.shapes import Shape, shapes


def drawn(*kernels: tuple[tuple[float, float], tuple[float, float], float, float]) -> np.ndarray:
    """Draw kernels, each a centre, a size, an angle and a value, on an empty map."""
    canvas = np.zeros((300, 400), np.float32)
    for centre, size, angle, value in kernels:
        corners = np.rint(cv2.boxPoints((centre, size, angle))).astype(np.int32)
        cv2.fillConvexPoly(canvas, corners, value)
    return canvas


def covers(quad: np.ndarray, other: np.ndarray) -> bool:
    outline = quad.astype(np.float32)
    return all(cv2.pointPolygonTest(outline, (float(x), float(y)), True) >= -1 for x, y in other)


@pytest.mark.parametrize("angle", [0, 10, 35, 80, 90, 135])
def test_each_shape_holds_the_one_before(angle) -> None:
    (found,) = shapes(drawn(((200, 150), (120, 10), angle, 0.9)))
    assert found.sure
    assert covers(found.quad, found.kernel)
    assert covers(found.outline.veil, found.quad)


def test_two_lines_are_two_shapes() -> None:
    found = shapes(drawn(((100, 80), (90, 8), 0, 0.9), ((100, 200), (90, 8), 0, 0.9)))
    assert len(found) == 2
    assert all(shape.sure for shape in found)


@pytest.mark.parametrize("between", [20, 45, 90])
def test_lines_that_cross_are_covered_by_their_parts(between) -> None:
    lines = [((200.0, 150.0), (180.0, 8.0), angle, 0.9) for angle in (10.0, 10.0 + between)]
    (found,) = [s for s in shapes(drawn(*lines)) if s.strokes]
    canvas = np.zeros((300, 400), np.uint8)
    for part in found.strokes:
        cv2.fillConvexPoly(canvas, np.rint(part.letters).astype(np.int32), 1)
    assert canvas[drawn(*lines) > 0].all()
    assert canvas.mean() < 5 * (drawn(*lines) > 0).mean()


@pytest.mark.parametrize("size", [(180.0, 8.0), (160.0, 120.0), (60.0, 40.0)])
def test_one_line_and_what_is_solid_have_no_strokes(size) -> None:
    # The detector's answer to what is no text is in tatters.
    canvas = drawn(((200, 150), size, 20, 0.9))
    canvas[np.random.default_rng(2).random(canvas.shape) < 0.1] = 0
    assert not any(s.strokes for s in shapes(canvas))


def test_what_is_faint_is_veiled_and_not_read() -> None:
    (found,) = shapes(drawn(((200, 150), (80, 8), 0, 0.15)))
    assert not found.sure
    # How far its letters reach is a guess, which does not win over a name that was read.
    assert np.array_equal(found.outline.letters, found.kernel)
    assert shapes(drawn(((200, 150), (80, 8), 0, 0.02))) == []


def test_faint_text_beside_a_sure_line_has_a_shape_of_its_own() -> None:
    # The veil of the sure line may be lifted: what is faint must not hide behind it.
    faint = ((200.0, 120.0), (100.0, 8.0), 0.0, 0.15)
    for gap in (14, 20, 30):
        sure = ((200.0, 120.0 + gap), (100.0, 8.0), 0.0, 0.9)
        assert {s.sure for s in shapes(drawn(faint, sure))} == {True, False}


def test_text_inside_a_frame_is_found() -> None:
    canvas = drawn(((200, 150), (80, 8), 0, 0.9))
    cv2.rectangle(canvas, (50, 50), (350, 250), 0.9, 6)
    assert any(np.ptp(s.quad[:, 0]) < 150 for s in shapes(canvas))


def test_every_pixel_that_may_be_text_is_under_some_veil() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        kernels = [
            (
                tuple(rng.uniform(30, 270, 2)),
                (float(rng.uniform(10, 120)), float(rng.uniform(4, 14))),
                float(rng.uniform(0, 180)),
                float(rng.uniform(0.12, 1)),
            )
            for _ in range(5)
        ]
        canvas = drawn(*kernels)
        veiled = np.zeros(canvas.shape, np.uint8)
        for shape in shapes(canvas):
            cv2.fillConvexPoly(veiled, np.rint(shape.outline.veil).astype(np.int32), 1)
        assert (veiled[canvas >= 0.12] == 1).mean() > 0.999


def test_a_map_of_nothing_or_everything() -> None:
    assert shapes(np.zeros((40, 60), np.float32)) == []
    (found,) = shapes(np.ones((40, 60), np.float32))
    assert covers(found.outline.veil, np.array([[0, 0], [59, 0], [59, 39], [0, 39]]))


def test_shapes_scale_back_to_the_photo() -> None:
    quad = np.array([[0.0, 0], [20, 0], [20, 10], [0, 10]])
    twice = Shape(quad, quad, Outline(quad, quad), True).at(0.5)
    assert twice.outline.veil.tolist() == (2 * quad).tolist()
    assert near_scale(480, 640) == 2.0
    assert near_scale(960, 1280) == 1.0
    assert near_scale(1600, 1200) == 1.0


def test_share_of() -> None:
    known = np.zeros((50, 80), np.uint8)
    known[:, :40] = 1
    inside = np.array([[5.0, 5], [30, 5], [30, 20], [5, 20]])
    assert share_of(known, inside) == 1.0
    assert share_of(known, inside + np.array([45, 0])) == 0.0
    assert 0.3 < share_of(known, inside + np.array([22, 0])) < 0.7
    assert share_of(known, inside + np.array([500, 500])) == 0.0


@pytest.mark.parametrize(
    ("height", "text", "confidence", "read", "phantom"),
    [
        (30, "", 0.0, True, False),  # small and unreadable: text
        (300, "", 0.0, True, True),
        (300, "...", 0.9, True, True),
        (150, "7", 0.9, True, False),
        (150, "7", 0.7, True, True),
        (150, "AB", 0.7, True, True),
        (300, "7", 0.99, True, True),  # one letter as tall as most of the photo is a picture
        (300, "ABC", 0.5, True, False),
        (399, "ABC", 0.5, True, False),
        (600, "A", 0.9, True, True),
        (300, "SALE", 0.9, True, False),
        (300, "SALE", 0.1, True, True),
        (300, "", 0.0, False, False),  # never looked at: text
    ],
)
def test_only_tall_regions_have_to_read_as_something(
    height, text, confidence, read, phantom
) -> None:
    quad = np.array([[0, 0], [400, 0], [400, height], [0, height]], dtype=np.float64)
    assert is_phantom(Line(quad, text, confidence, read), tall=100.0) is phantom


def test_what_is_larger_than_the_photo_must_be_read_surely() -> None:
    line = Line(np.zeros((4, 2)), "SALE", 0.5, read=True)
    assert says_nothing(line, 1.2)
    assert not says_nothing(line, 0.9)
    assert not says_nothing(replace(line, confidence=0.9), 1.2)


def test_text_read_is_not_in_a_lines_repr() -> None:
    assert "Jane" not in repr(Line(np.zeros((4, 2)), "Jane Doe", 0.9))


@pytest.mark.parametrize(
    ("text", "width", "plate"),
    [
        ("FZB·9581", 160, True),
        ("FZB-9581", 160, True),
        ("AB 12 CDE", 200, True),
        ("7ABC123", 120, True),
        ("FZB·9581", 40, False),  # as high as it is wide
        ("FZB·9581", 900, False),
        ("SALE", 160, False),
        ("19.99", 160, False),
        ("20260612", 160, False),
        ("Room 101", 160, False),
        ("", 160, False),
    ],
)
def test_plates_are_told_by_characters_and_proportions(text, width, plate) -> None:
    quad = np.array([[0.0, 0], [width, 0], [width, 40], [0, 40]])
    assert plate_like(Line(quad, text, 0.9, read=True)) is plate


@pytest.mark.parametrize("turned", [False, True])
def test_a_plate_grows_across_its_number(turned) -> None:
    quad = np.array([[10.0, 10], [170, 10], [170, 50], [10, 50]])
    if turned:
        quad = quad[:, ::-1][[0, 3, 2, 1]]
    border = plate_border(Line(quad, "FZB9581", 0.9, read=True))
    assert covers(border, quad)
    by = quad.min(axis=0) - border.min(axis=0)
    across, along = (by[0], by[1]) if turned else (by[1], by[0])
    assert across == pytest.approx(16)
    assert along == pytest.approx(8)
