"""What a catalogue may say: brands with marks, taught scenes, parents, paths that stay inside."""

from pathlib import Path

import pytest

from policies.catalogue import Catalogue, load_catalogue, parse_catalogue
from policies.errors import CatalogueInvalid

SCENE = "- {name: beach bar, kind: scene, examples: [a.jpg, b.jpg, c.heic]}\n"


def rules(text: str) -> list[str]:
    with pytest.raises(CatalogueInvalid) as caught:
        parse_catalogue(text, "catalogue.yaml")
    return [finding.rule for finding in caught.value.findings]


def test_brands_and_scenes_are_told_apart() -> None:
    text = "- {name: Brightwater, aliases: [BW], marks: [b.svg, marks/a.PNG]}\n" + SCENE
    catalogue = parse_catalogue(text, "catalogue.yaml")
    assert [entry.name for entry in catalogue.entries] == ["Brightwater", "beach bar"]
    assert catalogue.labels == ("Brightwater",)
    assert catalogue.scene_labels == ("beach bar",)
    assert catalogue.files == ("a.jpg", "b.jpg", "b.svg", "c.heic", "marks/a.PNG")


def test_the_name_of_a_scene_is_no_text_that_may_stay_visible() -> None:
    catalogue = parse_catalogue("- name: Brightwater\n" + SCENE, "catalogue.yaml")
    assert catalogue.lexicon.aliases == {"Brightwater"}


def test_a_scene_may_have_the_name_of_a_brand() -> None:
    assert parse_catalogue("- name: Beach Bar\n" + SCENE, "catalogue.yaml").scene_labels


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- {name: A, marks: [../a.png]}\n", "PL-CAT-008"),
        ("- {name: A, marks: [/etc/a.png]}\n", "PL-CAT-008"),
        ("- {name: A, marks: ['C:/a.png']}\n", "PL-CAT-008"),
        ("- {name: A, marks: ['..\\a.png']}\n", "PL-CAT-008"),
        ("- {name: A, marks: ['x\\u202egnp.png']}\n".replace("'", '"'), "PL-TEXT-001"),
        ("- {name: A, marks: [a.gif]}\n", "PL-CAT-009"),
        ("- {name: A, kind: scene, examples: [a.svg, b.jpg, c.jpg]}\n", "PL-CAT-010"),
        ("- {name: A, examples: [a.jpg]}\n", "PL-CAT-011"),
        (SCENE.replace("examples", "marks: [a.png], examples"), "PL-CAT-012"),
        (SCENE.replace("examples", "aliases: [bar], examples"), "PL-CAT-012"),
        (SCENE.replace(", c.heic", ""), "PL-CAT-013"),
        (SCENE.replace("b.jpg", "a.jpg"), "PL-CAT-013"),
        (SCENE.replace("beach bar", "old woman"), "PL-CAT-014"),
        (SCENE.replace("beach bar", "SMILING-faces"), "PL-CAT-014"),
        (SCENE.replace("kind", "category: women, kind"), "PL-CAT-014"),
        ("- {name: A, parent: A}\n", "PL-CAT-015"),
        ("- {name: A, parent: B}\n- {name: B, parent: C}\n- {name: C, parent: B}\n", "PL-CAT-015"),
        ("- {name: A, parent: beach bar}\n" + SCENE, "PL-CAT-004"),
        (SCENE + SCENE, "PL-CAT-003"),
        ("- {name: A, kind: person}\n", "PL-FIELD-003"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused_by_name(text: str, rule: str) -> None:
    assert rule in rules(text)


def test_two_brands_with_one_alias_are_both_named() -> None:
    text = "- {name: Kestrel, aliases: [KB]}\n- {name: Kite, aliases: [k.b.]}\n"
    with pytest.raises(CatalogueInvalid, match=r"two brands, 'Kestrel' and 'Kite'"):
        parse_catalogue(text, "catalogue.yaml")


def test_a_long_line_of_parents_is_no_loop() -> None:
    lines = [f"- {{name: B{i}, parent: B{i + 1}}}\n" for i in range(3000)]
    text = "".join([*lines, "- name: B3000\n"])
    assert len(parse_catalogue(text, "catalogue.yaml").brands) == 3001


def test_a_catalogue_without_scenes_keeps_its_digest_for_good() -> None:
    """Policies name this digest and were signed with it."""
    catalogue = Catalogue.model_validate([{"name": "Brightwater", "aliases": ["BW"]}])
    assert catalogue.digest == (
        "sha256:c5188ee01921491aa7e3a15c511218491fe26216a1960e31259f82ae45344573"
    )


def test_the_digest_covers_scenes_and_paths(tmp_path: Path) -> None:
    texts = [
        "- name: A\n",
        "- {name: A, marks: [a.png]}\n",
        "- name: A\n" + SCENE,
        "- name: A\n" + SCENE.replace("c.heic", "d.heic"),
    ]
    digests = set()
    for text in texts:
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        digests.add(load_catalogue(tmp_path / "c.yaml").digest)
    assert len(digests) == len(texts)
