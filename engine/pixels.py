"""The parts of OpenCV that see pixels in memory. None of them opens a file.

Recognition must not be able to open an image file, so it imports these names from here and never
the library itself; a contract in pyproject.toml and a test hold both.
"""

from cv2 import (
    BORDER_REPLICATE,
    COLOR_RGB2GRAY,
    INTER_AREA,
    INTER_CUBIC,
    INTER_LINEAR,
    SIFT,
    WARP_INVERSE_MAP,
    GaussianBlur,
    copyMakeBorder,
    cvtColor,
    getPerspectiveTransform,
    inRange,
    integral,
    resize,
    warpAffine,
    warpPerspective,
)

__all__ = [
    "BORDER_REPLICATE",
    "COLOR_RGB2GRAY",
    "INTER_AREA",
    "INTER_CUBIC",
    "INTER_LINEAR",
    "SIFT",
    "WARP_INVERSE_MAP",
    "GaussianBlur",
    "copyMakeBorder",
    "cvtColor",
    "getPerspectiveTransform",
    "inRange",
    "integral",
    "resize",
    "warpAffine",
    "warpPerspective",
]
