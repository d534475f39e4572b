"""One photo's redaction, with where and why it was veiled, never what was there.

`redact` passes on the photo or the reason alone; evaluation and a reviewer's page see the rest.
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
    """Why there is no photo; None where there is one."""
    regions: tuple[Region, ...] = ()
    mask: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    """(h, w), true under the veil."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the upright photo as it was given."""


def review(raw: bytes, rules: RedactionRules) -> Review:
    """Redact a photo, and say where and why. Never raises for any bytes.

    Raises `ModelUnusable` and `DecoderUnusable` where the machine can't redact.
    """
    try:
        decoded = decode_sized(raw, rules.limits, longest=rules.working_side)
        done = obscure(decoded.pixels, rules)
        photo = seal(done.pixels, done.words, rules.lexicon.aliases)
        size = (decoded.full_width, decoded.full_height)
        return Review(photo, None, done.regions, done.mask, size)
    except (Undecodable, Refused) as refusal:
        return Review(None, refusal.reason)
    except (ModelUnusable, DecoderUnusable):
        # The machine's fault, not the photo's: the run must not look like one whose photos are bad.
        raise
    except Exception:
        # INVARIANT: fail closed. The error is swallowed with its traceback, which holds pixels.
        return Review(None, Reason.CHECK_FAILED)
