import pytest

from engine.recognition.tags.rules import rules
from policies.catalogue import parse_catalogue
from policies.errors import CatalogueInvalid
from policies.label_deny_list import THINGS, about_a_person
from policies.tags import INTERESTS, OBJECTS, SCENES


@pytest.mark.parametrize("label", [*OBJECTS, *SCENES, *INTERESTS])
def test_the_public_lists_hold_no_label_about_a_person(label):
    assert not about_a_person(label)


@pytest.mark.parametrize("file", ["scenes.yaml", "interests.yaml"])
def test_the_rules_give_no_label_about_a_person(file):
    assert not [rule.label for rule in rules(file) if about_a_person(rule.label)]


@pytest.mark.parametrize(
    "label",
    [
        "person",
        "People",
        "kids playing",
        "teenage_party",
        "families",
        "Senior-citizens",
        "black man",
        "white people",
        "gender",
        "smiling",
        "Sad",
        "pregnant",
        "wheelchair",
        "hospital",
        "mosque",
        "gay bar",
        "protests",
        "fat",
        "hair",
        "Gesicht",
        "Mädchen",
        "niña",
        "age 30-40",
        "hair drier for babies",
        "\uff37\uff2f\uff2d\uff21\uff2e",  # of full width
    ],
)
def test_labels_about_persons_are_refused(label):
    assert about_a_person(label)


@pytest.mark.parametrize(
    "label",
    [
        "teddy bear",
        "hair drier",
        "bodyboard",
        "manhole cover",
        "old town hall",
        "hot dog",
        "race track",
        "whitewater",
        "bus",
        "glasses",
        "palm beach",
        "football_field",
        "car",
        "12",
        "",
        "東京",
    ],
)
def test_labels_of_things_and_places_pass(label):
    assert not about_a_person(label)


def test_the_name_of_a_thing_passes_as_a_whole_only():
    for first, second in THINGS:
        assert not about_a_person(f"{first} {second}")
    assert about_a_person("hair and drier")


def test_a_taught_scene_about_a_person_is_refused():
    text = "- {name: smiling, kind: scene, examples: [a.jpg, b.jpg, c.jpg]}"
    with pytest.raises(CatalogueInvalid) as told:
        parse_catalogue(text, "catalogue.yaml")
    assert "PL-CAT-014" in str(told.value)
