from datetime import date
from pathlib import Path

import pytest

from policies.catalogue import load_catalogue
from policies.decision import load_rules
from policies.errors import CatalogueInvalid, PolicyInvalid, PolicyRefuses
from policies.policy import load_policy


def findings(path: Path) -> list[tuple[str, str, int]]:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(path)
    assert str(caught.value).startswith(path.name)
    assert all(f.fix and f.message for f in caught.value.findings)
    return [(f.rule, f.field, f.line) for f in caught.value.findings]


def test_a_valid_policy_loads_with_its_defaults(write_policy) -> None:
    policy = load_policy(write_policy())
    assert policy.effective["redaction"]["faces"] == "veil"
    assert not policy.written(("redaction", "faces"))
    assert policy.written(("validity", "not_after"))
    assert policy.dimensions.week.keys[0] == "2026-W23"
    assert len(policy.dimensions.week.keys) == 8


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("version: 1", "version: 1\nvershun: 2", ("PL-FIELD-001", "vershun", 4)),
        ("version: 1\n", "", ("PL-FIELD-002", "version", 1)),
        ("version: 1", "version: 1\nversion: 2", ("PL-YAML-002", "version", 4)),
        ("version: 1", "version: &a 1", ("PL-YAML-003", "(file)", 3)),
        ("version: 1", "version: !!int 1", ("PL-YAML-003", "(file)", 3)),
        ("version: 1", "version: 1: 2", ("PL-YAML-001", "(file)", 3)),
        ("version: 1", "? [a]\n: 1\nversion: 1", ("PL-YAML-004", "(file)", 3)),
        ('epsilon: "4"', "epsilon: 4.0", ("PL-NUM-001", "budget.total.epsilon", 12)),
        ('epsilon: "4"', "epsilon: 4", ("PL-NUM-001", "budget.total.epsilon", 12)),
        ('epsilon: "4"', 'epsilon: "0"', ("PL-NUM-002", "budget.total.epsilon", 12)),
        ('epsilon: "4"', 'epsilon: "0.5"', ("PL-BUDGET-002", "budget", 11)),
        ('week], epsilon: "1"', 'week], epsilon: "2"', ("PL-BUDGET-001", "(file)", 1)),
        ("2026-12-31", "2025-12-31", ("PL-TIME-005", "validity", 7)),
        ("2026-12-31", "31.12.2026", ("PL-TIME-003", "validity.not_after", 7)),
        ("2026-W30", "2026-30", ("PL-TIME-004", "dimensions.week.to", 18)),
        ("2026-W30", "2026-W01", ("PL-TIME-006", "dimensions.week", 18)),
        ("by: [brand, week]", "by: [brand, scene]", ("PL-STAT-002", "statistics[0]", 15)),
        ("by: [brand, week]", "by: [brand, brand]", ("PL-STAT-001", "statistics[0]", 15)),
        ("class: test", "class: production", ("PL-DATA-001", "(file)", 1)),
        ("max_cells: 8", "max_cells: true", ("PL-FIELD-003", "contributions.max_cells", 10)),
        ("dataset: {", "biometrics: allowed\ndataset: {", ("PL-FIELD-003", "biometrics", 9)),
    ],
)
def test_each_broken_rule_is_named_with_its_line(write_policy, old, new, expected) -> None:
    assert expected in findings(write_policy((old, new)))


def test_a_production_policy_without_approvals_does_not_lint(write_policy) -> None:
    path = write_policy(
        ("class: test", "class: production"),
        ("approvals: {steward: 1, reviewer: 1}\n", ""),
        ("made-up", "consented-panel"),
    )
    assert ("PL-APPR-001", "(file)", 1) in findings(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- a\n", b"a: [", b"\x00", b"a: *b\n"])
def test_hostile_files_raise_only_our_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    assert findings(path)


def test_a_missing_file_is_one_clear_finding(tmp_path: Path) -> None:
    assert findings(tmp_path / "none.yaml") == [("PL-FILE-001", "(file)", 0)]


def test_the_digest_names_the_meaning_not_the_spelling(write_policy) -> None:
    plain = load_policy(write_policy()).digest
    commented = load_policy(write_policy(("version: 1", "version: 1 # first"))).digest
    spelled_out = load_policy(write_policy(("version: 1", "version: 1\nbiometrics: forbidden")))
    other = load_policy(write_policy(("max_cells: 8", "max_cells: 9"))).digest
    assert plain == commented == spelled_out.digest
    assert plain != other


def test_a_changed_catalogue_is_refused_with_the_digest_to_write(write_policy) -> None:
    path = write_policy()
    (path.parent / "catalogue.yaml").write_text("- name: Other\n", encoding="utf-8")
    with pytest.raises(PolicyRefuses) as caught:
        load_rules(path)
    assert caught.value.exit_code == 7
    assert load_catalogue(path.parent / "catalogue.yaml").digest in caught.value.hint


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- name: Kestrel\n- name: kestrel\n", "PL-CAT-003"),
        ("- name: A\n  aliases: [B]\n- name: B\n", "PL-CAT-003"),
        ("- name: '!!'\n", "PL-CAT-002"),
        ("- name: A\n  parent: Z\n", "PL-CAT-004"),
        ("- nam: A\n", "PL-FIELD-001"),
        ("name: A\n", "PL-YAML-001"),
        ("[]\n", "PL-FIELD-003"),
    ],
)
def test_a_catalogue_with_unclear_names_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueInvalid) as caught:
        load_catalogue(path)
    assert rule in [f.rule for f in caught.value.findings]


STATISTIC = '{id: brand_by_week, by: [brand, week], epsilon: "1"}'
RHO = 'budget:\n  accounting: zcdp\n  total: {rho: "1", delta: "1e-6"}\n  per_release: {rho: "1", delta: "1e-7"}'  # noqa: E501
EPSILON = (
    'budget:\n  total: {epsilon: "4", delta: "1e-6"}\n  per_release: {epsilon: "1", delta: "1e-7"}'
)


@pytest.mark.parametrize(
    ("statistic", "rule"),
    [
        ('{id: a, by: [brand, week], epsilon: "1", rho: "1"}', "PL-BUDGET-007"),
        ("{id: a, by: [brand, week]}", "PL-BUDGET-007"),
        ('{id: a, by: [brand], rho: "0.1"}', "PL-BUDGET-006"),
        ("{id: a, by: [brand], epsilon: 0.1}", "PL-NUM-001"),
        ('{id: a, by: [brand, scene], epsilon: "1"}', "PL-STAT-002"),
        ('{id: a, kind: top, k: 1, by: [week], epsilon: "1"}', "PL-STAT-002"),
        ('{id: a, by: [brand, with_brand], epsilon: "1"}', "PL-STAT-005"),
        ('{id: a, kind: together, by: [brand, week], epsilon: "1"}', "PL-STAT-005"),
        ('{id: a, by: [brand, week, month], epsilon: "1"}', "PL-STAT-006"),
        ('{id: a, kind: running-total, by: [brand], epsilon: "1"}', "PL-STAT-006"),
        ('{id: a, by: [brand], clip: 3, epsilon: "1"}', "PL-STAT-007"),
        ('{id: a, kind: photos, by: [brand], epsilon: "1"}', "PL-STAT-009"),
        ('{id: a, kind: top, by: [brand], epsilon: "1"}', "PL-STAT-009"),
        ('{id: a, kind: photos, clip: -1, by: [brand], epsilon: "1"}', "PL-FIELD-003"),
        ('{id: a, max_cells: 0, by: [brand], epsilon: "1"}', "PL-FIELD-003"),
        ('{id: a, by: [scene], epsilon: "1"}', "PL-STAT-004"),
        ('{id: a, by: [brand, region], epsilon: "1"}', "PL-STAT-004"),
    ],
)
def test_each_broken_rule_of_a_statistic_is_named(write_policy, statistic: str, rule: str) -> None:
    found = findings(write_policy((STATISTIC, statistic)))
    assert rule in {finding[0] for finding in found}


@pytest.mark.parametrize(
    "statistic",
    [
        '{id: a, by: [], epsilon: "1"}',
        '{id: a, by: [parent, week], epsilon: "1"}',
        '{id: a, by: [category], epsilon: "1", max_cells: 2, mechanism: discrete-laplace}',
        '{id: a, kind: photos, clip: 3, by: [brand], epsilon: "1"}',
        '{id: a, kind: together, by: [brand, with_brand], epsilon: "1"}',
        '{id: a, kind: top, k: 2, by: [brand], epsilon: "1"}',
        '{id: a, kind: running-total, participations: 2, by: [brand, week], epsilon: "1"}',
    ],
)
def test_each_kind_of_statistic_can_be_asked_for(write_policy, statistic: str) -> None:
    assert load_policy(write_policy((STATISTIC, statistic))).statistics[0].id == "a"


def test_a_budget_is_in_one_currency(write_policy) -> None:
    assert "PL-BUDGET-006" in {f[0] for f in findings(write_policy((EPSILON, RHO)))}
    in_rho = STATISTIC.replace("epsilon", "rho")
    policy = load_policy(write_policy((EPSILON, RHO), (STATISTIC, in_rho)))
    assert policy.budget.total.loss.accounting == "zcdp"
    mixed = RHO.replace('per_release: {rho: "1"', 'per_release: {epsilon: "1"')
    assert "PL-BUDGET-005" in {f[0] for f in findings(write_policy((EPSILON, mixed)))}
    both = RHO.replace('total: {rho: "1"', 'total: {rho: "1", epsilon: "1"')
    assert "PL-BUDGET-004" in {f[0] for f in findings(write_policy((EPSILON, both)))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('total: {epsilon: "4", delta: "1e-6"}', 'total: {epsilon: "4", delta: "0.99"}'),
        ('per_release: {epsilon: "1"', 'stated_at: "0.9"\n  per_release: {epsilon: "1"'),
        ('total: {epsilon: "4", delta: "1e-6"}', 'total: {epsilon: "4", delta: "0.001"}'),
    ],
)
def test_a_delta_that_promises_nothing_is_refused(write_policy, old: str, new: str) -> None:
    assert "PL-BUDGET-008" in {found[0] for found in findings(write_policy((old, new)))}


WEEK = "  week: {from: 2026-W23, to: 2026-W30}\n"


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ("  day: {from: 2026-06-01, to: 2026-06-03}\n", (date(2026, 6, 1), date(2026, 6, 3))),
        ("  month: {from: 2026-11, to: 2026-12}\n", (date(2026, 11, 1), date(2026, 12, 31))),
        ("  week: {from: 9999-W52, to: 9999-W52}\n", (date(9999, 12, 27), date.max)),
    ],
)
def test_a_study_is_of_the_days_of_its_periods(write_policy, periods: str, expected) -> None:
    path = write_policy((WEEK, periods), (STATISTIC, '{id: a, by: [brand], epsilon: "1"}'))
    assert load_policy(path).dimensions.days == expected


def test_a_study_without_a_time_or_with_one_that_is_none_is_refused(write_policy) -> None:
    plain = (STATISTIC, '{id: a, by: [brand], epsilon: "1"}')
    for periods, rule in (
        ("", "PL-TIME-007"),
        ("  month: {from: 2026-13, to: 2026-12}\n", "PL-TIME-008"),
        ("  month: {from: 2026-12, to: 2026-01}\n", "PL-TIME-006"),
        ("  day: {from: 2026-06-02, to: 2026-06-01}\n", "PL-TIME-006"),
    ):
        assert rule in {f[0] for f in findings(write_policy((WEEK, periods), plain))}
