"""Marks by their local features: SIFT, an inverted file, and geometry."""

from engine.recognition.keypoints.finder import Keypoints
from engine.recognition.keypoints.index import build_keypoints

__all__ = ["Keypoints", "build_keypoints"]
