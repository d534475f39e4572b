"""The public lists of scenes, objects and interests that a study may ask for.

They are files that a reviewer can judge. Adding a label is a change of what may be said about
photos, so a test holds each list against the deny-list of labels about persons.
"""

from importlib.resources import files
from typing import Final

import yaml


def _listed(name: str) -> tuple[str, ...]:
    told = yaml.safe_load(files(__package__).joinpath(name).read_text("utf-8"))
    return tuple(sorted(told))


OBJECTS: Final = _listed("objects.yaml")
SCENES: Final = _listed("scenes.yaml")
INTERESTS: Final = _listed("interests.yaml")

__all__ = ["INTERESTS", "OBJECTS", "SCENES"]
