"""Nets in eight bits: what may be changed changes nothing, and rounding changes little."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from redaction import people, precision
from redaction.models import models
from redaction.nets import load_net
from redaction.weights import PERSON, PERSON_INT8
from redaction.weights.build_int8 import integers
from redaction.weights.int8.graph import float_model
from redaction.weights.int8.layers import pooled_first, read
from redaction.weights.int8.measuring import Measured
from redaction.weights.int8.rounding import LARGEST, equalised, rounded

SIDE = 32


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small net with each kind of layer that the shipped ones have."""
    draw = np.random.default_rng(3)
    nodes: list[Any] = []
    weights: list[Any] = []

    def conv(given: str, name: str, shape: tuple[int, ...], **sides: int) -> str:
        # Channels of very different size, as in nets that were trained.
        kernel = draw.normal(size=shape) * np.exp(draw.normal(size=(shape[0], 1, 1, 1)))
        for end, values in (("k", kernel), ("b", draw.normal(size=shape[0]))):
            weights.append(numpy_helper.from_array(values.astype(np.float32), f"{name}.{end}"))
        by = sides.get("stride", 1)
        nodes.append(
            helper.make_node(
                "Conv",
                [given, f"{name}.k", f"{name}.b"],
                [name],
                kernel_shape=shape[2:],
                strides=[by, by],
                pads=[shape[2] // 2] * 4,
                group=sides.get("group", 1),
            )
        )
        return name

    def add(kind: str, given: list[str], name: str, **how: Any) -> str:
        nodes.append(helper.make_node(kind, given, [name], **how))
        return name

    wide = add("Relu", [conv("photo", "c1", (8, 3, 3, 3), stride=2)], "r1")
    sides = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
    pooled = add("MaxPool", [wide], "p1", **sides)
    own = add("Relu", [conv(pooled, "c2", (8, 1, 3, 3), group=8)], "r2")
    small = conv(own, "c3", (4, 8, 1, 1))
    large = add("Relu", [conv(small, "c4", (12, 4, 1, 1))], "r4")
    back = conv(large, "c5", (6, 12, 1, 1))
    more = conv(back, "c6", (6, 6, 3, 3))
    total = add("Add", [back, more], "sum")
    leaky = add("LeakyRelu", [conv(total, "c7", (6, 6, 3, 3))], "l7", alpha=0.1)
    both = add("Concat", [leaky, total], "both", axis=1)
    conv(both, "answer", (2, 12, 1, 1))
    shape = [1, 3, "y", "x"]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 2, None, None])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path_factory.mktemp("net") / "small.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def photos(count: int) -> list[NDArray[np.float32]]:
    draw = np.random.default_rng(5)
    return [draw.integers(0, 256, (1, 3, SIDE, SIDE)).astype(np.float32) for _ in range(count)]


def answer(model: Any, given: NDArray[Any], name: str = "photo") -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found: NDArray[np.float32] = session.run(None, {name: given})[0]
    return found


def test_another_order_and_scaling_change_nothing(file) -> None:
    photo = photos(1)[0]
    expected = answer(float_model(read(file)), photo)
    net = pooled_first(read(file))
    other, scales = equalised(net, Measured(net, photos(4)))
    assert scales
    largest = np.abs(expected).max()
    assert np.abs(answer(float_model(net), photo) - expected).max() < 1e-5 * largest
    assert np.abs(answer(float_model(other), photo) - expected).max() < 1e-5 * largest


def test_eight_bits_answer_nearly_the_same(file) -> None:
    photo = photos(9)[-1]
    expected = answer(float_model(read(file)), photo)
    whole = integers(read(file), iter(photos(8)))
    found = answer(whole, photo)
    apart = (found - expected).std() / expected.std()
    assert 0 < apart < 0.05
    # Once more: the same file, to the byte.
    again = integers(read(file), iter(photos(8)))
    assert again.SerializeToString(deterministic=True) == whole.SerializeToString(
        deterministic=True
    )


def test_what_is_known_of_photos_makes_rounding_lose_less() -> None:
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(5, 20))
    values = draw.normal(size=(4000, 6)) @ draw.normal(size=(6, 20))
    spread = np.cov(values.T)
    lost = []
    for known in (None, spread):
        whole, step = rounded(rows, known, 7)
        assert np.abs(whole).max() <= 7
        assert np.array_equal(whole, np.rint(whole))
        lost.append((values @ (rows - whole * step[:, None]).T).std())
    assert lost[1] < 0.5 * lost[0]


def test_no_processor_cuts_a_sum_off() -> None:
    graph = onnx.load(str(PERSON_INT8)).graph
    kernels = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    read_from = {node.output[0]: node.input[0] for node in graph.node}
    seen = 0
    for node in graph.node:
        kernel = kernels.get(read_from.get(node.input[1], "")) if node.op_type == "Conv" else None
        groups = next((a.i for a in node.attribute if a.name == "group"), 1)
        if kernel is None or groups > 1:
            continue
        seen += 1
        assert kernel.dtype == np.int8
        assert np.abs(kernel.astype(int)).max() <= LARGEST
    assert seen > 20
    assert 2 * 255 * LARGEST < 2**15


@pytest.mark.models
def test_people_are_scored_as_in_floats(astronaut) -> None:
    given = people.normalised(people.resized(np.asarray(astronaut), 416))
    for exact, rough in zip(
        load_net(PERSON).run(None, {"pixels": given}),
        load_net(PERSON_INT8).run(None, {"pixels": given}),
        strict=True,
    ):
        there = exact[0, 0] > -2  # logits of people
        assert not there.any() or np.abs((rough - exact)[0, 0][there]).mean() < 0.3


def test_a_gpu_gets_floats_and_the_log_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, expected in (
        (["CPUExecutionProvider"], PERSON_INT8),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], PERSON),
    ):
        monkeypatch.setattr(precision, "providers", lambda there=there: there)
        assert precision.person.__wrapped__() == expected
    monkeypatch.setattr(precision, "person", lambda: PERSON)
    assert PERSON.name in [m.name for m in models.__wrapped__()]


def test_the_shipped_net_is_small_and_the_one_that_was_measured() -> None:
    measured = "698a9c50be347c8d5225fc9ce963399c4cea61e196191c38826714c615eb5798"
    assert hashlib.sha256(PERSON_INT8.read_bytes()).hexdigest() == measured
    assert PERSON_INT8.stat().st_size < PERSON.stat().st_size


def test_a_layer_that_is_not_known_is_refused(tmp_path) -> None:
    node = helper.make_node("Softmax", ["photo"], ["answer"])
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in ("photo", "answer")]
    model = helper.make_model(helper.make_graph([node], "n", ports[:1], ports[1:], []))
    path = tmp_path / "n.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="Softmax"):
        read(path)
