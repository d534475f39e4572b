"""Odd and hostile files through the command line: one sentence, and never our own fault (1)."""

import json
import random
from pathlib import Path

import polars as pl
import pytest

from engine.setup import Place
from engine.sources.errors import SourceUnusable
from engine.sources.manifest import read_manifest
from tests.conftest import Command
from tests.places import run_words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "log: 5",
        'x: !!int ""',
        'x: !!bool "q"',
        'x: !!timestamp "q"',
        "a: &a [*a]",
        'schema: crowdlens-trust/v1\nlog: x\nquorum: 1\nwitnesses: [{vkey: x, path: "w\\0"}]',
    ],
)
def test_a_trust_file_that_is_none(
    crowdlens: Command, place: Place, tmp_path: Path, text: str
) -> None:
    trust = tmp_path / "trust.yaml"
    trust.write_text(text)
    done = crowdlens("audit", "verify", "--log", place.log, "--trust", trust)
    assert done.code == 2, done.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("statement: ", 'statement: "fine\\nbudget.total: 9" #'),
        ("statement: ", 'statement: "\\e[8m" #'),
        ("statement: ", 'statement: "\\u202Egnp" #'),
        ("from: 2026-W23", "from: 9999-W50"),
        ('epsilon: "4"', 'epsilon: "4.1111111111111111111111111"'),
        ("max_cells: 6", "max_cells: 99999999999999999999999"),
        ("catalogue.yaml", "../catalogue.yaml"),
    ],
)
def test_a_policy_that_tries_to_look_like_another(
    crowdlens: Command, place: Place, old: str, new: str
) -> None:
    text = place.policy.read_text()
    assert old in text
    place.policy.write_text(text.replace(old, new))
    done = crowdlens("policy", "lint", place.policy)
    assert done.code == 2, done.err
    assert "PL-" in done.err


def test_a_policy_may_end_with_the_last_week_there_is(crowdlens: Command, place: Place) -> None:
    text = place.policy.read_text().replace("from: 2026-W23", "from: 9999-W50")
    place.policy.write_text(text.replace("to: 2026-W24", "to: 9999-W52"))
    assert crowdlens("policy", "lint", place.policy).code == 0


def test_lint_answers_in_json_whatever_is_wrong(crowdlens: Command, place: Place) -> None:
    place.catalogue.write_text("- name: Other\n")
    done = crowdlens("policy", "lint", place.policy, "--json")
    assert done.code == 7
    (finding,) = json.loads(done.out)["findings"]
    assert finding["rule"] == "PL-CAT-001"


def test_a_damaged_parquet_manifest_raises_only_our_error_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "photos.parquet"
    rows = {"path": ["a.jpg"], "contributor": ["zq-canary"], "taken_at": ["2026-06-02"]}
    pl.DataFrame(rows).write_parquet(manifest)
    whole = manifest.read_bytes()
    dice = random.Random(5)  # 5 of 1,500 such files make Polars panic; these seeds hold some
    said: list[str] = []
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        manifest.write_bytes(data)
        try:
            read_manifest(manifest)
        except SourceUnusable as error:
            said.append(str(error))
    assert len(said) > 50
    assert "zq" not in "".join(said)
    heard = capfd.readouterr()
    assert heard.out + heard.err == ""


@pytest.mark.parametrize("line", ["[" * 100_000, '{"path": 1.5}', '{"path": true}', "NaN"])
def test_odd_json_lines(crowdlens: Command, place: Place, tmp_path: Path, line: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "photos.jsonl").write_text(line + "\n")
    assert crowdlens(*run_words(place, folder, tmp_path / "out")).code == 9


def test_places_that_can_not_be_made(crowdlens: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert crowdlens("init", tmp_path / "file" / "x").code == 10
    assert crowdlens("init", tmp_path / "file").code == 2
    assert crowdlens("catalogue", "init", tmp_path / "none" / "c.yaml", "A").code == 10


@pytest.mark.parametrize(
    "rows",
    [
        "a\0.png,face,,1,1,5,5\n",
        "face\n",
        "a.png,face,,nan,1,5,5\n",
        "a.png,face,,1,1,1e300,5\n",
        "missing.png,face,,1,1,5,5\n",
        "../a.png,face,,1,1,5,5\n",
        "",
    ],
)
def test_odd_truth_files(crowdlens: Command, tmp_path: Path, rows: str) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("photo,kind,label,x0,y0,x1,y1\n" + rows)
    for what, more in (("redaction", ()), ("brands", ("--catalogue", tmp_path / "c.yaml"))):
        if more and not more[1].exists():
            assert crowdlens("catalogue", "init", more[1], "Nike").code == 0
        words = ("evaluate", what, "--photos", tmp_path, "--truth", truth, *more)
        done = crowdlens(*words)
        assert done.code == 9, (what, done.err)


def test_evaluating_a_directory_that_is_not_there_gives_no_figures(
    crowdlens: Command, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("photo,kind,label,x0,y0,x1,y1\na.png,brand,Nike,,,,\n")
    catalogue = tmp_path / "c.yaml"
    assert crowdlens("catalogue", "init", catalogue, "Nike").code == 0
    words = ("--photos", tmp_path / "none", "--truth", truth, "--catalogue", catalogue)
    done = crowdlens("evaluate", "brands", *words)
    assert (done.code, done.out) == (9, "")
