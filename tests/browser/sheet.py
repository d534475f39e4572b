"""A page to look at; apart from what opens it, so that nothing here needs a browser."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sheet:
    """A page on the disk."""

    path: Path
    beside: frozenset[Path] = frozenset()
    """Files beside it that it may load."""
