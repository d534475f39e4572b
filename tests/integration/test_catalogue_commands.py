"""`crowdlens catalogue` as a person uses it, from a list of names to what a policy names."""

import io
import json
import os
import re
import shlex
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.catalogue.checks import Topic
from engine.setup import Place
from policies.built import built_path
from policies.catalogue import load_catalogue
from tests.conftest import Command
from tests.unit.engine.catalogue.drawing import DISC, crop, svg
from tests.unit.engine.catalogue.drawing import place as photo_of_place


def tree(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder that commands are run in, beside one that pictures come from."""
    (tmp_path / "work").mkdir()
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def pictures(site: Path) -> Path:
    return site.parent / "pictures"


def test_a_catalogue_begins_with_the_icon_set(crowdlens: Command, site: Path) -> None:
    (site / "names.txt").write_text("Puma\n\nAir: Jordan\n", encoding="utf-8")
    words = ("catalogue", "init", "c.yaml", "Nike", "Brightwater", "--names", "names.txt")
    done = crowdlens(*words, "--from", "simple-icons")
    assert done.code == 0
    assert "No icon for: Brightwater, Air: Jordan." in done.err
    assert "trademarks of their owners" in done.err
    catalogue = load_catalogue(site / "c.yaml")
    assert done.out == f"c.yaml: {catalogue.digest}\n"
    assert [b.name for b in catalogue.brands] == ["Nike", "Brightwater", "Puma", "Air: Jordan"]
    assert [len(brand.marks) for brand in catalogue.brands] == [1, 0, 1, 0]
    assert all((site / name).is_file() for name in catalogue.files)


def test_init_without_names_or_over_a_file_is_wrong_usage(crowdlens: Command, site: Path) -> None:
    assert crowdlens("catalogue", "init", "c.yaml").code == 2
    assert crowdlens("catalogue", "init", "c.yaml", "--names", "none.txt").code == 2
    (site / "c.yaml").write_text("- name: Mine\n")
    assert crowdlens("catalogue", "init", "c.yaml", "Nike", "--from", "simple-icons").code == 2
    assert tree(site) == {"c.yaml": b"- name: Mine\n"}


def test_brands_and_scenes_are_added_and_shown(
    crowdlens: Command, site: Path, pictures: Path
) -> None:
    for i in range(4):
        crop(pictures / "crops" / f"{i}.png", i)
        photo_of_place(pictures / "beach" / f"{i}.jpg", i)
    (pictures / "logo.svg").write_bytes(svg())
    add = ("catalogue", "add")
    assert crowdlens(*add, "Nike", "--mark", pictures / "logo.svg").code == 0
    crops = sorted((pictures / "crops").iterdir())
    # As a shell spells out crops/*.png after one --mark.
    words = ("Air Jordan", "--alias", "Jordan", "--alias", "AJ1", "--parent", "Nike")
    assert crowdlens(*add, *words, "--category", "shoes", "--mark", *crops).code == 0
    scene = ("beach bar", "--kind", "scene", "--mark", pictures / "beach", "--json")
    told = json.loads(crowdlens(*add, *scene).out)
    assert told["new"]
    assert told["entry"]["kind"] == "scene"
    assert told["copied"] == sorted(told["entry"]["examples"])
    shown = json.loads(crowdlens("catalogue", "show", "catalogue.yaml", "--json").out)
    assert shown["digest"] == told["digest"]
    assert [(b["name"], b["parent"], len(b["marks"])) for b in shown["brands"]] == [
        ("Nike", None, 1),
        ("Air Jordan", "Nike", 4),
    ]
    assert [(s["name"], len(s["examples"])) for s in shown["scenes"]] == [("beach bar", 4)]
    table = crowdlens("catalogue", "show", "catalogue.yaml").out
    for word in ("Air Jordan", "Jordan, AJ1", "shoes", "4 marks", "scene", "4 examples"):
        assert word in table


def test_another_catalogue_is_named_by_its_option(crowdlens: Command, site: Path) -> None:
    added = crowdlens("catalogue", "add", "Nike", "--catalogue", "mine.yaml")
    assert added.code == 0
    assert added.out.startswith("Nike (brand): added, 0 marks\nmine.yaml: sha256:")
    changed = crowdlens("catalogue", "add", "Nike", "-c", "mine.yaml", "--category", "shoes")
    assert "changed" in changed.out


@pytest.mark.models
def test_what_was_built_is_what_a_policy_names(
    crowdlens: Command, place: Place, pictures: Path
) -> None:
    """From the commands' answers to a policy that is accepted, and refused once a mark changes."""
    crop(pictures / "a.png")
    file = place.catalogue
    add = ("catalogue", "add", "Kestrel", "--mark", pictures / "a.png", "--catalogue", file)
    assert crowdlens(*add).code == 0
    assert crowdlens("catalogue", "build", file, "--workers", "1", "--quiet").code == 0
    told = json.loads(crowdlens("catalogue", "build", file, "--json", "-q").out)
    assert told["brands"] == ["Kestrel"]
    assert told["file"] == str(built_path(file))
    lines = crowdlens("catalogue", "build", file).out
    assert f"  digest: {told['digest']}\n  built: {told['built']}\n" in lines
    text = place.policy.read_text()
    start = text.index("digest: sha256:")
    old = text[start : start + len("digest: sha256:") + 64]
    named = f"digest: {told['digest']}"
    place.policy.write_text(text.replace(old, named))
    refused = crowdlens("policy", "lint", place.policy)
    assert refused.code == 7
    assert "PL-CAT-005" in refused.err
    sep = ", " if "{" in text[:start].splitlines()[-1] else "\n    "
    place.policy.write_text(text.replace(old, f"{named}{sep}built: {told['built']}"))
    assert crowdlens("policy", "lint", place.policy).code == 0
    mark = file.parent / load_catalogue(file).brands[1].marks[0]
    kept = mark.read_bytes()
    crop(mark, 9)
    stale = crowdlens("policy", "lint", place.policy)
    assert stale.code == 7
    assert "of 'Kestrel' is another picture" in stale.err
    assert crowdlens("catalogue", "check", file, "-q").code == 9
    mark.write_bytes(kept)
    built_path(file).write_bytes(built_path(file).read_bytes() + b"x")
    assert "PL-CAT-006" in crowdlens("policy", "lint", place.policy).err
    built_path(file).unlink()
    assert "PL-CAT-006" in crowdlens("policy", "lint", place.policy).err


def test_names_alone_need_nothing_built(crowdlens: Command, site: Path) -> None:
    assert crowdlens("catalogue", "init", "c.yaml", "Nike").code == 0
    done = crowdlens("catalogue", "build", "c.yaml")
    assert done.code == 0
    assert "Nothing to build" in done.err
    assert "built" not in done.out
    assert json.loads(crowdlens("catalogue", "build", "c.yaml", "--json").out)["built"] is None
    assert [p.name for p in site.iterdir()] == ["c.yaml"]


def test_check_warns_and_says_so_in_json(crowdlens: Command, site: Path) -> None:
    (site / "disc.svg").write_bytes(svg())
    text = "- {name: Target, marks: [disc.svg]}\n- {name: HP, marks: [disc.svg]}\n"
    (site / "c.yaml").write_text(text + "- name: Heineken\n- name: Heinekem\n")
    done = crowdlens("catalogue", "check", "c.yaml")
    assert done.code == 0
    assert "warning: Target: 'Target' is a common word" in done.out
    assert "c.yaml: 0 errors, " in done.out
    told = json.loads(crowdlens("catalogue", "check", "c.yaml", "--json").out)
    assert told["ok"]
    assert told["errors"] == []
    assert {warning["topic"] for warning in told["warnings"]} == {
        *("common-word", "short-name", "alike-names", "plain-mark", "same-mark", "built")
    }


def test_check_finds_what_no_run_would_start_with(crowdlens: Command, site: Path) -> None:
    (site / "c.yaml").write_text("- {name: Kestrel, marks: [none.png]}\n")
    done = crowdlens("catalogue", "check", "c.yaml", "--json")
    assert done.code == 9
    told = json.loads(done.out)
    assert not told["ok"]
    assert told["errors"] == [
        {
            "topic": "picture",
            "entry": "Kestrel",
            "sentence": "none.png is missing or can't be read",
        }
    ]


def png(pixels: Image.Image) -> bytes:
    file = io.BytesIO()
    pixels.save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """Give a small file of 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data)


LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BAD_MARKS: dict[str, tuple[str, bytes, str]] = {
    "blank": ("m.png", png(Image.new("RGB", (90, 90), "red")), "is blank"),
    "tiny": ("m.png", png(Image.new("RGB", (8, 90), "red")), "is tiny"),
    "enormous": ("m.png", bomb(), "is enormous"),
    "transparent": ("m.png", png(Image.new("RGBA", (90, 90))), "is transparent"),
    "no image": ("m.jpg", b"<html>hello</html>", "is not a PNG, JPEG or SVG picture"),
    "empty": ("m.jpg", b"", "is not a PNG, JPEG or SVG picture"),
    "cut short": ("m.png", png(Image.effect_noise((90, 90), 50))[:-400], "is damaged"),
    "external": ("m.svg", svg('<use href="http://example.com/a.svg#b"/>'), "refers to another"),
    "script": ("m.svg", svg(DISC + "<script>alert(1)</script>"), "holds a script"),
    "raster": ("m.svg", svg('<image href="a.png"/>'), "holds another picture"),
    "text": ("m.svg", svg("<text>Nike</text>"), "holds text"),
    "laughs": ("m.svg", LAUGHS + svg(), "declares XML entities"),
    "recursion": ("m.svg", svg(f'<g id="a">{DISC}<use href="#a"/></g>'), "uses itself"),
    "nothing drawn": ("m.svg", svg(""), "is transparent"),
    "broken": ("m.svg", svg()[:-5], "is damaged"),
}


@pytest.mark.parametrize("case", BAD_MARKS)
def test_a_bad_mark_is_refused_by_add_build_and_check(
    crowdlens: Command, site: Path, pictures: Path, case: str
) -> None:
    name, data, said = BAD_MARKS[case]
    (pictures / name).write_bytes(data)
    added = crowdlens("catalogue", "add", "Kestrel", "--mark", pictures / name)
    assert added.code == 9
    assert f"'Kestrel': {name} {said}" in added.err
    assert added.out == ""
    assert tree(site) == {}
    (site / name).write_bytes(data)
    (site / "catalogue.yaml").write_text(f"- {{name: Kestrel, marks: [{name}]}}\n")
    before = tree(site)
    built = crowdlens("catalogue", "build", "catalogue.yaml")
    assert built.code == 9
    assert f"'Kestrel': {name} {said}" in built.err
    assert crowdlens("catalogue", "check", "catalogue.yaml").code == 9
    assert tree(site) == before


def link(site: Path, pictures: Path) -> None:
    crop(pictures / "a.png")
    (site / "a.png").symlink_to(pictures / "a.png")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("- {name: A, aliases: [X]}\n- {name: B, aliases: [x]}\n", 2, "two brands, 'A' and 'B'"),
        ("- {name: Kestrel, marks: [none.png]}\n", 9, "'Kestrel': none.png is missing"),
        ("- {name: Kestrel, marks: [a.png]}\n", 9, "'Kestrel': a.png leads out"),
        ("- {name: Kestrel, marks: [../pictures/a.png]}\n", 2, "PL-CAT-008"),
        ("- {name: Kestrel, marks: [/etc/a.png]}\n", 2, "PL-CAT-008"),
        ("- {name: A, parent: B}\n- {name: B, parent: A}\n", 2, "PL-CAT-015"),
        ("- {name: A, parent: B}\n", 2, "PL-CAT-004"),
        (
            "- {name: smiling woman, kind: scene, examples: [a.jpg, b.jpg, c.jpg]}\n",
            2,
            "PL-CAT-014",
        ),
        ("- {name: bar, kind: scene, examples: [a.jpg]}\n", 2, "PL-CAT-013"),
        ("- [\n", 2, "PL-YAML"),
    ],
)
def test_a_bad_catalogue_is_refused_and_nothing_is_written(
    crowdlens: Command, site: Path, pictures: Path, text: str, code: int, said: str
) -> None:
    link(site, pictures)
    (site / "c.yaml").write_text(text)
    before = tree(site)
    done = crowdlens("catalogue", "build", "c.yaml", "--workers", "1")
    assert done.code == code
    assert said in done.err
    assert crowdlens("catalogue", "check", "c.yaml").code == code
    assert tree(site) == before


def test_a_label_about_persons_is_not_added(crowdlens: Command, site: Path, pictures: Path) -> None:
    for i in range(3):
        photo_of_place(pictures / f"{i}.jpg", i)
    done = crowdlens("catalogue", "add", "happy children", "--kind", "scene", "--mark", pictures)
    assert done.code == 2
    assert "PL-CAT-014" in done.err
    assert tree(site) == {}


@pytest.mark.parametrize(
    "target",
    [
        lambda site: site / "none" / "x.safetensors",
        lambda site: site / "folder.safetensors",
        lambda site: site / "c.yaml" / "x.safetensors",
    ],
)
def test_a_target_that_can_not_be_written_is_told_first(
    crowdlens: Command, site: Path, target: Callable[[Path], Path]
) -> None:
    (site / "folder.safetensors").mkdir()
    crop(site / "a.png")
    (site / "c.yaml").write_text("- {name: Kestrel, marks: [a.png]}\n")
    before = tree(site)
    done = crowdlens("catalogue", "build", "c.yaml", "--out", target(site))
    assert done.code == 10
    assert "can't be written" in done.err
    assert tree(site) == before


def test_build_does_not_write_over_a_catalogue(crowdlens: Command, site: Path) -> None:
    crop(site / "a.png")
    (site / "c.yaml").write_text("- {name: Kestrel, marks: [a.png]}\n")
    assert crowdlens("catalogue", "build", "c.yaml", "--out", "c.yaml").code == 2
    assert (site / "c.yaml").read_text().startswith("- {name")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(crowdlens: Command, site: Path) -> None:
    site.chmod(0o500)
    try:
        assert crowdlens("catalogue", "add", "Nike").code == 10
    finally:
        site.chmod(0o700)


def test_many_brands_are_added_up_quickly(crowdlens: Command, site: Path) -> None:
    chance = np.random.default_rng(3)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = sorted({"".join(chance.choice(letters, 12)) for _ in range(1000)})
    assert crowdlens("catalogue", "init", "c.yaml", *names).code == 0
    assert crowdlens("catalogue", "check", "c.yaml").out.endswith("0 errors, 0 warnings\n")


@pytest.mark.models
def test_the_commands_of_the_document_run_in_their_order(
    crowdlens: Command, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", document, re.DOTALL)
    for i in range(5):
        crop(site / "crops" / "jordan" / f"{i}.png", i)
    for i in range(4):
        photo_of_place(site / "photos" / "beach-bar" / f"{i}.jpg", i)
    lines = block.splitlines()
    assert len(lines) == 7
    for line in lines:
        done = crowdlens(*shlex.split(line)[1:])
        assert done.code == 0, (line, done.err)


def test_the_document_names_every_topic_of_the_check() -> None:
    document = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
    for topic in Topic:
        assert f"`{topic}`" in document or topic is Topic.PICTURE


def test_the_links_of_the_document_lead_somewhere() -> None:
    docs = Path(__file__).parents[2] / "docs"
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", (docs / "catalogue.md").read_text())
    assert links
    assert all((docs / link).exists() for link in links)
