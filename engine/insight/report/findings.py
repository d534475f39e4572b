"""The first sections: what may be said in sentences, and how to read what follows."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from engine.insight.hints import Hint
from engine.insight.hints.hint import Kind
from engine.insight.report.intervals import percent, times
from engine.insight.report.page import details, paragraph

_OF_A_KIND: Final = 2
"""Sentences of each kind that stand first; the others are one click away."""
_NAMES: Final[dict[Kind, str]] = {
    "rise": "Rising",
    "fall": "Falling",
    "leader": "Share of voice",
    "together": "Seen together",
    "place": "Where",
    "season": "When",
}
GUIDE: Final = (
    "Every number was changed at random to protect the people who posted, so a chart shows a dot, "
    "the number as it was released, and a line or band, in which the number before that change "
    "lies 95 times in 100.",
    "Where two lines overlap much, do not say that one number is larger; where a line reaches "
    "zero, or a factor's line reaches 1, there may be nothing to see.",
    "The lines speak of the added noise alone: what recognition missed or mistook, and what the "
    "limit on one contributor's part cut off, is not in them, and numbers of one table need not "
    "add up to those of another.",
)
"""How to read a chart, in three sentences."""


def findings(said: Sequence[Hint], questions: int) -> Iterator[str]:
    """The sentences that the bounds support, the first few of each kind as headlines."""
    if not questions:
        yield paragraph(
            "The tables of this study are asked for no sentence, since they compare nothing. What "
            "was released is under All numbers."
        )
        return
    first = _headlines(said)
    if not said:
        yield paragraph(
            "Nothing stands out of the noise. That is an answer, too: differences may be there, "
            "and are too small to be told from it. The charts below show how large they could be."
        )
    else:
        yield '<ul class="findings">' + "".join(map(_item, first)) + "</ul>"
        rest = [hint for hint in said if hint not in first]
        if rest:
            more = '<ul class="findings">' + "".join(map(_item, rest)) + "</ul>"
            yield details(f"{_count(len(rest), 'more finding')}", more)
    yield paragraph(
        f"{_count(len(said), 'sentence')}, from {_count(questions, 'question')} that the tables "
        "were asked. All hold together with 95 %, with the bounds that they name: of a hundred "
        "such reports, about five at most have a sentence that only noise has made.",
        "soft",
    )


def guide() -> Iterator[str]:
    """The reading guide, in three sentences."""
    yield "<ol>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in GUIDE) + "</ol>"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _headlines(said: Sequence[Hint]) -> list[Hint]:
    kept: list[Hint] = []
    for kind in _NAMES:
        kept += [hint for hint in said if hint.kind == kind][:_OF_A_KIND]
    return kept


def _item(hint: Hint) -> str:
    kind = f' class="{hint.kind}"' if hint.kind in ("rise", "fall") else ""
    return (
        f'<li{kind}><span class="kind">{escape(_NAMES[hint.kind])}</span>{_big(hint)}'
        f"{escape(hint.words)}"
        f'<span class="cells">Rests on {escape(hint.cells)}.</span></li>'
    )


def _big(hint: Hint) -> str:
    """Return the number in large type, never without its bounds."""
    if hint.kind == "leader":
        value, low, high = percent(hint.value), percent(hint.low), percent(hint.high)
    else:
        value, low, high = (f"{times(n)}\u00d7" for n in (hint.value, hint.low, hint.high))
    return (
        f'<span class="big"><b>{escape(value)}</b> '
        f"<span>{escape(low)} to {escape(high)}</span></span>"
    )
