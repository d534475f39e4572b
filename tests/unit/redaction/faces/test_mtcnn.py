"""MTCNN without torch answers as facenet-pytorch's own does, which is the oracle here."""

import numpy as np
import pytest
from PIL import Image

from redaction.faces import Mtcnn
from redaction.faces.mtcnn import _bins, _Picture

pytestmark = pytest.mark.models
THRESHOLDS = (0.6, 0.7, 0.7)


@pytest.fixture(scope="module")
def oracle():
    from redaction.faces.torchvision_stand_in import install_where_needed

    install_where_needed()
    from facenet_pytorch import MTCNN

    return MTCNN(keep_all=True, min_face_size=20, thresholds=list(THRESHOLDS), device="cpu").eval()


def photos(astronaut: Image.Image, hopper: bytes) -> dict[str, Image.Image]:
    from io import BytesIO

    portrait = Image.open(BytesIO(hopper)).convert("RGB")
    pair = Image.new("RGB", (700, 420), (90, 120, 160))
    pair.paste(astronaut.resize((400, 400)), (0, 10))
    pair.paste(portrait.resize((250, 300)), (430, 60))
    return {
        "astronaut": astronaut,
        "portrait": portrait,
        "pair": pair,
        "small": astronaut.resize((190, 190)),
        "wide": astronaut.resize((777, 333)),
    }


@pytest.mark.parametrize("name", ["astronaut", "portrait", "pair", "small", "wide"])
def test_boxes_and_scores_are_the_oracles(name, oracle, astronaut, hopper) -> None:
    photo = photos(astronaut, hopper)[name]
    boxes, scores = oracle.detect(photo)
    found = Mtcnn(20, THRESHOLDS).detect(np.asarray(photo))
    if boxes is None:
        assert not len(found.scores)
        return
    assert len(found.scores) == len(scores)
    order, theirs = np.argsort(-found.scores), np.argsort(-scores.astype(float))
    # Sums in double instead of single precision: a corner can fall on the next pixel.
    sides = (boxes[theirs][:, 2:] - boxes[theirs][:, :2]).astype(float)
    apart = np.abs(found.boxes[order] - boxes[theirs].astype(float))
    assert (apart <= 0.025 * np.tile(sides, 2)).all()
    assert np.abs(found.scores[order] - scores[theirs].astype(float)).max() < 0.005


def test_a_picture_of_nothing_has_no_face() -> None:
    found = Mtcnn(20, THRESHOLDS).detect(np.full((120, 90, 3), 140, np.uint8))
    assert found.boxes.shape == (0, 4)


@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (5, 5), (1, 40)])
def test_pictures_too_small_for_it_have_no_face(shape) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert Mtcnn(24, THRESHOLDS).detect(noise).boxes.shape[1:] == (4,)


@pytest.mark.parametrize(("size", "count"), [(48, 48), (50, 24), (7, 24), (1, 5), (333, 100)])
def test_bins_are_those_of_torchs_area_interpolation(size, count) -> None:
    import torch

    row = torch.arange(size, dtype=torch.float64)[None, None, None, :]
    expected = torch.nn.functional.interpolate(row, size=(1, count), mode="area")[0, 0, 0]
    start, end = _bins(np.array([0]), np.array([size]), count)
    means = [np.arange(a, b).mean() for a, b in zip(start[0], end[0], strict=True)]
    assert np.allclose(means, expected.numpy())


def test_a_crop_is_the_mean_of_its_pixels() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    _, crops = _Picture(pixels).crops(np.array([[11.0, 6.0, 35.0, 30.0]]), 24)
    expected = (pixels[5:30, 10:35].mean(axis=(0, 1)) - 127.5) * 0.0078125
    assert np.allclose(crops[0].mean(axis=(1, 2)), expected, atol=0.02)
