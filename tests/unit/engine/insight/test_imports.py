"""Nothing in this package can see a sighting: a forbidden import of it is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
CONTRACT = "insight sees releases, never sightings"


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for package in ("policies", "redaction", "audit", "engine"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_package_as_it_stands_keeps_its_contract(house: Path) -> None:
    assert f"{CONTRACT} KEPT" in _lint(house).stdout


@pytest.mark.parametrize(
    "forbidden",
    [
        "from engine.statistics.bounding import bound",
        "from engine.statistics.sightings import SIGHTING_SCHEMA",
        "import engine.recognition",
        "import redaction",
    ],
)
def test_a_forbidden_import_is_caught(house: Path, forbidden: str) -> None:
    file = house / "engine" / "insight" / "shares.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{forbidden}\n", encoding="utf-8")
    done = _lint(house)
    assert done.returncode != 0
    assert f"{CONTRACT} BROKEN" in done.stdout
