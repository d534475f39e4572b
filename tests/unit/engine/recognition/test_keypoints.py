"""Marks drawn here and pasted into photos that ship in scikit-image."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from engine.recognition.errors import NetUnusable
from engine.recognition.evidence import Evidence
from engine.recognition.keypoints import Keypoints, build_keypoints
from engine.recognition.marks import Mark

SURE = 5.0
LABELS = ("Alder", "Birch", "Cedar")


@cache
def drawing(label: str) -> NDArray[np.uint8]:
    """Return 200 x 200 opacities: a shape of its own for each label, with corners and holes."""
    random = np.random.default_rng(LABELS.index(label) + 11)
    alpha = np.zeros((200, 200), np.uint8)
    for turn in range(9):
        corners = random.integers(15, 185, (random.integers(3, 6), 2)).astype(np.int32)
        cv2.fillPoly(alpha, [corners], 255 if turn % 3 else 0)
        centre = tuple(int(v) for v in random.integers(40, 160, 2))
        cv2.circle(alpha, centre, int(random.integers(8, 20)), 0 if turn % 2 else 255, -1)
    return alpha


def drawn(label: str) -> Mark:
    alpha = drawing(label)
    return Mark(label, np.zeros((200, 200, 3), np.uint8), alpha, drawn=True)


def coloured(label: str) -> NDArray[np.uint8]:
    share = drawing(label)[..., None] / 255
    return (share * [250, 240, 230] + (1 - share) * [120, 20, 30]).astype(np.uint8)


def crop(label: str) -> Mark:
    return Mark(label, coloured(label), None, drawn=False)


def pasted(
    label: str, *, size: float = 120, turn: float = 0, hidden: float = 0, at: int = 60
) -> NDArray[np.uint8]:
    """Return a photo with the label's mark in it, its left part hidden."""
    photo = data.coffee().copy()
    scale = size / 200
    middle = at + size / 2
    map_ = cv2.getRotationMatrix2D((100, 100), turn, scale)
    map_[:, 2] += middle - 100
    extent = (photo.shape[1], photo.shape[0])
    picture = cv2.warpAffine(coloured(label), map_, extent, flags=cv2.INTER_AREA)
    there = np.full((200, 200), 255, np.uint8)
    there[:, : round(200 * hidden)] = 0
    mask = cv2.warpAffine(there, map_, extent)[..., None] / 255
    return (picture * mask + photo * (1 - mask)).astype(np.uint8)


@cache
def keypoints(kind: str) -> Keypoints:
    make = drawn if kind == "drawn" else crop
    return Keypoints(build_keypoints([make(label) for label in LABELS]), LABELS)


def sure(found: Sequence[Evidence]) -> set[str]:
    return {evidence.label for evidence in found if evidence.strength >= SURE}


@pytest.mark.parametrize("kind", ["drawn", "crop"])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "how",
    [{}, {"turn": 40}, {"turn": 180}, {"size": 60}, {"size": 240, "turn": -70}, {"hidden": 0.5}],
    ids=str,
)
def test_a_mark_is_found_wherever_it_lies(kind, label, how):
    found = keypoints(kind).find(pasted(label, **how))
    assert sure(found) == {label}
    left, top, right, bottom = found[0].box
    end = 60 + how.get("size", 120) * 1.25
    assert 20 <= left < right <= end
    assert 20 <= top < bottom <= end


def test_two_marks_in_one_photo_are_both_found():
    photo = pasted("Alder")
    other = pasted("Birch", at=230)
    photo[215:] = other[215:]
    assert sure(keypoints("crop").find(photo)) == {"Alder", "Birch"}


@pytest.mark.parametrize("photo", ["coffee", "astronaut", "chelsea", "rocket"])
@pytest.mark.parametrize("kind", ["drawn", "crop"])
def test_photos_without_marks_give_nothing_sure(kind, photo):
    assert sure(keypoints(kind).find(getattr(data, photo)())) == set()


def test_a_mirrored_mark_is_another_mark():
    photo = np.ascontiguousarray(pasted("Cedar")[:, ::-1])
    assert sure(keypoints("crop").find(photo)) == set()


def test_evidence_is_the_same_alone_and_after_others():
    photos = [pasted(label, turn=15) for label in LABELS]
    together = [keypoints("crop").find(photo) for photo in photos]
    again = build_keypoints([crop(label) for label in LABELS])
    alone = [Keypoints(again, LABELS).find(photo) for photo in reversed(photos)]
    assert together == alone[::-1]


def test_the_index_is_numbers_and_the_same_each_time():
    first = build_keypoints([crop(label) for label in LABELS])
    second = build_keypoints([crop(label) for label in LABELS])
    assert first.keys() == second.keys()
    for name, array in first.items():
        assert array.dtype.kind in "uif"
        assert array.tobytes() == second[name].tobytes()


def test_the_order_of_marks_changes_no_evidence():
    photo = pasted("Birch", turn=30)
    turned = build_keypoints([crop(label) for label in reversed(LABELS)])
    assert Keypoints(turned, LABELS).find(photo) == keypoints("crop").find(photo)


def test_labels_with_the_very_same_mark_are_not_told_apart():
    same = [Mark(label, coloured("Alder"), None, drawn=False) for label in ("Alder", "Birch")]
    found = Keypoints(build_keypoints(same), LABELS).find(coloured("Alder"))
    assert sure(found) == set()


def test_labels_that_are_not_asked_for_are_not_found():
    arrays = build_keypoints([crop(label) for label in LABELS])
    assert Keypoints(arrays, ["Cedar"]).find(pasted("Alder"))[:1] == ()


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (64, 64)])
def test_marks_and_photos_without_detail_give_nothing(size):
    blank = np.full((*size, 3), 128, np.uint8)
    empty = Keypoints(build_keypoints([Mark("Alder", blank, None, drawn=False)]), LABELS)
    assert empty.find(pasted("Alder")) == ()
    assert keypoints("crop").find(blank) == ()


def test_no_marks_at_all_give_nothing():
    assert Keypoints(build_keypoints([]), LABELS).find(pasted("Alder")) == ()


def test_an_index_of_another_vocabulary_is_refused():
    arrays = build_keypoints([crop("Alder")])
    arrays["vocabulary"] = arrays["vocabulary"][::-1]
    with pytest.raises(NetUnusable, match="another vocabulary"):
        Keypoints(arrays, LABELS)


def test_a_vocabulary_that_was_changed_is_refused(tmp_path, monkeypatch):
    from engine.recognition.keypoints import vocabulary

    changed = bytearray(vocabulary.FILE.read_bytes())
    changed[-1] ^= 1
    file = tmp_path / "vocabulary.npy"
    file.write_bytes(changed)
    monkeypatch.setattr(vocabulary, "FILE", file)
    with pytest.raises(NetUnusable, match="another file"):
        vocabulary.shipped.__wrapped__()
