import numpy as np
import pytest

from redaction.veil import GREY, veil


def test_a_photo_of_which_nothing_may_be_seen_is_grey(noise) -> None:
    assert (veil(noise, np.ones(noise.shape[:2], bool)) == GREY).all()


def test_nothing_to_veil_changes_nothing(noise) -> None:
    got = veil(noise, np.zeros(noise.shape[:2], bool))
    assert np.array_equal(got, noise)
    assert not np.shares_memory(got, noise)


def test_shapes_must_agree(noise) -> None:
    with pytest.raises(ValueError, match="height and width"):
        veil(noise, np.zeros((3, 3), bool))


def test_the_rim_is_what_surrounds_it_and_the_inside_is_grey() -> None:
    pixels = np.full((90, 90, 3), (200, 120, 40), np.uint8)
    mask = np.zeros((90, 90), bool)
    mask[20:70, 25:60] = True
    pixels[mask] = 255
    got = veil(pixels, mask).astype(int)
    assert np.abs(got[20, 25:60] - (200, 120, 40)).max() <= 8
    assert (got[30:60, 35:50] == GREY).all()


def test_the_fill_is_smooth() -> None:
    ramp = np.linspace(0, 255, 200).astype(np.uint8)
    pixels = np.repeat(np.repeat(ramp[None, :, None], 150, 0), 3, 2).copy()
    mask = np.zeros((150, 200), bool)
    mask[40:110, 50:150] = True
    inside = veil(pixels, mask)[40:110, 50:150].astype(int)
    # From a colour 78 away from grey, over 8 pixels.
    assert np.abs(np.diff(inside, axis=0)).max() <= 20
    assert np.abs(np.diff(inside, axis=1)).max() <= 20


def test_a_solid_veil_is_one_grey(noise) -> None:
    mask = np.zeros(noise.shape[:2], bool)
    mask[10:30, 10:40] = True
    assert (veil(noise, mask, "solid")[mask] == GREY).all()


def test_the_photos_border_is_no_rim() -> None:
    pixels = np.full((60, 60, 3), (250, 10, 10), np.uint8)
    mask = np.zeros((60, 60), bool)
    mask[:30] = True
    got = veil(pixels, mask)
    assert (got[0] == GREY).all()


def test_one_known_pixel_is_enough() -> None:
    pixels = np.zeros((33, 47, 3), np.uint8)
    pixels[5, 7] = (10, 200, 90)
    mask = np.ones((33, 47), bool)
    mask[5, 7] = False
    got = veil(pixels, mask).astype(int)
    assert np.abs(got[5, 8] - (10, 200, 90)).max() <= 10
    assert (got[30, 45] == GREY).all()


@pytest.mark.parametrize("order", ["F", "turned"])
def test_the_order_of_the_pixels_in_memory_is_all_one(order) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    mask = np.zeros((40, 60), np.bool_)
    mask[10:30, 20:45] = True
    other = np.asfortranarray(pixels) if order == "F" else pixels.copy()[::-1][::-1]
    assert np.array_equal(veil(other, mask), veil(pixels, mask))
    assert not np.array_equal(veil(other, mask)[mask], pixels[mask])
