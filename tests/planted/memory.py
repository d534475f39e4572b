"""A place whose documents are in memory, and whose photos say where they would lie."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.sources.files import PhotoFile
from engine.sources.zips import ZipPlace


@dataclass(frozen=True)
class Named:
    """A photo that says what it was asked for."""

    path: str

    def read(self, limit: int) -> bytes:
        return self.path.encode()[: limit + 1]


class Memory(ZipPlace):
    """Documents and the names of photos."""

    def __init__(self, documents: Mapping[str, Any], photos: tuple[str, ...] = ()) -> None:
        super().__init__(dict.fromkeys((*documents, *photos)), ("export",))
        self.documents = documents

    def document(self, path: str) -> bytes | None:
        said = self.documents[path]
        return (said if isinstance(said, bytes) else json.dumps(said).encode()) or None

    def photo(self, path: str) -> PhotoFile:
        return Named(path)
