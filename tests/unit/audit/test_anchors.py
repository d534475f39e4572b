"""Checkpoints that somebody kept: the log continues them, or both heads are evidence."""

from pathlib import Path
from typing import Any

import pytest

from audit import (
    Approver,
    BudgetRefused,
    LifecycleBroken,
    LogExists,
    LogForked,
    PolicyAdopt,
    Trust,
    Verification,
    keep_evidence,
    verify,
)
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.fsck import fsck
from audit.keys import create_key, load_key
from audit.note import sign_note
from audit.second_look import budget_problem, policy_problem

KEY = "ed25519:" + "1" * 64


@pytest.fixture
def copied(finished: Any, tmp_path: Path) -> Any:
    return finished.copy(tmp_path / "copy")


def check(study: Any, *anchors: Path) -> Verification:
    return verify(study.log_dir, study.trust, anchors=anchors)


def both(study: Any, *anchors: Path) -> int:
    first = check(study, *anchors).exit_code
    assert fsck(study.log_dir, study.trust_file, anchors).exit_code == first
    return first


def test_a_log_continues_every_head_that_was_kept(copied: Any, tmp_path: Path) -> None:
    kept = []
    for number in range(3):
        kept.append(tmp_path / f"head-{number}")
        kept[-1].write_bytes(copied.checkpoint.read_bytes())
        copied.release(copied.root / f"more-{number}", "0.1")
    assert both(copied, *kept) == 0
    proof = copied.root / "out" / "release.tlog-proof"
    assert both(copied, proof, *kept) == 0
    found = check(copied, proof, *kept)
    anchors = [c for c in found.checks if c.name.startswith("anchor ")]
    assert [c.status for c in anchors] == ["passed"] * 4
    assert found.forks == ()


def test_a_log_shorter_than_an_anchor_was_cut(finished: Any, copied: Any, tmp_path: Path) -> None:
    copied.release(copied.root / "more")
    later = tmp_path / "later"
    later.write_bytes(copied.checkpoint.read_bytes())
    assert both(finished, later) == 4


def test_two_histories_are_shown_and_kept(finished: Any, copied: Any, tmp_path: Path) -> None:
    # Log and witness put back together, then continued otherwise: only the anchor tells.
    copied.release(copied.root / "more", "0.1")
    other = finished.copy(tmp_path / "other")
    other.release(other.root / "less", "0.2")
    anchor = tmp_path / "kept"
    anchor.write_bytes(copied.checkpoint.read_bytes())
    assert check(other).exit_code == 0
    found = check(other, anchor)
    assert both(other, anchor) == 3
    assert isinstance(found.failure, LogForked)
    (fork,) = found.forks
    assert fork.remembered_by == "kept"
    assert SignedCheckpoint.parse(fork.theirs) == SignedCheckpoint.parse(anchor.read_bytes())
    assert fork.ours == other.checkpoint.read_bytes()
    folder = tmp_path / "evidence"
    keep_evidence(folder, found.forks, other.log_dir, other.trust)
    assert {p.name for p in folder.iterdir()} == {
        "README.txt",
        "entries.jsonl",
        "log.vkey",
        "ours.checkpoint",
        "theirs-1.checkpoint",
    }
    assert (folder / "entries.jsonl").read_bytes() == other.entries.read_bytes()
    with pytest.raises(LogExists):
        keep_evidence(folder, found.forks, other.log_dir, other.trust)


def test_a_witness_that_remembers_otherwise_is_evidence_too(
    finished: Any, copied: Any, tmp_path: Path
) -> None:
    copied.release(copied.root / "more", "0.1")
    other = finished.copy(tmp_path / "other")
    other.release(other.root / "less", "0.2")
    (copied.witness_dir / "checkpoint").replace(other.witness_dir / "checkpoint")
    found = check(other)
    assert found.exit_code == 3
    assert len(found.forks) == 1


def test_anchors_of_others_or_of_nothing(copied: Any, tmp_path: Path) -> None:
    stranger = type(copied).create(tmp_path / "stranger")
    assert both(copied, stranger.checkpoint) == 5
    assert both(copied, tmp_path / "none") == 6
    (tmp_path / "rubbish").write_bytes(b"rubbish")
    assert both(copied, tmp_path / "rubbish") == 3
    origin = copied.trust.log.name
    text = Checkpoint(origin, 0, bytes(32)).text()
    note = sign_note(text, origin, load_key(copied.log_dir / "private" / "log.key"))
    (tmp_path / "empty").write_bytes(note.to_bytes())
    found = check(copied, tmp_path / "empty")
    assert {c.name: c.status for c in found.checks}["anchor empty"] == "not-checked"
    assert both(copied, tmp_path / "empty") == 0


def adopt(study: Any, approvals: int, class_: str = "production") -> str:
    digest = "sha256:" + "b" * 64
    value = study.adopt(digest).model_dump(by_alias=True)
    value |= {"class": class_, "approvals": ({"role": "steward", "key": KEY},) * approvals}
    study.open().adopt_policy(PolicyAdopt.model_validate(value))
    return digest


@pytest.mark.parametrize(
    ("approvals", "class_", "expected"),
    [(1, "production", 0), (0, "production", 7), (0, "pilot", 7), (0, "test", 0)],
)
def test_a_spend_stands_under_a_policy_that_was_approved_before(
    study: Any, approvals: int, class_: str, expected: int
) -> None:
    digest = adopt(study, approvals, class_)
    with study.open().start_run(study.body(digest)) as run:
        run.reserve({"brands": study.loss("0.5")})
        run.end("failed")
    if not approvals:
        # Approval that comes after the spend is too late for it.
        adopt(study, 1, class_)
    trust = study.trust
    named = Trust(trust.log, trust.witnesses, 1, (Approver(role="steward", key=KEY),))
    named.dump(study.root / "named.yaml")
    assert verify(study.log_dir, named).exit_code == expected
    assert fsck(study.log_dir, study.root / "named.yaml").exit_code == expected


def test_without_pinned_approvers_approval_is_not_checked(study: Any) -> None:
    adopt(study, 1)
    statuses = {c.name: c.status for c in study.verify().checks}
    assert statuses["policies"] == "not-checked"
    assert study.verify().exit_code == 0


def test_an_anchor_that_the_log_never_signed_is_nothing(copied: Any, tmp_path: Path) -> None:
    origin = copied.trust.log.name
    forged = tmp_path / "forged"
    text = SignedCheckpoint.parse(copied.checkpoint.read_bytes()).checkpoint.text()
    forged.write_bytes(sign_note(text, origin, create_key(tmp_path / "key")).to_bytes())
    assert both(copied, forged) == 5
    # Nor is one that names another root under this log's name: no fork is made of it.
    text = Checkpoint(origin, 3, bytes(32)).text()
    forged.write_bytes(sign_note(text, origin, load_key(tmp_path / "key")).to_bytes())
    assert both(copied, forged) == 5
    assert check(copied, forged).forks == ()
    # Nor one of another log, though this log's key has signed it.
    text = Checkpoint("crowdlens/" + "1" * 32, 3, bytes(32)).text()
    key = load_key(copied.log_dir / "private" / "log.key")
    forged.write_bytes(sign_note(text, origin, key).to_bytes())
    assert both(copied, forged) == 5


def test_two_computations_that_differ_are_told(finished: Any) -> None:
    found = finished.verify()
    lines = finished.lines()
    assert budget_problem(lines, found.ledger) is None
    assert isinstance(budget_problem(lines[:-2], found.ledger), BudgetRefused)
    assert isinstance(budget_problem([*lines, lines[1]], found.ledger), BudgetRefused)


def test_a_policy_is_valid_up_to_its_last_day(finished: Any) -> None:
    entries = finished.verify().entries
    assert policy_problem(entries) is None
    late = [e.model_copy(update={"at": "2027-01-02"}) for e in entries]
    assert isinstance(policy_problem(late), LifecycleBroken)
    last = [e.model_copy(update={"at": "2027-01-01"}) for e in entries]
    assert policy_problem(last) is None
    unadopted = [e for e in entries if e.type != "policy.adopt"]
    assert isinstance(policy_problem(unadopted), LifecycleBroken)
