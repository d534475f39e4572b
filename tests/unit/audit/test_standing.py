"""Which policy may still be used: succession and revocation, as both verifiers see it."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import Approver, Log, PolicyAdopt, SignatureUntrusted, Trust, verify
from audit.bodies import PolicyRevoke
from audit.checkpoint import Checkpoint
from audit.entries import make_entry
from audit.errors import LifecycleBroken
from audit.fsck import fsck
from audit.keys import load_key
from audit.merkle import leaf_hash, root_hash
from audit.note import sign_note
from policies.approvals import public_name
from policies.revocation import Revocation, is_signed, revoke
from tests.unit.audit.test_fsck_rules import (
    Step,
    adopt,
    both,
    declare,
    end,
    epsilon,
    opened,
    release,
    spend,
    start,
)

A, B, C, D = ("sha256:" + letter * 64 for letter in "abcd")
STEWARD = Ed25519PrivateKey.from_private_bytes(b"\6" * 32)


def real(policy: str, version: int, supersedes: str | None = None, **more: object) -> Step:
    after = {} if supersedes is None else {"supersedes": supersedes}
    return adopt(policy, version=version, **{"class": "production", **after, **more})


def revoked(policy: str) -> Step:
    key = public_name(STEWARD)
    body = {"policy": policy, "role": "steward", "key": key, "signature": "0" * 128}
    return "policy.revoke", "", body


BASE = [opened(), declare("d", epsilon("1"))]
ONE, TWO = real(A, 1), real(B, 2, A)
OLD_RUN = [ONE, start("1"), TWO]
SPENT = [ONE, start("1"), spend("1", epsilon("0.1"))]

# Steps, of which the last is the question: whether it may stand there.
CASES: list[tuple[str, list[Step], bool]] = [
    ("the next version", [ONE, real(B, 2, A)], True),
    ("a version further on", [ONE, real(B, 7, A)], True),
    ("without its predecessor", [ONE, real(B, 2)], False),
    ("another predecessor", [ONE, real(B, 2, C)], False),
    ("the same version", [ONE, real(B, 1, A)], False),
    ("a lower version", [real(A, 3), real(B, 2, A)], False),
    ("the last but one", [ONE, TWO, real(C, 3, A)], False),
    ("the third", [ONE, TWO, real(C, 3, B)], True),
    ("the first again", [ONE, TWO, ONE], False),
    ("the same again, approved by more", [ONE, TWO, TWO], True),
    ("one digest, two predecessors", [ONE, TWO, real(B, 2, C)], False),
    ("a first that names one", [real(B, 2, A)], True),
    ("of another class", [real(A, 1, **{"class": "pilot"}), real(B, 2)], False),
    ("of another class, named", [real(A, 1, **{"class": "pilot"}), real(B, 2, A)], True),
    ("of another id", [ONE, real(B, 1, id="q")], True),
    ("tests go back and forth", [adopt(A, version=2), adopt(B, version=1)], True),
    ("a real one after a test", [adopt(A, version=2), real(B, 1)], True),
    ("a test beside a real one", [ONE, adopt(B, version=1)], True),
    ("a test used beside a real one", [ONE, adopt(B, version=1), start("1", B)], True),
    ("started under the old one", [ONE, TWO, start("1")], False),
    ("started under the new one", [ONE, TWO, start("1", B)], True),
    ("spent under the old one", [*OLD_RUN, spend("1", epsilon("0.1"))], False),
    ("ended under the old one", [*OLD_RUN, end("1")], True),
    ("released what was paid for before", [*SPENT, TWO, release("1")], True),
    ("revoked", [ONE, revoked(A)], True),
    ("revoked twice", [ONE, revoked(A), revoked(A)], True),
    ("revoked before anybody used it", [revoked(A)], True),
    ("adopted when revoked", [revoked(A), ONE], False),
    ("adopted again when revoked", [ONE, revoked(A), ONE], False),
    ("a test that is revoked", [adopt(A), revoked(A), start("1")], False),
    ("started when revoked", [ONE, revoked(A), start("1")], False),
    (
        "spent when revoked",
        [ONE, start("1"), revoked(A), spend("1", epsilon("0.1"))],
        False,
    ),
    ("released when revoked", [*SPENT, revoked(A), release("1")], False),
    ("ended when revoked", [*SPENT, revoked(A), end("1")], True),
    ("another policy is revoked", [ONE, revoked(B), start("1")], True),
    ("the successor of a revoked one", [ONE, revoked(A), TWO], True),
    ("used when its predecessor is revoked", [ONE, revoked(A), TWO, start("1", B)], True),
    ("no successor of a revoked one", [ONE, revoked(A), real(B, 2)], False),
    ("back to the one before", [ONE, TWO, revoked(B), start("1")], False),
]


@pytest.mark.parametrize(("steps", "stands"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_may_stand_where(steps: list[Step], stands: bool) -> None:
    assert both([*BASE, *steps]) == (stands, stands)


def test_each_refusal_names_its_rule_and_the_way_out(study: Any) -> None:
    log = study.open()

    def body(digest: str, version: int, supersedes: str | None = None) -> PolicyAdopt:
        plain = study.adopt(digest).model_dump(by_alias=True)
        changed = {"id": "real", "version": version, "class": "production"}
        return PolicyAdopt.model_validate({**plain, **changed, "supersedes": supersedes})

    log.adopt_policy(body(D, 3))
    for wrong, rule in ((body(B, 3, D), "PL-SUCC-001"), (body(B, 4), "PL-SUCC-002")):
        objection = log.objection(wrong)
        assert objection is not None
        assert objection.rule == rule
        assert D in objection.hint
        assert "version: 4" in objection.hint
        with pytest.raises(LifecycleBroken, match=rule):
            log.adopt_policy(wrong)
    log.adopt_policy(body(B, 4, D))
    objection = log.objection(body(D, 3))
    assert objection is not None
    assert objection.rule == "PL-SUCC-003"
    assert log.objection(body(B, 4, D)) is None
    assert log.objection(body(C, 5, B)) is None


def trusting(study: Any) -> Trust:
    """Return a trust file's content that pins the steward, having written it."""
    approver = Approver(role="steward", key=public_name(STEWARD))
    trust: Trust = replace(study.trust, approvers=(approver,))
    trust.dump(study.trust_file)
    return trust


def test_a_revocation_is_signed_by_a_pinned_approver_for_this_log(study: Any) -> None:
    trust = trusting(study)
    log, origin = study.open(), trust.log.name
    good = revoke(study.DIGEST, "steward", STEWARD, origin)
    stranger = Ed25519PrivateKey.generate()
    before = study.lines()
    for bad in (
        revoke(study.DIGEST, "steward", stranger, origin),
        revoke(study.DIGEST, "reviewer", STEWARD, origin),
        revoke(study.DIGEST, "steward", STEWARD, "crowdlens/" + "0" * 32),
        good.model_copy(update={"policy": B}),
        good.model_copy(update={"signature": "0" * 128}),
        revoke(study.DIGEST, "steward", stranger, origin).model_copy(update={"key": good.key}),
    ):
        with pytest.raises(SignatureUntrusted):
            log.revoke_policy(bad)
    with pytest.raises(LifecycleBroken):
        log.append(PolicyRevoke(**good.model_dump()))
    assert study.lines() == before
    with study.start(log) as run:
        entry = study.open().revoke_policy(good)
        assert entry is not None
        # In another process, and while the run is going on.
        with pytest.raises(LifecycleBroken, match="PL-APPR-005"):
            run.reserve({"brands": study.loss("0.1")})
        run.end("refused")
    assert log.revoke_policy(good) is None
    with pytest.raises(LifecycleBroken, match="PL-APPR-005"):
        log.start_run(study.body())
    assert study.verify().exit_code == 0
    assert fsck(study.log_dir, study.trust_file).exit_code == 0
    found = {c.name: c.status for c in study.verify().checks}
    assert found["approvers"] == "passed"


def signed_by_the_log(study: Any, body: PolicyRevoke) -> tuple[int, int]:
    """Return both exit codes of a log whose owner wrote that revocation."""
    lines = study.lines()
    lines.append(make_entry(body, seq=len(lines), at=study.DAY, run=None).line())
    origin = study.trust.log.name
    text = Checkpoint(origin, len(lines), root_hash([leaf_hash(line) for line in lines])).text()
    private = load_key(study.log_dir / "private" / "log.key")
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    study.checkpoint.write_bytes(sign_note(text, origin, private).to_bytes())
    bare = study.root / "bare.yaml"
    Trust(study.trust.log, approvers=study.trust.approvers).dump(bare)
    return verify(study.log_dir, Trust.load(bare)).exit_code, fsck(study.log_dir, bare).exit_code


@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize(
    ("role", "signer", "log", "codes"),
    [
        ("steward", STEWARD, None, ((0, 0), (0, 0))),
        ("reviewer", STEWARD, None, ((5, 5), (0, 0))),
        ("steward", None, None, ((5, 5), (5, 5))),
        ("steward", STEWARD, "crowdlens/" + "0" * 32, ((5, 5), (5, 5))),
    ],
)
def test_both_verifiers_check_the_signature_and_who_it_is_by(
    study: Any,
    pinned: bool,
    role: str,
    signer: Ed25519PrivateKey | None,
    log: str | None,
    codes: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    if pinned:
        trusting(study)
    key, origin = signer or Ed25519PrivateKey.generate(), log or study.trust.log.name
    said = revoke(study.DIGEST, role, key, origin)
    body = PolicyRevoke(**{**said.model_dump(), "key": public_name(STEWARD)})
    assert signed_by_the_log(study, body) == codes[0 if pinned else 1]


def test_a_signature_over_a_revocation_is_over_all_of_it() -> None:
    log = "crowdlens/" + "0" * 32
    good = revoke(A, "steward", STEWARD, log)
    assert is_signed(good, log)
    other = {"policy": B, "role": "dpo", "signature": "0" * 128, "key": "ed25519:" + "0" * 64}
    for change in ({name: value} for name, value in other.items()):
        assert not is_signed(good.model_copy(update=change), log)
    assert not is_signed(good, "crowdlens/" + "1" * 32)
    assert not is_signed(good, "not a log")
    assert Revocation.model_validate(good.model_dump()) == good


def test_killed_anywhere_a_revocation_is_there_or_not_at_all(
    study: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at every call that touches the disk, as a kill would; then asked for again."""

    class Killed(BaseException):
        pass

    trust = trusting(study)
    study.open()
    said = revoke(study.DIGEST, "steward", STEWARD, trust.log.name)
    calls = ("write", "fsync", "replace", "ftruncate", "open")
    states = set()
    for point in range(60):
        copy = study.copy(tmp_path / f"k{point}")
        left = point
        with monkeypatch.context() as dying:
            for name in calls:
                real_call = getattr(os, name)

                def call(*words: Any, _real: Any = real_call, **more: Any) -> Any:
                    nonlocal left
                    left -= 1
                    if left < 0:
                        raise Killed
                    return _real(*words, **more)

                dying.setattr(os, name, call)
            try:
                Log.open(copy.log_dir, copy.trust, copy.DAY).revoke_policy(said)
                over = True
            except Killed:
                over = False
        assert copy.verify().exit_code == 0
        assert fsck(copy.log_dir, copy.trust_file).exit_code == 0
        states.add((b'"policy.revoke"' in copy.entries.read_bytes(), over))
        log = copy.open()
        log.revoke_policy(said)
        assert copy.entries.read_bytes().count(b'"policy.revoke"') == 1
        with pytest.raises(LifecycleBroken):
            log.start_run(copy.body())
        assert copy.verify().exit_code == 0
        if over:
            break
    assert states == {(False, False), (True, False), (True, True)}
