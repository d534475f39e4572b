"""A rehearsal opens no photo, no manifest and no log: only the policy and its catalogue.

Whoever tunes a study by a preview that has seen the data spends what nobody counts. (That a plan
opens nothing else either is tested with the other commands on statistics.)
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.places import make_place, write_manifest

WATCH = """
import sys
opened = []
sys.addaudithook(
    lambda event, args: opened.append(str(args[0])) if event in ("open", "os.listdir", "os.scandir")
    else None
)
root, *words = sys.argv[1:]
sys.argv = ["crowdlens", *words]
from engine.cli.main import app
try:
    app()
except SystemExit as end:
    assert not end.code, end.code
for name in sorted({name for name in opened if name.startswith(root)}):
    print(name, file=sys.stderr)
"""


def test_a_rehearsal_opens_nothing_but_the_policy_and_its_catalogue(tmp_path: Path) -> None:
    place = make_place(tmp_path / "site")
    write_manifest(place.root, [("a.jpg", "zq-canary", "2026-06-02")])
    before = (place.log / "entries.jsonl").read_bytes()
    words = ("evaluate", "statistics", place.policy, "--crowd", "50", "--repeats", "2", "--json")
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(place.root), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert set(done.stderr.split()) == {str(place.policy), str(place.catalogue)}
    assert "zq-canary" not in done.stdout
    assert json.loads(done.stdout)["statistics"]
    assert (place.log / "entries.jsonl").read_bytes() == before
