"""Scenes, objects and interests: `Tags` sees them, `fit_scenes` learns a user's own scenes."""

from engine.recognition.tags.tags import Tags
from engine.recognition.tags.taught import fit_scenes

__all__ = ["Tags", "fit_scenes"]
