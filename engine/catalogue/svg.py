"""Drawing an SVG: what it shows, cut to its edges, as colours and opacity.

The renderer is resvg (static SVG 1.1 and parts of 2: no scripts, no network). What it would open,
or leave out without a word, is refused before (`engine.catalogue.svg_rules`). It also trusts
sizes, so this runs in a confined process only (`engine.catalogue.child`).
"""

from io import BytesIO
from typing import Final

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import PngImagePlugin

from engine.catalogue.flaws import DRAWN, Flaw, Unusable
from engine.catalogue.svg_rules import check_svg

_MOST_ZOOM: Final = 8
_SEEN: Final = 8
"""Least opacity (of 255) that counts as drawn."""


def draw_svg(raw: bytes) -> NDArray[np.uint8]:
    """Return (h, w, 4) RGBA of what is drawn, its longer side about `DRAWN`; raises `Unusable`."""
    check_svg(raw)
    text = _text(raw)
    whole = _render(text, DRAWN)
    left, top, right, bottom = _edges(whole)
    zoom = min(DRAWN / max(right - left, bottom - top), _MOST_ZOOM)
    if zoom > 1:
        whole = _render(text, round(DRAWN * zoom))
        left, top, right, bottom = _edges(whole)
    return np.ascontiguousarray(whole[top:bottom, left:right])


def _text(raw: bytes) -> str:
    try:
        # Not the codec `utf-8-sig`, which a confined process can't load any more.
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable(Flaw.DAMAGED) from None


def _render(text: str, longest: int) -> NDArray[np.uint8]:
    # The frame that both sides give keeps the drawing's own proportions.
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=text, width=longest, height=longest, skip_system_fonts=True
        )
    except ValueError:
        raise Unusable(Flaw.DAMAGED) from None
    return np.asarray(PngImagePlugin.PngImageFile(BytesIO(png)).convert("RGBA"))


def _edges(rgba: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is drawn; raises `Unusable` for nothing."""
    seen = rgba[..., 3] >= _SEEN
    if not seen.any():
        raise Unusable(Flaw.TRANSPARENT)
    (rows,), (columns,) = np.nonzero(seen.any(1)), np.nonzero(seen.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
