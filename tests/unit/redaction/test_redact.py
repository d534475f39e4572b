"""The door, end to end, on real photos and drawn signs."""

import warnings
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from PIL import Image

import redaction
from policies.lexicon import Lexicon
from redaction import Limits, Reason, RedactedPhoto, RedactionRules, Withheld, redact
from redaction.decoding import decode
from redaction.errors import DecoderUnusable, ModelUnusable
from redaction.faces import Found, find_faces
from redaction.obscure import obscure
from redaction.text import find_lines
from redaction.veil import veil


def read(pixels: np.ndarray) -> str:
    return " ".join(line.text for line in find_lines(pixels)).casefold()


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    inner = float(np.maximum(sides, 0).prod())
    return inner / (float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - inner)


def photo_of(raw: bytes, rules: RedactionRules) -> RedactedPhoto:
    photo = redact(raw, rules)
    assert isinstance(photo, RedactedPhoto)
    return photo


@pytest.mark.models
def test_faces_of_real_portraits_are_veiled(astronaut, hopper, encoded, rules) -> None:
    for raw in (encoded(astronaut), hopper):
        before = decode(raw, rules.limits, longest=rules.working_side)
        faces = find_faces(before).above(0.3).boxes
        assert len(faces) >= 1
        photo = photo_of(raw, rules)
        assert photo.pixels.shape == before.shape
        x0, y0, x1, y1 = faces[0].astype(int)
        inside = (slice(max(y0, 0), y1), slice(max(x0, 0), x1))
        # A veil has next to no detail: mean step between neighbours, before and after.
        detail = [
            np.abs(np.diff(p[inside].astype(int), axis=1)).mean() for p in (before, photo.pixels)
        ]
        assert detail[1] < 0.35 * detail[0]
        left = find_faces(photo.pixels)
        assert all(overlap(box, faces[0]) < 0.3 for box in left.above(0.2).boxes)


@pytest.mark.models
def test_what_is_under_a_real_veil_does_not_matter(astronaut, encoded, rules) -> None:
    raw = encoded(astronaut)
    pixels = decode(raw, rules.limits, longest=rules.working_side)
    mask = obscure(pixels, rules).mask
    assert 0.02 < mask.mean() < 0.5
    photo = photo_of(raw, rules)
    for fill in (0, 255):
        other = pixels.copy()
        other[mask] = fill
        assert veil(other, mask).tobytes() == photo.pixels.tobytes()


@pytest.mark.models
def test_only_catalogue_names_stay_readable(sign, encoded, rules) -> None:
    lines = ["Coca-Cola", "Call 0151 2345678", "Jane Millerton", "NIKE Jane"]
    raw = encoded(sign(lines))
    seen = read(decode(raw, rules.limits, longest=rules.working_side))
    assert "millerton" in seen
    assert "2345678" in seen
    photo = photo_of(raw, rules)
    seen = read(photo.pixels)
    assert "coca" in seen
    for private in ("jane", "miller", "0151", "234", "nike"):
        assert private not in seen
    assert sorted(w.alias for w in photo.words) == ["Coca-Cola", "Nike"]


@pytest.mark.models
def test_cleared_words_say_where_they_stand(sign, encoded, rules) -> None:
    photo = photo_of(encoded(sign(["Jane", "NIKE Jane"])), rules)
    (word,) = photo.words
    assert word.alias == "Nike"
    assert word.similarity == 100
    assert 40 <= word.box.x0 <= 90
    assert 180 <= word.box.y0 < word.box.y1 <= 320
    assert word.box.x1 < 350  # its share of the line, not all of it


@pytest.mark.models
def test_without_a_catalogue_no_text_stays(sign, encoded) -> None:
    empty = RedactionRules(Lexicon(()))
    photo = photo_of(encoded(sign(["Coca-Cola", "Nike"])), empty)
    assert photo.words == ()
    assert read(photo.pixels).strip() == ""


@pytest.mark.models
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_text_is_veiled(turn, sign, encoded, rules) -> None:
    image = sign(["Jane Millerton", "0151 2345678"]).rotate(turn, expand=True)
    photo = photo_of(encoded(image), rules)
    upright = np.ascontiguousarray(np.rot90(photo.pixels, -turn // 90))
    seen = read(upright)
    assert "miller" not in seen
    assert "234" not in seen


@pytest.mark.models
def test_a_name_over_a_face_loses_to_the_face(astronaut, encoded, rules, sign) -> None:
    name = sign(["NIKE"]).crop((40, 30, 300, 140)).resize((130, 55))
    image = astronaut.copy()
    image.paste(name, (160, 20))  # on the hair, inside the head
    photo = photo_of(encoded(image), rules)
    assert "nike" not in read(photo.pixels)


@pytest.mark.models
def test_large_photos_are_scaled_down_and_small_ones_are_not(encoded, rules) -> None:
    wide = Image.linear_gradient("L").resize((2400, 900))
    assert photo_of(encoded(wide), rules).pixels.shape == (600, 1600, 3)
    assert photo_of(encoded(wide.resize((90, 70))), rules).pixels.shape == (70, 90, 3)


@pytest.mark.models
def test_the_same_bytes_give_the_same_photo(hopper, rules) -> None:
    first, second = photo_of(hopper, rules), photo_of(hopper, rules)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.words == second.words


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (20_000, 40)])
def test_what_is_too_small_to_check_is_withheld(size, encoded, rules) -> None:
    assert redact(encoded(Image.new("L", size)), rules) == Withheld(Reason.TOO_SMALL)


def test_bad_inputs_are_withheld(encoded, noise, rules) -> None:
    raw = encoded(Image.fromarray(noise), "JPEG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert redact(b"", rules) == Withheld(Reason.EMPTY)
        assert redact(b"GIF, she said", rules) == Withheld(Reason.NOT_AN_IMAGE)
        assert redact(raw[: len(raw) // 2], rules) == Withheld(Reason.TRUNCATED)
        strict = RedactionRules(rules.lexicon, Limits(max_pixels=100))
        assert redact(raw, strict) == Withheld(Reason.TOO_MANY_PIXELS)


def test_what_is_no_bytes_is_withheld_too(rules) -> None:
    assert redact("text", rules) == Withheld(Reason.CHECK_FAILED)  # type: ignore[arg-type]
    assert redact(None, rules) == Withheld(Reason.EMPTY)  # type: ignore[arg-type]


NOTHING = Found(np.empty((0, 4)), np.empty(0), np.empty(0, dtype=np.bool_))


@pytest.mark.parametrize("detector", ["find_faces", "find_codes", "find_lines", "find_people"])
@pytest.mark.parametrize("error", [RuntimeError, MemoryError, IndexError])
def test_a_failing_detector_withholds_the_photo(
    detector, error, encoded, noise, rules, monkeypatch
) -> None:
    def fail(*_given: object) -> None:
        raise error("jane@example.com")

    for name, answer in (("find_faces", NOTHING), ("find_codes", ()), ("find_lines", ())):
        monkeypatch.setattr(f"redaction.regions.{name}", lambda _, answer=answer: answer)
    monkeypatch.setattr(f"redaction.regions.{detector}", fail)
    people = replace(rules, people="people")
    assert redact(encoded(Image.fromarray(noise)), people) == Withheld(Reason.CHECK_FAILED)


@pytest.mark.parametrize(
    "detector", ["LibFaceDetection", "Mtcnn", "code_readable", "find_remnants"]
)
def test_a_failing_second_look_withholds_the_photo(
    detector, encoded, noise, rules, monkeypatch
) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError("jane@example.com")

    for name, answer in (("find_faces", NOTHING), ("find_codes", ()), ("find_lines", ())):
        monkeypatch.setattr(f"redaction.regions.{name}", lambda _, answer=answer: answer)
    monkeypatch.setattr(f"redaction.second_look.{detector}", fail)
    assert redact(encoded(Image.fromarray(noise)), rules) == Withheld(Reason.CHECK_FAILED)


@pytest.mark.parametrize("heat", [np.nan, np.inf])
def test_a_net_that_answers_with_no_numbers_withholds_the_photo(
    heat, encoded, noise, rules, monkeypatch
) -> None:
    class Broken:
        def run(self, _outputs: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
            height, width = (side // 4 for side in feed["input.1"].shape[2:])
            maps = [np.zeros((1, n, height, width), np.float32) for n in (1, 2, 2, 10)]
            maps[0][0, 0, 1, 1] = heat
            return maps

    monkeypatch.setattr("redaction.faces.centerface.load", Broken)
    assert redact(encoded(Image.fromarray(noise)), rules) == Withheld(Reason.CHECK_FAILED)


class AllNan:
    """A net that answers with NaN, which is below every threshold."""

    def __init__(self, net: Any) -> None:
        self.net = net

    def run(self, outputs: Any, feed: Any) -> list[np.ndarray]:
        return [np.full_like(answer, np.nan) for answer in self.net.run(outputs, feed)]

    def get_inputs(self) -> Any:
        return self.net.get_inputs()


@pytest.mark.models
@pytest.mark.parametrize("net", ["text.detector", "text.reader", "faces.mtcnn", "faces.centerface"])
def test_a_net_that_answers_with_nan_withholds_the_photo(
    net, sign, encoded, rules, monkeypatch
) -> None:
    module = import_module(f"redaction.{net}")
    if net == "text.reader":
        session, characters = module.net()
        monkeypatch.setattr(module, "net", lambda: (AllNan(session), characters))
    elif net == "text.detector":
        broken = AllNan(module.net())
        monkeypatch.setattr(module, "net", lambda: broken)
    elif net == "faces.mtcnn":
        proposes, *others = module.load()
        monkeypatch.setattr(module, "load", lambda: (AllNan(proposes), *others))
    else:
        broken = AllNan(module.load())
        monkeypatch.setattr(module, "load", lambda: broken)
    raw = encoded(sign(["Jane Millerton", "Nike"]))
    assert redact(raw, rules) == Withheld(Reason.CHECK_FAILED)


@pytest.mark.parametrize("fault", [ModelUnusable, DecoderUnusable])
def test_a_machine_that_cannot_redact_is_no_fault_of_the_photo(
    fault, encoded, noise, rules, monkeypatch
) -> None:
    def fail(*_given: object) -> None:
        raise fault("a detector does not load")

    monkeypatch.setattr("redaction.regions.find_faces", fail)
    with pytest.raises(fault):
        redact(encoded(Image.fromarray(noise)), rules)


def test_the_package_shows_what_it_promises() -> None:
    promised = {"redact", "warm_up", "models", "Limits", "RedactionRules", "RedactedPhoto"}
    promised |= {"Withheld", "Reason", "ClearedWord", "Box", "ModelFile", "png_of"}
    assert set(redaction.__all__) == promised
