"""Malformed files of many formats: each costs itself at most, and nothing is said of it."""

import pytest

from engine.photo_job import PhotoJob
from engine.sources.interface import SourcePhoto
from engine.workers import LocalWorkers
from policies.lexicon import Lexicon
from redaction import Limits, RedactionRules
from redaction.decode import Undecodable, decode
from tests.development_data import development_data


def test_no_hostile_file_breaks_the_decoder(capfd: pytest.CaptureFixture[str]) -> None:
    files = [f for f in sorted(development_data("hostile").rglob("*")) if f.is_file()]
    assert len(files) > 50
    decoded = 0
    for file in files:
        try:
            pixels = decode(file.read_bytes(), Limits(), enough=1600)
        except Undecodable:
            continue
        assert pixels.ndim == 3
        decoded += 1
    assert 0 < decoded < len(files)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.models
def test_a_run_survives_every_hostile_file() -> None:
    files = [f for f in sorted(development_data("hostile").rglob("*")) if f.is_file()]
    job = PhotoJob(RedactionRules(Lexicon((("Nike", "Nike"),))))
    photos = [SourcePhoto(file, "c", "2026-W23") for file in files]
    results = list(LocalWorkers(2).map(job, photos, lambda: None))
    assert len(results) == len(files)
    assert any(result is None for result in results)
