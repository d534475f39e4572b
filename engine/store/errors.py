"""What can go wrong with the sightings that a run keeps on disk.

    EngineError
    ├── StoreUnusable      what lies there is in use, another run's, or without its key
    └── StoreUnwritable    the disk or its permissions refuse what must be kept

No message quotes a count, a contributor or a number of rows.
"""

from typing import ClassVar

from engine.errors import EngineError


class StoreUnusable(EngineError):
    """The place can't be used; what lies there is left as it is."""

    code: ClassVar[str] = "store-unusable"
    exit_code: ClassVar[int] = 9


class StoreUnwritable(EngineError):
    """The machine would not write a part; the parts before it stand."""

    code: ClassVar[str] = "store-unwritable"
    exit_code: ClassVar[int] = 10
