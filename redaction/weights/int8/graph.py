"""Layers as an ONNX graph, in floats or in eight bits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from redaction.weights.int8.layers import CONVOLUTIONS, Layer, Net

_OPSET: Final = 17
BEFORE: Final = ".before"
"""Ends the name of a convolution's numbers before those below nought are made smaller."""


@dataclass(frozen=True)
class Steps:
    """How a tensor is written in eight bits without a sign: (number - nought) * step."""

    step: float
    nought: int


@dataclass(frozen=True)
class Rounded:
    """A convolution's kernel in whole numbers, and its bias in floats."""

    kernel: NDArray[np.int8]
    steps: NDArray[np.float32]
    """For each channel that it gives."""
    bias: NDArray[np.float64]


def float_model(net: Net, also: Iterable[str] = ()) -> Any:
    """Return a model in floats that gives further tensors as well."""
    writer = _Writer(net, {}, {})
    return writer.model([*net.outputs, *also])


def integer_model(net: Net, steps: Mapping[str, Steps], kernels: Mapping[str, Rounded]) -> Any:
    """Return a model that rounds the tensors of `steps` and uses the kernels of `kernels`."""
    return _Writer(net, steps, kernels).model(net.outputs)


class _Writer:
    def __init__(
        self, net: Net, steps: Mapping[str, Steps], kernels: Mapping[str, Rounded]
    ) -> None:
        self._net, self._steps, self._kernels = net, steps, kernels
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._read: dict[str, str] = {}

    def model(self, outputs: Iterable[str]) -> Any:
        for layer in self._net.layers:
            self._write(layer)
        shape: list[int | str] = [1, 3, "y", "x"]
        takes = helper.make_tensor_value_info(self._net.input, TensorProto.FLOAT, shape)
        gives = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, None, None, None])
            for n in dict.fromkeys(outputs)
        ]
        graph = helper.make_graph(
            self._nodes, "net", [takes], gives, list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        model.producer_name = "crowdlens"
        onnx.checker.check_model(model)
        return model

    def _write(self, layer: Layer) -> None:
        given = [self._rounded(name) for name in layer.inputs]
        if layer.kind in CONVOLUTIONS:
            self._convolution(layer, given[0])
        elif layer.kind == "Resize":
            by = self._constant(
                f"by_{layer.scale:g}", np.array([1, 1, layer.scale, layer.scale], np.float32)
            )
            how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
            self._emit("Resize", [given[0], "", by], layer.output, **how)
        elif layer.kind == "MaxPool":
            sides: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
            self._emit("MaxPool", given, layer.output, **sides)
        elif layer.kind == "Concat":
            self._emit("Concat", given, layer.output, axis=1)
        elif layer.kind == "LeakyRelu":
            self._emit("LeakyRelu", given, layer.output, alpha=layer.slope)
        else:
            self._emit(layer.kind, given, layer.output)

    def _convolution(self, layer: Layer, given: str) -> None:
        name = layer.output
        before = name + BEFORE if self._bends(layer) else name
        sides = {"strides": [layer.stride] * 2, "kernel_shape": list(layer.kernel.shape[2:])}
        if layer.kind == "Conv":
            sides |= {"pads": [layer.border] * 4, "group": layer.groups}  # type: ignore[dict-item]
        self._emit(layer.kind, [given, *self._kernel(layer)], before, **sides)
        if before == name:
            return
        if layer.slope == 0:
            self._emit("Relu", [before], name)
        else:
            self._emit("LeakyRelu", [self._rounded(before)], name, alpha=layer.slope)

    def _bends(self, layer: Layer) -> bool:
        # Steps that begin at nought cut off what is below it, which is ReLU.
        cut = layer.output in self._steps and self._steps[layer.output].nought == 0
        return layer.slope != 1 and not (layer.slope == 0 and cut)

    def _kernel(self, layer: Layer) -> list[str]:
        name, rounded = layer.output, self._kernels.get(layer.output)
        given: NDArray[Any] = layer.kernel if rounded is None else rounded.kernel
        if rounded is None:
            return [
                self._constant(name + ".k", given.astype(np.float32)),
                self._constant(name + ".b", layer.bias.astype(np.float32)),
            ]
        # As onnxruntime computes it: the bias counts in products of both steps.
        steps = rounded.steps * np.float32(self._steps[layer.inputs[0]].step)
        bias = np.rint(rounded.bias / steps.astype(np.float64)).astype(np.int32)
        return [
            self._whole(name + ".k", given, rounded.steps),
            self._whole(name + ".b", bias, steps),
        ]

    def _whole(self, name: str, numbers: NDArray[Any], steps: NDArray[np.float32]) -> str:
        nought = np.zeros(len(steps), numbers.dtype)
        given = [
            self._constant(name, numbers),
            self._constant(name + ".step", steps),
            self._constant(name + ".nought", nought),
        ]
        return self._emit("DequantizeLinear", given, name + ".floats", axis=0)

    def _rounded(self, name: str) -> str:
        """Return the name under which a tensor is read, rounded once where it has steps."""
        if name not in self._read:
            self._read[name] = name
            if name in self._steps:
                given = self._step(name, self._steps[name])
                whole = self._emit("QuantizeLinear", [name, *given], name + ".whole")
                self._read[name] = self._emit("DequantizeLinear", [whole, *given], name + ".floats")
        return self._read[name]

    def _step(self, name: str, steps: Steps) -> list[str]:
        return [
            self._constant(name + ".step", np.float32(steps.step)),
            self._constant(name + ".nought", np.uint8(steps.nought)),
        ]

    def _constant(self, name: str, values: Any) -> str:
        self._constants[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def _emit(self, kind: str, given: list[str], name: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, given, [name], name, **attributes))
        return name
