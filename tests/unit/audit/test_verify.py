import json
import os
from pathlib import Path
from typing import Any

import pytest

from audit import (
    Approver,
    LogUnreadable,
    Trust,
    TrustedWitness,
    verify,
)
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.keys import load_key
from audit.merkle import leaf_hash, root_hash
from audit.note import SignedNote, sign_note

NAMES = [
    "parse",
    "schema",
    "canonical bytes",
    "sequence",
    "key spans",
    "root",
    "log signature",
    "witness quorum",
    "witness memory",
    "after the seal",
    "lifecycle",
    "budget",
    "anchors",
    "time stamps",
    "budget, other code",
    "approvers",
    "policies",
    "policy files",
    "outputs",
]


@pytest.fixture
def copied(finished: Any, tmp_path: Path) -> Any:
    return finished.copy(tmp_path / "copy")


def resign(study: Any, lines: list[bytes]) -> None:
    """Write other entries and sign them, as a thief of the log's key would."""
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    origin = study.trust.log.name
    root = root_hash([leaf_hash(line) for line in lines])
    note = sign_note(
        Checkpoint(origin, len(lines), root).text(),
        origin,
        load_key(study.log_dir / "private/log.key"),
    )
    study.checkpoint.write_bytes(note.to_bytes())


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_a_good_log_passes_in_order(copied: Any) -> None:
    found = copied.verify(copied.root / "out")
    assert found.exit_code == 0
    assert [c.name.split(" crowdlens")[0] for c in found.checks] == NAMES
    statuses = {c.name: c.status for c in found.checks}
    for name in ("approvers", "anchors", "time stamps", "policy files"):
        assert statuses.pop(name) == "not-checked"
    assert set(statuses.values()) == {"passed"}
    assert found.size == len(copied.lines())
    assert found.origin == copied.trust.log.name
    assert found.ledger.account(copied.DATASET).spent == copied.loss("0.25")
    assert not found.unsealed_tail


def test_verification_needs_no_key_and_writes_nothing(copied: Any) -> None:
    for path in (copied.log_dir / "private").rglob("*"):
        if path.is_file():
            path.unlink()
    (copied.witness_dir / "witness.key").unlink()
    before = {p: p.stat().st_mtime_ns for p in copied.root.rglob("*")}
    assert copied.verify(copied.root / "out").exit_code == 0
    assert {p: p.stat().st_mtime_ns for p in copied.root.rglob("*")} == before


def test_what_was_not_checked_is_not_passed(copied: Any) -> None:
    trust = copied.trust
    elsewhere = Trust(trust.log, (TrustedWitness(trust.witnesses[0].vkey),), 1)
    found = verify(copied.log_dir, elsewhere)
    statuses = {c.name.split(" crowdlens")[0]: c.status for c in found.checks}
    assert found.exit_code == 0
    assert statuses["witness memory"] == statuses["outputs"] == "not-checked"


def test_cut_at_a_line_is_cut(copied: Any) -> None:
    lines = copied.lines()
    for keep in range(len(lines)):
        copied.entries.write_bytes(b"".join(line + b"\n" for line in lines[:keep]))
        assert copied.verify().exit_code == 4, keep
    copied.entries.unlink()
    assert copied.verify().exit_code == 4


def test_no_checkpoint_is_cut(copied: Any) -> None:
    copied.checkpoint.unlink()
    assert copied.verify().exit_code == 4


@pytest.mark.parametrize("change", ["swap", "drop", "repeat", "other", "origin", "date"])
def test_entries_changed_and_signed_again_by_a_thief(copied: Any, change: str) -> None:
    lines = copied.lines()
    if change == "swap":
        lines[1], lines[2] = lines[2], lines[1]
    elif change == "drop":
        del lines[4]
    elif change == "repeat":
        lines.insert(2, lines[1])
    elif change == "other":
        lines[4] = lines[4].replace(b'"epsilon":"0.25"', b'"epsilon":"0.01"')
    elif change == "origin":
        value = json.loads(lines[0])
        value["body"]["origin"] = "crowdlens/" + "1" * 32
        lines[0] = canonical(value)
    elif change == "date":
        lines[2] = lines[2].replace(b"2026-11-23", b"2026-11-22")
    resign(copied, lines)
    # Even where the entries agree among themselves, the witness remembers others.
    assert copied.verify().exit_code == 3


def test_a_thief_without_the_witness_can_not_continue(copied: Any) -> None:
    end = {"v": 1, "seq": len(copied.lines()), "type": "dataset.declare", "at": "2026-11-23"}
    end["body"] = {
        "dataset": "fresh",
        "unit": "contributor",
        "total": {"epsilon": "9", "delta": "0"},
    }
    resign(copied, [*copied.lines(), canonical(end)])
    found = copied.verify()
    assert found.exit_code == 6
    assert {c.name for c in found.checks if c.status == "failed"} == {"witness quorum"}


@pytest.mark.parametrize(
    ("number", "edit"),
    [
        (
            4,
            lambda v: v["body"].update(
                cost={"epsilon": "1.25", "delta": "0"},
                statistics=[{"id": "brands", "cost": {"epsilon": "1.25", "delta": "0"}}],
            ),
        ),
        (4, lambda v: v["body"].update(dataset="undeclared")),
        (4, lambda v: v.update(run="f" * 32)),
        (5, lambda v: v.update(run="f" * 32)),
        (2, lambda v: v["body"].update(not_after="2026-11-22")),
        (2, lambda v: v["body"].update(policy="sha256:" + "b" * 64)),
    ],
)
def test_rules_broken_in_a_signed_log(copied: Any, number: int, edit: Any) -> None:
    lines = copied.lines()
    value = json.loads(lines[number])
    edit(value)
    lines[number] = canonical(value)
    resign(copied, lines)
    bare = Trust(copied.trust.log)
    assert verify(copied.log_dir, bare).exit_code == 7


def test_signatures_by_others(copied: Any, tmp_path: Path) -> None:
    stranger = type(copied).create(tmp_path / "stranger")
    note = SignedNote.parse(copied.checkpoint.read_bytes())
    forged = sign_note(
        note.text, copied.trust.log.name, load_key(stranger.log_dir / "private/log.key")
    )
    copied.checkpoint.write_bytes(
        SignedNote(note.text, (*forged.signatures, note.signatures[1])).to_bytes()
    )
    assert copied.verify().exit_code == 5
    copied.checkpoint.write_bytes(SignedNote(note.text, note.signatures[:1]).to_bytes())
    assert copied.verify().exit_code == 6
    copied.checkpoint.write_bytes(note.to_bytes())
    assert verify(copied.log_dir, stranger.trust).exit_code == 5


def test_two_keys_of_three_are_two_witnesses(copied: Any, tmp_path: Path) -> None:
    from audit import DirectoryWitness, Log

    trust = copied.trust
    second = DirectoryWitness.create(tmp_path / "second", trust.log)
    both = Trust(trust.log, (*trust.witnesses, TrustedWitness(second.vkey, tmp_path / "second")), 2)
    assert verify(copied.log_dir, both).exit_code == 6
    Log.open(copied.log_dir, both, copied.DAY)
    assert verify(copied.log_dir, both).exit_code == 0
    signed = SignedCheckpoint.parse(copied.checkpoint.read_bytes())
    mine, one, _ = signed.note.signatures
    copied.checkpoint.write_bytes(SignedNote(signed.note.text, (mine, one, one)).to_bytes())
    assert verify(copied.log_dir, both).exit_code == 6


@pytest.mark.parametrize("change", ["edit", "remove", "add", "empty"])
def test_outputs_are_exactly_those_recorded(copied: Any, change: str) -> None:
    out = copied.root / "out"
    if change == "edit":
        (out / "release.csv").write_bytes(b"noisx\n")
    elif change == "remove":
        (out / "release.csv").unlink()
    elif change == "add":
        (out / "report.html").write_bytes(b"x")
    else:
        out = copied.root / "nothing"
    assert copied.verify(out).exit_code == 8


def test_approvals_are_by_pinned_approvers(study: Any) -> None:
    key = "ed25519:" + "1" * 64
    body = study.adopt("sha256:" + "b" * 64)
    value = body.model_dump(by_alias=True) | {"approvals": ({"role": "steward", "key": key},)}
    study.open().adopt_policy(type(body).model_validate(value))

    def code(*approvers: Approver) -> int:
        trust = Trust(study.trust.log, study.trust.witnesses, 1, approvers)
        return verify(study.log_dir, trust).exit_code

    assert code(Approver(role="steward", key=key)) == 0
    assert code(Approver(role="dpo", key=key)) == 5
    assert code(Approver(role="steward", key="ed25519:" + "2" * 64)) == 5
    assert code() == 0


def test_tampering_is_said_before_a_cut(copied: Any) -> None:
    lines = copied.lines()[:3]
    lines[1] = lines[1].replace(b"city", b"ciTy")
    copied.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    assert copied.verify().exit_code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_can_not_be_read_are_a_typed_error(copied: Any) -> None:
    copied.entries.chmod(0)
    with pytest.raises(LogUnreadable):
        copied.verify()
