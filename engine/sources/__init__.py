"""Where photos come from: a folder with a manifest, or exports of Instagram, X and Tumblr.

`find_source(path).photos(first, last, key)` gives the photos of a study, contributors keyed, none
of them opened. `SourceAt(path)` does the same, and looks at the path only then.
"""

from engine.sources.admission import EVERYBODY, Admission
from engine.sources.contributor import canonical_contributor
from engine.sources.countries import Countries
from engine.sources.errors import SourceUnusable
from engine.sources.files import PathFile, PhotoFile
from engine.sources.finding import SourceAt, find_source
from engine.sources.folder import FolderSource
from engine.sources.identities import Persons, read_identities
from engine.sources.instagram import InstagramSource
from engine.sources.interface import Source, SourcePhoto
from engine.sources.tumblr import TumblrSource
from engine.sources.x import XSource

__all__ = [
    "EVERYBODY",
    "Admission",
    "Countries",
    "FolderSource",
    "InstagramSource",
    "PathFile",
    "Persons",
    "PhotoFile",
    "Source",
    "SourceAt",
    "SourcePhoto",
    "SourceUnusable",
    "TumblrSource",
    "XSource",
    "canonical_contributor",
    "find_source",
    "read_identities",
]
