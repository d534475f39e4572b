"""Nets that the tests make themselves."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.recognition.nets import Net, digest_of


def write_net(path: Path, output: str, numbers: Any, *, like_pixels: int = 0) -> Net:
    """Write a net that gives `numbers`, and the mean of each channel on top of the first ones."""
    given = np.asarray(numbers, dtype=np.float32)[None]
    spread = np.zeros((3, given.shape[1]), dtype=np.float32)
    spread[:, :like_pixels] = np.eye(3, like_pixels)
    nodes = [
        helper.make_node("Cast", ["pixels"], ["x"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["x", "sides"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "spread"], ["part"]),
        helper.make_node("Add", ["part", "numbers"], [output]),
        helper.make_node("Identity", [output], ["classes"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([1, 2]), "sides"),
        numpy_helper.from_array(spread, "spread"),
        numpy_helper.from_array(given, "numbers"),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", "y", "x", 3])
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", given.shape[1]])
        for name in (output, "classes")
    ]
    graph = helper.make_graph(nodes, "small", [pixels], told, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    raw = model.SerializeToString()
    path.write_bytes(raw)
    return Net(path, digest_of(raw))


@pytest.fixture
def small_net(tmp_path):
    def make(output: str, numbers: Any, *, like_pixels: int = 0, name: str = "small.onnx") -> Net:
        return write_net(tmp_path / name, output, numbers, like_pixels=like_pixels)

    return make
