from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from engine import photo_job
from engine.photo_job import Looked, PhotoJob
from engine.recognition import RecognitionRules
from engine.sources import SourcePhoto
from policies.lexicon import Lexicon
from redaction import RedactionRules
from redaction.types.photo import RedactedPhoto, seal


class _Broken:
    def score(self, photo: RedactedPhoto) -> dict[object, float]:
        raise ValueError("a canary in a message")


@dataclass(frozen=True)
class _Bytes:
    def read(self, limit: int) -> bytes:
        return b"raw"


@dataclass(frozen=True)
class _TooMany:
    def read(self, limit: int) -> bytes:
        raise MemoryError


def test_a_photo_for_which_there_is_no_memory_is_withheld() -> None:
    lexicon = Lexicon(())
    job = PhotoJob(RedactionRules(lexicon), RecognitionRules(lexicon, {}))
    assert job(SourcePhoto(_TooMany(), "ana", date(2026, 6, 1))) is None


def test_recognition_that_fails_on_a_photo_costs_that_photo_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blank = seal(np.zeros((32, 32, 3), np.uint8), (), frozenset())
    monkeypatch.setattr(photo_job, "redact", lambda raw, rules: blank)
    lexicon = Lexicon(())
    job = PhotoJob(RedactionRules(lexicon), RecognitionRules(lexicon, {}))
    photo = SourcePhoto(_Bytes(), "ana", date(2026, 6, 1))  # type: ignore[arg-type]
    job.__dict__["recognisers"] = (_Broken(),)
    assert job(photo) is None
    job.__dict__["recognisers"] = ()
    assert job(photo) == Looked(())


def test_a_fingerprint_is_made_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    monkeypatch.setattr(photo_job, "redact", lambda raw, rules: seal(noise.copy(), (), frozenset()))
    lexicon = Lexicon(())
    photo = SourcePhoto(_Bytes(), "ana", date(2026, 6, 1))  # type: ignore[arg-type]
    made = []
    for asked in (False, True):
        job = PhotoJob(RedactionRules(lexicon), RecognitionRules(lexicon, {}), asked)
        job.__dict__["recognisers"] = ()
        looked = job(photo)
        assert looked is not None
        made.append(looked.fingerprint)
    assert made[0] is None
    assert made[1] is not None
