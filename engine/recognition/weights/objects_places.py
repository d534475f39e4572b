"""What the heads of a detector say, place by place, as parts of the graph of `build_objects.py`.

A place that redaction veiled is left out: it shows nothing, and a grey rectangle looks like a
laptop.
"""

from typing import Final

import numpy as np
from onnx import TensorProto, helper

from engine.recognition.weights.objects_tfjs import Writer

LEAST: Final = -9.0
"""Lead of every class where all is veiled."""
VEIL: Final = 128.0
"""What redaction leaves of what it veils, in each channel."""


def veil_of(writer: Writer, photo: str) -> str:
    """Return (batch, 1, y, x), 1 where redaction veiled the photo."""
    off = writer.emit("Abs", [writer.emit("Sub", [photo, writer.number(VEIL)])])
    off = writer.emit("ReduceMax", [off, writer.number([1], np.int64)], keepdims=1)
    return writer.emit(
        "Cast", [writer.emit("Equal", [off, writer.number(0.0)])], to=TensorProto.FLOAT
    )


class Places:
    """A head, (batch, anchors x classes, y, x), place by place."""

    def __init__(self, writer: Writer, head: str, classes: int, veil: str) -> None:
        last = writer.emit("Transpose", [head], perm=[0, 2, 3, 1])
        shape = writer.number([0, -1, classes], np.int64)
        self.rows = writer.emit("Reshape", [last, shape])
        """(batch, places, classes)"""
        grid = writer.emit("Slice", [writer.emit("Shape", [head]), *from_to(writer, 2, 4)])
        whole = writer.emit("Slice", [writer.emit("Shape", [veil]), *from_to(writer, 0, 2)])
        size = writer.emit("Concat", [whole, grid], axis=0)
        # Averages: the share of each cell that is veiled.
        share = writer.emit("Resize", [veil, "", "", size], mode="linear", antialias=1)
        share = writer.emit("Transpose", [share], perm=[0, 2, 3, 1])
        flat = writer.emit("Reshape", [share, writer.number([0, -1, 1], np.int64)])
        hidden = writer.emit("Greater", [flat, writer.number(0.5)])
        self.blind = self._for_each_anchor(writer, hidden)
        """(batch, places, 1), whether more than half of the place is veiled."""

    def _for_each_anchor(self, writer: Writer, hidden: str) -> str:
        """Repeat each cell as often as it has anchors, as the rows are laid out."""
        count = [writer.emit("Shape", [part]) for part in (self.rows, hidden)]
        rows, cells = (writer.emit("Slice", [c, *from_to(writer, 1, 2)]) for c in count)
        anchors = writer.emit("Div", [rows, cells])
        one = writer.number([1], np.int64)
        each = writer.emit("Concat", [one, one, anchors], axis=0)
        wide = writer.emit("Expand", [hidden, each])
        return writer.emit("Reshape", [wide, writer.number([0, -1, 1], np.int64)])


def from_to(writer: Writer, begin: int, end: int) -> list[str]:
    """Return the bounds of a slice."""
    return [writer.number([n], np.int64) for n in (begin, end)]


def lead(writer: Writer, places: str, blind: str) -> str:
    """Return the highest logit by which each class leads anywhere, (batch, 80)."""
    writer.nodes.append(
        helper.make_node(
            "TopK", [places, writer.number([2], np.int64)], [f"{places}v", f"{places}i"]
        )
    )
    split = [f"{places}best", f"{places}second"]
    writer.nodes.append(helper.make_node("Split", [f"{places}v"], split, axis=2, num_outputs=2))
    is_best = writer.emit("GreaterOrEqual", [places, split[0]])
    rival = writer.emit("Where", [is_best, split[1], split[0]])
    ahead = writer.emit("Min", [places, writer.emit("Sub", [places, rival])])
    ahead = writer.emit("Where", [blind, writer.number(LEAST), ahead])
    return writer.emit("ReduceMax", [ahead, writer.number([1], np.int64)], keepdims=0)
