import re
from dataclasses import fields
from pathlib import Path

import pytest

from policies import evaluation_record
from policies.errors import PolicyInvalid
from policies.policy import Policy, load_policy
from redaction.evaluation import RedactionScores


def demanding(more: str = "") -> str:
    """Give a section that demands an evaluation."""
    return "{evaluation: {record: sha256:" + "0" * 64 + more + "}}"


@pytest.fixture
def with_redaction(write_policy):
    def write(section: str) -> Path:
        return write_policy(("version: 1\n", f"version: 1\nredaction: {section}\n"))

    return write


def rules_broken(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(path)
    return [(f.rule, f.field) for f in caught.value.findings]


def test_the_defaults_are_the_strict_values(write_policy) -> None:
    redaction = load_policy(write_policy()).redaction
    assert redaction.choices == {
        "faces": "veil",
        "people": "faces",
        "text": "default-deny",
        "codes": "veil",
        "plates": "veil",
        "fill": "blend",
        "animations": "first-frame",
        "metadata": "drop",
        "limits": {
            "max_bytes": 50_000_000,
            "max_pixels": 50_000_000,
            "max_seconds": 8,
            "max_memory_mb": 1024,
        },
    }
    assert redaction.evaluation is None


def test_looser_text_needs_a_reason(with_redaction) -> None:
    assert rules_broken(with_redaction("{text: pii-only}")) == [("PL-RED-001", "redaction")]
    loose = load_policy(with_redaction("{text: pii-only, text_reason: Menus are the subject.}"))
    assert loose.redaction.text == "pii-only"


@pytest.mark.parametrize(
    ("section", "broken"),
    [
        ("{faces: keep}", ("PL-FIELD-003", "redaction.faces")),
        ("{codes: keep}", ("PL-FIELD-003", "redaction.codes")),
        ("{people: none}", ("PL-FIELD-003", "redaction.people")),
        ("{text: none}", ("PL-FIELD-003", "redaction.text")),
        ("{fill: blur}", ("PL-FIELD-003", "redaction.fill")),
        ("{animations: all}", ("PL-FIELD-003", "redaction.animations")),
        ("{limits: {max_seconds: 0}}", ("PL-FIELD-003", "redaction.limits.max_seconds")),
        ("{limits: {max_seconds: 1.5}}", ("PL-FIELD-003", "redaction.limits.max_seconds")),
        ("{limits: {max_memory_mb: 1}}", ("PL-FIELD-003", "redaction.limits.max_memory_mb")),
        (demanding(), ("PL-EVAL-001", "redaction.evaluation")),
        (demanding(', min_photos_safe: "0.9"'), ("PL-EVAL-010", "redaction.evaluation")),
        ("{evaluation: {min_photos: 1}}", ("PL-FIELD-002", "redaction.evaluation.record")),
        *(
            (
                demanding(f", min_face_recall: {share}"),
                ("PL-NUM-004", "redaction.evaluation.min_face_recall"),
            )
            for share in ("0.9", '"1.1"', '"0.95001"', '"-1"', '"high"')
        ),
    ],
)
def test_what_can_not_be_chosen(with_redaction, section: str, broken: tuple[str, str]) -> None:
    assert broken in rules_broken(with_redaction(section))


def digest_of(path: Path) -> tuple[str, str]:
    policy = load_policy(path)
    return policy.digest, policy.redaction.choices_digest


def test_the_digest_of_the_choices_names_the_choices_alone(with_redaction) -> None:
    policy, choices = digest_of(with_redaction("{fill: blend}"))
    short, long = (
        digest_of(with_redaction(demanding(f', max_withheld: "1", min_face_recall: "{share}"')))
        for share in ("0.95", "0.950")
    )
    assert short == long, "the digest names the meaning, not the spelling"
    assert short[0] != policy
    assert short[1] == choices
    reasons = {
        digest_of(with_redaction("{text: pii-only, text_reason: " + reason + "}"))[1]
        for reason in ("One.", "Two.")
    }
    assert len(reasons) == 1
    others = [
        digest_of(with_redaction(section))[1]
        for section in (
            "{people: people}",
            "{fill: solid}",
            "{animations: withhold}",
            "{limits: {max_seconds: 9}}",
        )
    ]
    assert len({choices, *reasons, *others}) == 6


def test_the_schema_can_still_be_written() -> None:
    sections = Policy.model_json_schema()["$defs"]
    assert {"people", "text", "fill", "animations", "evaluation"} <= set(
        sections["Redaction"]["properties"]
    )


DOCUMENT = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_the_documented_demand_can_be_written(write_policy) -> None:
    (section,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    section = section.replace("sha256:...", "sha256:" + "0" * 64)
    policy = load_policy(write_policy(("version: 1\n", "version: 1\n" + section)))
    evaluation = policy.redaction.evaluation
    assert evaluation is not None
    assert all(value is not None for _, value in evaluation), "every demand is documented"


def test_the_documented_rules_are_those_of_the_code() -> None:
    source = Path(evaluation_record.__file__).read_text(encoding="utf-8")
    documented = re.findall(r"^\| (PL-EVAL-\d{3}) \|", DOCUMENT, re.MULTILINE)
    assert documented == sorted(set(re.findall(r'"(PL-EVAL-\d{3})"', source)))


def test_the_documented_figures_are_those_of_the_result() -> None:
    (table,) = re.findall(r"\| figure \|.*?\n\n", DOCUMENT, re.DOTALL)
    names = set(re.findall(r"`([a-z_0-9]+)`", table))
    figures = {field.name for field in fields(RedactionScores)} - {"figures", "boxes", "photos"}
    assert figures - {"precision", "recall", "f1", "text_covered_50", "text_covered_90"} <= names
