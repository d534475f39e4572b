"""What can go wrong with a catalogue's files.

    EngineError
    └── CatalogueError          the root of this branch
        ├── PicturesUnusable    marks or examples that can't be used; each is named with its entry
        ├── BuiltUnusable       a built file that is missing, damaged or another than was named
        └── NotEditable         a catalogue file whose entries can't be changed one at a time

A catalogue is public: messages name its entries and files.
"""

from typing import ClassVar

from engine.errors import EngineError


class CatalogueError(EngineError):
    """Root of this branch."""

    code: ClassVar[str] = "catalogue"
    exit_code: ClassVar[int] = 9


class PicturesUnusable(CatalogueError):
    """Pictures that nothing can be learned from."""

    code: ClassVar[str] = "pictures-unusable"


class BuiltUnusable(CatalogueError):
    """A file of learned numbers that is not what it should be."""

    code: ClassVar[str] = "built-unusable"


class NotEditable(CatalogueError):
    """A catalogue that a command can't add to without touching the rest of it."""

    code: ClassVar[str] = "catalogue-not-editable"
    exit_code: ClassVar[int] = 2
