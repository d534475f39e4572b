"""Objects of COCO's 79 classes that are not persons, anywhere in a photo. Nothing is located.

Another detector may take the place of ours (`Detector(net)`) where it takes `pixels` (batch, y, x,
RGB; uint8; sides that are multiples of 32) and gives `objects` (batch, 80): in COCO's order, the
logarithm of the odds that the photo shows each class.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.backbone import Pixels, resized
from engine.recognition.errors import NetUnusable
from engine.recognition.nets import Net, check_ports, load
from engine.recognition.weights.objects import OBJECTS

LONGEST: Final = 512
"""Longer side at which a photo is looked at."""
_STEP: Final = 32
# COCO's order. Its first class is about persons: its number is never looked at.
_COCO: Final = (
    "bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, "
    "stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, "
    "giraffe, backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, "
    "kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, "
    "cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, "
    "pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, "
    "remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, "
    "vase, scissors, teddy bear, hair drier, toothbrush"
)
LABELS: Final = tuple(_COCO.split(", "))
"""Of the net's numbers 1 to 79."""


@dataclass(frozen=True)
class Detector:
    """The net, loaded at its first use; keeps no state from photo to photo."""

    net: Net = OBJECTS

    @cached_property
    def _session(self) -> Any:
        # In bfloat16 it was measured; another net was not.
        session = load(self.net, short=self.net.digest == OBJECTS.digest)
        check_ports(session, self.net.file.name, inputs={"pixels"}, outputs={"objects"})
        return session

    def scores(self, pixels: Pixels) -> dict[str, float]:
        """Return how probably the photo shows each object; raises `NetUnusable`."""
        given = {"pixels": sized(pixels)[None]}
        logits: NDArray[np.float64] = np.asarray(
            self._session.run(["objects"], given)[0], dtype=np.float64
        )
        if logits.shape != (1, len(LABELS) + 1) or not np.isfinite(logits).all():
            raise NetUnusable(
                f"the net {self.net.file.name} gives no score for each class",
                hint="Its output `objects` must be 80 numbers a photo.",
            )
        odds = np.exp(np.clip(logits[0, 1:], -30, 30))
        return dict(zip(LABELS, (odds / (1 + odds)).tolist(), strict=True))


def sized(pixels: Pixels) -> Pixels:
    """Return the photo as the net takes it."""
    height, width = pixels.shape[:2]
    by = LONGEST / max(height, width)
    tall, wide = (max(_STEP, round(side * by / _STEP) * _STEP) for side in (height, width))
    return resized(pixels, tall, wide)
