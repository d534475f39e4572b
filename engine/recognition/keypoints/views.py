"""Of which pictures a mark's features are taken when the catalogue is built.

A crop is looked at enlarged: marks in photos are small, and SIFT finds little in few pixels. A
drawing is looked at in several sizes, dark on light and light on dark, since a descriptor knows
which is which. Views from the sides (ASIFT) were measured and found nothing more; mirrored ones are
not made, since marks are not mirrored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.keypoints.sift import Features, features, grey_of, resized
from engine.recognition.marks import Mark

CROP_SIDES: Final = (200.0,)
DRAWN_SIDES: Final = (200.0, 100.0, 48.0)
_MOST_PER_VIEW: Final = 250
_CROP_MARGIN: Final = 0.08
_DRAWN_MARGIN: Final = 0.25
_FLAT: Final = 24
"""A drawing whose shades differ by less is one shape on its ground."""


@dataclass(frozen=True)
class View:
    """One picture of a mark: features, in pixels from its own corner."""

    found: Features
    width: float
    height: float


def views(mark: Mark) -> Iterator[View]:
    """Yield the views of a mark that have features."""
    for ground in _grounds(mark):
        for side in DRAWN_SIDES if mark.drawn else CROP_SIDES:
            view = _view(resized(ground, side)[0], mark.drawn)
            if len(view.found) > 0:
                yield view


def _view(grey: NDArray[np.uint8], drawn: bool) -> View:
    height, width = grey.shape
    margin = round(max(grey.shape) * (_DRAWN_MARGIN if drawn else _CROP_MARGIN))
    framed = cv.copyMakeBorder(grey, margin, margin, margin, margin, cv.BORDER_REPLICATE)
    found = features(np.asarray(framed, dtype=np.uint8), _MOST_PER_VIEW)
    places = found.places - np.array([margin, margin, 0, 0], np.float32)
    inside = (
        (places[:, 0] >= 0) & (places[:, 1] >= 0) & (places[:, 0] < width) & (places[:, 1] < height)
    )
    return View(Features(places[inside], found.descriptors[inside]), width, height)


def _grounds(mark: Mark) -> Iterator[NDArray[np.uint8]]:
    """Yield the mark in grey, on each ground that it is to be known on."""
    grey = grey_of(mark.pixels)
    if mark.alpha is None:
        yield grey
        return
    alpha = mark.alpha.astype(np.float32) / 255
    shades = grey[mark.alpha > 127]
    if mark.drawn and (len(shades) == 0 or np.ptp(shades) < _FLAT):
        yield (255 - 255 * alpha).astype(np.uint8)
        yield (255 * alpha).astype(np.uint8)
        return
    for ground in (255.0, 0.0):
        yield (grey * alpha + ground * (1 - alpha)).astype(np.uint8)
