"""Pictures that tests draw themselves: marks with and without detail, and photos of places."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
SVG += 'viewBox="0 0 100 100">{}</svg>'
DISC = '<circle cx="50" cy="50" r="40"/>'


def svg(inside: str = DISC) -> bytes:
    """Give a drawing."""
    return SVG.format(inside).encode()


def crop(path: Path, seed: int = 0, size: tuple[int, int] = (160, 120)) -> Path:
    """Write a crop with a lot of detail, the same for the same seed."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", size, tuple(chance.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = (chance.random(2) * size).tolist()
        wide, high = chance.integers(6, 30, 2).tolist()
        colour = tuple(chance.integers(0, 256, 3).tolist())
        pen.rectangle((x, y, x + wide, y + high), fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def place(path: Path, seed: int = 0, sea: bool = True) -> Path:
    """Write a photo of a beach, or of a wall of bricks."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (320, 240), (120, 180, 235) if sea else (150, 70, 50))
    pen = ImageDraw.Draw(picture)
    if sea:
        level = int(chance.integers(90, 150))
        pen.rectangle((0, level, 320, level + 50), fill=(20, 80, 150))
        pen.rectangle((0, level + 50, 320, 240), fill=(230, 210, 160))
    else:
        for row in range(0, 240, 20):
            shift = int(chance.integers(0, 40))
            for column in range(-40, 320, 40):
                left = column + shift
                pen.rectangle((left, row, left + 37, row + 17), outline=(210, 205, 200))
    for _ in range(12):
        x, y = int(chance.integers(0, 300)), int(chance.integers(0, 220))
        pen.ellipse((x, y, x + 18, y + 12), fill=tuple(chance.integers(0, 256, 3).tolist()))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path
