"""From clues to one score: a logistic rule, whose numbers were chosen by cross-validation.

The rule is small on purpose: a reader can follow it. `weights/MODEL_CARD_BRANDS.md` tells on what
the numbers were chosen, and how often a score was right on photos that were held back.
"""

from math import exp

from engine.recognition.brands.clues import Clues


def weighed(clues: Clues) -> float:
    """Return how sure it is, 0 to 1, that a photo with these clues shows the brand."""
    total = -5.0
    total += 8.0 * clues.word
    total += 0.9 * min(clues.keypoints, 8.0)
    total += 12.0 * max(0.0, clues.region - 0.05)
    total += 6.0 * clues.lead
    return 1 / (1 + exp(-total))
