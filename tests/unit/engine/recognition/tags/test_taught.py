from functools import cache

import numpy as np
import pytest
from skimage import data

from engine.recognition.backbone import Backbone, Maps
from engine.recognition.nets import digest_of
from engine.recognition.tags import fit_scenes
from engine.recognition.tags.layer import softmax
from engine.recognition.tags.taught import TaughtScenes, fit_rows
from engine.recognition.weights.scenes import OTHERS, OTHERS_DIGEST, others
from engine.recognition.whole import embedded


def bricks(seed: int) -> np.ndarray:
    """A wall, drawn: rows of bricks in shades of red."""
    random = np.random.default_rng(seed)
    pixels = np.full((120, 160, 3), 190, np.uint8)
    step = int(random.integers(10, 16))
    for row, top in enumerate(range(0, 120, step)):
        for left in range(-(row % 2) * step, 160, 2 * step):
            colour = random.integers((130, 40, 30), (200, 80, 70))
            pixels[top : top + step - 2, max(left, 0) : left + 2 * step - 2] = colour
    return pixels


def meadow(seed: int) -> np.ndarray:
    """Sky over grass, drawn."""
    random = np.random.default_rng(seed)
    pixels = np.empty((120, 160, 3), np.uint8)
    sky = int(random.integers(40, 80))
    pixels[:sky] = random.integers((110, 160, 215), (150, 200, 255))
    pixels[sky:] = random.integers((20, 90, 10), (80, 190, 60), (120 - sky, 160, 3))
    return pixels


WALLS = [bricks(n) for n in range(5)]
MEADOWS = [meadow(n) for n in range(5)]
LABELS = ("meadow", "wall")


@cache
def two_scenes() -> dict[str, np.ndarray]:
    return fit_scenes({"wall": WALLS, "meadow": MEADOWS})


def test_two_taught_scenes_are_told_apart():
    steps = []
    arrays = fit_scenes({"wall": WALLS, "meadow": MEADOWS}, lambda: steps.append(1))
    assert len(steps) == 10
    scenes = TaughtScenes(arrays, LABELS, Backbone())
    wall, grass = scenes.scores(bricks(77)), scenes.scores(meadow(77))
    assert wall["wall"] > 0.7 > wall["meadow"]
    assert grass["meadow"] > 0.7 > grass["wall"]
    assert sum(wall.values()) < 1


def test_none_of_these_is_possible():
    scenes = TaughtScenes(two_scenes(), LABELS, Backbone())
    for photo in (data.coffee(), data.chelsea(), data.rocket()):
        assert max(scenes.scores(photo).values()) < 0.5


def test_one_scene_alone_can_be_taught():
    scenes = TaughtScenes(fit_scenes({"wall": WALLS}), ["wall"], Backbone())
    assert scenes.scores(bricks(77))["wall"] > 0.5
    assert scenes.scores(data.coffee())["wall"] < 0.5


def test_the_same_examples_give_the_same_bytes():
    once, again = two_scenes(), fit_scenes({"meadow": MEADOWS, "wall": WALLS})
    assert {n: a.tobytes() for n, a in once.items()} == {n: a.tobytes() for n, a in again.items()}
    assert all(array.dtype == np.float32 for array in once.values())


def test_arrays_that_do_not_fit_are_refused():
    arrays = two_scenes()
    with pytest.raises(ValueError, match="do not fit together"):
        TaughtScenes(arrays, ["wall"], Backbone())
    with pytest.raises(ValueError, match="not those of taught scenes"):
        TaughtScenes({"other": arrays["bias"]}, LABELS, Backbone())


def test_another_embedding_net_takes_the_place_of_lite0(small_net):
    net = Backbone(small_net("embedding", np.zeros(4), like_pixels=3))
    arrays = fit_scenes({"wall": WALLS, "meadow": MEADOWS}, backbone=net)
    scenes = TaughtScenes(arrays, LABELS, net)
    assert scenes.scores(bricks(77))["wall"] > 0.5
    assert scenes.scores(meadow(77))["meadow"] > 0.5
    with pytest.raises(ValueError, match="another net"):
        TaughtScenes(arrays, LABELS, Backbone()).scores(WALLS[0])


def test_one_scene_alone_needs_pictures_of_others():
    with pytest.raises(ValueError, match="one scene alone"):
        fit_rows(np.eye(4), np.zeros(4, dtype=np.int64))


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 700, 3), (700, 5, 3)])
def test_any_shape_of_photo_has_an_embedding(shape):
    told = embedded(Backbone(), np.full(shape, 90, np.uint8))
    assert told.shape == (others().shape[1],)
    assert np.isfinite(told).all()


class Marked(Backbone):
    """Sees the same in all places, and something else in the left quarter of a photo."""

    def embedding(self, pixels):
        return np.ones(1280, np.float32)

    def maps(self, pixels, longest):
        coarse = np.ones((320, 4, 4), np.float32) * np.arange(320)[:, None, None]
        coarse[:, :, 0] = 7
        return Maps(coarse, coarse, coarse, 1.0, 1.0)


def test_what_is_veiled_does_not_count_in_the_halves():
    photo = np.full((120, 160, 3), 90, np.uint8)
    alike = np.arange(320) / np.linalg.norm(np.sqrt(np.arange(320)))
    bare = embedded(Marked(), photo)
    photo[:, :40] = 128
    veiled = embedded(Marked(), photo)[1280:1600]
    np.testing.assert_allclose(veiled / veiled.max(), np.sqrt(alike / alike.max()), atol=1e-6)
    assert np.abs(bare[1280:1600] - veiled).max() > 1e-3


def test_a_photo_that_is_all_veil_has_an_embedding():
    assert np.isfinite(embedded(Marked(), np.full((60, 80, 3), 128, np.uint8))).all()


def test_the_pictures_of_none_are_what_is_named():
    assert digest_of(OTHERS.read_bytes()) == OTHERS_DIGEST
    assert np.isfinite(others()).all()


def test_softmax_takes_large_numbers():
    assert softmax(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]
