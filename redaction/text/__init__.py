"""Where text is and what it says, by PP-OCRv6 small, whose nets ship in RapidOCR's wheel.

Promises one `Line` for every region in which the detector saw text, readable or not, but for
phantoms: see `finding.PHANTOM_HEIGHT`. The text read stays inside redaction: it is compared with
the catalogue and forgotten.
"""

import numpy as np

from redaction.text import detector, reader
from redaction.text.again import Known, find_remnants, legible_remains
from redaction.text.finding import find_lines
from redaction.text.line import Line
from redaction.text.plates import plate_like

__all__ = ["Known", "Line", "find_lines", "find_remnants", "legible_remains", "load", "plate_like"]


def load() -> None:
    """Load the nets and use each once, so that a broken one is found before the first photo.

    Raises `ModelUnusable`.
    """
    blank = np.full((64, 64, 3), 255, dtype=np.uint8)
    detector.text_map(blank, 1.0)
    reader.read(blank, np.array([[0.0, 0], [64, 0], [64, 32], [0, 32]]))
