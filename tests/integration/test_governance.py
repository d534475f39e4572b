"""Policies that follow each other or are revoked, and logs that change their key, by commands."""

import json
from pathlib import Path

import pytest
import yaml

from audit import Trust
from audit.keys import load_key
from engine.setup import Place
from policies.decision import load_rules
from tests.conftest import Command, Outcome
from tests.places import approve_policy, made_real, make_place, run_words


def expect(done: Outcome, code: int, *words: str) -> None:
    assert done.code == code, done.err
    for word in words:
        assert word in done.err + done.out, word


def digest(place: Place) -> str:
    return load_rules(place.policy).policy.digest


def follow(place: Place, version: int, supersedes: str | None, approved: bool = True) -> str:
    """Write the policy's next version; return its text."""
    lines = [
        line
        for line in place.policy.read_text().splitlines(keepends=True)
        if not line.startswith(("version:", "supersedes:"))
    ]
    named = "" if supersedes is None else f"supersedes: {supersedes}\n"
    text = "".join(lines) + f"version: {version}\n{named}"
    place.policy.write_text(text)
    if approved:
        approve_policy(place)
    return text


@pytest.fixture
def real(tmp_path: Path) -> Place:
    """Give a place with a production policy, approved."""
    place = make_place(tmp_path / "site")
    text = made_real(place.policy.read_text(), "production", "consented-panel")
    place.policy.write_text(text)
    approve_policy(place)
    return place


def test_real_versions_follow_each_other_and_nobody_goes_back(
    crowdlens: Command, real: Place, no_photos: Path, tmp_path: Path
) -> None:
    first, old = digest(real), real.policy.read_text()
    assert crowdlens(*run_words(real, no_photos, tmp_path / "one")).code == 0
    before = (real.log / "entries.jsonl").read_bytes()
    second = run_words(real, no_photos, tmp_path / "two")
    follow(real, 1, first)
    expect(crowdlens(*second), 7, "PL-SUCC-001", f"supersedes: {first}")
    expect(crowdlens("policy", "verify", real.policy), 7, "PL-SUCC-001")
    follow(real, 2, None)
    expect(crowdlens(*second), 7, "PL-SUCC-002", "version: 2")
    follow(real, 2, "sha256:" + "1" * 64)
    expect(crowdlens(*second), 7, "PL-SUCC-002")
    assert (real.log / "entries.jsonl").read_bytes() == before
    follow(real, 2, first)
    assert crowdlens("policy", "verify", real.policy).code == 0
    assert "puts out of use" in crowdlens("policy", "explain", real.policy).out
    assert crowdlens(*second).code == 0
    expect(crowdlens("audit", "verify", "--log", real.log, "--policy", real.policy), 0)
    expect(crowdlens("audit", "fsck", "--log", real.log), 0)
    real.policy.write_text(old)
    approve_policy(real)
    expect(crowdlens(*run_words(real, no_photos, tmp_path / "three")), 7, "PL-SUCC-003")
    expect(crowdlens("policy", "verify", real.policy), 7, "PL-SUCC-003")
    # What was published under it stays published.
    assert crowdlens(*run_words(real, no_photos, tmp_path / "one")).code == 0


def test_policies_of_class_test_may_change_as_they_like(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    place.policy.write_text(place.policy.read_text().replace("max_cells: 6", "max_cells: 5"))
    approve_policy(place)
    assert crowdlens(*run_words(place, no_photos, tmp_path / "two")).code == 0


def test_a_revoked_policy_is_over(
    crowdlens: Command, real: Place, no_photos: Path, tmp_path: Path
) -> None:
    first = digest(real)
    assert crowdlens(*run_words(real, no_photos, tmp_path / "one")).code == 0
    words = ("policy", "revoke", real.policy, "--log", real.log)
    steward, reviewer = real.key("steward"), real.key("reviewer")
    expect(crowdlens(*words, "--role", "reviewer", "--key", steward), 5, "not trusted in this role")
    expect(crowdlens(*words, "--role", "reviewer", "--key", real.log / "private" / "log.key"), 5)
    done = crowdlens(*words, "--role", "reviewer", "--key", reviewer)
    expect(done, 0, "revoked as reviewer", first)
    # The file may be lost or changed by then: its digest stands in the log.
    named = ("policy", "revoke", first, "--log", real.log)
    again = crowdlens(*named, "--role", "reviewer", "--key", reviewer, "--json")
    assert json.loads(again.out) == {"policy": first, "entry": None}
    before = (real.log / "entries.jsonl").read_bytes()
    expect(crowdlens(*run_words(real, no_photos, tmp_path / "two")), 7, "PL-APPR-005", "reviewer")
    assert (real.log / "entries.jsonl").read_bytes() == before
    assert not (tmp_path / "two").exists()
    expect(crowdlens("policy", "verify", real.policy), 7, "PL-APPR-005")
    assert "was revoked on" in crowdlens("policy", "explain", real.policy).out
    shown = crowdlens("audit", "show", "--log", real.log, "--type", "policy.revoke").out
    assert "is revoked for ever, by an approver as reviewer" in shown
    report = tmp_path / "report.html"
    assert crowdlens("audit", "report", "--log", real.log, "--out", report).code == 0
    assert "revoked in entry" in report.read_text()
    expect(crowdlens("audit", "verify", "--log", real.log), 0)
    expect(crowdlens("audit", "fsck", "--log", real.log), 0)
    # A new version can be approved, and follows it.
    follow(real, 2, first)
    assert crowdlens(*run_words(real, no_photos, tmp_path / "two")).code == 0


def test_verify_and_explain_say_where_no_log_was_read(crowdlens: Command, place: Place) -> None:
    place.log.rename(place.root / "moved")
    done = crowdlens("policy", "verify", place.policy)
    expect(done, 0, "not checked: no log was given")
    assert (
        json.loads(crowdlens("policy", "verify", place.policy, "--json").out)["log_read"] is False
    )
    assert "without the log (--log)" in crowdlens("policy", "explain", place.policy).out
    words = ("policy", "verify", place.policy, "--log", place.root / "moved", "--json")
    assert json.loads(crowdlens(*words).out)["log_read"] is True
    (place.root / "moved" / "checkpoint").unlink()
    expect(crowdlens("policy", "verify", place.policy, "--log", place.root / "moved"), 4)
    said = crowdlens("policy", "explain", place.policy, "--log", place.root / "moved").out
    assert "can't be said: the log or its checkpoint is not there" in said


def test_a_log_goes_over_to_a_new_key(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    first = run_words(place, no_photos, tmp_path / "one")
    assert crowdlens(*first).code == 0
    old = load_key(place.log / "private" / "log.key")
    rotated = crowdlens("audit", "rotate-key", "--log", place.log)
    expect(rotated, 0, "under successors", "the old one is gone")
    assert load_key(place.log / "private" / "log.key") != old
    # The trust file is nobody's to change but whoever keeps it.
    assert Trust.load(place.trust).successors == ()
    assert crowdlens(*first).code == 0, "what is published already stays where it is"
    second = run_words(place, no_photos, tmp_path / "two")
    assert crowdlens(*second).code == 0
    for command in ("verify", "fsck"):
        done = crowdlens("audit", command, "--log", place.log, "--release", tmp_path / "two")
        expect(done, 0, "key spans")
    # A proof is verified without the log: there the trust file has to name the new key.
    proof = ("audit", "verify-proof", tmp_path / "two", "--trust", place.trust)
    expect(crowdlens(*proof), 5, "has to name its successor")
    assert crowdlens("audit", "verify-proof", tmp_path / "one", "--trust", place.trust).code == 0
    trust = yaml.safe_load(place.trust.read_text())
    trust["successors"] = yaml.safe_load(rotated.out.partition("\n")[2])
    place.trust.write_text(yaml.safe_dump(trust))
    assert crowdlens(*proof).code == 0
    expect(crowdlens("audit", "verify", "--log", place.log), 0)
    show = crowdlens("audit", "show", "--log", place.log, "--type", "key.rotate").out
    assert "The log goes over from its key" in show
    kept = tmp_path / "log.sqlite"
    assert crowdlens("audit", "export", "--log", place.log, "--sqlite", kept).code == 0
