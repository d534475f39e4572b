"""Embeddings of pictures of none of a user's scenes; `MODEL_CARD_TAGS.md` says whose."""

import io
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.errors import NetUnusable
from engine.recognition.nets import digest_of

OTHERS: Final = Path(__file__).with_name("scenes_others.npy")
OTHERS_DIGEST: Final = "sha256:22987c1cb587605158dc45eb4b160d66cc11e9dc1efed0b0829ac3a01f6b02de"


@cache
def others() -> NDArray[np.float64]:
    """Return (n, 2560) embeddings; raises `NetUnusable` where the file is not the one we ship."""
    try:
        raw = OTHERS.read_bytes()
    except OSError as error:
        raise NetUnusable(
            f"{OTHERS.name} can't be read", hint="Install Crowdlens again."
        ) from error
    if digest_of(raw) != OTHERS_DIGEST:
        raise NetUnusable(f"{OTHERS.name} is another file", hint="Install Crowdlens again.")
    # INVARIANT: never unpickles.
    return np.asarray(np.load(io.BytesIO(raw), allow_pickle=False), dtype=np.float64)
