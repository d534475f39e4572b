"""The demo's signs are photos of text: the product's own reader can read them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.demo.photos import DEMO_BRANDS, make_photos
from policies.lexicon import Lexicon
from policies.periods import weeks_between


@pytest.mark.models
def test_nine_of_ten_photos_with_a_brand_are_read(tmp_path: Path):
    from rapidocr import RapidOCR

    weeks = weeks_between("2026-W23", "2026-W30")
    photos = make_photos(tmp_path, brands=DEMO_BRANDS, contributors=16, weeks=weeks)
    reader = RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.use_cls": False,
            "Global.log_level": "error",
        }
    )
    lexicon = Lexicon(tuple((brand, brand) for brand in sorted(DEMO_BRANDS)))
    read = []
    for photo in (p for p in photos if p.brands):
        with Image.open(tmp_path / photo.path) as image:
            upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        texts = reader(np.ascontiguousarray(upright[:, :, ::-1])).txts or ()
        found = {match.alias for text in texts if (match := lexicon.match(text))}
        read.append(set(photo.brands) <= found)
    assert len(read) > 30
    assert sum(read) / len(read) >= 0.9
