"""A sentence, and the question that it answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from engine.insight.concentration import MONTHS
from engine.insight.released import Released
from engine.statistics.interface import Statistic
from policies.periods import is_month

Kind = Literal["rise", "fall", "leader", "together", "place", "season"]
_PUBLIC: Final = frozenset({"scene", "object", "interest"})
"""Kinds whose labels stand in public lists, with underscores for spaces."""
ORDER: Final[tuple[Kind, ...]] = ("rise", "fall", "leader", "together", "place", "season")


@dataclass(frozen=True)
class Hint:
    """One sentence and what it rests on."""

    kind: Kind
    words: str
    value: float
    low: float
    high: float
    """The bounds that the sentence names; of a leader, of its share."""
    cells: str
    """The cells of the release that it follows from, in words."""

    @property
    def strength(self) -> float:
        """How far its bounds are from saying nothing, as a factor; of a leader, its share."""
        if self.kind == "leader":
            return self.low
        return self.low if self.low > 1 else 1 / max(self.high, 1e-9)


@dataclass(frozen=True)
class Question:
    """One that the tables of a study can answer, if the noise lets it."""

    about: str
    answer: Callable[[float], Iterable[Hint]]
    """From a risk to the sentences: but for that chance, all of them are right."""


def between(low: float, high: float) -> str:
    """Return the bounds of a factor as a sentence ends with them."""
    return f"between {factor(low)} and {factor(high)}"


def factor(number: float) -> str:
    """Return a factor with two decimals, where it has not two digits before them."""
    return f"{number:.2f}" if number < 9.995 else f"{number:.1f}"


def spoken(key: str, dimension: str) -> str:
    """Return a key as a sentence says it: `ski_slope` with a space. Brands keep their names."""
    return key.replace("_", " ") if dimension.removeprefix("with_") in _PUBLIC else key


def stretch_words(stretch: str) -> str:
    """Return a stretch of periods with its months by name; weeks and days stay as they are."""
    first, *rest = stretch.split(" to ")
    if not is_month(first):
        return stretch
    names = [f"{MONTHS[int(key[5:]) - 1]} {key[:4]}" for key in (first, *rest)]
    if rest and rest[0][:4] == first[:4]:
        names[0] = names[0][:-5]
    return " to ".join(names)


def least_noisy(released: Released, statistics: Iterable[Statistic]) -> list[Statistic]:
    """Return, of the statistics by each label, the one whose sums have the least noise.

    To ask the same of two tables would cost every answer a part of its risk. Fewer dimensions go
    first, then less noise: all of that is in the policy.
    """
    best: dict[str, tuple[tuple[int, float, str], Statistic]] = {}
    for statistic in statistics:
        label = statistic.labelled
        if label is None:
            continue
        rows = released.rows(statistic)
        noise = float(rows["std"][0]) ** 2 * statistic.cells / len(label.keys)
        rank = (len(statistic.by), noise, statistic.id)
        best[label.name] = min(
            best.get(label.name, (rank, statistic)), (rank, statistic), key=lambda found: found[0]
        )
    return [statistic for _, statistic in best.values()]
