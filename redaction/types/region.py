"""One thing that is veiled: where and why, never what it showed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["face", "person", "code", "plate", "text", "remnant"]
"""What a region is veiled for; `remnant` is what only the second look found."""


@dataclass(frozen=True)
class Region:
    """A convex shape in the photo and what it is veiled for."""

    kind: Kind
    corners: NDArray[np.float64]
    """(n, 2) corners x, y in pixels of the working photo."""
    taken_for: Kind | None = None
    """What the second look took a remnant for."""
    core: NDArray[np.float64] | None = None
    """(n, 2) corners of what is veiled even on a line that stays visible; None: all of it. No
    corners: nothing."""

    def is_for(self, kind: str) -> bool:
        """Say whether it is veiled for that kind, by either look."""
        return kind in (self.kind, self.taken_for)
