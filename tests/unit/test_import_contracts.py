"""Who may import whom is a contract that CI checks: a forbidden import is caught."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("policies", "redaction", "audit", "engine")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
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
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_as_it_stands_keeps_every_contract(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
    assert "insight sees releases, never sightings KEPT" in done.stdout


@pytest.mark.parametrize(
    ("module", "forbidden", "contract"),
    [
        ("policies/amounts.py", "import audit", "policies is the ground floor"),
        ("redaction/veil.py", "import audit", "redaction and audit stand on policies alone"),
        ("redaction/veil.py", "import engine.run", "redaction and audit stand on policies alone"),
        ("audit/ledger.py", "import redaction", "audit knows neither pixels nor the engine"),
        ("engine/recognition/wordmarks.py", "import PIL", "recognition cannot open an image file"),
        ("engine/recognition/wordmarks.py", "import cv2", "recognition cannot open an image file"),
        ("engine/statistics/release.py", "import redaction", "statistics sees rows, never pixels"),
        *(
            ("engine/insight/shares.py", forbidden, "insight sees releases, never sightings")
            for forbidden in (
                "from engine.statistics.bounding import bound",
                "from engine.statistics.sightings import SIGHTING_SCHEMA",
                "import engine.recognition",
                "import redaction",
            )
        ),
        ("engine/workers/local.py", "import diffprivlib", "noise is drawn in statistics alone"),
        ("engine/learning/recipe.py", "import opendp", "noise is drawn in statistics alone"),
        (
            "engine/learning/admission.py",
            "import engine.sources",
            "a head is trained on numbers, never pixels",
        ),
        ("engine/learning/examples.py", "import PIL", "learning cannot open an image file"),
        ("engine/sources/folder.py", "import typer", "only the command line prints"),
        ("audit/ledger.py", "import rich", "only the command line prints"),
        (
            "audit/fsck/tree.py",
            "import audit.merkle",
            "the second verifier shares no code with the first",
        ),
    ],
)
def test_a_forbidden_import_is_caught(
    house: Path, module: str, forbidden: str, contract: str
) -> None:
    file = house / module
    file.write_text(file.read_text(encoding="utf-8") + f"\n{forbidden}\n", encoding="utf-8")
    done = lint(house)
    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_statistics_takes_one_integer_mechanism_of_diffprivlib_and_nothing_else() -> None:
    taken = {
        name
        for file in (ROOT / "engine" / "statistics").rglob("*.py")
        for name in _imports(file)
        if name.startswith("diffprivlib")
    }
    assert taken == {"diffprivlib.mechanisms.Geometric"}


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_prints_but_the_command_line(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        if (ROOT / "engine" / "cli") in file.parents:
            continue
        calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
        names = {c.func.id for c in calls if isinstance(c.func, ast.Name)}
        assert "print" not in names, file
