"""Approvals: signatures over the digest of exactly these rules.

Each approval is a DSSE envelope (securesystemslib) whose payload names the policy's digest, id,
version, last day and the role in which the signer speaks. They stand beside the policy, in
`<policy>.approvals.json`. Who may approve comes from the caller's trust file, never from here.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.signer._crypto_signer import CryptoSigner
from securesystemslib.signer._key import SSlibKey

from policies.canonical import canonical_json
from policies.errors import ApprovalsUnwritable, ApprovalUntrusted, PolicyRefuses
from policies.fields import Day, Digest, Id, Role
from policies.policy import Policy
from policies.unfilled import unfilled

PAYLOAD_TYPE = "application/vnd.crowdlens.approval+json"
MAX_BYTES = 1_000_000


@dataclass(frozen=True, order=True)
class Approver:
    """A role and the key that may speak in it, as the trust file pins them."""

    role: str
    key: str
    """`ed25519:` and the 32 public bytes in hex."""


Origin = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")]


class Payload(BaseModel):
    """What is signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Digest
    id: Id
    version: int
    not_after: Day
    role: Role
    log: Origin
    """The log in which the study may spend: another log has other budgets."""


def approvals_path(policy_file: Path) -> Path:
    """Return where the approvals of a policy file stand."""
    return policy_file.with_name(policy_file.stem + ".approvals.json")


def public_name(key: Ed25519PrivateKey) -> str:
    """Return the public half as trust files write it."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "ed25519:" + raw.hex()


def approve(policy: Policy, role: str, key: Ed25519PrivateKey, log: str) -> Envelope:
    """Sign the policy's digest, for use with one log (named by its origin).

    Raises `PolicyRefuses` for a role that the policy does not ask for, and for a policy of a real
    study in which something still has to be filled in.
    """
    if open_fields := unfilled(policy):
        raise PolicyRefuses(
            "PL-APPR-004",
            f"the policy can't be approved before {open_fields[0].field} is filled in",
            hint="`crowdlens policy lint` names every such field.",
        )
    if policy.approvals and role not in policy.approvals:
        raise PolicyRefuses(
            "PL-APPR-003",
            "the policy asks for no approval in this role",
            hint="Roles asked for: " + ", ".join(sorted(policy.approvals)) + ".",
        )
    payload = _payload(policy, role, log)
    envelope = Envelope(canonical_json(payload.model_dump(mode="json")), PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key))
    return envelope


def read_approvals(path: Path) -> tuple[Envelope, ...]:
    """Return the envelopes of an approvals file; none where there is no file.

    Raises `ApprovalUntrusted` for a file that is not a list of envelopes.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError:
        raise ApprovalUntrusted(
            "the approvals file can't be read", hint="Check that it is a file, and its permissions."
        ) from None
    try:
        if len(data) > MAX_BYTES:
            raise ValueError
        parsed: Any = json.loads(data)
        if set(parsed) != {"approvals"} or not isinstance(parsed["approvals"], list):
            raise ValueError
        return tuple(Envelope.from_dict(dict(item)) for item in parsed["approvals"])
    except Exception:  # hostile input: securesystemslib raises many kinds
        raise ApprovalUntrusted(
            "the approvals file is not a list of signed envelopes",
            hint="Remove it and sign again with `crowdlens policy sign`.",
        ) from None


def write_approvals(path: Path, envelopes: Sequence[Envelope]) -> None:
    """Write the envelopes, replacing the file in one step; raises `ApprovalsUnwritable`."""
    text = json.dumps({"approvals": [e.to_dict() for e in envelopes]}, indent=2, sort_keys=True)
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ApprovalsUnwritable(
            "the approvals can't be written, so nothing was signed",
            hint="Is the disk full, or the policy's folder not yours?",
        ) from error


def verify_approvals(
    policy: Policy, envelopes: Sequence[Envelope], trusted: Sequence[Approver], log: str
) -> tuple[Approver, ...]:
    """Return who approved exactly these rules for exactly this log, sorted.

    Raises:
        ApprovalUntrusted: an envelope for these rules does not verify with a trusted key.
        PolicyRefuses: too few approvals in some role.
    """
    given = given_approvals(policy, envelopes, trusted, log)
    counts = Counter(approver.role for approver in given)
    for role, needed in sorted(policy.approvals.items()):
        if counts[role] < needed:
            raise PolicyRefuses(
                "PL-APPR-002",
                f"the policy needs {needed} approval(s) in the role {role}, and has {counts[role]}",
                hint=f"Let a {role} run `crowdlens policy sign POLICY --role {role} --key KEY`. "
                "Approvals of other rules, or for another log, are none.",
            )
    return given


def given_approvals(
    policy: Policy, envelopes: Sequence[Envelope], trusted: Sequence[Approver], log: str
) -> tuple[Approver, ...]:
    """Return who approved exactly these rules for exactly this log so far, enough or not, sorted.

    Distinct keys count by their public bytes: one key listed or signing twice is one approval.
    Raises `ApprovalUntrusted` for an envelope for these rules that no trusted key signed.
    """
    given: set[Approver] = set()
    for envelope in envelopes:
        payload = _read_payload(envelope)
        if payload is None or payload != _payload(policy, payload.role, log):
            continue  # an approval of other rules, such as an earlier version, or for another log
        given.add(_signer(envelope, payload.role, trusted))
    # INVARIANT: one key speaks in one role only, so that nobody approves twice.
    keys = Counter(approver.key for approver in given)
    if any(count > 1 for count in keys.values()):
        raise ApprovalUntrusted(
            "one key approved in two roles", hint="Each role needs its own key."
        )
    return tuple(sorted(given))


def _payload(policy: Policy, role: str, log: str) -> Payload:
    return Payload(
        policy=policy.digest,
        id=policy.id,
        version=policy.version,
        not_after=policy.validity.not_after,
        role=role,
        log=log,
    )


def _read_payload(envelope: Envelope) -> Payload | None:
    if envelope.payload_type != PAYLOAD_TYPE:
        return None
    try:
        return Payload.model_validate_json(envelope.payload)
    except ValidationError:
        return None


def _signer(envelope: Envelope, role: str, trusted: Sequence[Approver]) -> Approver:
    signer = signer_of(envelope, role, trusted)
    if signer is not None:
        return signer
    raise ApprovalUntrusted(
        f"an approval in the role {role} is not signed by a key that is trusted for it",
        hint="List the approver's public key in the trust file, or remove the approvals file and "
        "have everybody sign again.",
    )


def signer_of(envelope: Envelope, role: str, trusted: Sequence[Approver]) -> Approver | None:
    """Return who signed the envelope, of those who are trusted in the role; None for nobody."""
    for approver in sorted(set(trusted)):
        if approver.role != role:
            continue
        if any(_verifies(envelope, key_id, approver) for key_id in envelope.signatures):
            return approver
    return None


def _verifies(envelope: Envelope, key_id: str, approver: Approver) -> bool:
    public = {"public": approver.key.removeprefix("ed25519:")}
    try:
        envelope.verify([SSlibKey(key_id, "ed25519", "ed25519", public)], 1)
    except Exception:
        return False  # hostile input: ids and signatures of any type, and of anybody
    return True
