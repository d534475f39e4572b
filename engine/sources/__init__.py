"""Where photos come from: a folder with a manifest.

`FolderSource(root).photos(first, last, key)` gives the photos of a study, contributors keyed, none
of them opened.
"""

from engine.sources.errors import SourceUnusable
from engine.sources.folder import FolderSource
from engine.sources.identities import Persons, read_identities
from engine.sources.interface import Source, SourcePhoto

__all__ = [
    "FolderSource",
    "Persons",
    "Source",
    "SourcePhoto",
    "SourceUnusable",
    "read_identities",
]
