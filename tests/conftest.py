"""What several kinds of tests share: a place for studies, photos, and a way to run commands."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from engine.setup import Place
from tests.places import draw_sign, make_place, write_manifest

# How long an example takes says how busy the machine is; a hang is the time-out's affair.
settings.register_profile("crowdlens", deadline=None)
settings.load_profile("crowdlens")


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def crowdlens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process, as the console script would."""
    from engine.cli.main import main

    def invoke(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["crowdlens", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return invoke


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give a place with an approved study."""
    return make_place(tmp_path / "site")


@pytest.fixture
def no_photos(tmp_path: Path) -> Path:
    """Give a source whose only photo is outside the policy's weeks: a run without models."""
    return write_manifest(tmp_path / "none", [("a.jpg", "ana", "2001-01-01")])


@pytest.fixture(scope="session")
def signs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a source of four photos by three contributors."""
    folder = tmp_path_factory.mktemp("signs")
    draw_sign(folder / "a.png", "Brightwater")
    draw_sign(folder / "b.png", "Kestrel", "Brightwater")
    draw_sign(folder / "c.png", "Nimbus")
    draw_sign(folder / "d.png", "Lost cat")
    return write_manifest(
        folder,
        [
            ("a.png", "ana", "2026-06-02"),
            ("b.png", "Ana ", "2026-06-09T10:00:00Z"),
            ("c.png", "ben", "2026-06-02"),
            ("d.png", "cai", "2026-06-02"),
        ],
    )
