"""What a public notice is made of, whatever it is written as."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """Names in a row, such as all brands that are looked for."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Something to copy to the letter: a command, or a digest."""

    text: str


@dataclass(frozen=True)
class Points:
    """Sentences that stand below each other."""

    points: tuple[str, ...]


Block = str | Points | Listed | Code
"""One paragraph, or one of the others."""


@dataclass(frozen=True)
class Section:
    """A question of somebody who reads it, and the answer."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Notice:
    """A public page about one study; all texts are plain, and none is marked up."""

    title: str
    warning: str | None
    """That it is a draft or a test, where it is."""
    draft: bool
    """The policy is not filled in yet: not to be published."""
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: str
