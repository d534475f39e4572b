"""What redaction did to one photo, for evaluation and for a reviewer: where and why, never what.

Not for runs. What comes out of here besides `redact`'s own answer are places and kinds of veils.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redaction.decoding import Undecodable, decode_sized
from redaction.errors import DecoderUnusable, ModelUnusable
from redaction.obscure import Refused, obscure
from redaction.rules import RedactionRules
from redaction.types.photo import Reason, RedactedPhoto, seal
from redaction.types.region import Region


@dataclass(frozen=True)
class Review:
    """One photo's redaction, looked at from outside."""

    photo: RedactedPhoto | None
    """What `redact` gives; None where the photo was withheld."""
    withheld: Reason | None
    regions: tuple[Region, ...] = ()
    mask: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    """(h, w), true under the veil."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the upright photo as it was given."""


def review(raw: bytes, rules: RedactionRules) -> Review:
    """Redact as `redact` does, and say where and why. Never raises for any bytes."""
    try:
        decoded = decode_sized(raw, rules.limits, longest=rules.working_side)
        done = obscure(decoded.pixels, rules)
        photo = seal(done.pixels, done.words, rules.lexicon.aliases)
        size = (decoded.full_width, decoded.full_height)
        return Review(photo, None, done.regions, done.mask, size)
    except (Undecodable, Refused) as refusal:
        return Review(None, refusal.reason)
    except (ModelUnusable, DecoderUnusable):
        raise
    except Exception:
        # INVARIANT: fail closed, as `redact` does.
        return Review(None, Reason.CHECK_FAILED)
