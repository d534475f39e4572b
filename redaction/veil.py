"""The veil: masked pixels replaced by a smooth blend of what lies around them.

Method: pull-push interpolation (Gortler et al., "The Lumigraph", 1996, section 3.2) over a
Gaussian pyramid, then a blur of the filled part.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

GREY: Final = 128
"""What a photo looks like of which nothing may be seen."""
_LEAST: Final = 1e-6


def veil(pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) `pixels` in which the masked ones are a smooth fill.

    `mask` is (h, w) bool, true where nothing may be seen. Pixels outside are returned as they
    are. Raises `ValueError` when the shapes do not agree.
    """
    if pixels.shape[:2] != mask.shape or pixels.ndim != 3:
        raise ValueError("the mask has the photo's height and width")
    if mask.all():
        return np.full_like(pixels, GREY)
    if not mask.any():
        return pixels.copy()
    weight = (~mask).astype(np.float32)
    # INVARIANT: from here on nothing reads a masked pixel. They are set to zero first, so the
    # result is the same bytes whatever they were.
    known = np.where(mask[:, :, None], np.float32(0), pixels.astype(np.float32))
    filled = _fill(known, weight)
    softened = cv2.GaussianBlur(filled, (0, 0), sigmaX=max(1.0, min(mask.shape) / 200))
    fill = np.clip(np.rint(softened), 0, 255).astype(np.uint8)
    return np.where(mask[:, :, None], fill, pixels)


def _fill(known: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill where `weight` is below 1 from coarser levels; `known` is premultiplied by it."""
    height, width = weight.shape
    colour = known / np.maximum(weight, _LEAST)[:, :, None]
    if height <= 2 and width <= 2:
        # The coarsest level: one mean for what is still unknown.
        total = max(float(weight.sum()), _LEAST)
        mean = known.sum(axis=(0, 1)) / np.float32(total)
        return np.where(weight[:, :, None] > _LEAST, colour, mean).astype(np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse_weight = cv2.pyrDown(weight, dstsize=half)
    coarse_known = cv2.pyrDown(known, dstsize=half)
    # Saturate: a coarse pixel that has seen half a known one counts as known.
    gain = np.minimum(2.0, 1.0 / np.maximum(coarse_weight, _LEAST)).astype(np.float32)
    coarse = _fill(coarse_known * gain[:, :, None], coarse_weight * gain)
    above = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return (known + above * (1.0 - weight)[:, :, None]).astype(np.float32)
