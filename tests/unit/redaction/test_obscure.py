"""The second look: what the first one missed is found, and what can't be veiled is withheld."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp

from redaction.codes import code_readable
from redaction.faces import Found, LibFaceDetection
from redaction.obscure import MOST_DOUBTED, Refused, obscure
from redaction.regions import CROWD
from redaction.text import find_lines
from redaction.types.photo import Reason

pytestmark = pytest.mark.models
NO_FACE = Found(np.empty((0, 4)), np.empty(0), np.empty(0, dtype=np.bool_))


def blind(monkeypatch: pytest.MonkeyPatch, *detectors: str) -> None:
    """Let the first look miss everything of a kind."""
    for name in detectors:
        answer = NO_FACE if name == "find_faces" else ()
        monkeypatch.setattr(f"redaction.regions.{name}", lambda *_, answer=answer: answer)


def wall_with(sign) -> np.ndarray:
    """Return a wall on which a sign hangs; its letters are no taller than letters are."""
    wall = np.full((900, 1200, 3), (200, 190, 170), np.uint8)
    board = np.asarray(sign(["Jane Millerton", "0151 2345678"]).resize((600, 227)))
    wall[300 : 300 + len(board), 200:800] = board
    return wall


def test_a_face_that_was_missed_is_veiled_after_all(astronaut, rules, monkeypatch) -> None:
    blind(monkeypatch, "find_faces", "find_codes", "find_lines")
    done = obscure(np.asarray(astronaut), rules)
    assert {r.kind for r in done.regions} == {"remnant"}
    assert done.mask[70:160, 190:260].all()
    assert not len(LibFaceDetection().detect(done.pixels).above(0.4).boxes)


def test_text_that_was_missed_is_veiled_after_all(sign, rules, monkeypatch) -> None:
    blind(monkeypatch, "find_lines")
    photo = wall_with(sign)
    done = obscure(photo, rules)
    assert "remnant" in {r.kind for r in done.regions}
    seen = " ".join(line.text for line in find_lines(done.pixels)).casefold()
    assert "miller" not in seen
    assert "234" not in seen


def test_a_code_that_was_missed_is_veiled_after_all(rules, monkeypatch) -> None:
    code = zxingcpp.create_barcode("https://example.org/jane", zxingcpp.BarcodeFormat.QRCode)
    square = np.array(code.to_image(scale=6))
    photo = np.full((400, 600, 3), 190, np.uint8)
    photo[60 : 60 + len(square), 90 : 90 + len(square)] = square[:, :, None]
    assert code_readable(photo)
    blind(monkeypatch, "find_codes", "find_lines")
    done = obscure(photo, rules)
    assert not code_readable(done.pixels)
    assert cv2.QRCodeDetector().detectAndDecode(done.pixels)[0] == ""


@pytest.mark.parametrize("kind", ["face", "text"])
def test_what_can_still_be_seen_is_withheld(kind, astronaut, sign, rules, monkeypatch) -> None:
    # A veil that veils nothing: the worst that could happen to it.
    monkeypatch.setattr("redaction.obscure.veil", lambda pixels, *_: pixels.copy())
    monkeypatch.setattr(
        "redaction.obscure.mask_of",
        lambda _, height, width, *__: np.zeros((height, width), np.bool_),
    )
    photo = np.asarray(astronaut) if kind == "face" else wall_with(sign)
    with pytest.raises(Refused) as refused:
        obscure(photo, rules)
    assert refused.value.reason is Reason.STILL_VISIBLE


@pytest.mark.parametrize(("score", "withheld"), [(0.1, True), (0.9, False)])
def test_a_crowd_that_cannot_be_told_apart_is_withheld(score, withheld, rules, monkeypatch) -> None:
    blind(monkeypatch, "find_codes", "find_lines")
    corners = np.array([[x, y] for x in range(20, 580, 40) for y in range(20, 380, 40)], float)
    faces = np.concatenate([corners, corners + np.array([12, 14])], axis=1)
    crowd = Found(faces, np.full(len(faces), score), np.zeros(len(faces), np.bool_))
    assert len(faces) > CROWD
    monkeypatch.setattr("redaction.regions.find_faces", lambda _: crowd)
    photo = np.full((400, 600, 3), 120, np.uint8)
    if withheld:
        with pytest.raises(Refused) as refused:
            obscure(photo, rules)
        assert refused.value.reason is Reason.TOO_CROWDED
    else:
        assert obscure(photo, rules).mask.mean() > MOST_DOUBTED


def test_people_veils_more_than_heads(astronaut, rules) -> None:
    photo = np.asarray(astronaut)
    heads = obscure(photo, rules).mask
    whole = obscure(photo, replace(rules, people="people")).mask
    assert whole.sum() > 1.5 * heads.sum()
    assert (whole | ~heads)[60:300, 150:300].all()


def test_a_photo_of_nothing_passes_as_it_is(rules) -> None:
    ramp = np.repeat(np.linspace(60, 180, 300).astype(np.uint8)[None, :, None], 200, 0)
    photo = np.repeat(ramp, 3, 2)
    done = obscure(photo, rules)
    assert not done.mask.any()
    assert np.array_equal(done.pixels, photo)


def test_pii_only_leaves_what_is_harmless_and_veils_what_is_not(sign, rules) -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra crowdlens[pii] is not installed")
    loose = replace(rules, text="pii-only")
    photo = np.asarray(sign(["SUMMER SALE", "jane@example.org", "Nike"]))
    strict_seen, loose_seen = (
        " ".join(line.text for line in find_lines(obscure(photo, r).pixels)).casefold()
        for r in (rules, loose)
    )
    assert "summer" not in strict_seen
    assert "summer" in loose_seen
    for seen in (strict_seen, loose_seen):
        assert "jane" not in seen
        assert "nike" in seen
