"""The object detector's file, by path and digest; `MODEL_CARD_TAGS.md` describes it."""

from pathlib import Path
from typing import Final

from engine.recognition.nets import Net

OBJECTS: Final = Net(
    Path(__file__).with_name("objects.onnx"),
    "sha256:7aea02d0bf48414117ab9ca04e89a2476c15507aa7a03690fcfdd4afd5dc3672",
)
"""Takes `pixels` (batch, y, x, 3) uint8 RGB, gives `objects` (batch, 80): logits, COCO's order."""
