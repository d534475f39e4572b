"""How well redaction does on labelled test photos.

For `crowdlens evaluate redaction`. It looks at raw pixels and says how many boxes were covered:
use it on labelled test photos only, never on a study's data. One photo at a time goes through
`score`, which returns numbers and no pixels; `summed` makes the figures of all of them.
"""

from redaction.evaluation.result import KindScores, RedactionScores, summed
from redaction.evaluation.scoring import (
    BANDS,
    KINDS,
    PhotoScore,
    TrueBox,
    held_against,
    score,
    unscored,
)
from redaction.evaluation.truth import true_boxes

__all__ = [
    "BANDS",
    "KINDS",
    "KindScores",
    "PhotoScore",
    "RedactionScores",
    "TrueBox",
    "held_against",
    "score",
    "summed",
    "true_boxes",
    "unscored",
]
