"""Where the third look looks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redaction.types.photo import Box
from redaction.types.region import Region
from redaction.windows import AROUND, windows

SIDES = (1000, 800)
"""Height and width of the photo."""


def region(x0: float, y0: float, x1: float, y1: float) -> Region:
    return Region("remnant", np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float), "text")


def test_nothing_left_is_nowhere_to_look() -> None:
    assert windows([], *SIDES) == ()


def test_a_window_has_a_margin_and_stays_within_the_photo() -> None:
    assert windows([region(10, 300, 30, 320)], *SIDES) == (
        Box(0, 300 - AROUND, 30 + AROUND, 320 + AROUND),
    )
    assert windows([region(900, 300, 990, 320)], *SIDES) == ()


def test_windows_that_meet_are_one_and_others_are_not() -> None:
    near = [region(100, 100, 120, 120), region(150, 110, 170, 130)]
    far = region(600, 800, 620, 820)
    assert len(windows(near, *SIDES)) == 1
    assert len(windows([*near, far], *SIDES)) == 2


def test_many_windows_are_the_whole_photo() -> None:
    rows = [region(10, y, 790, y + 20) for y in range(0, 1000, 100)]
    assert windows(rows, *SIDES) == (Box(0, 0, 800, 1000),)


@given(
    st.lists(
        st.tuples(st.floats(-50, 850), st.floats(-50, 1050), st.floats(1, 300), st.floats(1, 300)),
        max_size=12,
    )
)
def test_every_region_lies_in_one_window(rectangles) -> None:
    regions = [region(x, y, x + w, y + h) for x, y, w, h in rectangles]
    found = windows(regions, *SIDES)
    for shown in regions:
        low = np.clip(shown.corners.min(axis=0), 0, SIDES[::-1])
        high = np.clip(shown.corners.max(axis=0), 0, SIDES[::-1])
        if (high > low).all():
            assert any(
                b.x0 <= low[0] and b.y0 <= low[1] and b.x1 >= high[0] and b.y1 >= high[1]
                for b in found
            )
    for i, a in enumerate(found):
        for b in found[i + 1 :]:
            # Rounded outwards, so they may share a pixel.
            apart = a.x1 - 1 <= b.x0 or b.x1 - 1 <= a.x0 or a.y1 - 1 <= b.y0 or b.y1 - 1 <= a.y0
            assert apart
