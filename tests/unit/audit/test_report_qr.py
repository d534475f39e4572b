"""The QR code in the report: what a phone reads from it is the checkpoint, and an anchor."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import resvg_py
import zxingcpp
from PIL import Image

from audit import verify
from audit.checkpoint import Checkpoint
from audit.note import Signature, SignedNote
from audit.report.qr import MOST_BYTES, qr_svg, qr_text


def scanned(svg: str) -> bytes:
    """Return what a reader sees in the drawing alone, without the page's colours."""
    (drawing,) = re.findall(r"<svg .*?</svg>", svg, re.DOTALL)
    drawing = drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    png = bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=800))
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return found.bytes


def test_what_was_scanned_is_an_anchor(finished: Any, tmp_path: Path) -> None:
    svg = qr_svg(finished.checkpoint.read_bytes())
    kept = tmp_path / "scanned"
    kept.write_bytes(scanned(svg))
    assert kept.read_bytes() == finished.checkpoint.read_bytes()
    found = verify(finished.log_dir, finished.trust, anchors=[kept])
    assert [c.status for c in found.checks if c.name == "anchor scanned"] == ["passed"]
    assert "anchor" in svg


def test_a_note_of_many_witnesses_is_shown_without_its_signatures() -> None:
    head = Checkpoint("crowdlens/" + "a" * 32, 12, bytes(range(32)))
    signed = tuple(Signature(f"witness-{n}", bytes(4), bytes(72)) for n in range(16))
    note = SignedNote(head.text(), signed).to_bytes()
    assert len(note) > MOST_BYTES
    assert qr_text(note) == (head.text(), False)
    svg = qr_svg(note)
    assert scanned(svg).decode() == head.text()
    assert "without the signatures" in svg


def test_the_longest_note_can_be_read() -> None:
    head = Checkpoint("crowdlens/" + "a" * 32, 10**14, bytes(range(32)))
    signed = tuple(Signature(f"witness-{n}", bytes(4), bytes(72)) for n in range(7))
    note = SignedNote(head.text(), signed).to_bytes()
    assert MOST_BYTES - 150 < len(note) <= MOST_BYTES
    assert scanned(qr_svg(note)) == note


@pytest.mark.parametrize("data", [b"", b"rubbish"])
def test_without_a_checkpoint_there_is_no_code(data: bytes) -> None:
    assert qr_svg(data) == ""
