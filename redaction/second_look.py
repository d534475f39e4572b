"""The second look: is anything left that should be veiled?

By detectors that had no part in the decision (libfacedetection, and MTCNN for faces that fill the
photo), on the mirrored photo, at another size than CenterFace; by the code reader; and by the text
detector on the mirrored photo with its contrast evened out.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.codes import code_readable, find_codes
from redaction.faces import LibFaceDetection, Mtcnn
from redaction.faces.boxes import mirrored
from redaction.faces.libfacedetection import MOST_PIXELS
from redaction.faces.resized import scaled, seen_at
from redaction.regions import Examination, head, is_bare
from redaction.text import Known, find_remnants, legible_remains
from redaction.types.photo import Box
from redaction.types.region import Region
from redaction.windows import windows

TEXT_SIZES: Final = (0.5, 1.0)
"""Of the look for text, by that of the first one: where the first look found no text, and where it
found some. Whole costs 150 ms more; of text in streets .70 are covered instead of .63."""
SCORE: Final = 0.4
"""Of libfacedetection. At 0.4 it adds .003 to .006 of the faces of WIDER and .002 of veil."""
MTCNN_SIZE: Final = 0.5
MTCNN_LEAST: Final = 24
MTCNN_THRESHOLDS: Final = (0.5, 0.6, 0.7)


def look_again(
    veiled: NDArray[np.uint8], mask: NDArray[np.bool_], first: Examination
) -> tuple[Region, ...]:
    """Return what is still to be seen in a veiled photo, (h, w, 3) uint8 RGB.

    `mask` says where the veil is.
    """
    everything = (Box(0, 0, mask.shape[1], mask.shape[0]),)
    bare = _bare_faces(veiled, mask, everything)
    found = [Region("remnant", head(box, turned=True), "face") for box in bare]
    if code_readable(veiled):
        # INVARIANT: a code that is read is veiled, be it with the whole photo.
        codes = find_codes(veiled) or (_corners(everything[0]),)
        found += [Region("remnant", corners, "code") for corners in codes]
    remnants = find_remnants(veiled, Known(mask, first.cleared), _text_size(first))
    found += [Region("remnant", r.veil, "text", core=r.letters) for r in remnants]
    return tuple(found)


def is_anything_left(
    veiled: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    first: Examination,
    remnants: Sequence[Region],
) -> bool:
    """Say whether a photo that was looked at again still shows what it should not.

    Looks for each kind around the remnants of that kind, now under the veil; in the rest of the
    photo nothing was found, and nothing is new.
    """
    around = {
        kind: windows([r for r in remnants if r.is_for(kind)], *mask.shape)
        for kind in ("face", "code", "text")
    }
    known = Known(mask, first.cleared)
    return (
        bool(around["face"] and _bare_faces(veiled, mask, around["face"]))
        or any(code_readable(_cut(veiled, window)) for window in around["code"])
        or legible_remains(veiled, known, _text_size(first), around["text"])
    )


def _bare_faces(
    veiled: NDArray[np.uint8], mask: NDArray[np.bool_], within: Sequence[Box]
) -> list[NDArray[np.float64]]:
    """Return the boxes of faces that are under no veil."""
    # Rounded down, so that it is no more than the detector takes.
    scale = min(1.0, (MOST_PIXELS / mask.size) ** 0.5)
    found = []
    for window in within:
        flipped = np.ascontiguousarray(_cut(veiled, window)[:, ::-1])
        height, width = flipped.shape[:2]
        size = max(1, int(width * scale)), max(1, int(height * scale))
        small = seen_at(LibFaceDetection(), flipped, size).above(SCORE)
        large = seen_at(Mtcnn(MTCNN_LEAST, MTCNN_THRESHOLDS), flipped, scaled(flipped, MTCNN_SIZE))
        boxes = mirrored(np.concatenate([small.boxes, large.boxes]), width)
        found += list(boxes + np.array([window.x0, window.y0] * 2))
    return [box for box in found if is_bare(box, mask)]


def _cut(pixels: NDArray[np.uint8], window: Box) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pixels[window.y0 : window.y1, window.x0 : window.x1])


def _corners(box: Box) -> NDArray[np.float64]:
    return np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]], "f8")


def _text_size(first: Examination) -> float:
    any_text = bool(first.cleared) or any(r.kind in {"text", "plate"} for r in first.regions)
    return TEXT_SIZES[any_text]
