"""What a check has to say about one entry."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a remark is about; stable, for scripts."""

    COMMON_WORD = "common-word"
    SHORT_NAME = "short-name"
    ALIKE_NAMES = "alike-names"
    PLAIN_MARK = "plain-mark"
    SMALL_MARK = "small-mark"
    FAINT_MARK = "faint-mark"
    SAME_MARK = "same-mark"
    FEW_EXAMPLES = "few-examples"
    SAME_EXAMPLE = "same-example"
    PICTURE = "picture"
    """A picture that can't be used: no run starts with it."""
    BUILT = "built"
    """The built file beside the catalogue."""


@dataclass(frozen=True)
class Remark:
    """One sentence about an entry. An error is what no run would start with."""

    topic: Topic
    entry: str
    sentence: str
    error: bool = False
