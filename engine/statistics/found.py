"""Labels that no catalogue names, found in the data: a table whose keys are data too.

A label is released with its noisy number of contributors where enough of them show it: the exact
number reaches the policy's `least` (pre-thresholding), and the noisy one passes a threshold T. Both
keep out what hangs on one person: of the labels that a person alone lifts to where they could be
seen, none passes but with the probability `selection_delta` (Wilson, Zhang, Lam, Desfontaines,
Simmons-Marengo, Gipson 2020, Theorem 2; pre-thresholding as in Google's differential-privacy
library: the same mechanism on the number less `least - 1`).

**The threshold.** A person with m accounts of K labels each moves at most K m labels, each by at
most m. With L = `least - 1`, a label that only they lift to `least` has a number of L + 1 to L + m,
and is released where number + Z > L + T. That has a probability of at most P(Z > T - m), so that T
is the smallest whole number with 1 - (1 - P(Z > T - m))^(K m) <= selection_delta. All other labels
are counts with noise for their sensitivity, released or not by post-processing.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import expm1, log1p
from typing import Final

import polars as pl

from engine.statistics.errors import StudyInvalid
from engine.statistics.noise import DiscreteGaussian, GeometricLaw, Law, randomise
from engine.statistics.sensitivity import Sensitivity
from engine.statistics.sightings import HASHTAG_KIND
from policies.amounts import Delta, Epsilon, Loss, Rho

DIMENSION: Final = "hashtag"
"""The column of the release's table that holds what was found."""
_SAFE: Final = 1 + 1e-9
"""Tails are taken so much larger than a double says."""


@dataclass(frozen=True)
class FoundLabels:
    """One table of labels that are in no catalogue; off unless a policy asks for it."""

    id: str
    price: Epsilon | Rho
    least: int
    """Contributors that a label needs before noise decides."""
    selection_delta: Delta
    """Probability with which a label that hangs on one person may be seen after all."""
    max_labels: int
    """K: labels of one contributor that count."""
    accounts: int = 1

    def __post_init__(self) -> None:
        numbers = (self.least, self.max_labels, self.accounts)
        if not all(type(number) is int and number >= 1 for number in numbers):
            raise StudyInvalid("least, max_labels and accounts are whole numbers, 1 at least")
        if not 0 < self.selection_delta.value < Fraction(1, 1000):
            raise StudyInvalid("a selection delta is above 0 and below 0.001")
        _ = self.law

    @property
    def law(self) -> Law:
        """The noise of one number."""
        moved = Sensitivity.of(self.max_labels, 1).times(self.accounts)
        if isinstance(self.price, Epsilon):
            return GeometricLaw(self.price, moved)
        return DiscreteGaussian(self.price, moved)

    @property
    def threshold(self) -> int:
        """The largest noisy number that stays unseen; `least` is in it."""
        law, width = self.law, max(1, self.law.half_width)
        while self._seen(law, width) > float(self.selection_delta.value):
            width *= 2
        low = width // 2
        while width - low > 1:
            middle = (low + width) // 2
            enough = self._seen(law, middle) <= float(self.selection_delta.value)
            low, width = (low, middle) if enough else (middle, width)
        return self.least - 1 + width + self.accounts

    def _seen(self, law: Law, width: int) -> float:
        """Return the chance that any of a person's labels passes, for T - m = `width`."""
        once = min(law.tail(width) / 2 * _SAFE, 0.5)
        return -expm1(self.max_labels * self.accounts * log1p(-once)) * _SAFE

    @property
    def loss(self) -> Loss:
        """What it costs: its price, and the deltas of the selection and the sampler."""
        delta = Delta(self.selection_delta.value + self.law.delta).rounded_up(12)
        return Loss.of(self.price, delta)


def find(sightings: pl.LazyFrame, found: FoundLabels, seed: int) -> pl.DataFrame:
    """Return the labels that may be seen, sorted, with their noisy numbers.

    Columns `label` (String), `value` (Int64) and `std` (Float64). There are no bounds: of a label
    that few show, only values that are too high are seen. Which K labels
    of a contributor count follows from that contributor's rows and the secret seed alone.
    """
    one = pl.struct("contributor", "label").hash(seed)
    counts = (
        sightings.filter(pl.col("contributor").str.len_bytes() > 0, pl.col("kind") == HASHTAG_KIND)
        .select("contributor", "label")
        .unique()
        .filter(one.rank("ordinal").over("contributor") <= found.max_labels)
        .group_by("label")
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .filter(pl.col("count") >= found.least)
        .sort("label")
        .collect(engine="streaming")
    )
    law = found.law
    noisy = counts.select(
        "label", value=pl.Series(randomise(law, counts["count"].to_list()), dtype=pl.Int64)
    )
    # INVARIANT: from here on only noisy numbers decide.
    return noisy.filter(pl.col("value") > found.threshold).with_columns(std=pl.lit(law.std))
