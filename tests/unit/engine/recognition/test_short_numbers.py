"""In bfloat16, where there is any, photos are looked at, and catalogues never built."""

import os

import numpy as np
import onnxruntime
import pytest

from engine.recognition.nets import load
from engine.recognition.regions.pictures import SIDE, embed
from engine.recognition.weights.objects import OBJECTS
from engine.recognition.weights.regions import EMBEDDER
from redaction.bfloat16 import Bfloat16Net
from redaction.nets import has_short_numbers

pytestmark = pytest.mark.models


@pytest.fixture(scope="module", autouse=True)
def short_numbers() -> None:
    if os.environ.get("CROWDLENS_FAST") != "required":
        pytest.importorskip("openvino", reason="the extra crowdlens[fast] is not installed")
    if not has_short_numbers():
        pytest.skip("this processor has no bfloat16")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (11, SIDE, SIDE, 3), dtype=np.uint8)


def test_what_a_catalogue_is_built_from_is_seen_in_floats(pictures) -> None:
    assert type(load(EMBEDDER)) is onnxruntime.InferenceSession
    assert np.array_equal(embed(pictures), embed(pictures, short=False))


def test_windows_of_a_photo_are_seen_in_bfloat16_and_nearly_the_same(pictures) -> None:
    assert type(load(EMBEDDER, short=True)) is Bfloat16Net
    floats, short = embed(pictures), embed(pictures, short=True)
    assert not np.array_equal(floats, short)
    assert (floats * short).sum(axis=1).min() > 0.999


def test_outputs_go_by_name() -> None:
    net = load(OBJECTS, short=True)
    given = {"pixels": np.zeros((1, 64, 64, 3), np.uint8)}
    names = [port.name for port in net.get_outputs()]
    assert "objects" in names
    assert np.array_equal(
        net.run(["objects"], given)[0], net.run(None, given)[names.index("objects")]
    )
    with pytest.raises(ValueError, match="not in"):
        net.run(["boxes"], given)
