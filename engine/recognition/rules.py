"""What recognition is told: which labels to look for, from which score on, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.recognition.interface import Kind
from engine.recognition.nets import Net
from policies.heads import HeadRecord
from policies.lexicon import Lexicon

LEAST: Mapping[Kind, float] = {"brand": 0.5, "scene": 0.6, "object": 0.6, "interest": 0.6}
"""Scores from which on labels count where nothing else is said: the policy's own defaults."""


@dataclass(frozen=True)
class BuiltPlace:
    """The file of what was learned from a catalogue's pictures, and what must be in it."""

    path: Path
    digest: str


@dataclass(frozen=True)
class HeadPlace:
    """The file of a trained head, and what it must be."""

    path: Path
    digest: str
    record: HeadRecord

    @property
    def net(self) -> Net:
        """The same, as the log names it among the nets."""
        return Net(self.path, self.digest)


@dataclass(frozen=True)
class RecognitionRules:
    """Everything that decides what is recognised; the same for every photo of a run."""

    lexicon: Lexicon
    wanted: Mapping[Kind, frozenset[str]]
    """The labels of each kind that a study names."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """Of brands: the brand that each belongs to. Who sees one sees the other."""
    least: Mapping[Kind, float] = field(default_factory=lambda: LEAST)
    built: BuiltPlace | None = None
    embedding: Net | None = None
    detector: Net | None = None
    heads: tuple[HeadPlace, ...] = ()
    """Trained heads; those of a kind that is not wanted are not looked through."""

    @property
    def heads_wanted(self) -> tuple[HeadPlace, ...]:
        """The heads that tell a label which is looked for."""
        return tuple(
            head
            for head in self.heads
            if self.wanted.get(head.record.kind, frozenset()) & set(head.record.labels)
        )

    def wants(self, *kinds: Kind) -> bool:
        """Say whether a label of any of these kinds is looked for."""
        return any(self.wanted.get(kind) for kind in kinds)
