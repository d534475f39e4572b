"""A catalogue begun from names, with or without the icon set."""

from pathlib import Path

import pytest

from engine.catalogue import beginning
from engine.catalogue.beginning import begin
from engine.catalogue.icons import Icon
from engine.setup import PlaceTaken
from policies.catalogue import load_catalogue
from policies.errors import CatalogueInvalid


def test_names_alone_ask_for_no_icons(tmp_path: Path) -> None:
    begun = begin(tmp_path / "c.yaml", ["Nike", "Red: Bull"], icons=False)
    assert begun.catalogue.labels == ("Nike", "Red: Bull")
    assert begun.icons == {"Nike": None, "Red: Bull": None}
    assert [p.name for p in tmp_path.iterdir()] == ["c.yaml"]


def test_icons_bring_marks_and_names(tmp_path: Path) -> None:
    begun = begin(tmp_path / "c.yaml", ["Nike", "mcdonalds", "Brightwater"], icons=True)
    nike, arches, other = load_catalogue(tmp_path / "c.yaml").brands
    assert begun.catalogue.digest == load_catalogue(tmp_path / "c.yaml").digest
    assert [len(brand.marks) for brand in (nike, arches, other)] == [1, 1, 0]
    assert (tmp_path / nike.marks[0]).read_bytes().startswith(b"<svg")
    assert arches.aliases == []  # the same but for the apostrophe, which is no letter
    assert begun.icons["Brightwater"] is None


def test_a_name_of_another_brand_is_not_taken(tmp_path: Path, monkeypatch) -> None:
    icons = {
        "Meta": Icon("Meta", "meta", ("Facebook", "The, Company"), (), "CC0-1.0", None),
        "Facebook": Icon("Facebook", "facebook", ("FB",), (), "CC0-1.0", None),
        "Twin": Icon("Kite", "kite", ("K",), ("Twin",), "CC0-1.0", None),
    }
    monkeypatch.setattr(beginning, "find_icon", icons.get)
    brands = begin(tmp_path / "c.yaml", list(icons), icons=True).catalogue.brands
    assert [brand.aliases for brand in brands] == [[], ["FB"], []]


def test_nothing_is_left_of_what_breaks_a_rule_or_is_there_already(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid, match="PL-CAT-003"):
        begin(tmp_path / "c.yaml", ["Nike", "NIKE"], icons=True)
    with pytest.raises(CatalogueInvalid, match="PL-TEXT-001"):
        begin(tmp_path / "c.yaml", ["Ni\nke"], icons=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "c.yaml").write_text("mine")
    with pytest.raises(PlaceTaken):
        begin(tmp_path / "c.yaml", ["Nike"], icons=True)
    assert (tmp_path / "c.yaml").read_text() == "mine"
