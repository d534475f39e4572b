"""What may be said in plain sentences, and how sure all of them are together.

A sentence stands only where its bounds support it, and says them. All sentences of a release, with
the bounds in them, hold together with 95 %: the family-wise risk of 5 % is split evenly over the
questions that the study's tables can answer (as many as its policy fixes, whatever the noise was),
and within a question over every number that is looked at (Bonferroni 1936; ranks by the law of the
range). Where there is nothing to find, one release in twenty or fewer has a sentence. Bias from
bounding and recognition is in no bounds.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.insight.hints.hint import ORDER, Hint, Question
from engine.insight.hints.leading import leaders
from engine.insight.hints.meeting import meetings
from engine.insight.hints.movement import movements
from engine.insight.hints.standing import standings
from engine.insight.released import Released

RISK: Final = 0.05
"""Chance that one sentence or more of a release is wrong, or a bound in one."""


def hints(released: Released, categories: Mapping[str, str] | None = None) -> tuple[Hint, ...]:
    """Return every sentence that the release supports, by kind, "more" and the strongest first.

    `categories` says of each brand in which category it is compared.
    """
    asked = questions(released, categories)
    found = [hint for question in asked for hint in question.answer(RISK / len(asked))]
    return tuple(
        sorted(found, key=lambda h: (ORDER.index(h.kind), h.value < 1, -h.strength, h.words))
    )


def questions(
    released: Released, categories: Mapping[str, str] | None = None
) -> tuple[Question, ...]:
    """Return the questions that the study's tables can answer.

    INVARIANT: they follow from the study and its noise's law alone, never from a value, so that
    the risk is split before anything is seen.
    """
    return tuple(_all(released, categories))


def _all(released: Released, categories: Mapping[str, str] | None) -> Iterator[Question]:
    yield from movements(released)
    yield from leaders(released, categories)
    yield from meetings(released)
    yield from standings(released)


__all__ = ["RISK", "Hint", "Question", "hints", "questions"]
