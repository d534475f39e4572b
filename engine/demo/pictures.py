"""Real pictures that ship inside installed packages.

Nothing is downloaded: files are read from the folders of scikit-image, Matplotlib and
scikit-learn (public domain or CC; each package's README names the source), and none of the three
packages is imported. Pixels are uint8 RGB arrays of shape (height, width, 3) throughout.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

_FILES = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "camera": ("skimage", "data/camera.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "garage": ("skimage", "data/motorcycle_left.png"),
    "brick": ("skimage", "data/brick.png"),
    "grass": ("skimage", "data/grass.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "admiral": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    "pagoda": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}


@cache
def picture(name: str) -> Pixels:
    """Return one shipped picture, read-only; raises `FileNotFoundError` where it is missing."""
    package, inside = _FILES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("a package that ships the demo's pictures is not installed")
    with Image.open(Path(spec.origin).parent / inside) as image:
        pixels = np.array(image.convert("RGB"))
    pixels.setflags(write=False)
    return pixels


def fit(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the picture's middle, scaled to fill width x height."""
    rows, columns = pixels.shape[:2]
    scale = max(width / columns, height / rows)
    size = max(width, round(columns * scale)), max(height, round(rows * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(pixels, size, interpolation=method)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return np.asarray(large[top : top + height, left : left + width], np.uint8).copy()


def tint(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """Give a greyscale texture a colour: its mean becomes the colour."""
    grey = pixels[:, :, :1].astype(np.float32)
    return np.asarray(np.clip(grey / grey.mean() * np.array(colour), 0, 255), np.uint8)
