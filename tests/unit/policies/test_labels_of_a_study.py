"""Scenes, objects and interests in a policy, and how sure they must be."""

import pytest

from policies.decision import load_rules
from policies.errors import PolicyInvalid, PolicyRefuses
from policies.policy import load_policy

KITCHENS = (
    "  week: {from",
    "  scene: {labels: [kitchen, beach]}\n  object: {labels: [cup]}\n"
    "  interest: {labels: [dining]}\n  week: {from",
)
BY_SCENE = ("by: [brand, week]", "by: [scene, week]")


def rules_broken(path) -> list[tuple[str, str]]:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(path)
    return [(finding.rule, finding.field) for finding in caught.value.findings]


def test_a_study_of_scenes_names_them(write_policy) -> None:
    policy = load_rules(write_policy(KITCHENS, BY_SCENE)).policy
    assert policy.dimensions.scene is not None
    assert policy.dimensions.scene.keys == ("beach", "kitchen")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[cup]", "[cup, person]", ("PL-LABEL-002", "dimensions.object")),
        ("[kitchen, beach]", "[old women]", ("PL-LABEL-002", "dimensions.scene")),
        ("[cup]", "[cups]", ("PL-LABEL-001", "dimensions.object")),
        ("[dining]", "[knitting]", ("PL-LABEL-001", "dimensions.interest")),
        ("[cup]", "[cup, cup]", ("PL-LABEL-003", "dimensions.object")),
        ("[cup]", "[]", ("PL-FIELD-003", "dimensions.object.labels")),
        ("by: [scene, week]", "by: [scene, brand]", ("PL-STAT-002", "statistics[0]")),
        ("by: [scene, week]", "by: [age, week]", ("PL-FIELD-003", "statistics[0].by[0]")),
        (
            "biometrics: forbidden",
            'recognition: {least_score: {brand: "0.4"}}',
            ("PL-SCORE-001", "recognition.least_score.brand"),
        ),
        (
            "biometrics: forbidden",
            "recognition: {nets: {detector: {file: ../x.onnx, digest: sha256:0}}}",
            ("PL-FIELD-003", "recognition.nets.detector.file"),
        ),
    ],
)
def test_each_broken_rule_of_labels_is_named(write_policy, old, new, expected) -> None:
    whole = ("dataset: {", "biometrics: forbidden\ndataset: {")
    assert expected in rules_broken(write_policy(KITCHENS, BY_SCENE, whole, (old, new)))


REGIONS = ("  week: {from", "  region: {from: country, labels: [DE, FR]}\n  week: {from")


@pytest.mark.parametrize("label", ["de", "Germany", "DEU", "XX", "VA", "EH", "DE-BY", "Munich"])
def test_coordinates_give_no_more_than_a_country(write_policy, label: str) -> None:
    wrong = ("[DE, FR]", f"[DE, {label}]")
    assert ("PL-LABEL-005", "dimensions.region") in rules_broken(write_policy(REGIONS, wrong))
    # Of a column's regions the policy says what it likes.
    load_policy(write_policy(REGIONS, wrong, ("from: country, ", "")))


def test_norway_is_no_no(write_policy) -> None:
    # In YAML 1.1 a plain NO is false.
    policy = load_policy(write_policy(REGIONS, ("[DE, FR]", '[DE, NO, "SE"]')))
    assert policy.dimensions.countries == ("DE", "NO", "SE")


def test_coordinates_are_read_only_where_the_policy_asks(write_policy) -> None:
    assert load_policy(write_policy()).dimensions.countries == ()
    column = load_policy(write_policy(REGIONS, ("from: country, ", "")))
    assert column.dimensions.countries == ()
    asked = load_policy(write_policy(REGIONS))
    assert asked.dimensions.countries == ("DE", "FR")
    assert asked.digest != column.digest


def test_a_statistic_by_what_no_dimension_names_is_refused(write_policy) -> None:
    assert ("PL-STAT-004", "(file)") in rules_broken(write_policy(BY_SCENE))


def test_a_scene_that_nobody_knows_is_refused(write_policy) -> None:
    path = write_policy(KITCHENS, BY_SCENE, ("[kitchen, beach]", "[kitchen, skate rink]"))
    with pytest.raises(PolicyRefuses) as caught:
        load_rules(path)
    assert caught.value.rule == "PL-LABEL-004"
    assert "skate rink" in str(caught.value)


def test_how_sure_a_label_must_be_is_part_of_what_is_signed(write_policy) -> None:
    plain = load_policy(write_policy())
    surer = ("dataset: {", 'recognition: {least_score: {brand: "0.95"}}\ndataset: {')
    asked = load_policy(write_policy(surer))
    assert asked.recognition.least_score.floats["brand"] == 0.95
    assert asked.digest != plain.digest
