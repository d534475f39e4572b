"""From a redacted photo to labels. Nothing here can open an image file.

`recognise(photo, recognisers, least)` is the door: it takes a `redaction.RedactedPhoto` and nothing
else.
"""

from collections.abc import Mapping, Sequence

from engine.recognition.interface import Kind, Recognised, Recogniser, Scores
from engine.recognition.rules import RecognitionRules
from engine.recognition.threads import one_thread
from redaction import RedactedPhoto

__all__ = [
    "Kind",
    "Recognised",
    "Recogniser",
    "RecognitionRules",
    "Scores",
    "recognise",
    "score",
]


def recognise(
    photo: RedactedPhoto, recognisers: Sequence[Recogniser], least: Mapping[Kind, float]
) -> tuple[Recognised, ...]:
    """Return every label whose score is at least its kind's, each once, sorted.

    Depends on this photo alone. Raises `TypeError` for anything but a `RedactedPhoto`.
    """
    scores = score(photo, recognisers)
    return tuple(sorted(seen for seen, value in scores.items() if value >= least[seen.kind]))


def score(photo: RedactedPhoto, recognisers: Sequence[Recogniser]) -> Scores:
    """Return how sure each label is; of two recognisers that know one label, the surer counts."""
    if type(photo) is not RedactedPhoto:
        raise TypeError("recognition sees redacted photos only")
    one_thread()
    surest: dict[Recognised, float] = {}
    for recogniser in recognisers:
        for seen, value in recogniser.score(photo).items():
            surest[seen] = max(value, surest.get(seen, 0.0))
    return surest
