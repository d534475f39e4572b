"""Where memory runs short, Polars writes what it works on to disk, in clear. Not under us."""

import os
import subprocess
import sys
from pathlib import Path

SPILLS = Path("/var/tmp")
SHORT_OF_MEMORY = {"POLARS_OVERRIDE_TOTAL_MEMORY_MB": "300"}
WORK = """
import sys, threading
from pathlib import Path
if sys.argv[1] == "ours":
    import engine.statistics
import os
import polars as pl

spills, seen, done = Path("/var/tmp"), set(), threading.Event()

def watch():
    while not done.is_set():
        seen.update(spills.glob(f"polars*/spill/{os.getpid()}/*"))
        done.wait(0.005)

watcher = threading.Thread(target=watch)
watcher.start()
rows = pl.LazyFrame({"n": pl.int_range(6_000_000, eager=True)})
named = rows.select(s=pl.format("contributor-{}", pl.col("n") % 2_000_000))
ranked = named.unique().filter(pl.col("s").hash(1).rank("ordinal").over("s") <= 5)
counted = ranked.group_by(pl.col("s").str.len_bytes()).agg(pl.len()).collect(engine="streaming")
done.set()
watcher.join()
assert counted["len"].sum() == 2_000_000
print(len(seen))
"""


def _spilled(whose: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORK, whose],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
        env={**os.environ, **SHORT_OF_MEMORY},
        cwd=Path(__file__).parent.parent.parent,
    )
    return int(done.stdout)


def test_nothing_is_written_where_memory_runs_short() -> None:
    assert _spilled("ours") == 0


def test_control_polars_by_itself_would_write(monkeypatch) -> None:
    for name in ("POLARS_OOC_SPILL_MIN_BYTES", "POLARS_OOC_DISK_BUDGET_MB"):
        monkeypatch.delenv(name, raising=False)
    assert _spilled("plain") > 0


def test_an_engine_that_comes_too_late_refuses(monkeypatch) -> None:
    for name in ("POLARS_OOC_SPILL_MIN_BYTES", "POLARS_OOC_DISK_BUDGET_MB"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, "-c", "import polars, engine"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert done.returncode != 0
    assert "import engine before polars" in done.stderr
