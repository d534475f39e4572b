"""Network weights that ship with Crowdlens, as ONNX files; `LICENCES.md` says whose they are.

They are made from other packages by the `build_*` scripts beside them, which are not run when
Crowdlens is installed: those packages would bring a second OpenCV, or a framework, along.
"""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
"""Where the files are."""
CENTERFACE: Final = FOLDER / "centerface.onnx"
MTCNN: Final = tuple(FOLDER / f"mtcnn_{net}.onnx" for net in ("pnet", "rnet", "onet"))
PERSON: Final = FOLDER / "person.onnx"
PERSON_INT8: Final = FOLDER / "person_int8.onnx"
