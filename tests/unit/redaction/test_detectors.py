"""The detectors themselves, and what they cost in noise."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import redaction
from redaction import ModelFile
from redaction.errors import ModelUnusable
from redaction.faces import find_faces, turn_back
from redaction.regions import grown, head, mask_of
from redaction.text import Line, _is_phantom, find_lines
from redaction.types.region import Region

models = pytest.mark.models


def test_models_are_named_by_the_digest_of_their_bytes() -> None:
    found = redaction.models()
    assert [m.name for m in found] == [
        "pnet.pt",
        "rnet.pt",
        "onet.pt",
        "PP-OCRv6_det_small.onnx",
        "PP-OCRv6_rec_small.onnx",
    ]
    import rapidocr

    file = Path(rapidocr.__file__).parent / "models" / "PP-OCRv6_det_small.onnx"
    digest = "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert ModelFile(file.name, digest) in found


def test_a_missing_model_is_said() -> None:
    from redaction.models import _inside

    with pytest.raises(ModelUnusable):
        _inside("rapidocr", "models", "no-such-file.onnx")
    with pytest.raises(ModelUnusable):
        _inside("no_such_package_at_all", "x.onnx")


@models
@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (20, 40)])
def test_small_and_narrow_photos_do_not_break_the_detectors(shape) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find_faces(pixels).upright.shape[1:] == (4,)
    assert all(line.quad.shape == (4, 2) for line in find_lines(pixels))


@models
def test_a_face_is_found_where_it_is(astronaut) -> None:
    boxes = find_faces(np.asarray(astronaut)).upright
    eyes = (np.array([203, 249]), np.array([102, 102]))  # both pupils, x and y
    assert any(
        (b[0] < eyes[0]).all() and (eyes[0] < b[2]).all() and b[1] < 102 < b[3] for b in boxes
    )


@models
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_on_its_side_is_found(turns, astronaut) -> None:
    found = find_faces(np.rot90(np.asarray(astronaut), turns))
    # Back in the upright portrait, where the middle of the face is known.
    boxes = turn_back(np.concatenate([found.upright, found.turned]), turns, (512, 512))
    assert any(b[0] < 226 < b[2] and b[1] < 115 < b[3] and b[2] - b[0] < 160 for b in boxes)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turning_back(turns) -> None:
    photo = np.zeros((50, 80), np.uint8)
    photo[10:25, 30:70] = 1
    y, x = np.nonzero(np.rot90(photo, turns))
    box = np.array([[x.min(), y.min(), x.max() + 1, y.max() + 1]], dtype=np.float64)
    assert turn_back(box, turns, (80, 50)).tolist() == [[30, 10, 70, 25]]


@models
def test_loading_and_reading_say_nothing_and_call_nobody() -> None:
    code = """
import socket
def refuse(*a, **k): raise AssertionError("network")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import numpy as np, redaction
from redaction.text import find_lines
redaction.warm_up()
find_lines(np.full((100, 100, 3), 200, np.uint8))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert done.stderr == ""


def test_importing_redaction_does_not_load_the_networks() -> None:
    code = "import sys, redaction; print({'torch', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_head_is_larger_than_its_face() -> None:
    face = np.array([100.0, 100.0, 160.0, 180.0])
    corners = head(face)
    assert corners[:, 0].min() <= 82
    assert corners[:, 0].max() >= 178
    assert corners[:, 1].min() <= 68
    assert corners[:, 1].max() >= 196
    # A face from the side is narrow; the head is not.
    profile = head(np.array([100.0, 100.0, 130.0, 180.0]))
    assert np.ptp(profile[:, 0]) >= 0.8 * 80 * 1.6 - 1e-9


def test_a_slanted_line_grows_on_every_side() -> None:
    quad = np.array([[10.0, 30.0], [90.0, 60.0], [84.0, 76.0], [4.0, 46.0]])
    small = mask_of([Region("text", quad)], 100, 100)
    large = mask_of([Region("text", grown(quad))], 100, 100)
    assert (large | ~small).all()
    assert large.sum() > 1.2 * small.sum()


def test_what_lies_outside_the_photo_is_cut() -> None:
    box = np.array([[-1e9, -1e9], [5, -1e9], [5, 1e9], [-1e9, 1e9]])
    mask = mask_of([Region("face", box)], 20, 30)
    assert mask[:, :5].all()
    assert not mask[:, 8:].any()


@pytest.mark.parametrize(
    ("height", "text", "confidence", "read", "phantom"),
    [
        (30, "", 0.0, True, False),  # small and unreadable: text
        (300, "", 0.0, True, True),
        (300, "...", 0.9, True, True),
        (300, "7", 0.9, True, False),
        (300, "7", 0.7, True, True),
        (300, "SALE", 0.9, True, False),
        (300, "SALE", 0.1, True, True),
        (300, "", 0.0, False, False),  # never looked at: text
    ],
)
def test_only_tall_regions_have_to_read_as_something(
    height, text, confidence, read, phantom
) -> None:
    quad = np.array([[0, 0], [400, 0], [400, height], [0, height]], dtype=np.float64)
    assert _is_phantom(Line(quad, text, confidence, read), tall=100.0) is phantom


def test_text_read_is_not_in_a_lines_repr() -> None:
    assert "Jane" not in repr(Line(np.zeros((4, 2)), "Jane Doe", 0.9))
