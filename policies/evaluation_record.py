"""The evaluation record: what redaction was measured to do on labelled photos, signed.

A DSSE envelope (securesystemslib) whose payload is canonical JSON with exact figures, rounded to
the record's disadvantage. A policy that demands one names it by the digest of exactly what was
signed, so that approving the policy approves the record; the run that is refused without it
learns from it with which weights and choices the figures were reached. No photo is named in it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, StringConstraints
from securesystemslib.dsse import Envelope
from securesystemslib.signer._crypto_signer import CryptoSigner

from policies.approvals import Approver, signer_of
from policies.canonical import canonical_json, digest_of_bytes
from policies.errors import PolicyRefuses
from policies.fields import Day, Digest, ExactShare, Part, Role
from policies.redaction_choices import DemandedEvaluation, Redaction

PAYLOAD_TYPE: Final = "application/vnd.crowdlens.evaluation+json"
MAX_BYTES: Final = 1_000_000
_DEMANDS: Final = {
    "min_face_recall": "face_recall",
    "min_face_recall_24": "face_recall_24",
    "min_photos_safe": "photos_safe",
    "min_text_cover": "text_cover_90",
    "min_code_cover": "code_cover_90",
    "min_plate_cover": "plate_cover_90",
}
_AGAIN: Final = "Evaluate again with `crowdlens evaluate redaction --policy POLICY`, "

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Band = Literal["12-16", "16-24", "24-32", "32-64", "64+"]


class WeightFile(Part):
    """A file of weights, by digest."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    digest: Digest


class Figures(Part):
    """Shares of what was there; none where the truth file labels nothing of the kind."""

    face_recall: ExactShare | None
    """Faces of at least 12 pixels that were covered, in photos that were not withheld."""
    face_recall_24: ExactShare | None
    face_recall_by_size: dict[Band, ExactShare | None]
    photos_safe: ExactShare | None
    """Photos with such a face in which each was covered, or which were withheld."""
    text_cover_50: ExactShare | None
    text_cover_90: ExactShare | None
    code_cover_50: ExactShare | None
    code_cover_90: ExactShare | None
    plate_cover_50: ExactShare | None
    plate_cover_90: ExactShare | None
    withheld: ExactShare
    """Photos refused; rounded up, as is what follows."""
    veiled: ExactShare | None
    """Mean share of a photo under the veil."""


class EvaluationRecord(Part):
    """What is signed."""

    version_of_schema: Annotated[Literal["crowdlens-evaluation/v1"], Field(alias="schema")]
    made_on: Day
    role: Role
    """In which the signer speaks."""
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
    """Of Crowdlens."""
    models: Annotated[list[WeightFile], Field(min_length=1, max_length=100)]
    choices: Digest
    """Of `Redaction.choices`."""
    catalogue: Digest | None
    """The words that stayed visible."""
    truth: Digest
    """Of the truth file's bytes."""
    photos: Annotated[int, Field(ge=1, le=1_000_000_000)]
    boxes: dict[Literal["face", "text", "code", "plate"], Count]
    figures: Figures

    def payload(self) -> bytes:
        """Return the canonical JSON that is signed."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    @property
    def digest(self) -> str:
        """How a policy names the record."""
        return digest_of_bytes(self.payload())


@dataclass(frozen=True)
class Redactor:
    """What a run would redact with."""

    version: str
    models: tuple[tuple[str, str], ...]
    """Name and digest of each file of weights."""
    catalogue: str | None = None
    """Digest of the words that stay visible; none do without one."""


def evaluation_path(policy_file: Path) -> Path:
    """Return where the evaluation record of a policy file stands."""
    return policy_file.with_name(policy_file.stem + ".evaluation.json")


def sign_record(record: EvaluationRecord, key: Ed25519PrivateKey) -> bytes:
    """Return the file: the record in an envelope signed with `key`."""
    envelope = Envelope(record.payload(), PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key))
    return (json.dumps(envelope.to_dict(), indent=2, sort_keys=True) + "\n").encode()


def require_evaluation(
    redaction: Redaction, file: Path, trusted: Sequence[Approver], redactor: Redactor
) -> EvaluationRecord | None:
    """Return the record in `file` if it is all that the policy demands; None if it demands none.

    Raises `PolicyRefuses` (PL-EVAL-002 to 009) for everything else.
    """
    demanded = redaction.evaluation
    if demanded is None:
        return None
    envelope, record = _read(file)
    if digest_of_bytes(envelope.payload) != demanded.record:
        raise PolicyRefuses(
            "PL-EVAL-003",
            "the evaluation record is not the one that the policy names",
            hint=f"If the change is meant, write record: {record.digest} and have it approved.",
        )
    if signer_of(envelope, record.role, trusted) is None:
        raise PolicyRefuses(
            "PL-EVAL-004",
            f"the evaluation record is not signed by a key that is trusted as {record.role}",
            hint="Add the evaluator's public key to the trust file's approvers, in that role.",
        )
    if sorted((m.name, m.digest) for m in record.models) != sorted(redactor.models):
        raise PolicyRefuses(
            "PL-EVAL-005",
            "the evaluation was made with other weights than this machine has",
            hint=_AGAIN + "or install the packages that it was made with.",
        )
    if record.choices != redaction.choices_digest:
        raise PolicyRefuses(
            "PL-EVAL-006",
            "the evaluation was made with other choices of redaction than the policy's",
            hint=_AGAIN + "which takes the choices from the policy.",
        )
    if record.version != redactor.version:
        raise PolicyRefuses(
            "PL-EVAL-007",
            "the evaluation was made with another version of Crowdlens",
            hint=_AGAIN + f"or run with version {record.version}.",
        )
    if record.catalogue != redactor.catalogue:
        raise PolicyRefuses(
            "PL-EVAL-009",
            "the evaluation was made with another catalogue than the policy's",
            hint=_AGAIN + "which takes the catalogue from the policy.",
        )
    _require_figures(demanded, record)
    return record


def _require_figures(demanded: DemandedEvaluation, record: EvaluationRecord) -> None:
    for name, figure in _DEMANDS.items():
        least, reached = getattr(demanded, name), getattr(record.figures, figure)
        if least is not None and (reached is None or reached < least):
            raise _too_little(name, str(least), "nothing of the kind" if reached is None else "")
    if demanded.min_photos is not None and record.photos < demanded.min_photos:
        raise _too_little("min_photos", str(demanded.min_photos), "")
    if demanded.max_withheld is not None and record.figures.withheld > demanded.max_withheld:
        raise _too_little("max_withheld", str(demanded.max_withheld), "")


def _too_little(demand: str, value: str, why: str) -> PolicyRefuses:
    return PolicyRefuses(
        "PL-EVAL-008",
        f"the evaluation does not reach {demand}: {value}" + (f" (it had {why})" if why else ""),
        hint="Look at the record's figures; lower the demand only if reviewers agree.",
    )


def _read(file: Path) -> tuple[Envelope, EvaluationRecord]:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError
        parsed: Any = json.loads(data)
        envelope = Envelope.from_dict(dict(parsed))
        if envelope.payload_type != PAYLOAD_TYPE:
            raise ValueError
        record = EvaluationRecord.model_validate_json(envelope.payload)
        # INVARIANT: one record, one byte string, so that its digest names what it says.
        if record.payload() != envelope.payload:
            raise ValueError
        return envelope, record
    except Exception as error:  # hostile input: securesystemslib raises many kinds
        missing = isinstance(error, FileNotFoundError)
        raise PolicyRefuses(
            "PL-EVAL-002",
            "the policy demands an evaluation record, and "
            + ("there is none beside it" if missing else "the file beside it is none"),
            hint=_AGAIN + "and sign it with --sign-with.",
        ) from None
