"""What of a truth file redaction is measured against."""

from policies.errors import TruthInvalid
from policies.truth import Truth
from redaction.evaluation.scoring import KINDS, TrueBox


def true_boxes(truth: Truth) -> dict[str, tuple[TrueBox, ...]]:
    """Return photo -> boxes of faces, text, codes and plates; other kinds are ignored.

    Photos that show none of them stay in: what is withheld or veiled there counts. Raises
    `TruthInvalid` where such a row has no box, and for a file without any.
    """
    boxes: dict[str, tuple[TrueBox, ...]] = {}
    for photo, shown in truth.photos.items():
        ours = [labelled for labelled in shown if labelled.kind in KINDS]
        if any(labelled.box is None for labelled in ours):
            raise TruthInvalid("the truth file has a face, text, code or plate without its box")
        boxes[photo] = tuple(TrueBox(a.kind, a.box) for a in ours if a.box is not None)
    if not any(boxes.values()):
        raise TruthInvalid("the truth file has no box of kind face, text, code or plate")
    return boxes
