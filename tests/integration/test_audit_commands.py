"""The auditor's commands: a second opinion, anchors, exports, proofs, and witnesses elsewhere."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from audit import DirectoryWitness, Trust, TrustedWitness
from engine.setup import Place
from tests.conftest import Command
from tests.places import make_place, run_words

ROOT = Path(__file__).parents[2]


@pytest.fixture
def done(place: Place, no_photos: Path, tmp_path: Path, crowdlens: Command) -> Path:
    """Give the output of a run."""
    out = tmp_path / "release"
    ran = crowdlens(*run_words(place, no_photos, out, "--quiet"))
    assert ran.code == 0, ran.err
    return out


def test_the_second_verifier_agrees(place: Place, done: Path, crowdlens: Command) -> None:
    first = crowdlens("audit", "verify", "--log", place.log, "--json")
    second = crowdlens("audit", "fsck", "--log", place.log, "--json")
    assert first.code == second.code == 0
    assert json.loads(second.out)["datasets"]["test-photos"]["spent"] == "1"
    assert "VERIFIED" in crowdlens("audit", "fsck", "--log", place.log).out
    entries = place.log / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"test-study", b"text-study"))
    second = crowdlens("audit", "fsck", "--log", place.log)
    assert second.code == crowdlens("audit", "verify", "--log", place.log).code == 3
    assert "VERIFIED" not in second.out
    assert second.err.startswith("crowdlens: ")
    assert (
        json.loads(crowdlens("audit", "fsck", "--log", place.log, "--json").out)["datasets"] is None
    )


def test_a_fork_is_shown_and_kept(
    place: Place, done: Path, no_photos: Path, tmp_path: Path, crowdlens: Command
) -> None:
    kept = tmp_path / "kept"
    before = tmp_path / "before"
    shutil.copytree(place.root, before)
    assert crowdlens(*run_words(place, no_photos, tmp_path / "second", "--quiet")).code == 0
    kept.write_bytes((place.log / "checkpoint").read_bytes())
    assert crowdlens("audit", "verify", "--log", place.log, "--anchor", kept).code == 0
    # Log and witness put back together, and continued otherwise.
    shutil.rmtree(place.root)
    shutil.copytree(before, place.root)
    assert crowdlens("audit", "verify", "--log", place.log, "--anchor", kept).code == 4
    assert crowdlens(*run_words(place, no_photos, tmp_path / "third", "--quiet")).code == 0
    assert crowdlens("audit", "verify", "--log", place.log).code == 0
    words = ("audit", "verify", "--log", place.log, "--anchor", kept)
    told = crowdlens(*words, "--evidence", tmp_path / "evidence")
    assert told.code == 3
    assert kept.read_text() in told.out
    assert (place.log / "checkpoint").read_text() in told.out
    assert (tmp_path / "evidence" / "theirs-1.checkpoint").read_text() == kept.read_text()
    again = crowdlens(*words, "--evidence", tmp_path / "evidence")
    assert again.code == 3, "that there is evidence already changes nothing"
    assert "not kept" in again.err
    assert len(json.loads(crowdlens(*words, "--json").out)["forks"]) == 1
    assert crowdlens("audit", "fsck", *words[2:]).code == 3


def test_what_an_auditor_takes_along(
    place: Place, done: Path, tmp_path: Path, crowdlens: Command
) -> None:
    log = ("--log", place.log)
    assert crowdlens("audit", "export", *log, "--jsonl", tmp_path / "a.jsonl").code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (place.log / "entries.jsonl").read_bytes()
    assert crowdlens("audit", "export", *log, "--sqlite", tmp_path / "a.sqlite").code == 0
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as base:
        assert base.execute("SELECT amount FROM spends").fetchall() == [("1",)]
    assert crowdlens("audit", "export", *log).code == 2
    for verb in (("report", "--out"), ("export", "--jsonl"), ("export", "--sqlite")):
        nowhere = crowdlens("audit", verb[0], *log, verb[1], tmp_path / "no" / "such" / "folder")
        assert nowhere.code == 10
        assert "the result can't be written\n  Is its folder there" in nowhere.err, verb
    assert crowdlens("audit", "export", *log, "--jsonl", tmp_path / "a.jsonl").code == 2
    proof = tmp_path / "spend.tlog-proof"
    spent = json.loads(crowdlens("audit", "show", *log, "--type", "budget.reserve", "--json").out)
    assert len(spent) == 1
    assert crowdlens("audit", "prove", spent[0]["seq"], *log, "--out", proof).code == 0
    told = crowdlens("audit", "verify-proof", proof, "--trust", place.trust)
    assert told.code == 0
    assert "epsilon 1" in told.out
    shown = crowdlens("audit", "prove", spent[0]["seq"], *log).out
    assert shown == proof.read_text()
    proof.write_text(shown.replace("index ", "index 1"))
    assert crowdlens("audit", "verify-proof", proof, "--trust", place.trust).code == 3
    assert crowdlens("audit", "prove", 999, *log).code == 3


def test_what_nobody_remembers_is_said_in_so_many_words(
    place: Place, done: Path, tmp_path: Path, crowdlens: Command
) -> None:
    said = "nobody can know here whether an older copy of this log was put back"
    log = ("--log", place.log)
    verbs = (("audit", "verify"), ("audit", "fsck"), ("budget",))
    for words in verbs:
        told = crowdlens(*words, *log)
        assert (told.code, said in told.out + told.err) == (0, False)
    for words in verbs[:2]:
        assert json.loads(crowdlens(*words, *log, "--json").out)["remembered"] is True
    kept = tmp_path / "kept"
    kept.write_bytes((place.log / "checkpoint").read_bytes())
    shutil.rmtree(place.root / "witness")
    for words in verbs:
        told = crowdlens(*words, *log)
        assert (told.code, said in told.out + told.err) == (0, True), words
    for words in verbs[:2]:
        assert json.loads(crowdlens(*words, *log, "--json").out)["remembered"] is False
    report = tmp_path / "alone.html"
    assert crowdlens("audit", "report", *log, "--out", report).code == 0
    assert said in report.read_text()
    for words in verbs[:2]:
        told = crowdlens(*words, *log, "--anchor", kept)
        assert (told.code, said in told.out) == (0, False)


def test_what_lies_beside_a_release_is_no_part_of_it(
    place: Place, done: Path, crowdlens: Command
) -> None:
    (done / "exact-counts.csv").write_text("brand,count\n")
    proof = crowdlens("audit", "verify-proof", done, "--trust", place.trust)
    log = crowdlens("audit", "verify", "--log", place.log, "--release", done)
    for told in (proof, log):
        assert told.code == 0
        assert "no part of the release, and nothing vouches for it: 'exact-counts.csv'" in told.out
    assert "its own are" in proof.out


def test_every_refusal_of_a_log_says_what_to_do(
    place: Place, done: Path, tmp_path: Path, crowdlens: Command
) -> None:
    entries, verify = place.log / "entries.jsonl", ("audit", "verify", "--log", place.log)
    whole, memory = entries.read_bytes(), place.root / "witness" / "checkpoint"
    kept = memory.read_bytes()
    entries.write_bytes(whole.replace(b"test-study", b"text-study"))
    assert "\n  Leave the log and its witnesses as they are" in crowdlens(*verify).err
    assert "\n  `crowdlens audit verify`" in crowdlens("audit", "fsck", *verify[2:]).err
    entries.write_bytes(whole + whole.splitlines(keepends=True)[-1])
    added = crowdlens(*verify)
    assert (added.code, "an interrupted write" in added.out) == (3, False)
    entries.write_bytes(whole[: whole[:-1].rindex(b"\n") + 1])
    assert "\n  Is it the right folder, and the newest copy?" in crowdlens(*verify).err
    entries.write_bytes(whole)
    memory.write_bytes(b"")
    assert "\n  Ask whoever keeps the witness" in crowdlens(*verify).err
    memory.write_bytes(kept)
    other = make_place(tmp_path / "other").trust
    assert "\n  Is it the right key or trust file?" in crowdlens(*verify, "--trust", other).err


def test_the_log_in_words(place: Place, done: Path, crowdlens: Command) -> None:
    log = ("--log", place.log)
    said = crowdlens("audit", "show", *log).out
    assert " of test-photos is spent on brand_by_week." in said
    run = json.loads(crowdlens("audit", "show", *log, "--json").out)[-1]["run"]
    of_run = crowdlens("audit", "show", *log, "--run", run[:6]).out
    assert "log.open" not in of_run
    assert "run.start" in of_run
    assert "catalogue: sha256:" in crowdlens("audit", "show", *log, "--full").out
    unknown = crowdlens("audit", "show", *log, "--type", "releases")
    assert (unknown.code, unknown.out) == (2, "")
    assert "policy.revoke" in unknown.err


def test_a_witness_by_hand(place: Place, done: Path, tmp_path: Path, crowdlens: Command) -> None:
    stick = tmp_path / "stick"
    made = crowdlens("audit", "witness", "init", stick, "--trust", place.trust)
    assert made.code == 0
    assert "vkey: crowdlens-witness/" in made.out
    assert "path: ../stick " in made.out, "as the trust file will read it: from its own folder"
    assert "nothing yet" in crowdlens("audit", "witness", "show", stick).out
    signed = crowdlens("audit", "witness", "sign", stick, "--log", place.log)
    assert signed.code == 0
    assert signed.out.startswith("— crowdlens-witness/")
    size = len((place.log / "entries.jsonl").read_bytes().splitlines())
    assert f"{size} entries" in crowdlens("audit", "witness", "show", stick).out
    memory = stick / "checkpoint"
    assert crowdlens("audit", "verify", "--log", place.log, "--anchor", memory).code == 0
    assert crowdlens("audit", "witness", "init", stick, "--trust", place.trust).code == 2
    assert crowdlens("audit", "witness", "init", tmp_path / "x").code == 2


def test_a_run_whose_witness_is_another_process(
    place: Place, no_photos: Path, tmp_path: Path, crowdlens: Command
) -> None:
    folder = tmp_path / "elsewhere" / "witness"
    trust = Trust.load(place.trust)
    other = DirectoryWitness.create(folder, trust.log)
    words = [sys.executable, "-m", "engine.cli", "audit", "witness", "serve", folder, "--port", "0"]
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        assert url.startswith("http://127.0.0.1:")
        witness = TrustedWitness(other.vkey, None, url)
        Trust(trust.log, (witness,), 1, trust.approvers).dump(place.trust)
        out = tmp_path / "release"
        assert crowdlens(*run_words(place, no_photos, out, "--quiet")).code == 0
        told = crowdlens("audit", "verify", "--log", place.log, "--online")
        assert told.code == 0
        assert "passed       witness memory crowdlens-witness/" in told.out
        assert crowdlens("audit", "verify-proof", out, "--trust", place.trust).code == 0
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    before = (place.log / "entries.jsonl").read_bytes()
    refused = crowdlens(*run_words(place, no_photos, tmp_path / "none-at-all", "--quiet"))
    assert refused.code == 6
    assert not (tmp_path / "none-at-all").exists()
    assert (place.log / "entries.jsonl").read_bytes() == before


def test_the_report(place: Place, done: Path, tmp_path: Path, crowdlens: Command) -> None:
    page = tmp_path / "report.html"
    words = ("audit", "report", "--log", place.log, "--out", page)
    assert crowdlens(*words, "--release", done).code == 0
    assert "test-photos" in page.read_text()
    assert crowdlens(*words).code == 2, "nothing is overwritten"
    entries = place.log / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"test-study", b"text-study"))
    failed = tmp_path / "failed.html"
    assert crowdlens(*words[:-1], failed).code == 3
    assert "Not verified" in failed.read_text()
    assert "test-photos" not in failed.read_text()
