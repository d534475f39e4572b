"""What is written before the first part: whose parts they are, and the run's secrets."""

import json
from dataclasses import dataclass
from typing import Any, Self

from engine.store.interface import RunKeys


@dataclass(frozen=True)
class Start:
    """What the parts are of."""

    id: bytes
    """Random, of this store alone."""
    rules: bytes
    """A digest of the policy, the code and the weights."""
    photos: bytes
    """A digest of the list of photos; empty before it is known."""
    keys: RunKeys

    def place_of(self, number: int) -> bytes:
        """Return the place of a part, which no other part has."""
        return self.id + number.to_bytes(8, "big")

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        texts = {
            "id": self.id.hex(),
            "rules": self.rules.hex(),
            "photos": self.photos.hex(),
            "contributors": self.keys.contributors.hex(),
            "ranks": self.keys.ranks.hex(),
        }
        return json.dumps(texts).encode()

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        # Only what was written by to_bytes can be decrypted.
        texts: dict[str, Any] = json.loads(content)
        parts = {name: bytes.fromhex(text) for name, text in texts.items()}
        keys = RunKeys(parts["contributors"], parts["ranks"])
        return cls(parts["id"], parts["rules"], parts["photos"], keys)
