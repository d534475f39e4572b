"""How a long piece of work tells where it is, without printing.

The core calls an observer; the command line brings one that draws; a library user hears nothing.
"""

from collections.abc import Mapping
from typing import Protocol


class Observer(Protocol):
    """Hears of stages and steps. Must not raise."""

    def stage(self, name: str, steps: int | None = None) -> None:
        """A stage begins; `steps` is its length where it is known."""

    def step(self) -> None:
        """One step of the stage is done."""

    def worked(self, seconds: Mapping[str, float], flying: int) -> None:
        """A photo took so many seconds at each part of the work; `flying` are being worked on."""


class Silence:
    """An observer that does nothing."""

    def stage(self, name: str, steps: int | None = None) -> None:
        """Ignore."""

    def step(self) -> None:
        """Ignore."""

    def worked(self, seconds: Mapping[str, float], flying: int) -> None:
        """Ignore."""
