"""How fast and how exact statistics are, against their peers and against what is known to be least.

`python -m tests.benchmarks.bench_statistics [--only NAME ...] [--rows N] [--runs N] [--peers DIR]`

| name | what | against |
|---|---|---|
| equal | counts before noise | the plain query's, where K bounds nobody |
| counts | contributors by brand and week, K = 5 | PipelineDP, OpenDP with Polars, the plain query |
| growth | the same on ten times the rows | ourselves |
| noise | noise on 100,000 cells | OpenDP's samplers alone |
| count-error | a pure count's error | the least (Ghosh, Roughgarden, Sundararajan 2009) |
| sigma | the Gaussian's scale at (epsilon, delta) | the least (Balle, Wang 2018) |
| trend | a running total's error, 52 weeks | nuclear norm / 52, least of any matrix mechanism |
| errors | errors of one study at one price | PipelineDP and OpenDP, as one would write it |

Each timed thing runs in a process of its own on the same Parquet files; runs take turns; times
leave imports out, figures are medians, and ratios are of wall seconds; the processor's stand beside
them, for machines that do other work as well. Memory is the most that the process has held at once.
PipelineDP's local backend gets a tenth of the rows, in memory already; its time is counted tenfold.

The plain query is given `week` as a column, where the engine makes it of the day; *plain query, by
day* is the same from the day. Two brands that meet in a photo are measured against nobody: neither
peer has them.

A run that does not end within `--patience` seconds is stopped, and took `inf`.

**Size.** 10 million rows (`--rows`) want 2 cores, 3 GB of memory and a quarter of an hour;
`growth` at that size 24 GB of memory, 4 GB of disk and ten minutes more. `--rows 100000` tries
everything out. The peers stand in environments of their own, which are made in `--peers` where they
are missing (pip; 600 MB), since OpenDP's Polars is another one than ours; `--without-peers` leaves
them out.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from engine.statistics.accounting import rho_within
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, GeometricLaw
from engine.statistics.running import error, running_totals, strategy_named
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Delta, Epsilon, Rho

K: Final = 5
EPSILON: Final = "1"
DELTA: Final = "0.000001"
NOBODY: Final = 10_000
"""A K that bounds nobody, and yet less than there are cells, so that rows are ranked."""
HORIZON: Final = 52
PEERS: Final = {"pipelinedp": "pipeline-dp==0.3.1", "opendp": "opendp[polars]==0.16.0"}
SLACK: Final = 0.01
"""What chance may do to a ratio of measured errors."""
_HERE: Final = Path(__file__)
_ROOT: Final = _HERE.parents[2]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    against: str
    ratio: float
    most: float | None = None
    """The ratio may be this much at most."""
    least: float | None = None
    """Or this much at least."""
    ours: str = ""
    theirs: str = ""

    @property
    def target(self) -> str:
        """The target in words."""
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where there is none."""
        if self.most is not None:
            return self.ratio <= self.most
        return None if self.least is None else self.ratio >= self.least


class Bench:
    """Where things are, and how often they are run."""

    def __init__(self, given: argparse.Namespace, folder: Path) -> None:
        self.rows: int = given.rows
        self.runs: int = given.runs
        self.patience: int = given.patience
        self.few: int = min(3, given.runs)
        self.folder = folder
        self.peers: Path | None = None if given.without_peers else given.peers

    def data(self, rows: int, **more: Any) -> dict[str, Any]:
        """Write the data where they are missing, and return how a job is told of them."""
        folder = str(self.folder / str(rows))
        self.job("data", folder=folder, rows=rows, **more)
        return {"folder": folder, "k": K}

    def job(self, name: str, **given: Any) -> dict[str, Any]:
        """Run a job in a process of its own."""
        peer = next((peer for peer in PEERS if name.startswith(peer)), None)
        if peer is None:
            start = [sys.executable, "-m", "tests.benchmarks.statistics_ours"]
        else:
            start = [str(self.python(peer)), str(_HERE.with_name("statistics_peers.py"))]
        try:
            done = subprocess.run(
                [*start, name, json.dumps(given)],
                cwd=_ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=self.patience,
            )
        except subprocess.TimeoutExpired:
            say(f"{name} {given} did not end within {self.patience} s")
            return dict.fromkeys(("seconds", "cpu", "peak"), math.inf)
        if done.returncode:
            raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        say(f"{name} {given} {_short(answer)}")
        return answer

    def python(self, peer: str) -> Path:
        """Return a peer's interpreter; make its environment where it is missing."""
        assert self.peers is not None
        python = self.peers / peer / "bin" / "python"
        if not python.exists():
            say(f"making the environment of {peer} in {python.parents[1]}")
            subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
            pip = [python, "-m", "pip", "install", "--quiet", PEERS[peer]]
            subprocess.run(pip, check=True, stdout=sys.stderr)
        return python

    def in_turns(self, jobs: dict[str, tuple[str, dict[str, Any]]], runs: int) -> dict[str, Any]:
        """Return each job's medians of seconds and peak memory; they take turns."""
        took: dict[str, list[dict[str, Any]]] = {name: [] for name in jobs}
        for _ in range(runs):
            for name, (job, given) in jobs.items():
                took[name].append(self.job(job, **given))
        return {
            name: {part: median(run[part] for run in of) for part in ("seconds", "cpu", "peak")}
            for name, of in took.items()
        }


def equal(bench: Bench) -> Iterator[Row]:
    """Compare counts before noise."""
    data = bench.data(min(bench.rows, 1_000_000))
    for k in (NOBODY, K):
        ours = bench.job("count", **data | {"k": k, "counts": True})["counts"]
        plain = bench.job("plain", **data | {"k": k, "counts": True})["counts"]
        if k == NOBODY:
            same = sum(a == b for a, b in zip(ours, plain, strict=True))
            yield Row(
                "cells with the same count, K = all", "plain query", same / len(ours), least=1
            )
        else:
            sums = sorted((sum(ours), sum(plain)))
            yield Row(f"sum of all cells, K = {k}", "plain query", sums[0] / sums[1], least=1)


def counts(bench: Bench) -> Iterator[Row]:
    """Time bounded counts."""
    data = bench.data(bench.rows)
    many = f"bounded count, {bench.rows:,} rows"
    took = bench.in_turns(
        {
            "ours": ("count", data),
            "plain query": ("plain", data),
            "plain query, by day": ("plain", data | {"from": "day"}),
        },
        bench.runs,
    )
    ours = took.pop("ours")
    for name, other in took.items():
        yield _speed(many, name, ours, other, 0.9 if name == "plain query" else None)
        yield _memory(f"{many}: memory", name, ours, other, 1.2)
    if bench.peers is None:
        return
    private = data | {"epsilon": EPSILON}
    tenth = bench.rows // 10
    csv = str(bench.folder / f"{tenth}.csv")
    fewer = bench.data(tenth, csv=csv) | {"csv": csv, "epsilon": float(EPSILON)}
    took = bench.in_turns(
        {
            "ours": ("whole_release", private),
            "OpenDP, Polars": ("opendp_count", private | {"epsilon": float(EPSILON)}),
            "PipelineDP": ("pipelinedp_count", fewer),
        },
        bench.few,
    )
    for part in ("seconds", "cpu"):
        took["PipelineDP"][part] *= bench.rows / tenth
    ours = took.pop("ours")
    release = f"release, {bench.rows:,} rows"
    yield _speed(release, "OpenDP, Polars", ours, took["OpenDP, Polars"], 2)
    yield _memory(f"{release}: memory", "OpenDP, Polars", ours, took["OpenDP, Polars"], None)
    scaled = f"PipelineDP, local ({tenth:,} rows, scaled)"
    yield _speed(release, scaled, ours, took["PipelineDP"], 20)


def growth(bench: Bench) -> Iterator[Row]:
    """Time ten times as many rows."""
    jobs = {str(n): ("count", bench.data(n)) for n in (bench.rows, 10 * bench.rows)}
    took = bench.in_turns(jobs, bench.few)
    small, large = took[str(bench.rows)], took[str(10 * bench.rows)]
    what = f"bounded count, {10 * bench.rows:,} rows"
    small_is = f"ours, {bench.rows:,} rows"
    yield _slower(what, small_is, large, small, 11)
    yield _memory(f"{what}: memory", small_is, large, small, 2)


def noise(bench: Bench) -> Iterator[Row]:
    """Time draws."""
    for law in ("discrete-gaussian", "discrete-laplace", "geometric"):
        given = {"law": law, "scale": 10, "cells": 100_000}
        jobs = {by: ("draw", given | {"by": by}) for by in ("ours", "opendp")}
        took = bench.in_turns(jobs, bench.runs)
        yield _slower(f"100,000 cells, {law}", "OpenDP core", took["ours"], took["opendp"], 1.3)


def count_error(_: Bench) -> Iterator[Row]:
    """Compare a count's mean absolute error with the least."""
    for made in (GeometricLaw, DiscreteLaplace):
        for epsilon in ("0.1", "1", "2"):
            law = made(Epsilon.parse(epsilon), Sensitivity.of(1, 1))
            a = math.exp(-float(epsilon))
            least = 2 * a / (1 - a * a)
            found = float(np.abs(law.draw(400_000)).mean())
            what = f"one count's error, epsilon {epsilon}, {law.name}"
            yield _figures(what, "least of any mechanism", found, least, 1.01)


def sigma(_: Bench) -> Iterator[Row]:
    """Compare scales."""
    for epsilon in ("0.5", "1", "2", "4"):
        rho = rho_within(Fraction(epsilon), Delta.parse(DELTA))
        used = DiscreteGaussian(rho, Sensitivity.of(1, 1)).scale
        least = least_sigma(float(epsilon), float(DELTA))
        yield _figures(f"sigma, epsilon {epsilon}, delta 1e-6", "least Gaussian", used, least, 1.15)


def least_sigma(epsilon: float, delta: float) -> float:
    """Return the smallest scale of a Gaussian for sensitivity 1 (Balle, Wang 2018, Theorem 8)."""

    def phi(x: float) -> float:
        return math.erfc(-x / math.sqrt(2)) / 2

    low, high = 0.01, 1000.0
    for _ in range(100):
        s = (low + high) / 2
        spent = phi(1 / (2 * s) - epsilon * s) - math.exp(epsilon) * phi(-1 / (2 * s) - epsilon * s)
        low, high = (s, high) if spent > delta else (low, s)
    return high


def trend(_: Bench) -> Iterator[Row]:
    """Compare a running total's largest error with the least, and draws with what is stated."""
    ones = np.tril(np.ones((HORIZON, HORIZON)))
    least = float(np.linalg.svd(ones, compute_uv=False).sum()) / HORIZON
    for name, most in (("tree", 1.55), ("toeplitz", 1.2)):
        strategy = strategy_named(name, HORIZON)
        law = DiscreteGaussian(Rho(Fraction(1, 200)), strategy.sensitivity(1))
        drawn = running_totals(np.zeros((2000, HORIZON), np.int64), strategy, law)
        stated = math.sqrt(np.mean(np.square(drawn.std)))
        found = math.sqrt(np.mean(np.square(drawn.values.astype(float))))
        what = f"running total, {HORIZON} weeks, {name}"
        yield _figures(f"{what}: largest error", "lower bound", error(strategy), least, most)
        yield _figures(f"{what}: drawn error", "stated error", found, stated, 1.03)


def errors(bench: Bench) -> Iterator[Row]:
    """Compare errors of one study."""
    if bench.peers is None:
        return
    data = bench.data(min(bench.rows, 50_000))
    folder = Path(data["folder"])
    studies: dict[str, dict[str, int]] = {
        f"contributors, K = {K}": {"k": K},
        "contributors, K = 20": {"k": 20},
        f"photos, at most 3 a cell, K = {K}": {"k": K, "clip": 3},
    }
    for name, bounds in studies.items():
        stem = "-".join(f"{key}{value}" for key, value in bounds.items())
        files = {"csv": str(folder / f"{stem}.csv"), "truth": str(folder / f"{stem}.json")}
        if "clip" not in bounds:
            files["csv"] = str(folder / "rows.csv")
            bench.data(min(bench.rows, 50_000), csv=files["csv"])
        bench.job("truth", **data | bounds | files)
        yield from _errors_of(bench, name, data | bounds | files)


def _errors_of(bench: Bench, name: str, given: dict[str, Any]) -> Iterator[Row]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for law, at in (("pure", {}), ("delta", {"delta": DELTA})):
        ours = given | at | {"epsilon": EPSILON, "times": 20}
        found["ours", law] = bench.job("our_errors", **ours)
        theirs = given | at | {"epsilon": float(EPSILON)}
        found["PipelineDP", law] = bench.job("pipelinedp_errors", **theirs | {"times": 10})
        found["OpenDP", law] = bench.job("opendp_errors", **theirs | {"times": 4})
    words = {"pure": f"epsilon {EPSILON}", "delta": f"epsilon {EPSILON}, delta 1e-6, Gaussian"}
    for peer in ("PipelineDP", "OpenDP"):
        for against in ("exact", "bounded"):
            each = [(words[law], law) for law in words]
            for label, law in each:
                us, them = found["ours", law][against], found[peer, law][against]
                what = f"error of {name}, {label}, to {against} counts"
                yield _figures(what, peer, us, them, 1 + SLACK)
            us = min(found["ours", law][against] for law in words)
            them = min(found[peer, law][against] for law in words)
            what = f"error of {name}, the better noise, to {against} counts"
            yield _figures(what, peer, us, them, 1 + SLACK)


Figures = dict[str, float]


def _speed(what: str, against: str, ours: Figures, other: Figures, least: float | None) -> Row:
    ratio = other["seconds"] / ours["seconds"]
    return Row(what, against, ratio, None, least, _seconds(ours), _seconds(other))


def _slower(what: str, against: str, ours: Figures, other: Figures, most: float) -> Row:
    ratio = ours["seconds"] / other["seconds"]
    return Row(what, against, ratio, most, None, _seconds(ours), _seconds(other))


def _memory(what: str, against: str, ours: Figures, other: Figures, most: float | None) -> Row:
    mib = [f"{side['peak']:,.0f} MiB" for side in (ours, other)]
    return Row(what, against, ours["peak"] / other["peak"], most, None, *mib)


def _figures(what: str, against: str, ours: float, other: float, most: float) -> Row:
    return Row(what, against, ours / other, most, None, f"{ours:.4g}", f"{other:.4g}")


def _seconds(figures: Figures) -> str:
    return f"{figures['seconds']:.3g} s (cpu {figures['cpu']:.3g})"


def _short(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        key: f"{value:.4g}" if isinstance(value, float) else value
        for key, value in answer.items()
        if not isinstance(value, list)
    }


def say(text: str) -> None:
    """Write to standard error: what goes on."""
    sys.stderr.write(text + "\n")


BENCHES: Final[dict[str, Callable[[Bench], Iterator[Row]]]] = {
    "equal": equal,
    "counts": counts,
    "growth": growth,
    "noise": noise,
    "count-error": count_error,
    "sigma": sigma,
    "trend": trend,
    "errors": errors,
}


def main() -> None:
    """Measure, and print."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description="How fast and how exact statistics are.")
    parser.add_argument("--only", choices=BENCHES, action="append", help="may be given repeatedly")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--patience", type=int, default=900, help="seconds that one run may take")
    parser.add_argument("--peers", type=Path, default=cache / "crowdlens-peers")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--data", type=Path, help="folder to keep the data in")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as temporary:
        bench = Bench(given, given.data or Path(temporary))
        rows = [row for name in given.only or BENCHES for row in BENCHES[name](bench)]
    if given.json:
        results = [asdict(row) | {"target": row.target, "met": row.met} for row in rows]
        print(json.dumps(results))
        return
    print(
        "| what | against | ours | theirs | ratio | target | met |\n|---|---|---|---|---|---|---|"
    )
    for row in rows:
        met = {True: "yes", False: "NO", None: ""}[row.met]
        cells = (row.what, row.against, row.ours, row.theirs, f"{row.ratio:.3f}", row.target, met)
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
