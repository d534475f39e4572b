"""The region recogniser's files, by path and digest; `MODEL_CARD_REGIONS.md` describes them."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.recognition.errors import NetUnusable
from engine.recognition.nets import Net, digest_of

_FOLDER: Final = Path(__file__).parent

EMBEDDER: Final = Net(
    _FOLDER / "region_embedder.onnx",
    "sha256:a0295e932b6898a4d51e91e0b3b54eb385af7745ff345c9f80f33aa920168c62",
)
"""Takes `pixels` (n, 96, 96, 3) uint8 RGB and gives `embedding` (n, 128)."""
WINDOWS: Final = _FOLDER / "region_windows.npy"
"""Two small layers that say how much a window looks as if it held a mark."""
WINDOWS_DIGEST: Final = "sha256:e80e4219999f8b43248367d9d809b101d3368eb5b814975f67d7b837017d8986"
BANK: Final = _FOLDER / "region_bank.npy"
"""Embeddings of windows that hold none of a catalogue's marks: of grounds and of other drawings."""
BANK_DIGEST: Final = "sha256:14e1fdb351140aeb0c1b592ecf616d9d412ccc0501076a82b163414f950939da"
WHITENING: Final = _FOLDER / "region_whitening.npy"
"""The mean of the bank and a matrix: see `regions/whitened.py`."""
WHITENING_DIGEST: Final = "sha256:726460496b97f90dc92d054b5e8434f142a77e4dfec51071fc1ebe147c8e6072"


def read_array(file: Path, digest: str) -> NDArray[np.float32]:
    """Return the array in a file; raises `NetUnusable` where it is not the one that was named."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise NetUnusable(f"{file.name} can't be read", hint="Install Crowdlens again.") from error
    if digest_of(raw) != digest:
        raise NetUnusable(f"{file.name} is another file", hint="Install Crowdlens again.")
    # INVARIANT: never unpickles.
    return np.asarray(np.load(io.BytesIO(raw), allow_pickle=False), dtype=np.float32)
