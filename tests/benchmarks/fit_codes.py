"""Fit the score that tells the cells of codes from others; writes `redaction/codes/weights.py`.

`python -m tests.benchmarks.fit_codes`

Learns from the sample codes pasted into photos under Creative Commons (`objects`), against those
photos, made-up documents and lettering drawn here. No photo whose terms say *research* is used, so
that the numbers can be shipped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import matplotlib.font_manager
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.linear_model import LogisticRegression

from redaction.codes import texture
from redaction.codes.texture import CELL, SMALLEST, large_cells
from tests.benchmarks.pasted_codes import samples, scenes
from tests.development_data import development_data

SEED: Final = 5
SIZES: Final = 4
"""One more than redaction looks at: large squares teach the same form."""
CELLS_OF_A_CODE: Final = 40
CELLS_OF_A_PHOTO: Final = 400
ROUNDS: Final = 3
NEAR_THE_BEST: Final = 0.75
"""A size at which less than this share of a code's cells is told, relative to the best size, does
not show the code: its modules are too large or too small there."""
_WEIGHTS: Final = Path(texture.__file__).parent / "weights.py"


def main() -> None:
    """Fit and write."""
    draw = np.random.default_rng(SEED)
    codes, names = _cells_of_codes(draw)
    others = np.concatenate(list(_cells_of_others(draw)))
    means, spreads = others.mean(axis=0), others.std(axis=0)
    positive, negative = (_terms((x - means) / spreads) for x in (codes, others))
    kept = np.ones(len(positive), dtype=bool)
    for _ in range(ROUNDS):
        x = np.concatenate([positive[kept], negative])
        y = np.arange(len(x)) < kept.sum()
        fitted = LogisticRegression(max_iter=300, C=0.1, class_weight="balanced").fit(x, y)
        kept = _telling(fitted.decision_function(positive) > 0, names)
    _write(means, spreads, float(fitted.intercept_[0]), fitted.coef_[0])


def _cells_of_codes(draw: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return measures of cells inside codes, and for each the code and the size."""
    rows, names, code = [], [], 0
    order = draw.permutation(len(everything := samples()))
    for scene in scenes([everything[i] for i in order], SEED, "objects"):
        grey = cv2.cvtColor(scene.pixels, cv2.COLOR_RGB2GRAY)
        for size, seen in enumerate(_sizes(grey)):
            cells = large_cells(seen).measures
            for n, pasted in enumerate(scene.codes):
                inside = np.zeros(seen.shape, np.uint8)
                cv2.fillConvexPoly(inside, np.rint(pasted.code / 2**size).astype(np.int32), 1)
                at = np.argwhere(_in_cells(inside) >= 1)
                at = at[draw.permutation(len(at))[:CELLS_OF_A_CODE]]
                rows.append(cells[at[:, 0], at[:, 1]])
                names.append(np.tile((code + n, size), (len(at), 1)))
        code += len(scene.codes)
    return np.concatenate(rows), np.concatenate(names)


def _cells_of_others(draw: np.random.Generator) -> Iterator[NDArray[np.float32]]:
    for grey in _others(draw):
        for size, seen in enumerate(_sizes(grey)):
            cells = large_cells(seen).measures
            cells = cells.reshape(-1, cells.shape[-1])
            yield cells[draw.permutation(len(cells))[: CELLS_OF_A_PHOTO if size < 2 else 100]]


def _others(draw: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    for n, file in enumerate(sorted(development_data("objects", "photos").iterdir())):
        grey = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        yield grey
        if n % 3 == 0:
            yield cv2.resize(grey, (1280, 960), interpolation=cv2.INTER_CUBIC)
    for file in sorted(development_data("documents", "photos").iterdir()):
        grey = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        if grey is not None:
            times = min(1.0, 1600 / max(grey.shape))
            yield cv2.resize(grey, None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    for _ in range(60):
        yield _lettering(draw)


def _lettering(draw: np.random.Generator) -> NDArray[np.uint8]:
    """Draw lines of letters in many sizes and types, like signs and logos."""
    fonts = sorted(f.fname for f in matplotlib.font_manager.fontManager.ttflist if "Sans" in f.name)
    paper, ink = draw.choice([(240, 20), (20, 235), (200, 90), (120, 240)])
    image = Image.new("L", (640, 480), int(paper))
    pen, y = ImageDraw.Draw(image), 4
    while y < 470:
        size = int(np.exp(draw.uniform(np.log(12), np.log(200))))
        font = ImageFont.truetype(fonts[draw.integers(len(fonts))], size)
        letters = draw.choice(list("ABCDEFGHIKLMNOPRSTUVWaaeeiioouurrnnsstt  "), 60)
        pen.text((int(draw.integers(0, 40)), y), "".join(letters), int(ink), font)
        y += round(size * 1.2)
    turned = image.rotate(float(draw.choice([0, 0, 0, 8, -20])), fillcolor=int(paper))
    return cv2.GaussianBlur(np.asarray(turned), (0, 0), float(draw.uniform(0.3, 1.2)))


def _sizes(grey: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for _ in range(SIZES):
        if min(grey.shape) < SMALLEST:
            return
        yield grey
        half = (grey.shape[1] // 2, grey.shape[0] // 2)
        grey = cv2.resize(grey, half, interpolation=cv2.INTER_AREA)


def _in_cells(inside: NDArray[np.uint8]) -> NDArray[np.float32]:
    rows, columns = inside.shape[0] // CELL, inside.shape[1] // CELL
    whole = inside[: rows * CELL, : columns * CELL].astype(np.float32)
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


def _terms(z: NDArray[np.float64]) -> NDArray[np.float64]:
    z = np.clip(z, -4, 4)
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate([z, z[:, first] * z[:, second]], axis=1)


def _telling(told: NDArray[np.bool_], names: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Keep of each code the sizes at which it shows."""
    _, of = np.unique(names[:, 0] * SIZES + names[:, 1], return_inverse=True)
    share = np.bincount(of, told) / np.bincount(of)
    best = np.zeros(int(names[:, 0].max()) + 1)
    np.maximum.at(best, names[:, 0], share[of])
    return share[of] >= NEAR_THE_BEST * best[names[:, 0]]


def _write(
    means: NDArray[np.float64],
    spreads: NDArray[np.float64],
    bias: float,
    terms: NDArray[np.float64],
) -> None:
    n = len(means)
    squares = np.zeros((n, n))
    squares[np.triu_indices(n)] = terms[n:]
    lines = [
        '"""Numbers fitted by `tests/benchmarks/fit_codes.py`; not to be edited by hand."""',
        "",
    ]
    lines += ["from typing import Final", "", "import numpy as np", ""]
    lines.append(f"BIAS: Final = {bias:.4f}")
    for name, values in (("MEANS", means), ("SPREADS", spreads), ("LINEAR", terms[:n])):
        lines.append(f"{name}: Final = np.array([{_numbers(values)}], dtype=np.float32)")
    lines += ["SQUARES: Final = np.array(", "    ["]
    lines += [f"        [{_numbers(row)}]," for row in squares]
    lines += ["    ],", "    dtype=np.float32,", ")"]
    _WEIGHTS.write_text("\n".join(lines) + "\n")


def _numbers(values: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


if __name__ == "__main__":
    main()
