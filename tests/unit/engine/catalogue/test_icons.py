"""The icon set: found by any of its names, and only what may be passed on."""

import json
import lzma

import pytest

from engine.catalogue.icons import FILE, find_icon
from engine.catalogue.icons.build_icons import FREE
from engine.catalogue.svg_rules import check_svg


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Nike", "Nike"),
        ("mcdonalds", "McDonald's"),
        ("COCA COLA", "Coca-Cola"),
        ("coca cola", "Coca-Cola"),
        ("dotnet", ".NET"),
    ],
)
def test_an_icon_is_found_however_the_name_is_written(name: str, title: str) -> None:
    icon = find_icon(name)
    assert icon is not None
    assert icon.title == title


def test_a_brand_that_is_not_in_the_set_has_none() -> None:
    assert find_icon("Brightwater") is None
    assert find_icon("") is None
    assert find_icon("!") is None


def test_every_icon_is_under_a_free_licence_and_can_be_drawn() -> None:
    icons = json.loads(lzma.decompress(FILE.read_bytes()))
    assert len(icons) == 3470
    for icon in icons:
        if "svg" in icon:
            assert icon.get("license", {"type": "CC0-1.0"})["type"] in FREE
            check_svg(icon["svg"].encode())
    assert sum("svg" in icon for icon in icons) > 3300
