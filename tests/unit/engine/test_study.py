from pathlib import Path

import pytest

from engine.provenance import source_digest, version
from engine.statistics import cost
from engine.study import counts_photos_once, redaction_rules_of, study_of
from policies.decision import load_rules
from policies.errors import PolicyRefuses
from tests.places import BRANDS, WEEKS, make_place


def test_a_study_is_what_the_policy_says(tmp_path: Path) -> None:
    rules = load_rules(make_place(tmp_path / "site").policy)
    study = study_of(rules)
    (statistic,) = study.statistics
    assert [d.keys for d in statistic.by] == [BRANDS, WEEKS]
    assert study.max_cells == rules.policy.contributions.max_cells
    assert cost(study).epsilon == rules.policy.statistics[0].epsilon
    redaction_rules = redaction_rules_of(rules)
    assert redaction_rules.lexicon.aliases == set(BRANDS)
    assert redaction_rules.limits.max_bytes == rules.policy.redaction.limits.max_bytes


def test_what_a_policy_chooses_reaches_redaction(tmp_path: Path) -> None:
    place = make_place(tmp_path / "site")
    text = place.policy.read_text()
    chosen = redaction_rules_of(load_rules(place.policy))
    assert (chosen.people, chosen.text, chosen.fill) == ("faces", "default-deny", "blend")
    for old, new in (
        ("people: faces", "people: people"),
        ("text: default-deny", "text: pii-only\n  text_reason: Menus are the subject."),
        ("fill: blend", "fill: solid"),
        ("animations: first-frame", "animations: withhold"),
        ("max_seconds: 8", "max_seconds: 3"),
        ("max_memory_mb: 1024", "max_memory_mb: 512"),
    ):
        assert text.count(f"  {old}\n") == 1, old
        text = text.replace(f"  {old}\n", f"  {new}\n")
    place.policy.write_text(text)
    chosen = redaction_rules_of(load_rules(place.policy))
    assert (chosen.people, chosen.text, chosen.fill) == ("people", "pii-only", "solid")
    assert chosen.limits.animations == "withhold"
    assert (chosen.limits.max_seconds, chosen.limits.max_memory_mb) == (3.0, 512)


@pytest.mark.parametrize(
    ("statistic", "bounds", "once"),
    [
        ("by: [brand, week]", "", False),
        ("kind: photos\n    clip: 3\n    by: [brand]", "", True),
        ("kind: together\n    by: [brand, with_brand]", "", True),
        ("kind: photos\n    clip: 3\n    by: [brand]", "near_duplicates: each", False),
    ],
)
def test_photos_are_told_from_each_other_only_where_a_table_needs_it(
    tmp_path: Path, statistic: str, bounds: str, once: bool
) -> None:
    place = make_place(tmp_path / "site")
    text = place.policy.read_text()
    for old, new in (
        ("by: [brand, week]", statistic),
        ("near_duplicates: once", bounds or "# by default"),
    ):
        assert old in text
        text = text.replace(old, new)
    place.policy.write_text(text)
    assert counts_photos_once(load_rules(place.policy).policy) is once


def test_the_samplers_delta_must_fit_the_policy(tmp_path: Path) -> None:
    place = make_place(tmp_path / "site")
    place.policy.write_text(place.policy.read_text().replace('"1e-7"', '"1e-15"'))
    with pytest.raises(PolicyRefuses) as caught:
        study_of(load_rules(place.policy))
    assert caught.value.rule == "PL-BUDGET-003"


def test_the_code_that_runs_has_a_name() -> None:
    assert source_digest().startswith("sha256:")
    assert source_digest() == source_digest()
    assert version().count(".") == 2
