"""What lies under the veil has no influence on what is seen."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction.veil import veil


@st.composite
def photo_and_mask(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    height, width = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if draw(st.booleans()):  # arbitrary speckles, or rectangles
        mask = rng.random((height, width)) < draw(st.floats(0, 1))
    else:
        mask = np.zeros((height, width), bool)
        for _ in range(draw(st.integers(0, 4))):
            y, x = rng.integers(0, height), rng.integers(0, width)
            mask[y : y + rng.integers(1, height + 1), x : x + rng.integers(1, width + 1)] = True
    other = pixels.copy()
    fill = draw(st.sampled_from(["noise", "black", "white"]))
    if fill == "noise":
        other[mask] = rng.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
    else:
        other[mask] = 0 if fill == "black" else 255
    return pixels, other, mask


@settings(max_examples=150, deadline=None)
@given(photo_and_mask())
def test_masked_pixels_do_not_matter(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    pixels, other, mask = case
    for fill in ("blend", "solid"):
        assert veil(pixels, mask, fill).tobytes() == veil(other, mask, fill).tobytes()


@settings(max_examples=100, deadline=None)
@given(photo_and_mask())
def test_other_pixels_stay_as_they_are(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    pixels, _, mask = case
    got = veil(pixels, mask)
    assert got.dtype == np.uint8
    assert np.array_equal(got[~mask], pixels[~mask])
