"""Which matches agree, on points that are laid out by hand."""

import numpy as np
import pytest

from engine.recognition.keypoints.geometry import agree


def laid_out(count, *, scale=0.5, turn=0.4, squeeze=1.0, seed=3):
    """Return matches of a view of 100 x 100 that lies turned, scaled and slanted in a photo."""
    random = np.random.default_rng(seed)
    view = np.column_stack(
        [
            random.uniform(0, 100, (count, 2)),
            random.uniform(4, 20, count),
            random.uniform(0, 6.28, count),
        ]
    )
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    at = (view[:, :2] * [squeeze, 1]) @ spin.T * scale + [300, 200]
    photo = np.column_stack([at, view[:, 2] * scale, view[:, 3] + turn])
    return photo.astype(np.float32), view.astype(np.float32)


def followers(photo, view):
    return agree(photo, view, np.ones(len(photo)), 100.0).tolist()


def test_matches_of_one_pose_agree():
    assert followers(*laid_out(10)) == list(range(10))


def test_matches_of_a_slanted_view_agree():
    assert len(followers(*laid_out(20, squeeze=0.75))) >= 15


@pytest.mark.parametrize("column", [0, 2, 3], ids=["place", "size", "turn"])
def test_a_match_that_lies_elsewhere_does_not_follow(column):
    photo, view = laid_out(10)
    photo[4, column] = {0: 420, 2: photo[4, 2] * 3, 3: photo[4, 3] + 1.6}[column]
    assert followers(photo, view) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_matches_by_chance_do_not_agree():
    random = np.random.default_rng(5)
    photo, view = laid_out(20)
    photo[:, :2] = random.uniform(0, 800, (20, 2))
    photo[:, 3] = random.uniform(0, 6.28, 20)
    assert len(followers(photo, view)) <= 3


def test_two_matches_are_too_few():
    assert followers(*laid_out(2)) == []


def test_the_strongest_of_very_many_are_kept():
    photo, view = laid_out(500)
    weight = np.ones(500)
    weight[:100] = 0.1
    kept = agree(photo, view, weight, 100.0)
    assert len(kept) == 200
    assert kept.min() >= 100
