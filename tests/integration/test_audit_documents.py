"""docs/audit.md is true: its commands run, and the tests that it names exist."""

import io
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from audit.bodies import StatisticSpend
from tests.conftest import Command
from tests.places import make_place, run_words

ROOT = Path(__file__).parents[2]
AUDIT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def test_its_commands_run_in_their_order(
    crowdlens: Command, tmp_path: Path, no_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = make_place(Path("site-made"))
    place.root.rename("site")
    site = type(place)(Path("site"))
    assert crowdlens(*run_words(site, no_photos, Path("release"), "--quiet")).code == 0
    Path("kept.checkpoint").write_bytes((site.log / "checkpoint").read_bytes())
    blocks = re.findall(r"```sh\n(.*?)```", AUDIT, re.DOTALL)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert len(lines) >= 14
    for words in lines:
        done = crowdlens(*words[1:])
        assert done.code == 0, (words, done.err)


def test_what_it_names_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", AUDIT)
    assert len(named) > 6
    for name in [*named, "PRIVACY.md"]:
        assert (ROOT / name).exists(), name


def test_an_auditors_own_software_prices_the_training_as_it_is_written() -> None:
    """The line of the log and the program beside it are one training."""
    (line,) = re.findall(r"```json\n(.*?)```", AUDIT, re.DOTALL)
    (program,) = re.findall(r"```python\n(.*?)```", AUDIT, re.DOTALL)
    spend = StatisticSpend.model_validate_json(line)
    assert spend.training is not None
    assert spend.training.covered_by(spend.cost.loss())
    told = (float(spend.training.sampling_rate), float(spend.training.noise), spend.training.steps)
    found = re.findall(r"Event\(([\d.]+), .*Event\(([\d.]+)\)\)|step, (\d+)\)", program)
    assert tuple(map(float, (*found[0][:2], found[1][2]))) == told
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(program, {})
    assert 3.99 < float(printed.getvalue()) <= 4
