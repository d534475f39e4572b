from pathlib import Path

import pytest

from policies.errors import PolicyInvalid
from policies.obligations import OBLIGATIONS
from policies.policy import load_policy, read_policy
from tests.places import REAL, made_real

MODEL = 'model_release: {id: m, kind: brand, contributors: 9, epsilon: "1", delta: "1e-8"}\n'


@pytest.fixture
def real(write_policy):
    """Write a whole policy of a real study, with replacements; a whole line goes with `drop`."""

    def write(*replacements: tuple[str, str], policy_class="production", drop="") -> Path:
        path = write_policy()
        text = made_real(path.read_text(), policy_class, "consented-panel")
        text = text.replace("acquisition: With leave", "acquisition: With leave, consent: column")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        kept = [line for line in text.splitlines() if not drop or not line.startswith(drop)]
        path.write_text("\n".join(kept) + "\n")
        return path

    return write


def found(path: Path) -> dict[str, tuple[str, str]]:
    try:
        _, findings = read_policy(path)
    except PolicyInvalid as invalid:
        findings = invalid.findings
    return {f.rule: (f.severity, f.law) for f in findings}


def test_a_whole_policy_of_a_real_study_is_warned_of_nothing_but_the_evaluation(real) -> None:
    assert found(real()) == {"PL-LAW-013": ("warning", "GDPR, Art. 25(1), 32(1)(d)")}


def test_class_test_owes_nothing(write_policy) -> None:
    assert read_policy(write_policy())[1] == ()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (", dpo: dpo@example.org", "", "PL-LAW-002"),
        ("  dpv: [dpv:CommercialResearch]\n", "", "PL-LAW-003"),
        ("statement:", "prohibited_uses: [re-identification]\n  statement:", "PL-LAW-004"),
        ("release: {recipients: [research-team]}", "", "PL-LAW-006"),
        ("lawful_basis: {gdpr: art6-1-a}", "", "PL-LAW-007"),
        ("art6-1-a", "art6-1-f", "PL-LAW-008"),
        ("optouts: {applied: by-operator, max_age_days: 7}", "", "PL-LAW-010"),
        (", acquisition: With leave", "", "PL-LAW-011"),
        (", consent: column", "", "PL-LAW-015"),
        ("audit: {witness_quorum: 1}", "", "PL-LAW-012"),
        ("{steward: 1, reviewer: 1}", "{steward: 1}", "PL-LAW-014"),
        ("dimensions:\n", f"{MODEL}dimensions:\n", "PL-LAW-016"),
    ],
)
def test_what_the_law_asks_for_is_missed(real, old: str, new: str, rule: str) -> None:
    told = found(real((old, new)))
    assert rule in told
    assert told[rule][1], "and the law is named"


@pytest.mark.parametrize(
    ("section", "rule"), [("controller", "PL-LAW-001"), ("dpia", "PL-LAW-009")]
)
def test_a_section_that_is_missing_is_named(real, section: str, rule: str) -> None:
    assert found(real(drop=section))[rule][0] == "error"


def test_a_record_of_processing_that_is_missing_is_named(real) -> None:
    record = REAL[REAL.index("record_of") : REAL.index("lawful_basis")]
    assert found(real((record, "")))["PL-LAW-005"][0] == "error"


def test_every_obligation_has_a_test_here() -> None:
    text = Path(__file__).read_text()
    assert all(f'"{o.rule}"' in text for o in OBLIGATIONS)
    assert len({o.rule for o in OBLIGATIONS}) == len(OBLIGATIONS)


def test_some_are_graver_where_people_are_less_asked(real) -> None:
    without = ("optouts: {applied: by-operator, max_age_days: 7}", "")
    assert found(real(without))["PL-LAW-010"][0] == "warning"
    public = ("consented-panel", "public-posts")
    assert found(real(without, public))["PL-LAW-010"][0] == "error"
    interests = ("art6-1-a", "art6-1-f")
    assert found(real(without, interests))["PL-LAW-010"][0] == "error"
    nowhere = (", acquisition: With leave", "")
    assert found(real(nowhere, public))["PL-LAW-011"][0] == "error"
    assert found(real(policy_class="pilot", drop="dpia"))["PL-LAW-009"][0] == "warning"


def test_an_error_refuses_the_policy_with_line_law_and_fix(real) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(real(("audit: {witness_quorum: 1}", "audit: {witness_quorum: 0}")))
    first = caught.value.findings[0]
    assert (first.rule, first.field) == ("PL-LAW-012", "audit.witness_quorum")
    assert first.line > 20
    assert "study.yaml:" in str(caught.value)
    assert "(GDPR, Art. 5(2))" in str(caught.value)
    assert "warning: " in str(caught.value), "what is to be weighed is told as well"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("  dpv:", "  duo: [NCU]\n  dpv:", "PL-PURP-001"),
        ("  dpv:", "  duo: [IRB]\n  dpv:", "PL-PURP-002"),
        ("2020-01-01, residual", "2026-01-02, residual", "PL-DPIA-001"),
        ("residual_risk: low", "residual_risk: high", "PL-DPIA-002"),
        ("audit: {", "thresholds: {min_units: 50}\naudit: {", "PL-THR-001"),
        ("dpv:CommercialResearch", "dpv:Fun", "PL-FIELD-003"),
        ("  dpv:", "  duo: [MOR]\n  dpv:", "PL-FIELD-003"),
        ("art6-1-a", "art9-2-a", "PL-FIELD-003"),
        ("controller:", "retention: {originals: 30d}\ncontroller:", "PL-FIELD-003"),
    ],
)
def test_what_contradicts_itself_or_can_not_be_kept_is_refused(real, old, new, rule) -> None:
    assert rule in found(real((old, new)))


def test_restrictions_of_the_data_ask_something_of_the_policy(real) -> None:
    named = ("  dpv:", "  duo: [US]\n  dpv:")
    assert "PL-PURP-003" in found(real(named, ("[research-team]", "[]")))
    staying = ("  dpv:", "  duo: [GS]\n  dpv:")
    assert "PL-PURP-004" not in found(real(staying))
    assert "PL-PURP-004" in found(real(staying, ("transfers: none", "transfers: to X")))
