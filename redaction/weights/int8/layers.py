"""A net as a list of layers, in doubles, with what can be folded together folded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Floats = NDArray[np.float64]
CONVOLUTIONS: Final = frozenset({"Conv", "ConvTranspose"})
_NONE: Final = np.empty(0)


@dataclass
class Layer:
    """One operation, as ONNX names it."""

    kind: str
    inputs: list[str]
    output: str
    kernel: Floats = field(default_factory=lambda: _NONE)
    """Of a convolution, as ONNX has it: (out, in, y, x), transposed (in, out, y, x)."""
    bias: Floats = field(default_factory=lambda: _NONE)
    stride: int = 1
    border: int = 0
    groups: int = 1
    slope: float = 1.0
    """What numbers below nought are multiplied by afterwards: 0 is ReLU, 1 is nothing."""
    scale: float = 1.0
    """Of a `Resize`."""


@dataclass
class Net:
    """Layers in order."""

    layers: list[Layer]
    input: str
    outputs: list[str]

    def maker(self, name: str) -> Layer | None:
        """Return the layer that makes a tensor; None for the input."""
        return next((layer for layer in self.layers if layer.output == name), None)

    def users(self, name: str) -> list[Layer]:
        """Return the layers that take a tensor."""
        return [layer for layer in self.layers if name in layer.inputs]


def read(file: Path) -> Net:
    """Return the net in an ONNX file; raises `ValueError` for a layer that is not known here."""
    graph = onnx.load(str(file)).graph
    known = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in graph.initializer}
    layers: dict[str, Layer] = {}
    for node in graph.node:
        given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        first, output = node.input[0], node.output[0]
        before = layers.get(first)
        if node.op_type == "Cast" and first in known:
            known[output] = known[first]
        elif node.op_type in CONVOLUTIONS:
            layers[output] = _convolution(node, given, known)
        elif before is not None and node.op_type in {"BatchNormalization", "Identity"}:
            if node.op_type == "BatchNormalization":
                _fold(before, [known[name] for name in node.input[1:5]], given)
            layers[output] = replace(layers.pop(first), output=output)
        elif before is not None and node.op_type in {"Relu", "LeakyRelu"}:
            slope = float(given["alpha"]) if node.op_type == "LeakyRelu" else 0.0
            layers[output] = replace(layers.pop(first), output=output, slope=slope)
        elif node.op_type == "Resize":
            scale = float(known[node.input[2]][2])
            layers[output] = Layer("Resize", [first], output, scale=scale)
        elif node.op_type in {"Add", "Concat", "MaxPool", "Sigmoid"}:
            layers[output] = Layer(node.op_type, list(node.input), output)
        else:
            raise ValueError(f"no translation of {node.op_type}")
    inputs = [value.name for value in graph.input if value.name not in known]
    return Net(list(layers.values()), inputs[0], [value.name for value in graph.output])


def pooled_first(net: Net) -> Net:
    """Return the same net where a maximum is taken before numbers below nought are made smaller.

    onnxruntime would else take it in eight bits, for which it has only a slow way.
    """
    layers: list[Layer] = []
    for layer in net.layers:
        before = next((made for made in layers if made.output in layer.inputs), None)
        if layer.kind != "MaxPool" or before is None or len(net.users(before.output)) != 1:
            layers.append(layer)
            continue
        raw = layer.output + ".raw"
        layers.append(replace(layer, output=raw))
        layers.append(Layer("LeakyRelu", [raw], layer.output, slope=before.slope))
        before.slope = 1.0
    return Net(layers, net.input, net.outputs)


def _convolution(node: Any, given: dict[str, Any], known: dict[str, Floats]) -> Layer:
    kernel = known[node.input[1]]
    width = kernel.shape[0 if node.op_type == "Conv" else 1]
    return Layer(
        node.op_type,
        [node.input[0]],
        node.output[0],
        kernel,
        known[node.input[2]] if len(node.input) > 2 else np.zeros(width),
        given["strides"][0],
        given.get("pads", [0])[0],
        given.get("group", 1),
    )


def _fold(layer: Layer, numbers: Sequence[Floats], given: dict[str, Any]) -> None:
    gain, shift, mean, variance = numbers
    by = gain / np.sqrt(variance + given.get("epsilon", 1e-5))
    layer.kernel = layer.kernel * along_output(layer, by)
    layer.bias = (layer.bias - mean) * by + shift


def along_output(layer: Layer, by: Floats) -> Floats:
    """Return one number for each channel that a convolution gives, shaped like its kernel."""
    return by[:, None, None, None] if layer.kind == "Conv" else by[None, :, None, None]


def along_input(layer: Layer, by: Floats) -> Floats:
    """Return one number for each channel that a convolution takes, shaped like its kernel."""
    own = layer.kind == "ConvTranspose" or layer.groups > 1
    return by[:, None, None, None] if own else by[None, :, None, None]
