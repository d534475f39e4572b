"""How the object detector's numbers are weighed: fitted, not chosen (MODEL_CARD_TAGS.md)."""

from typing import Final

RULE: Final = (0.166, 0.770, 1.018, 1.762)
"""Weights of the highest lead in SSDLite at 300 x 300, in SSDLite at the photo's own shape and in
NanoDet-g; then what is added."""
