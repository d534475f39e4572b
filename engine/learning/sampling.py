"""Who takes part in a step: each contributor by a coin of their own, from the system's generator.

The accountant's credit for sampling (`engine.learning.accounting`) holds for independent coins with
exactly the stated probability, tossed per contributor and afresh for every step. A shuffled list
that is cut into batches, or a coin per photo, would not earn it.
"""

import secrets
from fractions import Fraction


def drawn(contributors: int, rate: Fraction) -> list[int]:
    """Return who is drawn, in order: each of so many with probability `rate`, independently."""
    # INVARIANT: the probability is the exact fraction, not the double beside it.
    most, below = rate.denominator, rate.numerator
    return [who for who in range(contributors) if secrets.randbelow(most) < below]
