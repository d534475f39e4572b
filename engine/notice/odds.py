"""Epsilon, for people: how much surer of you anybody can get.

Somebody who thinks that your photos are in a study with even odds has, after reading what an
epsilon protects, odds of at most e to the epsilon: that is what the definition of differential
privacy says of one who knows everything else (Wood et al., "Differential Privacy: A Primer for a
Non-Technical Audience", 2018, section IV).
"""

from fractions import Fraction
from math import ceil, exp, floor

from policies.amounts import Delta


def surest(epsilon: float) -> int:
    """Return of how many in 100 cases a guess of even odds can at most come true; rounded up."""
    return min(100, ceil(100 * exp(epsilon) / (1 + exp(epsilon)))) if epsilon < 40 else 100


def sureness(epsilon: float) -> str:
    """Return in words how sure somebody can get who had even odds."""
    most = surest(epsilon)
    if most >= 100:
        return "as good as certain, in the worst case"
    return f"right at most {most} times in 100"


def one_in(*deltas: Delta) -> int | None:
    """Return n of "at most once in n"; None where it never happens."""
    chance = sum((delta.value for delta in deltas), Fraction(0))
    return None if chance == 0 else floor(1 / chance)
