"""Translating the trunk of a TensorFlow.js graph to ONNX, for `build_objects.py`.

Number for number, but for layout: every tensor is kept as (batch, channel, y, x), so transposes
go. Weights are kept as 16-bit floats. Only what the two nets need is translated; anything else
stops the translation.
"""

import base64
import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Node = dict[str, Any]
Arrays = dict[str, NDArray[Any]]
_SIMPLE: Final = {"Add": "Add", "AddV2": "Add", "AddN": "Add", "Mul": "Mul", "BiasAdd": "Add"}


def read_tfjs(archive: Path, folder: str, description: str) -> tuple[list[Node], Arrays]:
    """Return the nodes and the weights of a graph in an npm archive."""
    with tarfile.open(archive) as tar:

        def read(name: str) -> bytes:
            part = tar.extractfile(f"{folder}/{name}")
            return part.read() if part is not None else b""

        told = json.loads(read(description))
        weights: Arrays = {}
        for group in told["weightsManifest"]:
            raw, at = b"".join(read(path) for path in group["paths"]), 0
            for entry in group["weights"]:
                kept = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
                count = int(np.prod(entry["shape"], dtype=np.int64))
                values = np.frombuffer(raw, kept, count, at)
                weights[entry["name"]] = values.reshape(entry["shape"])
                at += count * kept.itemsize
            if at != len(raw):
                raise SystemExit("the weights do not fill their file")
    return told["modelTopology"]["node"], weights


class Writer:
    """Collects the nodes and numbers of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._wide: dict[str, str] = {}

    def emit(self, kind: str, given: list[str], name: str = "", **attributes: Any) -> str:
        """Add a node and return the name of what it makes."""
        name = name or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, given, [name], name, **attributes))
        return name

    def number(self, values: Any, kind: Any = np.float32) -> str:
        """Return the name of a constant."""
        array = np.array(values, dtype=kind)
        told = f"{array.dtype}{array.shape}".encode() + array.tobytes()
        key = hashlib.sha256(told).hexdigest()
        if key not in self.constants:
            name = f"c{len(self.constants)}"
            self.constants[key] = numpy_helper.from_array(array, name)
        return str(self.constants[key].name)

    def half(self, values: NDArray[Any]) -> str:
        """Return the name of a constant that is kept as 16-bit floats."""
        kept = self.number(values, np.float16)
        if kept not in self._wide:
            self._wide[kept] = self.emit("Cast", [kept], to=TensorProto.FLOAT)
        return self._wide[kept]


class Translation:
    """Walks a graph from what is asked for back to its input."""

    def __init__(self, writer: Writer, graph: list[Node], weights: Arrays, start: str) -> None:
        """Let `start` be the name of the graph's input."""
        self._writer = writer
        self._nodes = {node["name"]: node for node in graph}
        self._weights = weights
        self._start = start
        self._made: dict[str, str] = {}

    def of(self, names: list[str], pixels: str) -> list[str]:
        """Return what these nodes make of the tensor `pixels`."""
        self._made = {self._start: pixels}
        return [self._tensor(name) for name in names]

    def _tensor(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = self._make(self._nodes[name])
        return self._made[name]

    def _either(self, name: str) -> str:
        """Return a tensor, or a weight that is added to or multiplied with one."""
        if name not in self._weights:
            return self._tensor(name)
        values = self._weights[name]
        return self._writer.half(values.reshape(() if values.size == 1 else (1, -1, 1, 1)))

    def _make(self, node: Node) -> str:
        kind, given, emit = node["op"], node["input"], self._writer.emit
        if kind == "Transpose":
            return self._tensor(given[0])  # layout only
        if kind in _SIMPLE:
            return emit(_SIMPLE[kind], [self._either(i) for i in given])
        if kind in {"Conv2D", "DepthwiseConv2dNative"}:
            return self._convolution(node)
        if kind == "Relu6":
            low, high = self._writer.number(0.0), self._writer.number(6.0)
            return emit("Clip", [self._tensor(given[0]), low, high])
        if kind == "LeakyRelu":
            alpha = float(node["attr"]["alpha"]["f"])
            return emit("LeakyRelu", [self._tensor(given[0])], alpha=alpha)
        if kind == "FusedBatchNorm":
            scale, *others = (self._writer.number(self._weights[i]) for i in given[1:5])
            epsilon = float(node["attr"]["epsilon"]["f"])
            given = [self._tensor(given[0]), scale, *others]
            return emit("BatchNormalization", given, epsilon=epsilon)
        if kind == "ConcatV2":
            return emit("Concat", [self._tensor(i) for i in given[:-1]], axis=1)
        if kind == "MaxPool":
            inner, by = self._before_padding(given[0])
            return emit(
                "MaxPool", [self._tensor(inner)], kernel_shape=[3, 3], strides=[2, 2], pads=[by] * 4
            )
        if kind == "ResizeBilinear":
            return self._resize(node)
        raise SystemExit(f"no translation of {kind}")

    def _resize(self, node: Node) -> str:
        # NanoDet's pyramid goes up two levels and down two; as scales, at any size of input.
        by = 0.5 if node["name"].split("/")[1] in {"resize_2", "resize_3"} else 2.0
        scales = self._writer.number([1, 1, by, by])
        how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        return self._writer.emit("Resize", [self._tensor(node["input"][0]), "", scales], **how)

    def _convolution(self, node: Node) -> str:
        weight = self._weights[node["input"][1]]
        groups = 1
        if node["op"] == "Conv2D":
            weight = weight.transpose(3, 2, 0, 1)
        else:
            groups = weight.shape[2]
            weight = weight.transpose(2, 3, 0, 1).reshape(groups, 1, *weight.shape[:2])
        how: dict[str, Any] = {"group": groups}
        how["strides"] = [int(node["attr"]["strides"]["list"]["i"][1])] * 2
        inner, by = self._before_padding(node["input"][0])
        if _padding(node) == "SAME":
            how["auto_pad"] = "SAME_UPPER"  # what TensorFlow's is called here
        else:
            how["pads"] = [by] * 4
        given = [self._tensor(inner), self._writer.half(np.ascontiguousarray(weight))]
        return self._writer.emit("Conv", given, **how)

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


def _padding(node: Node) -> str:
    told = node["attr"]["padding"]["s"]
    return (base64.b64decode(told) if isinstance(told, str) else bytes(told)).decode()
