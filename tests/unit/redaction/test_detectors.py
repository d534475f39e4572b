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
from redaction.regions import examine, head, mask_of
from redaction.text import Line, find_lines
from redaction.text.line import Outline
from redaction.types.region import Region

models = pytest.mark.models


def test_models_are_named_by_the_digest_of_their_bytes(monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["redaction.models"], "has_short_numbers", lambda: False)
    found = redaction.models.__wrapped__()
    names = [m.name for m in found if "libfacedetection" not in m.name]
    assert len(names) == len(found) - 1
    assert names == [
        "centerface.onnx",
        "mtcnn_pnet.onnx",
        "mtcnn_rnet.onnx",
        "mtcnn_onet.onnx",
        "person_int8.onnx",
        "PP-OCRv6_det_small.onnx",
        "PP-OCRv6_rec_small.onnx",
    ]
    import rapidocr

    file = Path(rapidocr.__file__).parent / "models" / "PP-OCRv6_det_small.onnx"
    digest = "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert ModelFile(file.name, digest) in found


def test_a_net_in_short_numbers_goes_by_another_name(monkeypatch) -> None:
    found = {}
    for short in (False, True):
        monkeypatch.setattr(sys.modules["redaction.models"], "has_short_numbers", lambda: short)  # noqa: B023
        found[short] = set(redaction.models.__wrapped__())
    (whole,), (named,) = found[False] - found[True], found[True] - found[False]
    assert named == ModelFile(whole.name + ".bfloat16", whole.digest)


def test_a_missing_model_is_said() -> None:
    from redaction.models import _inside

    with pytest.raises(ModelUnusable):
        _inside("rapidocr", "models", "no-such-file.onnx")
    with pytest.raises(ModelUnusable):
        _inside("no_such_package_at_all", "x.onnx")


@models
@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (20, 40)])
def test_small_and_narrow_photos_do_not_break_the_text_detector(shape) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert all(line.quad.shape == (4, 2) for line in find_lines(pixels))


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


def test_what_lies_outside_the_photo_is_cut() -> None:
    box = np.array([[-1e9, -1e9], [5, -1e9], [5, 1e9], [-1e9, 1e9]])
    mask = mask_of([Region("face", box)], 20, 30)
    assert mask[:, :5].all()
    assert not mask[:, 8:].any()


def test_text_read_is_not_in_a_lines_repr() -> None:
    assert "Jane" not in repr(Line(np.zeros((4, 2)), "Jane Doe", 0.9))


def test_a_cleared_line_wins_over_margins_and_never_over_cores() -> None:
    def rectangle(x0: float, x1: float) -> np.ndarray:
        return np.array([[x0, 0], [x1, 0], [x1, 20], [x0, 20]], float)

    name = rectangle(0, 20)
    beside = Region("text", rectangle(10, 60), core=rectangle(15, 50))
    mask = mask_of([beside], 21, 80, [name])
    assert not mask[:, :15].any()
    assert mask[:, 15:61].all()
    face = Region("face", rectangle(5, 12))
    assert mask_of([beside, face], 21, 80, [name])[:, 5:13].all()
    # On a cleared line the second look sees nothing, so that a remnant has no core.
    remnant = Region("remnant", rectangle(10, 60), "text", core=np.empty((0, 2)))
    mask = mask_of([remnant], 21, 80, [name])
    assert not mask[:, :20].any()
    assert mask[:, 21:61].all()


def test_a_line_that_was_cut_clears_nothing(rules, monkeypatch) -> None:
    quad = np.array([[20.0, 20], [120, 20], [120, 50], [20, 50]])
    for cut in (False, True):
        line = Line(quad, "Nike", 0.99, read=True, outlines=(Outline(quad, quad),), cut=cut)
        monkeypatch.setattr("redaction.regions.find_lines", lambda _, line=line: (line,))
        found = examine(np.full((80, 160, 3), 128, np.uint8), rules)
        assert bool(found.cleared) is not cut
        # Not read as the name, and hinted at.
        assert [word.similarity for word in found.words] == [84 if cut else 100]
        assert any(r.kind == "text" for r in found.regions) is cut
