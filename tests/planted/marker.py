"""Markers: one word a slot, so that a leak names the place that it came from."""

import numpy as np
from PIL import Image

STEM = "zqMARK-7f3a-"


class Marks:
    """Hands out the markers of one file and remembers the slots."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.slots: list[str] = []

    def text(self, slot: str) -> str:
        """Return the marker of a slot."""
        name = f"{self.form}-{slot}!"
        self.slots.append(name)
        return STEM + name

    def __call__(self, slot: str) -> bytes:
        """Return it as bytes."""
        return self.text(slot).encode()


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Return a smooth picture without faces or text."""
    y, x = np.mgrid[0:height, 0:width]
    bands = np.dstack([90 + x, 120 + y, 200 - x // 2])
    return Image.fromarray(bands.astype(np.uint8))
