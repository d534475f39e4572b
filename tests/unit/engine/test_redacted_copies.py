import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.observer import Silence
from engine.redacted_copies import write_redacted_copies
from engine.setup import Place
from engine.sources import FolderSource
from engine.study import redaction_rules_of
from policies.decision import load_rules
from redaction import RedactedPhoto, redact
from tests.places import draw_sign, write_manifest


@pytest.mark.models
def test_copies_are_what_recognition_sees_and_a_page_of_them(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "zq-source"
    draw_sign(folder / "zq-a.png", "Brightwater", "Call Ana 555-0137")
    (folder / "zq-b.png").write_bytes(b"broken")
    draw_sign(folder / "zq-c.png", "Kestrel")
    names = ("zq-a.png", "zq-b.png", "zq-c.png")
    write_manifest(folder, [(name, "zq-account", "2026-06-02") for name in names])
    rules = load_rules(place.policy)
    out = tmp_path / "copies"
    copies = write_redacted_copies(rules, FolderSource(folder), out, Silence())

    written = {file.name for file in out.iterdir()}
    assert written == {"000001.png", "000003.png", "copies.csv", "index.html"}
    assert (copies.written, copies.withheld) == (2, 1)
    assert copies.reasons == {"not-an-image": 1}
    assert copies.veiled["text"] >= 1
    assert set(copies.veiled) == {"face", "person", "code", "plate", "text", "remnant"}
    for number, name in (("000001", "zq-a.png"), ("000003", "zq-c.png")):
        photo = redact((folder / name).read_bytes(), redaction_rules_of(rules))
        assert isinstance(photo, RedactedPhoto)
        with Image.open(out / f"{number}.png") as image:
            assert np.array_equal(np.asarray(image), photo.pixels)
            assert image.info == {}
    with (out / "copies.csv").open(newline="") as text:
        assert [*csv.reader(text)][1:] == [
            ["000001", "written", ""],
            ["000002", "withheld", "not-an-image"],
            ["000003", "written", ""],
        ]
    page = (out / "index.html").read_text()
    assert page.count("<figure>") == 3
    left = b"".join(file.read_bytes() for file in out.iterdir())
    for word in (b"zq-", b"Ana", b"555", str(tmp_path).encode()):
        assert word not in left
