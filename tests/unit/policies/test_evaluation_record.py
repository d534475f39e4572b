import base64
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.amounts import Share
from policies.approvals import Approver, approvals_path, approve, public_name, write_approvals
from policies.decision import approved, load_rules
from policies.errors import PolicyRefuses
from policies.evaluation_record import (
    PAYLOAD_TYPE,
    EvaluationRecord,
    Redactor,
    evaluation_path,
    require_evaluation,
    sign_record,
)
from policies.policy import load_policy
from policies.redaction_choices import DemandedEvaluation, Redaction

EVALUATOR = Ed25519PrivateKey.generate()
STRANGER = Ed25519PrivateKey.generate()
TRUSTED = (Approver("evaluator", public_name(EVALUATOR)),)
WEIGHTS = (("a.onnx", "sha256:" + "a" * 64), ("b.onnx", "sha256:" + "b" * 64))
REDACTOR = Redactor("1.2.3", WEIGHTS)
FIGURES: dict[str, Any] = {
    "face_recall": "0.97",
    "face_recall_24": "0.985",
    "face_recall_by_size": {"12-16": "0.9", "16-24": "1", "24-32": None, "32-64": "1", "64+": "1"},
    "photos_safe": "0.95",
    "text_cover_50": "0.9999",
    "text_cover_90": "0.99",
    "code_cover_50": None,
    "code_cover_90": None,
    "plate_cover_50": "1",
    "plate_cover_90": "1",
    "withheld": "0.12",
    "veiled": "0.2",
}


def record(**other: Any) -> EvaluationRecord:
    values = {
        "schema": "crowdlens-evaluation/v1",
        "made_on": "2026-11-24",
        "role": "evaluator",
        "version": "1.2.3",
        "models": [{"name": name, "digest": digest} for name, digest in WEIGHTS],
        "choices": Redaction().choices_digest,
        "catalogue": None,
        "truth": "sha256:" + "c" * 64,
        "photos": 100,
        "boxes": {"face": 2000, "text": 40, "plate": 3},
        "figures": FIGURES,
    }
    return EvaluationRecord.model_validate_json(json.dumps(values | other))


def demand(made: EvaluationRecord, **minima: Any) -> Redaction:
    minima = {"max_withheld": "1", **(minima or {"min_face_recall": "0.97"})}
    named = {"record": made.digest, **minima}
    return Redaction(evaluation=DemandedEvaluation.model_validate(named))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "study.evaluation.json"


Refused = Callable[..., str]


@pytest.fixture
def refused(file: Path) -> Refused:
    """Write the record and give the rule by which it is refused, or nothing."""

    def check(
        made: EvaluationRecord,
        redaction: Redaction | None = None,
        *,
        key: Ed25519PrivateKey = EVALUATOR,
        redactor: Redactor = REDACTOR,
    ) -> str:
        file.write_bytes(sign_record(made, key))
        try:
            assert require_evaluation(redaction or demand(made), file, TRUSTED, redactor) == made
        except PolicyRefuses as refusal:
            return refusal.rule if refusal.exit_code == 7 and refusal.hint else "unclear"
        return ""

    return check


def test_a_record_that_satisfies_is_returned(refused: Refused) -> None:
    made = record()
    assert refused(made) == ""
    every = {
        "min_photos": 100,
        "min_face_recall": "0.97",
        "min_face_recall_24": "0.985",
        "min_photos_safe": "0.95",
        "min_text_cover": "0.99",
        "min_plate_cover": "1",
        "max_withheld": "0.12",
    }
    assert refused(made, demand(made, **every)) == ""
    assert refused(made, redactor=Redactor("1.2.3", WEIGHTS[::-1])) == "", "in any order"


def test_nothing_is_read_where_nothing_is_demanded(file: Path) -> None:
    assert require_evaluation(Redaction(), file, TRUSTED, REDACTOR) is None


def test_a_missing_record_is_refused(file: Path) -> None:
    with pytest.raises(PolicyRefuses) as caught:
        require_evaluation(demand(record()), file, TRUSTED, REDACTOR)
    assert caught.value.rule == "PL-EVAL-002"


def test_another_record_is_refused(refused: Refused) -> None:
    assert refused(record(photos=101), demand(record())) == "PL-EVAL-003"


def test_a_strangers_record_is_refused(refused: Refused) -> None:
    assert refused(record(), key=STRANGER) == "PL-EVAL-004"
    assert refused(record(role="steward")) == "PL-EVAL-004", "the key is not trusted in this role"


def test_other_weights_are_refused(refused: Refused) -> None:
    others = (WEIGHTS[:1], (*WEIGHTS, ("c.onnx", WEIGHTS[0][1])), (WEIGHTS[0], WEIGHTS[0]))
    for weights in others:
        assert refused(record(), redactor=Redactor("1.2.3", weights)) == "PL-EVAL-005"


def test_other_choices_are_refused(refused: Refused) -> None:
    made = record()
    evaluation = demand(made).evaluation
    assert refused(made, Redaction(people="people", evaluation=evaluation)) == "PL-EVAL-006"
    assert refused(made, Redaction(fill="solid", evaluation=evaluation)) == "PL-EVAL-006"


def test_another_catalogue_is_refused(refused: Refused) -> None:
    assert refused(record(catalogue="sha256:" + "d" * 64)) == "PL-EVAL-009"


def test_another_version_is_refused(refused: Refused) -> None:
    assert refused(record(), redactor=Redactor("1.2.4", WEIGHTS)) == "PL-EVAL-007"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_photos", 101),
        ("min_face_recall", "0.9701"),
        ("min_face_recall_24", "0.9851"),
        ("min_photos_safe", "0.9501"),
        ("min_text_cover", "0.9901"),
        ("min_code_cover", "0"),  # nothing was measured, so nothing was reached
        ("max_withheld", "0.1199"),
    ],
)
def test_a_figure_that_is_not_reached_is_refused(refused: Refused, name: str, value: Any) -> None:
    made = record()
    assert refused(made, demand(made, **{name: value})) == "PL-EVAL-008"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"payload": "", "payloadType": "x", "signatures": []}',
        json.dumps({"payload": "e30=", "payloadType": PAYLOAD_TYPE, "signatures": []}).encode(),
        b" " * 1_000_001,
    ],
)
def test_hostile_files_raise_only_our_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(PolicyRefuses) as caught:
        require_evaluation(demand(record()), file, TRUSTED, REDACTOR)
    assert caught.value.rule == "PL-EVAL-002"


@pytest.mark.parametrize("field", ["payload", "sig", "keyid"])
def test_a_changed_byte_is_noticed(file: Path, field: str) -> None:
    made = record()
    document = json.loads(sign_record(made, EVALUATOR))
    if field == "payload":
        better = sign_record(record(photos=1000), EVALUATOR)
        document["payload"] = json.loads(better)["payload"]
    elif field == "sig":
        document["signatures"][0]["sig"] = document["signatures"][0]["sig"][::-1]
    else:
        document["signatures"][0]["keyid"] = 5
    file.write_text(json.dumps(document))
    with pytest.raises(PolicyRefuses):
        require_evaluation(demand(made), file, TRUSTED, REDACTOR)


def test_a_record_in_another_spelling_is_none(file: Path) -> None:
    """The digest that the policy names must name what the record says."""
    made = record()
    spelled = made.payload().replace(b'"0.97"', b'"0.970"')
    document = json.loads(sign_record(made, EVALUATOR))
    document["payload"] = base64.b64encode(spelled).decode()
    file.write_text(json.dumps(document))
    with pytest.raises(PolicyRefuses) as caught:
        require_evaluation(demand(made), file, TRUSTED, REDACTOR)
    assert caught.value.rule == "PL-EVAL-002"


def test_the_digest_is_of_exactly_what_is_signed(write_policy) -> None:
    made = record()
    policy_file = write_policy(
        (
            "version: 1\n",
            "version: 1\nredaction:\n  evaluation:\n"
            f'    record: {made.digest}\n    min_photos_safe: "0.95"\n    max_withheld: "0.15"\n',
        )
    )
    policy = load_policy(policy_file)
    log = "crowdlens/" + "0" * 32
    keys = {role: Ed25519PrivateKey.generate() for role in policy.approvals}
    trusted = (*TRUSTED, *(Approver(role, public_name(key)) for role, key in keys.items()))
    envelopes = [approve(policy, role, key, log) for role, key in keys.items()]
    write_approvals(approvals_path(policy_file), envelopes)
    evaluation_path(policy_file).write_bytes(sign_record(made, EVALUATOR))
    rules, today = load_rules(policy_file), date(2026, 6, 10)
    assert approved(rules, trusted, log, today, REDACTOR).evaluation == made
    with pytest.raises(PolicyRefuses) as caught:
        approved(rules, trusted, log, today)
    assert caught.value.rule == "PL-EVAL-005", "a run that says not what it redacts with"


@pytest.mark.parametrize(
    ("part", "whole", "down", "up"),
    [(2, 3, "0.6666", "0.6667"), (1, 1, "1", "1"), (0, 7, "0", "0"), (1, 8, "0.125", "0.125")],
)
def test_shares_are_cut_to_the_records_disadvantage(part, whole, down, up) -> None:
    assert str(Share.of(part, whole)) == down
    assert str(Share.of(part, whole, up=True)) == up
