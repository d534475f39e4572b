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
from redaction.weights import CENTERFACE, CENTERFACE_INT8, PERSON, PERSON_INT8
from redaction.weights.build_int8 import integers
from redaction.weights.int8.graph import float_model
from redaction.weights.int8.layers import merged, pooled_first, read
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


def test_merging_and_scaling_change_nothing(file) -> None:
    photo = photos(1)[0]
    expected = answer(float_model(read(file)), photo)
    net = pooled_first(merged(read(file)))
    assert len(net.layers) < len(read(file).layers) + 1
    other, scales = equalised(net, Measured(net, photos(4)))
    assert scales
    largest = np.abs(expected).max()
    assert np.abs(answer(float_model(net), photo) - expected).max() < 1e-5 * largest
    assert np.abs(answer(float_model(other), photo) - expected).max() < 1e-5 * largest


def test_eight_bits_answer_nearly_the_same(file) -> None:
    photo = photos(9)[-1]
    expected = answer(float_model(read(file)), photo)
    whole = integers(merged(read(file)), iter(photos(8)), photo=True)
    four = np.concatenate([photo, 0 * photo[:, :1]], axis=1).transpose(0, 2, 3, 1)
    found = answer(whole, four.astype(np.uint8))
    apart = (found - expected).std() / expected.std()
    assert 0 < apart < 0.05
    # Once more: the same file, to the byte.
    again = integers(merged(read(file)), iter(photos(8)), photo=True)
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


@pytest.mark.parametrize("shipped", [CENTERFACE_INT8, PERSON_INT8], ids=lambda f: f.stem)
def test_no_processor_cuts_a_sum_off(shipped) -> None:
    graph = onnx.load(str(shipped)).graph
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


@pytest.mark.models
def test_faces_are_scored_as_in_floats(astronaut) -> None:
    from redaction.faces.centerface import _given

    heats = []
    for file in (CENTERFACE, CENTERFACE_INT8):
        net = load_net(file)
        kind = net.get_inputs()[0].type
        heat, sizes, *_ = net.run(None, {"input.1": _given(np.asarray(astronaut), kind)})
        best = heat[0, 0].argmax()
        heats.append((heat[0, 0], best, sizes[0].reshape(2, -1)[:, best]))
    (exact, place, size), (rough, other, about) = heats
    assert place == other
    assert np.abs(size - about).max() < 0.1
    assert np.abs(rough - exact)[exact > 0.05].max() < 0.1


def test_a_gpu_gets_floats_and_the_log_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, expected in (
        (["CPUExecutionProvider"], [CENTERFACE_INT8, PERSON_INT8]),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], [CENTERFACE, PERSON]),
    ):
        monkeypatch.setattr(precision, "providers", lambda there=there: there)
        chosen = precision.centerface.__wrapped__(), precision.person.__wrapped__()
        assert list(chosen) == expected
    monkeypatch.setattr(precision, "centerface", lambda: CENTERFACE)
    assert CENTERFACE.name in [m.name for m in models.__wrapped__()]


def test_the_shipped_nets_are_small_and_the_ones_that_were_measured() -> None:
    measured = {
        CENTERFACE_INT8: "55e0be133c5b544649a3b941e4e80be8ad1e88be87b1e89bb882973e5f96f687",
        PERSON_INT8: "698a9c50be347c8d5225fc9ce963399c4cea61e196191c38826714c615eb5798",
    }
    for net, digest in measured.items():
        assert hashlib.sha256(net.read_bytes()).hexdigest() == digest
    assert CENTERFACE_INT8.stat().st_size < CENTERFACE.stat().st_size / 3
    assert PERSON_INT8.stat().st_size < PERSON.stat().st_size


def test_a_layer_that_is_not_known_is_refused(tmp_path) -> None:
    node = helper.make_node("Softmax", ["photo"], ["answer"])
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in ("photo", "answer")]
    model = helper.make_model(helper.make_graph([node], "n", ports[:1], ports[1:], []))
    path = tmp_path / "n.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match="Softmax"):
        read(path)
