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
