"""How long verification of a long log takes, and how it grows.

`python -m tests.benchmarks.bench_audit [--entries N ...]`

Logs of N entries are made up with a key that is thrown away: one run after the other, each with
eight models, its commitments, its spend and a release of five files, over ten datasets; digests and
commitments are different every time, as they are in a log. Each is verified by `audit.verify`, by
the second verifier, and one entry is proven. Seconds are of one process, wall clock: the best of
`--times` and, of `audit.verify`, the median too, and the processor's, which other work on the
machine disturbs less. Memory is the most that the process has held so far. The target is 100,000
entries in ten seconds, and growth that is linear: ten times the entries in ten times the seconds,
within a half.
"""

import argparse
import hashlib
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import Code, Trust, VerifierKey, prove, verify
from audit.bodies import (
    Body,
    BudgetReserve,
    DatasetDeclare,
    LogOpen,
    Named,
    PolicyAdopt,
    Release,
    RunInputs,
    RunStart,
    amounts_of,
    outputs_of,
    spend_of,
)
from audit.checkpoint import Checkpoint
from audit.entries import make_entry
from audit.fsck import fsck
from audit.merkle import leaf_hash, root_hash
from audit.note import ED25519, sign_note
from policies.amounts import Delta, Epsilon, Loss

DAY = date(2026, 11, 27)
DIGEST = "sha256:" + "a" * 64
DATASETS = 10
MODELS = tuple(Named(name=f"model-{n}", digest=DIGEST) for n in range(8))
FILES = ("privacy-label.json", "reading.csv", "release.csv", "release.json", "release.parquet")


def digest(*what: object) -> str:
    """Return a digest that nothing else has."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def make_log(folder: Path, size: int) -> Path:
    """Write a log of that many entries with its trust file; return the trust file."""
    private = Ed25519PrivateKey.generate()
    origin = "crowdlens/" + "0" * 32
    cost = Loss(Epsilon.parse("0.001"), Delta.parse("1e-12"))
    lines: list[bytes] = []

    def add(body: Body, run: str | None = None) -> None:
        if len(lines) < size:
            lines.append(make_entry(body, seq=len(lines), at=DAY, run=run).line())

    add(LogOpen(origin=origin))
    add(
        PolicyAdopt.model_validate(
            {
                "policy": DIGEST,
                "id": "bench",
                "version": 1,
                "class": "test",
                "not_after": "2027-01-01",
                "catalogue": DIGEST,
                "approvals": (),
            }
        )
    )
    for number in range(DATASETS):
        total = amounts_of(Loss(Epsilon.parse("1000"), Delta.parse("0.001")))
        add(DatasetDeclare(dataset=f"d{number}", total=total))
    spend = BudgetReserve(
        dataset="d0",
        policy=DIGEST,
        statistics=(spend_of("brands", cost),),
        cost=amounts_of(cost),
    )
    number = 0
    while len(lines) < size:
        run, dataset = f"{number:032x}", f"d{number % DATASETS}"
        code = Code(version="0.1.0", source=DIGEST)
        add(RunStart(policy=DIGEST, dataset=dataset, code=code, models=MODELS), run)
        inputs, optouts = (f"hmac-sha256:{digest(kind, number)}" for kind in ("in", "out"))
        add(RunInputs(inputs=inputs, optouts=optouts), run)
        add(spend.model_copy(update={"dataset": dataset}), run)
        outputs = outputs_of({name: f"sha256:{digest(name, number)}" for name in FILES})
        add(Release(dataset=dataset, policy=DIGEST, outputs=outputs), run)
        number += 1
    (folder / "log").mkdir(parents=True)
    (folder / "log" / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    root = root_hash([leaf_hash(line) for line in lines])
    note = sign_note(Checkpoint(origin, size, root).text(), origin, private)
    (folder / "log" / "checkpoint").write_bytes(note.to_bytes())
    key = VerifierKey(origin, ED25519, private.public_key().public_bytes_raw())
    Trust(key).dump(folder / "trust.yaml")
    return folder / "trust.yaml"


@dataclass(frozen=True)
class Taken:
    """How long something took, several times."""

    wall: tuple[float, ...]
    user: tuple[float, ...]


def taken(act: Callable[[], int], times: int) -> Taken:
    """Do it several times; each must find the log sound."""
    wall, user = [], []
    for _ in range(times):
        begun, worked = time.perf_counter(), time.process_time()
        assert act() == 0
        wall.append(time.perf_counter() - begun)
        user.append(time.process_time() - worked)
    return Taken(tuple(wall), tuple(user))


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    print(
        "| entries | MB | verify s, best | median | processor s | fsck s | processor s | prove s "
        "| memory MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for size in options.entries:
        with tempfile.TemporaryDirectory() as name:
            trust_file = make_log(Path(name), size)
            log = Path(name) / "log"
            trust = Trust.load(trust_file)
            first = taken(lambda log=log, trust=trust: verify(log, trust).exit_code, options.times)
            second = taken(lambda log=log, t=trust_file: fsck(log, t).exit_code, options.times)
            third = taken(
                lambda log=log, trust=trust, n=size: prove(log, trust, n // 2).index - n // 2,
                options.times,
            )
            megabytes = (log / "entries.jsonl").stat().st_size / 1e6
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"| {size:,} | {megabytes:.1f} | {min(first.wall):.2f} "
            f"| {statistics.median(first.wall):.2f} | {min(first.user):.2f} "
            f"| {min(second.wall):.2f} | {min(second.user):.2f} | {min(third.wall):.2f} "
            f"| {memory:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
