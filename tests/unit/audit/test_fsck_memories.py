"""A witness's memory, the unsigned end and the trust file, as both verifiers judge them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import Approver, PolicyAdopt, Trust, TrustInvalid, verify
from audit.fsck import fsck
from audit.note import SignedNote, VerifierKey
from tests.unit.audit.test_verify import canonical, resign


def both(study: Any, trust_file: Path | None = None) -> int:
    trust_file = trust_file or study.trust_file
    first = verify(study.log_dir, Trust.load(trust_file)).exit_code
    assert fsck(study.log_dir, trust_file).exit_code == first
    return first


def older(study: Any, memory: Path) -> bytes:
    data = memory.read_bytes()
    study.start().end("failed")
    return data


def without(place: int) -> Callable[[Any, Path], bytes]:
    def change(study: Any, memory: Path) -> bytes:
        note = SignedNote.parse(memory.read_bytes())
        kept = tuple(s for n, s in enumerate(note.signatures) if n != place)
        return SignedNote(note.text, kept).to_bytes()

    return change


def of_another(study: Any, memory: Path) -> bytes:
    stranger = type(study).create(study.root / "stranger")
    return bytes((stranger.witness_dir / "checkpoint").read_bytes())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda study, memory: memory.read_bytes(), 0),
        (older, 6),
        (lambda *_: b"", 6),
        (without(0), 5),
        (without(1), 5),
        (of_another, 5),
        (lambda *_: b"rubbish", 5),
    ],
    ids=["whole", "put back", "emptied", "unsigned", "not cosigned", "another log's", "rubbish"],
)
def test_memories(study: Any, change: Callable[[Any, Path], bytes], expected: int) -> None:
    memory = study.witness_dir / "checkpoint"
    memory.write_bytes(change(study, memory))
    assert both(study) == expected


def test_a_memory_that_is_not_there_is_not_checked(study: Any) -> None:
    (study.witness_dir / "checkpoint").unlink()
    assert both(study) == 0
    statuses = [f.status for f in fsck(study.log_dir, study.trust_file).findings]
    assert statuses.count("not-checked") == 2


def test_what_nobody_signed_counts_for_neither(study: Any) -> None:
    before = study.checkpoint.read_bytes(), (study.witness_dir / "checkpoint").read_bytes()
    run = study.start()
    sealed = study.checkpoint.read_bytes(), (study.witness_dir / "checkpoint").read_bytes()
    run.reserve({"brands": study.loss("0.5")})
    study.checkpoint.write_bytes(sealed[0])
    (study.witness_dir / "checkpoint").write_bytes(sealed[1])
    assert both(study) == 0
    fold = fsck(study.log_dir, study.trust_file).fold
    assert fold.purses[study.DATASET].spent == 0
    assert study.verify().ledger.account(study.DATASET).spent == study.loss("0")
    study.checkpoint.write_bytes(before[0])
    (study.witness_dir / "checkpoint").write_bytes(before[1])
    assert both(study) == 3, "a crash can leave one entry unsigned, and here are two"


def test_a_sealed_spend_that_only_a_witness_covers_counts(study: Any) -> None:
    run = study.start()
    before = study.checkpoint.read_bytes()
    run.reserve({"brands": study.loss("0.5")})
    study.checkpoint.write_bytes(before)
    assert both(study) == 0
    fold = fsck(study.log_dir, study.trust_file).fold
    spent = study.verify().ledger.account(study.DATASET).spent
    assert fold.purses[study.DATASET].spent == spent.main.value
    assert spent == study.loss("0.5")


@pytest.mark.parametrize(
    ("role", "key", "expected"),
    [("steward", "1", 0), ("reviewer", "1", 5), ("steward", "2", 5)],
)
def test_approvals_by_pinned_keys(study: Any, role: str, key: str, expected: int) -> None:
    value = study.adopt("sha256:" + "b" * 64).model_dump(by_alias=True)
    approval = {"role": "steward", "key": "ed25519:" + "1" * 64}
    study.open().adopt_policy(PolicyAdopt.model_validate(value | {"approvals": (approval,)}))
    trust = study.trust
    pinned = (Approver(role=role, key=f"ed25519:{key * 64}"),)
    Trust(trust.log, trust.witnesses, 1, pinned).dump(study.trust_file)
    assert both(study) == expected


def edited(study: Any, old: str, new: str) -> str:
    text = study.trust_file.read_text()
    assert old in text
    return str(text.replace(old, new))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: edited(s, "quorum: 1", "quorum: 2"),
        lambda s: edited(s, "quorum: 1", "quorum: -1"),
        lambda s: edited(s, "quorum: 1", "quorum: '1'"),
        lambda s: edited(s, "crowdlens-trust/v1", "crowdlens-trust/v2"),
        lambda s: edited(s, f"log: {s.trust.log}", f"log: {s.trust.witnesses[0].vkey}"),
        lambda s: edited(s, f"vkey: {s.trust.witnesses[0].vkey}", f"vkey: {s.trust.log}"),
        lambda s: edited(
            s,
            f"vkey: {s.trust.witnesses[0].vkey}",
            f"vkey: {VerifierKey('w', 4, s.trust.log.public)}",
        ),
        lambda s: edited(s, "path: witness", f"path: witness\n- vkey: {s.trust.witnesses[0].vkey}"),
        lambda s: edited(s, "log:", "lag:"),
        lambda s: edited(s, "approvers: []", "approvers: [{role: A, key: x}]"),
        lambda s: "",
        lambda s: "[",
        lambda s: "a: *b",
    ],
)
def test_trust_files_that_break_a_rule(study: Any, change: Callable[[Any], str]) -> None:
    study.trust_file.write_text(change(study))
    assert fsck(study.log_dir, study.trust_file).exit_code == 2
    with pytest.raises(TrustInvalid):
        Trust.load(study.trust_file)


@pytest.mark.parametrize("change", ["date", "number", "origin", "swap", "tail", "torn"])
def test_order_is_kept_whoever_signed(study: Any, change: str) -> None:
    lines = study.lines()
    if change == "date":
        lines[2] = lines[2].replace(b"2026-11-23", b"2026-11-22")
    elif change == "number":
        lines[2] = lines[2].replace(b'"seq":2', b'"seq":3')
    elif change == "origin":
        value = json.loads(lines[0])
        value["body"]["origin"] = "crowdlens/" + "1" * 32
        lines[0] = canonical(value)
    elif change == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    resign(study, lines)
    if change in ("tail", "torn"):
        end = b"no entry" if change == "tail" else lines[2][:20]
        study.entries.write_bytes(study.entries.read_bytes() + end)
    bare = study.root / "bare.yaml"
    Trust(study.trust.log).dump(bare)
    assert both(study, bare) == (0 if change == "torn" else 3)
