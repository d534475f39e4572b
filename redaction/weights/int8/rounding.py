"""How to round a net's numbers so that its answers change least.

Three things: channels are scaled so that one step fits all of them, which ReLU lets pass unchanged
(Nagel et al. 2019, "Data-Free Quantization through Weight Equalization and Bias Correction"); steps
are chosen by squared error over photos; and of a kernel, what one weight loses by rounding the
others take over (Frantar et al. 2022, "GPTQ"), as much as photos say that they can.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaction.weights.int8.graph import BEFORE, Rounded, Steps
from redaction.weights.int8.layers import (
    CONVOLUTIONS,
    Floats,
    Layer,
    Net,
    along_input,
    along_output,
)
from redaction.weights.int8.measuring import Measured

LARGEST: Final = 64
"""Largest weight of a kernel. INVARIANT: 2 * 255 * 64 < 2 ** 15. A processor without VNNI adds such
products in pairs in 16 bits, and more would be cut off there: the same photo, another answer."""
LARGEST_OF_ONE: Final = 127
"""The same where each channel is by itself: those products are added in 32 bits everywhere."""
CLIPS: Final = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2)
"""Shares of the highest number seen at which numbers may be cut off."""
NARROWER: Final = (1, 0.95, 0.9, 0.85, 0.8, 0.7)
"""The same of the largest weight."""
RARE: Final = 1e-3
"""How much a photo's extremes count beside the samples."""
BALANCE: Final = 0.5
BALANCE_OF_SUMS: Final = 0.7
"""How far a step follows the numbers, and how far the weights that they meet (Xiao et al. 2023,
"SmoothQuant"); sums are several tensors, with one scale for all."""
_LEAST: Final = 1e-3
_APART: Final = 12
_READ_ROUNDED: Final = frozenset({"Conv", "ConvTranspose", "Add", "Concat", "Resize"})


def to_round(net: Net) -> list[str]:
    """Return the tensors that go into eight bits: those that something is computed from in them."""
    return [
        layer.output
        for layer in net.layers
        if any(user.kind in _READ_ROUNDED for user in net.users(layer.output))
    ]


def equalised(net: Net, seen: Measured) -> tuple[Net, dict[str, Floats]]:
    """Return the same net with other scales of its channels, and by what each was divided."""
    scales: dict[str, Floats] = {}
    for names in _sums(net):
        users = [u for name in names for u in net.users(name) if u.kind != "Add"]
        makers = [net.maker(name) for name in names]
        if not users or any(u.kind not in CONVOLUTIONS for u in users):
            continue
        if any(m is None or m.kind not in CONVOLUTIONS | {"Add"} for m in makers):
            continue
        reach = np.max([_reach(seen, name) for name in names], axis=0)
        reach = np.maximum(reach, _LEAST * reach.max())
        by = reach
        if any(user.groups == 1 for user in users):
            met = np.max([_largest_met(user) for user in users], axis=0)
            met = np.maximum(met, _LEAST * met.max())
            share = BALANCE_OF_SUMS if len(names) > 1 else BALANCE
            by = reach**share / met ** (1 - share)
        scales |= dict.fromkeys(names, by / np.exp(np.log(by).mean()))
    layers = [_scaled(layer, scales) for layer in net.layers]
    return Net(layers, net.input, net.outputs), scales


def _scaled(layer: Layer, scales: dict[str, Floats]) -> Layer:
    if layer.kind not in CONVOLUTIONS:
        return layer
    kernel, bias = layer.kernel, layer.bias
    if layer.output in scales:
        by = scales[layer.output]
        kernel, bias = kernel / along_output(layer, by), bias / by
    if layer.inputs[0] in scales:
        kernel = kernel * along_input(layer, scales[layer.inputs[0]])
    return replace(layer, kernel=kernel, bias=bias)


def steps_of(net: Net, seen: Measured, scales: dict[str, Floats]) -> dict[str, Steps]:
    """Return the steps of each tensor that goes into eight bits."""
    found = {}
    for name in to_round(net):
        by = scales.get(name, np.ones(1))[..., None]
        values = seen.samples[name] / by
        extremes = np.concatenate([seen.highest[name].T / by, seen.lowest[name].T / by], axis=1)
        layer = net.maker(name)
        if layer is None or layer.kind != "Conv" or layer.slope in {0, 1}:
            found[name] = _best_steps(values, extremes, 1.0)
            continue
        # Two limits are tried for each other: every so many of the samples are enough.
        before = _best_steps(values[:, ::_APART], extremes, layer.slope)
        found[name + BEFORE] = before
        low, high = -before.nought * before.step * layer.slope, (255 - before.nought) * before.step
        step = (high - low) / 255
        found[name] = Steps(step, round(-low / step))
    return found


def rounded_kernels(
    net: Net, seen: Measured, scales: dict[str, Floats], steps: dict[str, Steps]
) -> dict[str, Rounded]:
    """Return the kernels of those convolutions whose inputs and outputs are in eight bits."""
    found = {}
    for layer in net.layers:
        name, given = layer.output, layer.inputs[0]
        if layer.kind != "Conv" or name not in steps or given not in {net.input, *steps}:
            continue
        if given == net.input and given not in steps:
            continue
        by = scales.get(given, np.ones(layer.kernel.shape[1] * layer.groups))
        own = layer.groups > 1
        size = int(np.prod(layer.kernel.shape[2:]))
        each = by[:, None] if own else np.repeat(by, size)
        mean = seen.mean[name] / each
        rows = layer.kernel.reshape(len(layer.kernel), -1)
        largest = LARGEST_OF_ONE if own else LARGEST
        spread = seen.spread.get(name)
        if own and spread is not None:
            pairs = [
                rounded(row[None], cov / scale**2, largest)
                for row, cov, scale in zip(rows, spread, by, strict=True)
            ]
            whole, step = (np.concatenate(part) for part in zip(*pairs, strict=True))
        else:
            spread = None if spread is None else spread / np.outer(each, each)
            whole, step = rounded(rows, spread, largest)
        # What rounding changes on the average, the bias takes back.
        lost = (
            ((rows - whole * step[:, None]) * mean).sum(axis=1)
            if own
            else (rows - whole * step[:, None]) @ mean
        )
        found[name] = Rounded(
            whole.reshape(layer.kernel.shape).astype(np.int8),
            step.astype(np.float32),
            layer.bias + lost,
        )
    return found


def rounded(rows: Floats, spread: Floats | None, largest: int) -> tuple[Floats, Floats]:
    """Return (n, i) whole numbers of at most `largest`, and a step for each row.

    `spread` is the (i, i) covariance of what the rows are multiplied by; None: nothing is known.
    """
    best = np.full(len(rows), np.inf)
    whole, steps = np.zeros_like(rows), np.ones(len(rows))
    if spread is None:
        steps = np.maximum(np.abs(rows).max(axis=1) / largest, 1e-9)
        return np.clip(np.rint(rows / steps[:, None]), -largest, largest), steps
    damped = spread + np.eye(len(spread)) * (0.01 * np.diag(spread).mean() + 1e-12)
    order = np.argsort(-np.diag(damped), kind="stable")
    upper = np.linalg.cholesky(np.linalg.inv(damped[np.ix_(order, order)])).T
    for share in NARROWER:
        step = np.maximum(np.abs(rows).max(axis=1) * share / largest, 1e-9)
        left, taken = rows[:, order].copy(), np.zeros_like(rows)
        for i in range(len(order)):
            taken[:, i] = np.clip(np.rint(left[:, i] / step), -largest, largest)
            lost = (left[:, i] - taken[:, i] * step) / upper[i, i]
            left[:, i + 1 :] -= np.outer(lost, upper[i, i + 1 :])
        back = np.empty_like(taken)
        back[:, order] = taken
        apart = rows - back * step[:, None]
        error = np.einsum("ni,ij,nj->n", apart, damped, apart, optimize=True)
        better = error < best
        best[better], whole[better], steps[better] = error[better], back[better], step[better]
    return whole, steps


def _sums(net: Net) -> list[list[str]]:
    """Return the tensors in groups that are added up, and so have one scale."""
    groups = {layer.output: [layer.output] for layer in net.layers}
    for layer in net.layers:
        if layer.kind == "Add":
            joint = [*groups[layer.output], *groups[layer.inputs[0]]]
            joint += [n for n in groups[layer.inputs[1]] if n not in joint]
            for name in joint:
                groups[name] = joint
    return list({id(group): group for group in groups.values()}.values())


def _reach(seen: Measured, name: str) -> Floats:
    """Return for each channel where to cut it off, by squared error if it had steps of its own."""
    values, signed = seen.samples[name], bool(seen.lowest[name].min() < 0)
    extremes: Floats = np.maximum(seen.highest[name], -seen.lowest[name]).T
    top: Floats = np.maximum(extremes.max(axis=1), 1e-12)
    best: Floats = np.full(len(top), np.inf)
    reach: Floats = top.copy()
    for clip in CLIPS:
        limit = (top * clip)[:, None]
        step, low = limit * (2 if signed else 1) / 255, -limit if signed else 0 * limit
        error = ((np.clip(np.rint(values / step) * step, low, limit) - values) ** 2).mean(axis=1)
        error += RARE * ((np.minimum(extremes, limit) - extremes) ** 2).mean(axis=1)
        better = error < best
        best[better], reach[better] = error[better], limit[better, 0]
    return reach


def _largest_met(user: Layer) -> Floats:
    axes = (1, 2, 3) if user.kind == "ConvTranspose" or user.groups > 1 else (0, 2, 3)
    largest: Floats = np.abs(user.kernel).max(axis=axes)
    return largest


def _best_steps(values: Floats, extremes: Floats, slope: float) -> Steps:
    """Return steps for numbers as they are before those below nought are multiplied by `slope`."""
    high = max(float(extremes.max()), 0.0)
    low = min(float(extremes.min()), 0.0) / slope
    best, found = np.inf, Steps(1.0, 0)
    for above in CLIPS:
        for below in (*CLIPS, 0.15, 0.1, 0.05) if low < 0 else (1,):
            step = (high * above - low * below) / 255
            nought = int(np.clip(np.rint(-low * below / step), 0, 255))
            error = _error(values, step, nought, slope)
            error += RARE * _error(extremes, step, nought, slope)
            if error < best:
                best, found = error, Steps(step, nought)
    return found


def _error(values: NDArray[np.float64], step: float, nought: int, slope: float) -> float:
    before = np.where(values < 0, values / slope, values)
    back = (np.clip(np.rint(before / step) + nought, 0, 255) - nought) * step
    return float(((np.where(back < 0, back * slope, back) - values) ** 2).mean())
