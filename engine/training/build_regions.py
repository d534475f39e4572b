"""Make the region recogniser's files: train its two nets on drawings pasted over pictures.

    npm pack simple-icons@16.37.0 @iconify-json/logos@1.2.19
    OMP_NUM_THREADS=1 python -m engine.training.build_regions simple-icons-16.37.0.tgz \
        iconify-json-logos-1.2.19.tgz PHOTOS

PHOTOS is a folder of the 128 photos of coco128 (COCO train2017). Needs the `dev` extra, about 15
minutes of one core and 6 GB of disk for a while. Not run at install. `MODEL_CARD_REGIONS.md` says
what comes out. Digests that it prints go into `regions.py`.
"""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import nn
from torch.nn import functional as f

from engine.recognition.backbone import Backbone
from engine.recognition.regions.pictures import NUMBERS, SIDE, cut
from engine.recognition.regions.windows import HIDDEN, LONGEST, lattices, overlap
from engine.recognition.weights import LITE0
from engine.recognition.weights.regions import BANK, EMBEDDER, WINDOWS
from engine.training import mark_synthesis as synthesis

SOURCES: Final = (
    "cd9faf0e6faa8a8fdd15e9632ab4c86fcae4b986fe552b87673149847f2f671d",
    "1e8907c088bbf02eab8ee1b28f37e68ef22c380f2fb579ff99736b8ce5abf13a",
)
"""SHA-256 of the two npm archives."""
SCENES: Final = 2000
"""Pictures of 512 x 384 with some nine marks each, for the scores of windows."""
INSTANCES: Final = 80_000
"""Pictures of one mark each, for the embedding."""
TRAINED_ON: Final = 4600
"""Drawings, by chance, that the embedding is trained to tell apart; the rest are held back."""
PATCHES: Final = 1200
"""Parts of photos that are told apart beside them."""
EPOCHS: Final = 2
BATCH: Final = 128
RATE: Final = 2e-3
MARGIN: Final = 0.2
SHARPNESS: Final = 20.0
"""CosFace (Wang et al. 2018): the right class's cosine must win by the margin."""
BLOCKS: Final = tuple(range(5, 11))
"""Blocks of EfficientNet-Lite0 that are trained on; those before stay as they are."""
BANKED: Final = 4000

Floats = NDArray[np.float32]


def main() -> None:
    """Train on what the command line names, and write the three files."""
    icons, logos, photos = (Path(argument) for argument in sys.argv[1:4])
    for file, digest in zip((icons, logos), SOURCES, strict=True):
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{file.name} is another archive than the one that was checked")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    chance = np.random.default_rng(5)
    every = synthesis.drawings(icons, logos)
    every = [drawing for drawing in every if not synthesis.is_held_out(drawing)]
    marks = [every[at] for at in chance.permutation(len(every))[:TRAINED_ON]]
    grounds = synthesis.pictures(photos)
    _train_windows(marks, grounds)
    marks += synthesis.patches(grounds, PATCHES, chance)
    with tempfile.TemporaryDirectory() as folder:
        pictures, classes = _instances(marks, grounds, Path(folder))
        net = _train_embedder(pictures, classes, len(marks), Path(folder))
        _write_embedder(net)
        _write_bank(pictures[:BANKED], grounds)
    for written in (EMBEDDER.file, WINDOWS, BANK):
        digest = hashlib.sha256(written.read_bytes()).hexdigest()
        sys.stdout.write(f"{written.name} sha256:{digest}\n")


def _train_windows(marks: list[synthesis.Drawing], grounds: list[synthesis.Pixels]) -> None:
    """Fit two layers that tell windows with a mark from windows without."""
    backbone = Backbone()
    found: list[Floats] = []
    truths: list[Floats] = []
    for number in range(SCENES):
        chance = np.random.default_rng([7, number])
        scene, boxes = _scene(chance, marks, grounds)
        parts = list(lattices(backbone.maps(scene, LONGEST)))
        lattice = np.concatenate([part[0] for part in parts])
        features = np.concatenate([part[1] for part in parts])
        hit = overlap(lattice, boxes).max(1) if len(boxes) else np.zeros(len(lattice))
        for chosen, truth, count in ((hit > 0.6, 1, 20), (hit < 0.05, 0, 8), (hit < 0.3, 0, 12)):
            at = np.flatnonzero(chosen)
            at = chance.permutation(at)[:count]
            found.append(features[at].astype(np.float16))
            truths.append(np.full(len(at), truth, np.float32))
    x, y = np.concatenate(found).astype(np.float32), np.concatenate(truths)
    mean, spread = x.mean(0), x.std(0) + 1e-3
    given = torch.from_numpy(np.clip((x - mean) / spread, -6, 6))
    wanted = torch.from_numpy(y)
    net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
    size, rounds = 512, 5
    steps = rounds * (len(x) // size)
    optimiser = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps)
    for at in _batches(len(x), size, rounds):
        answer = net(f.dropout(given[at], 0.1))[:, 0]
        f.binary_cross_entropy_with_logits(answer, wanted[at]).backward()
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
    first, second = net[0].weight.detach().numpy() / spread, net[2].weight.detach().numpy()
    bias = net[0].bias.detach().numpy() - first @ mean
    last = np.full((1, HIDDEN), net[2].bias.item())
    table = np.concatenate([first.T, bias[None], second, last]).astype(np.float32)
    np.save(WINDOWS, table, allow_pickle=False)


def _scene(
    chance: synthesis.Random, marks: list[synthesis.Drawing], grounds: list[synthesis.Pixels]
) -> tuple[synthesis.Pixels, Floats]:
    tall, wide = 384, LONGEST
    canvas = synthesis.ground(chance, grounds, tall, wide)
    taken: list[tuple[float, float, float]] = []
    boxes = []
    for _ in range(100):
        size = np.exp(chance.uniform(np.log(30), np.log(230)))
        x = chance.uniform(size * 0.45, wide - size * 0.45)
        y = chance.uniform(size * 0.45, tall - size * 0.45)
        if any(max(abs(x - u), abs(y - v)) < (size + w) * 0.62 for u, v, w in taken):
            continue
        taken.append((x, y, size))
        sheet, *margin = synthesis.printed(marks[chance.integers(len(marks))], chance)
        box = synthesis.paste(chance, canvas, sheet, (margin[0], margin[1]), size, (x, y))
        boxes += [box] if box is not None else []
        if len(boxes) == 9:
            break
    return synthesis.worn(chance, canvas), np.array(boxes, np.float32).reshape(-1, 4)


def _instances(
    marks: list[synthesis.Drawing], grounds: list[synthesis.Pixels], folder: Path
) -> tuple[Any, NDArray[np.int64]]:
    """Pictures of single marks, as windows would show them, and which mark each shows."""
    shape = (INSTANCES, SIDE, SIDE, 3)
    pictures = np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, shape)
    order = np.random.default_rng(6)
    classes = np.concatenate(
        [order.permutation(len(marks)) for _ in range(INSTANCES // len(marks) + 1)]
    )[:INSTANCES]
    for number, which in enumerate(classes):
        chance = np.random.default_rng([21, number])
        box = None
        while box is None:
            canvas = synthesis.ground(chance, grounds, 192, 192)
            sheet, *margin = synthesis.printed(marks[which], chance)
            size, at = np.exp(chance.uniform(np.log(28), np.log(130))), 96 + chance.normal(0, 6, 2)
            box = synthesis.paste(chance, canvas, sheet, (margin[0], margin[1]), size, at)
        canvas = synthesis.worn(chance, canvas)
        sides = box[2:] - box[:2]
        half = sides * np.exp(chance.normal(0, 0.13, 2)) / 2
        centre = (box[:2] + box[2:]) / 2 + chance.normal(0, 0.07, 2) * sides
        window = np.concatenate([centre - half, centre + half]).astype(np.float32)
        pictures[number] = cut(canvas, window)
    return pictures, classes


class _Convolution(nn.Module):
    def __init__(self, name: str, stride: int = 1, *, deep: bool = False, relu: bool = True):
        super().__init__()
        self.name, self.stride, self.deep, self.relu = name, stride, deep, relu
        self.weight = nn.Parameter(torch.from_numpy(_lite0()[f"{name}.weight"].copy()))
        self.bias = nn.Parameter(torch.from_numpy(_lite0()[f"{name}.bias"].copy()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel = self.weight.shape[2]
        before, after = (kernel - self.stride) // 2, (kernel - self.stride + 1) // 2
        if before != after:
            x, before = f.pad(x, (before, after, before, after)), 0
        groups = self.weight.shape[0] if self.deep else 1
        x = f.conv2d(x, self.weight, self.bias, self.stride, before, 1, groups)
        return f.hardtanh(x, 0, 6) if self.relu else x


class _Block(nn.Module):
    def __init__(self, number: int):
        super().__init__()
        name, stride = f"_blocks.{number}", 2 if number == BLOCKS[0] else 1
        self.layers = nn.Sequential(
            _Convolution(f"{name}._expand_conv"),
            _Convolution(f"{name}._depthwise_conv", stride, deep=True),
            _Convolution(f"{name}._project_conv", relu=False),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.layers(x)
        return x + y if x.shape == y.shape else y


class _Embedder(nn.Module):
    """From the map of stride 8 (40, 12, 12) to numbers of length 1."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*[_Block(number) for number in BLOCKS])
        self.narrow = nn.Conv2d(112, 48, 1)
        self.out = nn.Linear(48 * (SIDE // 16) ** 2 + 112, NUMBERS)
        self.norm = nn.BatchNorm1d(NUMBERS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.blocks(x)
        parts = torch.cat([f.relu(self.narrow(x)).flatten(1), x.mean((2, 3))], 1)
        numbers = self.norm(self.out(f.dropout(parts, 0.15, self.training)))
        return f.normalize(numbers, dim=1)


def _train_embedder(
    pictures: Any, classes: NDArray[np.int64], count: int, folder: Path
) -> _Embedder:
    early = _session(_cut_off("stride8"))
    shape = (len(pictures), 40, SIDE // 8, SIDE // 8)
    maps = np.lib.format.open_memmap(folder / "maps.npy", "w+", np.float16, shape)
    for at in range(0, len(pictures), 64):
        batch = np.ascontiguousarray(pictures[at : at + 64])
        maps[at : at + 64] = early.run(None, {"pixels": batch})[0]
    given, wanted = torch.from_numpy(maps), torch.from_numpy(classes)
    net = _Embedder().to(memory_format=torch.channels_last)
    proxies = nn.Parameter(torch.randn(count, NUMBERS) * 0.1)
    kept = list(net.blocks.parameters())
    new = [p for part in (net.narrow, net.out, net.norm) for p in part.parameters()]
    groups = [{"params": kept}, {"params": new}, {"params": [proxies], "weight_decay": 0.0}]
    epoch = len(pictures) // BATCH
    optimiser = torch.optim.AdamW(groups, RATE, weight_decay=0.02)
    rates = [RATE * 0.4, RATE, RATE * 2]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, EPOCHS * epoch, pct_start=0.1)
    for step, at in enumerate(_batches(len(pictures), BATCH, EPOCHS)):
        x = given[at].float().to(memory_format=torch.channels_last)
        cosines = net(x) @ f.normalize(proxies, dim=1).T
        margin = MARGIN * min(1.0, step / epoch) * f.one_hot(wanted[at], count)
        f.cross_entropy(SHARPNESS * (cosines - margin), wanted[at]).backward()
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
    return net.eval()


def _write_embedder(net: _Embedder) -> None:
    """Lite0 up to stride 16 with the trained blocks in place, and the last layers, as ONNX."""
    model = _cut_off("stride16")
    trained = {
        f"{layer.name}.{part}": getattr(layer, part).detach().numpy()
        for layer in net.modules()
        if isinstance(layer, _Convolution)
        for part in ("weight", "bias")
    }
    for tensor in model.graph.initializer:
        if tensor.name in trained:
            value = np.ascontiguousarray(trained[tensor.name])
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    norm, out = net.norm, net.out
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
    bias = (out.bias - norm.running_mean) * scale + norm.bias
    constants = {
        "narrow.weight": net.narrow.weight,
        "narrow.bias": net.narrow.bias,
        "out.weight": out.weight * scale[:, None],
        "out.bias": bias,
    }
    for name, tensor in constants.items():
        value = np.ascontiguousarray(tensor.detach().numpy())
        model.graph.initializer.append(numpy_helper.from_array(value, name))
    model.graph.node.extend(
        [
            helper.make_node("Conv", ["stride16", "narrow.weight", "narrow.bias"], ["narrowed"]),
            helper.make_node("Relu", ["narrowed"], ["kept"]),
            helper.make_node("Flatten", ["kept"], ["places"]),
            helper.make_node("GlobalAveragePool", ["stride16"], ["averaged"]),
            helper.make_node("Flatten", ["averaged"], ["average"]),
            helper.make_node("Concat", ["places", "average"], ["parts"], axis=1),
            helper.make_node("Gemm", ["parts", "out.weight", "out.bias"], ["numbers"], transB=1),
            helper.make_node("LpNormalization", ["numbers"], ["embedding"], axis=1, p=2),
        ]
    )
    del model.graph.output[:]
    shape = ["batch", NUMBERS]
    output = helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, shape)
    model.graph.output.append(output)
    model.doc_string = "Embeddings of marks; from EfficientNet-Lite0 by Google, Apache-2.0"
    onnx.checker.check_model(model)
    EMBEDDER.file.write_bytes(model.SerializeToString(deterministic=True))


def _write_bank(pictures: Any, grounds: list[synthesis.Pixels]) -> None:
    """Embeddings of the drawings' views and of the likeliest windows of pictures without any."""
    from engine.recognition.regions import windows  # noqa: PLC0415  reads what was just written

    net, backbone = _session(onnx.load(EMBEDDER.file)), Backbone()
    windows.WINDOWS_DIGEST = "sha256:" + hashlib.sha256(WINDOWS.read_bytes()).hexdigest()
    shown = [np.asarray(pictures)]
    for ground in grounds:
        blind = np.zeros(ground.shape[:2], dtype=bool)
        boxes = windows.propose(backbone.maps(ground, LONGEST), blind, 40).boxes
        shown.append(np.stack([cut(ground, box) for box in boxes]))
    every = np.concatenate(shown)
    parts = [
        net.run(None, {"pixels": np.ascontiguousarray(every[at : at + 64])})[0]
        for at in range(0, len(every), 64)
    ]
    np.save(BANK, np.concatenate(parts).astype(np.float16), allow_pickle=False)


def _batches(count: int, size: int, rounds: int) -> Any:
    order = np.random.default_rng(0)
    for _ in range(rounds):
        shuffled = order.permutation(count)
        for at in range(0, count - size + 1, size):
            yield torch.from_numpy(np.sort(shuffled[at : at + size]))


def _lite0() -> dict[str, Any]:
    if not _WEIGHTS:
        graph = onnx.load(LITE0.file).graph
        _WEIGHTS.update({t.name: numpy_helper.to_array(t) for t in graph.initializer})
    return _WEIGHTS


_WEIGHTS: dict[str, Any] = {}


def _cut_off(output: str) -> Any:
    extractor = onnx.utils.Extractor(onnx.load(LITE0.file))
    return extractor.extract_model(["pixels"], [output])


def _session(model: Any) -> Any:
    import onnxruntime  # noqa: PLC0415  heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


if __name__ == "__main__":
    main()
