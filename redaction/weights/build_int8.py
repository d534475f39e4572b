"""Make the person detector in eight bits from the one in floats.

    python -m redaction.weights.build_int8 PHOTOS

`PHOTOS` is a folder of photos by which numbers are rounded; of them only ranges and averages stay.
The file here was made with photos of coco128 (COCO train2017, photos under Creative Commons, people
among other things). Needs the `dev` extra, and some minutes.

A processor sums floats in an order of its own, so that another one may round a weight in thousands
otherwise. What the file then answers depends on no processor: see `int8.rounding.LARGEST`.
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
from redaction.weights import PERSON, PERSON_INT8
from redaction.weights.int8.graph import integer_model
from redaction.weights.int8.layers import Net, pooled_first, read
from redaction.weights.int8.measuring import Measured
from redaction.weights.int8.rounding import equalised, rounded_kernels, steps_of

PHOTOS: Final = 24
SIDES: Final = (416, 832, 416, 416)


def main() -> None:
    """Write the file."""
    photos = sorted(Path(sys.argv[1]).iterdir())
    random.Random(1).shuffle(photos)  # noqa: S311  always the same ones
    person = integers(pooled_first(read(PERSON)), _inputs(photos))
    PERSON_INT8.write_bytes(person.SerializeToString(deterministic=True))


def integers(net: Net, inputs: Iterator[NDArray[np.float32]]) -> Any:
    """Return the net as a model in eight bits."""
    seen = Measured(net, inputs)
    scaled, scales = equalised(net, seen)
    steps = steps_of(scaled, seen, scales)
    kernels = rounded_kernels(scaled, seen, scales, steps)
    return integer_model(scaled, steps, kernels)


def _inputs(photos: list[Path]) -> Iterator[NDArray[np.float32]]:
    for n, file in enumerate(photos[:PHOTOS]):
        small = people.resized(_pixels(file), SIDES[n % len(SIDES)])
        yield people.normalised(np.rot90(small, n % 3 + 1) if n % 4 == 2 else small)


def _pixels(file: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(file))
    if pixels is None:
        raise SystemExit("a photo can't be read")
    return np.ascontiguousarray(pixels[:, :, ::-1]).astype(np.uint8)


if __name__ == "__main__":
    main()
