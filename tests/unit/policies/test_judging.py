import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import request_rules
from policies.decision import StudyRules, load_rules
from policies.judging import judge
from policies.request import RequestInvalid, read_request
from policies.request_rules import RULES
from tests.places import made_real

WHOLE = (
    "{on: 2026-06-01, statistics: [brand_by_week], by: research-team, formats: [csv], "
    "purpose: 'dpv:CommercialResearch', use: seasonal-report, price: {epsilon: '1'}, "
    "spent: {epsilon: '3'}, approvals: {steward: 1, reviewer: 1}, witnesses: 1, "
    "optouts_age_days: 7, labels: {brand: [Kestrel], week: [2026-W23]}, "
    "tables: [{by: [week, brand]}]}"
)


@pytest.fixture
def rules(write_policy) -> StudyRules:
    path = write_policy()
    path.write_text(made_real(path.read_text(), "production", "consented-panel"))
    return load_rules(path)


def test_a_request_within_the_policy_is_allowed_and_judged_whole(rules: StudyRules) -> None:
    answer = judge(rules, read_request(WHOLE))
    assert answer.allowed, answer.reasons
    assert answer.not_judged == ()


def test_what_a_request_leaves_out_is_said_to_be_unjudged(rules: StudyRules) -> None:
    answer = judge(rules, read_request("{on: 2026-06-01, statistics: [brand_by_week]}"))
    assert answer.allowed
    assert "approvals" in answer.not_judged
    assert "spent" in answer.not_judged


CASES = [
    ("statistics: [brand_by_week]", "statistics: [other]", "PL-ASK-002"),
    ("{by: [week, brand]}", "{by: [brand]}", "PL-ASK-003"),
    ("{by: [week, brand]}", "{kind: top, by: [brand, week]}", "PL-ASK-003"),
    ("[Kestrel]", "[Oberon]", "PL-ASK-004"),
    ("[2026-W23]", "[2026-W31]", "PL-ASK-004"),
    ("{brand: [Kestrel]", "{scene: [beach]", "PL-ASK-004"),
    ("{brand: [Kestrel]", "{parent: [Kestrel]", "PL-ASK-004"),
    ("{brand: [Kestrel]", "{hashtag: [sun]", "PL-ASK-004"),
    ("research-team", "the press", "PL-ASK-005"),
    ("dpv:CommercialResearch", "dpv:Marketing", "PL-ASK-007"),
    ("seasonal-report", "re-identification", "PL-ASK-009"),
    ("witnesses:", "beside: [originals], witnesses:", "PL-ASK-010"),
    ("witnesses:", "beside: [model], witnesses:", "PL-ASK-016"),
    ("epsilon: '1'", "rho: '1'", "PL-ASK-011"),
    ("epsilon: '1'", "epsilon: '1.1'", "PL-ASK-012"),
    ("epsilon: '1'", "epsilon: '1.1'", "PL-ASK-013"),
    ("epsilon: '3'", "epsilon: '3.1'", "PL-ASK-014"),
    ("steward: 1", "steward: 0", "PL-APPR-002"),
    ("{steward: 1, reviewer: 1}", "{}", "PL-APPR-002"),
    ("optouts_age_days: 7", "optouts_age_days: 8", "PL-OPT-001"),
    ("2026-06-01", "2027-01-01", "PL-TIME-001"),
    ("2026-06-01", "2025-12-31", "PL-TIME-002"),
    ("witnesses: 1", "witnesses: 0", "PL-WIT-001"),
]


@pytest.mark.parametrize(("old", "new", "rule"), CASES)
def test_each_rule_refuses_what_it_is_there_for(rules: StudyRules, old, new, rule) -> None:
    assert old in WHOLE
    reasons = judge(rules, read_request(WHOLE.replace(old, new))).reasons
    assert rule in {reason.rule for reason in reasons}
    assert all(reason.message and reason.hint for reason in reasons)


@pytest.mark.parametrize(
    ("old", "new", "request_", "rule"),
    [
        ("recipients: [", "formats: [json], recipients: [", WHOLE, "PL-ASK-006"),
        (
            "dpv: [dpv:CommercialResearch]",
            "dpv: [dpv:PublicBenefit]\n  duo: [NCU]",
            WHOLE,
            "PL-ASK-008",
        ),
        ("version: 1", "version: 2", "{on: 2026-06-01}", "PL-ASK-001"),
    ],
)
def test_each_rule_of_the_policy_refuses(rules, old, new, request_, rule) -> None:
    rules.file.write_text(rules.file.read_text().replace(old, new))
    reasons = judge(load_rules(rules.file), read_request(request_)).reasons
    assert rule in {reason.rule for reason in reasons}


def test_a_list_that_a_run_applies_is_judged_by_its_age_alone(rules: StudyRules) -> None:
    rules.file.write_text(rules.file.read_text().replace("by-operator", "by-run"))
    assert judge(load_rules(rules.file), read_request(WHOLE)).allowed
    unsaid = read_request("{on: 2026-06-01, statistics: [brand_by_week]}")
    assert "optouts_age_days" in judge(load_rules(rules.file), unsaid).not_judged


def test_every_rule_has_a_case_here() -> None:
    text = Path(__file__).read_text()
    assert [rule for rule in RULES if text.count(f'"{rule}"') == 0] == []


def test_parents_and_categories_are_those_of_the_catalogue(rules: StudyRules) -> None:
    asked = "{on: 2026-06-01, statistics: [brand_by_week], labels: {LABELS}}"
    good = asked.replace("{LABELS}", "{parent: [Brightwater, Élan], category: [coffee]}")
    assert judge(rules, read_request(good)).allowed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{on: soon}", "PL-TIME-003"),
        ("{}", "PL-FIELD-002"),
        ("{on: 2026-06-01, who: me}", "PL-FIELD-001"),
        ("{on: 2026-06-01, price: {epsilon: '1', rho: '1'}}", "PL-ASK-015"),
        ("{on: 2026-06-01, price: {epsilon: 1}}", "PL-NUM-001"),
        ("{on: ", "PL-YAML-001"),
        ("nothing-there.yaml", "PL-FILE-001"),
    ],
)
def test_a_request_that_is_none_is_told_what_is_wrong(text: str, rule: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        read_request(text)
    assert rule in {finding.rule for finding in caught.value.findings}


@given(st.text(max_size=60))
def test_whatever_is_no_request_raises_only_our_error(text: str) -> None:
    for given_ in (
        "{" + text,
        "{on: 2026-06-01, " + text,
        "{on: 2026-06-01, labels: {brand: " + text,
    ):
        with suppress(RequestInvalid):
            read_request(given_)


def test_each_rule_is_told_in_one_sentence() -> None:
    """A rule id means one thing, as for the rules of the file."""
    source = Path(request_rules.__file__).read_text()
    told = re.findall(r'Reason\(\s*"(PL-[A-Z]+-\d{3})"', source)
    assert len(set(told)) == len(told)
    assert {*told, "PL-OPT-001", "PL-TIME-001", "PL-TIME-002"} == set(RULES)


def test_a_request_can_stand_in_a_file(rules: StudyRules, tmp_path: Path) -> None:
    (tmp_path / "request.yaml").write_text(WHOLE)
    assert judge(rules, read_request(str(tmp_path / "request.yaml"))).allowed
