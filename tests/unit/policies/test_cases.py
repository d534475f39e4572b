import pytest

from policies.cases import cases_path, try_cases
from policies.decision import StudyRules, load_rules
from policies.request import RequestInvalid
from policies.request_rules import RULES

GOOD = """\
cases:
  - name: in time
    request: {on: 2026-06-01, statistics: [brand_by_week]}
    expect: allow
  - name: too late
    request: {on: 2027-06-01, statistics: [brand_by_week]}
    expect: deny
    rules: [PL-TIME-001]
"""


@pytest.fixture
def rules(write_policy) -> StudyRules:
    return load_rules(write_policy())


def tried(rules: StudyRules, text: str) -> list[bool]:
    cases_path(rules.file).write_text(text)
    return [case.passed for case in try_cases(rules).tried]


def test_cases_that_hold_pass_and_untouched_rules_are_named(rules: StudyRules) -> None:
    assert tried(rules, GOOD) == [True, True]
    trial = try_cases(rules)
    assert trial.passed
    assert trial.untouched == tuple(sorted(set(RULES) - {"PL-TIME-001"}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on: 2026-06-01", "on: 2028-06-01"),
        ("on: 2027-06-01", "on: 2026-06-01"),
        ("[PL-TIME-001]", "[PL-TIME-002]"),
        ("[PL-TIME-001]", "[PL-TIME-001, PL-ASK-002]"),
    ],
)
def test_another_answer_or_another_reason_fails(rules: StudyRules, old: str, new: str) -> None:
    assert not all(tried(rules, GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "PL-YAML-001"),
        ("cases: []\n", "PL-FIELD-003"),
        (GOOD.replace("[PL-TIME-001]", "[]"), "PL-TEST-001"),
        (GOOD.replace("expect: allow", "expect: allow\n    rules: [PL-ASK-001]"), "PL-TEST-001"),
        (GOOD.replace("[PL-TIME-001]", "[PL-TIMM-001]"), "PL-TEST-002"),
        (GOOD.replace("too late", "in time"), "PL-TEST-003"),
        (GOOD.replace("expect: deny", "expect: maybe"), "PL-FIELD-003"),
    ],
)
def test_a_file_that_tests_nothing_or_is_wrong_fails(rules, text: str, rule: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        tried(rules, text)
    assert rule in {finding.rule for finding in caught.value.findings}


def test_a_policy_without_cases_is_not_tested(rules: StudyRules) -> None:
    with pytest.raises(RequestInvalid, match="PL-FILE-001"):
        try_cases(rules)
