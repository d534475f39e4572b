import pytest

from engine.recognition.tags.objects import LABELS
from engine.recognition.tags.rules import LIKELY, Rule, class_names, class_scores, rules
from policies.tags import INTERESTS, OBJECTS, SCENES


@pytest.mark.parametrize(
    ("file", "labels"), [("scenes.yaml", SCENES), ("interests.yaml", INTERESTS)]
)
def test_each_public_label_has_one_rule_and_no_other_has(file, labels):
    assert sorted(rule.label for rule in rules(file)) == list(labels)


@pytest.mark.parametrize("file", ["scenes.yaml", "interests.yaml"])
def test_rules_name_signs_that_there_are_and_weigh_them_from_0_to_1(file):
    for rule in rules(file):
        assert set(rule.classes) <= set(class_names()), rule.label
        assert set(rule.objects) <= set(OBJECTS), rule.label
        assert set(rule.scenes) <= set(SCENES), rule.label
        weights = [*rule.classes.values(), *rule.objects.values(), *rule.scenes.values()]
        assert weights, rule.label
        assert all(0 < by <= 1 for by in weights), rule.label


def test_scenes_are_no_signs_of_scenes():
    assert not [rule.label for rule in rules("scenes.yaml") if rule.scenes]


def test_the_objects_of_the_policy_are_those_that_the_detector_knows():
    assert sorted(LABELS) == list(OBJECTS)
    assert "person" not in LABELS


def test_the_classifier_has_1000_classes_by_name():
    assert len(set(class_names())) == 1000


def test_classes_add_up_and_objects_are_chances():
    rule = Rule("kitchen", {"stove": 1.0, "wok": 0.5}, {"oven": 0.5, "sink": 0.5}, {})
    assert rule.score({}, {}) == 0
    assert rule.score({"stove": 0.4, "wok": 0.4}, {}) == pytest.approx(0.6)
    assert rule.score({}, {"oven": 1.0, "sink": 1.0}) == pytest.approx(0.75)
    assert rule.score({"stove": 0.4, "wok": 0.4}, {"oven": 1.0}) == pytest.approx(0.8)
    assert rule.score({"stove": 1.0, "wok": 1.0}, {}) == 1


def test_a_crowd_of_faint_signs_is_none():
    rule = Rule("dining", {}, dict.fromkeys(OBJECTS, 1.0), {})
    assert rule.score({}, dict.fromkeys(OBJECTS, LIKELY - 0.01)) == 0
    assert rule.score({}, {OBJECTS[0]: LIKELY}) == pytest.approx(LIKELY)


def test_scenes_speak_for_interests():
    rule = Rule("dining", {}, {}, {"restaurant": 0.9})
    assert rule.score({}, {}, {"restaurant": 0.5}) == pytest.approx(0.45)
    assert rule.score({}, {}) == 0


def test_class_scores_are_probabilities():
    import numpy as np

    logits = np.zeros(1000, dtype=np.float32)
    logits[class_names().index("stove")] = 1000
    scores = class_scores(logits)
    assert scores["stove"] == pytest.approx(1)
    assert sum(scores.values()) == pytest.approx(1)
