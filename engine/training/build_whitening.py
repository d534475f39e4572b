"""Make the region recogniser's whitening: how views of one mark spread, and all that is none.

    OMP_NUM_THREADS=1 python -m engine.training.build_whitening

From 300 of the public icons that ship, less those of the development brands, and the shipped bank.
Takes about a minute. The digest that it prints goes into `weights/regions.py`.
"""

import json
import lzma
import sys
from typing import Final

import numpy as np

from engine.catalogue.icons import FILE
from engine.catalogue.svg import draw_svg
from engine.recognition.marks import Mark
from engine.recognition.nets import digest_of
from engine.recognition.regions.pictures import embed
from engine.recognition.regions.views import views
from engine.recognition.weights.regions import BANK, BANK_DIGEST, WHITENING, read_array
from engine.training.mark_synthesis import HELD_OUT

ICONS: Final = 300
VIEWS: Final = 12
OF_BANK: Final = 0.5
"""Weight of the spread of what is no mark, beside that of views of one mark."""
RIDGE: Final = 1e-3


def main() -> None:
    """Measure both spreads and write the table."""
    every = [i for i in json.loads(lzma.decompress(FILE.read_bytes())) if i.get("svg")]
    every = [i for i in every if not i["slug"].startswith(tuple(HELD_OUT))]
    chosen = np.random.default_rng(5).choice(len(every), ICONS, replace=False)
    apart = []
    for at in sorted(chosen):
        alpha = np.ascontiguousarray(draw_svg(every[at]["svg"].encode())[..., 3])
        mark = Mark("", np.zeros((*alpha.shape, 3), np.uint8), alpha, drawn=True)
        points = embed(views(mark, VIEWS, 0))
        apart.append(points - points.mean(axis=0))
    within = np.concatenate(apart).astype(np.float64)
    bank = read_array(BANK, BANK_DIGEST).astype(np.float64)
    mean = bank.mean(axis=0)
    spread = within.T @ within / len(within)
    spread += OF_BANK * (bank - mean).T @ (bank - mean) / len(bank) + RIDGE * np.eye(len(mean))
    values, axes = np.linalg.eigh(spread)
    matrix = axes @ np.diag(values**-0.5) @ axes.T
    np.save(WHITENING, np.vstack([mean, matrix]).astype(np.float32))
    sys.stdout.write(digest_of(WHITENING.read_bytes()) + "\n")


if __name__ == "__main__":
    main()
