"""What a check of a set-up finds, and what to do about it."""

from dataclasses import dataclass
from typing import Final, Literal

Status = Literal["fine", "advice", "problem", "not checked"]

WRONG_SETUP: Final = 2


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    status: Status
    explanation: str
    fix: str = ""
    """What to do, where something is to be done."""
    exit_code: int = WRONG_SETUP
    """What the command ends with where this is a problem: a log's own code, else wrong set-up."""


def judged(name: str, *, well: bool, fine: str, wrong: str, fix: str) -> Finding:
    """Return a finding of something that is right or wrong."""
    return Finding(name, "fine", fine) if well else Finding(name, "problem", wrong, fix)


def advised(name: str, *, well: bool, fine: str, better: str, fix: str) -> Finding:
    """Return a finding of something that may stay as it is for a try, and not for a real study."""
    return Finding(name, "fine", fine) if well else Finding(name, "advice", better, fix)
