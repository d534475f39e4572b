"""What hostile files cost: time, memory, and whether anything but themselves suffers.

`python -m tests.benchmarks.bench_hostile [--count N] [--whole N] [--seed N]`

The malformed files of the development data and `--count` damaged ones of our own go through
decoding; `--whole` of the damaged ones, and the hostile files, through all of redaction. Headers
that promise up to 300,000 by 300,000 pixels are timed apart. Last, what decoding in a process of
its own costs, against the same code in this process.
"""

import argparse
import json
import os
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from policies.lexicon import Lexicon
from redaction import Limits, RedactedPhoto, RedactionRules, redact, warm_up
from redaction.decoding import Undecodable, decode, process, start
from redaction.decoding.picture import read_picture
from redaction.decoding.wire import Request
from tests.development_data import development_data
from tests.mutations import many_scans, mutants

LONGEST: Final = 1600
LARGE: Final = 7000
BOMBS: Final = (10_000, 20_000, 50_000, 100_000, 300_000)


@dataclass
class Costs:
    """What one kind of files came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    """The most that one file took, by the clock."""
    processor_seconds: float = 0.0
    peak_mb: float = 0.0
    deaths: int = 0
    """Photos whose process did not end by itself."""
    decoders: set[int] = field(default_factory=set)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "outcomes": dict(sorted(self.outcomes.items())),
            "max_seconds": round(self.seconds, 3),
            "max_processor_seconds": round(self.processor_seconds, 3),
            "max_mb": round(self.peak_mb, 1),
            "photo_processes_that_died": self.deaths,
            "decoders_lost": len(self.decoders) - 1,
        }


def decoded(files: Iterable[bytes]) -> Costs:
    """Send each file through decoding alone."""
    costs = Costs()
    for raw in files:
        start()
        assert process._decoder is not None
        decoder = process._decoder
        decoder.last = None
        costs.decoders.add(decoder._process.pid)
        begin = time.perf_counter()
        try:
            decode(raw, Limits(), longest=LONGEST)
            costs.outcomes["decoded"] += 1
        except Undecodable as refusal:
            costs.outcomes[refusal.reason] += 1
        costs.seconds = max(costs.seconds, time.perf_counter() - begin)
        if decoder.last is not None:
            costs.processor_seconds = max(costs.processor_seconds, decoder.last.seconds)
            costs.peak_mb = max(costs.peak_mb, decoder.last.peak_kib / 1000)
            costs.deaths += not decoder.last.well
    return costs


def redacted(files: Iterable[bytes]) -> dict[str, Any]:
    """Send each file through all of redaction."""
    rules = RedactionRules(Lexicon((("Nike", "Nike"),)))
    warm_up()
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for raw in files:
        begin = time.perf_counter()
        answer = redact(raw, rules)
        slowest = max(slowest, time.perf_counter() - begin)
        passed = isinstance(answer, RedactedPhoto)
        outcomes["redacted" if passed else answer.reason.value] += 1  # type: ignore[union-attr]
    return {"outcomes": dict(sorted(outcomes.items())), "max_seconds": round(slowest, 3)}


def bombs() -> list[bytes]:
    """Return PNG and BMP files whose headers promise squares of up to 300,000 pixels a side."""
    made = []
    for side in BOMBS:
        head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        png = b"\x89PNG\r\n\x1a\n"
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1 << 20), 9))):
            png += struct.pack(">I", len(data)) + kind + data
            png += struct.pack(">I", zlib.crc32(kind + data))
        file = BytesIO()
        Image.new("RGB", (16, 16)).save(file, "BMP")
        bmp = bytearray(file.getvalue())
        bmp[18:26] = struct.pack("<ii", side, side)
        made += [png, bytes(bmp)]
    return made


def large() -> list[bytes]:
    """Return whole files just below the limit of pixels, in the forms that take most memory."""
    made = []
    for mode, colour, form, options in (
        ("RGB", (90, 120, 200), "JPEG", {}),
        ("RGB", (90, 120, 200), "JPEG", {"progressive": True, "subsampling": 0}),
        ("CMYK", (9, 9, 9, 9), "JPEG", {"progressive": True}),
        ("RGBA", (90, 120, 200, 200), "PNG", {"compress_level": 1}),
        ("I;16", 900, "PNG", {"compress_level": 1}),
        ("RGB", (90, 120, 200), "TIFF", {"compression": "tiff_lzw"}),
        ("RGB", (90, 120, 200), "WEBP", {"method": 0}),
        ("P", 3, "GIF", {}),
    ):
        file = BytesIO()
        Image.new(mode, (LARGE, LARGE), colour).save(file, form, **options)
        made.append(file.getvalue())
    return made


def overhead(width: int, height: int, photos: int) -> dict[str, float]:
    """Compare processor time a photo: a process of its own, and none."""
    rng = np.random.default_rng(5)
    rough = rng.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
    image = Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)
    grain = rng.integers(-6, 7, (height, width, 1))
    file = BytesIO()
    noisy = np.clip(np.asarray(image).astype(int) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(file, "JPEG", quality=90)
    raw = file.getvalue()
    limits = Limits()
    request = Request(LONGEST, limits.max_pixels, 16, False, 8.0, 1024, len(raw))
    begin = time.process_time()
    for _ in range(photos):
        np.array(read_picture(raw, request)[0])
    inside = time.process_time() - begin
    start()
    assert process._decoder is not None
    server = process._decoder._process.pid
    begin, of_server, of_photos = time.process_time(), _processor_seconds(server), 0.0
    for _ in range(photos):
        decode(raw, limits, longest=LONGEST)
        assert process._decoder.last is not None
        of_photos += process._decoder.last.seconds
    apart = time.process_time() - begin + _processor_seconds(server) - of_server + of_photos
    return {
        "file_mb": round(len(raw) / 1e6, 2),
        "in_process_ms": round(1000 * inside / photos, 2),
        "apart_ms": round(1000 * apart / photos, 2),
        "overhead_ms": round(1000 * (apart - inside) / photos, 2),
    }


def _processor_seconds(pid: int) -> float:
    own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, own)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print one line a figure, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--whole", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    hostile = [
        f.read_bytes() for f in sorted(development_data("hostile").rglob("*")) if f.is_file()
    ]
    result: dict[str, Any] = {
        "overhead, 12 megapixels": overhead(4000, 3000, 20),
        "overhead, 1280 pixels": overhead(1280, 960, 40),
        "bombs": decoded(bombs()).to_json(),
        "large, decoded": decoded(large()).to_json(),
        "slow, decoded": decoded([many_scans(LARGE, 10_000)]).to_json(),
        "hostile, decoded": decoded(hostile).to_json(),
        "damaged, decoded": decoded(m.raw for m in mutants(given.count, given.seed)).to_json(),
    }
    if given.whole:
        sample = [m.raw for m in mutants(given.whole, given.seed + 1)]
        result["hostile, redacted"] = redacted(hostile)
        result["damaged, redacted"] = redacted(sample)
    for name, figures in result.items():
        sys.stdout.write(f"{name}: {json.dumps(figures)}\n")
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
