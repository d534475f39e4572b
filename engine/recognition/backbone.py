"""EfficientNet-Lite0, which several recognisers look through: an embedding, and feature maps.

`look` sees the photo as a whole: 1000 ImageNet classes and the 1280 numbers before them.
`maps` sees it piece by piece, at three resolutions, for whoever asks what is where.

Another net may take its place for `embedding` (`Backbone(net)`), where it takes `pixels` (batch, y,
x, RGB; uint8; squares of 224) and gives `embedding`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine import pixels as cv
from engine.recognition.nets import Net, check_ports, load
from engine.recognition.weights import LITE0

STRIDES: Final = (8, 16, 32)
CHANNELS: Final = (40, 112, 320)
SIDE: Final = 224
"""The net was trained on squares of this side."""
_STEP: Final = 32

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """What the net makes of a whole photo."""

    classes: Floats
    """1000 logits, in the order of `tags/classes.txt`."""
    embedding: Floats
    """1280 numbers, none below 0."""


@dataclass(frozen=True)
class Maps:
    """Feature maps of a photo, each (channels, y, x)."""

    stride8: Floats
    stride16: Floats
    stride32: Floats
    scale_x: float
    """A column of the photo times this is a column of the input; by 8, 16 or 32, of a map."""
    scale_y: float


@dataclass(frozen=True)
class Backbone:
    """The net, loaded at its first use; keeps no state from photo to photo."""

    net: Net = LITE0

    @cached_property
    def _session(self) -> Any:
        session = load(self.net)
        check_ports(session, self.net.file.name, inputs={"pixels"}, outputs={"embedding"})
        return session

    def embedding(self, pixels: Pixels) -> Floats:
        """Return the embedding alone of the whole photo, squeezed into a square."""
        small = resized(pixels, SIDE, SIDE)
        (embedding,) = self._session.run(["embedding"], {"pixels": small[None]})
        return np.asarray(embedding[0], dtype=np.float32)

    def look(self, pixels: Pixels) -> Look:
        """Return the classes and the embedding of the whole photo, squeezed into a square."""
        small = resized(pixels, SIDE, SIDE)
        classes, embedding = self._session.run(["classes", "embedding"], {"pixels": small[None]})
        return Look(classes[0], embedding[0])

    def maps(self, pixels: Pixels, longest: int) -> Maps:
        """Return the maps of the photo, resized so that its longer side is about `longest`.

        Sides are rounded to multiples of 32, so the two scales may differ by a little.
        """
        height, width = pixels.shape[:2]
        by = longest / max(height, width)
        tall, wide = (max(_STEP, round(side * by / _STEP) * _STEP) for side in (height, width))
        names = [f"stride{stride}" for stride in STRIDES]
        fine, middle, coarse = self._session.run(
            names, {"pixels": resized(pixels, tall, wide)[None]}
        )
        return Maps(fine[0], middle[0], coarse[0], wide / width, tall / height)


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """Return the picture at another size: averaged to shrink, interpolated to grow."""
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    shrinks = pixels.shape[0] >= height and pixels.shape[1] >= width
    how = cv.INTER_AREA if shrinks else cv.INTER_LINEAR
    return np.asarray(cv.resize(pixels, (width, height), interpolation=how), dtype=np.uint8)
