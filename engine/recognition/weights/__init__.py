"""Network weights that recognition ships with, as ONNX files; `LICENCES.md` says whose they are.

They are made from other packages by the `build_*` scripts beside them, which are not run when
Crowdlens is installed.
"""

from pathlib import Path
from typing import Final

from engine.recognition.nets import Net

FOLDER: Final = Path(__file__).parent
"""Where the files are."""
LITE0: Final = Net(
    FOLDER / "lite0.onnx",
    "sha256:b6cce024ab2069e651d1525d72310dc82e2068db7646fbd544317bbbefca7890",
)
