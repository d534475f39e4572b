"""An SVG is drawn as its author sees it, or refused by name."""

import numpy as np
import pytest

from engine.catalogue.flaws import Flaw, Unusable
from engine.catalogue.pictures import Drawer
from engine.catalogue.svg_rules import check_svg
from tests.unit.engine.catalogue.drawing import DISC, SVG, svg

GRADIENT = (
    '<linearGradient id="g"><stop offset="0" stop-color="red"/>'
    '<stop offset="1" stop-color="blue"/></linearGradient>'
)
LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
)


def flaw(raw: bytes) -> Flaw:
    with pytest.raises(Unusable) as caught:
        check_svg(raw)
    return caught.value.flaw


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<text>Nike</text>", Flaw.TEXT),
        ('<image href="secret.png"/>', Flaw.EMBEDDED),
        ('<image href="data:image/png;base64,AAAA"/>', Flaw.EMBEDDED),
        ('<filter id="f"><feImage href="a.png"/></filter>', Flaw.EMBEDDED),
        ("<foreignObject/>", Flaw.EMBEDDED),
        ("<script>alert(1)</script>", Flaw.SCRIPT),
        ('<use href="file:///etc/passwd#a"/>', Flaw.ELSEWHERE),
        ('<use xlink:href="https://example.com/a.svg#b"/>', Flaw.ELSEWHERE),
        ('<style>@import url("a.css");</style>', Flaw.ELSEWHERE),
        ("<style>circle { fill: url(other.svg#g) }</style>", Flaw.ELSEWHERE),
        ('<circle r="9" fill="url(https://example.com/a#g)"/>', Flaw.ELSEWHERE),
        ('<circle r="9" style="filter: URL( \'a.svg#f\' )"/>', Flaw.ELSEWHERE),
        ('<g id="a"><use href="#a"/></g>', Flaw.ENDLESS),
        ('<g id="a"><use href="#b"/></g><g id="b"><use xlink:href="#a"/></g>', Flaw.ENDLESS),
        ('<symbol id="a"><g><use href="#b"/></g></symbol><use id="b" href="#a"/>', Flaw.ENDLESS),
    ],
)
def test_what_asks_for_more_than_the_file_is_refused(inside: str, expected: Flaw) -> None:
    assert flaw(svg(DISC + inside)) is expected


def test_entities_style_sheets_and_broken_files_are_refused() -> None:
    assert flaw(LAUGHS + svg()) is Flaw.ENTITIES
    assert (
        flaw(b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg()) is Flaw.ENTITIES
    )
    assert flaw(b'<?xml-stylesheet href="a.css"?>' + svg()) is Flaw.ELSEWHERE
    assert flaw(svg()[:-9]) is Flaw.DAMAGED
    assert flaw(b"<svg>" + DISC.encode() + b"</svg>") is Flaw.NOT_AN_IMAGE
    assert flaw(b'<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>') is Flaw.NOT_AN_IMAGE


@pytest.mark.parametrize(
    "inside",
    [
        DISC,
        f'<defs>{GRADIENT}</defs><circle r="9" fill="url(#g)"/>',
        f'<defs>{GRADIENT}</defs><circle r="9" style="fill: url( \'#g\' )"/>',
        f'<a href="https://example.com">{DISC}</a>',
        f'<g id="a">{DISC}</g><use href="#a"/><use href="#a"/>',
        "<style>circle { fill: red }</style>" + DISC,
        f"<metadata>@import url(a.css)</metadata>{DISC}",
    ],
)
def test_what_is_whole_in_itself_is_taken(inside: str) -> None:
    check_svg(svg(inside))


def test_the_usual_document_type_is_taken(drawer: Drawer) -> None:
    assert drawer.draw(DOCTYPE + svg()).shape == drawer.draw(b"\xef\xbb\xbf" + svg()).shape


def test_a_long_chain_of_parts_is_looked_through_without_recursion() -> None:
    parts = "".join(f'<g id="g{i}"><use href="#g{i + 1}"/></g>' for i in range(20_000))
    check_svg(svg(parts))
    assert flaw(svg(parts + '<g id="g20000"><use href="#g0"/></g>')) is Flaw.ENDLESS


def test_a_drawing_is_cut_to_what_it_shows(drawer: Drawer) -> None:
    pixels = drawer.draw(svg('<circle cx="20" cy="70" r="10" fill="#0a0"/>'))
    assert pixels.shape[2] == 4
    assert all(495 <= side <= 525 for side in pixels.shape[:2])
    middle, corner = pixels[250, 250], pixels[0, 0]
    assert middle.tolist() == [0, 170, 0, 255]
    assert corner[3] == 0


def test_a_wide_drawing_keeps_its_proportions(drawer: Drawer) -> None:
    inside = '<ellipse cx="50" cy="50" rx="40" ry="10"/>'
    height, width, _ = drawer.draw(svg(inside)).shape
    assert abs(width / height - 4) < 0.1


def test_the_same_drawing_gives_the_same_bytes(drawer: Drawer) -> None:
    with Drawer() as other:
        assert np.array_equal(drawer.draw(svg()), other.draw(svg()))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (svg(""), Flaw.TRANSPARENT),
        (svg('<circle cx="50" cy="50" r="40" opacity="0.001"/>'), Flaw.TRANSPARENT),
        (svg('<rect width="100" height="100"/>'), Flaw.BLANK),
        (svg('<rect width="100" height="0.1"/>'), Flaw.TINY),
        (svg("<g>" * 100_000 + "</g>" * 100_000), Flaw.TOO_COSTLY),
    ],
)
def test_what_shows_nothing_or_costs_too_much_is_refused(
    drawer: Drawer, raw: bytes, expected: Flaw
) -> None:
    with pytest.raises(Unusable) as caught:
        drawer.draw(raw)
    assert caught.value.flaw is expected
    assert drawer.draw(svg()).max() == 255  # the next one is as good as ever


def test_a_drawing_of_billions_of_parts_costs_itself(drawer: Drawer) -> None:
    tens = [(i, f'<use href="#g{i + 1}"/>' * 10) for i in range(12)]
    levels = "".join(f'<g id="g{i}">{ten}</g>' for i, ten in tens)
    with pytest.raises(Unusable) as caught:
        drawer.draw(svg(levels + f'<g id="g12">{DISC}</g>'))
    assert caught.value.flaw in (Flaw.DAMAGED, Flaw.TOO_COSTLY)


def test_utf_16_is_no_svg_of_ours(drawer: Drawer) -> None:
    with pytest.raises(Unusable):
        drawer.draw(SVG.format(DISC).encode("utf-16"))
