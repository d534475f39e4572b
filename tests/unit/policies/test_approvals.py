import json
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.approvals import (
    Approver,
    approvals_path,
    approve,
    public_name,
    read_approvals,
    verify_approvals,
    write_approvals,
)
from policies.decision import approved, load_rules
from policies.errors import ApprovalUntrusted, PolicyRefuses
from policies.policy import load_policy

STEWARD = Ed25519PrivateKey.generate()
REVIEWER = Ed25519PrivateKey.generate()
STRANGER = Ed25519PrivateKey.generate()
TRUSTED = (
    Approver("steward", public_name(STEWARD)),
    Approver("reviewer", public_name(REVIEWER)),
)
TODAY = date(2026, 6, 10)
LOG = "crowdlens/" + "0" * 32


def test_both_roles_make_it_run(write_policy) -> None:
    path = write_policy()
    policy = load_policy(path)
    envelopes = [
        approve(policy, "steward", STEWARD, LOG),
        approve(policy, "reviewer", REVIEWER, LOG),
    ]
    write_approvals(approvals_path(path), envelopes)
    result = approved(load_rules(path), TRUSTED, LOG, TODAY)
    assert result.approvals == tuple(sorted(TRUSTED))


def test_a_missing_approval_says_what_is_missing(write_policy) -> None:
    policy = load_policy(write_policy())
    with pytest.raises(PolicyRefuses, match="role reviewer") as caught:
        verify_approvals(policy, [approve(policy, "steward", STEWARD, LOG)], TRUSTED, LOG)
    assert caught.value.exit_code == 7


def test_an_approval_of_other_rules_does_not_count(write_policy) -> None:
    old = load_policy(write_policy())
    envelopes = [approve(old, "steward", STEWARD, LOG), approve(old, "reviewer", REVIEWER, LOG)]
    new = load_policy(write_policy(("max_cells: 8", "max_cells: 9")))
    with pytest.raises(PolicyRefuses):
        verify_approvals(new, envelopes, TRUSTED, LOG)


def test_a_strangers_signature_is_not_trusted(write_policy) -> None:
    policy = load_policy(write_policy())
    envelopes = [
        approve(policy, "steward", STRANGER, LOG),
        approve(policy, "reviewer", REVIEWER, LOG),
    ]
    with pytest.raises(ApprovalUntrusted) as caught:
        verify_approvals(policy, envelopes, TRUSTED, LOG)
    assert caught.value.exit_code == 5


def test_a_key_can_not_speak_in_a_role_it_is_not_trusted_for(write_policy) -> None:
    policy = load_policy(write_policy())
    with pytest.raises(ApprovalUntrusted):
        verify_approvals(policy, [approve(policy, "reviewer", STEWARD, LOG)], TRUSTED, LOG)


def test_one_key_twice_is_one_approval(write_policy) -> None:
    policy = load_policy(write_policy(("steward: 1", "steward: 2")))
    one, two = approve(policy, "steward", STEWARD, LOG), approve(policy, "steward", STEWARD, LOG)
    (key_id,) = two.signatures
    two.signatures["another-id"] = two.signatures.pop(key_id)
    two.signatures["another-id"].keyid = "another-id"
    with pytest.raises(PolicyRefuses, match="role steward"):
        verify_approvals(
            policy, [one, two, approve(policy, "reviewer", REVIEWER, LOG)], TRUSTED, LOG
        )


def test_one_key_in_two_roles_is_refused(write_policy) -> None:
    policy = load_policy(write_policy())
    both = (*TRUSTED, Approver("reviewer", public_name(STEWARD)))
    envelopes = [
        approve(policy, "steward", STEWARD, LOG),
        approve(policy, "reviewer", STEWARD, LOG),
    ]
    with pytest.raises(ApprovalUntrusted, match="two roles"):
        verify_approvals(policy, envelopes, both, LOG)


def test_a_role_that_nobody_asked_for_is_refused(write_policy) -> None:
    with pytest.raises(PolicyRefuses):
        approve(load_policy(write_policy()), "king", STEWARD, LOG)


@pytest.mark.parametrize("field", ["payload", "sig"])
def test_a_changed_byte_is_noticed(write_policy, field: str) -> None:
    policy = load_policy(write_policy())
    envelope = approve(policy, "steward", STEWARD, LOG)
    if field == "payload":
        envelope.payload = envelope.payload.replace(b'"steward"', b'"reviewer"')
    else:
        (signature,) = envelope.signatures.values()
        first = int(signature.signature[:2], 16) ^ 1
        signature.signature = f"{first:02x}" + signature.signature[2:]
    with pytest.raises((ApprovalUntrusted, PolicyRefuses)):
        verify_approvals(
            policy, [envelope, approve(policy, "reviewer", REVIEWER, LOG)], TRUSTED, LOG
        )


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", b'{"approvals": [1]}', b'{"approvals": [{}]}', b"null"]
)
def test_hostile_approval_files_raise_only_our_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.approvals.json"
    path.write_bytes(content)
    with pytest.raises(ApprovalUntrusted):
        read_approvals(path)


@pytest.mark.parametrize(
    ("today", "rule"),
    [(date(2027, 1, 1), "PL-TIME-001"), (date(2025, 12, 31), "PL-TIME-002")],
)
def test_outside_its_period_a_policy_does_not_run(write_policy, today: date, rule: str) -> None:
    with pytest.raises(PolicyRefuses) as caught:
        approved(load_rules(write_policy()), TRUSTED, LOG, today)
    assert caught.value.rule == rule


def test_an_approval_for_another_log_does_not_count(write_policy) -> None:
    policy = load_policy(write_policy())
    envelopes = [
        approve(policy, "steward", STEWARD, LOG),
        approve(policy, "reviewer", REVIEWER, LOG),
    ]
    assert verify_approvals(policy, envelopes, TRUSTED, LOG) == tuple(sorted(TRUSTED))
    with pytest.raises(PolicyRefuses) as caught:
        verify_approvals(policy, envelopes, TRUSTED, "crowdlens/" + "1" * 32)
    assert "for another log, are none" in caught.value.hint


@pytest.mark.parametrize("key_id", [5, None, [], {}])
def test_an_envelope_with_an_odd_key_id_raises_only_our_error(
    write_policy, tmp_path: Path, key_id: object
) -> None:
    policy = load_policy(write_policy())
    document = {"approvals": [approve(policy, "steward", STEWARD, LOG).to_dict()]}
    document["approvals"][0]["signatures"][0]["keyid"] = key_id
    path = tmp_path / "a.approvals.json"
    path.write_text(json.dumps(document))
    with pytest.raises((ApprovalUntrusted, PolicyRefuses)):
        verify_approvals(policy, read_approvals(path), TRUSTED, LOG)
