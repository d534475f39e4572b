"""Finding and reading text, on drawn pictures."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from redaction.errors import ModelUnusable
from redaction.regions import mask_of
from redaction.text import (
    Known,
    Line,
    again,
    find_lines,
    find_remnants,
    finding,
    legible_remains,
    reader,
)
from redaction.text.line import Outline
from redaction.text.shapes import Shape
from redaction.types.region import Region
from redaction.veil import veil
from tests.benchmarks.written import matplotlib_fonts, written_photos

pytestmark = pytest.mark.models


def veiled_by(lines: tuple[Line, ...], shape: tuple[int, ...]) -> np.ndarray:
    return mask_of([Region("text", o.veil) for line in lines for o in line.outlines], *shape[:2])


@pytest.fixture(scope="module")
def scene(sign) -> np.ndarray:
    return np.asarray(sign(["Brightwater", "Call 0151 2345678"]))


def test_lines_are_found_read_and_covered(scene) -> None:
    lines = find_lines(scene)
    texts = {line.text for line in lines}
    assert {"Brightwater", "Call 0151 2345678"} <= texts
    assert all(line.read and line.confidence > 0.9 for line in lines if line.text in texts)
    mask = veiled_by(lines, scene.shape)
    ink = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY) < 120
    assert mask[ink].all()
    assert mask.mean() < 0.6


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_text_is_read_too(turns, scene) -> None:
    pixels = np.ascontiguousarray(np.rot90(scene, turns))
    lines = find_lines(pixels)
    assert "Brightwater" in {line.text for line in lines}
    ink = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) < 120
    assert veiled_by(lines, pixels.shape)[ink].all()


def test_written_personal_data_is_under_the_veil() -> None:
    shares = []
    for photo in written_photos(6, matplotlib_fonts(), seed=5, most=3):
        mask = veiled_by(find_lines(photo.pixels), photo.pixels.shape)
        for text in photo.texts:
            if text.size >= 12 and text.contrast >= 60:
                inside = mask_of([Region("text", text.quad)], *mask.shape)
                shares.append(mask[inside].mean())
    assert len(shares) >= 8
    assert np.mean(np.array(shares) >= 0.9) >= 0.9


def test_the_same_pixels_give_the_same_lines(scene) -> None:
    first, second = find_lines(scene), find_lines(scene.copy())
    assert [line.text for line in first] == [line.text for line in second]
    for a, b in zip(first, second, strict=True):
        assert a.quad.tobytes() == b.quad.tobytes()
        assert [o.veil.tobytes() for o in a.outlines] == [o.veil.tobytes() for o in b.outlines]


def test_what_is_not_read_is_found_all_the_same(scene, monkeypatch) -> None:
    monkeypatch.setattr(finding, "MOST_WIDTH", 0)
    lines = find_lines(scene)
    assert lines
    assert not any(line.read or line.text for line in lines)
    ink = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY) < 120
    assert veiled_by(lines, scene.shape)[ink].all()


def test_the_tallest_lines_are_read_first(sign, monkeypatch) -> None:
    image = sign(["Brightwater"])
    image.paste(sign(["Lost cat"]).resize((360, 80)), (20, 0))
    monkeypatch.setattr(finding, "MOST_WIDTH", 400)
    read = [line for line in find_lines(np.asarray(image)) if line.read]
    assert len(read) == 1
    assert read[0].height == max(line.height for line in find_lines(np.asarray(image)))


@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (20, 40), (33, 31)])
def test_small_and_narrow_photos(shape) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for line in find_lines(pixels):
        assert line.quad.shape == (4, 2)
        assert np.isfinite(line.quad).all()
        assert line.outlines


def test_the_second_look_finds_what_was_left(scene) -> None:
    bare = np.zeros(scene.shape[:2], np.bool_)
    ink = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY) < 120
    for size in (0.5, 1.0):
        found = mask_of(
            [Region("remnant", o.veil) for o in find_remnants(scene, Known(bare), size)],
            *bare.shape,
        )
        assert found[ink].mean() > 0.98
    assert legible_remains(scene, Known(bare))
    covered = veiled_by(find_lines(scene), scene.shape)
    clean = veil(scene, covered)
    assert not legible_remains(clean, Known(covered))
    left = mask_of(
        [Region("remnant", o.veil) for o in find_remnants(clean, Known(covered))], *bare.shape
    )
    assert (left & ~covered).mean() < 0.02


def test_what_is_known_is_no_remnant(scene) -> None:
    everywhere = np.ones(scene.shape[:2], np.bool_)
    assert find_remnants(scene, Known(everywhere)) == ()
    nowhere = np.zeros(scene.shape[:2], np.bool_)
    lines = [line.quad for line in find_lines(scene)]
    assert find_remnants(scene, Known(nowhere, lines)) == ()


def test_the_second_look_sees_the_rest_strewn_over_the_veil(scene) -> None:
    veil_here = np.zeros(scene.shape[:2], np.bool_)
    veil_here[20:60, 30:200] = True
    strewn = again._strewn(scene, veil_here)
    assert np.array_equal(strewn[~veil_here], scene[~veil_here])
    rest = {tuple(pixel) for pixel in scene[~veil_here].tolist()}
    assert {tuple(pixel) for pixel in strewn[veil_here].tolist()} <= rest
    # Nothing of what lies under the veil, and the same every time.
    other = scene.copy()
    other[veil_here] = 200
    assert np.array_equal(again._strewn(other, veil_here), strewn)
    for same in (np.zeros_like(veil_here), np.ones_like(veil_here)):
        assert np.array_equal(again._strewn(scene, same), scene)


def test_where_the_second_look_sees_a_phantom_it_looks_again(scene, monkeypatch) -> None:
    seen = []

    def shapes_in(pixels, known, scale, within):
        seen.append(pixels)
        quad = np.array([[0.0, 0], [90, 0], [90, 90], [0, 90]])
        return [Shape(quad, quad, Outline(quad, quad), sure=len(seen) == 1)]

    monkeypatch.setattr(again, "_shapes_in", shapes_in)
    monkeypatch.setattr(again, "_is_scenery", lambda _, shape: shape.sure)
    mask = np.zeros(scene.shape[:2], np.bool_)
    mask[:9, :9] = True
    assert len(find_remnants(scene, Known(mask))) == 1
    assert len(seen) == 2
    assert np.array_equal(seen[1], scene)


def test_the_reader_reads_lines_of_any_width() -> None:
    fonts = matplotlib_fonts()
    from PIL import ImageDraw, ImageFont

    font = ImageFont.truetype(str(next(f for f in fonts if f.stem == "DejaVuSans")), 40)
    for text in ("H&M", "Brightwater", "Marks and Spencer since 1884"):
        image = Image.new("RGB", (int(font.getlength(text)) + 20, 64), (240, 240, 230))
        ImageDraw.Draw(image).text((10, 8), text, fill=(20, 20, 40), font=font)
        pixels = np.asarray(image)
        height, width = pixels.shape[:2]
        quad = np.array([[0.0, 0], [width, 0], [width, height], [0, height]])
        assert reader.read(pixels, quad)[0] == text
        assert (
            reader.read(np.ascontiguousarray(pixels[::-1, ::-1]), quad, upside_down=True)[0] == text
        )


def test_a_reader_without_its_characters_is_refused(monkeypatch) -> None:
    net = SimpleNamespace(
        get_modelmeta=lambda: SimpleNamespace(custom_metadata_map={"character": "a\nb"}),
        get_outputs=lambda: [SimpleNamespace(shape=(1, None, 18710))],
    )
    reader.net.cache_clear()
    monkeypatch.setattr(reader, "load_net", lambda *_, **__: net)
    with pytest.raises(ModelUnusable):
        reader.net()
    reader.net.cache_clear()


def test_the_rest_of_a_line_that_is_half_veiled_is_a_remnant(scene) -> None:
    ink = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY) < 120
    known = np.zeros(scene.shape[:2], np.bool_)
    columns = np.flatnonzero(ink.any(axis=0))
    # Three quarters of both lines lie under the veil.
    known[:, : columns[len(columns) * 3 // 4]] = True
    clean = veil(scene, known)
    found = [Region("remnant", o.veil) for o in find_remnants(clean, Known(known))]
    assert (mask_of(found, *known.shape) | known)[ink].mean() > 0.98


def test_a_line_of_which_another_size_shows_more_is_cut(scene) -> None:
    whole = find_lines(scene)[0]
    found = finding._Found([whole], [True], np.zeros(scene.shape[:2], np.uint8))
    finding._draw(found.known, whole.quad)
    longer = whole.quad + np.array([[0, 0], [0.3, 0], [0.3, 0], [0, 0]]) * np.ptp(whole.quad[:, 0])
    for kernel, cut in ((whole.quad, False), (longer, True)):
        shape = Shape(kernel, kernel, Outline(kernel, kernel), True)
        finding._add(found, shape, tallest_faint=1e9)
        assert found.lines[0].cut is cut


@pytest.mark.parametrize("turned", [False, True])
def test_a_line_is_as_long_as_any_size_shows_it(turned) -> None:
    quad = np.array([[10.0, 10], [110, 10], [110, 30], [10, 30]])
    longer = quad + np.array([[-4.0, -3], [12, -3], [12, 3], [-4, 3]])
    endless = quad + np.array([[0.0, 0], [300, 0], [300, 0], [0, 0]])
    expected = [
        (longer, np.array([[6.0, 10], [122, 10], [122, 30], [6, 30]])),
        (endless, np.array([[10.0, 10], [130, 10], [130, 30], [10, 30]])),
        (quad[:1] + (quad - quad[:1]) / 2, quad),
    ]
    for other, want in expected:
        if turned:  # clockwise from the upper left still
            order = [0, 3, 2, 1]
            got = finding._lengthened(Line(quad[:, ::-1][order]), other[:, ::-1][order])
            assert got == pytest.approx(want[:, ::-1][order])
        else:
            assert finding._lengthened(Line(quad), other) == pytest.approx(want)


def test_lines_that_cross_go_under_the_veil() -> None:
    from PIL import ImageDraw, ImageFont

    font = next(f for f in matplotlib_fonts() if f.stem == "DejaVuSans")
    texts = (("Wilhelmina Quackenbush", 0), ("+49 151 2345678", 35))
    image = Image.new("RGB", (800, 600), (40, 60, 90))
    for text, angle in texts:
        layer = Image.new("L", image.size, 0)
        draw = ImageDraw.Draw(layer)
        draw.text((400, 300), text, fill=255, font=ImageFont.truetype(str(font), 36), anchor="mm")
        layer = layer.rotate(angle, resample=Image.Resampling.BILINEAR)
        image.paste((225, 225, 215), mask=layer)
    pixels = np.asarray(image)
    ink = pixels.min(axis=2) > 150
    assert veiled_by(find_lines(pixels), pixels.shape)[ink].mean() > 0.98


def test_something_tall_is_what_another_size_shows_in_it() -> None:
    whole, small = (np.array([[0.0, 0], [w, 0], [w, h], [0, h]]) for w, h in ((300, 300), (80, 20)))
    phantom = Line(whole, read=True, outlines=(Outline(whole, whole), Outline(small, small)))
    left = finding.part_of(phantom, tall=100)
    assert [o.letters.tolist() for o in left.outlines] == [small.tolist()]
    assert not left.read
