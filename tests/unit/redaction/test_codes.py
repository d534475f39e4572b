"""Codes are found, read or not; photos without codes are left alone."""

import cv2
import numpy as np
import pytest
import skimage.data
import zxingcpp

from redaction.codes import code_readable, find_codes
from redaction.codes.structure import along, levelled
from redaction.codes.texture import large_cells
from redaction.outline import drawn, share_within, widened
from redaction.regions import mask_of
from redaction.types.region import Region
from redaction.veil import veil
from tests.development_data import development_data

WRITABLE = {
    "Aztec": "Seat 17C, gate B4, boarding 08:40",
    "Codabar": "A123456789B",
    "Code39": "PARCEL 4711",
    "Code93": "PARCEL 4711",
    "Code128": "Parcel 4711-0815",
    "DataBarExp": "(01)98898765432106(3202)012345",
    "DataBarLtd": "0112345678901",
    "DataBarOmni": "0112345678901",
    "DataMatrix": "Seat 17C, gate B4, boarding 08:40",
    "EAN13": "4006381333931",
    "EAN8": "96385074",
    "ITF": "1234567890",
    "MaxiCode": "Seat 17C, gate B4",
    "MicroQRCode": "12345",
    "PDF417": "Seat 17C, gate B4, boarding 08:40",
    "QRCode": "https://example.org/ticket/4711",
    "RMQRCode": "Seat 17C, gate B4",
    "Telepen": "PARCEL 4711",
    "UPCA": "036000291452",
    "UPCE": "01234565",
}
UNREADABLE = {"MaxiCode", "RMQRCode"}
"""Codes that the reader seldom reads in photos."""


def written(kind: str, longest: int = 260) -> np.ndarray:
    """Draw a code, about `longest` pixels wide, in whole pixels a module."""
    made = zxingcpp.create_barcode(WRITABLE[kind], getattr(zxingcpp.BarcodeFormat, kind))
    small = np.array(zxingcpp.write_barcode_to_image(made, 1))
    return np.repeat(np.repeat(small, n := max(1, longest // small.shape[1]), 0), n, 1)


def on_a_desk(
    code: np.ndarray, angle: float = 0.0, size: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Lay a code on a plain photo; return the photo and the corners of the code's picture."""
    shade = np.linspace(120, 170, 640, dtype=np.float32)
    photo = np.tile(shade, (480, 1)) + np.random.default_rng(3).normal(0, 3, (480, 640))
    height, width = code.shape
    to = cv2.getRotationMatrix2D((width / 2, height / 2), angle, size)
    to[:, 2] += (320 - width / 2, 240 - height / 2)
    how = cv2.INTER_AREA if size < 1 else cv2.INTER_LINEAR
    laid = cv2.warpAffine(code, to, (640, 480), flags=how).astype(np.float32)
    there = cv2.warpAffine(np.full_like(code, 255), to, (640, 480), flags=how) > 127
    grey = np.clip(np.where(there, laid, photo), 0, 255).astype(np.uint8)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ to[:, :2].T + to[:, 2]
    return np.repeat(grey[:, :, None], 3, axis=2), corners


def covered(pixels: np.ndarray, corners: np.ndarray) -> float:
    """Return which share of the inner part of a code's picture is found: quiet zones aside."""
    inner = corners.mean(axis=0) + 0.75 * (corners - corners.mean(axis=0))
    return share_within(inner, drawn(list(find_codes(pixels)), pixels.shape))


def after(pixels: np.ndarray) -> np.ndarray:
    regions = [Region("code", quad) for quad in find_codes(pixels)]
    return veil(pixels, mask_of(regions, *pixels.shape[:2]))


@pytest.mark.parametrize("kind", sorted(set(WRITABLE) - UNREADABLE))
def test_every_symbology_is_found_and_cannot_be_read_afterwards(kind) -> None:
    pixels, corners = on_a_desk(written(kind))
    assert code_readable(pixels)
    assert covered(pixels, corners) > 0.9
    assert not code_readable(after(pixels))


@pytest.mark.parametrize("kind", ["Code128", "DataMatrix", "EAN13", "PDF417", "QRCode"])
@pytest.mark.parametrize("angle", [17.0, 45.0, 90.0])
def test_turned_codes_are_found(kind, angle) -> None:
    pixels, corners = on_a_desk(written(kind), angle)
    assert covered(pixels, corners) > 0.9
    assert not code_readable(after(pixels))


@pytest.mark.parametrize("kind", ["Aztec", "Code128", "DataMatrix", "EAN13", "QRCode"])
def test_light_codes_on_dark_ground_are_found(kind) -> None:
    pixels, corners = on_a_desk(255 - written(kind))
    assert covered(pixels, corners) > 0.9
    assert not code_readable(after(pixels))


@pytest.mark.parametrize("kind", ["Code128", "DataMatrix", "EAN13", "QRCode"])
def test_small_codes_are_found(kind) -> None:
    pixels, corners = on_a_desk(written(kind, 240), size=0.5)
    assert covered(pixels, corners) > 0.9
    assert not code_readable(after(pixels))


@pytest.mark.parametrize("kind", sorted(UNREADABLE))
def test_what_the_reader_does_not_even_find_is_found(kind) -> None:
    pixels, corners = on_a_desk(written(kind))
    assert covered(pixels, corners) > 0.8
    assert not code_readable(after(pixels))


@pytest.mark.parametrize("kind", ["Code128", "EAN13", "ITF"])
def test_bars_without_their_ends_cannot_be_read_and_are_found(kind) -> None:
    code = written(kind)
    code[:, : code.shape[1] // 5] = 255
    pixels, corners = on_a_desk(code)
    assert not code_readable(pixels)
    inner = corners.copy()
    inner[[0, 3], 0] += code.shape[1] / 5
    assert covered(pixels, inner) > 0.9


@pytest.mark.parametrize("corner", [0, 1, 2])
def test_a_qr_code_without_a_finder_is_found(corner) -> None:
    encoder = cv2.QRCodeEncoder.create()
    modules = encoder.encode("https://example.org/tickets/4711?seat=17C&gate=B4")
    code = np.repeat(np.repeat(modules, 7, 0), 7, 1)
    third = code.shape[0] // 3
    y, x = ((0, 0), (0, 2 * third), (2 * third, 0))[corner]
    code[y : y + third, x : x + third] = 255
    pixels, corners = on_a_desk(code)
    assert not code_readable(pixels)
    # What is painted over holds nothing; of the rest little may be left out.
    found = drawn(list(find_codes(pixels)), pixels.shape)
    low, high = (corners[n].astype(int) for n in (0, 2))
    kept = np.zeros(pixels.shape[:2], dtype=bool)
    kept[low[1] : high[1], low[0] : high[0]] = True
    kept[low[1] + y : low[1] + y + third, low[0] + x : low[0] + x + third] = False
    assert found[kept].mean() > 0.8


@pytest.mark.parametrize("name", ["astronaut", "brick", "camera", "chelsea", "coffee", "grass"])
def test_photos_without_codes_are_left_alone(name) -> None:
    picture = getattr(skimage.data, name)()
    pixels = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    assert drawn(list(find_codes(pixels)), pixels.shape).mean() < 0.02
    assert not code_readable(pixels)


def test_what_repeats_itself_is_no_bar_code() -> None:
    railing = np.where(np.arange(640) % 12 < 5, 60, 200).astype(np.uint8)
    rows, _ = (along(levelled(a)) for a in (np.tile(railing, (200, 1)), railing[None].repeat(9, 0)))
    assert rows.usual > 50
    assert not rows.are_bars()
    code = written("Code128")
    assert along(levelled(code[code.shape[0] // 4 : code.shape[0] // 2])).are_bars()


@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (700, 16), (33, 40), (8, 8)])
def test_small_and_narrow_photos_do_not_break_it(shape) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for pixels in (noise, np.zeros((*shape, 3), np.uint8)):
        assert all(q.shape == (4, 2) and np.isfinite(q).all() for q in find_codes(pixels))


def test_the_same_photo_gives_the_same_codes() -> None:
    pixels, _ = on_a_desk(written("QRCode"), 12.0)
    first, second = find_codes(pixels), find_codes(pixels.copy())
    assert len(first) == len(second) > 0
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_nothing_that_was_read_is_said(capfd, caplog) -> None:
    pixels, _ = on_a_desk(written("QRCode"))
    find_codes(pixels)
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")


def test_cells_are_measured_alike_however_bright() -> None:
    grey = written("QRCode").astype(np.float32)
    dim = large_cells(np.rint(40 + grey / 2.125).astype(np.uint8)).measures
    bright = large_cells(grey.astype(np.uint8)).measures
    inside = np.s_[4:-4, 4:-4, :6]
    assert np.abs(dim[inside] - bright[inside]).max() < 0.1


def test_an_outline_grows_along_its_own_sides() -> None:
    tilted = np.array([[0.0, 10.0], [10.0, 0.0], [15.0, 5.0], [5.0, 15.0]])
    wider = widened(tilted, 2.0, 1.0)
    length, height = (np.linalg.norm(wider[n] - wider[m]) for n, m in ((1, 0), (3, 0)))
    assert length == pytest.approx(np.hypot(10, 10) + 4)
    assert height == pytest.approx(np.hypot(5, 5) + 2)
    assert share_within(tilted, drawn([wider], (40, 40))) == 1.0


@pytest.mark.slow
def test_pasted_samples_cannot_be_read() -> None:
    development_data("codes", "photos")
    from tests.benchmarks.bench_codes import after_the_veil
    from tests.benchmarks.pasted_codes import samples, scenes

    everything = samples()
    order = np.random.default_rng(9).permutation(len(everything))[:80]
    figures = after_the_veil(list(scenes([everything[i] for i in order], 9)))
    assert figures["readable_before"] > 40
    assert figures["readable_after_codes_veiled"] <= 0.03 * figures["readable_before"]
    assert figures["boxes_covered_to_90"] > 0.75
