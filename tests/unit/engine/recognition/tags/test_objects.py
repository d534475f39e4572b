import dataclasses
import shutil

import numpy as np
import pytest
from skimage import data

from engine.recognition.errors import NetUnusable
from engine.recognition.nets import Net, digest_of
from engine.recognition.tags.objects import LABELS, Detector, sized
from engine.recognition.weights.objects import OBJECTS

LARGEST = 25_000_000


def test_what_ships_is_what_is_named_and_small_enough():
    raw = OBJECTS.file.read_bytes()
    assert digest_of(raw) == OBJECTS.digest
    assert len(raw) <= LARGEST


def test_objects_are_seen():
    scores = Detector().scores(data.chelsea())
    assert set(scores) == set(LABELS)
    assert all(0 <= score <= 1 for score in scores.values())
    assert max(scores, key=scores.__getitem__) == "cat"
    assert scores["cat"] > 0.9
    assert Detector().scores(data.coffee())["cup"] > 0.5


def test_a_veiled_photo_shows_nothing():
    grey = np.full((300, 400, 3), 128, np.uint8)
    assert max(Detector().scores(grey).values()) < 0.05


def test_what_is_veiled_is_not_seen():
    photo = data.chelsea().copy()
    photo[:, 60:400] = 128
    assert Detector().scores(photo)["cat"] < 0.5


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 900, 3), (900, 7, 3), (333, 501, 3)])
def test_any_shape_of_photo_is_looked_at(shape):
    scores = Detector().scores(np.full(shape, 200, np.uint8))
    assert all(np.isfinite(list(scores.values())))
    assert all(side % 32 == 0 for side in sized(np.zeros(shape, np.uint8)).shape[:2])


def test_another_detector_takes_the_place_of_ours(small_net):
    logits = np.full(len(LABELS) + 1, -20.0)
    logits[0] = 20  # persons: never told
    logits[1 + LABELS.index("teddy bear")] = 3
    scores = Detector(small_net("objects", logits)).scores(data.chelsea())
    assert scores["teddy bear"] == pytest.approx(1 / (1 + np.exp(-3)))
    assert sum(score > 0.5 for score in scores.values()) == 1
    assert "person" not in scores


def test_the_same_net_under_another_name_sees_the_same(tmp_path):
    copy = tmp_path / "copy.onnx"
    shutil.copy(OBJECTS.file, copy)
    photo = data.coffee()
    assert Detector(Net(copy, OBJECTS.digest)).scores(photo) == Detector().scores(photo)


def test_a_net_that_does_not_fit_is_refused(small_net):
    other = small_net("boxes", np.zeros(80))
    with pytest.raises(NetUnusable, match="does not fit its place"):
        Detector(other).scores(data.chelsea())
    for number, wrong in enumerate((np.zeros(7), np.full(80, np.nan))):
        net = small_net("objects", wrong, name=f"{number}.onnx")
        with pytest.raises(NetUnusable, match="no score for each class"):
            Detector(net).scores(data.chelsea())


def test_a_net_that_is_damaged_or_another_is_refused(small_net):
    net = small_net("objects", np.zeros(80))
    with pytest.raises(NetUnusable, match="another file"):
        Detector(dataclasses.replace(net, digest=OBJECTS.digest)).scores(data.chelsea())
    net.file.write_bytes(b"no net")
    with pytest.raises(NetUnusable, match="does not load"):
        Detector(Net(net.file, digest_of(b"no net"))).scores(data.chelsea())
    with pytest.raises(NetUnusable, match="can't be read"):
        Detector(Net(net.file.with_name("none"), net.digest)).scores(data.chelsea())
