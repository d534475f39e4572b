"""Photos and rules that the tests of redaction share."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from policies.lexicon import Lexicon
from redaction import RedactionRules


@pytest.fixture(scope="session")
def rules() -> RedactionRules:
    return RedactionRules(Lexicon((("Coca-Cola", "Coca-Cola"), ("Nike", "Nike"))))


@pytest.fixture(scope="session")
def astronaut() -> Image.Image:
    import skimage

    with Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png") as image:
        return image.convert("RGB")


@pytest.fixture(scope="session")
def hopper() -> bytes:
    import matplotlib

    folder = Path(matplotlib.__file__).parent / "mpl-data" / "sample_data"
    return (folder / "grace_hopper.jpg").read_bytes()


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    def encode(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
        file = BytesIO()
        image.save(file, form, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def sign() -> Callable[[list[str]], Image.Image]:
    """Draw lines of text on a plain sign."""

    def draw(lines: list[str]) -> Image.Image:
        image = Image.new("RGB", (900, 60 + 140 * len(lines)), (235, 230, 215))
        font = ImageFont.load_default(size=64)
        pen = ImageDraw.Draw(image)
        for i, line in enumerate(lines):
            pen.text((60, 50 + 140 * i), line, fill=(20, 30, 60), font=font)
        return image

    return draw


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (64, 80, 3), dtype=np.uint8)
