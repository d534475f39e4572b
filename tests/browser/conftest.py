"""A browser, and every page that Crowdlens makes: by its commands, from small made-up studies."""

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser
from skimage import data

from engine.setup import Place, StudyTemplate, set_up
from tests.browser.chromium import started
from tests.browser.sheet import Sheet
from tests.places import BRANDS, WEEKS, approve_policy, draw_sign, run_words, write_manifest

LONG = ("verylong" * 8)[:64]
"""The longest name that a policy may give, without a place to break it."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one browser for the tests of a file."""
    with started() as browser:
        yield browser


def crowdlens(*words: object, code: int = 0) -> None:
    """Run a command line in this process."""
    from engine.cli.main import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["crowdlens", *map(str, words)])
        try:
            main()
            left = 0
        except SystemExit as ended:
            left = int(ended.code or 0)
    assert left == code


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Give a place with three releases, `release-0` to `release-2`, and the longest names."""
    root = tmp_path_factory.mktemp("studied")
    template = StudyTemplate(
        id=LONG,
        dataset=LONG,
        collection="made-up",
        brands=BRANDS,
        first_week=WEEKS[0],
        last_week=WEEKS[-1],
        statistics=((LONG, "brand, week", "1"),),
    )
    place = set_up(root / "site", datetime.now(UTC).date(), template)
    approve_policy(place)
    photos = write_manifest(root / "none", [("a.jpg", "ana", "2001-01-01")])
    for number in range(3):
        crowdlens(*run_words(place, photos, root / f"release-{number}", "--quiet"))
    return place


@pytest.fixture(scope="session")
def audit_report(studied: Place) -> Sheet:
    """Give the report of a log that verifies."""
    out = studied.root / "audit.html"
    releases = ("--release", studied.root.parent / "release-0")
    crowdlens("audit", "report", "--log", studied.log, *releases, "--out", out)
    return Sheet(out)


@pytest.fixture(scope="session")
def audit_report_failed(studied: Place) -> Sheet:
    """Give the report of a log whose entries were changed."""
    site = studied.root.parent / "tampered"
    shutil.copytree(studied.root, site)
    entries = site / "log" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"long", b"kurz"))
    out = site / "failed.html"
    crowdlens("audit", "report", "--log", site / "log", "--out", out, code=3)
    return Sheet(out)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """Give the report of a release with real structure: a made-up crowd's."""
    out = tmp_path_factory.mktemp("crowd") / "crowd"
    crowdlens("demo", "--contributors", 400, "--weeks", 8, "--out", out, "--quiet")
    return Sheet(out / "release" / "report.html")


@pytest.fixture(scope="session")
def report_of_noise(studied: Place) -> Sheet:
    """Give the report of a release in which there is nothing but noise, with the longest names."""
    return Sheet(studied.root.parent / "release-0" / "report.html")


@pytest.fixture(scope="session")
def notice(studied: Place) -> Sheet:
    """Give the public notice of the study with the longest names."""
    out = studied.root / "notice.html"
    crowdlens("notice", studied.policy, "--out", out)
    return Sheet(out)


@pytest.fixture(scope="session")
def notice_draft(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """Give the notice of a ready-made policy that nobody has filled in yet."""
    root = tmp_path_factory.mktemp("ready") / "site"
    crowdlens("init", root, "--policy", "public-posts")
    out = root / "notice.html"
    crowdlens("notice", root / "study.yaml", "--out", out)
    return Sheet(out)


@pytest.fixture(scope="session")
def contact_sheet(studied: Place, tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """Give a sheet with signs, a portrait, a tall photo, and one that was withheld."""
    photos = tmp_path_factory.mktemp("photos")
    draw_sign(photos / "a.png", "Brightwater")
    draw_sign(photos / "b.png", "Kestrel", "Lost cat: 0171 5550199")
    (photos / "c.jpg").write_bytes(b"no photo")
    portrait = Image.fromarray(data.astronaut())
    portrait.save(photos / "d.png")
    portrait.crop((150, 0, 300, 512)).save(photos / "e.png")
    write_manifest(photos, [(f"{n}", "ana", "2026-06-02") for n in sorted(_names(photos))])
    out = photos / "copies"
    crowdlens("redact", photos, "--policy", studied.policy, "--out", out)
    return Sheet(out / "index.html", frozenset(out.glob("*.png")))


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]
