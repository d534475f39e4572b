"""How much text is found, covered and kept, and what can still be read of what was veiled.

`python -m tests.benchmarks.bench_text [boxes] [plates] [planted] [tesseract] [--count N]`

Readers after redaction: RapidOCR at its own defaults, which knows upside-down text, and Tesseract,
which had no part in redaction. Photos of real receipts, streets, documents and plates come from
the development data; the planted ones are drawn. Figures only: nothing that was read is printed.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz import fuzz

from policies.lexicon import Lexicon, fold
from redaction import Limits, RedactedPhoto, RedactionRules, redact
from redaction.decoding import decode
from redaction.obscure import Refused, obscure
from redaction.regions import mask_of, text_regions
from redaction.second_look import TEXT_SIZES
from redaction.text import Known, find_lines, find_remnants
from redaction.types.region import Region
from redaction.veil import veil
from tests.benchmarks.written import (
    LEXICON,
    Written,
    WrittenPhoto,
    installed_fonts,
    matplotlib_fonts,
    written_photos,
)
from tests.development_data import development_data

COVERED: Final = 0.9
SIMILAR: Final = 80
"""rapidfuzz's partial ratio from which on something read counts as a piece of what was written."""
VISIBLE: Final = 0.05
"""Share of a name of the catalogue that may lie under a veil, for it to count as kept."""
LEAST: Final = 4
"""Letters and digits of a word that counts."""
SAME: Final = 60
"""Ratio from which on two readings of one place are the same word."""
OTHERS: Final = ("face", "person", "code")
"""Kinds of veil that say nothing about text: a name of the catalogue under one is not counted."""
ANCHORS: Final = {
    "receipts_covered_90": (".986", ">= .995"),
    "receipts_whole": ("31 of 40", "38 of 40"),
    "street_covered_90": (".451", ">= .65"),
    "text_cpu_ms": ("627 to 736", "no more"),
    "plates_covered_90": ("0 of 60 at .9", "-"),
    "planted_read_back": ("-", "0"),
    "brand_words_kept": ("-", ">= .95"),
    "tesseract_words_left": ("-", "0"),
}

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """A word or line that a reader saw."""

    text: str
    quad: Quad


def rapidocr_reads(pixels: Pixels) -> list[Read]:
    """Return what RapidOCR reads at its own settings."""
    answer = _rapidocr()(np.ascontiguousarray(pixels[:, :, ::-1]))
    if answer.txts is None:
        return []
    return [Read(t, np.asarray(b, float)) for t, b in zip(answer.txts, answer.boxes, strict=True)]


@cache
def _rapidocr() -> Any:
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})


def tesseract_reads(pixels: Pixels, mode: int = 11) -> list[Read]:
    """Return the words that Tesseract reads; 11 looks for text anywhere, 6 reads a block."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PPM")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "--psm", str(mode), "tsv"],
        input=file.getvalue(),
        capture_output=True,
        check=True,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/usr/local/bin"},
    )
    reads = []
    lines = done.stdout.decode(errors="replace").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["text"] and row["text"].strip():
            x, y, w, h = (float(row[c]) for c in ("left", "top", "width", "height"))
            reads.append(
                Read(row["text"], np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]))
            )
    return reads


def boxes_covered() -> dict[str, Any]:
    """Score the veil of text on receipts and streets, with nothing in the catalogue."""
    shares: dict[str, list[list[float]]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    areas: dict[str, list[float]] = defaultdict(list)
    folder = development_data("text")
    for photo, boxes in _truth(folder).items():
        pixels, scale = _decoded(folder / "photos" / photo)
        begin = time.process_time()
        mask = _text_mask(pixels)
        kind = "street" if photo.startswith("street") else "receipts"
        seconds[kind].append(time.process_time() - begin)
        areas[kind].append(float(mask.mean()))
        shares[kind].append([_share(mask, box * scale) for box, _ in boxes])
    result: dict[str, Any] = {}
    for kind, photos in shares.items():
        flat = np.concatenate([np.array(photo) for photo in photos])
        result |= {
            f"{kind}_boxes": len(flat),
            f"{kind}_covered_50": float((flat >= 0.5).mean()),
            f"{kind}_covered_90": float((flat >= COVERED).mean()),
            f"{kind}_whole": f"{sum(min(p) >= COVERED for p in photos)} of {len(photos)}",
            f"{kind}_veiled_area": float(np.mean(areas[kind])),
            f"{kind}_text_cpu_ms": 1000 * float(np.mean(seconds[kind])),
        }
    return result


def plates_covered() -> dict[str, Any]:
    """Score the veil of text on licence plates."""
    folder = development_data("plates")
    shares, areas = [], []
    for photo, boxes in _truth(folder).items():
        pixels, scale = _decoded(folder / "photos" / photo)
        mask = _text_mask(pixels)
        areas.append(float(mask.mean()))
        shares += [_share(mask, box * scale) for box, _ in boxes]
    return {
        "plates": len(shares),
        "plates_covered_90": float((np.array(shares) >= COVERED).mean()),
        "plates_veiled_area": float(np.mean(areas)),
    }


def planted(photos: Iterable[WrittenPhoto]) -> dict[str, Any]:
    """Redact drawn photos, and let both readers try what was written on them."""
    counted: Counter[str] = Counter()
    back: Counter[str] = Counter()
    rules = RedactionRules(LEXICON)
    begin = time.process_time()
    for photo in photos:
        counted["photos"] += 1
        before = rapidocr_reads(photo.pixels)
        try:
            done = obscure(decode(_png(photo.pixels), Limits(), longest=1600), rules)
        except Refused:
            counted["withheld"] += 1
            continue
        after = rapidocr_reads(done.pixels)
        others = mask_of(
            [r for r in done.regions if any(r.is_for(kind) for kind in OTHERS)], *done.mask.shape
        )
        for text in photo.texts:
            if text.kind == "catalogue":
                readable = _names(before, text)
                if readable and _share_within(others, text) > 0:
                    counted["brands_under_other_veils"] += 1
                    continue
                counted["brands_readable"] += readable
                visible = _share_within(done.mask, text) <= VISIBLE
                counted["brands_kept"] += readable and visible
                continue
            counted["personal"] += 1
            counted["personal_readable"] += _reads_back(_within(before, text), text)
            if _reads_back(after, text):
                back["rapidocr"] += 1
                back[text.kind] += 1
            if _reads_back(tesseract_reads(_upright(done.pixels, text), 6), text):
                back["tesseract"] += 1
                back[text.kind] += 1
    kept = counted["brands_kept"] / max(counted["brands_readable"], 1)
    return {
        **counted,
        "planted_read_back": back["rapidocr"] + back["tesseract"],
        "read_back_by": dict(back),
        "brand_words_kept": kept,
        "cpu_s": time.process_time() - begin,
    }


def tesseract_left(sets: Sequence[str], crops: Path | None = None) -> dict[str, Any]:
    """Count the words that Tesseract reads in real photos after redaction.

    A word that it reads in the original at the same place is left over; one that it does not is
    its own invention. `crops` is a folder for pictures of both, for somebody's eyes.
    """
    result: dict[str, Any] = {}
    for name in sets:
        counted: Counter[str] = Counter()
        for file in sorted((development_data(name) / "photos").iterdir()):
            raw = file.read_bytes()
            done = redact(raw, RedactionRules(Lexicon(())))
            if not isinstance(done, RedactedPhoto):
                counted["withheld"] += 1
                continue
            counted["photos"] += 1
            after = [r for r in tesseract_reads(done.pixels) if len(fold(r.text)) >= LEAST]
            if not after:
                continue
            original = decode(raw, Limits(), longest=1600)
            before = tesseract_reads(original)
            for number, read in enumerate(after):
                kind = "left" if _was_there(read, before) else "invented"
                counted[f"words_{kind}"] += 1
                if crops is not None:
                    _save_crop(crops / f"{name}_{file.stem}_{number}_{kind}.png", read, original)
        result |= {f"{name}_{key}": value for key, value in sorted(counted.items())}
    left = sum(value for key, value in result.items() if key.endswith("_words_left"))
    return result | {"tesseract_words_left": left}


def _was_there(read: Read, before: Sequence[Read]) -> bool:
    low, high = read.quad.min(axis=0), read.quad.max(axis=0)
    return any(
        fuzz.ratio(fold(read.text), fold(other.text)) >= SAME
        for other in before
        if (other.quad.min(axis=0) < high).all() and (other.quad.max(axis=0) > low).all()
    )


def _save_crop(file: Path, read: Read, original: Pixels) -> None:
    x0, y0 = np.maximum(read.quad.min(axis=0) - 40, 0).astype(int)
    x1, y1 = (read.quad.max(axis=0) + 40).astype(int)
    Image.fromarray(original[y0:y1, x0:x1]).save(file)


def _names(reads: Sequence[Read], text: Written) -> bool:
    return any(fold(r.text) == fold(text.text) for r in _within(reads, text))


def _within(reads: Sequence[Read], text: Written) -> list[Read]:
    outline = text.quad.astype(np.float32)
    middles = [(r, r.quad.mean(axis=0)) for r in reads]
    return [
        r for r, (x, y) in middles if cv2.pointPolygonTest(outline, (float(x), float(y)), False) > 0
    ]


def _reads_back(reads: Sequence[Read], text: Written) -> bool:
    """Say whether a reader saw a word of a personal text, or all of it run together."""
    names = {fold(alias) for alias in LEXICON.aliases}
    written = {fold(part) for part in text.text.replace("@", " ").replace(".", " ").split()}
    tokens = [t for t in {*written, fold(text.text)} if len(t) >= LEAST and t not in names]
    for read in reads:
        seen = fold(read.text)
        for token in tokens:
            long_enough = len(seen) >= LEAST and len(seen) >= SIMILAR / 100 * len(token)
            if long_enough and fuzz.partial_ratio(token, seen) >= SIMILAR:
                return True
    return False


def _upright(pixels: Pixels, text: Written) -> Pixels:
    """Cut out a text as somebody would who knows where it was, level and at a readable size."""
    width, height = (np.linalg.norm(text.quad[i] - text.quad[j]) for i, j in ((0, 1), (1, 2)))
    scale = max(1.0, 32 / text.size)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    corners = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    turn = cv2.getPerspectiveTransform(text.quad.astype(np.float32), corners)
    margin = np.array([[1, 0, 20], [0, 1, 20], [0, 0, 1]]) @ turn
    whole = (size[0] + 40, size[1] + 40)
    return cv2.warpPerspective(pixels, margin, whole, flags=cv2.INTER_CUBIC).astype(np.uint8)


def _text_mask(pixels: Pixels) -> NDArray[np.bool_]:
    """Return what both looks for text veil when nothing is cleared."""
    shape = pixels.shape[:2]
    lines = find_lines(pixels)
    mask = mask_of([r for line in lines for r in text_regions(line)], *shape)
    rest = find_remnants(veil(pixels, mask), Known(mask), TEXT_SIZES[bool(lines)])
    return mask | mask_of([Region("remnant", r.veil) for r in rest], *shape)


def _truth(folder: Path) -> dict[str, list[tuple[Quad, str]]]:
    boxes: dict[str, list[tuple[Quad, str]]] = defaultdict(list)
    with (folder / "boxes.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            corners = np.array([float(row[c]) for c in ("x0", "y0", "x1", "y1")])
            boxes[row["photo"]].append((corners, row["label"]))
    return boxes


def _decoded(file: Path) -> tuple[Pixels, float]:
    raw = file.read_bytes()
    with Image.open(BytesIO(raw)) as image:
        longest = max(image.size)
    pixels = decode(raw, Limits(), longest=1600)
    return pixels, max(pixels.shape) / longest


def _share(mask: NDArray[np.bool_], box: Quad) -> float:
    x0, y0, x1, y1 = np.rint(np.maximum(box, 0)).astype(int)
    inside = mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return float(inside.mean()) if inside.size else 0.0


def _share_within(mask: NDArray[np.bool_], text: Written) -> float:
    inside = mask_of([Region("text", text.quad)], *mask.shape)
    return float(mask[inside].mean()) if inside.any() else 0.0


def _png(pixels: Pixels) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def main() -> None:
    """Print one line a figure, then one JSON object."""
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="boxes, plates, planted, tesseract; all of them")
    parser.add_argument("--count", type=int, default=500, help="planted photos")
    parser.add_argument("--first", type=int, default=0, help="number of the first planted photo")
    parser.add_argument("--crops", type=Path, help="folder for what Tesseract read, as pictures")
    asked = parser.parse_args()
    parts = asked.parts or ["boxes", "plates", "planted", "tesseract"]
    result: dict[str, Any] = {}
    if "boxes" in parts:
        result |= boxes_covered()
    if "plates" in parts:
        result |= plates_covered()
    if "planted" in parts and shutil.which("tesseract"):
        fonts = installed_fonts()
        result["fonts"] = sorted({f.stem for f in fonts})
        result["fonts_of_matplotlib"] = len(matplotlib_fonts())
        result |= planted(written_photos(asked.count, fonts, first=asked.first))
    if "tesseract" in parts and shutil.which("tesseract"):
        result |= tesseract_left(("text", "documents", "plates"), asked.crops)
    for name, value in result.items():
        anchor, target = ANCHORS.get(name.replace("receipts_text", "text"), ("", ""))
        beside = f"  (anchor {anchor}; to reach {target})" if anchor else ""
        sys.stdout.write(f"{name}: {value}{beside}\n")
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
