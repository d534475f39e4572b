"""The example and the pictures of the README are what the code makes."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.demo.crowd import Crowd
from engine.demo.crowd_study import CrowdStudy
from engine.insight import insights
from engine.insight.released import NUMBERS
from engine.study import study_of
from policies.decision import load_rules
from tests.conftest import Command

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "example"
PICTURES = DOCS / "pictures"
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


def drawn() -> dict[str, str]:
    script = PICTURES / "build_pictures.py"
    spec = importlib.util.spec_from_file_location("build_pictures", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.drawn()
    return found


def test_the_pictures_are_what_the_script_draws() -> None:
    made = drawn()
    assert sorted(made) == sorted(file.name for file in PICTURES.glob("*.svg"))
    for name, svg in made.items():
        kept = (PICTURES / name).read_text(encoding="utf-8")
        assert kept == svg, f"run python docs/pictures/build_pictures.py ({name})"


@pytest.mark.parametrize("name", ["zones", "crowd"])
def test_each_picture_is_named_described_and_shown_in_light_and_dark(name: str) -> None:
    for theme in ("light", "dark"):
        file = PICTURES / f"{name}-{theme}.svg"
        root = ET.fromstring(file.read_text(encoding="utf-8"))
        texts = {part.tag.rpartition("}")[2]: part.text or "" for part in root[:2]}
        assert texts["title"]
        assert len(texts["desc"]) > 100
        assert "http" not in file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert f"docs/pictures/{name}-{theme}.svg" in README
    assert re.search(rf'{name}-light.svg"[^>]* alt="[^"]{{40,}}"', README)


def test_the_table_is_a_release_of_the_example_s_study() -> None:
    study = study_of(load_rules(EXAMPLE / "study.yaml"))
    keys = dict.fromkeys(("statistic", *study.dimensions), pl.String)
    table = pl.read_csv(EXAMPLE / "release.csv", schema=pl.Schema({**keys, **NUMBERS}))
    found = insights(table, study)
    named = set(found.changes.filter(pl.col("verdict") != "no detectable change")["brand"])
    assert {"Brightwater", "Kestrel", "Voltessa"} <= named, "there is more to see than noise"


def test_the_example_can_be_read_by_whoever_has_the_repository(crowdlens: Command) -> None:
    done = crowdlens("insight", EXAMPLE, "--policy", EXAMPLE / "study.yaml")
    assert done.code == 0, "the rules' digest has changed: run the demo, and keep what it makes"
    assert "Brightwater" in done.out


def test_the_study_is_the_one_that_the_demo_makes() -> None:
    text = (EXAMPLE / "study.yaml").read_text(encoding="utf-8")
    begun = re.search(r"not_before: (\S+)", text)
    digest = re.search(r"digest: (\S+)", text)
    assert begun is not None
    assert digest is not None
    study = CrowdStudy(Crowd(2000, 26))
    assert study.policy(date.fromisoformat(begun[1]), digest[1]) == text
    assert study.catalogue == (EXAMPLE / "catalogue.yaml").read_text(encoding="utf-8")
