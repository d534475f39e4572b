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


def test_both_roles_make_it_run(write_policy) -> None:
    path = write_policy()
    policy = load_policy(path)
    envelopes = [approve(policy, "steward", STEWARD), approve(policy, "reviewer", REVIEWER)]
    write_approvals(approvals_path(path), envelopes)
    result = approved(load_rules(path), TRUSTED, TODAY)
    assert result.approvals == tuple(sorted(TRUSTED))


def test_a_missing_approval_says_what_is_missing(write_policy) -> None:
    policy = load_policy(write_policy())
    with pytest.raises(PolicyRefuses, match="role reviewer") as caught:
        verify_approvals(policy, [approve(policy, "steward", STEWARD)], TRUSTED)
    assert caught.value.exit_code == 7


def test_an_approval_of_other_rules_does_not_count(write_policy) -> None:
    old = load_policy(write_policy())
    envelopes = [approve(old, "steward", STEWARD), approve(old, "reviewer", REVIEWER)]
    new = load_policy(write_policy(("max_cells: 8", "max_cells: 9")))
    with pytest.raises(PolicyRefuses):
        verify_approvals(new, envelopes, TRUSTED)


def test_a_strangers_signature_is_not_trusted(write_policy) -> None:
    policy = load_policy(write_policy())
    envelopes = [approve(policy, "steward", STRANGER), approve(policy, "reviewer", REVIEWER)]
    with pytest.raises(ApprovalUntrusted) as caught:
        verify_approvals(policy, envelopes, TRUSTED)
    assert caught.value.exit_code == 5


def test_a_key_can_not_speak_in_a_role_it_is_not_trusted_for(write_policy) -> None:
    policy = load_policy(write_policy())
    with pytest.raises(ApprovalUntrusted):
        verify_approvals(policy, [approve(policy, "reviewer", STEWARD)], TRUSTED)


def test_one_key_twice_is_one_approval(write_policy) -> None:
    policy = load_policy(write_policy(("steward: 1", "steward: 2")))
    one, two = approve(policy, "steward", STEWARD), approve(policy, "steward", STEWARD)
    (key_id,) = two.signatures
    two.signatures["another-id"] = two.signatures.pop(key_id)
    two.signatures["another-id"].keyid = "another-id"
    with pytest.raises(PolicyRefuses, match="role steward"):
        verify_approvals(policy, [one, two, approve(policy, "reviewer", REVIEWER)], TRUSTED)


def test_one_key_in_two_roles_is_refused(write_policy) -> None:
    policy = load_policy(write_policy())
    both = (*TRUSTED, Approver("reviewer", public_name(STEWARD)))
    envelopes = [approve(policy, "steward", STEWARD), approve(policy, "reviewer", STEWARD)]
    with pytest.raises(ApprovalUntrusted, match="two roles"):
        verify_approvals(policy, envelopes, both)


def test_a_role_that_nobody_asked_for_is_refused(write_policy) -> None:
    with pytest.raises(PolicyRefuses):
        approve(load_policy(write_policy()), "king", STEWARD)


@pytest.mark.parametrize("field", ["payload", "sig"])
def test_a_changed_byte_is_noticed(write_policy, field: str) -> None:
    policy = load_policy(write_policy())
    envelope = approve(policy, "steward", STEWARD)
    if field == "payload":
        envelope.payload = envelope.payload.replace(b'"steward"', b'"reviewer"')
    else:
        (signature,) = envelope.signatures.values()
        signature.signature = signature.signature[:-2] + "00"
    with pytest.raises((ApprovalUntrusted, PolicyRefuses)):
        verify_approvals(policy, [envelope, approve(policy, "reviewer", REVIEWER)], TRUSTED)


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
        approved(load_rules(write_policy()), TRUSTED, today)
    assert caught.value.rule == rule
