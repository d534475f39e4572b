"""How many codes can still be read after redaction, and what veiling them costs.

`python -m tests.benchmarks.bench_codes [--sample N] [--whole N] [--seed S]`

Pastes every sample code into a photo of a scene, 120 to 500 pixels long, half of them turned by
any angle and seen aslant, half of them with the blur, shade and noise of a camera. Then two readers
that know many tricks, zxing-cpp and OpenCV, try to read each code before and after.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from redaction.codes import code_readable, find_codes
from redaction.regions import mask_of
from redaction.types.region import Region
from redaction.veil import veil
from tests.benchmarks.pasted_codes import HIGH, SEED, WIDE, Scene, samples, scenes
from tests.development_data import development_data

COVERED: Final = 0.9
FALSE_ALARMS: Final = ("scenes", "objects", "brands")
PHOTOS_FOR_FALSE_ALARMS: Final = 60


def readings(crop: NDArray[np.uint8], *, all_of_them: bool = False) -> list[str]:
    """Return the names of the ways in which a code can be read from an (h, w, 3) crop.

    One name is enough to know that it can be, so the rest is skipped unless `all_of_them`.
    """
    names = []
    for name, look in _ways(crop):
        if look():
            names.append(name)
            if not all_of_them:
                break
    return names


def _ways(crop: NDArray[np.uint8]) -> Iterator[tuple[str, Callable[[], bool]]]:
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    yield "opencv qr", lambda: _opencv_reads_matrix(grey)
    yield "opencv bars", lambda: _opencv_reads_bars(grey)
    for turn in (0, 45, 20):
        turned = _turned(grey, turn) if turn else grey
        for times in (1, 2, 0.5, 3):
            if turn == 20 and times != 2:
                continue
            how = cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
            sized = cv2.resize(turned, None, fx=times, fy=times, interpolation=how)
            if min(sized.shape) < 8:
                continue
            for binarizer in ("LocalAverage", "GlobalHistogram"):
                if turn and binarizer != "LocalAverage":
                    continue
                how_to = getattr(zxingcpp.Binarizer, binarizer)
                yield (
                    f"zxing-cpp {binarizer} x{times} turned {turn}",
                    lambda seen=sized, b=how_to: _zxing_reads(seen, b),
                )
    yield "zxing-cpp inverted", lambda: _zxing_reads(255 - grey, zxingcpp.Binarizer.LocalAverage)


def _zxing_reads(grey: NDArray[np.uint8], binarizer: Any) -> bool:
    return bool(zxingcpp.read_barcodes(np.ascontiguousarray(grey), binarizer=binarizer))


def _opencv_reads_matrix(grey: NDArray[np.uint8]) -> bool:
    try:
        return any(cv2.QRCodeDetector().detectAndDecodeMulti(grey)[1])
    except cv2.error:
        return False  # it fails on some pictures instead of finding nothing


def _opencv_reads_bars(grey: NDArray[np.uint8]) -> bool:
    if min(grey.shape) < 40:
        grey = cv2.resize(grey, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    try:
        return any(cv2.barcode.BarcodeDetector().detectAndDecodeWithType(grey)[1])
    except cv2.error:
        return False


def _turned(grey: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    height, width = grey.shape
    side = int(np.hypot(height, width)) + 2
    to = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    to[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    return cv2.warpAffine(grey, to, (side, side), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def around(pixels: NDArray[np.uint8], corners: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the part of the photo where a sample was pasted, and a little more."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    more = 8 + 0.1 * (high - low)
    x0, y0 = np.maximum(0, np.floor(low - more)).astype(int)
    x1, y1 = np.ceil(high + more).astype(int)
    return np.ascontiguousarray(pixels[y0:y1, x0:x1])


@dataclass
class Tally:
    """What became of the codes of one symbology."""

    codes: int = 0
    readable: int = 0
    readable_after: int = 0
    covered: int = 0

    def add(self, other: "Tally") -> None:
        """Add another one's counts."""
        self.codes += other.codes
        self.readable += other.readable
        self.readable_after += other.readable_after
        self.covered += other.covered


def after_the_veil(pasted: list[Scene]) -> dict[str, Any]:
    """Count what can be read before and after the codes alone are veiled."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    spent, around_codes, whole = 0.0, [], 0
    for scene in pasted:
        started = time.process_time()
        found = find_codes(scene.pixels)
        spent += time.process_time() - started
        mask = mask_of([Region("code", quad) for quad in found], HIGH, WIDE)
        veiled = veil(scene.pixels, mask)
        whole += code_readable(veiled)
        pictures = [Region("code", code.picture) for code in scene.codes]
        around_codes.append(float((mask & ~mask_of(pictures, HIGH, WIDE)).mean()))
        for code in scene.codes:
            inside = mask_of([Region("code", code.code)], HIGH, WIDE)
            share = float((mask & inside).sum()) / max(int(inside.sum()), 1)
            before = readings(around(scene.pixels, code.picture))
            after = readings(around(veiled, code.picture))
            tallies[code.sample.symbology].add(
                Tally(1, bool(before), bool(after), share >= COVERED)
            )
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    return {
        "codes": total.codes,
        "readable_before": total.readable,
        "readable_after_codes_veiled": total.readable_after,
        "scenes_in_which_any_code_reads_after": whole,
        "boxes_covered_to_90": round(total.covered / max(total.codes, 1), 3),
        "veiled_beside_the_codes": round(float(np.mean(around_codes)), 4),
        "cpu_ms_per_scene_full_of_codes": round(1000 * spent / max(len(pasted), 1), 1),
        "by_symbology": {name: vars(tally) for name, tally in sorted(tallies.items())},
    }


def after_everything(pasted: list[Scene]) -> dict[str, Any]:
    """Count what can be read after the whole of redaction; a withheld photo hides its codes."""
    from policies.lexicon import Lexicon
    from redaction import RedactedPhoto, RedactionRules, redact

    rules = RedactionRules(Lexicon((("Coca-Cola", "Coca-Cola"),)))
    codes = still = withheld = 0
    for scene in pasted:
        buffer = BytesIO()
        Image.fromarray(scene.pixels).save(buffer, "PNG")
        photo = redact(buffer.getvalue(), rules)
        codes += len(scene.codes)
        if not isinstance(photo, RedactedPhoto):
            withheld += 1
            continue
        seen = np.array(photo.pixels)
        still += sum(bool(readings(around(seen, code.picture))) for code in scene.codes)
    return {"photos": len(pasted), "withheld": withheld, "codes": codes, "readable_after": still}


def false_alarms() -> dict[str, Any]:
    """Measure what is veiled of photos without codes, as they are and enlarged, and the cost."""
    draw = np.random.default_rng(SEED)
    answer: dict[str, Any] = {}
    for folder in FALSE_ALARMS:
        files = sorted(development_data(folder, "photos").iterdir())
        chosen = [files[i] for i in draw.permutation(len(files))[:PHOTOS_FOR_FALSE_ALARMS]]
        for name, enlarge in (("", False), (" at 1280", True)):
            shares, spent, checking = [], 0.0, 0.0
            for file in chosen:
                pixels = np.ascontiguousarray(cv2.imread(str(file))[:, :, ::-1])
                if enlarge:
                    times = WIDE / max(pixels.shape)
                    pixels = cv2.resize(
                        pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC
                    )
                started = time.process_time()
                found = find_codes(pixels)
                middle = time.process_time()
                code_readable(pixels)
                spent, checking = spent + middle - started, checking + time.process_time() - middle
                mask = mask_of([Region("code", quad) for quad in found], *pixels.shape[:2])
                shares.append(float(mask.mean()))
            answer[folder + name] = {
                "veiled_for_nothing": round(float(np.mean(shares)), 4),
                "photos_touched": round(float(np.mean(np.array(shares) > 0)), 3),
                "find_codes_cpu_ms": round(1000 * spent / len(chosen), 1),
                "code_readable_cpu_ms": round(1000 * checking / len(chosen), 1),
            }
    return answer


def main() -> None:
    """Print the figures: JSON first, then a line for each with its anchor and target."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sample", type=int, default=0, help="paste only N codes")
    words.add_argument("--whole", type=int, default=0, help="redact N scenes in full, too")
    words.add_argument("--seed", type=int, default=SEED, help="where and how codes are pasted")
    given = words.parse_args()
    cv2.setNumThreads(1)
    everything = samples()
    order = np.random.default_rng(given.seed).permutation(len(everything))
    chosen = [everything[i] for i in order[: given.sample or None]]
    pasted = list(scenes(chosen, given.seed))
    result: dict[str, Any] = {"seed": given.seed, **after_the_veil(pasted)}
    result["photos_without_codes"] = false_alarms()
    if given.whole:
        result["whole_redaction"] = after_everything(pasted[: given.whole])
    sys.stdout.write(json.dumps(result, indent=1) + "\n\n")
    for line in _lines(result):
        sys.stdout.write(line + "\n")


def _lines(result: dict[str, Any]) -> Iterator[str]:
    before, after = result["readable_before"], result["readable_after_codes_veiled"]
    yield f"codes pasted: {result['codes']}, of which readable: {before}"
    yield f"readable after veiling codes alone: {after} (anchor {before}, target 0)"
    yield f"code boxes covered to 90 %: {result['boxes_covered_to_90']:.1%} (anchor none)"
    for name, figures in result["photos_without_codes"].items():
        yield (
            f"{name}: {figures['veiled_for_nothing']:.2%} veiled for nothing (target < 1 %), "
            f"find_codes {figures['find_codes_cpu_ms']} CPU ms (target 60 at 1280), "
            f"code_readable {figures['code_readable_cpu_ms']} (target 40)"
        )
    if "whole_redaction" in result:
        whole = result["whole_redaction"]
        yield (
            f"readable after the whole of redaction: {whole['readable_after']} of {whole['codes']} "
            f"(target 0), {whole['withheld']} of {whole['photos']} photos withheld"
        )


if __name__ == "__main__":
    main()
