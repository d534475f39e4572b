"""Marks drawn here, laid over photos that ship in scikit-image."""

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from engine.recognition.backbone import Backbone
from engine.recognition.errors import NetUnusable
from engine.recognition.marks import Mark
from engine.recognition.regions import Regions, fit_regions
from engine.recognition.regions.pictures import SIDE, cut
from engine.recognition.regions.views import views
from engine.recognition.regions.windows import LONGEST, lattices, overlap, propose, veiled
from engine.recognition.weights import regions as files

LABELS = ("Alder", "Birch", "Cedar")
AT = (300, 170, 420, 290)


@cache
def mark(label: str) -> Mark:
    """Return a drawing of its own for each label: shapes in two colours on a plate."""
    random = np.random.default_rng(LABELS.index(label) + 5)
    pixels = np.full((120, 120, 3), random.integers(0, 256, 3), np.uint8)
    for _ in range(5):
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        corners = random.integers(8, 112, (3, 2)).astype(np.int32)
        cv2.fillPoly(pixels, [corners], colour)
        centre = tuple(int(v) for v in random.integers(25, 95, 2))
        cv2.circle(pixels, centre, int(random.integers(8, 22)), colour[::-1], 5)
    return Mark(label, pixels, None, drawn=False)


def photo(label: str | None) -> NDArray[np.uint8]:
    pixels = data.astronaut().copy()
    if label is not None:
        x0, y0, x1, y1 = AT
        pixels[y0:y1, x0:x1] = mark(label).pixels
    return pixels


@cache
def regions() -> Regions:
    return Regions(fit_regions([mark(label) for label in LABELS]), LABELS)


@pytest.mark.models
@pytest.mark.parametrize("label", LABELS)
def test_a_mark_is_found_where_it_is(label: str) -> None:
    first = regions().find(photo(label))[0]
    assert first.label == label
    assert first.source == "region"
    box = np.array([first.box], np.float32)
    assert overlap(box, np.array([AT], np.float32))[0, 0] > 0.4


@pytest.mark.models
def test_without_its_mark_a_brand_is_weaker() -> None:
    strongest = max((e.strength for e in regions().find(photo(None))), default=0.0)
    assert min(regions().find(photo(label))[0].strength for label in LABELS) > strongest + 0.1


@pytest.mark.models
def test_a_veiled_mark_gives_nothing_where_it_was() -> None:
    pixels = photo("Birch")
    x0, y0, x1, y1 = AT
    pixels[y0:y1, x0:x1] = 128
    inside = [e for e in regions().find(pixels) if overlap_with_mark(e.box) > 0.7]
    assert not inside


def overlap_with_mark(box: tuple[float, float, float, float]) -> float:
    return float(overlap(np.array([box], np.float32), np.array([AT], np.float32))[0, 0])


@pytest.mark.models
def test_what_is_found_is_the_same_whatever_came_before() -> None:
    before = regions().find(photo("Cedar"))
    regions().find(photo("Alder"))
    assert regions().find(photo("Cedar")) == before


@pytest.mark.models
def test_arrays_of_a_label_do_not_depend_on_other_labels() -> None:
    alone = fit_regions([mark("Birch")])
    among = fit_regions([mark(label) for label in LABELS])
    np.testing.assert_allclose(alone["prototypes"][0], among["prototypes"][1], atol=1e-6)


@pytest.mark.models
def test_progress_is_told_once_a_mark() -> None:
    told: list[int] = []
    fit_regions([mark("Alder"), mark("Birch")], lambda: told.append(1))
    assert len(told) == 2


@pytest.mark.models
def test_a_catalogue_without_marks_finds_nothing() -> None:
    assert Regions(fit_regions([]), ()).find(photo("Alder")) == ()


def test_arrays_that_do_not_fit_are_refused() -> None:
    arrays = {
        "prototypes": np.zeros((2, 128), np.float32),
        "labels": np.array([0, 5]),
        "common": np.zeros(2, np.float32),
    }
    with pytest.raises(ValueError, match="not there"):
        Regions(arrays, LABELS)
    with pytest.raises(ValueError, match="fit together"):
        Regions(arrays | {"common": np.zeros(3, np.float32)}, LABELS)


@pytest.mark.models
def test_windows_are_scored_by_the_features_that_training_sees() -> None:
    maps = Backbone().maps(photo("Cedar"), LONGEST)
    table = files.read_array(files.WINDOWS, files.WINDOWS_DIGEST)
    features = np.concatenate([part for _, part in lattices(maps)])
    plain = np.maximum(features @ table[:-3] + table[-3], 0) @ table[-2] + table[-1, 0]
    best = propose(maps, np.zeros((512, 512), np.bool_), 20).scores
    assert best[0] == pytest.approx(plain.max(), abs=1e-3)
    assert np.abs(best[:, None] - plain).min(axis=1).max() < 1e-3


def test_views_are_the_same_each_time_and_differ_among_each_other() -> None:
    first, second = views(mark("Alder"), 3, 0), views(mark("Alder"), 3, 0)
    assert first.shape == (3, SIDE, SIDE, 3)
    np.testing.assert_array_equal(first, second)
    assert (first[0] != first[1]).any()


def test_a_drawing_with_opacity_can_be_viewed() -> None:
    alpha = np.zeros((40, 90), np.uint8)
    alpha[5:35, 10:80] = 255
    drawn = Mark("Alder", np.zeros((40, 90, 3), np.uint8), alpha, drawn=True)
    assert views(drawn, 4, 1).std(axis=(1, 2, 3)).min() > 5


def test_cut_keeps_what_is_inside_the_box() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[50:150, 100:200] = 255
    square = cut(pixels, np.array([100, 50, 200, 150], np.float32))
    assert square.shape == (SIDE, SIDE, 3)
    assert square[8:-8, 8:-8].min() == 255
    assert square[:3].max() == 0


def test_cut_reaches_over_the_edge() -> None:
    pixels = np.full((60, 60, 3), 77, np.uint8)
    assert (cut(pixels, np.array([-20, 30, 40, 70], np.float32)) == 77).all()


def test_the_veiled_share_of_a_box() -> None:
    blind = np.zeros((100, 100), bool)
    blind[:, :50] = True
    boxes = np.array([[0, 0, 50, 50], [25, 0, 75, 50], [60, 0, 90, 50]], np.float32)
    np.testing.assert_allclose(veiled(blind, boxes), [1, 0.5, 0])


def test_another_array_than_was_named_is_refused() -> None:
    with pytest.raises(NetUnusable, match="another file"):
        files.read_array(files.BANK, "sha256:0")
