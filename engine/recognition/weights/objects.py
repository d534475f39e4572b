"""The object detector's file, by path and digest; `MODEL_CARD_TAGS.md` describes it."""

from pathlib import Path
from typing import Final

from engine.recognition.nets import Net

OBJECTS: Final = Net(
    Path(__file__).with_name("objects.onnx"),
    "sha256:2b12fe832373b04ccc83e8f2103b53661bd17dfc7346edf03cbe27222283ca56",
)
"""Takes `pixels` (batch, y, x, 3) uint8 RGB, gives `objects` (batch, 80): logits, COCO's order."""
