"""Places and photos for tests of training: drawn marks that no text names."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from audit import Trust, verify
from audit.bodies import BudgetReserve
from engine.setup import Place
from tests.places import approve_policy, make_place, write_manifest

MODEL = """\
model_release:
  id: brand_head
  kind: brand
  labels: [Kestrel, Nimbus]
  epochs: "{epochs}"
  sampling_rate: "1"
  epsilon: "{epsilon}"
  delta: "1e-6"
  contributors: 12
  figures: {{epsilon: "0.5"}}

"""
COLUMNS = ("photo", "kind", "label", "x0", "y0", "x1", "y1")
Lesson = tuple[object, ...]


def make_training_place(
    root: Path, *, epsilon: str = "8", epochs: str = "4", total: str = "9000"
) -> Place:
    """Set a place up whose policy releases a head of two brands."""
    place = make_place(root, total=total, per_release="4000", approved=False)
    text = place.policy.read_text()
    for old, new in (('delta: "1e-6"', 'delta: "1e-4"'), ('delta: "1e-7"', 'delta: "1e-5"')):
        assert old in text
        text = text.replace(old, new)
    text = text.replace(
        "\ndimensions:", f"\n{MODEL.format(epsilon=epsilon, epochs=epochs)}dimensions:"
    )
    statistic = 'by: [brand, week]\n    epsilon: "{}"'
    assert statistic.format("4000") in text
    place.policy.write_text(text.replace(statistic.format("4000"), statistic.format("1")))
    approve_policy(place)
    return place


def write_lessons(file: Path, lessons: Sequence[Lesson]) -> Path:
    """Write a labels file; short rows have no box."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(COLUMNS)
        rows.writerows([*row, *[""] * (len(COLUMNS) - len(row))] for row in lessons)
    return file


def draw_mark(path: Path, label: str | None, seed: int) -> tuple[int, int, int, int]:
    """Write a photo with the mark of a label, or with none; return the mark's box."""
    random = np.random.default_rng(seed)
    ground = Image.fromarray(random.integers(60, 200, (8, 10, 3)).astype(np.uint8))
    photo = ground.resize((400, 300), Image.Resampling.BICUBIC)
    side = int(random.integers(80, 130))
    x, y = int(random.integers(0, 400 - side)), int(random.integers(0, 300 - side))
    if label is not None:
        photo.paste(_mark(label, side), (x, y))
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path)
    return x, y, x + side, y + side


def _mark(label: str, side: int) -> Image.Image:
    mark = Image.new("RGB", (side, side), (250, 250, 245))
    pen, edge = ImageDraw.Draw(mark), side - 5
    if label == "Kestrel":
        pen.ellipse((5, 5, edge, edge), fill=(200, 20, 40))
        corners = [(side * 0.5, side * 0.15), (side * 0.8, side * 0.8), (side * 0.2, side * 0.8)]
        pen.polygon(corners, fill=(255, 220, 0))
        return mark
    pen.rectangle((5, 5, edge, edge), fill=(10, 60, 160))
    for line in ((10, edge - 5, edge - 5, 10), (10, 10, edge - 5, edge - 5)):
        pen.line(line, fill=(255, 255, 255), width=side // 6)
    return mark


def marked_photos(folder: Path, number: int, *, each: int = 2) -> tuple[Path, Path]:
    """Write a source of drawn marks, so many photos of each contributor, and its labels file."""
    rows, lessons = [], []
    for at in range(number):
        label = ("Kestrel", "Nimbus", None)[at % 3]
        box = draw_mark(folder / f"{at}.png", label, at)
        rows.append((f"{at}.png", f"c{at // each}", "2026-06-02"))
        lessons.append((f"{at}.png", "brand", label or "", *(box if label else ())))
    write_manifest(folder, rows)
    return folder, write_lessons(folder.with_name("labels.csv"), lessons)


def train_words(place: Place, photos: Path, labels: Path, out: Path, *more: object) -> list[object]:
    """Give the words of a train command."""
    return [
        *("train", place.policy, "--photos", photos, "--labels", labels, "--log", place.log),
        *("--out", out, "--workers", "1", "--quiet", *more),
    ]


def reserved(place: Place) -> int:
    """Verify the log; return how often anything was reserved."""
    found = verify(place.log, Trust.load(place.trust))
    assert found.exit_code == 0, [c for c in found.checks if c.status == "failed"]
    return len([e for e in found.entries if isinstance(e.body, BudgetReserve)])
