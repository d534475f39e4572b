"""What the numbers in a net are like when it looks at photos."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from redaction.weights.int8.graph import float_model
from redaction.weights.int8.layers import Floats, Layer, Net

PLACES: Final = 300
"""Places of each photo that are looked at more closely."""
MOST: Final = 1000
"""Inputs of one output up to which is kept how they go together: rounding takes their cube."""


class Measured:
    """Extremes, samples and moments of each tensor."""

    def __init__(self, net: Net, inputs: Iterable[NDArray[np.float32]], seed: int = 0) -> None:
        """Run the net in floats over (1, 3, y, x) inputs."""
        self.highest: dict[str, Floats] = {}
        """(photos, channels)"""
        self.lowest: dict[str, Floats] = {}
        self.samples: dict[str, Floats] = {}
        """(channels, n)"""
        self.mean: dict[str, Floats] = {}
        """Of what a convolution's outputs are sums of: (in * y * x), by groups (groups, y * x)."""
        self.spread: dict[str, Floats] = {}
        """Covariance of the same; not kept where it is larger than `MOST`."""
        kept: dict[str, list[Any]] = {}
        names = [layer.output for layer in net.layers]
        run = _session(float_model(net, names))
        photos = 0
        for given in inputs:
            photos += 1
            found = dict(
                zip(dict.fromkeys([*net.outputs, *names]), run(net.input, given), strict=True)
            )
            found[net.input] = given
            draw = np.random.default_rng(seed + photos)
            for name, values in found.items():
                flat = values[0].reshape(values.shape[1], -1).astype(np.float64)
                places = draw.integers(0, flat.shape[1], PLACES)
                kept.setdefault(name, []).append((flat.max(1), flat.min(1), flat[:, places]))
            for layer in net.layers:
                if layer.kind == "Conv":
                    self._add(layer, found[layer.inputs[0]][0], draw)
        for name, parts in kept.items():
            self.highest[name] = np.array([part[0] for part in parts])
            self.lowest[name] = np.array([part[1] for part in parts])
            self.samples[name] = np.concatenate([part[2] for part in parts], axis=1)
        for name, total in self.mean.items():
            mean = total / (photos * PLACES)
            self.mean[name] = mean
            if name in self.spread:
                own = self.spread[name] / (photos * PLACES)
                self.spread[name] = own - mean[..., :, None] * mean[..., None, :]

    def _add(self, layer: Layer, values: NDArray[np.float32], draw: np.random.Generator) -> None:
        high, wide = layer.kernel.shape[2:]
        by = layer.border
        framed = np.pad(values, ((0, 0), (by, by), (by, by)))
        rows = draw.integers(0, (framed.shape[1] - high) // layer.stride + 1, PLACES)
        columns = draw.integers(0, (framed.shape[2] - wide) // layer.stride + 1, PLACES)
        patches = np.stack(
            [
                framed[:, y : y + high, x : x + wide].reshape(len(framed), -1)
                for y, x in zip(rows * layer.stride, columns * layer.stride, strict=True)
            ]
        ).astype(np.float64)
        name = layer.output
        if layer.groups == 1:
            patches = patches.reshape(PLACES, -1)
        self.mean[name] = self.mean.get(name, np.zeros(1)) + patches.sum(axis=0)
        if patches.shape[-1] <= MOST:
            how = "ni,nj->ij" if layer.groups == 1 else "nci,ncj->cij"
            products = np.einsum(how, patches, patches, optimize=True)
            self.spread[name] = self.spread.get(name, np.zeros(1)) + products


def _session(model: Any) -> Any:
    import onnxruntime  # noqa: PLC0415  heavy

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda name, given: session.run(None, {name: given})
