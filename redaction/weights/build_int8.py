"""Make the nets in eight bits from those in floats.

    python -m redaction.weights.build_int8 PHOTOS

`PHOTOS` is a folder of photos by which numbers are rounded; of them only ranges and averages stay.
The files here were made with the 128 photos of coco128 (COCO train2017, photos under Creative
Commons, people among other things). Needs the `dev` extra, and some minutes.

A processor sums floats in an order of its own, so that another one may round a weight in thousands
otherwise. What the files then answer depends on no processor: see `int8.rounding.LARGEST`.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from redaction import people
from redaction.faces import looking
from redaction.weights import CENTERFACE, CENTERFACE_INT8, PERSON, PERSON_INT8
from redaction.weights.int8.graph import Steps, integer_model
from redaction.weights.int8.layers import Net, merged, pooled_first, read
from redaction.weights.int8.measuring import Measured
from redaction.weights.int8.rounding import equalised, rounded_kernels, steps_of

FACE_PHOTOS: Final = 64
FACE_SCALES: Final = (0.75, 0.5, 0.35, 0.6)
"""Of the size at which faces are looked for: as large, and half as large."""
PERSON_PHOTOS: Final = 24
PERSON_SIDES: Final = (416, 832, 416, 416)


def main() -> None:
    """Write the files."""
    photos = sorted(Path(sys.argv[1]).iterdir())
    random.Random(1).shuffle(photos)  # noqa: S311  always the same ones
    faces = integers(merged(read(CENTERFACE)), _face_inputs(photos), photo=True)
    CENTERFACE_INT8.write_bytes(faces.SerializeToString(deterministic=True))
    person = integers(pooled_first(read(PERSON)), _person_inputs(photos), photo=False)
    PERSON_INT8.write_bytes(person.SerializeToString(deterministic=True))


def integers(net: Net, inputs: Iterator[NDArray[np.float32]], *, photo: bool) -> Any:
    """Return the net as a model in eight bits; `photo`: its input is the photo's own numbers."""
    seen = Measured(net, inputs)
    scaled, scales = equalised(net, seen)
    steps = steps_of(scaled, seen, scales)
    if photo:
        steps[net.input] = Steps(1.0, 0)
    kernels = rounded_kernels(scaled, seen, scales, steps)
    return integer_model(scaled, steps, kernels, photo=photo)


def _face_inputs(photos: list[Path]) -> Iterator[NDArray[np.float32]]:
    for n, file in enumerate(photos[:FACE_PHOTOS]):
        pixels = _pixels(file)
        height, width = pixels.shape[:2]
        closer = min(looking.CLOSER, (looking.ENOUGH / (height * width)) ** 0.5)
        size = looking.size_at(pixels, closer * FACE_SCALES[n % len(FACE_SCALES)])
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
        if n % 2:
            pixels = pixels[:, ::-1]
        yield np.ascontiguousarray(pixels.transpose(2, 0, 1)[None].astype(np.float32))


def _person_inputs(photos: list[Path]) -> Iterator[NDArray[np.float32]]:
    for n, file in enumerate(photos[:PERSON_PHOTOS]):
        small = people.resized(_pixels(file), PERSON_SIDES[n % len(PERSON_SIDES)])
        yield people.normalised(np.rot90(small, n % 3 + 1) if n % 4 == 2 else small)


def _pixels(file: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(file))
    if pixels is None:
        raise SystemExit("a photo can't be read")
    return np.ascontiguousarray(pixels[:, :, ::-1]).astype(np.uint8)


if __name__ == "__main__":
    main()
