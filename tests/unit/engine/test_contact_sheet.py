import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from engine.contact_sheet import KINDS, REASONS, Copy, contact_sheet, counted
from engine.contact_sheet_style import COLOURS
from engine.veil_outlines import places_of
from policies.decision import load_rules
from policies.policy import Policy
from redaction import Reason
from redaction.types.region import Region
from tests.places import make_place


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return load_rules(make_place(tmp_path / "site", approved=False).policy).policy


def region(kind, x0, y0, x1, y1) -> Region:
    return Region(kind, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=float))


def shown(number: str, width: int, height: int, *regions: Region) -> Copy:
    return Copy(number, (width, height), places_of(regions, (width, height)))


COPIES = [
    shown("000001", 800, 600, region("face", 100, 80, 200, 240), region("text", 0, 0, 799, 40)),
    Copy("000002", withheld=Reason.STILL_VISIBLE),
    shown("000003", 100, 300),
    shown(
        "000004",
        *(800, 600),
        *(region("face", 0, 0, 10, 10), region("face", 5, 5, 20, 15)),  # one face, found twice
        region("face", 300, 0, 310, 10),
        region("remnant", 0, 0, 700, 500),
    ),
]


class Elements(HTMLParser):
    """Collects tags with their attributes, and refuses what does not nest."""

    VOID = frozenset({"meta", "img", "input", "path", "rect", "polygon"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self._open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_it_stands_by_itself(policy: Policy) -> None:
    page = contact_sheet(policy, COPIES)
    elements = Elements(page)
    assert not elements.all("script")
    assert not elements.all("link")
    assert "://" not in page
    assert not any(
        name.startswith("on") or name == "style" for _, a in elements.found for name in a
    )
    assert [image["src"] for image in elements.all("img")] == [
        "000001.png",
        "000003.png",
        "000004.png",
    ]
    assert [link["href"] for link in elements.all("a")] == [i["src"] for i in elements.all("img")]


def test_its_rules_for_the_browser_allow_what_it_has_and_nothing_else(policy: Policy) -> None:
    page = contact_sheet(policy, COPIES)
    (rule,) = (m["content"] for m in Elements(page).all("meta") if "http-equiv" in m)
    assert rule is not None
    parts = {part.split()[0]: part.split()[1:] for part in rule.split("; ")}
    assert parts["default-src"] == parts["base-uri"] == parts["form-action"] == ["'none'"]
    assert parts["img-src"] == ["'self'", "file:"]
    (css,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert parts["style-src"] == [f"'sha256-{digest}'"]
    assert set(parts) == {"default-src", "img-src", "style-src", "base-uri", "form-action"}


def test_what_was_veiled_is_drawn_by_kind_the_largest_first(policy: Policy) -> None:
    page = contact_sheet(policy, COPIES)
    shapes = [p for p in Elements(page).all("path") if (p.get("class") or "").startswith("veil")]
    assert [shape["class"] for shape in shapes] == [
        *("veil text", "veil face"),
        *("veil remnant", "veil face", "veil face"),
    ]
    corners = re.fullmatch(r"M(.*)Z", shapes[1]["d"] or "")
    assert corners is not None
    assert sorted(corners[1].split()) == ["100.0,120.0", "100.0,40.0", "50.0,120.0", "50.0,40.0"]
    assert [view["viewbox"] for view in Elements(page).all("svg") if view.get("viewbox")][-1] == (
        "0 0 400 300.0"
    )


def test_the_legend_counts_every_kind_and_can_be_worked_by_keyboard(policy: Policy) -> None:
    assert counted(COPIES) == {
        **dict.fromkeys(KINDS, 0),
        "face": 3,
        "text": 1,
        "remnant": 1,
    }
    page = contact_sheet(policy, COPIES)
    boxes = [box["id"] for box in Elements(page).all("input")]
    assert boxes == [*(f"show-{kind}" for kind in KINDS), "show-patterns"]
    assert re.findall(r'class="count">(\d+)<', page) == ["3", "0", "0", "0", "1", "1"]
    for kind in KINDS:
        assert f"show-{kind}:not(:checked)" in page
        assert f'id="pattern-{kind}"' in page
    assert len(set(COLOURS.values())) == len(KINDS)


def test_withheld_photos_are_plates_with_a_reason_of_the_closed_list(policy: Policy) -> None:
    page = contact_sheet(policy, COPIES)
    assert page.count('<div class="plate">') == 1
    assert "The second look went on finding what should be veiled." in page
    assert "000002.png" not in page
    assert "1 (1 still-visible)" in page
    assert set(REASONS) == set(Reason), "every reason has its sentence"


def test_what_the_policy_says_can_not_become_markup(policy: Policy) -> None:
    sly = policy.model_copy(update={"id": "<script>alert(1)</script>"})
    page = contact_sheet(sly, [])
    assert not Elements(page).all("script")


def test_regions_that_touch_are_one_place_and_holes_stay_open() -> None:
    frame = [
        region("text", 10, 10, 90, 20),
        region("text", 10, 70, 90, 80),
        region("text", 10, 10, 20, 80),
        region("text", 80, 10, 90, 80),
    ]
    others = [region("face", 40, 40, 50, 50), region("text", -500, 95, 5, 10_000)]
    places = places_of([*frame, *others], (100, 100))
    assert [(place.kind, len(place.rings)) for place in places] == [
        ("text", 2),
        ("face", 1),
        ("text", 1),
    ]
    assert all((ring >= 0).all() and (ring < 100).all() for p in places for ring in p.rings)
    assert places_of([], (100, 100)) == ()
    assert places_of([region("text", 200, 200, 300, 300)], (100, 100)) == (), "outside the photo"
