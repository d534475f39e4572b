"""A catalogue's text is changed in one place alone: comments and spelling stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue.editing import text_of, with_entry
from engine.catalogue.errors import NotEditable
from policies.catalogue import Entry, parse_catalogue
from policies.errors import CatalogueInvalid

TEXT = """\
# Brands of our market.
- name: Brightwater   # since 1902
  aliases:
    - Bright Water
  # its category
  category: coffee
# The second one.
- {name: Kestrel, aliases: [KB]}

# The end.
"""
KITE = Entry(name="Kite", aliases=["Kyte: the 2nd", "#1"], category="toys")


def names(text: str) -> list[str]:
    return [entry.name for entry in parse_catalogue(text, "c.yaml").entries]


def test_an_entry_is_added_at_the_end() -> None:
    changed = with_entry(TEXT, KITE, "c.yaml")
    assert changed.startswith(TEXT)
    assert parse_catalogue(changed, "c.yaml").entries[-1] == KITE


@pytest.mark.parametrize("text", ["", "\n", "# Only a comment.\n", "# no line end"])
def test_an_empty_catalogue_is_begun(text: str) -> None:
    changed = with_entry(text, KITE, "c.yaml")
    assert changed.startswith(text)
    assert names(changed) == ["Kite"]


def test_a_text_without_a_last_line_end_is_added_to() -> None:
    assert names(with_entry("- name: A", KITE, "c.yaml")) == ["A", "Kite"]


def test_an_indented_list_keeps_its_column() -> None:
    changed = with_entry("  - name: A\n    category: x\n", KITE, "c.yaml")
    assert changed.splitlines()[2] == "  - name: Kite"


def test_an_entry_is_changed_where_it_stands() -> None:
    entry = Entry(name="Brightwater", aliases=["Bright Water", "BW"], category="coffee")
    changed = with_entry(TEXT, entry, "c.yaml")
    assert changed.startswith("# Brands of our market.\n- name: Brightwater\n")
    assert changed.endswith(TEXT[TEXT.index("# The second") :])
    assert parse_catalogue(changed, "c.yaml").entries[0] == entry


def test_an_entry_on_one_line_is_changed() -> None:
    changed = with_entry(TEXT, Entry(name="Kestrel", parent="Brightwater"), "c.yaml")
    assert "# The end." in changed
    assert parse_catalogue(changed, "c.yaml").entries[1].parent == "Brightwater"


@pytest.mark.parametrize("text", ["[{name: A}]\n", "- &a {name: A}\n...\n"])
def test_a_file_that_can_not_be_changed_in_one_place_is_refused(text: str) -> None:
    with pytest.raises((NotEditable, CatalogueInvalid)):
        with_entry(text, KITE, "c.yaml")


def test_what_would_break_a_rule_is_refused() -> None:
    with pytest.raises(CatalogueInvalid, match="PL-CAT-003"):
        with_entry(TEXT, Entry(name="Kite", aliases=["kb"]), "c.yaml")
    with pytest.raises(CatalogueInvalid, match="PL-CAT-004"):
        with_entry(TEXT, Entry(name="Kite", parent="Bird"), "c.yaml")


LABEL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Cn")),
    min_size=1,
    max_size=30,
).filter(lambda text: "," not in text and ";" not in text and any(c.isalnum() for c in text))


@given(LABEL, st.lists(LABEL, max_size=3))
def test_any_name_is_read_back_as_it_was_written(name: str, aliases: list[str]) -> None:
    try:
        entry = Entry(name=name, aliases=aliases)
        expected = parse_catalogue(text_of([entry]), "c.yaml").entries
    except (ValueError, CatalogueInvalid):
        return  # a rule of names, which has its own tests
    assert expected == [entry]
    changed = with_entry("- name: qqqq # stays\n", entry, "c.yaml")
    assert parse_catalogue(changed, "c.yaml").entries[-1] == entry
