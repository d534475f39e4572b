"""What a statistic measures, and how much of it one contributor can be."""

from dataclasses import dataclass
from typing import Final, Literal

from engine.statistics.errors import StudyInvalid

LARGEST_CLIP: Final = 1_000_000


@dataclass(frozen=True)
class Contributors:
    """How many contributors show the label; without a label, how many post at all."""


@dataclass(frozen=True)
class Photos:
    """How many photos show it, counting at most `clip` of one contributor in one cell."""

    clip: int

    def __post_init__(self) -> None:
        if type(self.clip) is not int or not 1 <= self.clip <= LARGEST_CLIP:
            raise StudyInvalid(f"clip is a whole number from 1 to {LARGEST_CLIP}")


@dataclass(frozen=True)
class Together:
    """How many contributors show two labels in one photo."""


@dataclass(frozen=True)
class RunningTotal:
    """The sum, up to each period, of how many contributors show the label in it.

    Of one contributor, the first `participations` periods of a label count, and no more.
    """

    participations: int = 1
    strategy: Literal["tree", "toeplitz", "separate"] | None = None
    """Which sums of periods get noise; None takes the one that errs least."""

    def __post_init__(self) -> None:
        if type(self.participations) is not int or self.participations < 1:
            raise StudyInvalid("participations is a whole number, 1 at least")


@dataclass(frozen=True)
class Top:
    """Which `k` labels most contributors show, in order and without their numbers."""

    k: int

    def __post_init__(self) -> None:
        if type(self.k) is not int or self.k < 1:
            raise StudyInvalid("k is a whole number, 1 at least")


Measure = Contributors | Photos | Together | RunningTotal | Top
NAMES: Final[dict[type[Measure], str]] = {
    Contributors: "contributors",
    Photos: "photos",
    Together: "together",
    RunningTotal: "running-total",
    Top: "top",
}
"""What each is called in policies and labels."""
