"""Malformed files of many formats: each costs itself at most, and nothing is said of it."""

import time
from collections import Counter
from datetime import date

import pytest

from engine.photo_job import PhotoJob
from engine.recognition import RecognitionRules
from engine.sources.files import PathFile
from engine.sources.interface import SourcePhoto
from engine.workers import LocalWorkers
from policies.lexicon import Lexicon
from redaction import Limits, RedactionRules
from redaction.decoding import Undecodable, decode, process, start
from redaction.types.photo import Reason
from tests.development_data import development_data
from tests.mutations import CHANGES, mutants, seeds

RULES = RedactionRules(Lexicon((("Nike", "Nike"),)))


def outcome(raw: bytes) -> str:
    try:
        pixels = decode(raw, Limits(), longest=1600)
    except Undecodable as refusal:
        return refusal.reason
    assert pixels.ndim == 3
    assert pixels.dtype.name == "uint8"
    return "decoded"


def test_no_hostile_file_breaks_the_decoder(capfd: pytest.CaptureFixture[str]) -> None:
    files = [f for f in sorted(development_data("hostile").rglob("*")) if f.is_file()]
    assert len(files) > 50
    begin = time.monotonic()
    seen = Counter(outcome(file.read_bytes()) for file in files)
    assert time.monotonic() - begin < 60
    assert seen["decoded"] > 5
    assert seen[Reason.TOO_COSTLY] == 0, "none of them is even near the limits"
    assert capfd.readouterr() == ("", "")


def test_whole_files_are_decoded_and_damaged_ones_cost_themselves(
    capfd: pytest.CaptureFixture[str],
) -> None:
    whole = seeds()
    assert {name: outcome(raw) for name, raw in whole} == {n: "decoded" for n, _ in whole}
    start()
    assert process._decoder is not None
    before = process._decoder._process.pid
    damaged = list(mutants(360, seed=11))
    assert {part for one in damaged for part in one.change.split("+")} == set(CHANGES)
    seen = Counter(outcome(one.raw) for one in damaged)
    assert seen["decoded"] > 20
    assert seen[Reason.DAMAGED] > 20
    assert set(seen) <= {"decoded", *Reason}
    assert process._decoder._process.pid == before, "the decoder itself survived them all"
    assert capfd.readouterr() == ("", "")


def test_damaged_files_are_the_same_each_time() -> None:
    assert list(mutants(40, seed=1)) == list(mutants(40, seed=1))
    assert list(mutants(40, seed=1)) != list(mutants(40, seed=2))


@pytest.mark.slow
@pytest.mark.models
def test_a_run_survives_every_hostile_file() -> None:
    files = [f for f in sorted(development_data("hostile").rglob("*")) if f.is_file()]
    job = PhotoJob(RULES, RecognitionRules(RULES.lexicon, {}))
    photos = [SourcePhoto(PathFile(file), "c", date(2026, 6, 1)) for file in files]
    results = list(LocalWorkers(2).map(job, photos, lambda: None))
    assert len(results) == len(files)
    assert any(result is None for result in results)
