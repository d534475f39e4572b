"""The text detector in bfloat16: near the same map, and no more than that is different.

Skipped, loudly, where the extra `fast` is not installed, or the processor has no bfloat16; CI
installs it.
"""

import os
import sys

import cv2
import numpy as np
import pytest

from redaction import bfloat16, nets
from redaction.models import text_detector
from redaction.text import detector

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def net() -> bfloat16.Bfloat16Net:
    if os.environ.get("CROWDLENS_FAST") != "required":
        pytest.importorskip("openvino", reason="the extra crowdlens[fast] is not installed")
    if not bfloat16.at_hand():
        pytest.skip("this processor has no bfloat16")
    return bfloat16.Bfloat16Net(text_detector())


@pytest.fixture(scope="module")
def fed(sign) -> np.ndarray:
    pixels = np.asarray(sign(["Brightwater", "Call 0151 2345678"]))
    pixels = cv2.resize(pixels, (640, 256))
    return cv2.dnn.blobFromImage(pixels, 2 / 255, mean=(127.5, 127.5, 127.5), swapRB=True)


def test_without_the_extra_a_net_runs_as_ever(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr(bfloat16, "at_hand", bfloat16.at_hand.__wrapped__)
    assert not bfloat16.at_hand()
    session = nets.load_net(text_detector(), short=True)
    assert session.get_providers() == ["CPUExecutionProvider"]


def test_a_gpu_comes_before_short_numbers(monkeypatch) -> None:
    monkeypatch.setattr(nets, "providers", lambda: [*nets.PREFERRED])
    monkeypatch.setattr(bfloat16, "at_hand", lambda: pytest.fail("asked for, beside a GPU"))
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        nets.load_net(text_detector(), short=True)


def test_the_map_is_near_that_of_whole_numbers(net, fed) -> None:
    assert type(nets.load_net(text_detector(), short=True)) is bfloat16.Bfloat16Net
    name = net.get_inputs()[0].name
    whole = nets.load_net(text_detector()).run(None, {name: fed})[0]
    short = net.run(None, {name: fed})[0]
    assert whole.shape == short.shape
    assert np.count_nonzero(whole > 0.3) > 1000
    assert np.abs(whole - short).mean() < 0.002
    one, other = (whole > 0.3, short > 0.3)
    assert np.count_nonzero(one ^ other) < 0.05 * np.count_nonzero(one)


def test_the_answer_is_the_same_after_photos_of_other_sizes(net, fed) -> None:
    name = net.get_inputs()[0].name
    first = net.run(None, {name: fed})[0]
    kept = first.copy()
    for height, width in ((128, 640), (256, 320), (32, 32)):
        net.run(None, {name: np.ascontiguousarray(fed[:, :, :height, :width])})
    assert (first == kept).all()
    assert net.run(None, {name: fed})[0].tobytes() == kept.tobytes()
    assert (
        bfloat16.Bfloat16Net(text_detector()).run(None, {name: fed})[0].tobytes() == kept.tobytes()
    )


def test_nothing_that_reports_home_is_imported(net, fed) -> None:
    net.run(None, {net.get_inputs()[0].name: fed})
    assert "openvino" in sys.modules
    assert sys.modules["openvino_telemetry"] is None


def test_small_photos_do_not_break_it(net, monkeypatch) -> None:
    monkeypatch.setattr(detector, "net", lambda: net)
    for shape in ((1, 1, 3), (3, 700, 3), (40, 17, 3)):
        assert detector.text_map(np.zeros(shape, np.uint8), 1.0).shape == shape[:2]
