"""What of a file's metadata is left in the copy that a reviewer gets, next to other tools.

`python -m tests.benchmarks.bench_metadata`

Two sets: files with a marker in every slot of their format (`tests.planted`), and photos of real
cameras, whose tags exiftool reads before and after. Peers: Pillow's plain open and save, and
imgstrip where it is installed. Needs exiftool, except for the markers.
"""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from redaction import Limits
from redaction.decoding import Undecodable, decode
from redaction.encode import encode_png
from tests.development_data import development_data
from tests.planted import found_in, planted

Clean = Callable[[bytes], bytes | None]
# What exiftool says of any file that is pixels alone: how they are stored.
_OF_THE_FILE: Final = re.compile(
    r"SourceFile|(ExifTool|File|System|Composite|JFIF|RIFF|PNG|QuickTime|EXIF|BMP|GIF):("
    r"ExifToolVersion|File\w+|Directory|MIMEType|Warning|(Exif)?Image(Width|Height|Size)|ImageLength|"
    r"Megapixels|BitDepth|ColorType|Compression|Filter|Interlace|EncodingProcess|BitsPerSample|"
    r"ColorComponents|YCbCrSubSampling|JFIFVersion|ResolutionUnit|[XY]Resolution|ExifByteOrder|"
    r"VP8Version|(Horizontal|Vertical)Scale|PhotometricInterpretation|Strip\w+|SamplesPerPixel|"
    r"RowsPerStrip|PlanarConfiguration|Orientation|ImageSpatialExtent|MajorBrand|MinorVersion|"
    r"CompatibleBrands|Handler\w*|PrimaryItemReference|MediaData\w+|PixelsPerUnit[XY]|PixelUnits|"
    r"SampleFormat|Predictor|ColorMap|ExtraSamples|HEVC\w*|Gen\w+|ConstraintIndicatorFlags|MinSpatialSegmentationIdc|ParallelismType|"
    r"ChromaFormat|BitDepth(Luma|Chroma)|AverageFrameRate|ConstantFrameRate|NumTemporalLayers|"
    r"TemporalIDNested|ConfigurationVersion|ImagePixelDepth|MetaImageSize|Rotation|Ed\w+)"
)


def ours(raw: bytes) -> bytes | None:
    """Decode and write as redaction does; no veil, which only takes more away."""
    try:
        return encode_png(decode(raw, Limits(), longest=1600))
    except Undecodable:
        return None


def pillow(raw: bytes) -> bytes | None:
    """Open and save in the same format, as many scripts do."""
    file = BytesIO()
    try:
        with Image.open(BytesIO(raw)) as image:
            image.save(file, image.format)
    except (OSError, ValueError, KeyError, SyntaxError):
        return None
    return file.getvalue()


def imgstrip(raw: bytes) -> bytes | None:
    """Rebuild with imgstrip at its defaults."""
    from imgstrip import core  # type: ignore[import-not-found]

    try:
        return bytes(core.strip_image(raw).data)
    except core.StripError:
        return None


def peers() -> dict[str, Clean]:
    """Return whom to compare."""
    found: dict[str, Clean] = {"ours": ours, "pillow": pillow}
    if importlib.util.find_spec("imgstrip") is not None:
        found["imgstrip"] = imgstrip
    return found


def markers_left(clean: Clean) -> dict[str, Any]:
    """Count the markers of every format that come through, by format."""
    left: dict[str, list[str]] = {}
    withheld = []
    slots = 0
    for file in planted():
        slots += len(file.slots)
        made = clean(file.raw)
        if made is None:
            withheld.append(file.name)
            continue
        through = [slot for slot in file.slots if found_in(made, slot)]
        if through or found_in(made):
            left[file.name] = through
    return {
        "slots": slots,
        "left": sum(map(len, left.values())),
        "withheld": withheld,
        "slots_left": left,
    }


def tags_left(clean: Clean, photos: Iterable[Path], exiftool: str) -> dict[str, Any]:
    """Count the tags that exiftool reads in what came out of real photos."""
    counted: Counter[str] = Counter()
    withheld = files = before = 0
    with tempfile.TemporaryDirectory() as folder:
        originals, copies = Path(folder, "before"), Path(folder, "after")
        originals.mkdir()
        copies.mkdir()
        for number, photo in enumerate(photos):
            raw = photo.read_bytes()
            files += 1
            (originals / f"{number}").write_bytes(raw)
            made = clean(raw)
            if made is None:
                withheld += 1
            else:
                (copies / f"{number}").write_bytes(made)
        before = sum(map(len, _tags(exiftool, originals)))
        for tags in _tags(exiftool, copies):
            counted.update(tags)
    return {
        "files": files,
        "withheld": withheld,
        "tags_before": before,
        "tags_left": counted.total(),
        "most_left": dict(counted.most_common(8)),
    }


def _tags(exiftool: str, folder: Path) -> list[set[str]]:
    done = subprocess.run(
        [exiftool, "-json", "-G0", "-a", "-u", "-ee", "-q", *map(str, sorted(folder.iterdir()))],
        capture_output=True,
        check=False,
    )
    rows = json.loads(done.stdout or b"[]")
    return [{tag for tag in row if not _OF_THE_FILE.fullmatch(tag)} for row in rows]


def main() -> None:
    """Print one line a figure, then one JSON object."""
    result: dict[str, Any] = {}
    exiftool = shutil.which("exiftool")
    photos = [f for f in sorted(development_data("metadata").rglob("*")) if f.is_file()]
    for name, clean in peers().items():
        result[name] = {"markers": markers_left(clean)}
        if exiftool is not None:
            result[name]["cameras"] = tags_left(clean, photos, exiftool)
        for kind, figures in result[name].items():
            sys.stdout.write(f"{name}, {kind}: {json.dumps(figures)}\n")
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
