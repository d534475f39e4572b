"""Revocations: an approver's signed word that nothing more may be done under a policy.

One trusted approver suffices, whatever the policy asks for: to stop means that less leaves. What
is signed (DSSE) names the policy's digest, the role and the log, and so can be put together again
from the log's entry, which carries the signature. A revocation can't be taken back; a new version
of the policy can be approved.
"""

from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.signer._crypto_signer import CryptoSigner
from securesystemslib.signer._signature import Signature

from policies.approvals import Approver, Origin, public_name, signer_of
from policies.canonical import canonical_json
from policies.fields import Digest, Role

PAYLOAD_TYPE = "application/vnd.crowdlens.revocation+json"


class _Payload(BaseModel):
    """What is signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Digest
    role: Role
    log: Origin
    revoked: Literal[True] = True


class Revocation(BaseModel):
    """Who revoked which policy, and the signature."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Digest
    role: Role
    key: Annotated[str, StringConstraints(pattern=r"^ed25519:[0-9a-f]{64}$")]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    """Ed25519 over the payload in DSSE's pre-authentication encoding, in hex."""


def revoke(policy: str, role: str, key: Ed25519PrivateKey, log: str) -> Revocation:
    """Sign that the policy of this digest is revoked, in the log of this origin."""
    envelope = Envelope(_payload(policy, role, log), PAYLOAD_TYPE, {})
    made = envelope.sign(CryptoSigner(key))
    return Revocation(policy=policy, role=role, key=public_name(key), signature=str(made.signature))


def is_signed(revocation: Revocation, log: str) -> bool:
    """Say whether the key that a revocation names has signed it, for that log."""
    try:
        payload = _payload(revocation.policy, revocation.role, log)
    except ValidationError:
        return False
    key_id = revocation.key.removeprefix("ed25519:")
    envelope = Envelope(payload, PAYLOAD_TYPE, {key_id: Signature(key_id, revocation.signature)})
    named = Approver(revocation.role, revocation.key)
    return signer_of(envelope, revocation.role, [named]) is not None


def _payload(policy: str, role: str, log: str) -> bytes:
    return canonical_json(_Payload(policy=policy, role=role, log=log).model_dump(mode="json"))
